package proptest_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"symbridge/graph"
	"symbridge/proptest"
	"symbridge/symmetry"
	"symbridge/wl"
)

func unique(ids []uint64) bool {
	sorted := slices.Sorted(slices.Values(ids))
	return len(slices.Compact(sorted)) == len(ids)
}

// What the generator promises to draw is drawn.
func TestGraphsHaveEveryShape(t *testing.T) {
	seen := map[string]bool{}
	rapid.Check(t, func(t *rapid.T) {
		g := proptest.Graphs().Draw(t, "graph")
		n, e := g.NumNodes(), g.NumEdges()
		require.Len(t, g.NodeIDs(), n)
		require.Len(t, g.EdgeIDs(), e)
		require.Len(t, g.GraphIDs(), g.NumGraphs())
		require.True(t, unique(g.NodeIDs()) && unique(g.EdgeIDs()) && unique(g.GraphIDs()))
		if g.Undirected() {
			require.True(t, g.IsSymmetric())
			seen["undirected"] = true
		}
		degrees := slices.Sorted(slices.Values(g.InDegrees()))
		for name, is := range map[string]bool{
			"no nodes":     n == 0,
			"one node":     n == 1,
			"isolated":     n > 0 && e > 0 && degrees[0] == 0,
			"regular":      n > 2 && degrees[0] > 1 && degrees[0] == degrees[n-1],
			"hub":          n > 3 && int(degrees[n-1]) > 2*n,
			"multi-edges":  e > 0 && !g.IsSimple(),
			"simple":       e > 3 && g.IsSimple(),
			"directed":     e > 0 && !g.IsSymmetric(),
			"batch":        g.NumGraphs() > 1,
			"interleaved":  g.GraphOf() != nil && !slices.IsSorted(g.GraphOf()),
			"empty member": g.NumGraphs() > 1 && slices.ContainsFunc(g.Parts(), func(p *graph.Graph) bool { return p.NumNodes() == 0 }),
		} {
			seen[name] = seen[name] || is
		}
		for _, x := range g.Edges() {
			seen["self loop"] = seen["self loop"] || x[0] == x[1]
			if of := g.GraphOf(); of != nil {
				require.Equal(t, of[x[0]], of[x[1]])
			}
		}
	})
	for _, shape := range []string{"no nodes", "one node", "isolated", "regular", "multi-edges", "simple", "directed", "undirected",
		"batch", "interleaved", "self loop"} {
		require.True(t, seen[shape], "no graph with %s", shape)
	}
}

func TestGraphOptions(t *testing.T) {
	o := proptest.GraphOptions{MaxNodes: 5, Undirected: true, Simple: true, Single: true}
	rapid.Check(t, func(t *rapid.T) {
		g := proptest.Graphs(o).Draw(t, "graph")
		require.LessOrEqual(t, g.NumNodes(), 5)
		require.Equal(t, 1, g.NumGraphs())
		require.True(t, g.Undirected() && g.IsSimple())

		o := proptest.GraphOptions{Simple: true}
		require.True(t, proptest.Batches(o).Draw(t, "batch").IsSimple())
		require.Greater(t, proptest.Batches(o).Draw(t, "batch").NumGraphs(), 1)
	})
}

func TestPerms(t *testing.T) {
	moved := false
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 9).Draw(t, "n")
		p := proptest.Perms(n).Draw(t, "p")
		require.Len(t, p, n)
		require.True(t, p.Valid())
		moved = moved || !p.IsIdentity()
	})
	require.True(t, moved)
}

func TestFloats(t *testing.T) {
	var nan, inf, subnormal, negativeZero, huge, tie bool
	rapid.Check(t, func(t *rapid.T) {
		for p := proptest.Tame; p < proptest.NonFinite; p++ {
			for _, v := range []float64{float64(proptest.Floats[float32](p).Draw(t, "x")), proptest.Floats[float64](p).Draw(t, "y")} {
				require.False(t, math.IsNaN(v) || math.IsInf(v, 0), "%v gave %v", p, v)
				require.True(t, p != proptest.Tame || math.Abs(v) <= 1)
			}
		}
		m := proptest.Matrices[float32](3, 4, proptest.NonFinite).Draw(t, "m")
		require.Equal(t, [2]int{3, 4}, m.Shape())
		for i, v := range m.Data {
			x := float64(v)
			nan, inf = nan || x != x, inf || math.IsInf(x, 0)
			subnormal = subnormal || x != 0 && math.Abs(x) < 0x1p-126
			negativeZero = negativeZero || x == 0 && math.Signbit(x)
			huge = huge || v == math.MaxFloat32
			tie = tie || slices.Contains(m.Data[:i], v)
		}
	})
	require.True(t, nan && inf && subnormal && negativeZero && huge && tie)
	require.Equal(t, "Cancellation", proptest.Cancellation.String())
	require.Equal(t, "unknown", proptest.Palette(-1).String())
}

func TestPairs(t *testing.T) {
	degreeCounts := func(g *graph.Graph) int { return len(slices.Compact(slices.Sorted(slices.Values(g.InDegrees())))) }
	for _, p := range proptest.Pairs() {
		require.True(t, wl.Equivalent(p.A, p.B), p.Name)
		require.True(t, p.A.Undirected() && p.B.Undirected() && p.A.IsSimple() && p.B.IsSimple(), p.Name)
		require.NotEqual(t, invariant(p.A), invariant(p.B), "%s may be isomorphic", p.Name)
		require.LessOrEqual(t, degreeCounts(p.A), 2)
	}
	rapid.Check(t, func(t *rapid.T) {
		ab := proptest.EquivalentPairs().Draw(t, "pair")
		require.True(t, wl.Equivalent(ab[0], ab[1]))
		require.NotEqual(t, invariant(ab[0]), invariant(ab[1]))
	})
}

