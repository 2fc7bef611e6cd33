package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func BenchmarkSegmentSum(b *testing.B) {
	for _, d := range []int{1, 7, 16, 40, 64, 256} {
		b.Run(fmt.Sprint(d), func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 1))
			n, deg := 20_000, 14
			seg := Seg{Ptr: []int32{0}}
			for range n {
				for range deg {
					seg.Row = append(seg.Row, int32(r.IntN(n)))
				}
				seg.Ptr = append(seg.Ptr, int32(len(seg.Row)))
			}
			x, out := make([]float32, n*d), make([]float32, n*d)
			for i := range x {
				x[i] = r.Float32()
			}
			b.ReportAllocs()
			for b.Loop() {
				SegmentSum(out, x, d, seg, false)
			}
			b.ReportMetric(float64(len(seg.Row)*d)*float64(b.N)/b.Elapsed().Seconds()/1e9, "Gterms/s")
		})
	}
}

func BenchmarkMatMul(b *testing.B) {
	for _, s := range [][3]int{{1024, 1024, 1024}, {169343, 128, 256}, {10000, 64, 64}, {2708, 64, 64}, {2708, 1433, 16}, {256, 256, 256}, {20, 64, 64}} {
		a, w, c := make([]float32, s[0]*s[1]), make([]float32, s[1]*s[2]), make([]float32, s[0]*s[2])
		r := rand.New(rand.NewPCG(1, 1))
		for _, x := range [][]float32{a, w} {
			for i := range x {
				x[i] = r.Float32() - 0.5
			}
		}
		report := func(b *testing.B) {
			b.ReportMetric(float64(s[0]*s[1]*s[2])*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFMA/s")
		}
		b.Run(fmt.Sprintf("NN/%v", s), func(b *testing.B) {
			MatMul(c, a, w, s[0], s[1], s[2])
			for b.Loop() {
				MatMul(c, a, w, s[0], s[1], s[2])
			}
			report(b)
		})
		b.Run(fmt.Sprintf("TN/%v/plain", s), func(b *testing.B) {
			dw := make([]float32, s[1]*s[2])
			for b.Loop() {
				PlainMatMulTN(dw, a, c, s[0], s[1], s[2])
			}
			report(b)
		})
		b.Run(fmt.Sprintf("TN/%v", s), func(b *testing.B) {
			dw := make([]float32, s[1]*s[2])
			for b.Loop() {
				MatMulTN(dw, a, c, s[0], s[1], s[2])
			}
			report(b)
		})
	}
}

// BenchmarkPowerLaw sums over a graph of 169,343 nodes and 2.3 M edges whose degrees follow a power law.
func BenchmarkPowerLaw(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	n := 169_343
	name := r.Perm(n)
	skewed := func() int { return name[int(float64(n)*math.Pow(r.Float64(), 3))] }
	rows := make([][]int32, n)
	for range 2_300_000 {
		s := skewed()
		rows[s] = append(rows[s], int32(skewed()))
	}
	seg := Seg{Ptr: []int32{0}}
	for _, l := range rows {
		seg.Row = append(seg.Row, l...)
		seg.Ptr = append(seg.Ptr, int32(len(seg.Row)))
	}
	for _, d := range []int{16, 64, 128, 256} {
		b.Run(fmt.Sprint(d), func(b *testing.B) {
			x, out := make([]float32, n*d), make([]float32, n*d)
			for i := range x {
				x[i] = r.Float32()
			}
			SegmentSum(out, x, d, seg, false)
			for b.Loop() {
				SegmentSum(out, x, d, seg, false)
			}
			b.ReportMetric(float64(len(seg.Row)*d)*float64(b.N)/b.Elapsed().Seconds()/1e9, "Gterms/s")
		})
		b.Run(fmt.Sprint(d, "/plain"), func(b *testing.B) {
			x, out := make([]float32, n*d), make([]float32, n*d)
			PlainSum(out, x, d, seg, false)
			for b.Loop() {
				PlainSum(out, x, d, seg, false)
			}
			b.ReportMetric(float64(len(seg.Row)*d)*4*float64(b.N)/b.Elapsed().Seconds()/1e9, "GB/s")
		})
	}
}
