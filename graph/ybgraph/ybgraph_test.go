package ybgraph_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	yb "github.com/yourbasic/graph"
	"pgregory.net/rapid"

	"symbridge/graph"
	"symbridge/graph/ybgraph"
)

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "nodes")
		node := rapid.Int32Range(0, int32(n-1))
		g := graph.Must(graph.New(n, rapid.SliceOf(rapid.Custom(func(t *rapid.T) [2]int32 {
			return [2]int32{node.Draw(t, "from"), node.Draw(t, "to")}
		})).Draw(t, "edges")))
		costs := rapid.SliceOfN(rapid.Int64(), g.NumEdges(), g.NumEdges()).Draw(t, "costs")
		it, err := ybgraph.To(g, costs)
		require.NoError(t, err)
		back, backCosts, err := ybgraph.From(it)
		require.NoError(t, err)
		type edge struct {
			e [2]int32
			c int64
		}
		list := func(g *graph.Graph, costs []int64) (l []edge) {
			for k, e := range g.Edges() {
				l = append(l, edge{e, costs[k]})
			}
			return l
		}
		require.Equal(t, n, back.NumNodes())
		require.ElementsMatch(t, list(g, costs), list(back, backCosts))
		require.True(t, slices.IsSortedFunc(back.EdgeList(), func(a, b [2]int32) int { return slices.Compare(a[:], b[:]) }))
		require.Equal(t, yb.String(yb.Sort(it)), yb.String(it))
	})
}

func TestAlgorithms(t *testing.T) {
	m := yb.New(5)
	m.AddBothCost(0, 1, 2)
	m.AddBothCost(1, 2, 3)
	m.AddCost(3, 3, 7)
	g, costs, err := ybgraph.From(m)
	require.NoError(t, err)
	require.Equal(t, [][2]int32{{0, 1}, {1, 0}, {1, 2}, {2, 1}, {3, 3}}, g.EdgeList())
	require.Equal(t, []int64{2, 2, 3, 3, 7}, costs)
	require.True(t, g.IsSymmetric())

	it, err := ybgraph.To(g, costs)
	require.NoError(t, err)
	path, dist := yb.ShortestPath(it, 0, 2)
	require.Equal(t, []int{0, 1, 2}, path)
	require.Equal(t, int64(5), dist)
	_, count := g.Components()
	require.Len(t, yb.Components(it), count)

	free, err := ybgraph.To(g, nil)
	require.NoError(t, err)
	_, dist = yb.ShortestPath(free, 0, 2)
	require.Zero(t, dist)
}

// outside has a neighbour that does not exist.
type outside struct{ w int }

func (outside) Order() int { return 2 }

func (o outside) Visit(v int, do func(w int, c int64) bool) bool { return do(o.w, 0) }

func TestErrors(t *testing.T) {
	for _, w := range []int{-1, 2, 1 << 30} {
		_, _, err := ybgraph.From(outside{w})
		require.ErrorIs(t, err, graph.ErrNodeRange)
		require.ErrorContains(t, err, "neighbour of vertex 0")
	}
	_, _, err := ybgraph.From(order(-1))
	require.ErrorIs(t, err, graph.ErrNodeRange)
	_, err = ybgraph.To(graph.Must(graph.New(1, nil)), []int64{1})
	require.ErrorIs(t, err, graph.ErrLength)
}

type order int

func (o order) Order() int                              { return int(o) }
func (order) Visit(int, func(w int, c int64) bool) bool { return false }
