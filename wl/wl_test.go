package wl

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"symbridge/graph"
)

func undirected(n int, edges ...[2]int32) *graph.Graph {
	return graph.Must(graph.NewUndirected(n, edges))
}

func directed(n int, edges ...[2]int32) *graph.Graph { return graph.Must(graph.New(n, edges)) }

// circulant returns the ring of n nodes with an edge from each node to those the given steps ahead.
func circulant(n int, steps ...int) *graph.Graph {
	var edges [][2]int32
	for i := range n {
		for _, s := range steps {
			edges = append(edges, [2]int32{int32(i), int32((i + s) % n)})
		}
	}
	return undirected(n, edges...)
}

func ring(n int) *graph.Graph { return circulant(n, 1) }

func path(n int) *graph.Graph {
	var edges [][2]int32
	for i := range n - 1 {
		edges = append(edges, [2]int32{int32(i), int32(i + 1)})
	}
	return undirected(n, edges...)
}

func TestKnownColourings(t *testing.T) {
	h := Rounds(path(5), Options{})
	require.Equal(t, 2, h.Rounds())
	require.Equal(t, []int32{0, 0, 0, 0, 0}, h.ColoursAt(0))
	require.Equal(t, []int32{0, 1, 1, 1, 0}, h.ColoursAt(1)) // by degree
	require.Equal(t, []int32{0, 2, 1, 2, 0}, h.ColoursAt(2))
	require.Equal(t, h.ColoursAt(2), h.ColoursAt(99))
	require.Equal(t, h.ColoursAt(0), h.ColoursAt(-1))
	require.Equal(t, []int{1, 2, 3}, []int{h.NumColoursAt(0), h.NumColoursAt(1), h.NumColoursAt(2)})

	r := Refine(path(5), Options{})
	require.Equal(t, []int32{0, 2, 1, 2, 0}, r.Colours())
	require.Equal(t, 3, r.NumColours())
	require.Equal(t, []int{2, 1, 2}, r.Histogram())
	require.False(t, r.Discrete())

	require.Equal(t, []int32{0, 1, 1, 1, 0}, Refine(path(5), Options{Rounds: 1}).Colours())
	require.Equal(t, 1, Rounds(path(5), Options{Rounds: 1}).Rounds())

	require.True(t, Refine(path(3), Options{NodeLabels: []uint64{5, 1, 3}}).Discrete())
	require.Equal(t, []int32{2, 0, 1}, Rounds(path(3), Options{NodeLabels: []uint64{5, 1, 3}}).ColoursAt(0))
}

func TestGraphWithoutNodes(t *testing.T) {
	for _, g := range []*graph.Graph{{}, directed(0), graph.Union()} {
		r := Refine(g, Options{})
		require.Zero(t, r.NumColours())
		require.Zero(t, Rounds(g, Options{}).Rounds())
		require.Empty(t, r.Colours())
		require.True(t, r.Discrete())
		require.Equal(t, Hash(directed(0), Options{}), Hash(g, Options{}))
	}
	_, classes := Refine(graph.Union(directed(0), directed(0), directed(1)), Options{}).GraphClasses()
	require.Equal(t, 2, classes)
}

func TestLabelsThatDoNotFitPanic(t *testing.T) {
	for _, o := range []Options{{NodeLabels: []uint64{1}}, {EdgeLabels: []uint64{1, 2, 3}}} {
		for _, f := range []func(){func() { Refine(path(2), o) }, func() { Hash(path(2), o) }} {
			func() {
				defer func() { require.ErrorIs(t, recover().(error), graph.ErrLength) }()
				f()
			}()
		}
	}
}

// verdicts compares two graphs in the three ways that there are.
func verdicts(g, h *graph.Graph) [3]bool {
	class, _ := Refine(graph.Union(g, h), Options{}).GraphClasses()
	return [3]bool{Equivalent(g, h), class[0] == class[1], Hash(g, Options{}) == Hash(h, Options{})}
}

