package graph_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"symbridge/graph"
)

func TestSubgraph(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := batch(t)
		nodes := permutation(t, g.NumNodes())
		nodes = nodes[:rapid.IntRange(0, len(nodes)).Draw(t, "size")]
		h, kept, err := g.Subgraph(nodes)
		require.NoError(t, err)
		want := []int32{}
		for k, e := range g.Edges() {
			if contains(nodes, e[0]) && contains(nodes, e[1]) {
				want = append(want, k)
			}
		}
		require.Equal(t, want, kept)
		require.Equal(t, len(nodes), h.NumNodes())
		require.Equal(t, g.NumGraphs(), h.NumGraphs())
		require.Equal(t, g.Undirected(), h.Undirected())
		require.Equal(t, graphIDs(g), graphIDs(h))
		for i, k := range kept {
			e := h.EdgeList()[i]
			require.Equal(t, g.EdgeList()[k], [2]int32{nodes[e[0]], nodes[e[1]]})
			require.Equal(t, edgeIDs(g)[k], edgeIDs(h)[i])
		}
		for i, v := range nodes {
			require.Equal(t, nodeIDs(g)[v], nodeIDs(h)[i])
			require.Equal(t, graphOf(g)[v], graphOf(h)[i])
		}
		if g.Undirected() {
			require.True(t, h.IsSymmetric())
		}
	})
}

// A small part of a large graph takes another road to the same list.
func TestSubgraphOfLargeGraph(t *testing.T) {
	g := random(1000, 20000)
	nodes := []int32{}
	for v := range int32(80) {
		nodes = append(nodes, (v*37)%1000)
	}
	h, kept, err := g.Subgraph(nodes)
	require.NoError(t, err)
	var want []int32
	for k, e := range g.Edges() {
		if contains(nodes, e[0]) && contains(nodes, e[1]) {
			want = append(want, k)
		}
	}
	require.NotEmpty(t, want)
	require.Equal(t, want, kept)
	require.Equal(t, len(want), h.NumEdges())
}

func TestSubgraphErrors(t *testing.T) {
	g := graph.Must(graph.New(3, nil))
	_, _, err := g.Subgraph([]int32{0, 3})
	require.ErrorIs(t, err, graph.ErrNodeRange)
	require.ErrorContains(t, err, "nodes[1] is 3")
	_, _, err = g.Subgraph([]int32{0, -1})
	require.ErrorIs(t, err, graph.ErrNodeRange)
	_, _, err = g.Subgraph([]int32{2, 1, 2})
	require.ErrorIs(t, err, graph.ErrRepeated)
	require.ErrorContains(t, err, "nodes[2] is 2, as is nodes[0]")
}

func TestKHop(t *testing.T) {
	path := graph.Must(graph.New(5, [][2]int32{{0, 1}, {1, 2}, {2, 3}, {3, 4}}))
	for k, want := range [][]int32{{3}, {2, 3}, {1, 2, 3}, {0, 1, 2, 3}, {0, 1, 2, 3}} {
		got, err := path.KHop([]int32{3, 3}, k)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	_, err := path.KHop([]int32{0, 5}, 1)
	require.ErrorIs(t, err, graph.ErrNodeRange)
	require.ErrorContains(t, err, "seeds[1] is 5")
	_, err = path.KHop(nil, -1)
	require.ErrorContains(t, err, "k is -1")

	rapid.Check(t, func(t *rapid.T) {
		g := batch(t)
		k := rapid.IntRange(0, 4).Draw(t, "k")
		var seeds []int32
		if g.NumNodes() > 0 {
			seeds = rapid.SliceOfN(rapid.Int32Range(0, int32(g.NumNodes()-1)), 0, 3).Draw(t, "seeds")
		}
		reach := make([]bool, g.NumNodes())
		for _, v := range seeds {
			reach[v] = true
		}
		for range k {
			next := slices.Clone(reach)
			for _, e := range g.Edges() {
				next[e[0]] = next[e[0]] || reach[e[1]]
			}
			reach = next
		}
		want := []int32{}
		for v, in := range reach {
			if in {
				want = append(want, int32(v))
			}
		}
		got, err := g.KHop(seeds, k)
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

func TestComponents(t *testing.T) {
	g := graph.Must(graph.New(6, [][2]int32{{4, 0}, {2, 1}, {1, 1}, {4, 5}}))
	component, count := g.Components()
	require.Equal(t, []int32{0, 1, 1, 2, 0, 0}, component)
	require.Equal(t, 3, count)

	rapid.Check(t, func(t *rapid.T) {
		g := batch(t)
		want := make([]int32, g.NumNodes()) // the smallest node that can be reached
		for i := range want {
			want[i] = int32(i)
		}
		for range want {
			for _, e := range g.Edges() {
				m := min(want[e[0]], want[e[1]])
				want[e[0]], want[e[1]] = m, m
			}
		}
		roots := slices.Compact(slices.Sorted(slices.Values(want)))
		component, count := g.Components()
		require.Equal(t, len(roots), count)
		for v, root := range want {
			require.Equal(t, root, roots[component[v]])
		}
	})
}

func TestPairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5).Draw(t, "nodes")
		list := edges(t, n)
		g := graph.Must(graph.NewUndirected(n, list))
		pairs, err := g.Pairs()
		require.NoError(t, err)
		back := [][2]int32{}
		for _, p := range pairs {
			a, b := g.EdgeList()[p[0]], g.EdgeList()[p[1]]
			require.Equal(t, a, [2]int32{b[1], b[0]})
			back = append(back, a)
		}
		require.Equal(t, list, back)

		// Any list of arcs: symmetric if and only if the multiset of arcs is its own reverse.
		d := graph.Must(graph.New(n, list))
		count := map[[2]int32]int{}
		simple, symmetric := true, true
		for _, e := range list {
			count[e]++
			simple = simple && e[0] != e[1] && count[e] == 1
		}
		for e, c := range count {
			symmetric = symmetric && count[[2]int32{e[1], e[0]}] == c
		}
		require.Equal(t, simple, d.IsSimple())
		require.Equal(t, symmetric, d.IsSymmetric())
		u, err := d.AsUndirected()
		if symmetric {
			require.NoError(t, err)
			require.True(t, u.Undirected())
			require.False(t, d.Undirected())
			require.Equal(t, d.EdgeList(), u.EdgeList())
		} else {
			require.ErrorIs(t, err, graph.ErrNotSymmetric)
			var k int
			var a, b int32
			_, err := fmtSscan(err, &k, &a, &b)
			require.NoError(t, err)
			require.Equal(t, [2]int32{a, b}, list[k])
			require.Greater(t, count[[2]int32{a, b}], count[[2]int32{b, a}], "the arc that is named has no opposite")
		}
	})
}

// fmtSscan reads the arc that an error of Pairs names.
func fmtSscan(err error, k *int, a, b *int32) (int, error) {
	return fmt.Sscanf(err.Error(), "graph: edge %d (%d,%d) has no opposite", k, a, b)
}
