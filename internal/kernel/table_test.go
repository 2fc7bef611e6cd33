package kernel

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// shape is how large the operands of a call are: r rows, d channels, and k for what else there is, the inner dimension of a
// product or the rows that are gathered from.
type shape struct{ r, d, k int }

// entry is a kernel in the table that the tests of all kernels go through.
type entry[T Float] struct {
	name string
	call func(o *operands[T], s shape)
}

// thirds cuts rows in three groups, the second without any.
func thirds(rows int) []int32 { return []int32{0, int32(rows / 2), int32(rows / 2), int32(rows)} }

// table lists all exported functions over slices. A new one is a line here; TestTableIsComplete asks for it.
func table[T Float]() []entry[T] {
	key := KeyOf(1, 2)
	return []entry[T]{
		{"MatMul", func(o *operands[T], s shape) {
			MatMul(o.out(s.r*s.d), o.in(s.r*s.k), o.in(s.k*s.d), s.r, s.k, s.d)
		}},
		{"MatMulThen", func(o *operands[T], s shape) {
			MatMulThen(o.out(s.r*s.d), o.in(s.r*s.k), o.in(s.k*s.d), s.r, s.k, s.d,
				Then[T]{Residual: o.in(s.r * s.d), Bias: o.in(s.d), Op: Op(s.d % int(OpShift+1)), A: 0.5})
		}},
		{"CSRMatMulThen", func(o *operands[T], s shape) {
			ptr, idx := o.sparse(s.r, s.k)
			CSRMatMulThen(o.out(s.r*s.d), ptr, idx, o.in(len(idx)), o.in(s.k*s.d), s.r, s.k, s.d,
				Then[T]{Residual: o.in(s.r * s.d), Bias: o.in(s.d), Op: OpReLU, Y: o.out(s.r * s.d)})
		}},
		{"Affine", func(o *operands[T], s shape) {
			a := Affine[T]{Mean: o.in(s.d), Scale: o.in(s.d), Weight: o.in(s.d), Kept: o.out(s.r * s.d)}
			a.Then = Then[T]{Residual: o.in(s.r * s.d), Bias: o.in(s.d), Op: Op(s.d % int(OpShift+1)), A: 0.5, Y: o.out(s.r * s.d)}
			a.Apply(o.out(s.r*s.d), o.in(s.r*s.d), s.r, s.d)
			for _, op := range []Op{OpNone, OpReLU} {
				a = Affine[T]{Weight: o.in(s.d), Then: Then[T]{Bias: o.in(s.d), Op: op}}
				a.Apply(o.out(s.r*s.d), o.in(s.r*s.d), s.r, s.d)
				a.Mean, a.Scale = o.in(s.d), o.in(s.d)
				a.Apply(o.out(s.r*s.d), o.in(s.r*s.d), s.r, s.d)
				MatMulThen(o.out(s.r*s.d), o.in(s.r*s.k), o.in(s.k*s.d), s.r, s.k, s.d, Then[T]{Bias: o.in(s.d), Op: op})
			}
			a = Affine[T]{Weight: o.in(1), Then: Then[T]{Residual: o.in(s.r * s.d)}}
			a.Apply(o.out(s.r*s.d), o.in(s.r*s.d), s.r, s.d)
			a = Affine[T]{Then: Then[T]{Y: o.out(s.r * s.d), Op: OpReLU}}
			a.Apply(o.out(s.r*s.d), o.in(s.r*s.d), s.r, s.d)
		}},
		{"MatMulNT", func(o *operands[T], s shape) {
			MatMulNT(o.out(s.r*s.d), o.in(s.r*s.k), o.in(s.d*s.k), s.r, s.k, s.d)
		}},
		{"MatMulTN", func(o *operands[T], s shape) {
			MatMulTN(o.out(s.k*s.d), o.in(s.r*s.k), o.in(s.r*s.d), s.r, s.k, s.d)
		}},
		{"GroupMatMul", func(o *operands[T], s shape) {
			GroupMatMul(o.out(s.r*s.d), o.in(s.r*s.k), o.in(3*s.k*s.d), thirds(s.r), s.k, s.d)
		}},
		{"GroupMatMulNT", func(o *operands[T], s shape) {
			GroupMatMulNT(o.out(s.r*s.d), o.in(s.r*s.k), o.in(3*s.d*s.k), thirds(s.r), s.k, s.d)
		}},
		{"GroupMatMulTN", func(o *operands[T], s shape) {
			for _, plain := range []bool{false, true} {
				GroupMatMulTN(o.out(3*s.k*s.d), o.in(s.r*s.k), o.in(s.r*s.d), thirds(s.r), s.k, s.d, plain)
			}
		}},
		{"Transpose", func(o *operands[T], s shape) { Transpose(o.out(s.r*s.d), o.in(s.r*s.d), s.r, s.d) }},
		{"CSRMatMul", func(o *operands[T], s shape) {
			ptr, idx := o.sparse(s.r, s.k)
			CSRMatMul(o.out(s.r*s.d), ptr, idx, o.in(len(idx)), o.in(s.k*s.d), s.r, s.k, s.d)
		}},
		{"CSRMatMulTN", func(o *operands[T], s shape) {
			ptr, row := o.sparse(s.k, s.r)
			x := Columns[T]{Ptr: ptr, Row: row, Pos: o.permutation(len(row)), Val: o.in(len(row))}
			CSRMatMulTN(o.out(s.k*s.d), x, o.in(s.r*s.d), s.r, s.k, s.d)
		}},
		{"SegmentSum", func(o *operands[T], s shape) {
			SegmentSum(o.out(5*s.d), o.in(s.r*s.d), s.d, o.incidence(s.r), false)
			SegmentSum(o.out(5*s.d), o.in(s.r*s.d), s.d, o.pieces(s.r), true)
		}},
		{"SegmentWeightedSum", func(o *operands[T], s shape) {
			seg := o.incidence(s.r)
			for _, h := range o.heads(s.d) {
				SegmentWeightedSum(o.out(5*s.d), o.in(len(seg.Row)*h), o.in(s.r*s.d), s.d, h, seg, h == 2)
				SegmentWeightedSum(o.out(5*s.d), o.in(s.r*h), o.in(s.r*s.d), s.d, h, o.pieces(s.r), false)
			}
		}},
		{"PlainSum", func(o *operands[T], s shape) {
			PlainSum(o.out(5*s.d), o.in(s.r*s.d), s.d, o.incidence(s.r), false)
			PlainSum(o.out(5*s.d), o.in(s.r*s.d), s.d, o.pieces(s.r), true)
		}},
		{"PlainWeightedSum", func(o *operands[T], s shape) {
			seg := o.incidence(s.r)
			for _, h := range o.heads(s.d) {
				PlainWeightedSum(o.out(5*s.d), o.in(len(seg.Row)*h), o.in(s.r*s.d), s.d, h, seg, h == 2)
				PlainWeightedSum(o.out(5*s.d), o.in(s.r*h), o.in(s.r*s.d), s.d, h, o.pieces(s.r), false)
			}
		}},
		{"PlainColSum", func(o *operands[T], s shape) { PlainColSum(o.out(s.d), o.in(s.r*s.d), s.r, s.d) }},
		{"PlainMatMulTN", func(o *operands[T], s shape) {
			PlainMatMulTN(o.out(s.k*s.d), o.in(s.r*s.k), o.in(s.r*s.d), s.r, s.k, s.d)
		}},
		{"PlainCSRMatMulTN", func(o *operands[T], s shape) {
			ptr, row := o.sparse(s.k, s.r)
			x := Columns[T]{Ptr: ptr, Row: row, Pos: o.permutation(len(row)), Val: o.in(len(row))}
			PlainCSRMatMulTN(o.out(s.k*s.d), x, o.in(s.r*s.d), s.k, s.d)
		}},
		{"Messages", func(o *operands[T], s shape) {
			seg := o.incidence(s.r)
			k := len(seg.Row)
			m := Messages[T]{Seg: seg, Back: o.back(seg, s.r), D: s.d, X: o.in(s.r * s.d), E: o.in(k * s.d), ReLU: s.d%2 == 0}
			row, segment := o.ends(seg)
			m.Sum(o.out(5*s.d), false)
			m.Sum(o.out(5*s.d), true)
			for _, minimum := range []bool{false, true} {
				g, out, share := o.in(5*s.d), o.out(5*s.d), o.out(5*s.d)
				m.Max(out, minimum)
				m.Share(share, g, out)
				if minimum {
					out, share = nil, g
				}
				m.SumBack(o.out(s.r*s.d), share, out)
				m.EdgeBack(o.out(k*s.d), share, out, row, segment)
			}
		}},
		{"SegmentVar", func(o *operands[T], s shape) {
			SegmentVar(o.out(5*s.d), o.in(s.r*s.d), o.in(5*s.d), s.d, o.incidence(s.r))
		}},
		{"SegmentSumWhere", func(o *operands[T], s shape) {
			SegmentSumWhere(o.out(5*s.d), o.in(s.r*s.d), o.in(5*s.d), o.in(s.r*s.d), s.d, o.incidence(s.r))
		}},
		{"ColSum", func(o *operands[T], s shape) { ColSum(o.out(s.d), o.in(s.r*s.d), s.r, s.d) }},
		{"ColDot", func(o *operands[T], s shape) { ColDot(o.out(s.d), o.in(s.r*s.d), o.in(s.r*s.d), s.r, s.d) }},
		{"ColWeightedSum", func(o *operands[T], s shape) {
			for _, h := range o.heads(s.d) {
				ColWeightedSum(o.out(s.d), o.in(s.r*h), o.in(s.r*s.d), s.r, s.d, h)
			}
		}},
		{"SegmentMax", func(o *operands[T], s shape) {
			SegmentMax(o.out(5*s.d), o.in(s.r*s.d), s.d, o.incidence(s.r), false)
			SegmentMax(o.out(5*s.d), o.in(s.r*s.d), s.d, o.pieces(s.r), true)
		}},
		{"SegmentShare", func(o *operands[T], s shape) {
			seg, x, out := o.incidence(s.r), o.in(s.r*s.d), o.out(5*s.d)
			SegmentMax(out, x, s.d, seg, false)
			SegmentShare(o.out(5*s.d), o.in(5*s.d), out, x, s.d, seg)
		}},
		{"SegmentSoftmax", func(o *operands[T], s shape) {
			SegmentSoftmax(o.out(s.r*s.d), o.in(s.r*s.d), s.d, o.pieces(s.r))
		}},
		{"SegmentDot", func(o *operands[T], s shape) {
			seg := o.incidence(s.r)
			for _, h := range o.heads(s.d) {
				SegmentDot(o.out(len(seg.Row)*h), o.in(5*s.d), o.in(s.r*s.d), s.d, h, seg)
			}
		}},
		{"SegmentNorm", func(o *operands[T], s shape) {
			SegmentNorm(o.out(s.r*s.d), o.in(s.r*s.d), o.in(s.k*s.d), o.in(s.k*s.d), o.rows(s.r, s.k), s.d)
		}},
		{"SegmentNormBack", func(o *operands[T], s shape) {
			SegmentNormBack(o.out(s.r*s.d), o.in(s.r*s.d), o.in(s.r*s.d), o.in(s.k*s.d), o.in(s.k*s.d), o.in(s.k*s.d),
				o.rows(s.r, s.k), s.d)
		}},
		{"RStd", func(o *operands[T], s shape) { RStd(o.out(s.d), o.in(s.d), 0.125) }},
		{"Gather", func(o *operands[T], s shape) { Gather(o.out(s.r*s.d), o.in(s.k*s.d), o.rows(s.r, s.k), s.d) }},
		{"Unary", func(o *operands[T], s shape) {
			for op := OpReLU; op <= OpShift; op++ {
				Unary(op, o.out(s.d), o.in(s.d), 0.25)
			}
		}},
		{"UnaryBack", func(o *operands[T], s shape) {
			for op := OpReLU; op <= OpShift; op++ {
				x, y := o.in(s.d), o.out(s.d)
				Unary(op, y, x, 0.25)
				UnaryBack(op, o.out(s.d), o.in(s.d), x, y, 0.25)
			}
		}},
		{"Elementwise", func(o *operands[T], s shape) {
			for op := Add; op <= Mul; op++ {
				Elementwise(op, o.out(s.r*s.d), o.in(s.r*s.d), o.in(s.r*s.d), s.r, s.d, s.r, s.d)
				Elementwise(op, o.out(s.r*s.d), o.in(s.r*s.d), o.in(s.d), s.r, s.d, 1, s.d)
				for _, h := range o.heads(s.d) {
					Elementwise(op, o.out(s.r*s.d), o.in(s.r*s.d), o.in(s.r*h), s.r, s.d, s.r, h)
				}
			}
		}},
		{"AddTo", func(o *operands[T], s shape) {
			y := o.out(s.d)
			copy(y, o.in(s.d))
			AddTo(y, o.in(s.d))
		}},
		{"CrossEntropyBack", func(o *operands[T], s shape) {
			if s.d > 0 {
				dx := o.out(s.r * s.d)
				copy(dx, o.in(s.r*s.d))
				CrossEntropyBack(dx, o.in(s.r*s.d), o.rows(s.r, s.d), nil, s.r, s.d, 0.25)
				CrossEntropyBack(dx, o.in(s.r*s.d), o.rows(s.r, s.d), o.permutation(s.r), s.r, s.d, 0.25)
			}
		}},
		{"BCE", func(o *operands[T], s shape) { BCE(o.out(s.d), o.in(s.d), o.in(s.d)) }},
		{"Adam", func(o *operands[T], s shape) {
			w, m, v := o.out(s.d), o.out(s.d), o.out(s.d)
			for _, x := range [][]T{w, m, v} {
				copy(x, o.in(s.d))
			}
			Adam(w, m, v, o.in(s.d), AdamStep{0.5, 0.01, 0.9, 1 - 0.9, 0.999, 1 - 0.999, 0.99, 0.003, 0.7, 1e-8})
		}},
		{"SGD", func(o *operands[T], s shape) {
			w, b := o.out(s.d), o.out(s.d)
			copy(w, o.in(s.d))
			copy(b, o.in(s.d))
			SGD(w, nil, o.in(s.d), SGDStep{Scale: 0.5, Decay: 0.01, Rate: 0.1})
			SGD(w, b, o.in(s.d), SGDStep{Scale: 0.5, Decay: 0.01, Rate: 0.1, Momentum: 0.9})
		}},
		{"Dropout", func(o *operands[T], s shape) {
			Dropout(o.out(s.r*s.d), o.in(s.r*s.d), o.ids(s.r), s.r, s.d, key, 3, 0.5)
			Dropout(o.out(s.r*s.d), o.in(s.r*s.d), nil, s.r, s.d, key, 3, 0.25)
		}},
		{"CSRDropout", func(o *operands[T], s shape) {
			ptr, idx := o.sparse(s.r, s.d)
			CSRDropout(o.out(len(idx)), o.in(len(idx)), ptr, idx, o.ids(s.r), key, 3, 0.5)
		}},
		{"RowSum", func(o *operands[T], s shape) { o.out(1)[0] = RowSum(o.in(s.d)) }},
		{"RowDot", func(o *operands[T], s shape) { o.out(1)[0] = RowDot(o.in(s.d), o.in(s.d)) }},
		{"HeadDot", func(o *operands[T], s shape) {
			for _, h := range o.heads(s.d) {
				HeadDot(o.out(s.r*h), o.in(s.r*s.d), o.in(s.r*s.d), s.r, s.d, h, s.r)
				HeadDot(o.out(s.r*h), o.in(s.r*s.d), o.in(s.d), s.r, s.d, h, 1)
			}
		}},
		{"HeadOuter", func(o *operands[T], s shape) {
			for _, h := range o.heads(s.d) {
				HeadOuter(o.out(s.r*s.d), o.in(s.d), o.in(s.r*h), s.r, s.d, h, false)
				HeadOuter(o.out(s.r*s.d), o.in(s.d), o.in(s.r*h), s.r, s.d, h, true)
			}
		}},
		{"Attention", func(o *operands[T], s shape) {
			seg := o.incidence(s.r)
			back := o.back(seg, s.r)
			for _, h := range o.heads(s.d) {
				k := len(seg.Row) * h
				a := Attention[T]{Seg: seg, Back: back, D: s.d, Heads: h, V: o.in(s.r * s.d), P: 0.5, IDs: o.ids(len(seg.Row)), Key: key}
				g := AttentionGrads[T]{Score: o.out(k), V: o.out(s.r * s.d)}
				if h == 2 || h == s.d {
					a.Q, a.K, a.Scale = o.in(5*s.d), o.in(s.r*s.d), 0.5
					g.Q, g.K = o.out(5*s.d), o.out(s.r*s.d)
					if s.r%2 == 0 {
						a.Rows, g.Rows, g.AddRows = o.in(len(seg.Row)*s.d), o.out(len(seg.Row)*s.d), h == 2
					}
				} else {
					a.Src, a.Dst, a.Edge, a.Slope = o.in(s.r*h), o.in(5*h), o.in(k), 0.25
					g.Src, g.Dst = o.out(s.r*h), o.out(5*h)
				}
				kept := o.out(k)
				a.Forward(o.out(5*s.d), kept)
				a.Backward(g, o.in(5*s.d), kept)
			}
		}},
		{"LayerNorm", func(o *operands[T], s shape) {
			LayerNorm(o.out(s.r*s.d), o.out(s.r), o.in(s.r*s.d), s.r, s.d, 1e-5)
		}},
		{"LayerNormBack", func(o *operands[T], s shape) {
			LayerNormBack(o.out(s.r*s.d), o.in(s.r*s.d), o.in(s.r*s.d), o.in(s.r), s.r, s.d)
		}},
		{"Normalize", func(o *operands[T], s shape) {
			Normalize(o.out(s.r*s.d), o.out(s.r), o.in(s.r*s.d), s.r, s.d, 1e-12)
		}},
		{"NormalizeBack", func(o *operands[T], s shape) {
			y, norm := o.out(s.r*s.d), o.out(s.r)
			Normalize(y, norm, o.in(s.r*s.d), s.r, s.d, 1e-12)
			NormalizeBack(o.out(s.r*s.d), o.in(s.r*s.d), y, norm, s.r, s.d, 1e-12)
		}},
		{"Softmax", func(o *operands[T], s shape) {
			Softmax(o.out(s.r*s.d), o.out(s.r), o.in(s.r*s.d), nil, s.r, s.d)
			if s.k > 0 {
				Softmax(o.out(s.r*s.d), o.out(s.r), o.in(s.k*s.d), o.rows(s.r, s.k), s.r, s.d)
			}
		}},
	}
}

