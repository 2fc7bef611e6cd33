//go:build amd64 && !purego

package kernel

import (
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/cpu"
)

// The assembly must run where the processor has it: a machine that could and does not is a fault, not a skip.
func TestAssemblyIsOn(t *testing.T) {
	require.Equal(t, cpu.X86.HasAVX2 && cpu.X86.HasFMA, hasAVX2)
	require.Equal(t, cpu.X86.HasAVX2 && cpu.X86.HasAVX512F && cpu.X86.HasAVX512VL, hasAVX512)
}

// Assembly and portable Go give the same bits: every length around the tiles, unaligned rows, NaN, infinities, signed zeros,
// subnormals.
func TestImplementations(t *testing.T) {
	roads := implementations(t)
	r := rand.New(rand.NewPCG(17, 18))
	fill := func(n int, wild bool) []float32 {
		x := make([]float32, n+1)[1:] // unaligned
		for i := range x {
			x[i] = nasty[float32](r)
			if wild && r.IntN(40) == 0 {
				x[i] = []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), math.MaxFloat32}[r.IntN(4)]
			}
		}
		return x
	}
	same := func(what string, n int, f func(out []float32)) {
		t.Helper()
		a, b := make([]float32, n), make([]float32, n)
		roads[0].run(func() { f(b) })
		for _, road := range roads[1:] {
			clear(a)
			road.run(func() { f(a) })
			for i := range a {
				if math.Float32bits(a[i]) != math.Float32bits(b[i]) && !(a[i] != a[i] && b[i] != b[i]) {
					t.Fatalf("%s: entry %d is %v by %s and %v in Go", what, i, a[i], road.name, b[i])
				}
			}
		}
	}
	for d := range 131 {
		wild := d%2 == 1
		rows, k := 1+r.IntN(20), r.IntN(20)
		if d%16 == 3 {
			rows, k = 200, 300 // several blocks
		}
		a, b := fill(rows*k, wild), fill(k*d, wild)
		same("MatMul", rows*d, func(out []float32) { MatMul(out, a, b, rows, k, d) })
		ptr, idx, val := []int32{0}, []int32{}, []float32{}
		for i := range rows {
			for l := range k {
				if v := a[i*k+l]; v != 0 {
					idx, val = append(idx, int32(l)), append(val, v)
				}
			}
			ptr = append(ptr, int32(len(idx)))
		}
		same("CSRMatMul", rows*d, func(out []float32) { CSRMatMul(out, ptr, idx, val, b, rows, k, d) })
		if d > 0 {
			y := fill(rows*d, wild)
			same("Dropout", rows*d, func(out []float32) { Dropout(out, y, nil, rows, d, KeyOf(1, 2), 3, 0.5) })
			s := fill(len(val), wild)
			same("CSRDropout", len(val), func(out []float32) { CSRDropout(out, s, ptr, idx, nil, KeyOf(1, 2), 3, 0.5) })
			x := Columns[float32]{Ptr: []int32{0}}
			for l := range k {
				for i := range rows {
					for p := ptr[i]; p < ptr[i+1]; p++ {
						if int(idx[p]) == l {
							x.Row, x.Pos = append(x.Row, int32(i)), append(x.Pos, p)
						}
					}
				}
				x.Ptr = append(x.Ptr, int32(len(x.Row)))
			}
			x.Val = val
			same("CSRMatMulTN", k*d, func(out []float32) { CSRMatMulTN(out, x, y, rows, k, d) })
			tame := fill(rows*d, false)
			for i := range tame {
				tame[i] = float32(r.NormFloat64())
			}
			same("CSRMatMulTN", k*d, func(out []float32) { CSRMatMulTN(out, x, tame, rows, k, d) })
			dy := fill(rows*d, wild)
			same("MatMulTN", k*d, func(out []float32) { MatMulTN(out, a, dy, rows, k, d) })
			same("MatMulTN", d*k, func(out []float32) { MatMulTN(out, dy, a, rows, d, k) })
		}
		seg := Seg{Ptr: []int32{0}}
		for range 6 {
			for range r.IntN(10) {
				seg.Row = append(seg.Row, int32(r.IntN(rows)))
			}
			seg.Ptr = append(seg.Ptr, int32(len(seg.Row)))
		}
		for _, e := range r.Perm(len(seg.Row)) {
			seg.Edge = append(seg.Edge, int32(e))
		}
		if len(seg.Row) == 0 || d == 0 {
			continue
		}
		x := fill(rows*d, wild)
		same("SegmentSum", 6*d, func(out []float32) { SegmentSum(out, x, d, seg, false) })
		same("SegmentSum mean", 6*d, func(out []float32) { SegmentSum(out, x, d, seg, true) })
		same("SegmentVar", 6*d, func(out []float32) {
			mean := make([]float32, 6*d)
			SegmentSum(mean, x, d, seg, true)
			SegmentVar(out, x, mean, d, seg)
		})
		same("ColSum", d, func(out []float32) { ColSum(out, x, rows, d) })
		for _, heads := range []int{1, 2, 4, d} {
			if d%heads == 0 {
				w := fill(len(seg.Row)*heads, wild)
				same("SegmentWeightedSum", 6*d, func(out []float32) { SegmentWeightedSum(out, w, x, d, heads, seg, heads == 2) })
				w = fill(rows*heads, wild)
				same("ColWeightedSum", d, func(out []float32) { ColWeightedSum(out, w, x, rows, d, heads) })
			}
		}
	}
	x := fill(9000*9, true)
	same("long ColSum", 9, func(out []float32) { ColSum(out, x, 9000, 9) })
	old := runtime.GOMAXPROCS(2) // segments that several workers share
	defer runtime.GOMAXPROCS(old)
	y := fill(40_000*9, false)
	same("shared ColSum", 9, func(out []float32) { ColSum(out, y, 40_000, 9) })
	same("shared ColDot", 9, func(out []float32) { ColDot(out, y, y, 40_000, 9) })
	same("long ColDot", 9, func(out []float32) { ColDot(out, x, x, 9000, 9) })
}

