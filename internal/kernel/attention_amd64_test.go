//go:build amd64 && !purego

package kernel

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// attentionOperands draws attention over n targets and n sources, with empty segments, unaligned slices and, where wild, NaN,
// infinities and subnormals.
func attentionOperands(r *rand.Rand, n, heads, c int, wild bool) (a Attention[float32], dy []float32) {
	fill := func(size int) []float32 {
		x := make([]float32, size+1)[1:]
		for i := range x {
			x[i] = float32(r.NormFloat64())
			if wild && r.IntN(30) == 0 {
				x[i] = nasty[float32](r)
			}
			if wild && r.IntN(200) == 0 {
				x[i] = []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), math.MaxFloat32, 1e-42}[r.IntN(5)]
			}
		}
		return x
	}
	a.Heads, a.D = heads, heads*c
	a.Seg.Ptr, a.Back.Ptr = []int32{0}, make([]int32, n+1)
	for i := range n {
		for range []int{0, 1, 2, 3, 5, 8, 17, 40}[r.IntN(8)] * (1 + i%7/6*9) {
			a.Seg.Row = append(a.Seg.Row, int32(r.IntN(n)))
		}
		a.Seg.Ptr = append(a.Seg.Ptr, int32(len(a.Seg.Row)))
	}
	edges := len(a.Seg.Row)
	of := make([][]int32, n) // positions of a source
	for p, e := range r.Perm(edges) {
		a.Seg.Edge = append(a.Seg.Edge, int32(e))
		a.IDs = append(a.IDs, r.Uint64())
		of[a.Seg.Row[p]] = append(of[a.Seg.Row[p]], int32(p))
	}
	target := make([]int32, edges)
	for i := range n {
		for p := a.Seg.Ptr[i]; p < a.Seg.Ptr[i+1]; p++ {
			target[p] = int32(i)
		}
	}
	for j, ps := range of {
		for _, p := range ps {
			a.Back.Row, a.Back.Edge = append(a.Back.Row, target[p]), append(a.Back.Edge, a.Seg.Edge[p])
		}
		a.Back.Ptr[j+1] = int32(len(a.Back.Row))
	}
	a.V, a.Key, a.Operation = fill(n*a.D), KeyOf(1, 2), 3
	if r.IntN(3) > 0 {
		a.P = 0.4
	}
	if r.IntN(3) == 0 {
		a.Q, a.K, a.Scale = fill(n*a.D), fill(n*a.D), 0.3
	} else {
		a.Src, a.Dst, a.Slope = fill(n*heads), fill(n*heads), 0.2
		if r.IntN(2) == 0 {
			a.Edge = fill(edges * heads)
		}
	}
	return a, fill(n * a.D)
}

// Attention has the same bits by assembly and in portable Go.
func TestAttentionImplementations(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	for _, heads := range []int{1, 2, 3, 4, 5, 8, 16} {
		for c := 1; c <= 19; c++ {
			for _, wild := range []bool{false, true} {
				n := 1 + r.IntN(60)
				a, dy := attentionOperands(r, n, heads, c, wild)
				var results [2][][]float32
				pass := func(k int) {
					out := func(size int) []float32 {
						x := make([]float32, size+9)[1:] // one before, eight after: nothing may be written there
						results[k] = append(results[k], x)
						return x[:size]
					}
					edges := len(a.Seg.Row)
					kept := out(edges * heads)
					a.Forward(out(n*a.D), kept)
					g := AttentionGrads[float32]{Score: out(edges * heads), V: out(n * a.D)}
					if a.Q != nil {
						g.Q, g.K = out(n*a.D), out(n*a.D)
					} else {
						g.Src, g.Dst = out(n*heads), out(n*heads)
					}
					a.Backward(g, dy, kept)
				}
				pass(0)
				implementations(t)[0].run(func() { pass(1) })
				for m, x := range results[0] {
					for i, v := range x {
						if w := results[1][m][i]; math.Float32bits(v) != math.Float32bits(w) && !(v != v && w != w) {
							t.Fatalf("heads %d of %d, wild %v: matrix %d entry %d is %v by assembly and %v in Go", heads, c, wild, m, i, v, w)
						}
					}
					require.Equal(t, make([]float32, 8), x[len(x)-8:], "after the end of matrix %d", m)
				}
			}
		}
	}
}

func TestHeadOuterImplementations(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	for d := 1; d <= 70; d++ {
		for heads := 1; heads <= 9; heads++ {
			if d%heads != 0 {
				continue
			}
			const rows = 5
			fill := func(n int) []float32 {
				x := make([]float32, n+1)[1:]
				for i := range x {
					x[i] = nasty[float32](r)
				}
				return x
			}
			a, w, old := fill(d), fill(rows*heads), fill(rows*d)
			for _, add := range []bool{false, true} {
				y := append([]float32{7}, append(old, 7, 7, 7, 7, 7, 7, 7, 7)...)
				z := append([]float32{}, y...)
				HeadOuter(y[1:1+rows*d], a, w, rows, d, heads, add)
				implementations(t)[0].run(func() { HeadOuter(z[1:1+rows*d], a, w, rows, d, heads, add) })
				for i := range y {
					if math.Float32bits(y[i]) != math.Float32bits(z[i]) && !(y[i] != y[i] && z[i] != z[i]) {
						t.Fatalf("%d channels, %d heads, add %v: entry %d is %v by assembly and %v in Go", d, heads, add, i-1, y[i], z[i])
					}
				}
			}
		}
	}
}