// apart lists the exported functions that have no line in the table, and why.
var apart = map[string]string{
	"Exp": "one value", "Log": "one value",
	"Exp64": "one value", "Expm164": "one value", "Log64": "one value", "Log1p64": "one value", "Sigmoid64": "one value",
	"Tanh64": "one value", "Erf64": "one value",
	"Philox4x32": "integers, by value", "KeyOf": "integers, by value", "Threshold": "one value",
	"NoiseKey": "integers, by value", "LengthError": "a panic value", "ProbabilityError": "a panic value",
}

// Every exported function of the package, and every exported type with methods, stands in the table or apart, and nothing else does.
func TestTableIsComplete(t *testing.T) {
	files, err := os.ReadDir(".")
	require.NoError(t, err)
	exported := map[string]bool{}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range parsed.Decls {
			d, ok := d.(*ast.FuncDecl)
			switch {
			case !ok || !d.Name.IsExported():
			case d.Recv == nil:
				exported[d.Name.Name] = true
			case ast.IsExported(receiver(d)):
				exported[receiver(d)] = true
			}
		}
	}
	listed := map[string]bool{}
	for _, e := range table[float32]() {
		require.False(t, listed[e.name], "%s stands in the table twice", e.name)
		listed[e.name] = true
	}
	for name := range exported {
		require.True(t, listed[name] || apart[name] != "", "%s has no line in table, and no reason in apart", name)
		require.False(t, listed[name] && apart[name] != "", "%s stands in the table and apart", name)
	}
	for name := range apart {
		require.True(t, exported[name], "%s stands apart and does not exist", name)
	}
	for name := range listed {
		require.True(t, exported[name], "%s stands in the table and does not exist", name)
	}
}

