package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// gramWide writes the tile of the order-free product A^T B for AVX-512: 8 by 16 integer accumulators.
func gramWide(c *Context) {
	c.Function("gramTileWide")
	c.Attributes(7)
	c.Pragma("noescape")
	c.Doc("gramTileWide is: for l < n, i < 8, j < 16 { acc[i*ldacc+j] += bits(fma(a[l*lda+i], b[l*ldb+j], m)) }. n is at least 1.")
	c.SignatureExpr("func(acc *int64, ldacc int, a *float64, lda int, b *float64, ldb int, n int, m float64)")
	acc, ldacc := c.Load(c.Param("acc"), c.GP64()), c.Load(c.Param("ldacc"), c.GP64())
	ap, lda := c.Load(c.Param("a"), c.GP64()), c.Load(c.Param("lda"), c.GP64())
	bp, ldb := c.Load(c.Param("b"), c.GP64()), c.Load(c.Param("ldb"), c.GP64())
	n := c.Load(c.Param("n"), c.GP64())
	for _, s := range []reg.Register{ldacc, lda, ldb} {
		c.SHLQ(operand.U8(3), s)
	}
	addr, err := c.Param("m").Resolve()
	if err != nil {
		panic(err)
	}
	m := c.ZMM()
	c.VBROADCASTSD(addr.Addr, m)
	var sum [8][2]reg.VecVirtual
	row := c.GP64()
	each := func(f func(i, h int, at operand.Mem)) {
		c.MOVQ(acc, row)
		for i := range sum {
			for h := range sum[i] {
				f(i, h, operand.Mem{Base: row, Disp: 64 * h})
			}
			c.ADDQ(ldacc, row)
		}
	}
	each(func(i, h int, at operand.Mem) {
		sum[i][h] = c.ZMM()
		c.VMOVDQU64(at, sum[i][h])
	})
	b := [2]reg.VecVirtual{c.ZMM(), c.ZMM()}
	t := [4]reg.VecVirtual{c.ZMM(), c.ZMM(), c.ZMM(), c.ZMM()}
	c.Label("next")
	c.VMOVUPD(operand.Mem{Base: bp}, b[0])
	c.VMOVUPD(operand.Mem{Base: bp, Disp: 64}, b[1])
	for i := range sum {
		for h := range sum[i] {
			v := t[(2*i+h)%4]
			c.VMOVAPD(m, v)
			c.VFMADD231PD_BCST(operand.Mem{Base: ap, Disp: 8 * i}, b[h], v)
			c.VPADDQ(v, sum[i][h], sum[i][h])
		}
	}
	c.ADDQ(lda, ap)
	c.ADDQ(ldb, bp)
	c.DECQ(n)
	c.JNZ(operand.LabelRef("next"))
	each(func(i, h int, at operand.Mem) { c.VMOVDQU64(sum[i][h], at) })
	c.VZEROUPPER()
	c.RET()
}
