package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tiles writes the register tiles of the product: r rows by 16 columns of float32 or 8 of float64, one chain of fused multiply-adds an
// element.
func tiles(c *Context) {
	sparseTiles(c)
	for r := 1; r <= 6; r++ {
		tile(c, r, false)
		tile(c, r, true)
	}
}

func tile(c *Context, r int, double bool) {
	name, element, cols, shift := fmt.Sprintf("tile%d", r), "float32", 16, uint8(2)
	broadcast, chain, add := c.VBROADCASTSS, c.VFMADD231PS, c.VADDPS
	if double {
		name, element, cols, shift = fmt.Sprintf("tileDouble%d", r), "float64", 8, 3
		broadcast, chain, add = c.VBROADCASTSD, c.VFMADD231PD, c.VADDPD
	}
	c.Function(name)
	c.Attributes(7)
	c.Pragma("noescape")
	c.Doc(fmt.Sprintf("%[1]s continues %[2]d rows of %[3]d chains: for i < %[2]d, j < %[3]d: for l < k { c[i*ldc+j] = fma(a[i*lda+l], b[l*ldb+j], c[i*ldc+j]) },", name, r, cols),
		"from +0 where load is 0, and turns -0 into +0. Strides count elements; k is at least 1.")
	c.SignatureExpr(fmt.Sprintf("func(c *%[1]s, ldc int, a *%[1]s, lda int, b *%[1]s, ldb int, k int, load int)", element))
	cp, ldc := c.Load(c.Param("c"), c.GP64()), c.Load(c.Param("ldc"), c.GP64())
	ap, lda := c.Load(c.Param("a"), c.GP64()), c.Load(c.Param("lda"), c.GP64())
	bp, ldb := c.Load(c.Param("b"), c.GP64()), c.Load(c.Param("ldb"), c.GP64())
	k, load := c.Load(c.Param("k"), c.GP64()), c.Load(c.Param("load"), c.GP64())
	for _, s := range []reg.Register{ldc, lda, ldb} {
		c.SHLQ(operand.U8(shift), s)
	}
	acc := make([][2]reg.VecVirtual, r)
	for i := range acc {
		acc[i] = [2]reg.VecVirtual{c.YMM(), c.YMM()}
		c.VXORPS(acc[i][0], acc[i][0], acc[i][0])
		c.VXORPS(acc[i][1], acc[i][1], acc[i][1])
	}
	row := c.GP64()
	eachRow := func(f func(i int, at func(disp int) operand.Mem)) {
		c.MOVQ(cp, row)
		for i := range r {
			f(i, func(disp int) operand.Mem { return operand.Mem{Base: row, Disp: disp} })
			if i < r-1 {
				c.ADDQ(ldc, row)
			}
		}
	}
	c.TESTQ(load, load)
	c.JZ(operand.LabelRef("loop"))
	eachRow(func(i int, at func(int) operand.Mem) {
		c.VMOVUPS(at(0), acc[i][0])
		c.VMOVUPS(at(32), acc[i][1])
	})
	// a3 = a + 3*lda: rows 0..2 are addressed from a, rows 3..5 from a3.
	c.Label("loop")
	a3 := c.GP64()
	c.LEAQ(operand.Mem{Base: ap, Index: lda, Scale: 2}, a3)
	c.ADDQ(lda, a3)
	b0, b1, x := c.YMM(), c.YMM(), c.YMM()
	c.Label("next")
	c.VMOVUPS(operand.Mem{Base: bp}, b0)
	c.VMOVUPS(operand.Mem{Base: bp, Disp: 32}, b1)
	for i := range r {
		m := operand.Mem{Base: ap}
		if i >= 3 {
			m.Base = a3
		}
		switch i % 3 {
		case 1:
			m.Index, m.Scale = lda, 1
		case 2:
			m.Index, m.Scale = lda, 2
		}
		broadcast(m, x)
		chain(b0, x, acc[i][0])
		chain(b1, x, acc[i][1])
	}
	c.ADDQ(operand.U8(1<<shift), ap)
	c.ADDQ(operand.U8(1<<shift), a3)
	c.ADDQ(ldb, bp)
	c.DECQ(k)
	c.JNZ(operand.LabelRef("next"))
	c.VXORPS(x, x, x)
	eachRow(func(i int, at func(int) operand.Mem) {
		for h := range 2 {
			add(x, acc[i][h], acc[i][h])
			c.VMOVUPS(acc[i][h], at(32*h))
		}
	})
	c.VZEROUPPER()
	c.RET()
}

// sparseTiles writes the row of a sparse product: one chain over the stored entries for 16 or 32 columns.
func sparseTiles(c *Context) {
	for _, width := range []int{16, 32} {
		c.Function(fmt.Sprintf("sparseTile%d", width))
		c.Attributes(7)
		c.Pragma("noescape")
		c.Doc(fmt.Sprintf("sparseTile%d is: for j < %d { s = +0; for p < nnz { s = fma(val[p], b[idx[p]*ldb+j], s) }; c[j] = s + 0 }. nnz is at least 1.", width, width))
		c.SignatureExpr("func(c *float32, val *float32, idx *int32, nnz int, b *float32, ldb int)")
		cp, val := c.Load(c.Param("c"), c.GP64()), c.Load(c.Param("val"), c.GP64())
		idx, n := c.Load(c.Param("idx"), c.GP64()), c.Load(c.Param("nnz"), c.GP64())
		b, ldb := c.Load(c.Param("b"), c.GP64()), c.Load(c.Param("ldb"), c.GP64())
		c.SHLQ(operand.U8(2), ldb)
		acc := make([]reg.VecVirtual, width/8)
		for i := range acc {
			acc[i] = c.YMM()
			c.VXORPS(acc[i], acc[i], acc[i])
		}
		r, x := c.GP64(), c.YMM()
		c.Label("next")
		c.MOVLQSX(operand.Mem{Base: idx}, r)
		c.IMULQ(ldb, r)
		c.VBROADCASTSS(operand.Mem{Base: val}, x)
		for i := range acc {
			c.VFMADD231PS(operand.Mem{Base: b, Index: r, Scale: 1, Disp: 32 * i}, x, acc[i])
		}
		c.ADDQ(operand.U8(4), idx)
		c.ADDQ(operand.U8(4), val)
		c.DECQ(n)
		c.JNZ(operand.LabelRef("next"))
		c.VXORPS(x, x, x)
		for i := range acc {
			c.VADDPS(x, acc[i], acc[i])
			c.VMOVUPS(acc[i], operand.Mem{Base: cp, Disp: 32 * i})
		}
		c.VZEROUPPER()
		c.RET()
	}
}
