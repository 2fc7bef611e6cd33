package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// foldEnds writes what comes between and after the passes of the order-free sum: the grids of a block of channels, and the
// rounding of its integers.
func foldEnds(c *Context) {
	foldGrid(c)
	foldFinish(c)
	gramFinish(c)
}

// broadcast returns v in all four quadwords.
func broadcast(c *Context, v uint64) reg.VecVirtual {
	g := c.GP64()
	c.MOVQ(operand.U64(v), g)
	return spread(c, g)
}

// spread returns a register in all four quadwords.
func spread(c *Context, g reg.Register) reg.VecVirtual {
	y := c.YMM()
	c.VMOVQ(g, y.AsX())
	c.VPBROADCASTQ(y.AsX(), y)
	return y
}

// spreadDouble returns a float64 parameter in all four lanes.
func spreadDouble(c *Context, name string) reg.VecVirtual {
	p, err := c.Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	y := c.YMM()
	c.VBROADCASTSD(p.Addr, y)
	return y
}

func foldGrid(c *Context) {
	c.Function("foldGrid")
	c.Attributes(7)
	c.Pragma("noescape")
	c.Doc("foldGrid is: for c < 4*quads { m[c] = 1.5 * 2^(exponent32(mx[c]) + bias) } for maxima that are normal or zero (exponent 0),",
		"and returns 0; where a maximum is subnormal, infinite or NaN it returns something else and m is not to be used.")
	c.SignatureExpr("func(m *float64, mx *uint32, bias int, quads int) int")
	m, mx := c.Load(c.Param("m"), c.GP64()), c.Load(c.Param("mx"), c.GP64())
	bias, n := c.Load(c.Param("bias"), c.GP64()), c.Load(c.Param("quads"), c.GP64())
	// For a normal maximum the exponent field of M is (mx>>23) - 126 + 1023 + bias; for zero 1023 + bias.
	c.ADDQ(operand.U32(1023), bias)
	b, y := spread(c, bias), c.YMM()
	half, one26 := broadcast(c, 1<<51), broadcast(c, 126)
	low, range32 := c.XMM(), c.XMM()
	g := c.GP32()
	c.MOVL(operand.U32(0x00800000), g)
	c.VMOVD(g, low)
	c.VPBROADCASTD(low, low)
	c.MOVL(operand.U32(0x7effffff), g)
	c.VMOVD(g, range32)
	c.VPBROADCASTD(range32, range32)
	bad, zero := c.XMM(), c.XMM()
	c.VPXOR(bad, bad, bad)
	c.VPXOR(zero, zero, zero)
	x, t, u, isZero := c.XMM(), c.XMM(), c.XMM(), c.XMM()
	wide := c.YMM()
	c.Label("next")
	c.VMOVDQU(operand.Mem{Base: mx}, x)
	c.VPSUBD(low, x, t)
	c.VPMINUD(range32, t, u)
	c.VPCMPEQD(t, u, t)         // normal and finite
	c.VPCMPEQD(zero, x, isZero) // zero
	c.VPOR(isZero, t, t)
	c.VPCMPEQD(zero, t, t) // neither
	c.VPOR(t, bad, bad)
	c.VPSRLD(operand.U8(23), x, x)
	c.VPMOVZXDQ(x, y)
	c.VPSUBQ(one26, y, y)
	c.VPMOVSXDQ(isZero, wide)
	c.VPANDN(y, wide, y)
	c.VPADDQ(b, y, y)
	c.VPSLLQ(operand.U8(52), y, y)
	c.VPOR(half, y, y)
	c.VMOVDQU(y, operand.Mem{Base: m})
	c.ADDQ(operand.U8(16), mx)
	c.ADDQ(operand.U8(32), m)
	c.DECQ(n)
	c.JNZ(operand.LabelRef("next"))
	flags := c.GP32()
	c.VMOVMSKPS(bad, flags)
	c.VZEROUPPER()
	c.Store(flags.As64(), c.ReturnIndex(0))
	c.RET()
}

