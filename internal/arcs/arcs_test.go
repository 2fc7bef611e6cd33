package arcs

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/graph"
)

// draw returns a small multigraph and labels, or nil for none.
func draw(rng *rand.Rand) (g *graph.Graph, node, edge []uint64) {
	n := rng.IntN(8)
	var edges [][2]int32
	if n > 0 {
		for range rng.IntN(14) {
			edges = append(edges, [2]int32{rng.Int32N(int32(n)), rng.Int32N(int32(n))})
		}
	}
	if rng.IntN(3) == 0 { // no loops
		edges = slices.DeleteFunc(edges, func(e [2]int32) bool { return e[0] == e[1] })
	}
	if rng.IntN(2) == 0 {
		g = graph.Must(graph.NewUndirected(n, edges))
	} else {
		g = graph.Must(graph.New(n, edges))
	}
	list := func(k int) []uint64 {
		switch rng.IntN(3) {
		case 0:
			return nil
		case 1:
			return slices.Repeat([]uint64{7}, k)
		}
		out := make([]uint64, k)
		for i := range out {
			out[i] = []uint64{0, 5, 1 << 40}[rng.IntN(3)]
		}
		return out
	}
	return g, list(n), list(g.NumEdges())
}

// relabelled returns the graph with its nodes and edges in another order.
func relabelled(rng *rand.Rand, g *graph.Graph, node, edge []uint64) (h *graph.Graph, p []int32, hnode, hedge []uint64) {
	p, q := perm(rng, g.NumNodes()), perm(rng, g.NumEdges())
	h, sorted := g.Relabel(p)
	return h.ShuffleEdges(q), p, move(node, p), move(move(edge, sorted), q)
}

func perm(rng *rand.Rand, n int) []int32 {
	p := make([]int32, n)
	for i, x := range rng.Perm(n) {
		p[i] = int32(x)
	}
	return p
}

func move(s []uint64, p []int32) []uint64 {
	if s == nil {
		return nil
	}
	out := make([]uint64, len(s))
	for i, v := range p {
		out[v] = s[i]
	}
	return out
}

// at returns an entry, or 0 where there are none.
func at[E any](s []E, k int32) (x E) {
	if s != nil {
		x = s[k]
	}
	return x
}

type line struct {
	v, u int32
	s    Sight
}

// lines lists the edges of a form by ends, each label as what it stands for.
func lines(f *Form, p []int32) []line {
	var out []line
	for v := range int32(f.N) {
		for k := f.Ptr[v]; k < f.Ptr[v+1]; k++ {
			out = append(out, line{p[v], p[f.Adj[k]], f.Sights[at(f.Label, k)]})
		}
	}
	slices.SortFunc(out, func(a, b line) int {
		return slices.Compare([]int32{a.v, a.u, int32(len(a.s.Out))}, []int32{b.v, b.u, int32(len(b.s.Out))})
	})
	return out
}

func identity(n int) []int32 {
	p := make([]int32, n)
	for i := range p {
		p[i] = int32(i)
	}
	return p
}

func sound(t *testing.T, f *Form) {
	t.Helper()
	require.NoError(t, f.Check())
	require.True(t, slices.IsSortedFunc(f.Kinds, Kind.Compare))
	require.True(t, slices.IsSortedFunc(f.Sights, Sight.Compare))
	require.Equal(t, len(f.Kinds) > 1, f.Colour != nil)
	require.Equal(t, len(f.Sights) > 1, f.Label != nil)
	for v := range int32(f.N) {
		require.True(t, f.Label == nil || slices.IsSorted(f.Label[f.Ptr[v]:f.Ptr[v+1]]))
	}
}