// receiver returns the name of the type of a method.
func receiver(d *ast.FuncDecl) string {
	name := ""
	ast.Inspect(d.Recv.List[0].Type, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && name == "" {
			name = id.Name
		}
		return name == ""
	})
	return name
}

// operands makes the operands of a call: the same values for the same seed, in memory of any kind.
type operands[T Float] struct {
	rng    *rand.Rand
	draw   func(*rand.Rand) T
	memory func(bytes int) unsafe.Pointer // nil: the heap
	outs   [][]T
}

// room returns memory for n elements.
func room[T Float, E any](o *operands[T], n int) []E {
	if o.memory == nil {
		return make([]E, n)
	}
	var e E
	return unsafe.Slice((*E)(o.memory(n*int(unsafe.Sizeof(e)))), n)
}

// in returns n values to read.
func (o *operands[T]) in(n int) []T {
	x := room[T, T](o, n)
	for i := range x {
		x[i] = o.draw(o.rng)
	}
	return x
}

// out returns memory for n values, with something else in it.
func (o *operands[T]) out(n int) []T {
	x := room[T, T](o, n)
	for i := range x {
		x[i] = 7.5
	}
	o.outs = append(o.outs, x)
	return x
}

// rows returns n rows below limit; without rows to choose from there is none.
func (o *operands[T]) rows(n, limit int) []int32 {
	if limit == 0 {
		n = 0
	}
	r := room[T, int32](o, n)
	for i := range r {
		r[i] = int32(o.rng.IntN(limit))
	}
	return r
}

