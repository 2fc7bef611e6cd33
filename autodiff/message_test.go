package autodiff_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"symbridge/autodiff"
	"symbridge/graph"
	"symbridge/tensor"
)

// messageFold folds messages, in one pass or by its parts.
type messageFold[T tensor.Float] func(t *autodiff.Tape[T], g *graph.Graph, x, e *autodiff.Var[T], relu bool) *autodiff.Var[T]

type messageFolds[T tensor.Float] struct {
	name         string
	fused, parts messageFold[T]
}

func allMessageFolds[T tensor.Float]() []messageFolds[T] {
	by := func(f func(*autodiff.Tape[T], *graph.Segments, *autodiff.Var[T]) *autodiff.Var[T]) messageFold[T] {
		return func(t *autodiff.Tape[T], g *graph.Graph, x, e *autodiff.Var[T], relu bool) *autodiff.Var[T] {
			m := autodiff.Add(t, autodiff.Expand(t, g.OutEdges(), x), e)
			if relu {
				m = autodiff.ReLU(t, m)
			}
			return f(t, g.InEdges(), m)
		}
	}
	in := func(f func(*autodiff.Tape[T], *graph.Segments, *autodiff.Var[T], *autodiff.Var[T], bool) *autodiff.Var[T]) messageFold[T] {
		return func(t *autodiff.Tape[T], g *graph.Graph, x, e *autodiff.Var[T], relu bool) *autodiff.Var[T] {
			return f(t, g.In(), x, e, relu)
		}
	}
	return []messageFolds[T]{
		{"sum", in(autodiff.MessageSum[T]), by(autodiff.SegmentSum[T])}, {"mean", in(autodiff.MessageMean[T]), by(autodiff.SegmentMean[T])},
		{"max", in(autodiff.MessageMax[T]), by(autodiff.SegmentMax[T])}, {"min", in(autodiff.MessageMin[T]), by(autodiff.SegmentMin[T])},
	}
}

// sameMessages compares outputs and gradients, of rows and edges together and of rows alone.
func sameMessages[T tensor.Float](t *testing.T, g *graph.Graph, d int) {
	t.Helper()
	for _, f := range allMessageFolds[T]() {
		for k := range 8 {
			wild, relu, rowsAlone := k&1 > 0, k&2 > 0, k&4 > 0
			r := rand.New(rand.NewPCG(5, uint64(d)))
			x, e, dy := drawn[T](r, g.NumNodes(), d, wild), drawn[T](r, g.NumEdges(), d, wild), drawn[T](r, g.NumNodes(), d, wild)
			run := func(fold messageFold[T]) []tensor.Dense[T] {
				tp := autodiff.NewTape[T]()
				rows, edges := tp.Input(x), tp.Input(e)
				if rowsAlone {
					edges = tp.Const(e)
				}
				y := fold(tp, g, rows, edges, relu)
				tp.BackwardFrom(y, dy)
				return []tensor.Dense[T]{y.Value, rows.Grad, edges.Grad}
			}
			sameBits(t, fmt.Sprintf("%s of %d channels on %v, wild %v, relu %v, rows alone %v", f.name, d, g, wild, relu, rowsAlone),
				run(f.fused), run(f.parts))
		}
	}
}

// Messages with features of edges have the bits of their parts, forward and backward.
func TestFusedMessages(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	graphs := []*graph.Graph{testGraph(), graph.Must(graph.New(0, nil)), graph.Must(graph.New(3, nil)), attentionGraph(r, 40, 150),
		attentionGraph(r, 9, 3000)}
	if raceEnabled {
		graphs = graphs[:4]
	}
	for _, g := range graphs {
		for _, d := range []int{1, 3, 8, 13, 40, 100} {
			sameMessages[float32](t, g, d)
			if d < 20 {
				sameMessages[float64](t, g, d)
			}
		}
	}
}

// hubs returns a graph with a node of so many in-edges and one of so many out-edges.
func hubs(n, degree int) *graph.Graph {
	r := rand.New(rand.NewPCG(3, 4))
	edges := make([][2]int32, 0, 2*degree)
	for range degree {
		edges = append(edges, [2]int32{int32(r.IntN(n)), 3}, [2]int32{5, int32(r.IntN(n))})
	}
	r.Shuffle(len(edges), func(i, j int) { edges[i], edges[j] = edges[j], edges[i] })
	return graph.Must(graph.New(n, edges))
}

