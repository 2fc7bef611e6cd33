package gonumgraph_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	gonum "gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/iterator"
	"gonum.org/v1/gonum/graph/multi"
	"gonum.org/v1/gonum/graph/path"
	"gonum.org/v1/gonum/graph/simple"
	"gonum.org/v1/gonum/graph/topo"
	"pgregory.net/rapid"

	"symbridge/graph"
	"symbridge/graph/gonumgraph"
)

func draw(t *rapid.T, undirected bool) (*graph.Graph, []float64) {
	n := rapid.IntRange(1, 6).Draw(t, "nodes")
	node := rapid.Int32Range(0, int32(n-1))
	list := rapid.SliceOf(rapid.Custom(func(t *rapid.T) [2]int32 {
		return [2]int32{node.Draw(t, "from"), node.Draw(t, "to")}
	})).Draw(t, "edges")
	w := rapid.SliceOfN(rapid.Float64(), len(list), len(list)).Draw(t, "weights")
	if !undirected {
		return graph.Must(graph.New(n, list)), w
	}
	_, of := graph.Arcs(list)
	spread := []float64{}
	for _, k := range of {
		spread = append(spread, w[k])
	}
	return graph.Must(graph.NewUndirected(n, list)), spread
}

type edge struct {
	e [2]int32
	w float64
}

func listed(g *graph.Graph, w []float64) (l []edge) {
	for k, e := range g.Edges() {
		l = append(l, edge{e, w[k]})
	}
	return l
}

// Multigraphs hold every graph.
func TestMultiRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		undirected := rapid.Bool().Draw(t, "undirected")
		g, w := draw(t, undirected)
		var m gonum.Graph
		var err error
		if undirected {
			m, err = gonumgraph.ToMultiUndirected(g, w)
		} else {
			m, err = gonumgraph.ToMultiDirected(g, w)
		}
		require.NoError(t, err)
		back, ids, bw, err := gonumgraph.From(m)
		require.NoError(t, err)
		require.Equal(t, undirected, back.Undirected())
		require.Equal(t, g.NumNodes(), back.NumNodes())
		for i, id := range ids {
			require.Equal(t, int64(i), id)
		}
		require.ElementsMatch(t, listed(g, w), listed(back, bw))
		again, _, _, err := gonumgraph.From(m)
		require.NoError(t, err)
		require.Equal(t, back.EdgeList(), again.EdgeList(), "not in the order of a map")
	})
}

// Simple graphs hold every graph without loops and parallel edges, and refuse the others.
func TestSimpleRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		undirected := rapid.Bool().Draw(t, "undirected")
		g, w := draw(t, undirected)
		var m gonum.Graph
		var err error
		if undirected {
			m, err = gonumgraph.ToUndirected(g, w)
		} else {
			m, err = gonumgraph.ToDirected(g, w)
		}
		if !g.IsSimple() {
			require.ErrorIs(t, err, gonumgraph.ErrUnsupported)
			return
		}
		require.NoError(t, err)
		back, _, bw, err := gonumgraph.From(m)
		require.NoError(t, err)
		require.Equal(t, undirected, back.Undirected())
		require.ElementsMatch(t, listed(g, w), listed(back, bw))
	})
}

func TestAlgorithms(t *testing.T) {
	g := graph.Must(graph.NewUndirected(4, [][2]int32{{0, 1}, {1, 2}}))
	m, err := gonumgraph.ToUndirected(g, nil)
	require.NoError(t, err)
	require.Len(t, topo.ConnectedComponents(m), 2)
	require.Equal(t, 2.0, path.DijkstraFrom(m.Node(0), m).WeightTo(2))
	require.True(t, math.IsInf(path.DijkstraFrom(m.Node(0), m).WeightTo(3), 1))
}

