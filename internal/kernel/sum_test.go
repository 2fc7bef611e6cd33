package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

// exact returns the exact sum of products, or of values where w is nil.
func exact[T Float](w, x []T) *big.Float {
	s := new(big.Float).SetPrec(5000)
	for i := range x {
		p := new(big.Float).SetPrec(5000).SetFloat64(float64(x[i]))
		if w != nil {
			p.Mul(p, new(big.Float).SetPrec(5000).SetFloat64(float64(w[i])))
		}
		s.Add(s, p)
	}
	return s
}

func sum[T Float](x []T) T {
	var out [1]T
	ColSum(out[:], x, len(x), 1)
	return out[0]
}

func dot[T Float](w, x []T) T {
	var out [1]T
	ColDot(out[:], w, x, len(x), 1)
	return out[0]
}

func permutations(n int, f func([]int)) {
	p := make([]int, n)
	for i := range p {
		p[i] = i
	}
	var rec func(int)
	rec = func(k int) {
		if k == n {
			f(p)
			return
		}
		for i := k; i < n; i++ {
			p[k], p[i] = p[i], p[k]
			rec(k + 1)
			p[k], p[i] = p[i], p[k]
		}
	}
	rec(0)
}

func nasty[T Float](r *rand.Rand) T {
	switch r.IntN(9) {
	case 0:
		return 0
	case 1:
		return T(math.Copysign(0, -1))
	case 2:
		return T(r.NormFloat64() * 0x1p-145) // subnormal in float32
	case 3:
		return T(r.NormFloat64() * 0x1p100)
	case 4:
		return T(r.IntN(3) - 1)
	default:
		return T(r.NormFloat64())
	}
}

// bound is the stated error of the sum of n terms below 2^e.
func bound[T Float](n, e int) float64 {
	var t T
	l := int(math.Ceil(math.Log2(float64(n))))
	if _, ok := any(t).(float32); ok {
		return float64(n) * math.Ldexp(1, -(51-e-max(0, l-11))-1)
	}
	return math.Ldexp(float64(n), e+2*l-102)
}

func TestSumExact32(t *testing.T) { testSumExact[float32](t, 0x1p-24) }
func TestSumExact64(t *testing.T) { testSumExact[float64](t, 0x1p-53) }

// The sum is within its bound, plus the final rounding, of the exact value, for sizes around all thresholds.
func testSumExact[T Float](t *testing.T, ulp float64) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{1, 2, 3, 7, 8, 63, 1000, 2047, 2048, 2049, 5000, 1 << 16} {
		for trial := range 6 {
			w, x := make([]T, n), make([]T, n)
			for i := range x {
				w[i], x[i] = T(r.NormFloat64()), T(r.NormFloat64())
				if trial == 1 {
					w[i], x[i] = nasty[T](r), nasty[T](r)
				}
				if trial == 2 { // cancellation
					x[i] = T(math.Abs(float64(x[i]))) * T(1-2*(i%2))
				}
			}
			for _, f := range [][]T{nil, w} {
				var got T
				mx, mw := 0.0, 1.0
				for i := range x {
					mx = max(mx, math.Abs(float64(x[i])))
				}
				if f == nil {
					got = sum(x)
				} else {
					got = dot(f, x)
					mw = 0
					for i := range f {
						mw = max(mw, math.Abs(float64(f[i])))
					}
				}
				_, ex := math.Frexp(mx)
				_, ew := math.Frexp(mw)
				want := exact(f, x)
				if math.IsInf(float64(got), 0) { // beyond the largest float32
					f, _ := want.Float32()
					require.Equal(t, float64(f), float64(got))
					continue
				}
				d := new(big.Float).SetPrec(5000).SetFloat64(float64(got))
				diff, _ := d.Sub(d, want).Float64()
				wantF, _ := want.Float64()
				limit := bound[T](n, ex+ew) + math.Abs(wantF)*ulp + 0x1p-149
				if ulp == 0x1p-53 {
					limit -= 0x1p-149
					limit += 0x1p-1074
				}
				require.LessOrEqual(t, math.Abs(diff), limit, "n %d trial %d weighted %v: %v for %v", n, trial, f != nil, got, wantF)
			}
		}
	}
}