func TestPairs(t *testing.T) {
	yes, no := [3]bool{true, true, true}, [3]bool{}
	require.Equal(t, yes, verdicts(ring(6), graph.Must(graph.NewUndirected(6, [][2]int32{{0, 1}, {1, 2}, {2, 0}, {3, 4}, {4, 5}, {5, 3}}))))
	require.Equal(t, no, verdicts(ring(6), ring(7)))
	require.Equal(t, no, verdicts(ring(6), path(6)))
	require.Equal(t, no, verdicts(ring(8), circulant(8, 1, 2))) // regular, of different degree
	require.Equal(t, no, verdicts(undirected(4, [2]int32{0, 1}), undirected(4, [2]int32{0, 1}, [2]int32{0, 1})))
	require.Equal(t, yes, verdicts(undirected(2, [2]int32{0, 1}), directed(2, [2]int32{0, 0}, [2]int32{1, 1})), "two loops")

	in := directed(4, [2]int32{1, 0}, [2]int32{2, 0}, [2]int32{3, 0})
	require.Equal(t, no, verdicts(in, in.Reverse()), "an in-star is not an out-star")
	require.Equal(t, no, verdicts(directed(2, [2]int32{0, 1}), undirected(2, [2]int32{0, 1})))
	chain := directed(3, [2]int32{0, 1}, [2]int32{1, 2})
	require.Equal(t, yes, verdicts(chain, chain.Reverse()))
	require.True(t, Refine(chain, Options{}).Discrete())

	// Arcs both ways are an undirected graph, however it was declared.
	require.Equal(t, yes, verdicts(path(5), directed(5, path(5).EdgeList()...)))
}

// Ten circulant skip link graphs on 41 nodes, pairwise not isomorphic: one class.
func TestCSLIsOneClass(t *testing.T) {
	var gs []*graph.Graph
	hashes := map[[32]byte]bool{}
	for _, skip := range []int{2, 3, 4, 5, 6, 9, 11, 12, 13, 16} {
		gs = append(gs, circulant(41, 1, skip))
		hashes[Hash(gs[len(gs)-1], Options{})] = true
	}
	_, classes := Refine(graph.Union(gs...), Options{}).GraphClasses()
	require.Equal(t, 1, classes)
	require.Len(t, hashes, 1)
}

// With joined strings, the lists {(1,2)} and {(12)}, or a label and a colour, can run together.
func TestLabelsHaveSeparators(t *testing.T) {
	// Node 0 sees edge labels {1, 23} here, {12, 3} there, {123} there.
	two := directed(3, [2]int32{1, 0}, [2]int32{2, 0})
	seen := map[[32]byte]bool{}
	for _, l := range [][]uint64{{1, 23}, {12, 3}, {0, 123}, {1, 1 << 32}, {1 << 32, 1 << 33}, {1, 1}} {
		seen[Hash(two, Options{EdgeLabels: l})] = true
		require.Equal(t, Hash(two, Options{EdgeLabels: l}), Hash(two, Options{EdgeLabels: []uint64{l[1], l[0]}}))
	}
	require.Len(t, seen, 6)
	// An edge label is not a node label, and labels 0 are no labels.
	require.NotEqual(t, Hash(two, Options{NodeLabels: []uint64{1, 0, 0}}), Hash(two, Options{EdgeLabels: []uint64{1, 0}}))
	require.Equal(t, Hash(two, Options{}), Hash(two, Options{NodeLabels: make([]uint64, 3), EdgeLabels: make([]uint64, 2)}))

	// In one union: nodes that differ in nothing but which label stands on which of two edges to different colours.
	g := graph.Union(directed(3, [2]int32{1, 0}, [2]int32{2, 0}), directed(3, [2]int32{1, 0}, [2]int32{2, 0}))
	o := Options{NodeLabels: []uint64{0, 1, 2, 0, 1, 2}, EdgeLabels: []uint64{7, 8, 8, 7}}
	class, count := Refine(g, o).GraphClasses()
	require.Equal(t, 2, count)
	require.NotEqual(t, class[0], class[1])
	o.EdgeLabels = []uint64{7, 8, 7, 8}
	_, count = Refine(g, o).GraphClasses()
	require.Equal(t, 1, count)

	// The two directions of an undirected edge may have labels of their own, and both ends see both.
	edge := undirected(2, [2]int32{0, 1})
	require.True(t, Refine(edge, Options{EdgeLabels: []uint64{1, 2}}).Discrete())
	require.False(t, Refine(edge, Options{EdgeLabels: []uint64{1, 1}}).Discrete())
}

