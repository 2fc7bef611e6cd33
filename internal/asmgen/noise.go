package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// noise writes dropout: eight blocks of Philox4x32-10 at a time, and what is kept of the values.
func noise(c *Context) {
	t := newTable("noise")
	dropout(c, t)
	sparseDropout(c, t)
	t.write(c)
}

// philoxLanes computes the words of eight counters. The even and the odd counters are apart, each in the lower half of a
// quadword, as the multiplication wants them; the upper halves hold what came out of it.
type philoxLanes struct {
	*lanes
	key       [2]operand.Mem
	operation operand.Mem
}

func newPhiloxLanes(l *lanes) *philoxLanes {
	p := &philoxLanes{lanes: l}
	for i, at := range []*operand.Mem{&p.key[0], &p.key[1], &p.operation} {
		v, err := l.Param([]string{"k0", "k1", "c3"}[i]).Resolve()
		if err != nil {
			panic(err)
		}
		*at = v.Addr
	}
	return p
}

// words returns word i of the even counters in even[i], of the odd in odd[i].
func (p *philoxLanes) words(low, high, block vec) (even, odd [4]vec) {
	op := p.YMM()
	p.VBROADCASTSS(p.operation, op)
	even = [4]vec{low, high, block, op}
	for i, v := range even[:3] {
		odd[i] = p.right(v, 32)
	}
	odd[3] = op
	var key [2]vec
	for i := range key {
		key[i] = p.YMM()
		p.VBROADCASTSS(p.key[i], key[i])
	}
	round := func(w [4]vec) [4]vec {
		p0, p1 := p.YMM(), p.YMM()
		p.VPMULUDQ(p.of(0xd2511f53d2511f53), w[0], p0)
		p.VPMULUDQ(p.of(0xcd9e8d57cd9e8d57), w[2], p1)
		n0, n2 := p.right(p1, 32), p.right(p0, 32)
		p.VPXOR(w[1], n0, n0)
		p.VPXOR(key[0], n0, n0)
		p.VPXOR(w[3], n2, n2)
		p.VPXOR(key[1], n2, n2)
		return [4]vec{n0, p1, n2, p0}
	}
	for r := range 10 {
		if r > 0 {
			p.VPADDD(p.of(0x9e3779b99e3779b9), key[0], key[0])
			p.VPADDD(p.of(0xbb67ae85bb67ae85), key[1], key[1])
		}
		even, odd = round(even), round(odd)
	}
	return even, odd
}

// pair returns a in the even words and b in the odd ones.
func (p *philoxLanes) pair(a, b vec) vec {
	y := p.left(b, 32)
	p.VPBLENDD(operand.U8(0xaa), y, a, y)
	return y
}

// keep returns x*scale where the word is not below the threshold, else 0.
func (p *philoxLanes) keep(word, threshold, x, scale operand.Op) vec {
	m := p.YMM()
	p.VPMAXUD(word, threshold, m)
	p.VPCMPEQD(word, m, m)
	return p.and(m, p.mul(x, scale))
}

// counters loads eight counters.
func counters(c *Context, low, high, block reg.Register) (a, b, d vec) {
	a, b, d = c.YMM(), c.YMM(), c.YMM()
	c.VMOVDQU(operand.Mem{Base: low}, a)
	c.VMOVDQU(operand.Mem{Base: high}, b)
	c.VMOVDQU(operand.Mem{Base: block}, d)
	return a, b, d
}

func dropout(c *Context, t *table) {
	begin(c, "dropout32", "func(y, x *float32, low, high, block *uint32, n int, c3, k0, k1, threshold uint32, scale float32)",
		"dropout32 is: for b < 8*n { w = Philox4x32({low[b], high[b], block[b], c3}, {k0, k1}); for i < 4 {",
		"y[4*b+i] = x[4*b+i]*scale where w[i] >= threshold, else 0 } }. n is at least 1.")
	l := &lanes{Context: c, table: t, single: true}
	y, x, low, high, block, n := param(c, "y"), param(c, "x"), param(c, "low"), param(c, "high"), param(c, "block"), param(c, "n")
	p := newPhiloxLanes(l)
	count(c, n, func() {
		even, odd := p.words(counters(c, low, high, block))
		// The words of one block stand together: of the even blocks 0 and 4, 2 and 6, and of the odd ones.
		together := func(w [4]vec) (v [2]vec) {
			a, b := p.pair(w[0], w[1]), p.pair(w[2], w[3])
			v = [2]vec{c.YMM(), c.YMM()}
			c.VPUNPCKLQDQ(b, a, v[0])
			c.VPUNPCKHQDQ(b, a, v[1])
			return v
		}
		e, o := together(even), together(odd)
		threshold, scale := spreadSingle(c, "threshold"), spreadSingle(c, "scale")
		for i := range 4 {
			w := c.YMM()
			c.VPERM2I128(operand.U8(0x20+0x11*(i/2)), o[i%2], e[i%2], w)
			v := c.YMM()
			at := 64*(i/2) + 32*(i%2)
			c.VMOVUPS(operand.Mem{Base: x, Disp: at}, v)
			c.VMOVUPS(p.keep(w, threshold, v, scale), operand.Mem{Base: y, Disp: at})
		}
		for _, r := range []reg.Register{low, high, block} {
			c.ADDQ(operand.U8(32), r)
		}
		c.ADDQ(operand.U8(128), x)
		c.ADDQ(operand.U8(128), y)
	})
	end(c)
}

func sparseDropout(c *Context, t *table) {
	begin(c, "sparseDropout32", "func(y, x *float32, idx *int32, low, high *uint32, n int, c3, k0, k1, threshold uint32, scale float32)",
		"sparseDropout32 is: for j < 8*n { w = Philox4x32({low[j], high[j], idx[j]/4, c3}, {k0, k1});",
		"y[j] = x[j]*scale where w[idx[j]%4] >= threshold, else 0 }. n is at least 1.")
	l := &lanes{Context: c, table: t, single: true}
	y, x, idx, low, high, n := param(c, "y"), param(c, "x"), param(c, "idx"), param(c, "low"), param(c, "high"), param(c, "n")
	p := newPhiloxLanes(l)
	count(c, n, func() {
		a, b, block := counters(c, low, high, idx)
		c.VPSRLD(operand.U8(2), block, block)
		even, odd := p.words(a, b, block)
		var w [4]vec
		for i := range w {
			w[i] = p.pair(even[i], odd[i])
		}
		bit := c.YMM() // bit 0 of idx chooses within the pairs of words, bit 1 the pair
		c.VMOVDQU(operand.Mem{Base: idx}, bit)
		c.VPSLLD(operand.U8(31), bit, bit)
		first, second := l.choose(bit, w[1], w[0]), l.choose(bit, w[3], w[2])
		c.VMOVDQU(operand.Mem{Base: idx}, bit)
		c.VPSLLD(operand.U8(30), bit, bit)
		word := l.choose(bit, second, first)
		v := c.YMM()
		c.VMOVUPS(operand.Mem{Base: x}, v)
		c.VMOVUPS(p.keep(word, spreadSingle(c, "threshold"), v, spreadSingle(c, "scale")), operand.Mem{Base: y})
		for _, r := range []reg.Register{idx, low, high, x, y} {
			c.ADDQ(operand.U8(32), r)
		}
	})
	end(c)
}
