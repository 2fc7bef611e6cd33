package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// ulps32 is |got - want| in units in the last place of want as a float32.
func ulps32(got float32, want *big.Float) float64 {
	e := max(want.MantExp(nil)-24, -149)
	d := sub(bigNew(float64(got)), want)
	f, _ := d.SetMantExp(d, -e).Float64()
	return math.Abs(f)
}

// The errors that the doc comments of the functions of float32 state. Each function is float64 work rounded once, so that
// half an ulp is the least possible.
func TestFloat32Accuracy(t *testing.T) {
	half := bigNew(0.5)
	root2 := new(big.Float).SetPrec(referenceBits).Sqrt(bigNew(2))
	phi := func(x *big.Float) *big.Float { // the normal distribution, by the continued fraction of its tail where 1 + erf would cancel
		if f, _ := x.Float64(); f > -5 {
			return mul(half, add(bigOne, bigErfOf(quo(x, root2))))
		}
		z := new(big.Float).Neg(x)
		tail := z
		for k := 600; k > 0; k-- {
			tail = add(z, quo(bigNew(float64(k)), tail))
		}
		return quo(density(x), tail)
	}
	silu := func(x *big.Float) *big.Float { return bigSigmoid(x) }
	for _, c := range []struct {
		name      string
		op        Op
		back      bool
		lo, hi    float64
		slack     float64 // absolute error beside 0.5001 ulp
		reference func(x *big.Float) *big.Float
	}{
		{"exp", OpExp, false, -104, 88.7, 0, bigExp},
		{"log", OpLog, false, 1e-30, 10, 0, func(x *big.Float) *big.Float {
			f, _ := x.Float64()
			return bigLog(x, Log64(f))
		}},
		{"tanh", OpTanh, false, -10, 10, 0, bigTanh},
		{"sigmoid", OpSigmoid, false, -100, 20, 0, bigSigmoid},
		{"elu", OpELU, false, -20, 1, 0, func(x *big.Float) *big.Float {
			if x.Sign() > 0 {
				return x
			}
			return bigExpm1(x)
		}},
		{"silu", OpSiLU, false, -100, 20, 0, func(x *big.Float) *big.Float { return mul(x, silu(x)) }},
		{"gelu", OpGELU, false, -14, 20, 1e-15, func(x *big.Float) *big.Float { return mul(x, phi(x)) }},
		{"gelu'", OpGELU, true, -14, 20, 1e-15, func(x *big.Float) *big.Float { return add(phi(x), mul(x, density(x))) }},
		{"rsqrt", OpRSqrt, false, 0, 9, 0, func(x *big.Float) *big.Float {
			f, _ := x.Float32()
			s := bigNew(float64(f + 1)) // of the rounded sum
			return quo(bigOne, s.Sqrt(s))
		}},
		{"silu'", OpSiLU, true, -20, 20, 0, func(x *big.Float) *big.Float {
			s := silu(x)
			return mul(s, add(bigOne, mul(x, sub(bigOne, s))))
		}},
	} {
		r := rand.New(rand.NewPCG(61, 62))
		x, y, dy := make([]float32, *ulpSamples/4), make([]float32, *ulpSamples/4), make([]float32, *ulpSamples/4)
		for i := range x {
			x[i], dy[i] = float32(c.lo+(c.hi-c.lo)*r.Float64()), 1
			if i%2 == 1 && c.lo < 0 && c.hi > 0 {
				x[i] = float32(r.NormFloat64() * math.Ldexp(1, -r.IntN(20)))
			}
		}
		if Unary(c.op, y, x, 1); c.back {
			UnaryBack(c.op, y, dy, x, y, 1)
		}
		worst, at := 0.0, float32(0)
		for i, v := range x {
			if v == 0 {
				continue
			}
			want := c.reference(bigNew(float64(v)))
			d, _ := sub(bigNew(float64(y[i])), want).Float64()
			if u := ulps32(y[i], want) * max(0, 1-c.slack/max(math.Abs(d), 1e-300)); u > worst {
				worst, at = u, v
			}
		}
		t.Logf("%s: worst error %.6f ulp at %g", c.name, worst, at)
		require.LessOrEqual(t, worst, 0.5001, "%s at %x", c.name, at)
	}
}

// density is the normal density.
func density(x *big.Float) *big.Float {
	e := bigExp(mul(bigNew(-0.5), mul(x, x)))
	return quo(e, new(big.Float).SetPrec(referenceBits).Sqrt(mul(bigNew(2), bigPi)))
}
