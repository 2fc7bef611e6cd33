package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// segFolds writes the whole order-free sum of a run of segments for a block of channels: both passes, the grids between them and
// the rounding after them in one visit, with all state of a segment in registers.
func segFolds(c *Context) {
	for _, k := range []weightKind{unweighted, perHead, perChannel} {
		segFold{Context: c, width: 8, kind: k}.generate()
		segFold{Context: c, width: 16, kind: k}.generate()
	}
}

// segFolds512 writes the same for AVX-512.
func segFolds512(c *Context) {
	for _, k := range []weightKind{unweighted, perHead, perChannel} {
		segFold{Context: c, wide: true, width: 16, kind: k}.generate()
	}
	for _, k := range []weightKind{unweighted, perHead} {
		segFold{Context: c, wide: true, width: 64, kind: k}.generate()
	}
}

// weightKind says what a term is: x, or x times the weight of its head, or of its channel.
type weightKind int

const (
	unweighted weightKind = iota
	perHead
	perChannel
)

// segFold is one such function: width channels, of which the last vector may be cut short by a mask where tail is set.
type segFold struct {
	*Context
	wide  bool // AVX-512
	width int
	kind  weightKind
}

// doubles is the number of float64 in a register.
func (s segFold) doubles() int {
	if s.wide {
		return 8
	}
	return 4
}

// tail says that fewer channels than the width may be asked for.
func (s segFold) tail() bool { return s.width == 2*s.doubles() }

func (s segFold) vec() reg.VecVirtual {
	if s.wide {
		return s.ZMM()
	}
	return s.YMM()
}

// vecs returns one register for so many channels of the given number a register.
func (s segFold) vecs(per int) []reg.VecVirtual {
	v := make([]reg.VecVirtual, s.width/per)
	for i := range v {
		v[i] = s.vec()
	}
	return v
}

func (s segFold) zero(v ...reg.VecVirtual) {
	for _, v := range v {
		if s.wide {
			s.VPXORQ(v, v, v)
		} else {
			s.VPXOR(v, v, v)
		}
	}
}

// constant returns a quadword, or a doubleword, in all lanes.
func (s segFold) constant(v uint64, quad bool) reg.VecVirtual {
	y, g := s.vec(), s.GP64()
	if quad {
		s.MOVQ(operand.U64(v), g)
		s.VMOVQ(g, y.AsX())
		s.VPBROADCASTQ(y.AsX(), y)
		return y
	}
	s.MOVL(operand.U32(v), g.As32())
	s.VMOVD(g.As32(), y.AsX())
	s.VPBROADCASTD(y.AsX(), y)
	return y
}

func (s segFold) name() string {
	name := map[weightKind]string{unweighted: "segSum", perHead: "segDot", perChannel: "segMul"}[s.kind]
	if s.wide {
		name += "Wide"
	}
	return fmt.Sprintf("%s%d", name, s.width)
}

func (s segFold) param(name string) operand.Mem {
	p, err := s.Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return p.Addr
}

// masks select the channels that are asked for, of a float32 vector and of its halves in float64; nil selects all.
type masks struct {
	all  operand.Op
	half [2]operand.Op
}

