package graph_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"symbridge/graph"
	"symbridge/internal/kernel"
)

var orders = []graph.Order{graph.OrderRCM, graph.OrderDegree, graph.OrderCluster}

// isPermutation fails where p is no permutation of 0..n-1.
func isPermutation(t require.TestingT, p []int32, n int) {
	require.Len(t, p, n)
	for i, v := range slices.Sorted(slices.Values(p)) {
		require.Equal(t, int32(i), v)
	}
}

func TestOrdered(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := batch(t)
		require.Nil(t, g.Ordered(graph.OrderNone))
		require.Nil(t, g.Ordered("none"))
		for _, o := range orders {
			h := g.Ordered(o)
			require.Same(t, h, g.Ordered(o), "found once")
			isPermutation(t, h.Place, g.NumNodes())
			want, q := g.Relabel(h.Place)
			require.Equal(t, q, h.EdgePlace)
			requireSame(t, want, h.Graph)
			require.True(t, slices.IsSorted(h.GraphOf()), "the nodes of a graph stand together, graphs in their order")

			// Found anew it is the same.
			fresh := graph.Must(g.WithIDs(g.NodeIDs(), g.EdgeIDs(), g.GraphIDs()))
			require.Equal(t, h.Place, fresh.Ordered(o).Place)
		}
	})
}

func TestOrderOfTheSmallest(t *testing.T) {
	var zero graph.Graph
	for _, g := range []*graph.Graph{&zero, graph.Union(), graph.Must(graph.New(1, nil)), graph.Must(graph.New(5, nil)),
		graph.Must(graph.New(2, [][2]int32{{1, 1}, {1, 1}, {0, 0}}))} {
		for _, o := range orders {
			isPermutation(t, g.Ordered(o).Place, g.NumNodes())
		}
	}
	require.Equal(t, []int32{1, 0}, graph.HubsFirst(graph.Must(graph.New(2, [][2]int32{{1, 1}}))))
}

func TestUnknownOrder(t *testing.T) {
	g := graph.Must(graph.New(2, nil))
	require.ErrorIs(t, caught(func() { g.Ordered("random") }), graph.ErrOrder)
	require.ErrorIs(t, graph.Order("random").Validate(), graph.ErrOrder)
	require.ErrorContains(t, graph.Order("random").Validate(), `"random"`)
	require.NoError(t, graph.OrderNone.Validate())
	for _, name := range graph.Orders() {
		require.NoError(t, graph.Order(name).Validate())
		require.NotPanics(t, func() { g.Ordered(graph.Order(name)) })
	}
}

func TestOrderedConcurrently(t *testing.T) {
	g := powerLaw(400, 2000, 0.5)
	found := make([]*graph.Ordered, 8)
	var wg sync.WaitGroup
	for i := range found {
		wg.Go(func() { found[i] = g.Ordered(graph.OrderCluster) })
	}
	wg.Wait()
	for _, h := range found {
		require.Same(t, found[0], h)
	}
}

// bandwidth returns the largest distance of the ends of an edge.
func bandwidth(g *graph.Graph) int {
	most := 0
	for _, e := range g.Edges() {
		most = max(most, int(e[0]-e[1]), int(e[1]-e[0]))
	}
	return most
}

// scattered returns the graph with its nodes shuffled.
func scattered(g *graph.Graph) *graph.Graph {
	p := make([]int32, g.NumNodes())
	for i, v := range rand.New(rand.NewPCG(3, 4)).Perm(len(p)) {
		p[i] = int32(v)
	}
	h, _ := g.Relabel(p)
	return h
}

// The bandwidths that are known: 1 for a path, 2 for a ring, about the shorter side for a grid. A direction of the edges
// does not matter, and other components do not stand between.
func TestReverseCuthillMcKeeFindsNarrowBands(t *testing.T) {
	const n = 200
	var path, ring, grid [][2]int32
	for v := range int32(n) {
		if v > 0 {
			path = append(path, [2]int32{v, v - 1})
		}
		ring = append(ring, [2]int32{v, (v + 1) % n})
		if v%8 < 7 {
			grid = append(grid, [2]int32{v, v + 1})
		}
		if v+8 < n {
			grid = append(grid, [2]int32{v, v + 8})
		}
	}
	for _, c := range []struct {
		name  string
		edges [][2]int32
		most  int
	}{{"path", path, 1}, {"ring", ring, 2}, {"grid", grid, 9}} {
		for _, mk := range []func(int, [][2]int32) (*graph.Graph, error){graph.New, graph.NewUndirected} {
			g := scattered(graph.Must(mk(2*n, append(c.edges, [2]int32{n + 5, n + 9})))) // and many nodes without edges
			require.Greater(t, bandwidth(g), n, c.name)
			require.LessOrEqual(t, bandwidth(g.Ordered(graph.OrderRCM).Graph), c.most, c.name)
		}
	}
}

func TestHubsFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := single(t)
		h := g.Ordered(graph.OrderDegree)
		for v := range int32(g.NumNodes() - 1) {
			require.GreaterOrEqual(t, h.InDegree(v)+h.OutDegree(v), h.InDegree(v+1)+h.OutDegree(v+1))
		}
	})
}

