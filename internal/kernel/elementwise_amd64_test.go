//go:build amd64 && !purego

package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// wild returns n values at an odd address: ordinary, tiny, huge, signed zeros, subnormals, infinities, NaN.
func wild(r *rand.Rand, n int) []float32 {
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
	portable(func() { f(inner(1)) })
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
	names := []string{"relu", "leaky", "elu", "tanh", "sigmoid", "gelu", "silu", "exp", "log", "square", "sqrt", "rsqrt", "scale", "shift"}
	for n := range 200 {
		if n > 130 {
			n = r.IntN(3000)
		}
		x, dy, any := wild(r, n), wild(r, n), wild(r, n)
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
			}
		}
	}
}
