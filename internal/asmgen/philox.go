package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// philox writes eight lanes of Philox4x32-10.
func philox(c *Context) {
	c.Function("philox8")
	c.Attributes(7)
	c.Pragma("noescape")
	c.Doc("philox8 is: for l < 8 { w = Philox4x32({c0[l], c1[l], c2[l], c3}, {k0, k1}); out[8*i+l] = w[i] for i < 4 }.")
	c.SignatureExpr("func(out *[32]uint32, c0, c1, c2 *[8]uint32, c3, k0, k1 uint32)")
	var ctr [4]reg.VecVirtual
	for i, name := range []string{"c0", "c1", "c2"} {
		p := c.Load(c.Param(name), c.GP64())
		ctr[i] = c.YMM()
		c.VMOVDQU(operand.Mem{Base: p}, ctr[i])
	}
	all := func(v reg.Register) reg.VecVirtual {
		y := c.YMM()
		c.VMOVD(v, y.AsX())
		c.VPBROADCASTD(y.AsX(), y)
		return y
	}
	constant := func(v uint32) reg.VecVirtual {
		g := c.GP32()
		c.MOVL(operand.U32(v), g)
		return all(g)
	}
	ctr[3] = all(c.Load(c.Param("c3"), c.GP32()))
	key := [2]reg.VecVirtual{all(c.Load(c.Param("k0"), c.GP32())), all(c.Load(c.Param("k1"), c.GP32()))}
	weyl := [2]reg.VecVirtual{constant(0x9E3779B9), constant(0xBB67AE85)}
	mul := [2]reg.VecVirtual{constant(0xD2511F53), constant(0xCD9E8D57)}
	// product returns the high and the low words of x*m, lane by lane, through the even and the odd lanes.
	product := func(x, m reg.VecVirtual) (hi, lo reg.VecVirtual) {
		odd, even := c.YMM(), c.YMM()
		hi, lo = c.YMM(), c.YMM()
		c.VPSRLQ(operand.U8(32), x, odd)
		c.VPMULUDQ(m, x, even)
		c.VPMULUDQ(m, odd, odd)
		c.VPSLLQ(operand.U8(32), odd, lo)
		c.VPBLENDD(operand.U8(0xaa), lo, even, lo)
		c.VPSRLQ(operand.U8(32), even, hi)
		c.VPBLENDD(operand.U8(0xaa), odd, hi, hi)
		return hi, lo
	}
	for round := range 10 {
		if round > 0 {
			c.VPADDD(weyl[0], key[0], key[0])
			c.VPADDD(weyl[1], key[1], key[1])
		}
		hi0, lo0 := product(ctr[0], mul[0])
		hi1, lo1 := product(ctr[2], mul[1])
		c.VPXOR(ctr[1], hi1, hi1)
		c.VPXOR(key[0], hi1, hi1)
		c.VPXOR(ctr[3], hi0, hi0)
		c.VPXOR(key[1], hi0, hi0)
		ctr = [4]reg.VecVirtual{hi1, lo1, hi0, lo0}
	}
	out := c.Load(c.Param("out"), c.GP64())
	for i, v := range ctr {
		c.VMOVDQU(v, operand.Mem{Base: out, Disp: 32 * i})
	}
	c.VZEROUPPER()
	c.RET()
}