func TestHashRounds(t *testing.T) {
	a, b := path(9), path(10)
	require.NotEqual(t, Hash(a, Options{Rounds: 1}), Hash(a, Options{Rounds: 2}))
	require.NotEqual(t, Hash(a, Options{}), Hash(a, Options{Rounds: Rounds(a, Options{}).Rounds() + 1}))
	require.NotEqual(t, Hash(a, Options{Rounds: 1}), Hash(b, Options{Rounds: 1}))
	// A path, and an edge beside a ring, part in the second round.
	c := undirected(6, [2]int32{0, 1}, [2]int32{1, 2}, [2]int32{2, 3}, [2]int32{3, 4}, [2]int32{4, 5})
	d := undirected(6, [2]int32{0, 1}, [2]int32{2, 3}, [2]int32{3, 4}, [2]int32{4, 5}, [2]int32{5, 2})
	require.Equal(t, Hash(c, Options{Rounds: 1}), Hash(d, Options{Rounds: 1})) // the degrees
	require.NotEqual(t, Hash(c, Options{Rounds: 2}), Hash(d, Options{Rounds: 2}))
}

// scattered returns m pairs of numbers below n.
func scattered(n uint64, m int) [][2]int32 {
	edges := make([][2]int32, m)
	for k := range edges {
		edges[k] = [2]int32{int32(scramble(2*uint64(k)) % n), int32(scramble(2*uint64(k)+1) % n)}
	}
	return edges
}

// Computed from the definitions, the order of cells among them, by a program of a hundred lines in another language.
func TestGoldenHashes(t *testing.T) {
	labelled := Options{NodeLabels: []uint64{3, 1 << 63, 3}, EdgeLabels: []uint64{9, 0, 9, 1 << 40}}
	multi := directed(3, [2]int32{0, 1}, [2]int32{1, 2}, [2]int32{0, 1}, [2]int32{2, 2})
	kinds := Options{NodeLabels: make([]uint64, 200), EdgeLabels: make([]uint64, 300)}
	for v := range kinds.NodeLabels {
		kinds.NodeLabels[v] = uint64(v % 2)
	}
	for k := range kinds.EdgeLabels {
		kinds.EdgeLabels[k] = uint64(k % 3)
	}
	for _, c := range []struct {
		name               string
		g                  *graph.Graph
		o                  Options
		stable, one, three string
	}{
		{"no nodes", directed(0), Options{},
			"45e15870c1cc8436174c415f98557ae08ea1bf0c32ced0915696cab5682d7278",
			"90104030459d882db6702114a3e1280989fe44aaa7c064344d40ec03f8551f70",
			"f4435397686947781947291b08f22c1c5ebf9ae8bbb8014d99e2ac77567ebea4"},
		{"one node", directed(1), Options{},
			"b3420f5ddca74465fe9acdbfc29bf40d511bb3263d4686ea6042315840118007",
			"2d002bf9c337e7a9e8c7514af4c4e3eafa43fd4f73ef97ad10d4bf3a52bc5d72",
			"65b6ee0e24ca609397f6e0aab4380225eb5acbb92be8694779914045bc273562"},
		{"C6", ring(6), Options{},
			"efd577825812493a7dd5d99ea8cacdf75cf4027ccb3c192ab63425b8b9e7f5fe",
			"8a0bb007daaf8089d6112817bcd8aa8a2aca0ae6688e86f85c203f53843d560e",
			"71e0a8b1a21522fd6a95080d79432955103b22be79f98d0f78abba0a48349d5a"},
		{"P5", path(5), Options{},
			"89421958bba329dfa8c2dce9897363bc9938d753e60e0a309acbfc1c8f3369fa",
			"59dfe54053b170ec7bcc779abfc0daf290f97e6ac0c84a668ce5b4f74b79a344",
			"6d017fbb8481f1b26c579f34154254d202b8b0358296481e79cece14a6ea1a87"},
		{"in-star", directed(4, [2]int32{1, 0}, [2]int32{2, 0}, [2]int32{3, 0}), Options{},
			"b2694b3cfc9a6d9d4677b43e10c1eba0d6587447d1c424187b0b52d4959d6746",
			"1bd50046f1bc376fcde9be5476a6777ed38bfcfdeab7fceed35df98a30b95a3f",
			"3f70a22453081b5369cda352a0ab58776160efbce4d48b3023a179393396f91e"},
		{"out-star", directed(4, [2]int32{0, 1}, [2]int32{0, 2}, [2]int32{0, 3}), Options{},
			"3393e1ab8cc013cd6f8ea39ea9bf9ecf2f4b16e51c80d550e29f7b9efb29a931",
			"fb2a07bf7bcc1a70c9c08c39b39ed855c028769048ec5d355f1bbe39b0c1c4bd",
			"77146857b49b8cc922596629f71e4ea389cb7da2986b3c326d6399144fbfd6b0"},
		{"labelled multigraph", multi, labelled,
			"84972d18b5a1b66ab20833f083ee820ffeb7359cc102a1ba4e7623a74f097308",
			"3794d3a3f2de18626cd17b7c746c8c9090a96e3ebd1c93e9a6a24434d57762f9",
			"4a0ed8d7eb0762ea08f7e6ed9aa87514e045fba55273055dce347aedc9f30d18"},
		{"sparse", undirected(200, scattered(200, 240)...), Options{},
			"8477c7337cd47d0d444646ea098bc55cf773f67c49a25ba6c484e3fd981b9b0e",
			"4c7e7c9a6ee09ed5e04007ddfb458f715d9b0a6b9ec937dc2b5735a81585444a",
			"9ad8ed1175cce49b11f77e486aa25706e26bfa5869e6babd09835df9529281c7"},
		{"sparse and directed", directed(200, scattered(200, 300)...), kinds,
			"03a0a8d38791ecf66670d56b0530ed6cfc6f288cc9f80541ccb4c6652f1b5e13",
			"24fc64aef0ecb6f8914cb2dded093566080d81e377a99d6664a8465487c72153",
			"b4f3b03ab2e217c47600871dc222e9b461ffecd526b6b85efe73f34a246044ca"},
		{"dense", undirected(300, scattered(300, 3000)...), Options{},
			"8bc825fb7a1d63269403c695bcbad7ffaf47cca7d5e53954cd8b4248fe0f4f83",
			"31a4ed37dbd61c837ac672d15830ef59ca12f4ca4b44610ebe2d78332fd8a66b",
			"7c93ce2761b3170e9956f78c606c79a441a84e2f1cf925122941ba52511b1bf0"},
	} {
		for rounds, want := range map[int]string{0: c.stable, 1: c.one, 3: c.three} {
			c.o.Rounds = rounds
			h := Hash(c.g, c.o)
			require.Equal(t, want, hex.EncodeToString(h[:]), "%s, %d rounds", c.name, rounds)
		}
	}
}

