package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// attends writes the softmax of attention over segments whose rows, of 1, 2, 4 or 8 heads, stand one after the other. A register
// holds eight numbers, several rows where they are short; what belongs to a segment stands in a register as a pattern of as many
// copies of its row.
func attends(c *Context) {
	for _, heads := range []int{1, 2, 4, 8} {
		attendAdd(c, heads)
		attendShift(c, heads)
		attendNormalize(c, heads)
		attendBack(c, heads)
		attendSum(c, heads)
	}
	attendFold(c)
	attendOuter(c)
	attendMove(c, "attendGather8", "out[8*k+h] = x[8*at[k]+h]", true)
	attendMove(c, "attendScatter8", "out[8*at[k]+h] = x[8*k+h]", false)
	attendDrop(c)
	attendUnmask(c)
	attendWeights(c)
	attendLeaky(c)
}

// rows is a loop over the rows of segments.
type rows struct {
	c      *Context
	heads  int
	ptr    reg.GPVirtual
	left   reg.GPVirtual   // segments to do
	n      reg.GPVirtual   // numbers of the segment
	i      reg.GPVirtual   // numbers done, in one pass
	lane   reg.VecVirtual  // 0..7
	mask   reg.VecVirtual  // lanes of the last register
	arrays []reg.GPVirtual // their places at the segment
	labels int
}

// segments calls body for each segment that is not empty. Arrays are the parameters that are walked.
func segments(c *Context, heads int, arrays []string, prepare func(), body func(r *rows)) {
	r := &rows{c: c, heads: heads, n: c.GP64(), i: c.GP64()}
	r.ptr = c.Load(c.Param("ptr"), c.GP64()).(reg.GPVirtual)
	r.left = c.Load(c.Param("segments"), c.GP64()).(reg.GPVirtual)
	for _, a := range arrays {
		r.arrays = append(r.arrays, c.Load(c.Param(a), c.GP64()).(reg.GPVirtual))
	}
	if heads < 8 {
		r.lane, r.mask = c.YMM(), c.YMM()
		g := c.GP64()
		c.MOVQ(operand.U64(0x0706050403020100), g)
		c.VMOVQ(g, r.lane.AsX())
		c.VPMOVZXBD(r.lane.AsX(), r.lane)
	}
	prepare()
	c.TESTQ(r.left, r.left)
	c.JZ(operand.LabelRef("done"))
	c.Label("segment")
	first := c.GP64()
	c.MOVLQSX(operand.Mem{Base: r.ptr}, first)
	c.MOVLQSX(operand.Mem{Base: r.ptr, Disp: 4}, r.n)
	c.SUBQ(first, r.n)
	c.JZ(operand.LabelRef("next"))
	if heads > 1 {
		c.SHLQ(operand.U8(map[int]int{2: 1, 4: 2, 8: 3}[heads]), r.n)
	}
	if heads < 8 {
		rest := c.GP64()
		c.MOVQ(r.n, rest)
		c.ANDQ(operand.U8(7), rest)
		c.VMOVD(rest.As32(), r.mask.AsX())
		c.VPBROADCASTD(r.mask.AsX(), r.mask)
		c.VPCMPGTD(r.lane, r.mask, r.mask)
	}
	body(r)
	for _, a := range r.arrays {
		c.LEAQ(operand.Mem{Base: a, Index: r.n, Scale: 4}, a)
	}
	c.Label("next")
	c.ADDQ(operand.U8(4), r.ptr)
	c.DECQ(r.left)
	c.JNZ(operand.LabelRef("segment"))
	c.Label("done")
}

