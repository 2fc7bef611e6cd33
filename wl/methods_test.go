package wl

import (
	"context"
	"encoding/hex"
	"fmt"
	"math/big"
	"slices"
	"sort"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"symbridge/graph"
)

var everyMethod = []Method{OneWL, RandomWalk(3), ShortestPath, OneMark, TwoMarks, DeltaTwoLWL, DeltaThreeLWL, TwoFWL, ThreeFWL}

func colouringOf(t require.TestingT, g *graph.Graph, m Method, o Options) *Colouring {
	c, err := Colour(context.Background(), g, m, o)
	require.NoError(t, err)
	return c
}

// labelled is a graph with its labels.
type labelled struct {
	g *graph.Graph
	o Options
}

func (l labelled) n() int { return l.g.NumNodes() }

func (l labelled) label(v int) uint64 {
	if l.o.NodeLabels == nil {
		return 0
	}
	return l.o.NodeLabels[v]
}

// edges lists the labels of the edges from u to v.
func (l labelled) edges(u, v int) (out []uint64) {
	for k, e := range l.g.Edges() {
		if int(e[0]) == u && int(e[1]) == v {
			if l.o.EdgeLabels == nil {
				out = append(out, 0)
			} else {
				out = append(out, l.o.EdgeLabels[k])
			}
		}
	}
	slices.Sort(out)
	return out
}

func (l labelled) atom(t []int) (s string) {
	for _, u := range t {
		for _, v := range t {
			s += fmt.Sprint(u == v, l.label(u), l.edges(u, v), ";")
		}
	}
	return s
}

func (l labelled) distances() [][]int {
	d := make([][]int, l.n())
	for u := range d {
		d[u] = make([]int, l.n())
		for v := range d {
			d[u][v] = 1 << 20
			if u == v {
				d[u][v] = 0
			} else if l.g.HasEdge(int32(u), int32(v)) {
				d[u][v] = 1
			}
		}
	}
	for w := range d {
		for u := range d {
			for v := range d {
				d[u][v] = min(d[u][v], d[u][w]+d[w][v])
			}
		}
	}
	return d
}

// returnProbabilities is the definition in exact fractions.
func (l labelled) returnProbabilities(v, steps int) (s string) {
	at := make([]*big.Rat, l.n())
	for u := range at {
		at[u] = new(big.Rat)
	}
	at[v].SetInt64(1)
	for range steps {
		next := make([]*big.Rat, l.n())
		for u := range next {
			next[u] = new(big.Rat)
		}
		for _, e := range l.g.Edges() {
			p := big.NewRat(1, int64(l.g.OutDegree(e[0])))
			next[e[1]].Add(next[e[1]], p.Mul(p, at[e[0]]))
		}
		at = next
		s += at[v].String() + " "
	}
	return s
}

func sortedStrings(list []string) string {
	sort.Strings(list)
	return fmt.Sprintf("%q", list)
}

// naively colours the tuples of k nodes of all graphs together, by strings: the definitions written down. The result is the
// colour of each tuple, numbers that hold for all graphs.
func naively(ls []labelled, k int, first func(l labelled, t []int) string, sees func(l labelled, t []int, c func(...int) int) string) [][]int {
	tuples := make([][][]int, len(ls))
	for i, l := range ls {
		tuples[i] = [][]int{nil}
		for range k {
			var longer [][]int
			for _, t := range tuples[i] {
				for v := range l.n() {
					longer = append(longer, append(slices.Clone(t), v))
				}
			}
			tuples[i] = longer
		}
	}
	colours := make([][]int, len(ls))
	count := 0
	for round := 0; ; round++ {
		ids := map[string]int{}
		next := make([][]int, len(ls))
		for i, l := range ls {
			c := func(t ...int) int {
				at := 0
				for _, v := range t {
					at = at*l.n() + v
				}
				return colours[i][at]
			}
			for j, t := range tuples[i] {
				var s string
				if round == 0 {
					s = first(l, t)
				} else {
					s = fmt.Sprint(colours[i][j], "|", sees(l, t, c))
				}
				if _, ok := ids[s]; !ok {
					ids[s] = len(ids)
				}
				next[i] = append(next[i], ids[s])
			}
		}
		colours = next
		if len(ids) == count {
			return colours
		}
		count = len(ids)
	}
}

