package kernel

import "math"

// erfSeam is where Erf64 changes from the function itself to its complement, which is 0.2505 here.
const erfSeam = 0.8125

// Erf64 returns the error function 2/sqrt(pi) * (integral of e^(-t^2) over t from 0 to x). The greatest error measured is
// 0.95 ulp. It is odd to the bit; Erf64(±0) = ±0, ±1 for |x| >= 6, NaN for NaN.
func Erf64(x float64) float64 {
	a := math.Abs(x)
	if a < erfSeam {
		return erfNear(x)
	}
	y := 1.0
	if a < 6 {
		q, rest := erfcLog(a - erfSeam)
		e := Exp64(q)
		s, es := fastTwoSum(1, -e)
		y = s + (es - float64(e*rest))
	} else if x != x {
		return math.NaN()
	}
	return math.Float64frombits(math.Float64bits(y) | math.Float64bits(x)&signBit)
}

// erfNear is Erf64 for |x| < erfSeam: x + x*P(x^2), where P, of degree 11, is erf(x)/x - 1 with an error below 2^-55.
func erfNear(x float64) float64 {
	const (
		c0  = 0x1.06eba8214db69p-3
		c1  = -0x1.812746b0379e6p-2
		c2  = 0x1.ce2f21a042b60p-4
		c3  = -0x1.b82ce312851a2p-6
		c4  = 0x1.565bcd0d96aecp-8
		c5  = -0x1.c02db3c6f125ap-11
		c6  = 0x1.f9a31d2072f75p-14
		c7  = -0x1.f4d13e853b268p-17
		c8  = 0x1.b9d11fc8a9becp-20
		c9  = -0x1.5e5cefe0a5e0bp-23
		c10 = 0x1.eabead8c02567p-27
		c11 = -0x1.f3e85bc94f060p-31
	)
	z := x * x
	z2 := z * z
	z4 := z2 * z2
	a := (c0 + float64(c1*z)) + float64((c2+float64(c3*z))*z2)
	b := (c4 + float64(c5*z)) + float64((c6+float64(c7*z))*z2)
	d := (c8 + float64(c9*z)) + float64((c10+float64(c11*z))*z2)
	p := a + float64((b+float64(d*z4))*z4)
	return x + float64(x*p)
}

// erfcLog returns log(1 - erf(erfSeam+u)) = q + rest for u in [0, 5.1875], |rest| far below |q|. It is a polynomial of
// degree 18 whose error, times 1 - erf, is below 2^-57: where little is left of the complement, little of its logarithm
// is needed. Near u = 0 it counts most, so the first two terms are summed without loss: -2.375 times 26 bits of u is exact.
func erfcLog(u float64) (q, rest float64) {
	const (
		c0     = -0x1.6257d5cdb7088p+0
		c0Rest = -0x1.e95a8648d7b99p-55
		c1     = -2.375
		c1Rest = 0x1.856cbd7d373fdp-5
		c2     = -0x1.a28c7a684a5cdp-1
		c3     = -0x1.980e7796ea528p-5
		c4     = 0x1.895d7ee8742e6p-7
		c5     = -0x1.222d168ec6e33p-9
		c6     = 0x1.6520be5110405p-13
		c7     = 0x1.5296d239b6f31p-14
		c8     = -0x1.865fbe9de0856p-15
		c9     = 0x1.c0104bd0cb027p-17
		c10    = -0x1.ecbb69f67f6cep-20
		c11    = -0x1.94c7e991c19edp-22
		c12    = 0x1.6e86c35878671p-22
		c13    = -0x1.0f5048b5ccf49p-23
		c14    = 0x1.0cb4287b6f15ap-25
		c15    = -0x1.77f34c9e42662p-28
		c16    = 0x1.6769a152b90f8p-31
		c17    = -0x1.a697b8bf78a73p-35
		c18    = 0x1.ccda8d497f031p-40
	)
	u2 := u * u
	u4 := u2 * u2
	a := (c2 + float64(c3*u)) + float64((c4+float64(c5*u))*u2)
	b := (c6 + float64(c7*u)) + float64((c8+float64(c9*u))*u2)
	d := (c10 + float64(c11*u)) + float64((c12+float64(c13*u))*u2)
	e := (c14 + float64(c15*u)) + float64((c16+float64(c17*u))*u2)
	u8 := u4 * u4
	p := (a + float64(b*u4)) + float64(((d+float64(e*u4))+float64(c18*u8))*u8)
	uh := high(u)
	s, es := twoSum(c0, float64(c1*uh))
	p = float64(p*u2) + (float64(c1Rest*u) + float64(c1*(u-uh)))
	q, rest = fastTwoSum(s, p)
	return q, rest + (es + c0Rest)
}
