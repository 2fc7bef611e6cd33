package kernel

import (
	"math"
	"math/bits"
)

// The order-free sum, float64: no wider type, so two folds.
//
// The terms are brought to the unit of their maximum, x' = x * 2^-e (for products w' = w * 2^-e_w and x' = x * 2^-e_x), so
// that no exponent can overflow. hi, lo = TwoProd(w', x') (hi = x', lo = 0 for plain values). L = ceil(log2 n),
// g1 = 51 - L, M1 = 1.5 * 2^(52-g1); q = (hi + M1) - M1 is on the grid 2^-g1 and r = hi - q is exact. The terms r and lo go
// on the grid g2 = 51 + g1 - L. Both folds add integers, bits(t) - bits(M), so the order cannot show:
// S = (k1 * 2^-g1 + k2 * 2^-g2) * 2^e. The error is about n * 2^(e+2L-102). Zero sums, NaN and infinities are as for float32.

// fold64 holds the two grids of a segment of n terms.
type fold64 struct {
	m1, m2 float64
	g1, g2 int
}

func newFold64(n int) fold64 {
	l := bits.Len(uint(n - 1))
	f := fold64{g1: 51 - l}
	f.g2 = 51 + f.g1 - l
	f.m1, f.m2 = 1.5*pow2(52-f.g1), 1.5*pow2(52-f.g2)
	return f
}

// split returns the integers that a term hi + lo adds to the two folds, with the bits of M still in them: one M1 and two M2.
func (f *fold64) split(hi, lo float64) (k1, k2 int64) {
	t := hi + f.m1
	r := hi - float64(t-f.m1)
	return int64(math.Float64bits(t)), int64(math.Float64bits(r+f.m2)) + int64(math.Float64bits(lo+f.m2))
}

// total returns S from the accumulated bits of n terms, in the unit 2^e.
func (f *fold64) total(acc1, acc2 int64, n, e int) float64 {
	k1 := acc1 - int64(n)*int64(math.Float64bits(f.m1))
	k2 := acc2 - 2*int64(n)*int64(math.Float64bits(f.m2))
	s := float64(float64(k1)*pow2(-f.g1)) + float64(float64(k2)*pow2(-f.g2))
	return scale64(s, e)
}

// exponent64 returns e for the largest absolute bit pattern of a channel: max < 2^e. Zero has 0.
func exponent64(abs uint64) int {
	switch {
	case abs >= 1<<52:
		return int(abs>>52) - 1022
	case abs == 0:
		return 0
	default:
		return bits.Len64(abs) - 1074
	}
}

// scale64 returns x * 2^k for |k| <= 2200.
func scale64(x float64, k int) float64 {
	for k > 1000 {
		x *= 0x1p1000
		k -= 1000
	}
	for k < -1000 {
		x *= 0x1p-1000
		k += 1000
	}
	return x * pow2(k)
}

func twoProd(w, x float64) (hi, lo float64) {
	hi = float64(w * x)
	return hi, math.FMA(w, x, -hi)
}