// Cliques that are loosely joined come to stand each in one piece, and a cluster has at most 512 nodes.
func TestClusters(t *testing.T) {
	const cliques, size = 40, 12
	var edges [][2]int32
	for c := range int32(cliques) {
		for u := range int32(size) {
			for v := range u {
				edges = append(edges, [2]int32{c*size + u, c*size + v})
			}
		}
		edges = append(edges, [2]int32{c * size, (c*7 + 5) % cliques * size})
	}
	g := graph.Must(graph.NewUndirected(cliques*size, edges))
	shuffled := scattered(g) // identities are the numbers in g
	h := shuffled.Ordered(graph.OrderCluster)
	for i, id := range h.NodeIDs() {
		first := h.NodeIDs()[i/size*size]
		require.Equal(t, first/size, id/size, "place %d is of another clique than its neighbours", i)
	}

	// A star is one cluster but for the bound; its hub stands first.
	const leaves = 2000
	edges = nil
	for v := range int32(leaves) {
		edges = append(edges, [2]int32{v, leaves})
	}
	p := graph.Clusters(graph.Must(graph.New(leaves+1, edges)))
	isPermutation(t, p, leaves+1)
	require.Zero(t, p[leaves])
}

// A kernel that gathers rows gives the same bits in every order.
func TestOrderKeepsSums(t *testing.T) {
	g := powerLaw(500, 3000, 0.5)
	const d = 24
	x := make([]float32, 500*d)
	r := rand.New(rand.NewPCG(7, 8))
	for i := range x {
		x[i] = float32(r.NormFloat64() * math.Exp(8*r.NormFloat64()))
	}
	sum := func(g *graph.Graph, x []float32) []float32 {
		in, out := g.In(), make([]float32, len(x))
		kernel.SegmentSum(out, x, d, kernel.Seg{Ptr: in.Ptr, Row: in.Row, Edge: in.Edge}, false)
		return out
	}
	want := sum(g, x)
	for _, o := range orders {
		h := g.Ordered(o)
		moved, back := make([]float32, len(x)), make([]float32, len(x))
		for v, w := range h.Place {
			copy(moved[int(w)*d:][:d], x[v*d:])
		}
		got := sum(h.Graph, moved)
		for v, w := range h.Place {
			copy(back[v*d:][:d], got[int(w)*d:])
		}
		require.Equal(t, want, back)
	}
}

// powerLaw returns a graph with degrees of exponent 2.5 and shuffled labels: n nodes, e undirected edges, each with the given
// chance of staying within a community of 256 nodes.
func powerLaw(n, e int, within float64) *graph.Graph {
	const community = 256
	r := rand.New(rand.NewPCG(5, 6))
	weight := make([]float64, n)
	for i := range weight {
		weight[i] = math.Pow(float64(i+10), -1/1.5)
	}
	r.Shuffle(n, func(i, j int) { weight[i], weight[j] = weight[j], weight[i] })
	sum := make([]float64, n+1)
	for i, w := range weight {
		sum[i+1] = sum[i] + w
	}
	draw := func(lo, hi int) int {
		x := sum[lo] + r.Float64()*(sum[hi]-sum[lo])
		return lo + sort.Search(hi-lo-1, func(i int) bool { return sum[lo+i+1] > x })
	}
	name := r.Perm(n)
	edges := make([][2]int32, e)
	for k := range edges {
		u, lo, hi := draw(0, n), 0, n
		if r.Float64() < within {
			lo = u / community * community
			hi = min(n, lo+community)
		}
		edges[k] = [2]int32{int32(name[u]), int32(name[draw(lo, hi)])}
	}
	return graph.Must(graph.NewUndirected(n, edges))
}

// BenchmarkOrder is the time to find each order, and what a sum over neighbours takes in it, on power-law graphs of 169,343
// nodes and 2.3 million arcs: one without communities, and one with four of five edges in a community.
func BenchmarkOrder(b *testing.B) {
	for _, c := range []struct {
		name   string
		within float64
	}{{"plain", 0}, {"communities", 0.8}} {
		g := powerLaw(169_343, 1_166_243, c.within)
		for _, o := range []struct {
			name string
			find func(*graph.Graph) []int32
		}{{"none", nil}, {"rcm", graph.ReverseCuthillMcKee}, {"degree", graph.HubsFirst}, {"cluster", graph.Clusters}} {
			h := g
			if o.find != nil {
				b.Run(c.name+"/find/"+o.name, func(b *testing.B) {
					for b.Loop() {
						o.find(g)
					}
				})
				h, _ = g.Relabel(o.find(g))
			}
			in := h.In()
			for _, d := range []int{64, 256} {
				x, out := make([]float32, h.NumNodes()*d), make([]float32, h.NumNodes()*d)
				for i := range x {
					x[i] = float32(i%7) - 3
				}
				b.Run(fmt.Sprintf("%s/sum%d/%s", c.name, d, o.name), func(b *testing.B) {
					b.SetBytes(int64(4 * d * h.NumEdges()))
					for b.Loop() {
						kernel.SegmentSum(out, x, d, kernel.Seg{Ptr: in.Ptr, Row: in.Row, Edge: in.Edge}, false)
					}
				})
			}
		}
	}
}