// permutation returns 0..n-1 in some order.
func (o *operands[T]) permutation(n int) []int32 {
	p := room[T, int32](o, n)
	for i, v := range o.rng.Perm(n) {
		p[i] = int32(v)
	}
	return p
}

// ids returns n identities.
func (o *operands[T]) ids(n int) []uint64 {
	x := room[T, uint64](o, n)
	for i := range x {
		x[i] = o.rng.Uint64()
	}
	return x
}

// ptr returns the bounds of n segments of positions, some of them empty.
func (o *operands[T]) ptr(n, positions int) []int32 {
	p := room[T, int32](o, n+1)
	for i := range n {
		p[i] = int32(o.rng.IntN(positions + 1))
	}
	p[0], p[n] = 0, int32(positions)
	slices.Sort(p)
	return p
}

// incidence returns five segments of rows below limit that may repeat, with edges.
func (o *operands[T]) incidence(limit int) Seg {
	row := o.rows(2*limit+1, limit)
	return Seg{Ptr: o.ptr(5, len(row)), Row: row, Edge: o.permutation(len(row))}
}

// ends returns the row and the segment of each edge.
func (o *operands[T]) ends(seg Seg) (row, segment []int32) {
	row, segment = room[T, int32](o, len(seg.Row)), room[T, int32](o, len(seg.Row))
	for s := range len(seg.Ptr) - 1 {
		for p := seg.Ptr[s]; p < seg.Ptr[s+1]; p++ {
			row[seg.Edge[p]], segment[seg.Edge[p]] = seg.Row[p], int32(s)
		}
	}
	return row, segment
}

