package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// wide is eight numbers of 64 bits: the columns of a register.
type wide [2]reg.VecVirtual

func newWide(c *Context) wide { return wide{c.YMM(), c.YMM()} }

func (w wide) clear(c *Context) {
	for _, v := range w {
		c.VPXOR(v, v, v)
	}
}

// doubles sets w to the float64 of the numbers of v.
func (w wide) doubles(c *Context, v reg.VecVirtual) {
	c.VEXTRACTF128(operand.U8(1), v, w[1].AsX())
	c.VCVTPS2PD(w[1].AsX(), w[1])
	c.VCVTPS2PD(v.AsX(), w[0])
}

// grids sets m to M for columns whose largest absolute bit patterns are top, those of one factor or of two, on the grid of 2^11 terms.
// It jumps to done where one is subnormal, infinite or NaN. It spoils top.
func grids(c *Context, m wide, top ...reg.VecVirtual) {
	zero, bad, none, v, u := c.YMM(), c.YMM(), c.YMM(), c.YMM(), c.YMM()
	c.VPXOR(zero, zero, zero)
	c.VPXOR(bad, bad, bad)
	c.VPXOR(none, none, none)
	most := spreadInt(c, 254)
	for _, t := range top {
		c.VPSRLD(operand.U8(23), t, v) // the exponent: 1..254 where normal
		c.VPCMPEQD(zero, t, u)
		c.VPOR(u, none, none)
		c.VPCMPEQD(zero, v, t)
		c.VPANDN(t, u, u) // subnormal
		c.VPOR(u, bad, bad)
		c.VPCMPGTD(most, v, u)
		c.VPOR(u, bad, bad)
		c.VMOVDQA(v, t)
	}
	flags := c.GP32()
	c.VMOVMSKPS(bad, flags)
	c.TESTL(flags, flags)
	c.JNZ(operand.LabelRef("done"))
	// The exponent field of M is 1024 + e; each factor adds its exponent less 126 to e, which is 0 where a maximum is 0.
	for _, t := range top[1:] {
		c.VPADDD(t, top[0], top[0])
	}
	c.VPADDD(spreadInt(c, uint32(1024-126*len(top))), top[0], v)
	c.VBLENDVPS(none, spreadInt(c, 1024), v, v)
	half := broadcast(c, 1<<51)
	c.VEXTRACTI128(operand.U8(1), v, m[1].AsX())
	c.VPMOVZXDQ(m[1].AsX(), m[1])
	c.VPMOVZXDQ(v.AsX(), m[0])
	for _, v := range m {
		c.VPSLLQ(operand.U8(52), v, v)
		c.VPOR(half, v, v)
	}
}

// gridUnits turns M into the unit of its grid, 2^-g.
func gridUnits(c *Context, m wide) {
	half, shift := broadcast(c, 1<<51), broadcast(c, 52<<52)
	for _, v := range m {
		c.VPANDN(v, half, v)
		c.VPSUBQ(shift, v, v)
	}
}

// total sets out to the pattern of float32(acc * unit), where acc has an integer for each number of a register, and rounds once: see
// foldFinish. It spoils acc.
func total(c *Context, heads int, acc wide, out reg.VecVirtual, unit ...reg.VecVirtual) {
	halves := 2
	if heads <= 4 {
		halves = 1
		c.VPADDQ(acc[1], acc[0], acc[0])
	}
	t := c.YMM()
	if heads <= 2 {
		c.VPERMQ(operand.U8(0x4e), acc[0], t)
		c.VPADDQ(t, acc[0], acc[0])
	}
	if heads <= 1 {
		c.VPSHUFD(operand.U8(0x4e), acc[0], t)
		c.VPADDQ(t, acc[0], acc[0])
	}
	low, high, both := broadcast(c, 0x4330000000000000), broadcast(c, 0x4530000080000000), broadcast(c, 0x4530000080100000)
	for k := range halves {
		hi := acc[k]
		c.VPBLENDD(operand.U8(0xaa), low, hi, t)
		c.VPSRLQ(operand.U8(32), hi, hi)
		c.VPXOR(high, hi, hi)
		c.VSUBPD(both, hi, hi)
		c.VADDPD(t, hi, hi)
		c.VMULPD(unit[k], hi, hi)
		c.VCVTPD2PSY(hi, hi.AsX())
	}
	c.VINSERTF128(operand.U8(1), acc[halves-1].AsX(), acc[0], out)
}

