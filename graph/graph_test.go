package graph_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"symbridge/graph"
)

// edges draws a list of edges among n nodes, loops and parallel edges included.
func edges(t *rapid.T, n int) [][2]int32 {
	if n == 0 {
		return [][2]int32{}
	}
	node := rapid.Int32Range(0, int32(n-1))
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) [2]int32 {
		return [2]int32{node.Draw(t, "from"), node.Draw(t, "to")}
	}), 0, 24).Draw(t, "edges")
}

// single draws a graph, sometimes undirected, sometimes with identities.
func single(t *rapid.T) *graph.Graph {
	n := rapid.IntRange(0, 7).Draw(t, "nodes")
	mk := graph.New
	if rapid.Bool().Draw(t, "undirected") {
		mk = graph.NewUndirected
	}
	g := graph.Must(mk(n, edges(t, n)))
	if rapid.Bool().Draw(t, "ids") {
		id := rapid.Uint64()
		g = graph.Must(g.WithIDs(rapid.SliceOfN(id, n, n).Draw(t, "node ids"),
			rapid.SliceOfN(id, g.NumEdges(), g.NumEdges()).Draw(t, "edge ids"), []uint64{id.Draw(t, "graph id")}))
	}
	return g
}

// batch draws a graph on its own or a relabelled batch, in which graphs interleave.
func batch(t *rapid.T) *graph.Graph {
	gs := rapid.SliceOfN(rapid.Custom(single), 0, 3).Draw(t, "graphs")
	if len(gs) == 1 {
		return gs[0]
	}
	g, _ := graph.Union(gs...).Relabel(permutation(t, graph.Union(gs...).NumNodes()))
	return g
}

func permutation(t *rapid.T, n int) []int32 {
	p := make([]int32, n)
	for i := range p {
		p[i] = int32(i)
	}
	return rapid.Permutation(p).Draw(t, "permutation")
}

func nodeIDs(g *graph.Graph) []uint64 { return ids(g.NodeIDs(), g.NumNodes()) }
func edgeIDs(g *graph.Graph) []uint64 { return ids(g.EdgeIDs(), g.NumEdges()) }
func graphIDs(g *graph.Graph) []uint64 {
	return ids(g.GraphIDs(), g.NumGraphs())
}

func ids(explicit []uint64, n int) []uint64 {
	if explicit != nil {
		return explicit
	}
	out := make([]uint64, n)
	for i := range out {
		out[i] = uint64(i)
	}
	return out
}

func graphOf(g *graph.Graph) []int32 {
	if g.GraphOf() != nil {
		return g.GraphOf()
	}
	return make([]int32, g.NumNodes())
}

// requireSame compares all that can be seen of two graphs.
func requireSame(t require.TestingT, want, got *graph.Graph) {
	require.Equal(t, want.NumNodes(), got.NumNodes())
	require.Equal(t, want.NumGraphs(), got.NumGraphs())
	require.Equal(t, want.EdgeList(), got.EdgeList())
	require.Equal(t, want.Undirected(), got.Undirected())
	require.Equal(t, graphOf(want), graphOf(got))
	require.Equal(t, nodeIDs(want), nodeIDs(got))
	require.Equal(t, edgeIDs(want), edgeIDs(got))
	require.Equal(t, graphIDs(want), graphIDs(got))
	require.Equal(t, want.In().Ptr, got.In().Ptr)
	require.Equal(t, want.In().Row, got.In().Row)
	require.Equal(t, want.In().Edge, got.In().Edge)
}

func TestNewErrors(t *testing.T) {
	for _, mk := range []func(int, [][2]int32) (*graph.Graph, error){graph.New, graph.NewUndirected} {
		for _, c := range []struct {
			n     int
			edges [][2]int32
			want  string
		}{
			{3, [][2]int32{{0, 1}, {0, 0}, {1, 3}}, "edge 2 is (1,3), nodes are 0..2"},
			{3, [][2]int32{{0, 1}, {-1, 2}}, "edge 1 is (-1,2)"},
			{0, [][2]int32{{0, 0}}, "edge 0 is (0,0)"},
			{-1, nil, "node count -1"},
		} {
			g, err := mk(c.n, c.edges)
			require.ErrorIs(t, err, graph.ErrNodeRange)
			require.ErrorContains(t, err, c.want)
			require.Nil(t, g)
		}
		_, err := mk(1<<31-1, nil)
		require.ErrorIs(t, err, graph.ErrTooLarge)
	}
	require.Panics(t, func() { graph.Must(graph.New(1, [][2]int32{{1, 0}})) })
}

