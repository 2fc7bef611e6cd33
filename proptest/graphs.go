package proptest

import (
	"math/rand/v2"

	"pgregory.net/rapid"

	"symbridge/graph"
	"symbridge/symmetry"
)

// source is where choices come from: rapid, which shrinks them, or a seeded generator.
type source interface {
	intn(n int) int // 0..n-1, for n >= 1
}

type rapidSource struct{ t *rapid.T }

func (s rapidSource) intn(n int) int { return rapid.IntRange(0, n-1).Draw(s.t, "choice") }

type seeded struct{ *rand.Rand }

func (s seeded) intn(n int) int { return s.IntN(n) }

// GraphOptions narrows what graphs are drawn. The zero value: every shape, at most 12 nodes a graph, batches too.
type GraphOptions struct {
	MaxNodes   int  // of one graph of a batch; 0 is 12
	Undirected bool // edges in both directions, declared
	Simple     bool // no self loops and no parallel edges
	Single     bool // no batches
}

func (o GraphOptions) maxNodes() int {
	if o.MaxNodes <= 0 {
		return 12
	}
	return o.MaxNodes
}

// Graphs generates graphs of every shape: no nodes, isolated nodes, paths, cycles, stars, hubs with parallel edges, complete,
// bipartite and regular graphs, trees, random ones directed and undirected with self loops and parallel edges, and batches of
// these, some with their nodes interleaved. Identities are explicit and unique.
func Graphs(o ...GraphOptions) *rapid.Generator[*graph.Graph] {
	opts := first(o)
	return rapid.Custom(func(t *rapid.T) *graph.Graph { return drawGraph(rapidSource{t}, opts).build() })
}

// Batches generates batches of two to four graphs, some with their nodes interleaved.
func Batches(o ...GraphOptions) *rapid.Generator[*graph.Graph] {
	opts := first(o)
	return rapid.Custom(func(t *rapid.T) *graph.Graph { return drawBatch(rapidSource{t}, opts).build() })
}

// Perms generates permutations of 0..n-1; the smallest is the identity.
func Perms(n int) *rapid.Generator[symmetry.Perm] {
	if n < 2 { // there is no choice, which rapid would mind
		return rapid.Just(symmetry.Identity(n))
	}
	return rapid.Custom(func(t *rapid.T) symmetry.Perm { return drawPerm(rapidSource{t}, n) })
}

// drawPerm shuffles so that choices of 0 give the identity.
func drawPerm(s source, n int) symmetry.Perm {
	p := symmetry.Identity(n)
	for i := range max(0, n-1) {
		j := i + s.intn(n-i)
		p[i], p[j] = p[j], p[i]
	}
	return p
}

func first[E any](list []E) E {
	var zero E
	if len(list) == 0 {
		return zero
	}
	return list[0]
}

// drawGraph draws one graph, or a batch in one of four cases.
func drawGraph(s source, o GraphOptions) *written {
	if !o.Single && s.intn(4) == 3 {
		return drawBatch(s, o)
	}
	w := drawSingle(s, o)
	w.number(uint64(s.intn(1 << 16)))
	return w
}

// drawBatch draws two to four graphs, with the nodes and the edge list in a mess in one of two cases.
func drawBatch(s source, o GraphOptions) *written {
	w := &written{undirected: true}
	for range 2 + s.intn(3) {
		w.append(drawSingle(s, o))
	}
	w.number(uint64(s.intn(1 << 16)))
	if s.intn(2) == 1 {
		w = w.relabel(drawPerm(s, w.n), drawPerm(s, len(w.edges)))
	}
	return w
}

// drawSingle draws one graph without identities.
func drawSingle(s source, o GraphOptions) *written {
	n := s.intn(o.maxNodes() + 1)
	shape := shapes[s.intn(len(shapes))]
	edges := shape(s, n)
	if o.Undirected || s.intn(2) == 0 {
		if o.Simple {
			edges = simple(edges, true)
		}
		arcs, _ := graph.Arcs(edges)
		return plain(n, arcs, true)
	}
	if s.intn(2) == 0 {
		edges, _ = graph.Arcs(edges)
	}
	if o.Simple {
		edges = simple(edges, false)
	}
	return plain(n, edges, false)
}

// simple drops self loops and repeated edges; either way round is a repetition where edges have no direction.
func simple(edges [][2]int32, undirected bool) [][2]int32 {
	seen := map[[2]int32]bool{} // only asked, never ranged over
	var kept [][2]int32
	for _, e := range edges {
		key := e
		if undirected && e[0] > e[1] {
			key = [2]int32{e[1], e[0]}
		}
		if e[0] != e[1] && !seen[key] {
			seen[key] = true
			kept = append(kept, e)
		}
	}
	return kept
}

// shapes list the edges of a graph with n nodes, each edge once. The first is the simplest.
var shapes = []func(s source, n int) [][2]int32{
	func(source, int) [][2]int32 { return nil }, // isolated nodes
	func(_ source, n int) [][2]int32 { // path
		return list(n-1, func(i int) (int, int) { return i, i + 1 })
	},
	func(_ source, n int) [][2]int32 { // cycle; of one node, a self loop
		return list(n, func(i int) (int, int) { return i, (i + 1) % n })
	},
	func(_ source, n int) [][2]int32 { // star
		return list(n-1, func(i int) (int, int) { return i + 1, 0 })
	},
	func(s source, n int) [][2]int32 { // tree
		return list(n-1, func(i int) (int, int) { return i + 1, s.intn(i + 1) })
	},
	func(_ source, n int) [][2]int32 { return complete(0, n) },
	func(s source, n int) [][2]int32 { // complete bipartite
		if n == 0 {
			return nil
		}
		a := s.intn(n)
		return list(a*(n-a), func(i int) (int, int) { return i / (n - a), a + i%(n-a) })
	},
	func(s source, n int) [][2]int32 { // circulant: regular
		if n == 0 {
			return nil
		}
		return circulant(n, 1+s.intn(n), 1+s.intn(n))
	},
	func(s source, n int) [][2]int32 { // hub with parallel edges and self loops
		return list(min(n, 1)*(2*n+s.intn(n+1)), func(int) (int, int) { return s.intn(n), 0 })
	},
	sparse, sparse, // random, with self loops and parallel edges
	func(s source, n int) [][2]int32 { // every edge twice
		edges := sparse(s, n)
		return append(edges, edges...)
	},
	func(s source, n int) [][2]int32 { // two random parts and some nodes without edges
		edges := sparse(s, n/3)
		for _, e := range sparse(s, n/3) {
			edges = append(edges, [2]int32{e[0] + int32(n/3), e[1] + int32(n/3)})
		}
		return edges
	},
}

func sparse(s source, n int) [][2]int32 {
	if n == 0 {
		return nil
	}
	return list(s.intn(3*n+1), func(int) (int, int) { return s.intn(n), s.intn(n) })
}

func list(count int, edge func(i int) (u, v int)) [][2]int32 {
	var edges [][2]int32
	for i := range count {
		u, v := edge(i)
		edges = append(edges, [2]int32{int32(u), int32(v)})
	}
	return edges
}

func complete(from, to int) [][2]int32 {
	var edges [][2]int32
	for i := from; i < to; i++ {
		for j := from; j < i; j++ {
			edges = append(edges, [2]int32{int32(j), int32(i)})
		}
	}
	return edges
}

// circulant lists an edge from each of n nodes to those the given steps ahead.
func circulant(n int, steps ...int) [][2]int32 {
	var edges [][2]int32
	for _, step := range steps {
		edges = append(edges, list(n, func(i int) (int, int) { return i, (i + step) % n })...)
	}
	return edges
}
