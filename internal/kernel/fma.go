package kernel

import "math"

// The fused multiply-add of the hardware, a*b + c rounded once to float32, in Go.
//
// a*b is exact in float64, so s = a*b + c carries one rounding, and rounding s to float32 is a second. The second shows
// only where s is the midpoint of two float32 and a*b+c is not, or where s is subnormal in float32 and the midpoints lie
// elsewhere. Both go to the slow road; axpy32 has the fast one.

// safe reports whether float32(s) is the correctly rounded value of the sum that s stands for: s is no midpoint of two
// neighbouring float32, and it is zero or at least 2^-126.
func safe(s float64) bool {
	b := math.Float64bits(s)
	return b&0x1fffffff != 1<<28 && b&(1<<63-1)-1 >= 0x3810000000000000-1
}

// fma32Slow rounds a*b+c to odd in float64, which keeps the sticky information, and then to float32.
func fma32Slow(a, b, c float32) float32 {
	p, d := float64(float64(a)*float64(b)), float64(c)
	s := p + d
	if s == 0 || math.IsNaN(s) || math.IsInf(s, 0) {
		return float32(s)
	}
	// TwoSum (Knuth): p + d = s + err exactly.
	t := s - p
	err := float64(p-float64(s-t)) + float64(d-t)
	bits := math.Float64bits(s)
	if err != 0 && bits&1 == 0 {
		if (err > 0) == (s > 0) {
			bits++ // the true value lies beyond s: step away from zero
		} else {
			bits-- // it lies short of s: step towards zero
		}
	}
	return float32(math.Float64frombits(bits))
}