// A hub is shared among workers, as a target and as a source.
func TestFusedMessagesOfHubs(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	g := hubs(100, 20_000)
	sameMessages[float32](t, g, 16)
	if !raceEnabled {
		sameMessages[float32](t, g, 11)
		sameMessages[float64](t, g, 9)
	}
}

// sameDotAttention compares attention with features of edges with its parts. The gradients of queries, keys and values are put together
// from the gradient of the scores, since a composition would round products before it adds them up.
func sameDotAttention[T tensor.Float](t *testing.T, g *graph.Graph, heads, c int, wild bool, dropout float64) {
	t.Helper()
	r := rand.New(rand.NewPCG(7, uint64(heads*100+c)))
	n, d, in := g.NumNodes(), heads*c, g.InEdges()
	q, k, v, dy := drawn[T](r, n, d, wild), drawn[T](r, n, d, wild), drawn[T](r, n, d, wild), drawn[T](r, n, d, wild)
	edge := drawn[T](r, g.NumEdges(), d, wild)
	o := autodiff.AttentionOptions{Heads: heads, Dropout: dropout, IDs: g.EdgeIDs()}
	tape := func() *autodiff.Tape[T] {
		tp := autodiff.NewTape[T]()
		tp.Train, tp.Seed = true, 9
		return tp
	}
	// The features of edges are used once more, after the attention: a gradient is already there.
	after := func(tp *autodiff.Tape[T], y, e *autodiff.Var[T]) *autodiff.Var[T] {
		return autodiff.Add(tp, y, autodiff.SegmentSum(tp, in, e))
	}
	fused := tape()
	x := []*autodiff.Var[T]{fused.Input(q), fused.Input(k), fused.Input(edge), fused.Input(v)}
	y := autodiff.DotAttention(fused, g.In(), x[0], x[1], x[2], x[3], 0.6, o)
	fused.BackwardFrom(after(fused, y, x[2]), dy)

	carried := func(tp *autodiff.Tape[T], rows tensor.Dense[T], e *autodiff.Var[T]) *autodiff.Var[T] {
		return autodiff.Add(tp, autodiff.Expand(tp, g.OutEdges(), tp.Const(rows)), e)
	}
	scores := func(tp *autodiff.Tape[T], e *autodiff.Var[T]) *autodiff.Var[T] {
		return autodiff.HeadDot(tp, autodiff.Expand(tp, in, tp.Const(q)), carried(tp, k, e), heads)
	}
	attend := func(tp *autodiff.Tape[T], s, e *autodiff.Var[T]) (alpha, y *autodiff.Var[T]) {
		alpha = autodiff.Dropout(tp, autodiff.SegmentSoftmax(tp, in, autodiff.Scale(tp, s, 0.6)), o.IDs, dropout)
		return alpha, autodiff.WeightedSum(tp, in, alpha, carried(tp, v, e), heads)
	}
	parts := tape()
	e := parts.Input(edge)
	_, z := attend(parts, scores(parts, e), e)
	parts.BackwardFrom(after(parts, z, e), dy)
	cut := tape()
	s := cut.Input(scores(cut, cut.Const(edge)).Value)
	alpha, z2 := attend(cut, s, cut.Const(edge))
	cut.BackwardFrom(z2, dy)
	ds := cut.Const(s.Grad)
	sameBits(t, fmt.Sprintf("%d heads of %d on %v, wild %v, dropout %v", heads, c, g, wild, dropout),
		[]tensor.Dense[T]{y.Value, x[2].Grad, x[0].Grad, x[1].Grad, x[3].Grad},
		[]tensor.Dense[T]{z.Value, e.Grad, autodiff.WeightedSum(cut, in, ds, carried(cut, k, cut.Const(edge)), heads).Value,
			autodiff.WeightedSum(cut, g.Out(), ds, cut.Const(q), heads).Value,
			autodiff.WeightedSum(cut, g.Out(), alpha, cut.Const(dy), heads).Value})
}