// draw returns a small multigraph, directed or not, with labels or not.
func draw(t *rapid.T) (*graph.Graph, Options) {
	n := rapid.IntRange(0, 9).Draw(t, "n")
	var edges [][2]int32
	if n > 0 {
		node := rapid.Int32Range(0, int32(n-1))
		edges = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) [2]int32 {
			return [2]int32{node.Draw(t, "u"), node.Draw(t, "v")}
		}), 0, 14).Draw(t, "edges")
	}
	var g *graph.Graph
	if rapid.Bool().Draw(t, "undirected") {
		g = undirected(n, edges...)
	} else {
		g = directed(n, edges...)
	}
	var o Options
	label := rapid.SampledFrom([]uint64{0, 1, 1 << 40})
	if rapid.Bool().Draw(t, "node labels") {
		o.NodeLabels = rapid.SliceOfN(label, n, n).Draw(t, "labels of nodes")
	}
	if e := g.NumEdges(); rapid.Bool().Draw(t, "edge labels") {
		o.EdgeLabels = rapid.SliceOfN(label, e, e).Draw(t, "labels of edges")
	}
	o.Rounds = rapid.SampledFrom([]int{0, 0, 1, 2, 20}).Draw(t, "rounds")
	return g, o
}

// naive returns the partition after each round, by strings, up to the stable one: the definition written down.
func naive(g *graph.Graph, o Options, rounds int) [][]int32 {
	n := g.NumNodes()
	colour := make([]string, n)
	for v := range n {
		if o.NodeLabels != nil {
			colour[v] = fmt.Sprint(o.NodeLabels[v])
		}
	}
	label := func(k int32) uint64 {
		if o.EdgeLabels == nil {
			return 0
		}
		return o.EdgeLabels[k]
	}
	number := func() []int32 { // by first seen
		ids, out := map[string]int32{}, make([]int32, n)
		for v, c := range colour {
			if _, ok := ids[c]; !ok {
				ids[c] = int32(len(ids))
			}
			out[v] = ids[c]
		}
		return out
	}
	out := [][]int32{number()}
	for range rounds {
		last, next := out[len(out)-1], make([]string, n)
		for v := range n {
			var in, from []string
			for k, e := range g.Edges() {
				if int(e[1]) == v {
					in = append(in, fmt.Sprint(label(k), ":", last[e[0]]))
				}
				if int(e[0]) == v {
					from = append(from, fmt.Sprint(label(k), ":", last[e[1]]))
				}
			}
			sort.Strings(in)
			sort.Strings(from)
			next[v] = fmt.Sprintf("%d %q %q", last[v], in, from)
		}
		colour = next
		out = append(out, number())
	}
	return out
}

