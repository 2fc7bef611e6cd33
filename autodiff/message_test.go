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

// A hub is shared among workers, as a target and as a source.
func TestFusedMessagesOfHubs(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	r := rand.New(rand.NewPCG(3, 4))
	const n, degree = 100, 20_000
	edges := make([][2]int32, 0, 2*degree)
	for range degree {
		edges = append(edges, [2]int32{int32(r.IntN(n)), 3}, [2]int32{5, int32(r.IntN(n))})
	}
	r.Shuffle(len(edges), func(i, j int) { edges[i], edges[j] = edges[j], edges[i] })
	g := graph.Must(graph.New(n, edges))
	sameMessages[float32](t, g, 16)
	if !raceEnabled {
		sameMessages[float32](t, g, 11)
		sameMessages[float64](t, g, 9)
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