// back returns the transposed incidence of seg, whose segments are so many rows.
func (o *operands[T]) back(seg Seg, rows int) Seg {
	row, segment := o.ends(seg)
	b := Seg{Ptr: room[T, int32](o, rows+1), Row: room[T, int32](o, len(row)), Edge: room[T, int32](o, len(row))}
	p := int32(0)
	for r := range rows {
		b.Ptr[r] = p
		for e, at := range row {
			if int(at) == r {
				b.Row[p], b.Edge[p] = segment[e], int32(e)
				p++
			}
		}
	}
	b.Ptr[rows] = p
	return b
}

// pieces returns five segments that share out rows in their order.
func (o *operands[T]) pieces(rows int) Seg { return Seg{Ptr: o.ptr(5, rows)} }

// sparse returns the pattern of an (m,k) matrix by row, a third of it filled.
func (o *operands[T]) sparse(m, k int) (ptr, idx []int32) {
	var all []int32
	p := []int32{0}
	for range m {
		for l := range k {
			if o.rng.IntN(3) == 0 {
				all = append(all, int32(l))
			}
		}
		p = append(p, int32(len(all)))
	}
	ptr, idx = room[T, int32](o, len(p)), room[T, int32](o, len(all))
	copy(ptr, p)
	copy(idx, all)
	return ptr, idx
}

