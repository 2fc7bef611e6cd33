package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// perElement runs f and reports nanoseconds for each of n elements.
func perElement(b *testing.B, name string, n int, f func()) {
	b.Run(name, func(b *testing.B) {
		f()
		for b.Loop() {
			f()
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/elem")
	})
}

func normal32(n int) []float32 {
	r := rand.New(rand.NewPCG(51, 52))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

func BenchmarkUnary(b *testing.B) {
	x, y, dy, dx := normal32(4096), normal32(4096), normal32(4096), normal32(4096)
	for op, name := range []string{"ReLU", "LeakyReLU", "ELU", "Tanh", "Sigmoid", "GELU", "SiLU", "Exp", "Log", "Square", "Sqrt", "RSqrt", "Scale", "Shift"} {
		perElement(b, name, len(x), func() { Unary(Op(op), y, x, 0.2) })
		perElement(b, name+"Back", len(x), func() { UnaryBack(Op(op), dx, dy, x, y, 0.2) })
	}
}

// The functions of rows, for a small graph and for one beyond the first cache.
func BenchmarkRows(b *testing.B) {
	for _, rows := range []int{20, 2708} {
		const d = 64
		n := rows * d
		x, y, z, row, one := normal32(n), normal32(n), normal32(n), normal32(d), normal32(rows)
		seg := Seg{Ptr: []int32{0}}
		of := make([]int32, rows)
		for i := range of {
			of[i] = int32(i * 7 % rows)
			if i%5 == 4 || i == rows-1 {
				seg.Ptr = append(seg.Ptr, int32(i+1))
			}
		}
		at := seg
		at.Row = of
		run := func(name string, n int, f func()) { perElement(b, fmt.Sprintf("%s/%d", name, rows), n, f) }
		run("Add", n, func() { Elementwise(Add, y, x, z, rows, d, rows, d) })
		run("AddRow", n, func() { Elementwise(Add, y, x, row, rows, d, 1, d) })
		run("MulHeads", n, func() { Elementwise(Mul, y, x, z, rows, d, rows, 8) })
		run("MulColumn", n, func() { Elementwise(Mul, y, x, one, rows, d, rows, 1) })
		run("AddTo", n, func() { AddTo(y, x) })
		run("Gather", n, func() { Gather(y, x, of, d) })
		run("HeadDot", n, func() { HeadDot(y, x, row, rows, d, 8, 1) })
		run("LayerNorm", n, func() { LayerNorm(y, one, x, rows, d, 1e-5) })
		run("LayerNormBack", n, func() { LayerNormBack(y, x, z, one, rows, d) })
		run("Normalize", n, func() { Normalize(y, one, x, rows, d, 1e-5) })
		run("NormalizeBack", n, func() { NormalizeBack(y, x, z, one, rows, d, 1e-5) })
		run("Softmax", n, func() { Softmax(y, one, x, nil, rows, d) })
		run("Softmax7", rows*7, func() { Softmax(y, one, x, nil, rows, 7) })
		run("SegmentNorm", n, func() { SegmentNorm(y, x, z, z, of, d) })
		run("SegmentNormBack", n, func() { SegmentNormBack(y, x, z, x, x, x, of, d) })
		run("SegmentMax", n, func() { SegmentMax(y, x, d, at, false) })
		run("SegmentShare", n, func() { SegmentShare(y, x, x, z, d, at) })
		run("SegmentDot", n, func() { SegmentDot(y, x, z, d, 8, at) })
		run("SegmentSoftmax8", rows*8, func() { SegmentSoftmax(y, x, 8, seg) })
		run("SegmentSoftmax8Gathered", rows*8, func() { SegmentSoftmax(y, x, 8, at) })
		run("SegmentSoftmax1", rows, func() { SegmentSoftmax(y, x, 1, seg) })
		run("Dropout", n, func() { Dropout(y, x, nil, rows, d, KeyOf(1, 2), 3, 0.5) })
		run("Dropout7", rows*7, func() { Dropout(y, x, nil, rows, 7, KeyOf(1, 2), 3, 0.5) })
		run("Adam", n, func() { Adam(y, x, z, x, AdamStep{1, 0, 0.9, 0.1, 0.999, 0.001, 1, 0.001, 0.5, 1e-8}) })
	}
}

func BenchmarkCSRDropout(b *testing.B) {
	x, y := normal32(49_216), normal32(49_216)
	ptr, idx := []int32{0}, make([]int32, len(x))
	for i := range idx {
		idx[i] = int32(i % 18 * 79)
		if i%18 == 17 || i == len(idx)-1 {
			ptr = append(ptr, int32(i+1))
		}
	}
	perElement(b, "Cora", len(x), func() { CSRDropout(y, x, ptr, idx, nil, KeyOf(1, 2), 3, 0.5) })
}
