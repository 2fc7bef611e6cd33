package kernel

import "math"

const (
	sqrtHalfBits = 0x3fe6a09e667f3bcd // the significand is taken from [sqrt(1/2), sqrt(2))
	minNormal    = 0x0010000000000000
	infBits      = 0x7ff0000000000000
	exponentMask = 0xfff0000000000000
)

// Log64 returns the natural logarithm of x. The greatest error measured is 0.85 ulp. Log64(1) = +0, Log64(±0) = -Inf,
// NaN for negative numbers and NaN, +Inf for +Inf.
func Log64(x float64) float64 {
	b := math.Float64bits(x)
	if b-minNormal >= infBits-minNormal {
		return logEdge(x)
	}
	k := b - sqrtHalfBits
	m := math.Float64frombits(b - k&exponentMask)
	return logReduced(m-1, 0, float64(int64(k)>>52))
}

// logEdge is Log64 for what is not a positive normal number.
func logEdge(x float64) float64 {
	switch {
	case x == 0:
		return math.Inf(-1)
	case x > math.MaxFloat64:
		return x
	case x > 0: // subnormal
		b := math.Float64bits(x * 0x1p54)
		k := b - sqrtHalfBits
		m := math.Float64frombits(b - k&exponentMask)
		return logReduced(m-1, 0, float64(int64(k)>>52-54))
	}
	return math.NaN()
}

// Log1p64 returns log(1+x), accurate near 0 too. The greatest error measured is 0.80 ulp. Log1p64(±0) = ±0,
// Log1p64(-1) = -Inf, NaN below -1 and for NaN, +Inf for +Inf.
func Log1p64(x float64) float64 {
	if a := math.Abs(x); !(x > -1 && a > 0x1p-54 && a <= math.MaxFloat64) {
		switch {
		case x == -1:
			return math.Inf(-1)
		case x < -1 || x != x:
			return math.NaN()
		}
		return x // +Inf, or |x| <= 2^-54
	}
	// log(u + e) = log(u) + e/u to the last bit, where u + e = 1 + x exactly.
	u, e := twoSum(1, x)
	b := math.Float64bits(u)
	k := b - sqrtHalfBits
	m := math.Float64frombits(b - k&exponentMask)
	return logReduced(m-1, e/u, float64(int64(k)>>52))
}

// logReduced returns k*ln 2 + log(1+f) + c, where 1+f is in [sqrt(1/2), sqrt(2)) and |c| < 2^-52. With s = f/(2+f),
// log(1+f) = 2s + s*R(s^2) = f - f^2/2 + s*(f^2/2 + R); R/z, of degree 6, has an error of z*R below 2^-57.
func logReduced(f, c, k float64) float64 {
	const (
		c0 = 0x1.5555555555593p-1
		c1 = 0x1.999999997fca4p-2
		c2 = 0x1.2492494201a23p-2
		c3 = 0x1.c71c51fb00694p-3
		c4 = 0x1.7466420aba5c7p-3
		c5 = 0x1.39a1653aeb43cp-3
		c6 = 0x1.2f08ed9090f1cp-3
	)
	s := f / (2 + f)
	z := s * s
	z2 := z * z
	a := (c0 + float64(c1*z)) + float64((c2+float64(c3*z))*z2)
	b := (c4 + float64(c5*z)) + float64(c6*z2)
	r := float64((a + float64(b*float64(z2*z2))) * z)
	h := float64(0.5 * float64(f*f))
	t, e := fastTwoSum(float64(k*ln2Hi), f) // k = 0, or |k*ln2Hi| > |f|
	return t + (e - (h - (float64(s*(h+r)) + (float64(k*ln2Lo) + c))))
}
