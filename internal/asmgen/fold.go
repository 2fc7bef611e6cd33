package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// folds writes the two passes of the order-free sum over gathered rows, for blocks of 8, 16 and 32 channels.
func folds(c *Context) {
	for _, width := range []int{8, 16, 32} {
		foldMax(c, width)
		foldSum(c, width, false)
		foldSum(c, width, true)
	}
}

// rowLoop calls body with the address of the row of each position: x + row[p]*stride.
func rowLoop(c *Context, body func(at func(disp int) operand.Mem)) {
	rows, n := c.Load(c.Param("row"), c.GP64()), c.Load(c.Param("n"), c.GP64())
	x, stride := c.Load(c.Param("x"), c.GP64()), c.Load(c.Param("stride"), c.GP64())
	c.SHLQ(operand.U8(2), stride)
	r := c.GP64()
	c.Label("next")
	c.MOVLQSX(operand.Mem{Base: rows}, r)
	c.IMULQ(stride, r)
	body(func(disp int) operand.Mem { return operand.Mem{Base: x, Index: r, Scale: 1, Disp: disp} })
	c.ADDQ(operand.U8(4), rows)
	c.DECQ(n)
	c.JNZ(operand.LabelRef("next"))
}

func foldMax(c *Context, width int) {
	c.Function(fmt.Sprintf("foldMax%d", width))
	c.Attributes(7)
	c.Pragma("noescape")
	c.Doc(fmt.Sprintf("foldMax%d is: for p < n, c < %d { mx[c] = max(mx[c], bits(x[row[p]*stride+c])&0x7fffffff) }. n is at least 1.", width, width))
	c.SignatureExpr("func(mx *uint32, x *float32, stride int, row *int32, n int)")
	mx := c.Load(c.Param("mx"), c.GP64())
	mask := c.YMM()
	c.VPCMPEQD(mask, mask, mask)
	c.VPSRLD(operand.U8(1), mask, mask)
	acc := make([]reg.VecVirtual, width/8)
	for i := range acc {
		acc[i] = c.YMM()
		c.VMOVDQU(operand.Mem{Base: mx, Disp: 32 * i}, acc[i])
	}
	t := c.YMM()
	rowLoop(c, func(at func(int) operand.Mem) {
		for i := range acc {
			c.VPAND(at(32*i), mask, t)
			c.VPMAXUD(t, acc[i], acc[i])
		}
	})
	for i := range acc {
		c.VMOVDQU(acc[i], operand.Mem{Base: mx, Disp: 32 * i})
	}
	c.VZEROUPPER()
	c.RET()
}

func foldSum(c *Context, width int, weighted bool) {
	doc := "bits(float64(x[row[p]*stride+c]) + m[c])"
	name, weights := "foldSum", ""
	if weighted {
		name, weights = "foldDot", ", w *float32, wstride int, edge *int32"
		doc = "bits(float64(w[edge[p]*wstride]) * float64(x[row[p]*stride+c]) + m[c])"
	}
	c.Function(fmt.Sprintf("%s%d", name, width))
	c.Attributes(7)
	c.Pragma("noescape")
	c.Doc(fmt.Sprintf("%s%d is: for p < n, c < %d { acc[c] += %s }. n is at least 1.", name, width, width, doc))
	c.SignatureExpr("func(acc *int64, m *float64, x *float32, stride int, row *int32, n int" + weights + ")")
	accp, mp := c.Load(c.Param("acc"), c.GP64()), c.Load(c.Param("m"), c.GP64())
	var w, edge, wstride, e reg.Register
	if weighted {
		w, edge, wstride = c.Load(c.Param("w"), c.GP64()), c.Load(c.Param("edge"), c.GP64()), c.Load(c.Param("wstride"), c.GP64())
		c.SHLQ(operand.U8(2), wstride)
		e = c.GP64()
	}
	acc := make([]reg.VecVirtual, width/4)
	for i := range acc {
		acc[i] = c.YMM()
		c.VMOVDQU(operand.Mem{Base: accp, Disp: 32 * i}, acc[i])
	}
	// M stays in registers where they suffice.
	m := make([]operand.Op, len(acc))
	for i := range m {
		m[i] = operand.Mem{Base: mp, Disp: 32 * i}
		if width <= 16 {
			v := c.YMM()
			c.VMOVUPD(m[i], v)
			m[i] = v
		}
	}
	wv := c.YMM()
	t := []reg.VecVirtual{c.YMM(), c.YMM()}
	rowLoop(c, func(at func(int) operand.Mem) {
		if weighted {
			c.MOVLQSX(operand.Mem{Base: edge}, e)
			c.IMULQ(wstride, e)
			c.ADDQ(operand.U8(4), edge)
			s := wv.AsX()
			c.VMOVSS(operand.Mem{Base: w, Index: e, Scale: 1}, s)
			c.VCVTSS2SD(s, s, s)
			c.VBROADCASTSD(s, wv)
		}
		for i := range acc {
			v := t[i%2]
			c.VCVTPS2PD(at(16*i), v)
			if weighted {
				c.VFMADD213PD(m[i], wv, v)
			} else {
				c.VADDPD(m[i], v, v)
			}
			c.VPADDQ(v, acc[i], acc[i])
		}
	})
	for i := range acc {
		c.VMOVDQU(acc[i], operand.Mem{Base: accp, Disp: 32 * i})
	}
	c.VZEROUPPER()
	c.RET()
}
