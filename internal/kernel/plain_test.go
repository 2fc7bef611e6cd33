package kernel

import (
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// The plain sums are the chains that plain.go defines, whatever the number of workers; long segments are cut.
func TestPlainSums(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	r := rand.New(rand.NewPCG(4, 4))
	const rows, d, heads = 300, 70, 2
	x, w := make([]float32, rows*d), make([]float32, 20_000*heads)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	for i := range w {
		w[i] = float32(r.NormFloat64())
	}
	seg := Seg{Ptr: []int32{0, 3, 3, 10_003, 10_010, 15_000}}
	for range 15_000 {
		seg.Row, seg.Edge = append(seg.Row, int32(r.IntN(rows))), append(seg.Edge, int32(r.IntN(20_000)))
	}
	segments := len(seg.Ptr) - 1
	sum, dot := make([]float32, segments*d), make([]float32, segments*d)
	for s := range segments {
		for c := range d {
			var total, weighted float32
			for from := seg.Ptr[s]; from < seg.Ptr[s+1]; from += plainChunk {
				var chain, fused float32
				for p := from; p < min(seg.Ptr[s+1], from+plainChunk); p++ {
					v := x[int(seg.Row[p])*d+c]
					chain += v
					fused = fma32(w[int(seg.Edge[p])*heads+c/(d/heads)], v, fused)
				}
				if from == seg.Ptr[s] {
					total, weighted = chain, fused
				} else {
					total, weighted = total+chain, weighted+fused
				}
			}
			sum[s*d+c], dot[s*d+c] = total, weighted
		}
	}
	for _, procs := range []int{1, 2, 8} {
		runtime.GOMAXPROCS(procs)
		out := make([]float32, segments*d)
		PlainSum(out, x, d, seg, false)
		require.Equal(t, sum, out)
		PlainWeightedSum(out, w, x, d, heads, seg, false)
		require.Equal(t, dot, out)
	}
}

// The plain gradients of weights are chains over all rows.
func TestPlainGradients(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 5))
	const rows, m, n = 700, 50, 37
	a, b := make([]float32, rows*m), make([]float32, rows*n)
	for i := range a {
		if r.IntN(3) == 0 {
			a[i] = float32(r.NormFloat64())
		}
	}
	for i := range b {
		b[i] = float32(r.NormFloat64())
	}
	want := make([]float32, m*n)
	for i := range m {
		for j := range n {
			for l := range rows {
				want[i*n+j] = fma32(a[l*m+i], b[l*n+j], want[i*n+j])
			}
		}
	}
	out := make([]float32, m*n)
	PlainMatMulTN(out, a, b, rows, m, n)
	require.Equal(t, want, out)
	x := Columns[float32]{Ptr: []int32{0}}
	for i := range m {
		for l := range rows {
			if v := a[l*m+i]; v != 0 {
				x.Row, x.Pos, x.Val = append(x.Row, int32(l)), append(x.Pos, int32(len(x.Val))), append(x.Val, v)
			}
		}
		x.Ptr = append(x.Ptr, int32(len(x.Row)))
	}
	PlainCSRMatMulTN(out, x, b, m, n)
	require.Equal(t, want, out)
}
