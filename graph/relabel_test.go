package graph_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"symbridge/graph"
)

func TestRelabel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := batch(t)
		p := permutation(t, g.NumNodes())
		h, q := g.Relabel(p)
		require.Equal(t, g.NumGraphs(), h.NumGraphs())
		require.Equal(t, g.Undirected(), h.Undirected())
		require.Equal(t, graphIDs(g), graphIDs(h))
		for v, w := range p {
			require.Equal(t, nodeIDs(g)[v], nodeIDs(h)[w])
			require.Equal(t, graphOf(g)[v], graphOf(h)[w])
		}
		for k, e := range g.Edges() {
			require.Equal(t, [2]int32{p[e[0]], p[e[1]]}, h.EdgeList()[q[k]])
			require.Equal(t, edgeIDs(g)[k], edgeIDs(h)[q[k]])
		}
		// The list is by target, source and old id: where each edge should go, found by comparing.
		order := make([]int32, g.NumEdges())
		for i, at := range q {
			order[at] = int32(i)
		}
		require.True(t, slices.IsSortedFunc(order, func(a, b int32) int {
			return slices.Compare([]int32{p[g.To()[a]], p[g.From()[a]], a}, []int32{p[g.To()[b]], p[g.From()[b]], b})
		}))
		// The rows are those that New makes of the list.
		fresh := graph.Must(graph.New(g.NumNodes(), h.EdgeList()))
		require.Equal(t, fresh.In().Ptr, h.In().Ptr)
		require.Equal(t, fresh.In().Row, h.In().Row)
		require.Equal(t, fresh.In().Edge, h.In().Edge)
		// And back again: the same nodes with the same identities.
		back := make([]int32, len(p))
		for v, w := range p {
			back[w] = int32(v)
		}
		b, q2 := h.Relabel(back)
		inverse := make([]int32, len(q))
		for k := range q {
			inverse[q2[q[k]]] = int32(k)
		}
		requireSame(t, g, graph.Must(b.ShuffleEdges(inverse).WithIDs(b.NodeIDs(), b.ShuffleEdges(inverse).EdgeIDs(),
			g.GraphIDs())))
	})
}

func TestShuffleEdges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := batch(t)
		q := permutation(t, g.NumEdges())
		h := g.ShuffleEdges(q)
		require.Equal(t, graphOf(g), graphOf(h))
		require.Equal(t, nodeIDs(g), nodeIDs(h))
		for k, e := range g.Edges() {
			require.Equal(t, e, h.EdgeList()[q[k]])
			require.Equal(t, edgeIDs(g)[k], edgeIDs(h)[q[k]])
		}
		for v := range int32(g.NumNodes()) {
			require.ElementsMatch(t, g.Sources(v), h.Sources(v))
			require.ElementsMatch(t, g.Targets(v), h.Targets(v))
		}
	})
}

func TestUnionAndParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		gs := rapid.SliceOfN(rapid.Custom(single), 0, 4).Draw(t, "graphs")
		u := graph.Union(gs...)
		require.Equal(t, len(gs), u.NumGraphs())
		parts := u.Parts()
		require.Len(t, parts, len(gs))
		nodes, edges := u.PartRows()
		var n, e int
		for i, g := range gs {
			require.Equal(t, g.EdgeList(), parts[i].EdgeList())
			require.Equal(t, g.NumNodes(), parts[i].NumNodes())
			if g.NodeIDs() != nil {
				require.Equal(t, nodeIDs(g), nodeIDs(parts[i]))
				require.Equal(t, edgeIDs(g), edgeIDs(parts[i]))
				require.Equal(t, graphIDs(g), graphIDs(parts[i]))
			}
			for j, v := range nodes[i] {
				require.Equal(t, n+j, int(v))
			}
			for j, k := range edges[i] {
				require.Equal(t, e+j, int(k))
			}
			n, e = n+g.NumNodes(), e+g.NumEdges()
		}
		fresh := graph.Must(graph.New(u.NumNodes(), u.EdgeList()))
		require.Equal(t, fresh.In().Ptr, u.In().Ptr)
		require.Equal(t, fresh.In().Row, u.In().Row)
		require.Equal(t, fresh.In().Edge, u.In().Edge)
		require.Equal(t, u.EdgeList(), graph.Union(parts...).EdgeList())

		// Batching twice is batching at once.
		if len(gs) > 1 {
			requireSame(t, graph.Must(u.WithIDs(nil, nil, nil)),
				graph.Must(graph.Union(gs[0], graph.Union(gs[1:]...)).WithIDs(nil, nil, nil)))
		}
	})
}

func TestPick(t *testing.T) {
	require.Equal(t, []string{"c", "a", "c"}, graph.Pick([]string{"a", "b", "c"}, []int32{2, 0, 2}))
	require.Nil(t, graph.Pick([]uint64(nil), []int32{2, 0, 2}))
	require.Equal(t, []uint64{}, graph.Pick([]uint64{}, nil))
}

// The parts of a relabelled batch are the graphs with their nodes in the order of the batch.
func TestPartsOfRelabelledBatch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		u := batch(t)
		nodes, edges := u.PartRows()
		for b, g := range u.Parts() {
			require.Equal(t, len(nodes[b]), g.NumNodes())
			for i, k := range edges[b] {
				e := g.EdgeList()[i]
				require.Equal(t, u.EdgeList()[k], [2]int32{nodes[b][e[0]], nodes[b][e[1]]})
			}
			for i, v := range nodes[b] {
				require.Equal(t, b, int(graphOf(u)[v]))
				if u.NodeIDs() != nil {
					require.Equal(t, u.NodeIDs()[v], g.NodeIDs()[i])
				}
			}
		}
	})
}

func TestNotAPermutation(t *testing.T) {
	g := graph.Must(graph.New(2, [][2]int32{{0, 1}, {1, 0}}))
	for _, c := range []struct {
		p    []int32
		want error
	}{{[]int32{0}, graph.ErrLength}, {[]int32{0, 0}, graph.ErrPermutation}, {[]int32{0, 2}, graph.ErrPermutation},
		{[]int32{-1, 0}, graph.ErrPermutation}} {
		require.ErrorIs(t, caught(func() { g.Relabel(c.p) }), c.want)
		require.ErrorIs(t, caught(func() { g.ShuffleEdges(c.p) }), c.want)
	}
}

// caught returns the error that f panics with.
func caught(f func()) (err error) {
	defer func() { err, _ = recover().(error) }()
	f()
	return nil
}