func attendSum(c *Context, heads int) {
	name := fmt.Sprintf("attendSum%d", heads)
	function(c, name, "func(out, x *float32, ptr *int32, segments int) int",
		fmt.Sprintf("%s is: for s < segments, h < %d, out[%d*s+h] = the order-free sum of the column over the rows of s, of at most 2^11 terms.", name, heads, heads),
		"An empty segment is left alone. It returns the number of segments that it did: it stops before one with a column whose largest",
		"|x| is subnormal or not finite.")
	var abs reg.VecVirtual
	var left reg.GPVirtual
	out, at := c.Load(c.Param("out"), c.GP64()), c.GP64()
	segments(c, heads, []string{"x"}, func() { abs = spreadInt(c, 0x7fffffff) }, func(r *rows) {
		left = r.left
		top, v := c.YMM(), c.YMM()
		c.VPXOR(top, top, top)
		r.pass(func(load func(int, reg.VecVirtual), _ func(reg.VecVirtual, int), _ bool) {
			load(0, v)
			c.VPAND(abs, v, v)
			c.VPMAXUD(v, top, top)
		})
		r.combine(top, func(a, b, to operand.Op) { c.VPMAXUD(a, b, to) })
		m, acc, x := newWide(c), newWide(c), newWide(c)
		grids(c, m, top)
		acc.clear(c)
		r.pass(func(load func(int, reg.VecVirtual), _ func(reg.VecVirtual, int), _ bool) {
			load(0, v)
			x.doubles(c, v)
			for k := range acc {
				c.VADDPD(m[k], x[k], x[k])
				c.VPSUBQ(m[k], x[k], x[k])
				c.VPADDQ(x[k], acc[k], acc[k])
			}
		})
		gridUnits(c, m)
		total(c, heads, acc, v, m[0], m[1])
		r.place(at)
		to := operand.Mem{Base: out, Index: at, Scale: 1}
		switch heads {
		case 1:
			c.VMOVSS(v.AsX(), to)
		case 2:
			c.VMOVSD(v.AsX(), to)
		case 4:
			c.VMOVUPS(v.AsX(), to)
		case 8:
			c.VMOVUPS(v, to)
		}
	})
	finish(c, func() reg.GPVirtual { return left })
}