func TestAccessors(t *testing.T) {
	// A loop, parallel edges, an isolated node.
	g := graph.Must(graph.New(4, [][2]int32{{1, 0}, {0, 0}, {2, 0}, {1, 0}, {0, 2}}))
	require.Equal(t, []int32{1, 0, 2, 1}, g.Sources(0))
	require.Equal(t, []int32{0, 2}, g.Targets(0))
	require.Empty(t, g.Sources(3))
	require.Equal(t, []int32{4, 0, 1, 0}, g.InDegrees())
	require.Equal(t, []int32{2, 2, 1, 0}, g.OutDegrees())
	require.Equal(t, "graph(4 nodes, 5 edges, 1 graphs)", g.String())
	require.True(t, g.HasEdge(0, 0))
	require.True(t, g.HasEdge(0, 2))
	require.False(t, g.HasEdge(3, 0))
	require.False(t, g.HasEdge(2, 1))
	var seen [][2]int32
	for k, e := range g.Edges() {
		if k == 3 {
			break
		}
		seen = append(seen, e)
	}
	require.Equal(t, g.EdgeList()[:3], seen)
}

func TestUndirected(t *testing.T) {
	list := [][2]int32{{2, 0}, {1, 1}, {0, 2}}
	g := graph.Must(graph.NewUndirected(3, list))
	require.Equal(t, [][2]int32{{2, 0}, {0, 2}, {1, 1}, {0, 2}, {2, 0}}, g.EdgeList())
	_, of := graph.Arcs(list)
	require.Equal(t, []int32{0, 0, 1, 2, 2}, of)
	require.True(t, g.Undirected())
}

func TestAccessorsAgreeWithList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := batch(t)
		in, out := make([][]int32, g.NumNodes()), make([][]int32, g.NumNodes())
		for k, e := range g.Edges() {
			require.Equal(t, e, [2]int32{g.From()[k], g.To()[k]})
			in[e[1]], out[e[0]] = append(in[e[1]], e[0]), append(out[e[0]], e[1])
		}
		for v := range int32(g.NumNodes()) {
			require.ElementsMatch(t, in[v], g.Sources(v))
			require.ElementsMatch(t, out[v], g.Targets(v))
			require.Equal(t, len(in[v]), g.InDegree(v))
			require.Equal(t, len(out[v]), g.OutDegree(v))
			require.Equal(t, len(in[v]), int(g.InDegrees()[v]))
			require.Equal(t, len(out[v]), int(g.OutDegrees()[v]))
			for u := range int32(g.NumNodes()) {
				require.Equal(t, contains(out[u], v), g.HasEdge(u, v))
			}
		}
	})
}

func contains(s []int32, v int32) bool {
	for _, x := range s {
		if x == v {
			return true
		}
	}
	return false
}