func TestSumCancellation(t *testing.T) {
	require.Equal(t, float32(1), sum([]float32{0x1p40, 1, -0x1p40}), "within 42 bits of the maximum")
	x := []float32{0x1p60, 1, -0x1p60}
	first := sum(x)
	permutations(3, func(p []int) {
		require.Equal(t, first, sum([]float32{x[p[0]], x[p[1]], x[p[2]]}))
	})
	require.Equal(t, 1.0, sum([]float64{0x1p60, 1, -0x1p60}))
}

func TestSumAllOrders(t *testing.T) {
	t.Run("float32", testSumAllOrders[float32])
	t.Run("float64", testSumAllOrders[float64])
}

func testSumAllOrders[T Float](t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	naive := 0
	for n := 1; n <= 7; n++ {
		for range 3 {
			w, x := make([]T, n), make([]T, n)
			for i := range x {
				w[i], x[i] = T(r.NormFloat64()*math.Ldexp(1, r.IntN(20))), T(r.NormFloat64()*math.Ldexp(1, r.IntN(20)))
			}
			s, d := sum(x), dot(w, x)
			var plain T
			for _, v := range x {
				plain += v
			}
			px, pw := make([]T, n), make([]T, n)
			permutations(n, func(p []int) {
				var other T
				for i, k := range p {
					px[i], pw[i] = x[k], w[k]
					other += x[k]
				}
				if other != plain {
					naive++
				}
				if sum(px) != s || dot(pw, px) != d {
					t.Fatalf("order %v of %v changes the sum", p, x)
				}
			})
		}
	}
	require.Positive(t, naive, "the control: a plain sum must depend on the order")
}

func TestSumSpecial(t *testing.T) {
	t.Run("float32", testSumSpecial[float32])
	t.Run("float64", testSumSpecial[float64])
}

func testSumSpecial[T Float](t *testing.T) {
	inf, nan, zero := T(math.Inf(1)), T(math.NaN()), T(math.Copysign(0, -1))
	same := func(want, got T) {
		t.Helper()
		if want != want {
			require.True(t, got != got, "%v is no NaN", got)
			return
		}
		require.Equal(t, math.Float64bits(float64(want)), math.Float64bits(float64(got)))
	}
	same(0, sum([]T{}))
	same(0, sum([]T{zero}))
	same(0, sum([]T{zero, zero, zero}))
	same(0, sum([]T{1, -1}))
	same(inf, sum([]T{1, inf, -5}))
	same(-inf, sum([]T{1, -inf, -inf}))
	same(nan, sum([]T{inf, -inf}))
	same(nan, sum([]T{inf, nan}))
	same(nan, sum([]T{nan}))
	same(nan, dot([]T{inf, 1}, []T{0, 1}))
	same(inf, dot([]T{inf, 1}, []T{2, -7}))
	same(-inf, dot([]T{inf, 1}, []T{-2, 7}))
	same(nan, dot([]T{inf, inf}, []T{-2, 7}))
	large, tiny := T(math.MaxFloat32), T(math.SmallestNonzeroFloat32)
	if _, ok := any(large).(float64); ok {
		limit, least := math.MaxFloat64, math.SmallestNonzeroFloat64
		large, tiny = T(limit), T(least)
	}
	same(inf, sum([]T{large, large}))
	same(large, sum([]T{large, large, -large}))
	same(0, sum([]T{large, -large}))
	same(3*tiny, sum([]T{tiny, tiny, tiny}))
	same(tiny, sum([]T{tiny, zero}))
	many := make([]T, 1_000_000)
	for i := range many {
		many[i] = 1.5
	}
	same(1_500_000, sum(many))
}

