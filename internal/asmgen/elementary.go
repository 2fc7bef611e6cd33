package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
)

// elementary writes the functions of mathfn*.go, four lanes at a time: the same operations in the same order, then the results
// of extraordinary arguments by masks.
func elementary(c *Context) {
	t := newTable("elementary")
	for _, f := range []struct {
		name string
		of   func(l *lanes, x vec) vec
	}{
		{"Exp", (*lanes).exp}, {"Expm1", (*lanes).expm1}, {"Log", (*lanes).log}, {"Log1p", (*lanes).log1p},
		{"Tanh", (*lanes).tanh}, {"Sigmoid", (*lanes).sigmoid}, {"Erf", (*lanes).erf},
	} {
		body := func(l *lanes, in []vec, _ []operand.Op) []vec { return []vec{f.of(l, in[0])} }
		stream{name: "map" + f.name + "32", doc: "y[i] = float32(" + f.name + "64(float64(x[i])))",
			out: []string{"y"}, in: []string{"x"}, pair: true, body: body}.write(c, t)
		stream{name: "map" + f.name + "64", doc: "y[i] = " + f.name + "64(x[i])",
			out: []string{"y"}, in: []string{"x"}, wide: true, body: body}.write(c, t)
	}
	t.write(c)
}

const (
	log2E     = 0x1.71547652b82fep+0
	ln2Hi     = 0x1.62e42feep-1
	ln2Lo     = 0x1.a39ef35793c76p-33
	shifter   = 0x1.8p52
	oneBits   = 0x3ff0000000000000
	signBit   = 1 << 63
	highBits  = 0xfffffffff8000000
	expTop    = 709.782712893384
	expBottom = -745.1332191019411
	erfSeam   = 0.8125
)

// line returns a + b*x.
func (l *lanes) line(a, b float64, x vec) vec { return l.add(l.k(a), l.mul(l.k(b), x)) }

func (l *lanes) abs(x vec) vec { return l.and(l.bits(1<<63-1), x) }

// nan returns math.NaN() where x is NaN, else y.
func (l *lanes) nan(x, y vec) vec {
	return l.choose(l.compare(unordered, x, x), l.k(math.NaN()), y)
}

// signed returns y >= 0 with the sign of x.
func (l *lanes) signed(y, x vec) vec { return l.or(y, l.and(l.bits(signBit), x)) }

func (l *lanes) twoSum(a, b operand.Op) (s, e vec) {
	s = l.add(a, b)
	t := l.sub(s, a)
	return s, l.add(l.sub(a, l.sub(s, t)), l.sub(b, t))
}

func (l *lanes) fastTwoSum(a, b operand.Op) (s, e vec) {
	s = l.add(a, b)
	return s, l.add(l.sub(a, s), b)
}

func (l *lanes) high(x vec) vec { return l.and(l.bits(highBits), x) }

func (l *lanes) expReduce(x vec) (hi, c, kb vec) {
	kb = l.add(l.mul(x, l.k(log2E)), l.k(shifter))
	k := l.sub(kb, l.k(shifter))
	return l.sub(x, l.mul(k, l.k(ln2Hi))), l.mul(k, l.k(ln2Lo)), kb
}

func (l *lanes) expTail(hi, c vec) vec {
	r := l.sub(hi, c)
	r2 := l.mul(r, r)
	r4 := l.mul(r2, r2)
	e := l.add(l.line(0x1.27e4c5a266516p-22, 0x1.af5ebbfb58d81p-26, r), l.mul(l.k(0x1.1f955cee0855fp-29), r2))
	d := l.add(l.line(0x1.6c16c16c14442p-10, 0x1.a01a01afe48e2p-13, r),
		l.mul(l.line(0x1.a01a01b0b848bp-16, 0x1.71ddf855406b9p-19, r), r2))
	d = l.add(d, l.mul(e, r4))
	a := l.add(l.line(0x1p-1, 0x1.5555555555559p-3, r),
		l.mul(l.line(0x1.555555555555ap-5, 0x1.111111110f6b0p-7, r), r2))
	a = l.add(a, l.mul(d, r4))
	return l.sub(l.mul(a, r2), c)
}