// Products of float64 have the same bits on every road: all edges of the tiles, several blocks, values that are not finite.
func TestProductImplementations64(t *testing.T) {
	roads := implementations(t)
	r := rand.New(rand.NewPCG(19, 20))
	fill := func(n int, wild bool) []float64 {
		x := make([]float64, n+1)[1:] // unaligned
		for i := range x {
			x[i] = nasty[float64](r)
			if wild && r.IntN(40) == 0 {
				x[i] = []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64}[r.IntN(4)]
			}
		}
		return x
	}
	for d := range 40 {
		for _, rows := range []int{1, 5, 6, 7, 2 + r.IntN(60)} {
			k := []int{0, 1, r.IntN(20), 300, 513}[r.IntN(5)]
			if d == 33 {
				k = packFrom/d + 1
			}
			a, b, bias := fill(rows*k, d%2 == 1), fill(k*d, d%2 == 1), fill(d, false)
			var want []float64
			for _, road := range roads {
				got := fill(rows*d, false)
				road.run(func() { MatMulThen(got, a, b, rows, k, d, Then[float64]{Bias: bias, Op: OpLeakyReLU, A: 0.3}) })
				if want == nil {
					want = got
				}
				for i := range got {
					if math.Float64bits(got[i]) != math.Float64bits(want[i]) && !(got[i] != got[i] && want[i] != want[i]) {
						t.Fatalf("%dx%dx%d: entry %d is %v by %s and %v in Go", rows, k, d, i, got[i], road.name, want[i])
					}
				}
			}
		}
	}
}

func BenchmarkMatMul64(b *testing.B) {
	const m, k, n = 2000, 128, 64
	r := rand.New(rand.NewPCG(1, 1))
	x, w, c := make([]float64, m*k), make([]float64, k*n), make([]float64, m*n)
	for _, x := range [][]float64{x, w} {
		for i := range x {
			x[i] = r.Float64() - 0.5
		}
	}
	for _, road := range implementations(b) {
		b.Run(road.name, func(b *testing.B) {
			road.run(func() {
				for b.Loop() {
					MatMul(c, x, w, m, k, n)
				}
			})
			b.ReportMetric(float64(m*k*n)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFMA/s")
		})
	}
}