// samePartition reports whether two numberings put the same nodes together.
func samePartition(a, b []int32) bool {
	for i := range a {
		for j := range a {
			if (a[i] == a[j]) != (b[i] == b[j]) {
				return false
			}
		}
	}
	return len(a) == len(b)
}

func refineIsTheDefinition(t *rapid.T) {
	g, o := draw(t)
	h := Rounds(g, Options{NodeLabels: o.NodeLabels, EdgeLabels: o.EdgeLabels})
	all := naive(g, o, g.NumNodes()+1)
	for round, want := range all {
		got := h.ColoursAt(round)
		require.True(t, samePartition(want, got), "round %d: want %v, got %v", round, want, got)
		var top int32 = -1
		for _, c := range got {
			top = max(top, c)
		}
		require.Equal(t, int(top)+1, h.NumColoursAt(round))
	}
	want := all[len(all)-1]
	if o.Rounds > 0 {
		want = all[min(o.Rounds, len(all)-1)]
	}
	r := Refine(g, o)
	require.True(t, samePartition(want, r.Colours()))
	sizes := make([]int, r.NumColours())
	for _, c := range r.Colours() {
		sizes[c]++
	}
	require.Equal(t, sizes, append([]int{}, r.Histogram()...))
}

func TestRefineIsTheDefinition(t *testing.T) { rapid.Check(t, refineIsTheDefinition) }

func FuzzRefine(f *testing.F) { f.Fuzz(rapid.MakeFuzz(refineIsTheDefinition)) }

// Many rounds are not many passes.
func TestLongPaths(t *testing.T) {
	const n = 200_000
	r := Refine(path(n), Options{})
	require.Equal(t, n/2, r.NumColours())
	h := Rounds(path(n), Options{})
	require.Equal(t, n/2-1, h.Rounds())
	require.Equal(t, 1000, h.NumColoursAt(999))
	require.True(t, samePartition(r.Colours()[:99], h.ColoursAt(n)[:99]))
}

func shuffled(t *rapid.T, n int, label string) []int32 {
	p := make([]int32, n)
	for i := range p {
		p[i] = int32(i)
	}
	return append([]int32{}, rapid.Permutation(p).Draw(t, label)...)
}

func permuted[E any](s []E, p []int32) []E {
	if s == nil {
		return nil
	}
	out := make([]E, len(s))
	for i, v := range p {
		out[v] = s[i]
	}
	return out
}

// Relabelling nodes and shuffling edges moves colours along, in every round, and keeps the hash.
func TestLabellingDoesNotShow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, o := draw(t)
		p := shuffled(t, g.NumNodes(), "p")
		q := shuffled(t, g.NumEdges(), "q")
		h, sorted := g.Relabel(p)
		h = h.ShuffleEdges(q)
		ho := Options{permuted(o.NodeLabels, p), permuted(permuted(o.EdgeLabels, sorted), q), o.Rounds}
		a, b := Rounds(g, o), Rounds(h, ho)
		require.Equal(t, a.Rounds(), b.Rounds())
		for round := range a.Rounds() + 1 {
			require.Equal(t, permuted(a.ColoursAt(round), p), b.ColoursAt(round))
		}
		require.Equal(t, permuted(Refine(g, o).Colours(), p), Refine(h, ho).Colours())
		require.Equal(t, Refine(g, o).Histogram(), Refine(h, ho).Histogram())
		require.Equal(t, Hash(g, o), Hash(h, ho))
	})
}

