package autodiff_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/autodiff"
	"symbridge/graph"
	"symbridge/tensor"
)

// attentionCase is what both sides of the Fused law get.
type attentionCase struct {
	g           *graph.Graph
	heads, c    int
	edges, wild bool
	dropout     float64
}

func (a attentionCase) String() string {
	return fmt.Sprintf("%v heads %d of %d, edges %v, wild %v, dropout %v", a.g, a.heads, a.c, a.edges, a.wild, a.dropout)
}

// attend is a form of attention: operands are the rows of sources, of targets and of edges (or nil), and the values.
type attend[T tensor.Float] func(t *autodiff.Tape[T], g *graph.Graph, src, dst, edge, v *autodiff.Var[T], o autodiff.AttentionOptions) *autodiff.Var[T]

func fold[T tensor.Float](t *autodiff.Tape[T], g *graph.Graph, score, v *autodiff.Var[T], o autodiff.AttentionOptions) *autodiff.Var[T] {
	alpha := autodiff.Dropout(t, autodiff.SegmentSoftmax(t, g.InEdges(), score), o.IDs, o.Dropout)
	return autodiff.WeightedSum(t, g.In(), alpha, v, o.Heads)
}

func additive[T tensor.Float](t *autodiff.Tape[T], g *graph.Graph, src, dst, edge, v *autodiff.Var[T], o autodiff.AttentionOptions) *autodiff.Var[T] {
	return autodiff.AdditiveAttention(t, g.In(), src, dst, edge, v, 0.2, o)
}

func additiveParts[T tensor.Float](t *autodiff.Tape[T], g *graph.Graph, src, dst, edge, v *autodiff.Var[T], o autodiff.AttentionOptions) *autodiff.Var[T] {
	e := autodiff.Add(t, autodiff.Expand(t, g.OutEdges(), src), autodiff.Expand(t, g.InEdges(), dst))
	if edge != nil {
		e = autodiff.Add(t, e, edge)
	}
	return fold(t, g, autodiff.LeakyReLU(t, e, 0.2), v, o)
}

func dot[T tensor.Float](t *autodiff.Tape[T], g *graph.Graph, k, q, _, v *autodiff.Var[T], o autodiff.AttentionOptions) *autodiff.Var[T] {
	return autodiff.DotAttention(t, g.In(), q, k, nil, v, 0.6, o)
}

func dotParts[T tensor.Float](t *autodiff.Tape[T], g *graph.Graph, k, q, _, v *autodiff.Var[T], o autodiff.AttentionOptions) *autodiff.Var[T] {
	return fold(t, g, autodiff.Scale(t, autodiff.SegmentDot(t, g.In(), q, k, o.Heads), 0.6), v, o)
}

// sameAttention requires equal bits of the output and of all gradients; all NaN are one.
func sameAttention[T tensor.Float](t *testing.T, a attentionCase, width int, fused, parts attend[T]) {
	t.Helper()
	r := rand.New(rand.NewPCG(5, 6))
	draw := func(rows, cols int) tensor.Dense[T] { return drawn[T](r, rows, cols, a.wild) }
	n, e := a.g.NumNodes(), a.g.NumEdges()
	src, dst, edge, v := draw(n, width), draw(n, width), draw(e, a.heads), draw(n, a.heads*a.c)
	dy := draw(n, a.heads*a.c)
	run := func(f attend[T]) []tensor.Dense[T] {
		tp := autodiff.NewTape[T]()
		tp.Train, tp.Seed = true, 9
		in := []*autodiff.Var[T]{tp.Input(src), tp.Input(dst), tp.Input(v)}
		var scores *autodiff.Var[T]
		if a.edges {
			scores = tp.Input(edge)
			in = append(in, scores)
		}
		// The values are used once more: a gradient is already there.
		y := f(tp, a.g, in[0], in[1], scores, in[2], autodiff.AttentionOptions{Heads: a.heads, Dropout: a.dropout, IDs: a.g.EdgeIDs()})
		out := autodiff.Add(tp, y, in[2])
		tp.BackwardFrom(out, dy)
		var plain autodiff.Tape[T]
		plain.Train, plain.Seed = true, 9
		if scores != nil {
			scores = plain.Const(edge)
		}
		z := f(&plain, a.g, plain.Const(src), plain.Const(dst), scores, plain.Const(v),
			autodiff.AttentionOptions{Heads: a.heads, Dropout: a.dropout, IDs: a.g.EdgeIDs()})
		results := []tensor.Dense[T]{y.Value, z.Value}
		for _, x := range in {
			results = append(results, x.Grad)
		}
		return results
	}
	sameBits(t, a, run(fused), run(parts))
}

