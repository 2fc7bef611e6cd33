package kernel

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each function against its formula by package math, and its derivative against differences.
func TestUnary(t *testing.T) {
	const a = 0.3
	phi := func(x float64) float64 { return 0.5 * (1 + math.Erf(x/math.Sqrt2)) }
	for name, c := range map[string]struct {
		op Op
		f  func(x float64) float64
		lo float64
	}{
		"relu":    {OpReLU, func(x float64) float64 { return max(x, 0) }, -3},
		"leaky":   {OpLeakyReLU, func(x float64) float64 { return max(x, a*x) }, -3},
		"elu":     {OpELU, func(x float64) float64 { return max(x, 0) + a*math.Expm1(min(x, 0)) }, -3},
		"tanh":    {OpTanh, math.Tanh, -3},
		"sigmoid": {OpSigmoid, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }, -3},
		"gelu":    {OpGELU, func(x float64) float64 { return x * phi(x) }, -3},
		"silu":    {OpSiLU, func(x float64) float64 { return x / (1 + math.Exp(-x)) }, -3},
		"exp":     {OpExp, math.Exp, -3},
		"log":     {OpLog, math.Log, 0.1},
		"square":  {OpSquare, func(x float64) float64 { return x * x }, -3},
		"sqrt":    {OpSqrt, math.Sqrt, 0.4},
		"rsqrt":   {OpRSqrt, func(x float64) float64 { return 1 / math.Sqrt(x+a) }, 0.1},
		"scale":   {OpScale, func(x float64) float64 { return a * x }, -3},
		"shift":   {OpShift, func(x float64) float64 { return x + a }, -3},
	} {
		n := 150
		x, y, dy, dx := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
		x32, y32 := make([]float32, n), make([]float32, n)
		for i := range x {
			x[i] = c.lo + 0.0377 + float64(i)*0.04
			dy[i] = float64(i%5) - 1.5
			x32[i] = float32(x[i])
		}
		Unary(c.op, y, x, a)
		Unary(c.op, y32, x32, a)
		UnaryBack(c.op, dx, dy, x, y, a)
		for i := range x {
			require.InDelta(t, c.f(x[i]), y[i], 1e-13*(1+math.Abs(y[i])), "%s(%v)", name, x[i])
			require.InDelta(t, c.f(x[i]), float64(y32[i]), 1e-6*(1+math.Abs(y[i])), "%s(%v)", name, x[i])
			const h = 1e-6
			require.InDelta(t, dy[i]*(c.f(x[i]+h)-c.f(x[i]-h))/(2*h), dx[i], 1e-7*(1+math.Abs(dx[i])), "%s'(%v)", name, x[i])
		}
	}
	y := []float64{9, 9, 9}
	Unary(OpRSqrt, y[:1], []float64{0}, 0)
	Unary(OpSqrt, y[1:2], []float64{0.1}, 0.1)
	require.Equal(t, []float64{0, 0}, y[:2], "no root of what is 0 or at the floor")
}

func TestElementwise(t *testing.T) {
	a := []float32{1, 2, 3, 4, 5, 6, 7, 8}
	y := make([]float32, 8)
	for _, c := range []struct {
		op          Binary
		b           []float32
		bRows, cols int
		want        []float32
	}{
		{Add, []float32{1, 1, 1, 1, 2, 2, 2, 2}, 2, 4, []float32{2, 3, 4, 5, 7, 8, 9, 10}},
		{Sub, []float32{1, 2, 3, 4}, 1, 4, []float32{0, 0, 0, 0, 4, 4, 4, 4}},
		{Mul, []float32{1, 10, 2, 20}, 2, 2, []float32{1, 2, 30, 40, 10, 12, 140, 160}},
		{Mul, []float32{3}, 1, 1, []float32{3, 6, 9, 12, 15, 18, 21, 24}},
		{Add, []float32{1, 2}, 2, 1, []float32{2, 3, 4, 5, 7, 8, 9, 10}},
		{Sub, []float32{1, 2}, 2, 1, []float32{0, 1, 2, 3, 3, 4, 5, 6}},
		{Mul, []float32{1, 2, 3, 4}, 1, 4, []float32{1, 4, 9, 16, 5, 12, 21, 32}},
	} {
		Elementwise(c.op, y, a, c.b, 2, 4, c.bRows, c.cols)
		require.Equal(t, c.want, y)
	}
	AddTo(y, a)
	require.Equal(t, []float32{2, 6, 12, 20, 10, 18, 28, 40}, y)
	Gather(y[:4], a, []int32{3, 0}, 2)
	require.Equal(t, []float32{7, 8, 1, 2}, y[:4])
}