func foldFinish(c *Context) {
	c.Function("foldFinish")
	c.Attributes(7)
	c.Pragma("noescape")
	c.Doc("foldFinish is: for c < 4*quads { k = acc[c] - n*bits(m[c]); out[c] = float32(float64(k) * 2^-g / div) }, where m[c] = 1.5 * 2^(52-g).",
		"n is below 2^31; div is 1 for a sum and n for a mean.")
	c.SignatureExpr("func(out *float32, acc *int64, m *float64, n int, div float64, quads int)")
	out, acc := c.Load(c.Param("out"), c.GP64()), c.Load(c.Param("acc"), c.GP64())
	m, n := c.Load(c.Param("m"), c.GP64()), c.Load(c.Param("n"), c.GP64())
	quads := c.Load(c.Param("quads"), c.GP64())
	nv, div := spread(c, n), spreadDouble(c, "div")
	half, shift := broadcast(c, 1<<51), broadcast(c, 52<<52)
	double := newInt64ToDouble(c)
	mv, k, lo := c.YMM(), c.YMM(), c.YMM()
	c.Label("next")
	c.VMOVDQU(operand.Mem{Base: m}, mv)
	c.VPSRLQ(operand.U8(32), mv, k)
	c.VPMULUDQ(nv, k, k)
	c.VPSLLQ(operand.U8(32), k, k)
	c.VMOVDQU(operand.Mem{Base: acc}, lo)
	c.VPSUBQ(k, lo, k)
	double.convert(k, lo)
	c.VPANDN(mv, half, mv) // 2^(52-g) without the half
	c.VPSUBQ(shift, mv, mv)
	c.VMULPD(mv, k, k)
	c.VDIVPD(div, k, k)
	c.VCVTPD2PSY(k, lo.AsX())
	c.VMOVUPS(lo.AsX(), operand.Mem{Base: out})
	c.ADDQ(operand.U8(32), m)
	c.ADDQ(operand.U8(32), acc)
	c.ADDQ(operand.U8(16), out)
	c.DECQ(quads)
	c.JNZ(operand.LabelRef("next"))
	c.VZEROUPPER()
	c.RET()
}

func gramFinish(c *Context) {
	c.Function("gramFinish")
	c.Attributes(7)
	c.Pragma("noescape")
	c.Doc("gramFinish is: for c < 4*quads { out[c] = float32(float64(acc[c]-zero) * (unit[c] * row)) }. quads is at least 1.")
	c.SignatureExpr("func(out *float32, acc *int64, zero int, unit *float64, row float64, quads int)")
	out, acc := c.Load(c.Param("out"), c.GP64()), c.Load(c.Param("acc"), c.GP64())
	unit, quads := c.Load(c.Param("unit"), c.GP64()), c.Load(c.Param("quads"), c.GP64())
	zero, row := spread(c, c.Load(c.Param("zero"), c.GP64())), spreadDouble(c, "row")
	double := newInt64ToDouble(c)
	k, t, u := c.YMM(), c.YMM(), c.YMM()
	c.Label("next")
	c.VMOVDQU(operand.Mem{Base: acc}, k)
	c.VPSUBQ(zero, k, k)
	double.convert(k, t)
	c.VMULPD(operand.Mem{Base: unit}, row, u)
	c.VMULPD(u, k, k)
	c.VCVTPD2PSY(k, t.AsX())
	c.VMOVUPS(t.AsX(), operand.Mem{Base: out})
	c.ADDQ(operand.U8(32), unit)
	c.ADDQ(operand.U8(32), acc)
	c.ADDQ(operand.U8(16), out)
	c.DECQ(quads)
	c.JNZ(operand.LabelRef("next"))
	c.VZEROUPPER()
	c.RET()
}

// int64ToDouble turns int64 into float64 with one rounding: the halves over 2^84 + 2^63 and 2^52, the first difference exact.
type int64ToDouble struct {
	*Context
	low, high, both reg.VecVirtual
}

func newInt64ToDouble(c *Context) int64ToDouble {
	return int64ToDouble{c, broadcast(c, 0x4330000000000000), broadcast(c, 0x4530000080000000), broadcast(c, 0x4530000080100000)}
}

// convert turns k in place; t is scratch.
func (d int64ToDouble) convert(k, t reg.VecVirtual) {
	d.VPSRLQ(operand.U8(32), k, t)
	d.VPXOR(d.high, t, t)
	d.VSUBPD(d.both, t, t)
	d.VPBLENDD(operand.U8(0xaa), d.low, k, k)
	d.VADDPD(k, t, k)
}
