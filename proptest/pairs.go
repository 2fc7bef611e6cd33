package proptest

import (
	"math/bits"

	"pgregory.net/rapid"

	"symbridge/graph"
)

// Pair is two graphs that are not isomorphic and that 1-WL cannot tell apart.
type Pair struct {
	Name string
	A, B *graph.Graph
}

// Pairs returns well-known pairs of undirected graphs that 1-WL cannot tell apart: a cycle of six and two triangles; a cycle
// of eight and two of four; decalin and bicyclopentyl, molecules (Sato 2020); the cube and two complete graphs on four nodes;
// the Rook graph of the 4x4 board and the Shrikhande graph, which 2-FWL does not part either; and two circulant skip link graphs
// with 41 nodes (Murphy et al. 2019). Their identities are explicit.
func Pairs() []Pair {
	two := func(k int) [][2]int32 {
		edges := circulant(k, 1)
		return append(edges, shifted(edges, k)...)
	}
	k4 := complete(0, 4)
	cube := append(two(4), list(4, func(i int) (int, int) { return i, i + 4 })...)
	return []Pair{
		pair("C6 and two C3", 6, circulant(6, 1), two(3)),
		pair("C8 and two C4", 8, circulant(8, 1), two(4)),
		pair("decalin and bicyclopentyl", 10, append(circulant(10, 1), [2]int32{0, 5}), append(two(5), [2]int32{0, 5})),
		pair("cube and two K4", 8, cube, append(k4, shifted(k4, 4)...)),
		pair("Rook 4x4 and Shrikhande", 16, rook(), shrikhande()),
		pair("CSL(41,2) and CSL(41,3)", 41, circulant(41, 1, 2), circulant(41, 1, 3)),
	}
}

// HardPairs returns pairs for methods that see more than 1-WL: the prism over a triangle and the complete bipartite graph on three
// and three nodes, which shortest paths do not part; and the graphs of Cai, Fürer and Immerman (1992) over complete graphs, with and
// without a twist, on four nodes, which 2-FWL does not part, and on five, which 3-FWL does not.
func HardPairs() []Pair {
	prism := [][2]int32{{0, 1}, {1, 2}, {2, 0}, {3, 4}, {4, 5}, {5, 3}, {0, 3}, {1, 4}, {2, 5}}
	return []Pair{
		pair("prism and K3,3", 6, prism, circulant(6, 1, 3)[:9]),
		pair("CFI(K4) and its twist", 16, cfi(4, false), cfi(4, true)),
		pair("CFI(K5) and its twist", 40, cfi(5, false), cfi(5, true)),
	}
}

func pair(name string, n int, a, b [][2]int32) Pair {
	undirected := func(edges [][2]int32) *graph.Graph {
		arcs, _ := graph.Arcs(edges)
		return plain(n, arcs, true).build()
	}
	return Pair{name, undirected(a), undirected(b)}
}

// EquivalentPairs generates two graphs that 1-WL cannot tell apart and that are not isomorphic, relabelled at random.
func EquivalentPairs() *rapid.Generator[[2]*graph.Graph] {
	return rapid.Custom(func(t *rapid.T) [2]*graph.Graph {
		a, b := drawPair(rapidSource{t})
		return [2]*graph.Graph{a.build(), b.build()}
	})
}

func drawPair(s source) (a, b *written) {
	pairs := Pairs()
	return messUp(s, pairs[s.intn(len(pairs))])
}

// messUp relabels both graphs of a pair at random.
func messUp(s source, p Pair) (a, b *written) {
	messed := func(g *graph.Graph) *written {
		w := writeDown(g)
		w.number(uint64(1 + s.intn(1<<16)))
		return w.relabel(drawPerm(s, w.n), drawPerm(s, len(w.edges)))
	}
	return messed(p.A), messed(p.B)
}

func shifted(edges [][2]int32, by int) [][2]int32 {
	return list(len(edges), func(i int) (int, int) { return int(edges[i][0]) + by, int(edges[i][1]) + by })
}

// cfi lists the edges of the graph of Cai, Fürer and Immerman over the complete graph on k nodes: a node for each node v and each
// set, of an even number, of other nodes; (v,S) and (u,T) are neighbours where S has u exactly if T has v. With a twist, the nodes 0
// and 1 want the opposite.
func cfi(k int, twisted bool) [][2]int32 {
	type node struct{ of, set int }
	var nodes []node
	for v := range k {
		for set := range 1 << k {
			if set>>v&1 == 0 && bits.OnesCount(uint(set))%2 == 0 {
				nodes = append(nodes, node{v, set})
			}
		}
	}
	var edges [][2]int32
	for i, a := range nodes {
		for j, b := range nodes[:i] {
			agree := a.set>>b.of&1 == b.set>>a.of&1
			if a.of != b.of && agree != (twisted && b.of == 0 && a.of == 1) {
				edges = append(edges, [2]int32{int32(j), int32(i)})
			}
		}
	}
	return edges
}

// rook lists the moves of a rook on a board of 4x4.
func rook() [][2]int32 {
	var edges [][2]int32
	for a := range 16 {
		for b := range a {
			if a/4 == b/4 || a%4 == b%4 {
				edges = append(edges, [2]int32{int32(b), int32(a)})
			}
		}
	}
	return edges
}

// shrikhande lists the edges of the Cayley graph of Z4 x Z4 with the generators (0,1), (1,0) and (1,1).
func shrikhande() [][2]int32 {
	var edges [][2]int32
	for a := range 16 {
		for _, step := range [][2]int{{0, 1}, {1, 0}, {1, 1}} {
			b := (a/4+step[0])%4*4 + (a%4+step[1])%4
			edges = append(edges, [2]int32{int32(a), int32(b)})
		}
	}
	return edges
}