func naiveLocal(l labelled, t []int, c func(...int) int) (s string) {
	for i, x := range t {
		var in, out []string
		for k, e := range l.g.Edges() {
			label := uint64(0)
			if l.o.EdgeLabels != nil {
				label = l.o.EdgeLabels[k]
			}
			other := slices.Clone(t)
			if int(e[1]) == x {
				other[i] = int(e[0])
				in = append(in, fmt.Sprint(label, ":", c(other...)))
			}
			if int(e[0]) == x {
				other[i] = int(e[1])
				out = append(out, fmt.Sprint(label, ":", c(other...)))
			}
		}
		s += sortedStrings(in) + sortedStrings(out)
	}
	return s
}

func naiveFolklore(l labelled, t []int, c func(...int) int) string {
	var list []string
	for w := range l.n() {
		s := ""
		for i := range t {
			other := slices.Clone(t)
			other[i] = w
			s += fmt.Sprint(c(other...), ",")
		}
		list = append(list, s)
	}
	return sortedStrings(list)
}

// definition colours the graphs by the definition of a method.
func byDefinition(ls []labelled, m Method) [][]int {
	label := func(l labelled, t []int) string { return fmt.Sprint(l.label(t[0])) }
	switch m {
	case OneWL:
		return naively(ls, 1, label, naiveLocal)
	case ShortestPath:
		atom := func(l labelled, t []int) string { return l.atom(t) }
		return naively(ls, 1, atom, func(l labelled, t []int, c func(...int) int) string {
			d := l.distances()
			var list []string
			for u := range l.n() {
				list = append(list, fmt.Sprint(d[t[0]][u], d[u][t[0]], l.atom([]int{t[0], u}), c(u)))
			}
			return sortedStrings(list)
		})
	case DeltaTwoLWL, DeltaThreeLWL, TwoFWL, ThreeFWL:
		sees := naiveLocal
		if m == TwoFWL || m == ThreeFWL {
			sees = naiveFolklore
		}
		return naively(ls, m.arity(), func(l labelled, t []int) string { return l.atom(t) }, sees)
	case OneMark, TwoMarks:
		// One labelled graph for each node or pair, all coloured together.
		var marked []labelled
		for _, l := range ls {
			for u := range l.n() {
				for v := range l.n() {
					if m == OneMark && u != v {
						continue
					}
					o := Options{EdgeLabels: l.o.EdgeLabels}
					for x := range l.n() {
						mark := uint64(0)
						if x == u {
							mark++
						}
						if x == v {
							mark += 2
						}
						o.NodeLabels = append(o.NodeLabels, l.label(x)|mark<<60)
					}
					marked = append(marked, labelled{l.g, o})
				}
			}
		}
		ids := map[string]int{}
		var all []int
		for _, c := range byDefinition(marked, OneWL) {
			slices.Sort(c)
			s := fmt.Sprint(c)
			if _, ok := ids[s]; !ok {
				ids[s] = len(ids)
			}
			all = append(all, ids[s])
		}
		out := make([][]int, len(ls))
		for i, l := range ls {
			n := l.n()
			if m == TwoMarks {
				n *= n
			}
			out[i], all = all[:n], all[n:]
		}
		return out
	}
	return naively(ls, 1, func(l labelled, t []int) string {
		return fmt.Sprint(l.label(t[0]), "|", l.returnProbabilities(t[0], m.steps()))
	}, naiveLocal)
}

// drawMethodGraphs returns small labelled multigraphs, some of them alike but for the labelling or for one edge.
func drawMethodGraphs(t *rapid.T, maxNodes, maxGraphs int) (ls []labelled) {
	for range rapid.IntRange(1, maxGraphs).Draw(t, "graphs") {
		g, o := draw(t)
		if g.NumNodes() > maxNodes {
			keep := make([]int32, maxNodes)
			for v := range keep {
				keep[v] = int32(v)
			}
			h, edges, err := g.Subgraph(keep)
			require.NoError(t, err)
			o.NodeLabels, o.EdgeLabels = graph.Pick(o.NodeLabels, keep), graph.Pick(o.EdgeLabels, edges)
			g = h
		}
		o.Rounds = 0
		ls = append(ls, labelled{g, o})
		h, moved := relabelledWith(t, labelled{g, o})
		if rapid.Bool().Draw(t, "turn an edge") && g.NumEdges() > 0 {
			edges := h.EdgeList()
			k := rapid.IntRange(0, len(edges)-1).Draw(t, "edge")
			edges[k][rapid.IntRange(0, 1).Draw(t, "end")] = rapid.Int32Range(0, int32(g.NumNodes()-1)).Draw(t, "new end")
			h = directed(g.NumNodes(), edges...)
		}
		ls = append(ls, labelled{h, moved})
	}
	return ls
}

