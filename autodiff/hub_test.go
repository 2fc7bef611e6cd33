package autodiff_test

import (
	"math/rand/v2"
	"runtime"
	"testing"

	"symbridge/autodiff"
	"symbridge/graph"
	"symbridge/tensor"
)

// The number of workers cannot show at a star, forward and backward, whether its hub is the target or the source.
func TestStar(t *testing.T) {
	t.Run("float32", testStar[float32])
	t.Run("float64", testStar[float64])
}

func testStar[T tensor.Float](t *testing.T) {
	const n, d = 36_000, 4
	r := rand.New(rand.NewPCG(5, 6))
	in, out := make([][2]int32, n), make([][2]int32, n)
	for i := range int32(n) {
		in[i], out[i] = [2]int32{i, 7}, [2]int32{7, i}
	}
	draw := func(rows int) tensor.Dense[T] {
		m := tensor.NewDense[T](rows, d)
		for i := range m.Data {
			m.Data[i] = T(r.IntN(4)) // ties
			if r.IntN(2) == 0 {
				m.Data[i] = T(r.NormFloat64())
			}
		}
		return m
	}
	x, cotangent := draw(n), draw(n)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for way, edges := range map[string][][2]int32{"target": in, "source": out} {
		g := graph.Must(graph.New(n, edges))
		for name, f := range map[string]func(tp *autodiff.Tape[T], x *autodiff.Var[T]) *autodiff.Var[T]{
			"max": func(tp *autodiff.Tape[T], x *autodiff.Var[T]) *autodiff.Var[T] {
				return autodiff.SegmentMax(tp, g.In(), x)
			},
			"min": func(tp *autodiff.Tape[T], x *autodiff.Var[T]) *autodiff.Var[T] {
				return autodiff.SegmentMin(tp, g.In(), x)
			},
			"softmax": func(tp *autodiff.Tape[T], x *autodiff.Var[T]) *autodiff.Var[T] {
				return autodiff.SegmentSoftmax(tp, g.InEdges(), x)
			},
			"dot": func(tp *autodiff.Tape[T], x *autodiff.Var[T]) *autodiff.Var[T] {
				return autodiff.SegmentDot(tp, g.In(), x, x, d)
			},
		} {
			var first [2][]T
			for _, procs := range []int{1, 2, 8} {
				runtime.GOMAXPROCS(procs)
				tp := autodiff.NewTape[T]()
				v := tp.Input(x)
				y := f(tp, v)
				tp.BackwardFrom(y, cotangent)
				if procs == 1 {
					first = [2][]T{y.Value.Data, v.Grad.Data}
					continue
				}
				same := func(a, b []T) {
					for i := range a {
						if a[i] != b[i] {
							t.Fatalf("%s, hub as %s, GOMAXPROCS %d: entry %d is %v, want %v", name, way, procs, i, b[i], a[i])
						}
					}
				}
				same(first[0], y.Value.Data)
				same(first[1], v.Grad.Data)
			}
		}
	}
}