// heads returns numbers of heads that d channels can have.
func (o *operands[T]) heads(d int) []int {
	var out []int
	for _, h := range []int{1, 2, 4, d} {
		if d > 0 && d%h == 0 && !slices.Contains(out, h) {
			out = append(out, h)
		}
	}
	return out
}

// shapes yields the shapes of the table: every width to 40 with every number of rows to 10, widths around wider tiles, and some
// that take several blocks or chunks.
func shapes(yield func(shape) bool) {
	widths := []int{47, 48, 63, 64, 65, 80, 100, 128, 130}
	for d := range 41 {
		widths = append(widths, d)
	}
	for _, d := range widths {
		for r := range 11 {
			if !yield(shape{r, d, (5*r + 3*d) % 14}) {
				return
			}
		}
	}
	for _, s := range []shape{{3, 1500, 2}, {100, 51, 300}, {13, 20, 600}, {5000, 9, 3}, {4100, 16, 1}, {70, 33, 40}} {
		if !yield(s) {
			return
		}
	}
}

// tame and wild draw values: with the latter come zeros of both signs, subnormals, the largest values, infinities and NaN.
func tame[T Float](r *rand.Rand) T { return T(r.NormFloat64()) }

func wild[T Float](r *rand.Rand) T {
	if r.IntN(40) == 0 {
		return []T{T(math.NaN()), T(math.Inf(1)), T(math.Inf(-1)), math.MaxFloat32}[r.IntN(4)]
	}
	return nasty[T](r)
}

