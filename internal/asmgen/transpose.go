package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// transposes writes the transposition of strips of 8 rows.
func transposes(c *Context) {
	c.Function("transpose8")
	c.Attributes(7)
	c.Pragma("noescape")
	c.Doc("transpose8 is: for i < 8, j < 8*blocks { t[j*ldt+i] = b[i*ldb+j] }. Strides count elements; blocks is at least 1.")
	c.SignatureExpr("func(t *float32, ldt int, b *float32, ldb int, blocks int)")
	t, ldt := c.Load(c.Param("t"), c.GP64()), c.Load(c.Param("ldt"), c.GP64())
	b, ldb := c.Load(c.Param("b"), c.GP64()), c.Load(c.Param("ldb"), c.GP64())
	blocks := c.Load(c.Param("blocks"), c.GP64())
	c.SHLQ(operand.U8(2), ldt)
	c.SHLQ(operand.U8(2), ldb)
	row := c.GP64()
	var r, s [8]reg.VecVirtual
	for i := range r {
		r[i] = c.YMM()
		s[i] = c.YMM()
	}
	c.Label("next")
	c.MOVQ(b, row)
	for i := range r {
		c.VMOVUPS(operand.Mem{Base: row}, r[i])
		c.ADDQ(ldb, row)
	}
	// Pairs of rows are interleaved, then pairs of pairs, then the halves are exchanged.
	for i := 0; i < 8; i += 2 {
		c.VUNPCKLPS(r[i+1], r[i], s[i])
		c.VUNPCKHPS(r[i+1], r[i], s[i+1])
	}
	for i := 0; i < 8; i += 4 {
		c.VSHUFPS(operand.U8(0x44), s[i+2], s[i], r[i])
		c.VSHUFPS(operand.U8(0xee), s[i+2], s[i], r[i+1])
		c.VSHUFPS(operand.U8(0x44), s[i+3], s[i+1], r[i+2])
		c.VSHUFPS(operand.U8(0xee), s[i+3], s[i+1], r[i+3])
	}
	c.MOVQ(t, row)
	for half, control := range []uint8{0x20, 0x31} {
		for i := range 4 {
			c.VPERM2F128(operand.U8(control), r[i+4], r[i], s[4*half+i])
			c.VMOVUPS(s[4*half+i], operand.Mem{Base: row})
			c.ADDQ(ldt, row)
		}
	}
	c.MOVQ(row, t)
	c.ADDQ(operand.U8(32), b)
	c.DECQ(blocks)
	c.JNZ(operand.LabelRef("next"))
	c.VZEROUPPER()
	c.RET()
}