// Attention with features of edges has the bits of its parts.
func TestFusedDotAttentionWithEdges(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	graphs := []*graph.Graph{testGraph(), graph.Must(graph.New(3, nil)), attentionGraph(r, 40, 150), attentionGraph(r, 9, 3000)}
	if raceEnabled {
		graphs = graphs[:3]
	}
	for _, g := range graphs {
		for _, shape := range [][2]int{{1, 1}, {1, 7}, {1, 16}, {2, 3}, {3, 4}, {8, 8}, {8, 1}, {16, 4}} {
			for _, dropout := range []float64{0, 0.6} {
				for _, wild := range []bool{false, true} {
					sameDotAttention[float32](t, g, shape[0], shape[1], wild, dropout)
					sameDotAttention[float64](t, g, shape[0], shape[1], wild, dropout)
				}
			}
		}
	}
}

func TestFusedDotAttentionWithEdgesOfHubs(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	g := hubs(100, 20_000)
	sameDotAttention[float32](t, g, 2, 8, false, 0.3)
	if !raceEnabled {
		sameDotAttention[float32](t, g, 1, 13, true, 0)
		sameDotAttention[float64](t, g, 2, 5, false, 0.3)
	}
}

// BenchmarkMessages is a forward and a backward pass of GINE's sum, in one pass and by its parts.
func BenchmarkMessages(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	g := attentionGraph(r, 20_000, 200_000)
	for _, d := range []int{16, 64} {
		x, e := drawn[float32](r, g.NumNodes(), d, false), drawn[float32](r, g.NumEdges(), d, false)
		for _, f := range []messageFolds[float32]{allMessageFolds[float32]()[0], allMessageFolds[float32]()[2]} {
			for _, c := range []struct {
				name string
				of   messageFold[float32]
			}{{"fused", f.fused}, {"parts", f.parts}} {
				for _, way := range []string{"forward", "rows", "rows and edges"} {
					b.Run(fmt.Sprintf("%s/%d/%s/%s", f.name, d, way, c.name), func(b *testing.B) {
						tp := autodiff.NewTape[float32]()
						b.ReportAllocs()
						for b.Loop() {
							tp.Reset()
							rows, edges := tp.Const(x), tp.Const(e)
							if way != "forward" {
								rows = tp.Input(x)
							}
							if way == "rows and edges" {
								edges = tp.Input(e)
							}
							tp.BackwardFrom(c.of(tp, g, rows, edges, true), x)
						}
					})
				}
			}
		}
	}
}

// BenchmarkDotAttentionWithEdges is a forward and a backward pass with 4 heads of 16 channels, in one pass and by its parts.
func BenchmarkDotAttentionWithEdges(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	g := attentionGraph(r, 20_000, 200_000)
	x, e := drawn[float32](r, g.NumNodes(), 64, false), drawn[float32](r, g.NumEdges(), 64, false)
	o := autodiff.AttentionOptions{Heads: 4}
	type variable = *autodiff.Var[float32]
	for _, c := range []struct {
		name string
		of   func(tp *autodiff.Tape[float32], x, e variable) variable
	}{{"fused", func(tp *autodiff.Tape[float32], x, e variable) variable {
		return autodiff.DotAttention(tp, g.In(), x, x, e, x, 0.25, o)
	}}, {"parts", func(tp *autodiff.Tape[float32], x, e variable) variable {
		carried := func() variable { return autodiff.Add(tp, autodiff.Expand(tp, g.OutEdges(), x), e) } // keys or values
		s := autodiff.Scale(tp, autodiff.HeadDot(tp, autodiff.Expand(tp, g.InEdges(), x), carried(), 4), 0.25)
		return autodiff.WeightedSum(tp, g.InEdges(), autodiff.SegmentSoftmax(tp, g.InEdges(), s), carried(), 4)
	}}} {
		for _, backward := range []bool{false, true} {
			b.Run(fmt.Sprintf("backward %v/%s", backward, c.name), func(b *testing.B) {
				tp := autodiff.NewTape[float32]()
				b.ReportAllocs()
				for b.Loop() {
					tp.Reset()
					rows, edges := tp.Const(x), tp.Const(e)
					if backward {
						rows, edges = tp.Input(x), tp.Input(e)
					}
					tp.BackwardFrom(c.of(tp, rows, edges), x)
				}
			})
		}
	}
}
