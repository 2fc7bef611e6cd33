package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// wideTiles writes the register tiles of the product for AVX-512: r rows by up to 16 or 32 columns of float32, 16 of float64.
func wideTiles(c *Context) {
	for _, r := range []int{1, 2, 4, 8, 12} {
		wideTile(c, r, 1, false)
		wideTile(c, r, 2, false)
		wideTile(c, r, 2, true)
	}
}

func wideTile(c *Context, r, vecs int, double bool) {
	lanes, element, kind, shift := 16, "float32", "tileWide", 2
	load1, store1, add, chain := c.VMOVUPS_Z, c.VMOVUPS, c.VADDPS, c.VFMADD231PS_BCST
	if double {
		lanes, element, kind, shift = 8, "float64", "tileDouble", 3
		load1, store1, add, chain = c.VMOVUPD_Z, c.VMOVUPD, c.VADDPD, c.VFMADD231PD_BCST
	}
	width := lanes * vecs
	name := fmt.Sprintf("%s%dx%d", kind, r, width)
	c.Function(name)
	c.Attributes(7)
	c.Pragma("noescape")
	c.Doc(fmt.Sprintf("%s continues %d rows of cols <= %d chains: for i < %d, j < cols: for l < k { c[i*ldc+j] = fma(a[i*lda+l], b[l*ldb+j], c[i*ldc+j]) },", name, r, width, r),
		"from +0 where load is 0, and turns -0 into +0. Strides count elements; k is at least 1. Where stream is 1, all",
		"columns are there and c goes past the cache, if its rows are aligned.")
	c.SignatureExpr(fmt.Sprintf("func(c *%[1]s, ldc int, a *%[1]s, lda int, b *%[1]s, ldb int, k int, load int, cols int, stream int)", element))
	cp, ldc := c.Load(c.Param("c"), c.GP64()), c.Load(c.Param("ldc"), c.GP64())
	lda := c.Load(c.Param("lda"), c.GP64())
	bp, ldb := c.Load(c.Param("b"), c.GP64()), c.Load(c.Param("ldb"), c.GP64())
	k, load, cols := c.Load(c.Param("k"), c.GP64()), c.Load(c.Param("load"), c.GP64()), c.Load(c.Param("cols"), c.GP64())
	for _, s := range []reg.Register{ldc, lda, ldb} {
		c.SHLQ(operand.U8(shift), s)
	}
	mask := make([]reg.Register, vecs)
	g := c.GP64()
	c.MOVQ(operand.I32(-1), g)
	c.BZHIQ(cols, g, g)
	for h := range mask {
		mask[h] = c.K()
		c.KMOVW(g.As32(), mask[h]) // float64 takes the low eight
		c.SHRQ(operand.U8(lanes), g)
	}
	acc := make([][]reg.VecVirtual, r)
	for i := range acc {
		acc[i] = make([]reg.VecVirtual, vecs)
		for h := range acc[i] {
			acc[i][h] = c.ZMM()
			c.VPXORQ(acc[i][h], acc[i][h], acc[i][h])
		}
	}
	row := c.GP64()
	each := func(f func(i, h int, at operand.Mem)) {
		c.MOVQ(cp, row)
		for i := range acc {
			for h := range acc[i] {
				f(i, h, operand.Mem{Base: row, Disp: 64 * h})
			}
			if i < r-1 {
				c.ADDQ(ldc, row)
			}
		}
	}
	c.TESTQ(load, load)
	c.JZ(operand.LabelRef("begin"))
	each(func(i, h int, at operand.Mem) { load1(at, mask[h], acc[i][h]) })
	c.Label("begin")
	// Rows 3i, 3i+1 and 3i+2 are addressed from base i.
	base := make([]reg.Register, (r+2)/3)
	for i := range base {
		if i == 0 {
			base[i] = c.Load(c.Param("a"), c.GP64())
			continue
		}
		base[i] = c.GP64()
		c.LEAQ(operand.Mem{Base: base[i-1], Index: lda, Scale: 2}, base[i])
		c.ADDQ(lda, base[i])
	}
	b := make([]reg.VecVirtual, vecs)
	for h := range b {
		b[h] = c.ZMM()
	}
	c.Label("next")
	for h := range b {
		load1(operand.Mem{Base: bp, Disp: 64 * h}, mask[h], b[h])
	}
	for i := range acc {
		m := operand.Mem{Base: base[i/3]}
		if i%3 > 0 {
			m.Index, m.Scale = lda, uint8(i%3)
		}
		for h := range b {
			chain(m, b[h], acc[i][h])
		}
	}
	for _, a := range base {
		c.ADDQ(operand.U8(1<<shift), a)
	}
	c.ADDQ(ldb, bp)
	c.DECQ(k)
	c.JNZ(operand.LabelRef("next"))
	zero := c.ZMM()
	c.VPXORQ(zero, zero, zero)
	stream, err := c.Param("stream").Resolve()
	if err != nil {
		panic(err)
	}
	c.CMPQ(stream.Addr, operand.U8(0))
	c.JEQ(operand.LabelRef("store"))
	c.MOVQ(cp, row)
	c.ORQ(ldc, row)
	c.TESTQ(operand.U32(63), row)
	c.JEQ(operand.LabelRef("stream"))
	c.Label("store")
	each(func(i, h int, at operand.Mem) {
		add(zero, acc[i][h], acc[i][h])
		store1(acc[i][h], mask[h], at)
	})
	c.VZEROUPPER()
	c.RET()
	c.Label("stream")
	each(func(i, h int, at operand.Mem) {
		add(zero, acc[i][h], acc[i][h])
		c.VMOVNTPS(acc[i][h], at)
	})
	c.SFENCE()
	c.VZEROUPPER()
	c.RET()
}