// What the form of pairs says is the graph, whatever the order of nodes and edges.
func TestPairs(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 3000 {
		g, node, edge := draw(rng)
		f := Pairs(g, node, edge)
		sound(t, f)

		var want []line
		for v := range int32(g.NumNodes()) {
			kind := Kind{Label: at(node, v)}
			for u := range int32(g.NumNodes()) {
				var s Sight
				for k, e := range g.Edges() {
					if e == [2]int32{v, u} {
						s.Out = append(s.Out, at(edge, k))
					}
					if e == [2]int32{u, v} {
						s.In = append(s.In, at(edge, k))
					}
				}
				slices.Sort(s.Out)
				slices.Sort(s.In)
				switch {
				case u == v:
					kind.Loops = s.Out
				case s.Out != nil || s.In != nil:
					want = append(want, line{v, u, s})
				}
			}
			require.Equal(t, kind, f.Kinds[at(f.Colour, v)])
		}
		require.Equal(t, want, lines(f, identity(f.N)))

		zero := func(list []uint64) bool { return !slices.ContainsFunc(list, func(x uint64) bool { return x != 0 }) }
		require.Equal(t, g.IsSimple() && g.IsSymmetric() && zero(node) && zero(edge), f.Plain())

		h, p, hnode, hedge := relabelled(rng, g, node, edge)
		f2 := Pairs(h, hnode, hedge)
		sound(t, f2)
		require.Equal(t, f.Kinds, f2.Kinds)
		require.Equal(t, f.Sights, f2.Sights)
		require.Equal(t, lines(f, p), lines(f2, identity(f.N)))
		for v, w := range p {
			require.Equal(t, at(f.Colour, int32(v)), at(f2.Colour, w))
		}
		// However it was declared.
		require.Equal(t, lines(f, identity(f.N)), lines(Pairs(graph.Must(graph.New(g.NumNodes(), g.EdgeList())), node, edge), identity(f.N)))
	}
}

func TestSimpleGraphsAreNotCopied(t *testing.T) {
	g := graph.Must(graph.NewUndirected(4, [][2]int32{{0, 1}, {1, 2}, {2, 3}}))
	f := Pairs(g, nil, nil)
	ptr, adj, _ := g.InRows()
	require.Same(t, &ptr[0], &f.Ptr[0])
	require.Same(t, &adj[0], &f.Adj[0])
	require.Equal(t, []Sight{{[]uint64{0}, []uint64{0}}}, f.Sights)
	require.Empty(t, Pairs(new(graph.Graph), nil, nil).Kinds)
}

// The form of messages lists what enters and what leaves.
func TestMessages(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	once := 0
	for range 3000 {
		g, node, edge := draw(rng)
		f := Messages(g, node, edge)
		sound(t, f)
		two := slices.ContainsFunc(f.Sights, func(s Sight) bool { return s.Out != nil })
		if !two {
			once++
		}
		for v := range int32(f.N) {
			require.Equal(t, at(node, v), f.Kinds[at(f.Colour, v)].Label)
			var in, out, gotIn, gotOut [][2]uint64
			for k, e := range g.Edges() {
				if e[1] == v {
					in = append(in, [2]uint64{uint64(e[0]), at(edge, k)})
				}
				if e[0] == v {
					out = append(out, [2]uint64{uint64(e[1]), at(edge, k)})
				}
			}
			for k := f.Ptr[v]; k < f.Ptr[v+1]; k++ {
				s := f.Sights[at(f.Label, k)]
				for _, x := range s.In {
					gotIn = append(gotIn, [2]uint64{uint64(f.Adj[k]), x})
				}
				for _, x := range s.Out {
					gotOut = append(gotOut, [2]uint64{uint64(f.Adj[k]), x})
				}
			}
			require.ElementsMatch(t, in, gotIn)
			if two {
				require.ElementsMatch(t, out, gotOut)
			} else {
				require.ElementsMatch(t, in, out)
			}
		}
		h, p, hnode, hedge := relabelled(rng, g, node, edge)
		for _, f2 := range []*Form{Messages(h, hnode, hedge), Messages(graph.Must(graph.New(h.NumNodes(), h.EdgeList())), hnode, hedge)} {
			require.Equal(t, f.Kinds, f2.Kinds)
			require.Equal(t, f.Sights, f2.Sights)
			require.ElementsMatch(t, lines(f, p), lines(f2, identity(f.N)))
		}
	}
	require.Greater(t, once, 500)
}
