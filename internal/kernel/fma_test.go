package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// fma32 is one step of axpy32.
func fma32(a, b, c float32) float32 {
	out := []float32{c}
	axpy32(out, a, []float32{b})
	return out[0]
}

// bigFMA is the definition: the exact value, rounded once.
func bigFMA(a, b, c float32) float32 {
	x := new(big.Float).SetPrec(2000).SetFloat64(float64(a))
	x.Mul(x, new(big.Float).SetPrec(2000).SetFloat64(float64(b)))
	x.Add(x, new(big.Float).SetPrec(2000).SetFloat64(float64(c)))
	f, _ := x.Float32()
	return f
}

func TestFMA32(t *testing.T) {
	a, b, c := float32(1+math.Pow(2, -15)), float32((1-math.Pow(2, -15))*math.Pow(2, -24)), float32(1+math.Pow(2, -23))
	require.Equal(t, math.Float32bits(1.0000001)+1, math.Float32bits(c)+1)
	require.Equal(t, bigFMA(a, b, c), fma32(a, b, c))
	require.NotEqual(t, float32(float64(a)*float64(b)+float64(c)), fma32(a, b, c), "the naive form rounds twice")

	r := rand.New(rand.NewPCG(1, 2))
	draw := func() float32 {
		switch r.IntN(6) {
		case 0:
			return math.Float32frombits(r.Uint32()&0x807fffff | uint32(r.IntN(4))<<23) // subnormal and small
		case 1:
			return float32(r.IntN(5)) - 2
		case 2:
			return math.Float32frombits(r.Uint32()&0x80000000 | 0x3f800000 | 1<<r.IntN(23))
		default:
			return math.Float32frombits(r.Uint32()&0x807fffff | uint32(64+r.IntN(128))<<23)
		}
	}
	slow := 0
	for range 400_000 {
		a, b, c := draw(), draw(), draw()
		if r.IntN(3) == 0 && a != 0 { // near cancellation and near midpoints
			c = -float32(float64(a)*float64(b)) * (1 + float32(r.IntN(3)-1)*0x1p-23)
		}
		if r.IntN(4) == 0 {
			b = float32(math.Ldexp(float64(1+float32(r.IntN(8))*0x1p-23), -24)) * c / max(a, 0x1p-40)
		}
		if math.IsInf(float64(b), 0) || math.IsNaN(float64(b)) || math.IsInf(float64(c), 0) || math.IsNaN(float64(c)) {
			continue
		}
		if !safe(float64(a)*float64(b) + float64(c)) {
			slow++
		}
		want, got := bigFMA(a, b, c), fma32(a, b, c)
		if want != got {
			t.Fatalf("fma32(%b, %b, %b) = %b, want %b", a, b, c, got, want)
		}
	}
	require.Greater(t, slow, 1000, "the slow road was hardly taken")
	for _, v := range []struct{ a, b, c, want float32 }{
		{float32(math.Inf(1)), 1, 1, float32(math.Inf(1))}, {math.MaxFloat32, 2, 0, float32(math.Inf(1))},
		{-1, 0, 0, 0},
	} {
		require.Equal(t, math.Float32bits(v.want), math.Float32bits(fma32(v.a, v.b, v.c)))
	}
	require.True(t, math.IsNaN(float64(fma32(float32(math.Inf(1)), 0, 1))))
}