func relabelledWith(t *rapid.T, l labelled) (*graph.Graph, Options) {
	p := shuffled(t, l.g.NumNodes(), "p")
	q := shuffled(t, l.g.NumEdges(), "q")
	h, sorted := l.g.Relabel(p)
	return h.ShuffleEdges(q), Options{NodeLabels: permuted(l.o.NodeLabels, p), EdgeLabels: permuted(permuted(l.o.EdgeLabels, sorted), q)}
}

// Fingerprints and colours are those of the definitions, also where sums coincide all the time.
func TestMethodsAreTheirDefinitions(t *testing.T) {
	for _, mask := range []uint64{^uint64(0), 1, 0} {
		sumMask = mask
		for _, m := range everyMethod {
			t.Run(fmt.Sprintf("%v/%x", m, mask), func(t *testing.T) {
				rapid.Check(t, func(t *rapid.T) {
					maxNodes := []int{0, 8, 4, 3}[m.arity()]
					if m == TwoMarks {
						maxNodes = 5
					}
					ls := drawMethodGraphs(t, maxNodes, 3)
					want := byDefinition(ls, m)
					cs := make([]*Colouring, len(ls))
					for i, l := range ls {
						cs[i] = colouringOf(t, l.g, m, l.o)
					}
					for i, a := range cs {
						for j, b := range cs[:i+1] {
							x, y := slices.Sorted(slices.Values(want[i])), slices.Sorted(slices.Values(want[j]))
							alike := a.Fingerprint() == b.Fingerprint()
							require.Equal(t, slices.Equal(x, y), alike, "graphs %d and %d: %v %v", i, j, want[i], want[j])
							if !alike {
								continue
							}
							for p, c := range a.Colours() {
								for q, d := range b.Colours() {
									require.Equal(t, want[i][p] == want[j][q], c == d, "tuples %d and %d", p, q)
								}
							}
						}
						distinct := slices.Compact(slices.Sorted(slices.Values(want[i])))
						require.Equal(t, len(distinct), a.NumColours())
					}
				})
			})
		}
	}
	sumMask = ^uint64(0)
}

// Relabelling moves colours along and changes none.
func TestMethodsDoNotSeeTheLabelling(t *testing.T) {
	for _, m := range everyMethod {
		t.Run(m.String(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				l := drawMethodGraphs(t, 6, 1)[0]
				p := shuffled(t, l.n(), "p")
				h, q := l.g.Relabel(p)
				a := colouringOf(t, l.g, m, l.o)
				b := colouringOf(t, h, m, Options{NodeLabels: permuted(l.o.NodeLabels, p), EdgeLabels: permuted(l.o.EdgeLabels, q)})
				require.Equal(t, a.Fingerprint(), b.Fingerprint())
				require.Equal(t, a.Rounds(), b.Rounds())
				n := l.n()
				for i, c := range a.Colours() {
					j := 0
					for s := pow(n, m.arity()-1); s > 0; s /= max(n, 1) {
						j = j*n + int(p[i/s%n])
						if s == 1 {
							break
						}
					}
					require.Equal(t, c, b.Colours()[j])
				}
				x, count := a.NodeColours()
				y, same := b.NodeColours()
				require.Equal(t, count, same)
				require.Equal(t, permuted(x, p), y)
			})
		})
	}
}

func pow(n, k int) int {
	out := 1
	for range k {
		out *= n
	}
	return out
}

// OneWL is Refine: the same partition, and the classes of its hash.
func TestOneWLIsRefine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ls := drawMethodGraphs(t, 9, 3)
		for i, l := range ls {
			c := colouringOf(t, l.g, OneWL, l.o)
			require.True(t, samePartition(Refine(l.g, l.o).Colours(), c.Colours()))
			for _, k := range ls[:i] {
				require.Equal(t, Hash(k.g, k.o) == Hash(l.g, l.o), colouringOf(t, k.g, OneWL, k.o).Fingerprint() == c.Fingerprint())
			}
		}
	})
}