// pass calls f for the registers of the segment, last with the one that is not full: load and store are those of array k at the place.
func (r *rows) pass(f func(load func(k int, v reg.VecVirtual), store func(v reg.VecVirtual, k int), last bool)) {
	c := r.c
	r.labels++
	loop, tail, end := fmt.Sprintf("full%d", r.labels), fmt.Sprintf("tail%d", r.labels), fmt.Sprintf("end%d", r.labels)
	at := func(k int) operand.Mem { return operand.Mem{Base: r.arrays[k], Index: r.i, Scale: 4} }
	c.XORQ(r.i, r.i)
	limit := c.GP64()
	c.MOVQ(r.n, limit)
	if r.heads < 8 {
		c.ANDQ(operand.I8(-8), limit)
		c.JZ(operand.LabelRef(tail))
	}
	c.Label(loop)
	f(func(k int, v reg.VecVirtual) { c.VMOVUPS(at(k), v) }, func(v reg.VecVirtual, k int) { c.VMOVUPS(v, at(k)) }, false)
	c.ADDQ(operand.U8(8), r.i)
	c.CMPQ(r.i, limit)
	c.JNE(operand.LabelRef(loop))
	if r.heads == 8 {
		return
	}
	c.Label(tail)
	c.CMPQ(r.i, r.n)
	c.JE(operand.LabelRef(end))
	f(func(k int, v reg.VecVirtual) { c.VMASKMOVPS(at(k), r.mask, v) }, func(v reg.VecVirtual, k int) { c.VMASKMOVPS(v, r.mask, at(k)) }, true)
	c.Label(end)
}

// combine folds the copies of a row in v by op, so that each copy is the result.
func (r *rows) combine(v reg.VecVirtual, op func(a, b, to operand.Op)) {
	c, t := r.c, r.c.YMM()
	if r.heads <= 4 {
		c.VPERM2F128(operand.U8(1), v, v, t)
		op(t, v, v)
	}
	if r.heads <= 2 {
		c.VPERMILPS(operand.U8(0x4e), v, t)
		op(t, v, v)
	}
	if r.heads <= 1 {
		c.VPERMILPS(operand.U8(0xb1), v, t)
		op(t, v, v)
	}
}

func function(c *Context, name, signature string, doc ...string) {
	c.Function(name)
	c.Attributes(7)
	c.Pragma("noescape")
	c.Doc(doc...)
	c.SignatureExpr(signature)
}

// pattern loads row r of a segment into all places of v.
func pattern(c *Context, heads int, from operand.Mem, v reg.VecVirtual) {
	switch heads {
	case 1:
		c.VBROADCASTSS(from, v)
	case 2:
		c.VBROADCASTSD(from, v)
	case 4:
		c.VBROADCASTF128(from, v)
	case 8:
		c.VMOVUPS(from, v)
	}
}

// spreadInt returns v in all eight doublewords.
func spreadInt(c *Context, v uint32) reg.VecVirtual {
	g, y := c.GP32(), c.YMM()
	c.MOVL(operand.U32(v), g)
	c.VMOVD(g, y.AsX())
	c.VPBROADCASTD(y.AsX(), y)
	return y
}

// spreadParam returns a parameter of 32 bits in all eight lanes.
func spreadParam(c *Context, name string) reg.VecVirtual {
	p, err := c.Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	y := c.YMM()
	c.VBROADCASTSS(p.Addr, y)
	return y
}

func attendAdd(c *Context, heads int) {
	name := fmt.Sprintf("attendAdd%d", heads)
	function(c, name, "func(x, dst *float32, ptr *int32, segments int)",
		fmt.Sprintf("%s is: for s < segments, ptr[s] <= k < ptr[s+1], h < %d { x[%d*(k-ptr[0])+h] += dst[%d*s+h] }.", name, heads, heads, heads))
	dst, at := c.Load(c.Param("dst"), c.GP64()), c.GP64()
	row, v := c.YMM(), c.YMM()
	segments(c, heads, []string{"x"}, func() {}, func(r *rows) {
		r.place(at)
		pattern(c, heads, operand.Mem{Base: dst, Index: at, Scale: 1}, row)
		r.pass(func(load func(int, reg.VecVirtual), store func(reg.VecVirtual, int), _ bool) {
			load(0, v)
			c.VADDPS(row, v, v)
			store(v, 0)
		})
	})
	c.VZEROUPPER()
	c.RET()
}