// called makes a call of a kernel and returns its operands.
func called[T Float](e entry[T], s shape, draw func(*rand.Rand) T, memory func(int) unsafe.Pointer) *operands[T] {
	o := &operands[T]{rng: rand.New(rand.NewPCG(uint64(s.r)<<32+uint64(s.d), uint64(s.k))), draw: draw, memory: memory}
	e.call(o, s)
	return o
}

// differs says where two calls have different bits, or nothing; all NaN are one.
func differs[T Float](a, b *operands[T]) string {
	for k, x := range a.outs {
		for i, v := range x {
			w := b.outs[k][i]
			if (v != w || math.Signbit(float64(v)) != math.Signbit(float64(w))) && (v == v || w == w) {
				return fmt.Sprintf("entry %d of result %d is %v and %v", i, k, v, w)
			}
		}
	}
	return ""
}

// Every kernel of the table gives the same bits on every implementation.
func TestKernelsAgree(t *testing.T) {
	if raceEnabled {
		t.Skip("SKIPPED: one goroutine has no races, and the detector is slow")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	testKernelsAgree[float32](t)
	testKernelsAgree[float64](t)
}

func testKernelsAgree[T Float](t *testing.T) {
	roads := implementations(t)
	for _, e := range table[T]() {
		for s := range shapes {
			for _, draw := range []func(*rand.Rand) T{tame[T], wild[T]} {
				var want *operands[T]
				roads[0].run(func() { want = called(e, s, draw, nil) })
				for _, road := range roads[1:] {
					var got *operands[T]
					road.run(func() { got = called(e, s, draw, nil) })
					if d := differs(want, got); d != "" {
						t.Fatalf("%s[%T] %+v: %s: portable, %s", e.name, T(0), s, d, road.name)
					}
				}
			}
		}
	}
}