// drawn returns a matrix of normal numbers, with NaN, infinities, large and tiny numbers and zeros among them where it is wild.
func drawn[T tensor.Float](r *rand.Rand, rows, cols int, wild bool) tensor.Dense[T] {
	m := tensor.NewDense[T](rows, cols)
	for i := range m.Data {
		m.Data[i] = T(r.NormFloat64())
		if wild {
			switch r.IntN(40) {
			case 0:
				m.Data[i] = T([]float64{math.NaN(), math.Inf(1), math.Inf(-1), 3e38, -3e38}[r.IntN(5)])
			case 1, 2:
				m.Data[i] = T([]float64{0, math.Copysign(0, -1), 1e-40, -1e-45, 200}[r.IntN(5)])
			}
		}
	}
	return m
}

// sameBits requires that what has the bits of its parts; all NaN are one.
func sameBits[T tensor.Float](t *testing.T, what any, got, want []tensor.Dense[T]) {
	t.Helper()
	for i, m := range want {
		require.Equal(t, m.Shape(), got[i].Shape())
		for k, w := range m.Data {
			x := got[i].Data[k]
			if math.Float64bits(float64(x)) != math.Float64bits(float64(w)) && (x == x || w == w) {
				t.Fatalf("%v: matrix %d entry %d is %v, by its parts %v", what, i, k, x, w)
			}
		}
	}
}

func attentionGraph(r *rand.Rand, n, e int) *graph.Graph {
	edges := make([][2]int32, e)
	for k := range edges { // the last node has no in-edge, the first no out-edge
		edges[k] = [2]int32{int32(1 + r.IntN(n-1)), int32(r.IntN(n - 1))}
	}
	g := graph.Must(graph.New(n, edges))
	ids := make([]uint64, e)
	for k := range ids {
		ids[k] = r.Uint64()
	}
	return graph.Must(g.WithIDs(nil, ids, nil))
}

func fusedAttention[T tensor.Float](t *testing.T, cases []attentionCase) {
	for _, a := range cases {
		sameAttention(t, a, a.heads, additive[T], additiveParts[T])
		if !a.edges {
			sameAttention(t, a, a.heads*a.c, dot[T], dotParts[T])
		}
	}
}

// Attention in one pass has the bits of its parts, forward and backward.
func TestFusedAttention(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var cases []attentionCase
	graphs := []*graph.Graph{testGraph(), graph.Must(graph.New(0, nil)), graph.Must(graph.New(3, nil)), attentionGraph(r, 40, 150),
		attentionGraph(r, 9, 2000), attentionGraph(r, 700, 3000)}
	if raceEnabled {
		graphs = graphs[:4]
	}
	for _, g := range graphs {
		for _, shape := range [][2]int{{1, 1}, {1, 7}, {1, 16}, {2, 3}, {3, 4}, {4, 8}, {8, 8}, {8, 1}, {16, 4}} {
			for _, dropout := range []float64{0, 0.6} {
				for _, wild := range []bool{false, true} {
					cases = append(cases, attentionCase{g, shape[0], shape[1], shape[0] != 2 && dropout > 0, wild, dropout})
				}
			}
		}
		cases = append(cases, attentionCase{g, 8, 8, true, false, 0})
	}
	fusedAttention[float32](t, cases)
	fusedAttention[float64](t, cases)
}