// invariant counts closed walks of three to eight steps, and cliques of four: equal for isomorphic graphs.
func invariant(g *graph.Graph) [8]int {
	n := g.NumNodes()
	var counts [8]int
	for s := range n {
		at := make([]int, n)
		at[s] = 1
		for k := 1; k <= 8; k++ {
			next := make([]int, n)
			for _, e := range g.Edges() {
				next[e[1]] += at[e[0]]
			}
			at = next
			if k >= 3 {
				counts[k-3] += at[s]
			}
		}
	}
	for a := range int32(n) {
		for _, b := range g.Sources(a) {
			for _, c := range g.Sources(b) {
				for _, d := range g.Sources(c) {
					if g.HasEdge(a, c) && g.HasEdge(a, d) && g.HasEdge(b, d) {
						counts[6]++
					}
				}
			}
		}
	}
	return counts
}

// The statements that a failure prints make the graph: each is pasted here as it was printed.
func TestGoSource(t *testing.T) {
	a := graph.Must(graph.New(3, [][2]int32{{0, 1}, {2, 1}, {0, 1}}))
	require.Equal(t, `g := graph.Must(graph.New(3, [][2]int32{{0, 1}, {2, 1}, {0, 1}}))
g = graph.Must(g.WithIDs([]uint64{0, 1, 2}, []uint64{0, 1, 2}, []uint64{0}))
`, proptest.GoSource(a))

	b := graph.Must(graph.NewUndirected(2, [][2]int32{{0, 1}}))
	require.Equal(t, `g := graph.Must(graph.New(2, [][2]int32{{0, 1}, {1, 0}}))
g = graph.Must(g.AsUndirected())
g = graph.Must(g.WithIDs([]uint64{0, 1}, []uint64{0, 1}, []uint64{0}))
`, proptest.GoSource(b))

	u := graph.Union(a, b)
	require.Equal(t, `g := graph.Union(
	graph.Must(graph.New(3, [][2]int32{{0, 1}, {2, 1}, {0, 1}})),
	graph.Must(graph.New(2, [][2]int32{{0, 1}, {1, 0}})),
)
g = graph.Must(g.WithIDs([]uint64{0, 1, 2, 3, 4}, []uint64{0, 1, 2, 3, 4}, []uint64{0, 1}))
`, proptest.GoSource(u))

	mixed, _ := u.Relabel([]int32{4, 0, 2, 1, 3})
	mixed = mixed.ShuffleEdges([]int32{3, 1, 4, 0, 2})
	require.Equal(t, `g := graph.Union(
	graph.Must(graph.New(3, [][2]int32{{2, 0}, {1, 0}, {2, 0}})),
	graph.Must(graph.New(2, [][2]int32{{1, 0}, {0, 1}})),
)
g, _ = g.Relabel([]int32{0, 2, 4, 1, 3})
g = g.ShuffleEdges([]int32{3, 1, 4, 0, 2})
g = graph.Must(g.WithIDs([]uint64{1, 3, 2, 4, 0}, []uint64{4, 0, 3, 1, 2}, []uint64{0, 1}))
`, proptest.GoSource(mixed))
	g := graph.Union(
		graph.Must(graph.New(3, [][2]int32{{2, 0}, {1, 0}, {2, 0}})),
		graph.Must(graph.New(2, [][2]int32{{1, 0}, {0, 1}})),
	)
	g, _ = g.Relabel([]int32{0, 2, 4, 1, 3})
	g = g.ShuffleEdges([]int32{3, 1, 4, 0, 2})
	g = graph.Must(g.WithIDs([]uint64{1, 3, 2, 4, 0}, []uint64{4, 0, 3, 1, 2}, []uint64{0, 1}))
	require.Equal(t, mixed.EdgeList(), g.EdgeList())
	require.Equal(t, mixed.GraphOf(), g.GraphOf())
	require.Equal(t, mixed.NodeIDs(), g.NodeIDs())
	require.Equal(t, mixed.EdgeIDs(), g.EdgeIDs())

	require.Contains(t, proptest.GoSource(graph.Must(graph.New(201, nil))), "too many to print")
}

// Cut and written down, a graph is built again as it was.
func TestRelabelledGraphsAreTheSameGraph(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := proptest.Batches().Draw(t, "g")
		p, q := proptest.Perms(g.NumNodes()).Draw(t, "p"), proptest.Perms(g.NumEdges()).Draw(t, "q")
		h, sorted := g.Relabel(p)
		h = h.ShuffleEdges(q)
		require.Equal(t, symmetry.Apply(p, g.NodeIDs()), h.NodeIDs())
		require.Equal(t, symmetry.Apply(q.Compose(sorted), g.EdgeIDs()), h.EdgeIDs())
		require.Equal(t, symmetry.Apply(p, g.GraphOf()), h.GraphOf())
		for rounds := range 4 {
			o := wl.Options{Rounds: rounds}
			require.Equal(t, wl.Hash(g, o), wl.Hash(h, o))
			require.Equal(t, symmetry.Apply(p, wl.Refine(g, o).Colours()), wl.Refine(h, o).Colours())
		}
	})
}
