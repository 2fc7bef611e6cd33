//go:build amd64 && !purego

package kernel

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// The assembly of an elementary function gives the bits of the portable one: near every seam of its branches, in every
// binade, for every kind of NaN, and for every length at every offset.
func TestMathImplementations(t *testing.T) {
	seams := []float64{0, 0x1p-1074, 0x1p-1022, 0x1p-149, 0x1p-126, 0x1p-60, 0x1p-54, 0x1p-53, 0x1p-28, erfSeam, math.Sqrt(0.5),
		1, math.Sqrt2, 2, 5.9, 6, 19.4, 20, 36.7, 40, 88.7, 103.9, 708, 709, expTop, -expBottom, 745.2, 0x1p53, 0x1p127, math.MaxFloat32,
		math.MaxFloat64, math.Inf(1)}
	var x []float64
	for _, s := range seams {
		lo, hi := s, s
		for range 20 {
			x = append(x, lo, hi, -lo, -hi)
			lo, hi = math.Nextafter(lo, -1), math.Nextafter(hi, math.Inf(1))
		}
		for i := range 20 { // neighbours in float32
			x = append(x, float64(math.Float32frombits(math.Float32bits(float32(s))+uint32(i-10))))
		}
	}
	for _, b := range []uint64{0x7ff0000000000001, 0xfff8000000000000, 0xffffffffffffffff} {
		x = append(x, math.Float64frombits(b))
	}
	r := rand.New(rand.NewPCG(21, 22))
	for i := range 200_000 {
		x = append(x, math.Float64frombits(r.Uint64()), float64(math.Float32frombits(r.Uint32())),
			r.NormFloat64(), r.NormFloat64()*float64(i%800))
	}
	x32 := make([]float32, len(x))
	for i, v := range x {
		x32[i] = float32(v)
	}
	for _, m := range mathFunctions() {
		checkMap(t, m.name, m.slice, x, math.Float64bits)
		checkMap(t, m.name, m.slice32, x32, func(v float32) uint64 { return uint64(math.Float32bits(v)) })
		for n := range 131 {
			at := r.IntN(len(x) - n)
			checkMap(t, m.name, m.slice, x[at:at+n], math.Float64bits)
			checkMap(t, m.name, m.slice32, x32[at:at+n], func(v float32) uint64 { return uint64(math.Float32bits(v)) })
		}
	}
}

func checkMap[T Float](t *testing.T, name string, f func(dst, src []T), x []T, bits func(T) uint64) {
	t.Helper()
	a, b := make([]T, len(x)), make([]T, len(x))
	f(a, x)
	implementations(t)[0].run(func() { f(b, x) })
	for i := range a {
		if bits(a[i]) != bits(b[i]) {
			require.FailNow(t, name, "%T: of %x (%g) it is %x by assembly and %x in Go", x[i], x[i], x[i], a[i], b[i])
		}
	}
}