// A hub is shared among workers, as a target and as a source.
func TestFusedAttentionOfHubs(t *testing.T) {
	old := runtime.GOMAXPROCS(4)
	defer runtime.GOMAXPROCS(old)
	n, degree := 500, 100_000
	if raceEnabled {
		degree = 70_000
	}
	r := rand.New(rand.NewPCG(3, 4))
	edges := make([][2]int32, 0, 2*degree+n)
	for range degree {
		edges = append(edges, [2]int32{int32(r.IntN(n)), 3}, [2]int32{5, int32(r.IntN(n))})
	}
	for i := range n {
		edges = append(edges, [2]int32{int32(i), int32(i)})
	}
	r.Shuffle(len(edges), func(i, j int) { edges[i], edges[j] = edges[j], edges[i] })
	g := graph.Must(graph.New(n, edges))
	fusedAttention[float32](t, []attentionCase{{g, 8, 2, false, false, 0.6}})
	if !raceEnabled {
		fusedAttention[float32](t, []attentionCase{{g, 1, 7, false, false, 0}, {g, 2, 2, true, true, 0.3}})
		fusedAttention[float64](t, []attentionCase{{g, 2, 4, false, false, 0.6}})
	}
}

func TestAttentionShapes(t *testing.T) {
	g := testGraph()
	tp := autodiff.NewTape[float32]()
	x := func(rows, cols int) *autodiff.Var[float32] { return tp.Input(tensor.NewDense[float32](rows, cols)) }
	o := autodiff.AttentionOptions{Heads: 2}
	for name, f := range map[string]func(){
		"not edges": func() { autodiff.AdditiveAttention(tp, g.InEdges(), x(7, 2), x(5, 2), nil, x(7, 4), 0.2, o) },
		"heads":     func() { autodiff.AdditiveAttention(tp, g.In(), x(5, 2), x(5, 2), nil, x(5, 3), 0.2, o) },
		"edges":     func() { autodiff.AdditiveAttention(tp, g.In(), x(5, 2), x(5, 2), x(6, 2), x(5, 4), 0.2, o) },
		"no heads": func() {
			autodiff.DotAttention(tp, g.In(), x(5, 4), x(5, 4), nil, x(5, 4), 1, autodiff.AttentionOptions{})
		},
		"queries":    func() { autodiff.DotAttention(tp, g.In(), x(4, 4), x(5, 4), nil, x(5, 4), 1, o) },
		"rows":       func() { autodiff.DotAttention(tp, g.In(), x(5, 4), x(5, 4), x(7, 2), x(5, 4), 1, o) },
		"SegmentDot": func() { autodiff.SegmentDot(tp, g.InEdges(), x(5, 4), x(7, 4), 2) },
		"ids": func() {
			tp.Train = true
			autodiff.DotAttention(tp, g.In(), x(5, 4), x(5, 4), nil, x(5, 4), 1, autodiff.AttentionOptions{Heads: 2, Dropout: 0.5, IDs: []uint64{1}})
		},
	} {
		var shape tensor.ShapeError
		err, _ := panicked(f).(error)
		require.ErrorAs(t, err, &shape, name)
	}
}

func panicked(f func()) (p any) {
	defer func() { p = recover() }()
	f()
	return nil
}

// BenchmarkAttention is a forward and a backward pass with 8 heads of 8 channels and dropout, in one pass and by its parts.
func BenchmarkAttention(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	g := attentionGraph(r, 20_000, 200_000)
	draw := func(rows, cols int) tensor.Dense[float32] {
		m := tensor.NewDense[float32](rows, cols)
		for i := range m.Data {
			m.Data[i] = float32(r.NormFloat64())
		}
		return m
	}
	scores, rows := draw(g.NumNodes(), 8), draw(g.NumNodes(), 64)
	for _, c := range []struct {
		name   string
		f      attend[float32]
		scores tensor.Dense[float32]
	}{{"additive", additive[float32], scores}, {"additive by its parts", additiveParts[float32], scores},
		{"dot", dot[float32], rows}, {"dot by its parts", dotParts[float32], rows}} {
		b.Run(c.name, func(b *testing.B) {
			tp := autodiff.NewTape[float32]()
			tp.Train = true
			b.ReportAllocs()
			for b.Loop() {
				tp.Reset()
				y := c.f(tp, g, tp.Input(c.scores), tp.Input(c.scores), nil, tp.Input(rows),
					autodiff.AttentionOptions{Heads: 8, Dropout: 0.6, IDs: g.EdgeIDs()})
				tp.BackwardFrom(y, rows)
			}
		})
	}
}