// finish returns how many segments were done: all of them, or those before the one that jumped to bad.
func finish(c *Context, left func() reg.GPVirtual) {
	c.VZEROUPPER()
	done := c.Load(c.Param("segments"), c.GP64())
	c.SUBQ(left(), done)
	c.Store(done, c.ReturnIndex(0))
	c.RET()
}

func attendShift(c *Context, heads int) {
	name := fmt.Sprintf("attendShift%d", heads)
	function(c, name, "func(x *float32, ptr *int32, segments int, slope float32) int",
		fmt.Sprintf("%s is: for s < segments, columns h < %d, over the rows k of s { if x <= 0 { x *= slope }; x -= the largest x of the column }.", name, heads),
		"It returns the number of segments that it did: it stops before one with an x that is not finite.")
	var slope, zero, abs, lowest, largest reg.VecVirtual
	var left reg.GPVirtual
	mx, top, v, t := c.YMM(), c.YMM(), c.YMM(), c.YMM()
	segments(c, heads, []string{"x"}, func() {
		slope, zero, abs, lowest, largest = spreadParam(c, "slope"), c.YMM(), spreadInt(c, 0x7fffffff), spreadInt(c, 0xff800000), spreadInt(c, 0x7f7fffff)
		c.VXORPS(zero, zero, zero)
	}, func(r *rows) {
		left = r.left
		leaky := func() {
			c.VMULPS(slope, v, t)
			cmp := c.YMM()
			c.VCMPPS(operand.U8(18), zero, v, cmp) // v <= 0
			c.VBLENDVPS(cmp, t, v, v)
		}
		c.VMOVAPS(lowest, mx)
		c.VXORPS(top, top, top)
		r.pass(func(load func(int, reg.VecVirtual), _ func(reg.VecVirtual, int), last bool) {
			load(0, v)
			leaky()
			c.VPAND(abs, v, t)
			c.VPMAXUD(t, top, top)
			if last {
				c.VBLENDVPS(r.mask, v, lowest, v)
			}
			c.VMAXPS(v, mx, mx)
		})
		c.VPCMPGTD(largest, top, top)
		flags := c.GP32()
		c.VMOVMSKPS(top, flags)
		c.TESTL(flags, flags)
		c.JNZ(operand.LabelRef("done"))
		r.combine(mx, func(a, b, to operand.Op) { c.VMAXPS(a, b, to) })
		r.pass(func(load func(int, reg.VecVirtual), store func(reg.VecVirtual, int), _ bool) {
			load(0, v)
			leaky()
			c.VSUBPS(mx, v, v)
			store(v, 0)
		})
	})
	finish(c, func() reg.GPVirtual { return left })
}

func attendNormalize(c *Context, heads int) {
	name := fmt.Sprintf("attendNormalize%d", heads)
	function(c, name, "func(x *float32, ptr *int32, segments int) int",
		fmt.Sprintf("%s is: for s < segments, columns h < %d, over the rows k of s { x /= the order-free sum of the column on the grid of 2^11 terms up to 1 }.", name, heads),
		"It returns the number of segments that it did: it stops before one with an x that is NaN.")
	var abs, one, magic, unit reg.VecVirtual
	var left reg.GPVirtual
	v, t, top := c.YMM(), c.YMM(), c.YMM()
	segments(c, heads, []string{"x"}, func() {
		abs, one = spreadInt(c, 0x7fffffff), spreadInt(c, 0x3f800000)
		magic, unit = broadcast(c, 1025<<52|1<<51), broadcast(c, (1023-50)<<52)
	}, func(r *rows) {
		left = r.left
		acc, w := newWide(c), newWide(c)
		acc.clear(c)
		c.VXORPS(top, top, top)
		r.pass(func(load func(int, reg.VecVirtual), _ func(reg.VecVirtual, int), _ bool) {
			load(0, v)
			c.VPAND(abs, v, t)
			c.VPMAXUD(t, top, top)
			w.doubles(c, v)
			for k := range acc {
				c.VADDPD(magic, w[k], w[k])
				c.VPSUBQ(magic, w[k], w[k])
				c.VPADDQ(w[k], acc[k], acc[k])
			}
		})
		c.VPCMPGTD(one, top, top)
		flags := c.GP32()
		c.VMOVMSKPS(top, flags)
		c.TESTL(flags, flags)
		c.JNZ(operand.LabelRef("done"))
		total(c, heads, acc, t, unit, unit)
		r.pass(func(load func(int, reg.VecVirtual), store func(reg.VecVirtual, int), _ bool) {
			load(0, v)
			c.VDIVPS(t, v, v)
			store(v, 0)
		})
	})
	finish(c, func() reg.GPVirtual { return left })
}