func attendFold(c *Context) {
	function(c, "attendFold", "func(out, w, x *float32, row, ptr *int32, segments int, head *int32, heads, d int) int",
		"attendFold is: for s < segments, c < d { out[d*s+c] = the order-free sum of w[heads*k+head[c]] * x[d*row[k]+c] over the positions k",
		"of s, at most 2^11, positions being counted from ptr[0] }. heads is at most 8; w can be read for 7 numbers more, and head for whole",
		"blocks of eight. It returns the number of segments that it did: it stops before one that is empty or has a column whose largest |w| or",
		"|x| is subnormal or not finite.")
	out, w, x := c.Load(c.Param("out"), c.GP64()), c.Load(c.Param("w"), c.GP64()), c.Load(c.Param("x"), c.GP64())
	row, ptr := c.Load(c.Param("row"), c.GP64()), c.Load(c.Param("ptr"), c.GP64())
	left := c.Load(c.Param("segments"), c.GP64()).(reg.GPVirtual)
	wstride, stride := c.Load(c.Param("heads"), c.GP64()), c.Load(c.Param("d"), c.GP64())
	c.SHLQ(operand.U8(2), wstride)
	c.SHLQ(operand.U8(2), stride)
	lane := c.YMM() // the byte of each lane
	g := c.GP64()
	c.MOVQ(operand.U64(0x1c1814100c080400), g)
	c.VMOVQ(g, lane.AsX())
	c.VPMOVZXBD(lane.AsX(), lane)

	end, rp, wp, at, xc, r := c.GP64(), c.GP64(), c.GP64(), c.GP64(), c.GP64(), c.GP64()
	wtop, top, v, u, mask, index := c.YMM(), c.YMM(), c.YMM(), c.YMM(), c.YMM(), c.YMM()
	// positions calls body for each position, rp and wp being at its row and its weights.
	positions := func(label string, body func()) {
		c.MOVQ(row, rp)
		c.MOVQ(w, wp)
		c.Label(label)
		body()
		c.ADDQ(wstride, wp)
		c.ADDQ(operand.U8(4), rp)
		c.CMPQ(rp, end)
		c.JNE(operand.LabelRef(label))
	}
	value := func() {
		c.MOVLQSX(operand.Mem{Base: rp}, r)
		c.IMULQ(stride, r)
		c.VMASKMOVPS(operand.Mem{Base: xc, Index: r, Scale: 1}, mask, v)
	}
	c.Label("segment")
	c.MOVLQSX(operand.Mem{Base: ptr}, r)
	c.MOVLQSX(operand.Mem{Base: ptr, Disp: 4}, end)
	c.SUBQ(r, end)
	c.JZ(operand.LabelRef("done"))
	c.LEAQ(operand.Mem{Base: row, Index: end, Scale: 4}, end)
	abs := spreadInt(c, 0x7fffffff)
	c.VPXOR(wtop, wtop, wtop)
	positions("weights", func() {
		c.VPAND(operand.Mem{Base: wp}, abs, v)
		c.VPMAXUD(v, wtop, wtop)
	})
	c.XORQ(at, at)
	c.Label("block")
	c.MOVQ(stride, r)
	c.SUBQ(at, r)
	c.VMOVD(r.As32(), mask.AsX())
	c.VPBROADCASTD(mask.AsX(), mask)
	c.VPCMPGTD(lane, mask, mask)
	head := c.Load(c.Param("head"), c.GP64())
	c.VMOVDQU(operand.Mem{Base: head, Index: at, Scale: 1}, index)
	c.LEAQ(operand.Mem{Base: x, Index: at, Scale: 1}, xc)
	abs = spreadInt(c, 0x7fffffff)
	c.VPXOR(top, top, top)
	positions("maxima", func() {
		value()
		c.VPAND(abs, v, v)
		c.VPMAXUD(v, top, top)
	})
	c.VPERMPS(wtop, index, u)
	m, acc, a, b := newWide(c), newWide(c), newWide(c), newWide(c)
	grids(c, m, top, u)
	acc.clear(c)
	positions("sums", func() {
		value()
		a.doubles(c, v)
		c.VMOVUPS(operand.Mem{Base: wp}, u)
		c.VPERMPS(u, index, u)
		b.doubles(c, u)
		for k := range acc {
			c.VFMADD213PD(m[k], a[k], b[k])
			c.VPSUBQ(m[k], b[k], b[k])
			c.VPADDQ(b[k], acc[k], acc[k])
		}
	})
	gridUnits(c, m)
	total(c, 8, acc, v, m[0], m[1])
	to := operand.Mem{Base: out, Index: at, Scale: 1}
	c.ADDQ(operand.U8(32), at)
	c.CMPQ(at, stride)
	c.JG(operand.LabelRef("part"))
	c.VMOVUPS(v, to.Offset(-32))
	c.JL(operand.LabelRef("block"))
	c.JMP(operand.LabelRef("next"))
	c.Label("part")
	c.VMASKMOVPS(v, mask, to.Offset(-32))
	c.Label("next")
	c.ADDQ(stride, out)
	c.MOVQ(end, row)
	c.MOVQ(wp, w)
	c.ADDQ(operand.U8(4), ptr)
	c.DECQ(left)
	c.JNZ(operand.LabelRef("segment"))
	c.Label("done")
	finish(c, func() reg.GPVirtual { return left })
}
