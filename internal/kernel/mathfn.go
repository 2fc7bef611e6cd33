package kernel

import "math"

// The elementary functions. None of package math's transcendentals may reach a result, since their bits change with the
// processor; these are made of IEEE additions, products, divisions and bit operations only, so that every architecture
// and every vector width gives the same bits.
//
//   - Every product that feeds a sum is converted, float64(x*y), which forbids the compiler to fuse the two. math.FMA is
//     not used either: plain products and sums are the definition.
//   - There are no tables and no loops over terms. A function is one straight line for ordinary arguments, and one branch
//     to the rest (NaN, infinities, overflow, tiny arguments); Erf64 has two lines, of which a vector form computes both.
//   - Every NaN that comes out is math.NaN(), whatever NaN went in.
//   - The order of the operations is frozen: a change of it, or of a coefficient, changes hashes (TestMathGolden).
//
// The polynomials are our own minimax fits (Remez exchange in 300-bit arithmetic, then rounded). The reductions are the
// classic ones: exp as in Cody and Waite, Software Manual for the Elementary Functions, 1980; log as in fdlibm's
// e_log.c, Sun Microsystems, 1993; quotients are corrected by their exact residual as in Dekker, A floating-point
// technique for extending the available precision, Numer. Math. 18, 1971.
//
// The greatest errors stated were measured against math/big on 2 million arguments a function, half of them drawn
// evenly from the range where the function bends and half with evenly drawn exponents (TestMathAccuracy draws fewer). Rounded once to
// float32, every function is within 0.5001 ulp (TestFloat32Accuracy).

const (
	log2E = 0x1.71547652b82fep+0 // 1/ln 2
	// ln2Hi has 32 bits, so that k*ln2Hi is exact for |k| < 2^20; ln2Lo is the rest.
	ln2Hi = 0x1.62e42feep-1
	ln2Lo = 0x1.a39ef35793c76p-33
	// shifter is 1.5 * 2^52: adding it rounds to an integer, which then stands in the low bits.
	shifter = 0x1.8p52

	oneBits   = 0x3ff0000000000000
	signBit   = 1 << 63
	highBits  = 0xfffffffff8000000 // the upper 26 of the 53 bits of a significand
	expTop    = 709.782712893384   // the greatest argument whose exp is finite
	expBottom = -745.1332191019411 // the least argument whose exp is not 0
)

// Exp returns e^x, rounded once from Exp64.
func Exp[T Float](x T) T { return T(Exp64(float64(x))) }

// Log returns the natural logarithm of x, rounded once from Log64.
func Log[T Float](x T) T { return T(Log64(float64(x))) }

// twoSum returns s = fl(a+b) and the exact rest e: s + e = a + b (Knuth).
func twoSum(a, b float64) (s, e float64) {
	s = a + b
	t := s - a
	return s, (a - (s - t)) + (b - t)
}

// fastTwoSum is twoSum where |a| >= |b| or a = 0 (Dekker).
func fastTwoSum(a, b float64) (s, e float64) {
	s = a + b
	return s, (a - s) + b
}

// high keeps the upper 26 bits of x, so that the product of two such numbers is exact.
func high(x float64) float64 { return math.Float64frombits(math.Float64bits(x) & highBits) }

// The exponential functions share a reduction of x, |x| < 746, to e^x = 2^k * (1 + hi + lo) with |hi| < 0.3466 and
// |lo| < 0.07, where hi + lo is good to about 2^-59 of itself. It is in two parts, each small enough to be inlined.

// expReduce returns hi, exactly x - k*ln2Hi, and c = k*ln2Lo. The integer k, modulo 4096, is in the low bits of kb, which
// therefore can be shifted into an exponent.
func expReduce(x float64) (hi, c float64, kb uint64) {
	t := float64(x*log2E) + shifter
	k := t - shifter
	return x - float64(k*ln2Hi), float64(k * ln2Lo), math.Float64bits(t)
}

// expTail returns lo = e^(hi-c) - 1 - hi, that is r^2*P(r) - c with r = hi - c. P has degree 10, and r^2*P(r) an error below
// 2^-60*|r|.
func expTail(hi, c float64) (lo float64) {
	const (
		c0  = 0x1p-1
		c1  = 0x1.5555555555559p-3
		c2  = 0x1.555555555555ap-5
		c3  = 0x1.111111110f6b0p-7
		c4  = 0x1.6c16c16c14442p-10
		c5  = 0x1.a01a01afe48e2p-13
		c6  = 0x1.a01a01b0b848bp-16
		c7  = 0x1.71ddf855406b9p-19
		c8  = 0x1.27e4c5a266516p-22
		c9  = 0x1.af5ebbfb58d81p-26
		c10 = 0x1.1f955cee0855fp-29
	)
	r := hi - c
	r2 := r * r
	r4 := r2 * r2
	return float64(((c0+float64(c1*r))+float64((c2+float64(c3*r))*r2)+float64(((c4+float64(c5*r))+
		float64((c6+float64(c7*r))*r2)+float64(((c8+float64(c9*r))+float64(c10*r2))*r4))*r4))*r2) - c
}