func attendBack(c *Context, heads int) {
	name := fmt.Sprintf("attendBack%d", heads)
	function(c, name, "func(b, a *float32, ptr *int32, segments int) int",
		fmt.Sprintf("%s is: for s < segments, columns h < %d, over the rows k of s { dot = the order-free sum of the products a*b of the", name, heads),
		"column, of at most 2^11 terms; b = (b-dot)*a }. It returns the number of segments that it did: it stops before one with a column",
		"whose largest |a| or |b| is subnormal or not finite.")
	var abs reg.VecVirtual
	var left reg.GPVirtual
	segments(c, heads, []string{"b", "a"}, func() { abs = spreadInt(c, 0x7fffffff) }, func(r *rows) {
		left = r.left
		top := [2]reg.VecVirtual{c.YMM(), c.YMM()}
		v, u := c.YMM(), c.YMM()
		for k := range top {
			c.VPXOR(top[k], top[k], top[k])
		}
		r.pass(func(load func(int, reg.VecVirtual), _ func(reg.VecVirtual, int), _ bool) {
			for k := range top {
				load(k, v)
				c.VPAND(abs, v, v)
				c.VPMAXUD(v, top[k], top[k])
			}
		})
		for k := range top {
			r.combine(top[k], func(a, b, to operand.Op) { c.VPMAXUD(a, b, to) })
		}
		m, acc, x, y := newWide(c), newWide(c), newWide(c), newWide(c)
		grids(c, m, top[:]...)
		acc.clear(c)
		r.pass(func(load func(int, reg.VecVirtual), _ func(reg.VecVirtual, int), _ bool) {
			load(0, v)
			x.doubles(c, v)
			load(1, v)
			y.doubles(c, v)
			for k := range acc {
				c.VFMADD213PD(m[k], x[k], y[k])
				c.VPSUBQ(m[k], y[k], y[k])
				c.VPADDQ(y[k], acc[k], acc[k])
			}
		})
		gridUnits(c, m)
		dot := c.YMM()
		total(c, heads, acc, dot, m[0], m[1])
		r.pass(func(load func(int, reg.VecVirtual), store func(reg.VecVirtual, int), _ bool) {
			load(0, v)
			load(1, u)
			c.VSUBPS(dot, v, v)
			c.VMULPS(u, v, v)
			store(v, 0)
		})
	})
	finish(c, func() reg.GPVirtual { return left })
}

// place sets at to the bytes before row s of a matrix with a row a segment, s being the segment that is done.
func (r *rows) place(at reg.GPVirtual) {
	done := r.c.Load(r.c.Param("segments"), r.c.GP64())
	r.c.SUBQ(r.left, done)
	r.c.IMUL3Q(operand.U8(4*r.heads), done, at)
}

// blocks writes a loop over blocks of eight numbers of the arrays that are named.
func blocks(c *Context, arrays []string, body func(at []operand.Mem)) {
	at := make([]operand.Mem, len(arrays))
	for k, a := range arrays {
		at[k] = operand.Mem{Base: c.Load(c.Param(a), c.GP64())}
	}
	n := c.Load(c.Param("blocks"), c.GP64())
	c.Label("next")
	body(at)
	for _, m := range at {
		c.ADDQ(operand.U8(32), m.Base)
	}
	c.DECQ(n)
	c.JNZ(operand.LabelRef("next"))
	c.VZEROUPPER()
	c.RET()
}

