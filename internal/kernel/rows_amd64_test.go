//go:build amd64 && !purego

package kernel

import (
	"math/rand/v2"
	"testing"
)

func TestRowImplementations(t *testing.T) {
	r := rand.New(rand.NewPCG(41, 42))
	for d := 1; d <= 130; d++ {
		rows := 1 + r.IntN(2+3000/d)
		fill := func(n int) []float32 {
			if d%3 == 0 {
				return anything(r, n)
			}
			x := make([]float32, n)
			for i := range x {
				x[i] = nasty[float32](r)
			}
			return x
		}
		a, b := fill(rows*d), fill(rows*d)
		of := make([]int32, rows)
		for i := range of {
			of[i] = int32(r.IntN(rows))
		}
		for _, op := range []Binary{Add, Sub, Mul} {
			for per := 1; per <= d; per++ {
				if d%per == 0 {
					cols := d / per
					sameRoads(t, "elementwise", []int{rows * d}, func(out [][]float32) { Elementwise(op, out[0], a, b, rows, d, rows, cols) })
					sameRoads(t, "elementwise, one row", []int{rows * d}, func(out [][]float32) { Elementwise(op, out[0], a, b, rows, d, 1, cols) })
				}
			}
		}
		sameRoads(t, "AddTo", []int{rows * d}, func(out [][]float32) {
			copy(out[0], a)
			AddTo(out[0], b)
		})
		sameRoads(t, "Gather", []int{rows * d}, func(out [][]float32) { Gather(out[0], a, of, d) })
		for heads := 1; heads <= d; heads++ {
			if d%heads == 0 {
				sameRoads(t, "HeadDot", []int{rows * heads}, func(out [][]float32) { HeadDot(out[0], a, b, rows, d, heads, rows) })
				sameRoads(t, "HeadDot, one row", []int{rows * heads}, func(out [][]float32) { HeadDot(out[0], a, b, rows, d, heads, 1) })
			}
		}
		both := []int{rows * d, rows}
		sameRoads(t, "LayerNorm", both, func(out [][]float32) { LayerNorm(out[0], out[1], a, rows, d, 1e-5) })
		sameRoads(t, "Normalize", both, func(out [][]float32) { Normalize(out[0], out[1], a, rows, d, 0.5) })
		y, s := make([]float32, rows*d), make([]float32, rows)
		LayerNorm(y, s, a, rows, d, 1e-5)
		sameRoads(t, "LayerNormBack", []int{rows * d}, func(out [][]float32) { LayerNormBack(out[0], b, y, s, rows, d) })
		sameRoads(t, "LayerNormBack in place", []int{rows * d}, func(out [][]float32) {
			copy(out[0], b)
			LayerNormBack(out[0], out[0], y, s, rows, d)
		})
		Normalize(y, s, a, rows, d, 0.5)
		sameRoads(t, "NormalizeBack", []int{rows * d}, func(out [][]float32) { NormalizeBack(out[0], b, y, s, rows, d, 0.5) })
		sameRoads(t, "Softmax", both, func(out [][]float32) { Softmax(out[0], out[1], a, nil, rows, d) })
		sameRoads(t, "Softmax of some rows", both, func(out [][]float32) { Softmax(out[0], out[1], a, of, rows, d) })
		m, p, v := fill(rows*d), fill(rows*d), fill(rows*d)
		sameRoads(t, "SegmentNorm", []int{rows * d}, func(out [][]float32) { SegmentNorm(out[0], a, m, v, of, d) })
		sameRoads(t, "SegmentNormBack", []int{rows * d}, func(out [][]float32) { SegmentNormBack(out[0], b, a, v, m, p, of, d) })
	}
}

func TestSelectImplementations(t *testing.T) {
	r := rand.New(rand.NewPCG(43, 44))
	for d := 1; d <= 130; d++ {
		for _, gathered := range []bool{false, true} {
			seg := Seg{Ptr: []int32{0}}
			for s := range 8 {
				n := r.IntN(12)
				if s == 5 {
					n = 1 + r.IntN(5000)/d
				}
				if d == 2 && s == 6 {
					n = 9000 // several calls
				}
				seg.Ptr = append(seg.Ptr, seg.Ptr[s]+int32(n))
			}
			k, segments := int(seg.Ptr[8]), 8
			rows := k + 3
			if gathered {
				for _, p := range r.Perm(rows)[:k] {
					seg.Row = append(seg.Row, int32(p))
				}
				for _, e := range r.Perm(k) {
					seg.Edge = append(seg.Edge, int32(e))
				}
			}
			x := anything(r, rows*d)
			if d%3 != 0 { // ties
				for i := range x {
					x[i] = float32(r.IntN(4)) - 1.5
				}
			}
			dout := anything(r, segments*d)
			for _, minimum := range []bool{false, true} {
				sameRoads(t, "SegmentMax", []int{segments * d}, func(out [][]float32) { SegmentMax(out[0], x, d, seg, minimum) })
				top := make([]float32, segments*d)
				SegmentMax(top, x, d, seg, minimum)
				sameRoads(t, "SegmentShare", []int{segments * d}, func(out [][]float32) { SegmentShare(out[0], dout, top, x, d, seg) })
			}
			sameRoads(t, "SegmentSoftmax", []int{rows * d}, func(out [][]float32) { SegmentSoftmax(out[0], x, d, seg) })
			for heads := 1; heads <= d; heads++ {
				if d%heads == 0 {
					sameRoads(t, "SegmentDot", []int{k * heads}, func(out [][]float32) { SegmentDot(out[0], dout, x, d, heads, seg) })
				}
			}
		}
	}
}

func TestLossImplementations(t *testing.T) {
	r := rand.New(rand.NewPCG(45, 46))
	for d := 1; d <= 130; d++ {
		n := 1 + r.IntN(20)
		p, labels, at := anything(r, n*d), make([]int32, n), make([]int32, n)
		for i := range labels {
			labels[i], at[i] = int32(r.IntN(d)), int32(r.IntN(n))
		}
		for _, at := range [][]int32{nil, at} {
			sameRoads(t, "CrossEntropyBack", []int{n * d}, func(out [][]float32) {
				clear(out[0])
				CrossEntropyBack(out[0], p, labels, at, n, d, 0.37)
			})
		}
		x, y := anything(r, d), anything(r, d)
		sameRoads(t, "BCE", []int{d}, func(out [][]float32) { BCE(out[0], x, y) })
	}
}