// A sum over channels is eight lanes and a tree, at every length.
func TestRowSums(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 9))
	for n := range 40 {
		x, w := make([]float32, n), make([]float32, n)
		var l, p [8]float32
		for i := range x {
			x[i], w[i] = float32(r.NormFloat64()), float32(r.NormFloat64())
			l[i%8] += x[i]
			p[i%8] += float32(x[i] * w[i])
		}
		require.Equal(t, ((l[0]+l[4])+(l[2]+l[6]))+((l[1]+l[5])+(l[3]+l[7])), RowSum(x))
		require.Equal(t, ((p[0]+p[4])+(p[2]+p[6]))+((p[1]+p[5])+(p[3]+p[7])), RowDot(x, w))
	}
}

func TestRows(t *testing.T) {
	x := []float64{3, 4, 0, 0, 1, 3}
	y, stat := make([]float64, 6), make([]float64, 3)
	Normalize(y, stat, x, 3, 2, 0.5)
	require.InDeltaSlice(t, []float64{0.6, 0.8, 0, 0, 1 / math.Sqrt(10), 3 / math.Sqrt(10)}, y, 1e-15)
	require.Equal(t, 0.5, stat[1], "clamped")
	LayerNorm(y, stat, x, 3, 2, 0)
	require.Equal(t, []float64{-1, 1}, y[:2])
	p, logSum := make([]float64, 6), make([]float64, 3)
	Softmax(p, logSum, x, nil, 3, 2)
	q, other := make([]float64, 4), make([]float64, 2)
	Softmax(q, other, x, []int32{2, 0}, 2, 2)
	require.Equal(t, []float64{p[4], p[5], p[0], p[1]}, q, "listed rows have the bits of all rows")
	require.Equal(t, []float64{logSum[2], logSum[0]}, other)
	require.InDelta(t, 1/(1+math.E), p[0], 1e-15)
	require.InDelta(t, math.Log(math.Exp(3)+math.Exp(4)), logSum[0], 1e-14)
	out := make([]float64, 6)
	HeadDot(out, x, []float64{1, 2}, 3, 2, 2, 1)
	require.Equal(t, []float64{3, 8, 0, 0, 1, 6}, out)
	HeadDot(out[:3], x, x, 3, 2, 1, 3)
	require.Equal(t, []float64{25, 0, 10}, out[:3])
	dx := make([]float64, 6)
	NormalizeBack(dx, x, y, stat, 3, 2, 0.5)
	LayerNormBack(dx, x, y, stat, 3, 2)
	for _, v := range dx[:2] {
		require.InDelta(t, 0, v, 1e-12, "a pair that is normalised has no derivative")
	}
}

