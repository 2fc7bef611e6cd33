package graph_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"symbridge/graph"
)

// incidence lists the (segment, row, edge) of the positions of s.
func incidence(s *graph.Segments) [][3]int32 {
	list := [][3]int32{}
	for i := range s.Len() {
		for p := s.Ptr[i]; p < s.Ptr[i+1]; p++ {
			at := [3]int32{int32(i), p, p}
			if s.Row != nil {
				at[1] = s.Row[p]
			}
			if s.Edge != nil {
				at[2] = s.Edge[p]
			}
			list = append(list, at)
		}
	}
	return list
}

// requireSegments checks that s has exactly the given incidences, and that Of and Back agree with them.
func requireSegments(t require.TestingT, s *graph.Segments, segments, rows int, want [][3]int32) {
	got := incidence(s)
	require.Equal(t, segments, s.Len())
	require.Equal(t, rows, s.Rows)
	require.Equal(t, len(got), s.Positions())
	require.ElementsMatch(t, want, got)
	for i := range s.Len() {
		require.Equal(t, int(s.Ptr[i+1]-s.Ptr[i]), s.Size(i))
	}
	if s.Of != nil {
		require.Len(t, s.Of, rows)
		require.Len(t, got, rows, "each row in one segment")
		for _, at := range got {
			require.Equal(t, at[0], s.Of[at[1]])
		}
	}
	require.NotNil(t, s.Back)
	require.Same(t, s, s.Back.Back)
	require.Equal(t, rows, s.Back.Len())
	require.Equal(t, segments, s.Back.Rows)
	turned := make([][3]int32, len(got))
	for i, at := range got {
		turned[i] = [3]int32{at[1], at[0], at[2]}
	}
	require.ElementsMatch(t, turned, incidence(s.Back))
}

func TestSegments(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := batch(t)
		n, e := g.NumNodes(), g.NumEdges()
		var in, out, inEdges, outEdges, nodes [][3]int32
		for k, uv := range g.Edges() {
			in, out = append(in, [3]int32{uv[1], uv[0], k}), append(out, [3]int32{uv[0], uv[1], k})
			inEdges, outEdges = append(inEdges, [3]int32{uv[1], k, k}), append(outEdges, [3]int32{uv[0], k, k})
		}
		for v, b := range graphOf(g) {
			nodes = append(nodes, [3]int32{b, int32(v), int32(v)})
		}
		requireSegments(t, g.In(), n, n, in)
		requireSegments(t, g.Out(), n, n, out)
		requireSegments(t, g.InEdges(), n, e, inEdges)
		requireSegments(t, g.OutEdges(), n, e, outEdges)
		requireSegments(t, g.Nodes(), g.NumGraphs(), n, nodes)
		requireSegments(t, graph.OneSegment(e), 1, e, func() (all [][3]int32) {
			for k := range int32(e) {
				all = append(all, [3]int32{0, k, k})
			}
			return all
		}())
	})
}

func TestWithLoops(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := batch(t)
		l := g.WithLoops()
		n, e := g.NumNodes(), g.NumEdges()
		var keep, loops, others [][3]int32
		want := [][2]int32{}
		wantIDs := []uint64{}
		for k, uv := range g.Edges() {
			if uv[0] == uv[1] {
				loops = append(loops, [3]int32{uv[0], k, k})
				continue
			}
			kept := int32(len(want))
			keep, others = append(keep, [3]int32{k, kept, kept}), append(others, [3]int32{uv[1], k, k})
			want, wantIDs = append(want, uv), append(wantIDs, edgeIDs(g)[k])
		}
		kept := len(want)
		for v := range n {
			want, wantIDs = append(want, [2]int32{int32(v), int32(v)}), append(wantIDs, ^nodeIDs(g)[v])
		}
		require.Equal(t, want, l.EdgeList())
		require.Equal(t, wantIDs, edgeIDs(l.Graph))
		require.Equal(t, nodeIDs(g), nodeIDs(l.Graph))
		require.Equal(t, graphIDs(g), graphIDs(l.Graph))
		require.Equal(t, graphOf(g), graphOf(l.Graph))
		require.Equal(t, g.NumGraphs(), l.NumGraphs())
		requireSegments(t, l.Keep, e, kept, keep)
		requireSegments(t, l.Loops, n, e, loops)
		requireSegments(t, l.Others, n, e, others)
		require.Same(t, l, g.WithLoops(), "built once")
		require.Equal(t, want, l.WithLoops().EdgeList(), "idempotent")
	})
}

// What is built on first use is built once, whoever asks first.
func TestConcurrentUse(t *testing.T) {
	g := random(100, 1000)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			g.In()
			g.Nodes()
			g.OutDegrees()
			g.WithLoops().Out()
		})
	}
	wg.Wait()
	require.Same(t, g.Out(), g.In().Back)
}

func TestDerived(t *testing.T) {
	type key int
	g := graph.Must(graph.New(2, [][2]int32{{0, 1}}))
	_, ok := g.Derived(key(1))
	require.False(t, ok)
	require.Equal(t, "first", g.Keep(key(1), "first"))
	require.Equal(t, "first", g.Keep(key(1), "second"), "the first stays")
	v, ok := g.Derived(key(1))
	require.True(t, ok)
	require.Equal(t, "first", v)
	_, ok = g.WithLoops().Derived(key(1))
	require.False(t, ok, "another graph")
}

func TestByTarget(t *testing.T) {
	g := graph.Must(graph.New(4, [][2]int32{{3, 1}, {0, 1}, {1, 0}, {2, 2}, {0, 1}, {1, 3}}))
	s, edges := g.ByTarget()
	again, _ := g.ByTarget()
	require.Same(t, s, again, "built once")
	require.Equal(t, g.In().Edge, edges)
	require.Equal(t, g.In().Ptr, s.Ptr)
	require.Equal(t, g.In().Row, s.Row)
	require.Nil(t, s.Edge)
	require.Same(t, s, s.Back.Back)
	for k, p := range s.Back.Edge {
		require.Equal(t, g.Out().Edge[k], edges[p], "position %d of the transposed segments", k)
	}
}

func TestNewSegments(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		segments, rows := rapid.IntRange(1, 6).Draw(t, "segments"), rapid.IntRange(1, 6).Draw(t, "rows")
		var segment, row []int32
		var want [][3]int32
		once := rapid.Bool().Draw(t, "each row once")
		n := rows
		if !once {
			n = rapid.IntRange(0, 20).Draw(t, "positions")
		}
		for k := range int32(n) {
			i, r := int32(rapid.IntRange(0, segments-1).Draw(t, "segment")), k
			if !once {
				r = int32(rapid.IntRange(0, rows-1).Draw(t, "row"))
			}
			segment, row, want = append(segment, i), append(row, r), append(want, [3]int32{i, r, k})
		}
		s := graph.NewSegments(segments, rows, segment, row)
		requireSegments(t, s, segments, rows, want)
		if once {
			require.Equal(t, segment, s.Of)
		}
	})
	for _, bad := range []func(){
		func() { graph.NewSegments(1, 1, []int32{0}, nil) },
		func() { graph.NewSegments(1, 1, []int32{1}, []int32{0}) },
		func() { graph.NewSegments(1, 1, []int32{0}, []int32{-1}) },
	} {
		require.Panics(t, bad)
	}
}
