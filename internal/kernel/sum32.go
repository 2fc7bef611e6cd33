package kernel

import (
	"math"
	"math/bits"
)

// The order-free sum, float32.
//
// A segment of n terms, each a value x or a product w*x taken exactly; zeros count. e is the smallest integer with
// max|x| < 2^e (for products e = e_w + e_x, the two maxima being those of the segment's factors in that channel);
// L = ceil(log2 n); g = 51 - e - max(0, L-11); M = 1.5 * 2^(52-g). Each term gives t = fma(w, x, M) in float64, and
// bits(t) - bits(M) is the integer round(w*x*2^g), a function of the term alone: M and t lie in one binade with unit 2^-g.
// These integers are added in an int64, in any order, by any worker: |sum| <= n * 2^(e+g) <= 2^62. At the end
// k = acc - n*bits(M), S = float64(k) * 2^-g, and the result is float32(S), rounded once.
//
// The sum of one value is that value, and +0 for -0. The error is at most n * 2^-(g+1): 2^-42 of the maximum at n = 2^10, 2^-23 at n = 2^20. A zero sum is +0. With a NaN or
// an infinity present the class decides: any NaN, or both infinities, give NaN; else the infinity.
//
// A product of two float32 is exact in float64, so fma(w, x, M) is float64(w)*float64(x) + M with a single rounding.

const (
	absMask32 = 0x7fffffff
	inf32     = 0x7f800000
	absMask64 = 1<<63 - 1
	inf64     = 0x7ff << 52
)

// exponent32 returns e for the largest absolute bit pattern of a channel, the frexp exponent: max < 2^e. Zero has 0.
func exponent32(abs uint32) int {
	switch {
	case abs >= 1<<23:
		return int(abs>>23) - 126
	case abs == 0:
		return 0
	default:
		return bits.Len32(abs) - 149
	}
}

// excess returns max(0, ceil(log2 n) - 11), n >= 1: the bits that a long segment takes from the grid.
func excess(n int) int { return max(0, bits.Len(uint(n-1))-11) }

// magic32 returns M = 1.5 * 2^(52-g) for the exponent e and the excess of n.
func magic32(e, excess int) float64 {
	return math.Float64frombits(uint64(1023+1+e+excess)<<52 | 1<<51)
}

// pow2 returns 2^k for a normal power, -1022 <= k <= 1023.
func pow2(k int) float64 { return math.Float64frombits(uint64(1023+k) << 52) }

// total32 returns S from the accumulated bits of n terms.
func total32(acc int64, n, e, excess int) float64 {
	k := acc - int64(n)*int64(math.Float64bits(magic32(e, excess)))
	return float64(float64(k) * pow2(e+excess-51))
}

// class collects what decides a sum in which a NaN or an infinity may be present.
type class struct{ nan, pos, neg bool }

func (c *class) add(v float64) {
	c.nan = c.nan || math.IsNaN(v)
	c.pos = c.pos || math.IsInf(v, 1)
	c.neg = c.neg || math.IsInf(v, -1)
}

// value returns the sum that the class decides; it must not be asked where all terms were finite.
func (c *class) value() float64 {
	switch {
	case c.nan || c.pos && c.neg:
		return math.NaN()
	case c.pos:
		return math.Inf(1)
	case c.neg:
		return math.Inf(-1)
	}
	return 0
}