func TestSelect(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	x := []float32{1, float32(math.Copysign(0, -1)), 3, 0, 3, -2, nan, 5}
	seg := Seg{Ptr: []int32{0, 3, 3, 4}, Row: []int32{0, 1, 2, 3}}
	out := make([]float32, 6)
	SegmentMax(out, x, 2, seg, false)
	require.Equal(t, []float32{3, 0, 0, 0}, out[:4])
	require.Zero(t, math.Float32bits(out[1]), "+0 where -0 and +0 tie")
	require.True(t, math.IsNaN(float64(out[4])))
	SegmentMax(out, x, 2, seg, true)
	require.Equal(t, []float32{1, -2, 0, 0}, out[:4])
	SegmentMax(out, x, 2, seg, false)
	share := make([]float32, 6)
	SegmentShare(share, []float32{6, 6, 1, 1, 1, 1}, out, x, 2, seg)
	require.Equal(t, []float32{3, 3, 0, 0, 0, 1}, share)
	dx := make([]float32, 8)
	back := Seg{Ptr: []int32{0, 1, 2, 3, 4}, Row: []int32{0, 0, 0, 2}}
	SegmentSumWhere(dx, share, x, out, 2, back)
	require.Equal(t, []float32{0, 3, 3, 3, 3, 0, 0, 1}, dx)

	z := []float32{0, 0, 2, 1, inf, 1, 7}
	y := append([]float32(nil), z...)
	SegmentSoftmax(y, z, 1, Seg{Ptr: []int32{0, 2, 4, 6}})
	require.Equal(t, []float32{0.5, 0.5}, y[:2])
	require.InDelta(t, 1/(1+math.Exp(-1)), float64(y[2]), 1e-7)
	require.True(t, math.IsNaN(float64(y[4])) && math.IsNaN(float64(y[5])))
	require.Equal(t, float32(7), y[6], "a row outside all segments")
	wide := make([]float64, 20)
	SegmentSoftmax(wide, make([]float64, 20), 10, Seg{Ptr: []int32{0, 2}})
	require.Equal(t, 0.5, wide[13])

	d := make([]float64, 4)
	SegmentDot(d, []float64{1, 2, 3, 4}, []float64{1, 1, 0, 5}, 2, 2, Seg{Ptr: []int32{0, 1, 2}, Row: []int32{1, 0}, Edge: []int32{1, 0}})
	require.Equal(t, []float64{3, 4, 0, 10}, d)
	for _, f := range []func(){func() { SegmentMax(out, x, 2, Seg{}, false) }, func() { SegmentShare(out, out, out, x, 2, Seg{}) },
		func() { SegmentSoftmax(out, x, 2, Seg{}) }, func() { SegmentDot(out, out, x, 2, 1, Seg{}) }} {
		f() // no segments: nothing to do
	}
}

func TestSegmentNorm(t *testing.T) {
	x, of := []float64{1, 3, 10, 20}, []int32{0, 0, 1, 1}
	mean, rstd, y := []float64{2, 15}, make([]float64, 2), make([]float64, 4)
	RStd(rstd, []float64{1, 25}, 0)
	SegmentNorm(y, x, mean, rstd, of, 1)
	require.Equal(t, []float64{-1, 1, -1, 1}, y)
	dx := make([]float64, 4)
	SegmentNormBack(dx, []float64{1, 5, 0, 1}, y, rstd, []float64{3, 0.5}, []float64{2, 0.5}, of, 1)
	require.Equal(t, []float64{0, 0, 0, 0}, dx)
}

// A panic in a worker reaches the caller, who can recover.
func TestWorkerPanics(t *testing.T) {
	of := make([]int32, 1<<20)
	for i := range of {
		of[i] = int32(i) // beyond x from 1000 on
	}
	require.Panics(t, func() { Gather(make([]float32, 4<<20), make([]float32, 4000), of, 4) })
	out := make([]float32, 4<<20)
	Gather(out, out, of, 4)
}

func TestMatMul64(t *testing.T) {
	a, b, c := []float64{1, 0, 2, 3}, []float64{1, 2, 3, 4}, make([]float64, 4)
	MatMul(c, a, b, 2, 2, 2)
	require.Equal(t, []float64{1, 2, 11, 16}, c)
	MatMulNT(c, a, b, 2, 2, 2)
	require.Equal(t, []float64{1, 3, 8, 18}, c)
	CSRMatMul(c, []int32{0, 1, 3}, []int32{0, 0, 1}, []float64{1, 2, 3}, b, 2, 2, 2)
	require.Equal(t, []float64{1, 2, 11, 16}, c)
	b[0] = math.Inf(1)
	CSRMatMul(c, []int32{0, 1, 3}, []int32{1, 0, 1}, []float64{1, 2, 3}, b, 2, 2, 2)
	require.True(t, math.IsNaN(c[0]), "an implicit zero times infinity")
}
