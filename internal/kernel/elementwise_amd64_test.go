//go:build amd64 && !purego

package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// anything returns n values at an odd address: ordinary, tiny, huge, signed zeros, subnormals, infinities, NaN.
func anything(r *rand.Rand, n int) []float32 {
	x := make([]float32, n+1)[1:]
	for i := range x {
		x[i] = nasty[float32](r)
		switch r.IntN(30) {
		case 0:
			x[i] = []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), math.MaxFloat32}[r.IntN(4)]
		case 1:
			x[i] = math.Float32frombits(r.Uint32())
		case 2, 3, 4:
			x[i] = float32(r.NormFloat64() * 30)
		}
	}
	return x
}

// sameRoads runs f by assembly and in Go, and wants the same bits in its outputs, which come with a margin that must stay.
func sameRoads(t *testing.T, what string, sizes []int, f func(out [][]float32)) {
	t.Helper()
	const margin = 9
	roads := [2][][]float32{}
	for i := range roads {
		for _, n := range sizes {
			full := make([]float32, n+2*margin)
			for j := range full {
				full[j] = 77
			}
			roads[i] = append(roads[i], full)
		}
	}
	inner := func(road int) [][]float32 {
		var list [][]float32
		for i, n := range sizes {
			list = append(list, roads[road][i][margin:margin+n])
		}
		return list
	}
	f(inner(0))
	implementations(t)[0].run(func() { f(inner(1)) })
	for o, a := range roads[0] {
		for i, v := range a {
			w := roads[1][o][i]
			if math.Float32bits(v) != math.Float32bits(w) && !(v != v && w != w) {
				t.Fatalf("%s: entry %d of output %d is %v by assembly and %v in Go", what, i-margin, o, v, w)
			}
		}
	}
}

func TestUnaryImplementations(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 32))
	names := []string{"none", "relu", "leaky", "elu", "tanh", "sigmoid", "gelu", "silu", "exp", "log", "square", "sqrt", "rsqrt", "scale", "shift"}
	for n := range 200 {
		if n > 130 {
			n = r.IntN(3000)
		}
		x, dy, any := anything(r, n), anything(r, n), anything(r, n)
		for op := OpReLU; op <= OpShift; op++ {
			for _, a := range []float32{0, 0.3, -1.7} {
				sameRoads(t, names[op], []int{n}, func(out [][]float32) { Unary(op, out[0], x, a) })
				sameRoads(t, names[op]+" in place", []int{n}, func(out [][]float32) {
					copy(out[0], x)
					Unary(op, out[0], out[0], a)
				})
				y := make([]float32, n)
				Unary(op, y, x, a)
				sameRoads(t, names[op]+" back", []int{n}, func(out [][]float32) { UnaryBack(op, out[0], dy, x, y, a) })
				sameRoads(t, names[op]+" back", []int{n}, func(out [][]float32) { UnaryBack(op, out[0], dy, x, any, a) })
				sameRoads(t, names[op]+" back in place", []int{n}, func(out [][]float32) {
					copy(out[0], dy)
					UnaryBack(op, out[0], out[0], x, y, a)
				})
			}
		}
	}
}

func TestDropoutImplementations(t *testing.T) {
	r := rand.New(rand.NewPCG(33, 34))
	for _, d := range []int{1, 3, 4, 7, 8, 12, 16, 20, 32, 33, 64, 100, 130, 2048, 2052, 2061, 4100} {
		rows := 1 + r.IntN(2+6000/(d*d))
		x, ids := anything(r, rows*d), make([]uint64, rows)
		for i := range ids {
			ids[i] = r.Uint64()
		}
		for _, p := range []float64{0, 0.5, 0.9} {
			sameRoads(t, "dropout", []int{rows * d}, func(out [][]float32) { Dropout(out[0], x, ids, rows, d, KeyOf(1, 2), 3, p) })
			sameRoads(t, "dropout in place", []int{rows * d}, func(out [][]float32) {
				copy(out[0], x)
				Dropout(out[0], out[0], nil, rows, d, KeyOf(1, 2), 3, p)
			})
		}
		ptr, idx := []int32{0}, []int32{}
		for range rows {
			for c := range d {
				if r.IntN(3) == 0 {
					idx = append(idx, int32(c))
				}
			}
			ptr = append(ptr, int32(len(idx)))
		}
		sameRoads(t, "sparse dropout", []int{len(idx)}, func(out [][]float32) {
			CSRDropout(out[0], x[:len(idx)], ptr, idx, ids, KeyOf(1, 2), 3, 0.4)
		})
	}
}

func TestOptimizerImplementations(t *testing.T) {
	r := rand.New(rand.NewPCG(35, 36))
	for n := range 131 {
		w, m, v, g := anything(r, n), anything(r, n), anything(r, n), anything(r, n)
		s := AdamStep{0.5, 0.01, 0.9, 1 - 0.9, 0.999, 1 - 0.999, 0.99, 0.003, 0.7, 1e-8}
		sameRoads(t, "Adam", []int{n, n, n}, func(out [][]float32) {
			copy(out[0], w)
			copy(out[1], m)
			copy(out[2], v)
			Adam(out[0], out[1], out[2], g, s)
		})
		sameRoads(t, "SGD", []int{n}, func(out [][]float32) {
			copy(out[0], w)
			SGD(out[0], nil, g, SGDStep{Scale: 0.5, Decay: 0.01, Rate: 0.1})
		})
	}
}
