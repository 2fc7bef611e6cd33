package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// gramTiles writes the tile of the order-free product A^T B: 4 by 8 integer accumulators.
func gramTiles(c *Context) {
	scaleRows(c)
	c.Function("gramTile")
	c.Attributes(7)
	c.Pragma("noescape")
	c.Doc("gramTile is: for l < n, i < 4, j < 8 { acc[i*ldacc+j] += bits(fma(a[l*lda+i], b[l*ldb+j], m)) }. n is at least 1.")
	c.SignatureExpr("func(acc *int64, ldacc int, a *float64, lda int, b *float64, ldb int, n int, m float64)")
	acc, ldacc := c.Load(c.Param("acc"), c.GP64()), c.Load(c.Param("ldacc"), c.GP64())
	ap, lda := c.Load(c.Param("a"), c.GP64()), c.Load(c.Param("lda"), c.GP64())
	bp, ldb := c.Load(c.Param("b"), c.GP64()), c.Load(c.Param("ldb"), c.GP64())
	n := c.Load(c.Param("n"), c.GP64())
	for _, s := range []reg.Register{ldacc, lda, ldb} {
		c.SHLQ(operand.U8(3), s)
	}
	m := spreadDouble(c, "m")
	var sum [4][2]reg.VecVirtual
	row := c.GP64()
	each := func(f func(i, h int, at operand.Mem)) {
		c.MOVQ(acc, row)
		for i := range 4 {
			for h := range 2 {
				f(i, h, operand.Mem{Base: row, Disp: 32 * h})
			}
			c.ADDQ(ldacc, row)
		}
	}
	each(func(i, h int, at operand.Mem) {
		sum[i][h] = c.YMM()
		c.VMOVDQU(at, sum[i][h])
	})
	b := [2]reg.VecVirtual{c.YMM(), c.YMM()}
	x, t0, t1 := c.YMM(), c.YMM(), c.YMM()
	c.Label("next")
	c.VMOVUPD(operand.Mem{Base: bp}, b[0])
	c.VMOVUPD(operand.Mem{Base: bp, Disp: 32}, b[1])
	for i := range 4 {
		c.VBROADCASTSD(operand.Mem{Base: ap, Disp: 8 * i}, x)
		c.VMOVAPD(m, t0)
		c.VMOVAPD(m, t1)
		c.VFMADD231PD(b[0], x, t0)
		c.VFMADD231PD(b[1], x, t1)
		c.VPADDQ(t0, sum[i][0], sum[i][0])
		c.VPADDQ(t1, sum[i][1], sum[i][1])
	}
	c.ADDQ(lda, ap)
	c.ADDQ(ldb, bp)
	c.DECQ(n)
	c.JNZ(operand.LabelRef("next"))
	each(func(i, h int, at operand.Mem) { c.VMOVDQU(sum[i][h], at) })
	c.VZEROUPPER()
	c.RET()
}

// scaleRows writes the conversion that brings a row of float32 to the units of its columns.
func scaleRows(c *Context) {
	c.Function("scaleRow")
	c.Attributes(7)
	c.Pragma("noescape")
	c.Doc("scaleRow is: for i < 4*quads { dst[i] = float64(x[i]) * unit[i] }. quads is at least 1.")
	c.SignatureExpr("func(dst *float64, x *float32, unit *float64, quads int)")
	dst, x := c.Load(c.Param("dst"), c.GP64()), c.Load(c.Param("x"), c.GP64())
	unit, n := c.Load(c.Param("unit"), c.GP64()), c.Load(c.Param("quads"), c.GP64())
	v := c.YMM()
	c.Label("next")
	c.VCVTPS2PD(operand.Mem{Base: x}, v)
	c.VMULPD(operand.Mem{Base: unit}, v, v)
	c.VMOVUPD(v, operand.Mem{Base: dst})
	c.ADDQ(operand.U8(16), x)
	c.ADDQ(operand.U8(32), unit)
	c.ADDQ(operand.U8(32), dst)
	c.DECQ(n)
	c.JNZ(operand.LabelRef("next"))
	c.VZEROUPPER()
	c.RET()
}