// pow2 returns 2^k from the low bits of kb.
func (l *lanes) pow2(kb vec) vec { return l.addInt(l.left(kb, 52), l.bits(oneBits)) }

// pow2Neg returns 2^-k.
func (l *lanes) pow2Neg(kb vec) vec { return l.subInt(l.bits(oneBits), l.left(kb, 52)) }

// expScaled returns e^x and scales in two steps, as expEdge does, which elsewhere gives the bits of one step.
func (l *lanes) expScaled(x vec) vec {
	hi, c, kb := l.expReduce(x)
	lo := l.expTail(hi, c)
	s, e := l.fastTwoSum(l.k(1), hi)
	half := l.right(kb, 1)
	return l.mul(l.mul(l.add(s, l.add(e, lo)), l.pow2(half)), l.pow2(l.subInt(kb, half)))
}

// exp: where the result is rounded to float32, it is 0 below -150 and infinite above 150.
func (l *lanes) exp(x vec) vec {
	if l.narrow {
		return l.nan(x, l.expOrdinary(l.min(l.max(x, l.k(-150)), l.k(150))))
	}
	return l.expWide(x)
}

func (l *lanes) expWide(x vec) vec {
	y := l.expScaled(x)
	y = l.choose(l.compare(greater, x, l.k(expTop)), l.k(math.Inf(1)), y)
	y = l.without(l.compare(less, x, l.k(expBottom)), y)
	return l.nan(x, y)
}

func (l *lanes) expm1(x vec) vec {
	hi, c, kb := l.expReduce(x)
	lo := l.expTail(hi, c)
	a, ea := l.twoSum(l.k(1), l.xor(l.bits(signBit), l.pow2Neg(kb)))
	s, e := l.fastTwoSum(a, hi)
	y := l.mul(l.add(s, l.add(e, l.add(ea, lo))), l.pow2(kb))
	y = l.choose(l.compare(atMost, x, l.k(-40)), l.k(-1), y)
	y = l.choose(l.compare(atMost, l.abs(x), l.k(0x1p-54)), x, y)
	if far := l.compare(atLeast, x, l.k(708)); l.narrow {
		y = l.choose(far, l.k(math.Inf(1)), y)
	} else {
		l.rarely(far, y, func() vec { return l.exp(x) })
	}
	return l.nan(x, y)
}

// rarely sets y to f() where the mask is set, and skips it where it is set nowhere.
func (l *lanes) rarely(mask, y vec, f func() vec) {
	any, skip := l.GP32(), l.label("skip")
	l.VMOVMSKPD(mask, any)
	l.TESTL(any, any)
	l.JZ(operand.LabelRef(skip))
	l.VBLENDVPD(mask, f(), y, y)
	l.Label(skip)
}

func (l *lanes) sigmoid(x vec) vec {
	hi, c, kb := l.expReduce(l.xor(l.bits(signBit), x))
	lo := l.expTail(hi, c)
	w := l.pow2Neg(kb)
	b, eb := l.twoSum(l.k(1), w)
	d, ed := l.fastTwoSum(b, hi)
	y := l.mul(w, l.quotient(l.in(l.k(1)), nil, d, l.add(ed, l.add(eb, lo))))
	y = l.choose(l.compare(atLeast, x, l.k(40)), l.k(1), y)
	if far := l.compare(atMost, x, l.k(-708)); l.narrow {
		y = l.without(far, y)
	} else {
		l.rarely(far, y, func() vec { return l.exp(x) })
	}
	return l.nan(x, y)
}

func (l *lanes) tanh(x vec) vec {
	a := l.abs(x)
	hi, c, kb := l.expReduce(l.add(a, a))
	lo := l.expTail(hi, c)
	w := l.pow2Neg(kb)
	one := l.in(l.k(1))
	p, ep := l.fastTwoSum(one, l.xor(l.bits(signBit), w))
	q, eq := l.fastTwoSum(one, w)
	n, en := l.fastTwoSum(p, hi)
	d, ed := l.fastTwoSum(q, hi)
	y := l.quotient(n, l.add(en, l.add(ep, lo)), d, l.add(ed, l.add(eq, lo)))
	y = l.choose(l.compare(atLeast, a, l.k(20)), l.k(1), y)
	y = l.signed(y, x)
	y = l.choose(l.compare(atMost, a, l.k(0x1p-28)), x, y)
	return l.nan(x, y)
}