func TestParseMethod(t *testing.T) {
	for _, m := range append(everyMethod, RandomWalk(1), RandomWalk(65536)) {
		got, err := ParseMethod(" " + string(m))
		require.NoError(t, err)
		require.Equal(t, m, got)
		require.Equal(t, string(m), got.String())
	}
	m, err := ParseMethod("RWSE:016")
	require.NoError(t, err)
	require.Equal(t, RandomWalk(16), m)
	for _, bad := range []string{"", "4fwl", "rwse", "rwse:", "rwse:0", "rwse:-3", "rwse:65537", "rwse:x", "1wl "[:2]} {
		_, err := ParseMethod(bad)
		require.ErrorIs(t, err, ErrMethod, bad)
	}
	_, err = ParseMethod("4fwl")
	require.EqualError(t, err, `wl: method "4fwl": want one of 1wl, 2fwl, 3fwl, d2lwl, d3lwl, spd, m1, m2, rwse:K: unknown method`)
}

func TestMethodErrors(t *testing.T) {
	ctx := context.Background()
	_, err := Colour(ctx, path(3), "nothing", Options{})
	require.ErrorIs(t, err, ErrMethod)
	_, err = NewClassifier("nothing")
	require.ErrorIs(t, err, ErrMethod)
	_, _, err = Classes(ctx, nil, "nothing")
	require.ErrorIs(t, err, ErrMethod)
	_, err = Colour(ctx, path(3), TwoFWL, Options{Rounds: 2})
	require.ErrorIs(t, err, ErrRounds)
	for _, m := range []Method{TwoFWL, ShortestPath, TwoMarks} {
		_, err = Colour(ctx, directed(8193), m, Options{})
		require.ErrorIs(t, err, ErrTooLarge)
	}
	_, err = Colour(ctx, directed(407), ThreeFWL, Options{})
	require.ErrorIs(t, err, ErrTooLarge)
	_, err = Colour(ctx, circulant(41, 1, 2, 3), RandomWalk(65536), Options{})
	require.ErrorIs(t, err, ErrTooLarge)
	require.ErrorContains(t, err, "take fewer steps")
	_, _, err = Classes(ctx, []*graph.Graph{path(3), directed(407), path(4)}, ThreeFWL)
	require.ErrorIs(t, err, ErrTooLarge)

	require.PanicsWithError(t, "wl: 1 node labels for 3 nodes: wrong length", func() {
		_, _ = Colour(ctx, path(3), TwoFWL, Options{NodeLabels: []uint64{1}})
	})
	over, cancel := context.WithCancel(ctx)
	cancel()
	for _, m := range everyMethod {
		_, err = Colour(over, circulant(41, 1, 2), m, Options{})
		require.ErrorIs(t, err, context.Canceled, "%v", m)
		_, _, err = Classes(over, []*graph.Graph{path(3)}, m)
		require.ErrorIs(t, err, context.Canceled, "%v", m)
	}
}

// late is a context that ends when it has been asked a number of times.
type late struct {
	context.Context
	left int
}

func (l *late) Err() error {
	if l.left--; l.left < 0 {
		return context.Canceled
	}
	return nil
}

// Long work is given up in the middle.
func TestMethodsAreCancelled(t *testing.T) {
	for _, m := range everyMethod {
		g := circulant(160, 1, 2)
		if m.arity() == 3 {
			g = circulant(61, 1, 2)
		} else if m == OneWL || m == DeltaTwoLWL {
			g = path(3000 / (m.arity()*m.arity() - m.arity() + 1)) // many rounds
		}
		_, err := Colour(&late{context.Background(), 3}, g, m, Options{})
		require.ErrorIs(t, err, context.Canceled, "%v", m)
	}
}