func TestFromOtherGraphs(t *testing.T) {
	// Ids that are not 0..N-1, no weights.
	s := simple.NewUndirectedGraph()
	s.SetEdge(simple.Edge{F: simple.Node(30), T: simple.Node(-7)})
	s.AddNode(simple.Node(5))
	g, ids, w, err := gonumgraph.From(s)
	require.NoError(t, err)
	require.Equal(t, []int64{-7, 5, 30}, ids)
	require.Equal(t, [][2]int32{{0, 2}, {2, 0}}, g.EdgeList())
	require.Nil(t, w)
	require.True(t, g.Undirected())

	d := simple.NewDirectedGraph()
	d.SetEdge(simple.Edge{F: simple.Node(1), T: simple.Node(0)})
	g, _, w, err = gonumgraph.From(d)
	require.NoError(t, err)
	require.Equal(t, [][2]int32{{1, 0}}, g.EdgeList())
	require.Nil(t, w)

	// Lines keep their order by id.
	m := multi.NewDirectedGraph()
	for _, id := range []int64{9, 3, 5} {
		m.SetLine(multi.Line{F: multi.Node(0), T: multi.Node(1), UID: id})
	}
	g, _, w, err = gonumgraph.FromMulti(m)
	require.NoError(t, err)
	require.Equal(t, 3, g.NumEdges())
	require.Nil(t, w)

	// An empty graph with weights has a list of none.
	_, _, w, err = gonumgraph.From(simple.NewWeightedDirectedGraph(0, 0))
	require.NoError(t, err)
	require.NotNil(t, w)
	require.Empty(t, w)
}

func TestErrors(t *testing.T) {
	g := graph.Must(graph.New(2, [][2]int32{{0, 1}}))
	for _, to := range []func(*graph.Graph, []float64) error{
		func(g *graph.Graph, w []float64) error { _, err := gonumgraph.ToDirected(g, w); return err },
		func(g *graph.Graph, w []float64) error { _, err := gonumgraph.ToUndirected(g, w); return err },
		func(g *graph.Graph, w []float64) error { _, err := gonumgraph.ToMultiDirected(g, w); return err },
		func(g *graph.Graph, w []float64) error { _, err := gonumgraph.ToMultiUndirected(g, w); return err },
	} {
		require.ErrorIs(t, to(g, []float64{1, 2}), graph.ErrLength)
	}
	_, err := gonumgraph.ToUndirected(g, nil)
	require.ErrorIs(t, err, graph.ErrNotSymmetric)
	u := graph.Must(graph.NewUndirected(2, [][2]int32{{0, 1}}))
	_, err = gonumgraph.ToMultiUndirected(u, []float64{1, 2})
	require.ErrorIs(t, err, gonumgraph.ErrUnsupported)
	require.ErrorContains(t, err, "edges 0 and 1 weigh 1 and 2")
	_, err = gonumgraph.ToMultiUndirected(u, []float64{math.NaN(), math.NaN()})
	require.NoError(t, err)

	_, _, _, err = gonumgraph.From(broken{Directed: simple.NewDirectedGraph(), stray: 9})
	require.ErrorIs(t, err, graph.ErrNodeRange)
	_, _, _, err = gonumgraph.From(liar{broken{Directed: simple.NewDirectedGraph(), stray: 0}})
	require.ErrorContains(t, err, "no edge from 0 to its neighbour 0")
}

// broken is a graph with node 0, whose only neighbour is stray.
type broken struct {
	gonum.Directed
	stray int64
}

func (broken) Nodes() gonum.Nodes { return iterator.NewOrderedNodes([]gonum.Node{simple.Node(0)}) }
func (b broken) From(int64) gonum.Nodes {
	return iterator.NewOrderedNodes([]gonum.Node{simple.Node(b.stray)})
}

// liar has weights, but none for the edges that it lists.
type liar struct{ broken }

func (liar) WeightedEdge(u, v int64) gonum.WeightedEdge { return nil }
func (liar) Weight(u, v int64) (float64, bool)          { return 0, false }