// quotient returns (n+nl)/(d+dl); nl nil stands for 0.
func (l *lanes) quotient(n, nl, d, dl vec) vec {
	if nl == nil {
		nl = l.zero()
	} else {
		n, nl = l.fastTwoSum(n, nl)
	}
	d, dl = l.fastTwoSum(d, dl)
	inv, dh := l.div(l.k(1), d), l.high(d)
	y := l.high(l.mul(n, inv))
	rest := l.sub(l.sub(n, l.mul(y, dh)), l.mul(y, l.sub(d, dh)))
	return l.add(y, l.mul(l.add(rest, l.sub(nl, l.mul(y, dl))), inv))
}

func (l *lanes) zero() vec {
	z := l.YMM()
	l.VXORPD(z, z, z)
	return z
}

// erf computes both lines and chooses.
func (l *lanes) erf(x vec) vec {
	a := l.abs(x)
	q, rest := l.erfcLog(l.sub(a, l.k(erfSeam)))
	e := l.expOrdinary(q)
	s, es := l.fastTwoSum(l.k(1), l.xor(l.bits(signBit), e))
	y := l.add(s, l.sub(es, l.mul(e, rest)))
	y = l.choose(l.compare(atLeast, a, l.k(6)), l.k(1), y)
	y = l.signed(y, x)
	y = l.choose(l.compare(less, a, l.k(erfSeam)), l.erfNear(x), y)
	return l.nan(x, y)
}

// expOrdinary is exp for -708 < x < 709.
func (l *lanes) expOrdinary(x vec) vec {
	hi, c, kb := l.expReduce(x)
	lo := l.expTail(hi, c)
	s, e := l.fastTwoSum(l.k(1), hi)
	return l.mul(l.add(s, l.add(e, lo)), l.pow2(kb))
}

// cubic returns (c0 + c1*x) + (c2 + c3*x)*x2.
func (l *lanes) cubic(c0, c1, c2, c3 float64, x, x2 vec) vec {
	return l.add(l.line(c0, c1, x), l.mul(l.line(c2, c3, x), x2))
}

func (l *lanes) erfNear(x vec) vec {
	z := l.mul(x, x)
	z2 := l.mul(z, z)
	z4 := l.mul(z2, z2)
	d := l.cubic(0x1.b9d11fc8a9becp-20, -0x1.5e5cefe0a5e0bp-23, 0x1.eabead8c02567p-27, -0x1.f3e85bc94f060p-31, z, z2)
	b := l.cubic(0x1.565bcd0d96aecp-8, -0x1.c02db3c6f125ap-11, 0x1.f9a31d2072f75p-14, -0x1.f4d13e853b268p-17, z, z2)
	b = l.mul(l.add(b, l.mul(d, z4)), z4)
	a := l.cubic(0x1.06eba8214db69p-3, -0x1.812746b0379e6p-2, 0x1.ce2f21a042b60p-4, -0x1.b82ce312851a2p-6, z, z2)
	return l.add(x, l.mul(x, l.add(a, b)))
}

func (l *lanes) erfcLog(u vec) (q, rest vec) {
	u2 := l.mul(u, u)
	u4 := l.mul(u2, u2)
	u8 := l.mul(u4, u4)
	e := l.cubic(0x1.0cb4287b6f15ap-25, -0x1.77f34c9e42662p-28, 0x1.6769a152b90f8p-31, -0x1.a697b8bf78a73p-35, u, u2)
	d := l.cubic(-0x1.ecbb69f67f6cep-20, -0x1.94c7e991c19edp-22, 0x1.6e86c35878671p-22, -0x1.0f5048b5ccf49p-23, u, u2)
	d = l.mul(l.add(l.add(d, l.mul(e, u4)), l.mul(l.k(0x1.ccda8d497f031p-40), u8)), u8)
	b := l.cubic(0x1.6520be5110405p-13, 0x1.5296d239b6f31p-14, -0x1.865fbe9de0856p-15, 0x1.c0104bd0cb027p-17, u, u2)
	a := l.cubic(-0x1.a28c7a684a5cdp-1, -0x1.980e7796ea528p-5, 0x1.895d7ee8742e6p-7, -0x1.222d168ec6e33p-9, u, u2)
	p := l.add(l.add(a, l.mul(b, u4)), d)
	uh := l.high(u)
	c1 := l.k(-2.375)
	s, es := l.twoSum(l.k(-0x1.6257d5cdb7088p+0), l.mul(c1, uh))
	p = l.add(l.mul(p, u2), l.add(l.mul(l.k(0x1.856cbd7d373fdp-5), u), l.mul(c1, l.sub(u, uh))))
	q, rest = l.fastTwoSum(s, p)
	return q, l.add(rest, l.add(es, l.k(-0x1.e95a8648d7b99p-55)))
}