// A channel with a NaN must leave its neighbours alone, in segments, products and gradients.
func TestNonfiniteStaysInItsChannel(t *testing.T) {
	x := []float32{1, 2, float32(math.NaN()), 4, 5, 6}
	out := make([]float32, 2)
	ColSum(out, x, 3, 2)
	require.True(t, math.IsNaN(float64(out[0])))
	require.Equal(t, float32(12), out[1])
	seg := Seg{Ptr: []int32{0, 1, 3}}
	seg.Row = []int32{1, 0, 2}
	two := make([]float32, 4)
	SegmentSum(two, x, 2, seg, false)
	require.True(t, math.IsNaN(float64(two[0])))
	require.Equal(t, []float32{4, 6, 8}, two[1:])
}

func TestSegmentsMatchColumns(t *testing.T) {
	t.Run("float32", testSegmentsMatchColumns[float32])
	t.Run("float64", testSegmentsMatchColumns[float64])
}

// Every segment, channel and head of the segment kernels equals the scalar sum of its terms.
func testSegmentsMatchColumns[T Float](t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 60 {
		rows, segments, heads := 1+r.IntN(20), 1+r.IntN(6), 1+r.IntN(3)
		d := heads * (1 + r.IntN(5))
		seg := Seg{Ptr: []int32{0}}
		for range segments {
			for range r.IntN(8) {
				seg.Row = append(seg.Row, int32(r.IntN(rows)))
			}
			seg.Ptr = append(seg.Ptr, int32(len(seg.Row)))
		}
		if seg.Row == nil {
			seg.Row = []int32{}
		}
		for _, k := range r.Perm(len(seg.Row)) {
			seg.Edge = append(seg.Edge, int32(k))
		}
		x, w := make([]T, rows*d), make([]T, len(seg.Row)*heads)
		for i := range x {
			x[i] = nasty[T](r)
		}
		for i := range w {
			w[i] = nasty[T](r)
		}
		plain, mean, weighted, variance := make([]T, segments*d), make([]T, segments*d), make([]T, segments*d), make([]T, segments*d)
		SegmentSum(plain, x, d, seg, false)
		SegmentSum(mean, x, d, seg, true)
		SegmentWeightedSum(weighted, w, x, d, heads, seg, false)
		SegmentVar(variance, x, mean, d, seg)
		for s := range segments {
			for c := range d {
				var xs, ws, ds []T
				for p := seg.Ptr[s]; p < seg.Ptr[s+1]; p++ {
					xs = append(xs, x[int(seg.Row[p])*d+c])
					ws = append(ws, w[int(seg.Edge[p])*heads+c/(d/heads)])
					ds = append(ds, x[int(seg.Row[p])*d+c]-mean[s*d+c])
				}
				require.Equal(t, sum(xs), plain[s*d+c])
				require.Equal(t, dot(ws, xs), weighted[s*d+c])
				if len(xs) > 0 {
					want, _ := exact(nil, xs).Float64()
					require.InDelta(t, want/float64(len(xs)), float64(mean[s*d+c]), math.Abs(want)*1e-6+0x1p70)
					v := float64(dot(ds, ds)) / float64(len(ds))
					if math.IsInf(v, 0) { // the sum overflows where the mean need not
						continue
					}
					require.InEpsilon(t, 1+v, 1+float64(variance[s*d+c]), 1e-6)
				}
			}
		}
	}
}

func TestGram(t *testing.T) {
	t.Run("float32", testGram[float32])
	t.Run("float64", testGram[float64])
}

