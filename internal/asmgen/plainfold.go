package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// plainFolds writes the plain sums of a run of segments for a block of channels: one chain a channel in the order of the positions.
func plainFolds(c *Context) {
	for _, k := range []weightKind{unweighted, perHead} {
		plainFold{segFold{Context: c, width: 8, kind: k}}.generate()
		plainFold{segFold{Context: c, width: 64, kind: k}}.generate()
		plainFold{segFold{Context: c, wide: true, width: 16, kind: k}}.generate()
		plainFold{segFold{Context: c, wide: true, width: 256, kind: k}}.generate()
	}
}

// plainFold is one such function; the masks and the walk over rows are those of segFold.
type plainFold struct{ segFold }

func (s plainFold) generate() {
	tail := s.width <= 16
	name, term, start := "plainSum", "s += x[row[p]*stride+c]", "func(out *float32, x *float32, stride int, ptr *int32, segments int, row *int32"
	cols, weights := fmt.Sprint(s.width), ""
	if s.kind == perHead {
		name, term = "plainDot", "s = fma(w[edge[p]*wstride], x[row[p]*stride+c], s)"
		start += ", w *float32, wstride int, edge *int32"
		weights = ", edge likewise"
	}
	if tail {
		start += ", cols int"
		cols = "cols"
	}
	if s.wide {
		name += "Wide"
	}
	name = fmt.Sprint(name, s.width)
	s.Function(name)
	s.Attributes(7)
	s.Pragma("noescape")
	s.Doc(fmt.Sprintf("%s is: for i < segments, c < %s { s = +0; for ptr[i] <= p < ptr[i+1] { %s }; out[i*stride+c] = s }.", name, cols, term),
		"row nil is the identity"+weights+". Rows some positions ahead are fetched into the cache.")
	s.SignatureExpr(start + ")")
	out, x, stride := s.Load(s.Param("out"), s.GP64()), s.Load(s.Param("x"), s.GP64()), s.Load(s.Param("stride"), s.GP64())
	ptr, left, row := s.Load(s.Param("ptr"), s.GP64()), s.Load(s.Param("segments"), s.GP64()), s.Load(s.Param("row"), s.GP64())
	s.SHLQ(operand.U8(2), stride)
	w := rowWalk{segFold: s.segFold, x: x, stride: stride, row: row, ptr: ptr, p: s.GP64(), end: s.GP64(), last: s.GP64()}
	if s.kind != unweighted {
		w.w, w.wstride, w.edge = s.Load(s.Param("w"), s.GP64()), s.Load(s.Param("wstride"), s.GP64()), s.Load(s.Param("edge"), s.GP64())
		s.SHLQ(operand.U8(2), w.wstride)
	}
	w.begin(left)
	var m masks
	if tail {
		m = s.masks()
	}
	floats := 2 * s.doubles()
	acc, factor := s.vecs(floats), s.vec()
	s.Label("segment")
	s.MOVLQSX(operand.Mem{Base: ptr, Disp: 4}, w.end)
	s.zero(acc...)
	w.each(1, func(x, weight func(int) operand.Mem) {
		if s.kind == perHead {
			s.VBROADCASTSS(weight(0), factor)
		}
		for i, a := range acc {
			var v operand.Op = x(4 * floats * i)
			if tail {
				t := s.vec()
				s.load(v.(operand.Mem), m, t)
				v = t
			}
			if s.kind == perHead {
				s.VFMADD231PS(v, factor, a)
			} else {
				s.VADDPS(v, a, a)
			}
		}
	})
	for i, a := range acc {
		at := operand.Mem{Base: out, Disp: 4 * floats * i}
		switch {
		case !tail:
			s.VMOVUPS(a, at)
		case s.wide:
			s.VMOVUPS(a, m.all, at)
		default:
			s.VMASKMOVPS(a, m.all, at)
		}
	}
	s.ADDQ(operand.U8(4), ptr)
	s.ADDQ(stride, out)
	s.DECQ(left)
	s.JNZ(operand.LabelRef("segment"))
	s.VZEROUPPER()
	s.RET()
}

// load sets t to the channels of x that are asked for.
func (s plainFold) load(x operand.Mem, m masks, t reg.VecVirtual) {
	if s.wide {
		s.VMOVUPS_Z(x, m.all, t)
	} else {
		s.VMASKMOVPS(x, m.all, t)
	}
}