const (
	sqrtHalfBits = 0x3fe6a09e667f3bcd
	exponentMask = 0xfff0000000000000
)

// significand splits a positive normal number into 2^k * m with m in [sqrt(1/2), sqrt(2)), and returns m-1 and k.
func (l *lanes) significand(x vec) (f, k vec) {
	b := l.subInt(x, l.bits(sqrtHalfBits))
	m := l.subInt(x, l.and(l.bits(exponentMask), b))
	// The signed exponent, in the upper words, becomes a float64 through 2^52 + 2^31.
	y := l.YMM()
	l.VPSRAD(operand.U8(20), b, y)
	y = l.xor(l.bits(0x4330000080000000), l.right(y, 32))
	return l.sub(m, l.k(1)), l.sub(y, l.k(0x1p52+0x1p31))
}

func (l *lanes) log(x vec) vec {
	var f, k vec
	if l.narrow { // no float32 is subnormal in float64
		f, k = l.significand(x)
	} else {
		small := l.compare(less, x, l.k(0x1p-1022))
		f, k = l.significand(l.choose(small, l.mul(x, l.k(0x1p54)), x))
		k = l.sub(k, l.and(l.k(54), small))
	}
	y := l.logReduced(f, nil, k)
	y = l.choose(l.compare(greater, x, l.k(math.MaxFloat64)), x, y)
	y = l.choose(l.compare(equal, x, l.zero()), l.k(math.Inf(-1)), y)
	y = l.choose(l.compare(less, x, l.zero()), l.k(math.NaN()), y)
	return l.nan(x, y)
}

func (l *lanes) log1p(x vec) vec {
	u, e := l.twoSum(l.k(1), x)
	f, k := l.significand(u)
	y := l.logReduced(f, l.div(e, u), k)
	y = l.choose(l.compare(greater, x, l.k(math.MaxFloat64)), x, y)
	y = l.choose(l.compare(atMost, l.abs(x), l.k(0x1p-54)), x, y)
	y = l.choose(l.compare(equal, x, l.k(-1)), l.k(math.Inf(-1)), y)
	y = l.choose(l.compare(less, x, l.k(-1)), l.k(math.NaN()), y)
	return l.nan(x, y)
}

// logReduced is the Go function of that name; c nil stands for 0.
func (l *lanes) logReduced(f, c, k vec) vec {
	s := l.div(f, l.add(l.k(2), f))
	z := l.mul(s, s)
	z2 := l.mul(z, z)
	a := l.cubic(0x1.5555555555593p-1, 0x1.999999997fca4p-2, 0x1.2492494201a23p-2, 0x1.c71c51fb00694p-3, z, z2)
	b := l.add(l.line(0x1.7466420aba5c7p-3, 0x1.39a1653aeb43cp-3, z), l.mul(l.k(0x1.2f08ed9090f1cp-3), z2))
	r := l.mul(l.add(a, l.mul(b, l.mul(z2, z2))), z)
	h := l.mul(l.k(0.5), l.mul(f, f))
	t, e := l.fastTwoSum(l.mul(k, l.k(ln2Hi)), f)
	low := l.mul(k, l.k(ln2Lo))
	if c != nil {
		low = l.add(low, c)
	}
	return l.add(t, l.sub(e, l.sub(h, l.add(l.mul(s, l.add(h, r)), low))))
}