// Exp64 returns e^x. The greatest error measured is 0.76 ulp below -708, where the result may be subnormal, and 0.70 ulp
// elsewhere. Exp64(0) = 1 exactly, +Inf above 709.78, 0 below -745.13, NaN for NaN.
func Exp64(x float64) float64 {
	if !(x > -708 && x < 709) {
		return expEdge(x)
	}
	hi, c, kb := expReduce(x)
	lo := expTail(hi, c)
	s, e := fastTwoSum(1, hi)
	return (s + (e + lo)) * math.Float64frombits(kb<<52+oneBits)
}

// expEdge is Exp64 where 2^k or the result may not be normal: it scales in two steps, of which only the second rounds.
func expEdge(x float64) float64 {
	switch {
	case x != x:
		return math.NaN()
	case x > expTop:
		return math.Inf(1)
	case x < expBottom:
		return 0
	}
	hi, c, kb := expReduce(x)
	lo := expTail(hi, c)
	s, e := fastTwoSum(1, hi)
	k := int64(kb<<52) >> 52
	k1 := k >> 1
	return (s + (e + lo)) * math.Float64frombits(uint64(1023+k1)<<52) * math.Float64frombits(uint64(1023+k-k1)<<52)
}

// Expm164 returns e^x - 1, exact in sign and accurate near 0 too. The greatest error measured is 1.09 ulp.
// Expm164(±0) = ±0, -1 below -40, +Inf above 709.78, NaN for NaN.
func Expm164(x float64) float64 {
	if a := math.Abs(x); !(a > 0x1p-54 && x > -40 && x < 708) {
		switch {
		case x != x:
			return math.NaN()
		case x >= 708: // the 1 is far below the last bit
			return Exp64(x)
		case x <= -40:
			return -1
		}
		return x // |x| <= 2^-54
	}
	// e^x - 1 = 2^k * ((1 - 2^-k) + hi + lo).
	hi, c, kb := expReduce(x)
	lo := expTail(hi, c)
	a, ea := twoSum(1, -math.Float64frombits(oneBits-kb<<52))
	s, e := fastTwoSum(a, hi)
	return (s + (e + (ea + lo))) * math.Float64frombits(kb<<52+oneBits)
}

// Sigmoid64 returns 1/(1+e^-x). The greatest error measured is 0.70 ulp. Sigmoid64(0) = 0.5 exactly, 1 above 40,
// e^x below -708, 0 for -Inf, NaN for NaN.
func Sigmoid64(x float64) float64 {
	if !(x > -708 && x < 40) {
		if x >= 40 {
			return 1
		}
		return Exp64(x)
	}
	// With e^-x = 2^k * (1 + hi + lo) and w = 2^-k it is w / (w + 1 + hi + lo).
	hi, c, kb := expReduce(-x)
	lo := expTail(hi, c)
	w := math.Float64frombits(oneBits - kb<<52)
	b, eb := twoSum(1, w)
	d, ed := fastTwoSum(b, hi)
	return w * quotient(1, 0, d, ed+(eb+lo))
}

// Tanh64 returns the hyperbolic tangent of x. The greatest error measured is 0.86 ulp. It is odd to the bit;
// Tanh64(±0) = ±0, ±1 for |x| >= 20, NaN for NaN.
func Tanh64(x float64) float64 {
	a := math.Abs(x)
	if !(a > 0x1p-28 && a < 20) {
		switch {
		case x != x:
			return math.NaN()
		case a >= 20:
			return math.Copysign(1, x)
		}
		return x // |x| <= 2^-28: x^3/3 is far below the last bit
	}
	// With e^2a = 2^k * (1 + hi + lo) and w = 2^-k it is (1 - w + hi + lo) / (1 + w + hi + lo).
	hi, c, kb := expReduce(a + a)
	lo := expTail(hi, c)
	w := math.Float64frombits(oneBits - kb<<52)
	p, ep := fastTwoSum(1, -w)
	q, eq := fastTwoSum(1, w)
	n, en := fastTwoSum(p, hi)
	d, ed := fastTwoSum(q, hi)
	y := quotient(n, en+(ep+lo), d, ed+(eq+lo))
	return math.Float64frombits(math.Float64bits(y) | math.Float64bits(x)&signBit)
}

// quotient returns (n+nl)/(d+dl), |nl| < |n| and |dl| < |d|, with an error barely above half an ulp.
func quotient(n, nl, d, dl float64) float64 {
	n, nl = fastTwoSum(n, nl)
	d, dl = fastTwoSum(d, dl)
	inv := 1 / d
	return correct(high(n*inv), inv, n, nl, d, dl, high(d))
}

// correct returns y + inv*(n + nl - y*(d+dl)), an improved quotient. y and dh, the upper part of d, have 26 bits, so that
// the residual is exact without a fused operation.
func correct(y, inv, n, nl, d, dl, dh float64) float64 {
	return y + float64((((n-float64(y*dh))-float64(y*(d-dh)))+(nl-float64(y*dl)))*inv)
}