func attendDrop(c *Context) {
	function(c, "attendDrop", "func(x, kept *float32, words *uint32, threshold uint32, scale float32, blocks int)",
		"attendDrop is: for i < 8*blocks { x, kept = x*scale, |x| where words >= threshold; 0, -|x| elsewhere }. blocks is at least 1.")
	threshold, scale, sign := spreadParam(c, "threshold"), spreadParam(c, "scale"), spreadInt(c, 1<<31)
	v, w, keep := c.YMM(), c.YMM(), c.YMM()
	blocks(c, []string{"x", "kept", "words"}, func(at []operand.Mem) {
		c.VMOVDQU(at[2], w)
		c.VPMAXUD(threshold, w, keep)
		c.VPCMPEQD(w, keep, keep)
		c.VMOVUPS(at[0], v)
		c.VMULPS(scale, v, w)
		c.VPAND(keep, w, w)
		c.VMOVDQU(w, at[0])
		c.VPANDN(v, sign, v)
		c.VPANDN(sign, keep, keep)
		c.VPOR(keep, v, v)
		c.VMOVDQU(v, at[1])
	})
}

func attendUnmask(c *Context) {
	function(c, "attendUnmask", "func(b, a *float32, scale float32, blocks int)",
		"attendUnmask is: for i < 8*blocks { b, a = b*scale, a; where the sign bit of a is set, 0, -a }. blocks is at least 1.")
	scale, sign := spreadParam(c, "scale"), spreadInt(c, 1<<31)
	v, w, dropped := c.YMM(), c.YMM(), c.YMM()
	blocks(c, []string{"b", "a"}, func(at []operand.Mem) {
		c.VMOVDQU(at[1], v)
		c.VPSRAD(operand.U8(31), v, dropped)
		c.VPANDN(v, sign, v)
		c.VMOVDQU(v, at[1])
		c.VMULPS(at[0], scale, w)
		c.VPANDN(w, dropped, w)
		c.VMOVDQU(w, at[0])
	})
}

func attendWeights(c *Context) {
	function(c, "attendWeights", "func(a *float32, scale float32, blocks int)",
		"attendWeights is: for i < 8*blocks { a = a*scale; 0 where the sign bit of a is set }. blocks is at least 1.")
	scale := spreadParam(c, "scale")
	v, dropped := c.YMM(), c.YMM()
	blocks(c, []string{"a"}, func(at []operand.Mem) {
		c.VMOVDQU(at[0], v)
		c.VPSRAD(operand.U8(31), v, dropped)
		c.VMULPS(scale, v, v)
		c.VPANDN(v, dropped, v)
		c.VMOVDQU(v, at[0])
	})
}

func attendLeaky(c *Context) {
	function(c, "attendLeaky", "func(b, a *float32, slope float32, blocks int)",
		"attendLeaky is: for i < 8*blocks { if a <= 0 { b *= slope } }. blocks is at least 1.")
	slope, zero := spreadParam(c, "slope"), c.YMM()
	c.VXORPS(zero, zero, zero)
	v, w, cmp := c.YMM(), c.YMM(), c.YMM()
	blocks(c, []string{"b", "a"}, func(at []operand.Mem) {
		c.VMOVUPS(at[0], v)
		c.VMULPS(slope, v, w)
		c.VCMPPS(operand.U8(29), at[1], zero, cmp) // 0 >= a
		c.VBLENDVPS(cmp, w, v, v)
		c.VMOVUPS(v, at[0])
	})
}

// attendMove writes a copy of rows of eight numbers, from or to the rows that at names.
func attendMove(c *Context, name, doc string, gather bool) {
	function(c, name, "func(out, x *float32, at *int32, n int)", name+" is: for k < n, h < 8 { "+doc+" }. n is at least 1.")
	out, x := c.Load(c.Param("out"), c.GP64()), c.Load(c.Param("x"), c.GP64())
	at, n, r, v := c.Load(c.Param("at"), c.GP64()), c.Load(c.Param("n"), c.GP64()), c.GP64(), c.YMM()
	c.Label("next")
	c.MOVLQSX(operand.Mem{Base: at}, r)
	c.SHLQ(operand.U8(5), r)
	if gather {
		c.VMOVUPS(operand.Mem{Base: x, Index: r, Scale: 1}, v)
		c.VMOVUPS(v, operand.Mem{Base: out})
		c.ADDQ(operand.U8(32), out)
	} else {
		c.VMOVUPS(operand.Mem{Base: x}, v)
		c.VMOVUPS(v, operand.Mem{Base: out, Index: r, Scale: 1})
		c.ADDQ(operand.U8(32), x)
	}
	c.ADDQ(operand.U8(4), at)
	c.DECQ(n)
	c.JNZ(operand.LabelRef("next"))
	c.VZEROUPPER()
	c.RET()
}