// Every element of A^T B equals the scalar sum of its products, also through the sparse road, also with NaN and infinities.
func testGram[T Float](t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for trial := range 60 {
		rows, m, n := r.IntN(30), 1+r.IntN(6), 1+r.IntN(6)
		if trial == 0 {
			rows = 3000
		}
		a, b := make([]T, rows*m), make([]T, rows*n)
		for i := range a {
			if r.IntN(2) == 0 {
				a[i] = nasty[T](r)
			}
		}
		for i := range b {
			b[i] = nasty[T](r)
		}
		if trial%5 == 4 && rows > 0 {
			a[r.IntN(len(a))], b[r.IntN(len(b))] = T(math.Inf(1)), T(math.Inf(-1))
			b[r.IntN(len(b))] = T(math.NaN())
		}
		c, sparse := make([]T, m*n), make([]T, m*n)
		MatMulTN(c, a, b, rows, m, n)
		x := Columns[T]{Ptr: []int32{0}}
		for j := range m {
			for l := range rows {
				if v := a[l*m+j]; v != 0 {
					x.Row, x.Pos, x.Val = append(x.Row, int32(l)), append(x.Pos, int32(len(x.Val))), append(x.Val, v)
				}
			}
			x.Ptr = append(x.Ptr, int32(len(x.Row)))
		}
		CSRMatMulTN(sparse, x, b, rows, m, n)
		for i := range m {
			for j := range n {
				var p, q []T
				for l := range rows {
					p, q = append(p, a[l*m+i]), append(q, b[l*n+j])
				}
				want := dot(p, q)
				if want != want {
					require.True(t, c[i*n+j] != c[i*n+j] && sparse[i*n+j] != sparse[i*n+j])
					continue
				}
				require.Equal(t, want, c[i*n+j], "trial %d (%d,%d)", trial, i, j)
				require.Equal(t, want, sparse[i*n+j], "trial %d sparse (%d,%d)", trial, i, j)
			}
		}
	}
}

func TestMatMulChain(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for range 40 {
		m, k, n := 1+r.IntN(5), r.IntN(9), 1+r.IntN(7)
		a, b := make([]float32, m*k), make([]float32, k*n)
		for i := range a {
			if r.IntN(3) > 0 {
				a[i] = nasty[float32](r)
			}
		}
		for i := range b {
			b[i] = nasty[float32](r)
		}
		c, nt := make([]float32, m*n), make([]float32, m*n)
		MatMul(c, a, b, m, k, n)
		bt := make([]float32, k*n)
		Transpose(bt, b, k, n)
		MatMulNT(nt, a, bt, m, k, n)
		ptr, idx, val := []int32{0}, []int32{}, []float32{}
		for i := range m {
			for l := range k {
				if v := a[i*k+l]; v != 0 {
					idx, val = append(idx, int32(l)), append(val, v)
				}
			}
			ptr = append(ptr, int32(len(idx)))
		}
		s := make([]float32, m*n)
		CSRMatMul(s, ptr, idx, val, b, m, k, n)
		for i := range m {
			for j := range n {
				var want float32
				for l := range k {
					want = bigFMA(a[i*k+l], b[l*n+j], want)
				}
				want += 0
				require.Equal(t, math.Float32bits(want), math.Float32bits(c[i*n+j]))
				require.Equal(t, math.Float32bits(want), math.Float32bits(nt[i*n+j]))
				require.Equal(t, math.Float32bits(want), math.Float32bits(s[i*n+j]))
			}
		}
	}
}

// Infinite weights must not be skipped by zero inputs.
func TestMatMulNonfinite(t *testing.T) {
	b := []float32{float32(math.Inf(1)), 1}
	c := make([]float32, 1)
	MatMul(c, []float32{0, 2}, b, 1, 2, 1)
	require.True(t, math.IsNaN(float64(c[0])))
	CSRMatMul(c, []int32{0, 1}, []int32{1}, []float32{2}, b, 1, 2, 1)
	require.True(t, math.IsNaN(float64(c[0])))
}

// The number of workers cannot show: sums of one large segment, of many, products and gradients.
func TestWorkersCannotShow(t *testing.T) {
	t.Run("float32", testWorkersCannotShow[float32])
	t.Run("float64", testWorkersCannotShow[float64])
}