func (s segFold) generate() {
	s.Function(s.name())
	s.Attributes(7)
	s.Pragma("noescape")
	term := map[weightKind]string{unweighted: "x[row[p]*stride+c]", perHead: "w[edge[p]*wstride] * x[row[p]*stride+c]",
		perChannel: "w[edge[p]*wstride+c] * x[row[p]*stride+c]"}[s.kind]
	cols, weights := fmt.Sprint(s.width), ""
	sig := "func(out *float32, x *float32, stride int, ptr *int32, segments int, row *int32, limit int, mean int"
	if s.kind != unweighted {
		sig += ", w *float32, wstride int, edge *int32"
		weights = ", edge likewise"
	}
	if s.tail() {
		cols = "cols"
		sig += ", cols int"
	}
	s.Doc(fmt.Sprintf("%s is: for s < segments, c < %s { out[s*stride+c] = the order-free sum of %s over ptr[s] <= p < ptr[s+1] },", s.name(), cols, term),
		"divided by the number of terms where mean is 1. row nil is the identity"+weights+". It returns the number of segments done: it stops before one",
		"with more than limit terms, and before one with a maximum that is subnormal, infinite or NaN. Rows some positions ahead are fetched into",
		"the cache.")
	s.SignatureExpr(sig + ") int")

	out, x, stride := s.Load(s.Param("out"), s.GP64()), s.Load(s.Param("x"), s.GP64()), s.Load(s.Param("stride"), s.GP64())
	ptr, row := s.Load(s.Param("ptr"), s.GP64()), s.Load(s.Param("row"), s.GP64())
	segments, limit := s.param("segments"), s.param("limit")
	s.SHLQ(operand.U8(2), stride)
	var w, wstride, edge reg.Register
	if s.kind != unweighted {
		w, wstride, edge = s.Load(s.Param("w"), s.GP64()), s.Load(s.Param("wstride"), s.GP64()), s.Load(s.Param("edge"), s.GP64())
		s.SHLQ(operand.U8(2), wstride)
	}
	var m masks
	if s.tail() {
		m = s.masks()
	}
	abs := s.constant(0x7fffffff, false)
	mx, magic, acc := s.vecs(2*s.doubles()), s.vecs(s.doubles()), s.vecs(s.doubles())
	var mw []reg.VecVirtual // of a head in the first lane
	switch s.kind {
	case perHead:
		mw = []reg.VecVirtual{s.vec()}
	case perChannel:
		mw = s.vecs(2 * s.doubles())
	}
	left := s.Load(s.Param("segments"), s.GP64())
	n := s.GP64()
	walk := rowWalk{segFold: s, x: x, stride: stride, row: row, ptr: ptr, w: w, wstride: wstride, edge: edge,
		p: s.GP64(), end: s.GP64(), last: s.GP64(), split: 2}
	walk.begin(left)
	t := []reg.VecVirtual{s.vec(), s.vec()}

	s.Label("segment")
	s.MOVLQSX(operand.Mem{Base: ptr, Disp: 4}, walk.end)
	s.MOVLQSX(operand.Mem{Base: ptr}, n)
	s.NEGQ(n)
	s.ADDQ(walk.end, n)
	s.CMPQ(n, limit)
	s.JGT(operand.LabelRef("stop"))

	s.Comment("The first pass: maxima.")
	s.zero(mx...)
	s.zero(mw...)
	walk.each(1, func(x, w func(int) operand.Mem) {
		for i := range mx {
			s.raise(mx[i], t[i%2], abs, x(8*s.doubles()*i), m)
		}
		switch s.kind {
		case perHead:
			v := t[1].AsX()
			s.VMOVD(w(0), v)
			if s.wide {
				s.VPANDD(abs.AsX(), v, v)
			} else {
				s.VPAND(abs.AsX(), v, v)
			}
			s.VPMAXUD(v, mw[0].AsX(), mw[0].AsX())
		case perChannel:
			for i := range mw {
				s.raise(mw[i], t[i%2], abs, w(8*s.doubles()*i), m)
			}
		}
	})

	s.Comment("The grids: M = 1.5 * 2^(52-g).")
	s.grids(magic, mx, mw, n, t)

	s.Comment("The second pass: integers.")
	s.zero(acc...)
	factor := s.constant(0x3ff0000000000000, true)
	walk.each(2, func(x, w func(int) operand.Mem) {
		if s.kind == perHead {
			v := factor.AsX()
			s.VMOVSS(w(0), v)
			s.VCVTSS2SD(v, v, v)
			s.VBROADCASTSD(v, factor)
		}
		for i := range acc {
			v := t[i%2]
			s.convert(v, x(4*s.doubles()*i), m, i)
			if s.kind == perChannel {
				s.convert(factor, w(4*s.doubles()*i), m, i)
			}
			s.VFMADD213PD(magic[i], factor, v)
			s.VPADDQ(v, acc[i], acc[i])
		}
	})

	s.Comment("The rounding.")
	s.finish(out, magic, acc, n, m)
	s.ADDQ(operand.U8(4), ptr)
	s.ADDQ(stride, out)
	s.DECQ(left)
	s.JNZ(operand.LabelRef("segment"))
	s.Label("stop")
	s.VZEROUPPER()
	s.NEGQ(left)
	s.ADDQ(segments, left)
	s.Store(left, s.ReturnIndex(0))
	s.RET()
}