// A graph in a batch has the colours that it has alone; and hashes agree with classes of a union, where graphs are mixed that refine
// by one list of arcs and by two.
func TestHashIsTheClass(t *testing.T) {
	equal := 0
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 0))
		n := 1 + rng.IntN(5)
		labels := uint64(1 + rng.IntN(2))
		var gs []*graph.Graph
		var all Options
		var each []Options
		for range 30 {
			var edges [][2]int32
			for range rng.IntN(7) {
				edges = append(edges, [2]int32{rng.Int32N(int32(n)), rng.Int32N(int32(n))})
			}
			g := directed(n, edges...)
			if rng.IntN(3) == 0 {
				g = undirected(n, edges...)
			}
			o := Options{EdgeLabels: make([]uint64, g.NumEdges()), NodeLabels: make([]uint64, n)}
			for k := range o.EdgeLabels {
				o.EdgeLabels[k] = 7 * rng.Uint64N(labels)
			}
			o.NodeLabels[0] = 9 * rng.Uint64N(labels)
			gs, each = append(gs, g), append(each, o)
			all.EdgeLabels, all.NodeLabels = append(all.EdgeLabels, o.EdgeLabels...), append(all.NodeLabels, o.NodeLabels...)
		}
		r := Refine(graph.Union(gs...), all)
		class, _ := r.GraphClasses()
		for rounds, class := range map[int][]int32{0: class, n + 1: class} {
			hashOf := map[int32][32]byte{}
			classOf := map[[32]byte]int32{}
			first := map[int32]int{}
			for i, g := range gs {
				o := each[i]
				o.Rounds = rounds
				h := Hash(g, o)
				if c, ok := classOf[h]; ok {
					require.Equal(t, c, class[i])
				}
				if k, ok := hashOf[class[i]]; ok {
					require.Equal(t, k, h)
				}
				classOf[h], hashOf[class[i]] = class[i], h
				colours := Refine(g, each[i]).Colours()
				require.True(t, samePartition(colours, r.Colours()[i*n:(i+1)*n]))
				j, ok := first[class[i]]
				if !ok {
					first[class[i]] = i
					continue
				}
				equal++
				other := Refine(gs[j], each[j]).Colours()
				for v, c := range colours { // one number, one colour in the union
					w := slices.Index(other, c)
					require.Equal(t, r.Colours()[i*n+v], r.Colours()[j*n+w])
				}
			}
		}
	}
	require.Greater(t, equal, 1000)
}

// Arcs of a ring and of a matching look alike, though only the matching has an opposite for each arc.
func TestOneListOrTwo(t *testing.T) {
	wheel := directed(6, [2]int32{0, 1}, [2]int32{1, 2}, [2]int32{2, 3}, [2]int32{3, 4}, [2]int32{4, 5}, [2]int32{5, 0})
	matching := undirected(6, [2]int32{0, 1}, [2]int32{2, 3}, [2]int32{4, 5})
	require.Equal(t, [3]bool{true, true, true}, verdicts(wheel, matching))
	require.Equal(t, Hash(wheel, Options{Rounds: 4}), Hash(matching, Options{Rounds: 4}))

	// Two copies of a graph, and a double cover of its arcs, in which few arcs have an opposite.
	rng := rand.New(rand.NewPCG(6, 6))
	for range 20 {
		n := 10 + rng.IntN(400)
		g := gnm(n, 3*n)
		var arcs [][2]int32
		for _, e := range g.EdgeList() {
			s := rng.Int32N(2)
			arcs = append(arcs, [2]int32{2 * e[0], 2*e[1] + s}, [2]int32{2*e[0] + 1, 2*e[1] + 1 - s})
		}
		cover, twice := directed(2*n, arcs...), graph.Union(g, g)
		for rounds := range 4 {
			require.Equal(t, Hash(twice, Options{Rounds: rounds}), Hash(cover, Options{Rounds: rounds}))
		}
		single := Refine(twice, Options{}).Colours()
		for v, c := range Refine(cover, Options{}).Colours() {
			require.Equal(t, single[v/2], c)
		}
	}
}