func attendOuter(c *Context) {
	function(c, "attendOuter", "func(y, base, a, w *float32, head *int32, rows, heads, d int)",
		"attendOuter is: for r < rows, c < d { y[d*r+c] = a[c] * w[heads*r+head[c]], plus base[d*r+c] where base is not nil }. rows and d are",
		"at least 1, heads at most 8; head can be read for whole blocks of eight.")
	y, base := c.Load(c.Param("y"), c.GP64()), c.Load(c.Param("base"), c.GP64())
	w, head, a := c.Load(c.Param("w"), c.GP64()), c.Load(c.Param("head"), c.GP64()), c.Load(c.Param("a"), c.GP64())
	left, wstride, stride := c.Load(c.Param("rows"), c.GP64()), c.Load(c.Param("heads"), c.GP64()), c.Load(c.Param("d"), c.GP64())
	c.SHLQ(operand.U8(2), wstride)
	c.SHLQ(operand.U8(2), stride)
	lane, wmask, mask, weights, v, u := c.YMM(), c.YMM(), c.YMM(), c.YMM(), c.YMM(), c.YMM()
	at, r := c.GP64(), c.GP64()
	c.MOVQ(operand.U64(0x1c1814100c080400), r)
	c.VMOVQ(r, lane.AsX())
	c.VPMOVZXBD(lane.AsX(), lane)
	c.VMOVD(wstride.(reg.GPVirtual).As32(), wmask.AsX())
	c.VPBROADCASTD(wmask.AsX(), wmask)
	c.VPCMPGTD(lane, wmask, wmask)
	c.Label("row")
	c.VMASKMOVPS(operand.Mem{Base: w}, wmask, weights)
	c.XORQ(at, at)
	c.Label("block")
	c.MOVQ(stride, r)
	c.SUBQ(at, r)
	c.VMOVD(r.As32(), mask.AsX())
	c.VPBROADCASTD(mask.AsX(), mask)
	c.VPCMPGTD(lane, mask, mask)
	c.VMOVDQU(operand.Mem{Base: head, Index: at, Scale: 1}, v)
	c.VPERMPS(weights, v, v)
	c.VMASKMOVPS(operand.Mem{Base: a, Index: at, Scale: 1}, mask, u)
	c.VMULPS(u, v, v)
	c.TESTQ(base, base)
	c.JZ(operand.LabelRef("fresh"))
	c.VMASKMOVPS(operand.Mem{Base: base, Index: at, Scale: 1}, mask, u)
	c.VADDPS(v, u, v)
	c.Label("fresh")
	c.ADDQ(operand.U8(32), at)
	c.CMPQ(at, stride)
	c.JG(operand.LabelRef("part"))
	c.VMOVUPS(v, operand.Mem{Base: y, Index: at, Scale: 1, Disp: -32})
	c.JL(operand.LabelRef("block"))
	c.JMP(operand.LabelRef("next"))
	c.Label("part")
	c.VMASKMOVPS(v, mask, operand.Mem{Base: y, Index: at, Scale: 1, Disp: -32})
	c.Label("next")
	c.ADDQ(stride, y)
	c.ADDQ(wstride, w)
	c.TESTQ(base, base)
	c.JZ(operand.LabelRef("set"))
	c.ADDQ(stride, base)
	c.Label("set")
	c.DECQ(left)
	c.JNZ(operand.LabelRef("row"))
	c.VZEROUPPER()
	c.RET()
}