// The zero value is the graph without nodes, in every method.
func TestZeroValue(t *testing.T) {
	mk := func() *graph.Graph { return new(graph.Graph) }
	empty := graph.Must(graph.New(0, nil))
	g := mk()
	require.Equal(t, 1, g.NumGraphs())
	require.Equal(t, "graph(0 nodes, 0 edges, 1 graphs)", g.String())
	for name, same := range map[string]*graph.Graph{
		"new":      empty,
		"ids":      graph.Must(mk().WithIDs(nil, nil, nil)),
		"reverse":  mk().Reverse(),
		"shuffle":  mk().ShuffleEdges(nil),
		"loops":    mk().WithLoops().Graph,
		"parts":    mk().Parts()[0],
		"declared": graph.Must(mk().AsUndirected()).Reverse(),
	} {
		require.Equal(t, 0, same.NumNodes(), name)
		require.Equal(t, 0, same.NumEdges(), name)
		require.Equal(t, 1, same.NumGraphs(), name)
		require.Equal(t, []int32{0}, same.In().Ptr, name)
	}
	h, q := g.Relabel(nil)
	require.Equal(t, 1, h.NumGraphs())
	require.Empty(t, q)
	for _, s := range []*graph.Segments{g.In(), g.Out(), g.InEdges(), g.OutEdges()} {
		require.Equal(t, 0, s.Len())
		require.Equal(t, 0, s.Positions())
	}
	require.Equal(t, 1, g.Nodes().Len())
	require.Equal(t, 0, new(graph.Segments).Positions())
	require.Empty(t, g.InDegrees())
	require.Empty(t, g.EdgeList())
	require.True(t, g.IsSimple())
	require.True(t, g.IsSymmetric())
	_, count := g.Components()
	require.Zero(t, count)
	require.Equal(t, 3, graph.Union(g, graph.Union(g, empty)).NumGraphs())
	require.Equal(t, 0, graph.Union().NumGraphs())
	require.Equal(t, 0, graph.Union().Nodes().Len())
	_, err := g.WithIDs([]uint64{1}, nil, nil)
	require.ErrorIs(t, err, graph.ErrLength)
}

func TestWithIDs(t *testing.T) {
	g := graph.Must(graph.New(2, [][2]int32{{0, 1}}))
	require.Nil(t, g.NodeIDs())
	node := []uint64{7, 8}
	h := graph.Must(g.WithIDs(node, []uint64{9}, []uint64{10}))
	node[0] = 0
	require.Equal(t, []uint64{7, 8}, h.NodeIDs(), "a copy")
	require.Equal(t, []uint64{9}, h.EdgeIDs())
	require.Equal(t, []uint64{10}, h.GraphIDs())
	require.Nil(t, graph.Must(h.WithIDs(nil, nil, nil)).NodeIDs())
	for _, bad := range [][3][]uint64{{{1}, nil, nil}, {nil, {}, nil}, {nil, nil, {1, 2}}} {
		_, err := g.WithIDs(bad[0], bad[1], bad[2])
		require.ErrorIs(t, err, graph.ErrLength)
	}
	_, err := g.WithIDs([]uint64{1}, nil, nil)
	require.ErrorContains(t, err, "1 node ids for 2")
}

func TestReverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := batch(t)
		r := g.Reverse()
		require.Equal(t, g.From(), r.To())
		require.Equal(t, g.Out().Row, r.In().Row)
		require.Equal(t, edgeIDs(g), edgeIDs(r))
		requireSame(t, g, r.Reverse())
	})
}

// random returns a graph for benchmarks.
func random(n, e int) *graph.Graph {
	return graph.Must(graph.New(n, randomEdges(n, e)))
}

func randomEdges(n, e int) [][2]int32 {
	r := rand.New(rand.NewPCG(1, 2))
	list := make([][2]int32, e)
	for k := range list {
		list[k] = [2]int32{r.Int32N(int32(n)), r.Int32N(int32(n))}
	}
	return list
}

func BenchmarkNew(b *testing.B) {
	list := randomEdges(1e5, 1e6)
	b.ReportAllocs()
	for b.Loop() {
		graph.Must(graph.New(1e5, list))
	}
}

func BenchmarkRelabel(b *testing.B) {
	for _, e := range []int{1e5, 1e6} {
		b.Run(map[int]string{1e5: "1e5", 1e6: "1e6"}[e], func(b *testing.B) {
			g := random(e/10, e)
			p := make([]int32, g.NumNodes())
			for i, v := range rand.New(rand.NewPCG(3, 4)).Perm(len(p)) {
				p[i] = int32(v)
			}
			b.ReportAllocs()
			for b.Loop() {
				g.Relabel(p)
			}
		})
	}
}

func BenchmarkUnion(b *testing.B) {
	gs := make([]*graph.Graph, 1000)
	for i := range gs {
		gs[i] = random(30, 60)
	}
	b.ReportAllocs()
	for b.Loop() {
		graph.Union(gs...)
	}
}