func TestMethodsOnTrivialGraphs(t *testing.T) {
	for _, m := range everyMethod {
		seen := map[[32]byte]bool{}
		for _, g := range []*graph.Graph{{}, directed(0), directed(1), directed(2), undirected(2, [2]int32{0, 1})} {
			c := colouringOf(t, g, m, Options{})
			seen[c.Fingerprint()] = true
			require.Len(t, c.Colours(), pow(g.NumNodes(), c.Arity()))
			colour, count := c.NodeColours()
			require.Len(t, colour, g.NumNodes())
			require.Equal(t, min(1, g.NumNodes()), count)
			require.Equal(t, m, c.Method())
		}
		require.Len(t, seen, 4, "%v", m)
	}
	// Labels 0 are no labels; arcs both ways are an undirected graph.
	edge := undirected(2, [2]int32{0, 1})
	for _, m := range everyMethod {
		want := colouringOf(t, edge, m, Options{}).Fingerprint()
		require.Equal(t, want, colouringOf(t, edge, m, Options{NodeLabels: make([]uint64, 2), EdgeLabels: make([]uint64, 2)}).Fingerprint())
		require.Equal(t, want, colouringOf(t, directed(2, edge.EdgeList()...), m, Options{}).Fingerprint())
		require.NotEqual(t, want, colouringOf(t, edge, m, Options{EdgeLabels: []uint64{7, 7}}).Fingerprint())
		require.NotEqual(t, want, colouringOf(t, edge, m, Options{NodeLabels: []uint64{7, 7}}).Fingerprint())
		require.Equal(t, 1, func() int { _, c := colouringOf(t, edge, m, Options{}).NodeColours(); return c }())
		require.Equal(t, 2, func() int {
			_, c := colouringOf(t, edge, m, Options{EdgeLabels: []uint64{1, 2}}).NodeColours()
			return c
		}(), "%v", m)
	}
}

// The fractions are those of positional.RandomWalk: a sink is left for nothing, parallel edges and loops are edges. Degrees of many
// kinds make numbers of several words.
func TestWalksAreExact(t *testing.T) {
	// Degrees 1 to 60 and more: their least common multiple has more than 64 bits.
	edges := [][2]int32{{0, 0}, {0, 1}, {0, 1}}
	for v := range int32(60) {
		for k := range v {
			edges = append(edges, [2]int32{v, (v + k*k) % 67})
		}
	}
	g := directed(67, edges...)
	l := labelled{g, Options{}}
	w, err := newWalker(g, 4)
	require.NoError(t, err)
	require.Greater(t, w.scale.BitLen(), 64)
	rank, _, err := walkLabels(context.Background(), g, Options{}, 4)
	require.NoError(t, err)
	texts := map[int32]string{}
	seen := map[string]bool{}
	for v, r := range rank {
		p := l.returnProbabilities(v, 4)
		if _, ok := texts[r]; !ok {
			require.False(t, seen[p])
			texts[r], seen[p] = p, true
		}
		require.Equal(t, texts[r], p)
	}
	require.Greater(t, len(texts), 40)
}

// Fingerprints hold between releases.
func TestGoldenFingerprints(t *testing.T) {
	multi := directed(3, [2]int32{0, 1}, [2]int32{1, 2}, [2]int32{0, 1}, [2]int32{2, 2})
	o := Options{NodeLabels: []uint64{3, 1 << 63, 3}, EdgeLabels: []uint64{9, 0, 9, 1 << 40}}
	want := map[Method]string{
		"1wl":    "549897450eeb6704 731f083a01847633",
		"rwse:3": "6f7dc03a750975a7 ab023ae872cf1816",
		"spd":    "62403504bfc73a18 b5c3fcc4172b71df",
		"m1":     "6746b1bbb377484e 31a159fb7efc6eb1",
		"m2":     "5dc2f95f7d44c681 0e1dcee45e0efc1d",
		"d2lwl":  "1c69ec824af18b8c c761e2b1b223d88f",
		"d3lwl":  "ef56390de4811cff a1f5e7131fc5f215",
		"2fwl":   "c6e91d3e1a05cac0 2e8f825ef50bbc35",
		"3fwl":   "1300bbb106d29c42 0fb5cac614efd73b",
	}
	for _, m := range everyMethod {
		a, b := colouringOf(t, multi, m, o).Fingerprint(), colouringOf(t, path(6), m, Options{}).Fingerprint()
		if got := hex.EncodeToString(a[:8]) + " " + hex.EncodeToString(b[:8]); got != want[m] {
			t.Errorf("%q: %q,", m, got)
		}
	}
}