func testWorkersCannotShow[T Float](t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	rows, d := 30_000, 16
	x, w := make([]T, rows*d), make([]T, rows)
	for i := range x {
		x[i] = T(r.NormFloat64())
	}
	x[5*d+3] = T(math.Inf(1))
	for i := range w {
		w[i] = T(r.NormFloat64())
	}
	seg := Seg{Ptr: []int32{0, 10, int32(rows - 5), int32(rows)}}
	var first []T
	for _, procs := range []int{1, 2, 8} {
		old := runtime.GOMAXPROCS(procs)
		out := make([]T, 7*d+d*d)
		SegmentSum(out[:3*d], x, d, seg, true)
		SegmentWeightedSum(out[3*d:6*d], w, x, d, 1, seg, false)
		ColDot(out[6*d:7*d], x, x, rows, d)
		MatMulTN(out[7*d:], x, x, rows/8, d, d)
		runtime.GOMAXPROCS(old)
		for i, v := range out {
			if v != v {
				out[i] = -12345 // NaN: one class
			}
		}
		if first == nil {
			first = out
		}
		require.Equal(t, first, out, "GOMAXPROCS %d", procs)
	}
}

func TestNoAllocationOnceWarm(t *testing.T) {
	if raceEnabled {
		t.Skip("SKIPPED: under the race detector sync.Pool forgets at random")
	}
	old := runtime.GOMAXPROCS(2)
	defer runtime.GOMAXPROCS(old)
	rows, d := 20_000, 16
	x, out, c := make([]float32, rows*d), make([]float32, rows*d), make([]float32, d*d)
	for i := range x {
		x[i] = float32(i%7) - 3
	}
	ptr := make([]int32, rows+1)
	for i := range ptr {
		ptr[i] = int32(i)
	}
	step := func() {
		SegmentSum(out, x, d, Seg{Ptr: ptr}, false)
		ColSum(out, x, rows, d)
		MatMulTN(c, x, x, rows, d, d)
		MatMul(out, x, c, rows, d, d)
		Unary(OpReLU, out, x, 0)
	}
	for range 300 { // every processor fills its own free lists
		step()
	}
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // a collection empties the free lists
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const steps = 50
	for range steps {
		step()
	}
	runtime.ReadMemStats(&after)
	// A worker that meets an empty list of its processor fills it once; a leak would show in every step.
	require.Less(t, after.Mallocs-before.Mallocs, uint64(steps/2), "mallocs in %d steps", steps)
}

// definition32 is the order-free sum of exact products as sum32.go states it, in whole numbers.
func definition32(w, x []float32) float32 {
	var mw, mx float64
	for i := range x {
		mw, mx = max(mw, math.Abs(float64(w[i]))), max(mx, math.Abs(float64(x[i])))
	}
	if mw == 0 || mx == 0 {
		return 0
	}
	_, ew := math.Frexp(mw)
	_, ex := math.Frexp(mx)
	l := int(math.Ceil(math.Log2(float64(len(x)))))
	g := 51 - (ew + ex) - max(0, l-11)
	sum := new(big.Int)
	for i := range x {
		p := new(big.Float).SetPrec(200).SetMantExp(new(big.Float).SetPrec(200).SetFloat64(float64(w[i])*float64(x[i])), g)
		twice, _ := new(big.Float).SetPrec(200).SetMantExp(p, 1).Float64() // to the nearest, ties to even
		sum.Add(sum, big.NewInt(int64(math.RoundToEven(twice/2))))
	}
	k, _ := new(big.Float).SetInt(sum).Float64()
	return float32(math.Ldexp(k, -g))
}

func TestSumDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	for trial := range 2000 {
		n := 1 + r.IntN(40)
		if trial%100 == 0 {
			n = 2049 + r.IntN(6000)
		}
		w, x := make([]float32, n), make([]float32, n)
		for i := range x {
			w[i], x[i] = nasty[float32](r), nasty[float32](r)
			if r.IntN(2) == 0 {
				w[i] = 1
			}
		}
		want := definition32(w, x)
		if math.IsInf(float64(want), 0) || want == 0 { // beyond float32, or a zero whose sign the underflow decides
			continue
		}
		require.Equal(t, want, dot(w, x), "n = %d", n)
		var c [1]float32
		MatMulTN(c[:], w, x, n, 1, 1)
		require.Equal(t, want, c[0], "n = %d", n)
	}
}
