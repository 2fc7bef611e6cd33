package kernel

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"hash"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var ulpSamples = flag.Int("ulpsamples", 6000, "arguments drawn for each function by TestMathAccuracy")

// mathFunction is one of the elementary functions with what its tests need.
type mathFunction struct {
	name       string
	f          func(float64) float64
	slice      func(dst, src []float64)
	slice32    func(dst, src []float32)
	reference  func(float64) *big.Float
	bound      float64 // in ulp
	lo, hi     float64 // where the function bends
	eMin, eMax int     // exponents of the arguments drawn evenly in the exponent
	positive   bool
	top        float64 // the greatest |x| drawn
	golden     string  // of TestMathGolden
}

func to[T Float](fn function) func(dst, src []T) {
	return func(dst, src []T) { mapTo(fn, dst, src) }
}

func mathFunctions() []mathFunction {
	return []mathFunction{
		{"exp", Exp64, to[float64](fnExp), to[float32](fnExp),
			func(x float64) *big.Float { return bigExp(bigNew(x)) },
			0.8, -750, 709, -60, 10, false, 750,
			"feff7d8f4e2315a9557edf16ec30bab1e4c2cccf034fd61cc0d3611daeb45fdd"},
		{"expm1", Expm164, to[float64](fnExpm1), to[float32](fnExpm1),
			func(x float64) *big.Float { return bigExpm1(bigNew(x)) },
			1.1, -3, 3, -80, 10, false, 700,
			"f9f143faf25ed405602dc401eea4f6a93e0bbf58b7fd82f6126445eeb1da6982"},
		{"log", Log64, to[float64](fnLog), to[float32](fnLog),
			func(x float64) *big.Float { return bigLog(bigNew(x), Log64(x)) },
			0.9, 0.25, 4, -1074, 1023, true, math.MaxFloat64,
			"f84667e872107e9ca4674060190e4a2daf74bccb1abd1569f5e20bbc5578aa3e"},
		{"log1p", Log1p64, to[float64](fnLog1p), to[float32](fnLog1p),
			func(x float64) *big.Float { return bigLog1p(bigNew(x), Log1p64(x)) },
			0.85, -0.999, 3, -100, 1023, true, math.MaxFloat64,
			"e9a43ea74019a8b8017f948dc76253edda7fa45350cf7cc5bd30e7d044edd6d9"},
		{"tanh", Tanh64, to[float64](fnTanh), to[float32](fnTanh),
			func(x float64) *big.Float { return bigTanh(bigNew(x)) },
			0.9, -4, 4, -60, 6, false, 60,
			"c3096824ee7f1a52d6574c72a78f4f683fa11e619cf39a34be980454b78c1e45"},
		{"sigmoid", Sigmoid64, to[float64](fnSigmoid), to[float32](fnSigmoid),
			func(x float64) *big.Float { return bigSigmoid(bigNew(x)) },
			0.75, -8, 8, -60, 10, false, 740,
			"b9983f554c8ef8b261e283ca9d59816c3d4b622f8c086fb3aeb8a540776f9b0e"},
		{"erf", Erf64, to[float64](fnErf), to[float32](fnErf),
			func(x float64) *big.Float { return bigErfOf(bigNew(x)) },
			1.0, -2, 2, -60, 4, false, 7,
			"d3e86b051611bd67a0370ce476d32d65ef8188a7fae60ef352a80a5bb36a6088"},
	}
}

// ulps is |got - want| in units in the last place of want.
func ulps(got float64, want *big.Float) float64 {
	if math.IsNaN(got) || math.IsInf(got, 0) {
		return math.Inf(1)
	}
	e := max(want.MantExp(nil)-53, -1074)
	d := sub(bigNew(got), want)
	f, _ := d.SetMantExp(d, -e).Float64()
	return math.Abs(f)
}

func TestMathAccuracy(t *testing.T) {
	for _, m := range mathFunctions() {
		t.Run(m.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			worst, at := 0.0, 0.0
			for i := range *ulpSamples {
				x := m.lo + (m.hi-m.lo)*rng.Float64()
				if i%2 == 1 {
					x = math.Ldexp(1+rng.Float64(), m.eMin+rng.IntN(m.eMax-m.eMin+1))
					if !m.positive && rng.IntN(2) == 1 {
						x = -x
					}
					if math.Abs(x) > m.top {
						continue
					}
				}
				got := m.f(x)
				if math.IsInf(got, 1) && m.name == "exp" {
					require.Greater(t, x, expTop)
					continue
				}
				if u := ulps(got, m.reference(x)); u > worst {
					worst, at = u, x
				}
			}
			t.Logf("worst error %.4f ulp at %x = %g", worst, at, at)
			require.LessOrEqual(t, worst, m.bound, "at %x", at)
		})
	}
}

// A float32 function is the float64 one rounded once, so it is within a hair of half an ulp.
func TestMathFloat32(t *testing.T) {
	for _, m := range mathFunctions() {
		for i := range uint32(1 << 14) {
			x := math.Float32frombits(i<<18 | i*0x9e37>>3&0x3ffff)
			out := [1]float32{x}
			m.slice32(out[:], out[:])
			want, got := float32(m.f(float64(x))), out[0]
			require.True(t, math.Float32bits(want) == math.Float32bits(got) || want != want && got != got,
				"%s(%x): %x, want %x", m.name, x, got, want)
		}
	}
	require.Equal(t, math.Float32bits(2.7182817), math.Float32bits(Exp(float32(1))))
	require.Equal(t, Exp64(1), Exp(1.0))
}

// A loop over a slice gives the bits of the function of one value, in place too, at every length, and allocates nothing.
func TestMathSlices(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for _, m := range mathFunctions() {
		for _, n := range []int{0, 1, 2, 7, 255, 256, 257, 600} {
			x, x32 := make([]float64, n), make([]float32, n)
			y, y32 := make([]float64, n), make([]float32, n)
			for i := range x {
				x[i] = math.Float64frombits(rng.Uint64())
				if i%2 == 0 {
					x[i] = m.lo + (m.hi-m.lo)*rng.Float64()
				}
				x32[i] = float32(x[i])
			}
			check := func() {
				for i := range x {
					require.Equal(t, math.Float64bits(m.f(x[i])), math.Float64bits(y[i]), "%s(%x)", m.name, x[i])
					require.Equal(t, math.Float32bits(float32(m.f(float64(x32[i])))), math.Float32bits(y32[i]), "%s(%x)", m.name, x32[i])
				}
			}
			m.slice(y, x)
			m.slice32(y32, x32)
			check()
			copy(y, x)
			copy(y32, x32)
			m.slice(y, y)
			m.slice32(y32, y32)
			check()
			require.Zero(t, testing.AllocsPerRun(2, func() { m.slice(y, x); m.slice32(y32, x32) }), m.name)
		}
	}
	require.PanicsWithError(t, "kernel: a destination of 2 values for 3 values", func() {
		mapTo(fnExp, make([]float32, 2), make([]float32, 3))
	})
}

func TestMathSpecial(t *testing.T) {
	inf, nan, zero := math.Inf(1), math.NaN(), math.Copysign(0, -1)
	tiny, huge := math.SmallestNonzeroFloat64, math.MaxFloat64
	cases := []struct {
		name    string
		f       func(float64) float64
		x, want float64
	}{
		{"exp", Exp64, 0, 1}, {"exp", Exp64, zero, 1}, {"exp", Exp64, inf, inf}, {"exp", Exp64, -inf, 0},
		{"exp", Exp64, nan, nan}, {"exp", Exp64, tiny, 1}, {"exp", Exp64, -tiny, 1}, {"exp", Exp64, huge, inf},
		{"exp", Exp64, -huge, 0}, {"exp", Exp64, math.Nextafter(expTop, inf), inf}, {"exp", Exp64, 0x1p-54, 1},
		{"exp", Exp64, expBottom, tiny}, {"exp", Exp64, math.Nextafter(expBottom, -inf), 0}, {"exp", Exp64, 1, math.E},
		{"expm1", Expm164, 0, 0}, {"expm1", Expm164, zero, zero}, {"expm1", Expm164, inf, inf}, {"expm1", Expm164, -inf, -1},
		{"expm1", Expm164, nan, nan}, {"expm1", Expm164, tiny, tiny}, {"expm1", Expm164, -tiny, -tiny},
		{"expm1", Expm164, 1000, inf}, {"expm1", Expm164, -50, -1}, {"expm1", Expm164, 0x1p-53, 0x1p-53},
		{"log", Log64, 1, 0}, {"log", Log64, 0, -inf}, {"log", Log64, zero, -inf}, {"log", Log64, -1, nan},
		{"log", Log64, -tiny, nan}, {"log", Log64, -inf, nan}, {"log", Log64, inf, inf}, {"log", Log64, nan, nan},
		{"log", Log64, math.E, 1}, {"log", Log64, 2, math.Ln2}, {"log", Log64, 0.5, -math.Ln2},
		{"log", Log64, tiny, -744.4400719213812}, {"log", Log64, huge, 709.782712893384},
		{"log1p", Log1p64, 0, 0}, {"log1p", Log1p64, zero, zero}, {"log1p", Log1p64, -1, -inf}, {"log1p", Log1p64, inf, inf},
		{"log1p", Log1p64, nan, nan}, {"log1p", Log1p64, -inf, nan}, {"log1p", Log1p64, math.Nextafter(-1, -2), nan},
		{"log1p", Log1p64, tiny, tiny}, {"log1p", Log1p64, -tiny, -tiny}, {"log1p", Log1p64, huge, 709.782712893384},
		{"log1p", Log1p64, 1, math.Ln2}, {"log1p", Log1p64, -0.5, -math.Ln2},
		{"tanh", Tanh64, 0, 0}, {"tanh", Tanh64, zero, zero}, {"tanh", Tanh64, inf, 1}, {"tanh", Tanh64, -inf, -1},
		{"tanh", Tanh64, nan, nan}, {"tanh", Tanh64, tiny, tiny}, {"tanh", Tanh64, -tiny, -tiny}, {"tanh", Tanh64, huge, 1},
		{"tanh", Tanh64, 20, 1}, {"tanh", Tanh64, -20, -1}, {"tanh", Tanh64, math.Nextafter(20, 0), 1},
		{"sigmoid", Sigmoid64, 0, 0.5}, {"sigmoid", Sigmoid64, zero, 0.5}, {"sigmoid", Sigmoid64, inf, 1},
		{"sigmoid", Sigmoid64, -inf, 0}, {"sigmoid", Sigmoid64, nan, nan}, {"sigmoid", Sigmoid64, tiny, 0.5},
		{"sigmoid", Sigmoid64, huge, 1}, {"sigmoid", Sigmoid64, -huge, 0}, {"sigmoid", Sigmoid64, expBottom, tiny},
		{"sigmoid", Sigmoid64, 40, 1}, {"sigmoid", Sigmoid64, math.Nextafter(40, 0), 1},
		{"erf", Erf64, 0, 0}, {"erf", Erf64, zero, zero}, {"erf", Erf64, inf, 1}, {"erf", Erf64, -inf, -1},
		{"erf", Erf64, nan, nan}, {"erf", Erf64, tiny, tiny}, {"erf", Erf64, -tiny, -tiny}, {"erf", Erf64, huge, 1},
		{"erf", Erf64, 6, 1}, {"erf", Erf64, math.Nextafter(6, 0), 1}, {"erf", Erf64, -7, -1},
	}
	for _, c := range cases {
		got := c.f(c.x)
		require.Equal(t, math.Float64bits(c.want), math.Float64bits(got), "%s(%g) = %g, want %g", c.name, c.x, got, c.want)
	}
	for _, m := range mathFunctions() { // one NaN only, whatever came in
		for _, b := range []uint64{0x7ff0000000000001, 0xfff8000000000000, 0xffffffffffffffff} {
			require.Equal(t, math.Float64bits(nan), math.Float64bits(m.f(math.Float64frombits(b))), m.name)
		}
	}
}

// The ends of exp, where it scales in two steps, agree with the middle; 2^k alone is scaled exactly.
func TestExpScaling(t *testing.T) {
	for x := -707.99; x < 709; x += 0.37 {
		require.Equal(t, Exp64(x), expEdge(x), "%g", x)
	}
	for _, x := range []float64{-708, -708.4, -709, -720, -744, -745, 709, 709.5, 709.7, expTop, expBottom} {
		require.LessOrEqual(t, ulps(Exp64(x), bigExp(bigNew(x))), 0.7, "%g", x)
	}
	require.False(t, math.IsInf(Exp64(expTop), 0))
}

func TestMathSymmetryAndRange(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 50_000 {
		x := math.Ldexp(rng.Float64(), rng.IntN(80)-60)
		require.Equal(t, math.Float64bits(-Tanh64(x)), math.Float64bits(Tanh64(-x)), "%x", x)
		require.Equal(t, math.Float64bits(-Erf64(x)), math.Float64bits(Erf64(-x)), "%x", x)
		require.LessOrEqual(t, Tanh64(x), 1.0)
		require.LessOrEqual(t, Erf64(x), 1.0)
		require.LessOrEqual(t, Sigmoid64(x), 1.0)
		require.GreaterOrEqual(t, Sigmoid64(-x), 0.0)
		require.InDelta(t, 1, Sigmoid64(x)+Sigmoid64(-x), 3e-16)
	}
}

// The functions are continuous where two of their branches meet: both sides are within their bound of the truth.
func TestMathSeams(t *testing.T) {
	seams := map[string][]float64{
		"exp":     {-708, 709},
		"expm1":   {0x1p-54, -0x1p-54, -40, 708},
		"log":     {1, math.Sqrt2, math.Sqrt(0.5), 2, 0x1p-1022, 0x1p-1060},
		"log1p":   {0x1p-54, -0x1p-54, 0x1p-53, -0x1p-53, math.Sqrt2 - 1, math.Sqrt(0.5) - 1, 0x1p53, 0x1p54, 0x1p1000},
		"tanh":    {0x1p-28, -0x1p-28, 0.17328, 18.7, 19.06, 19.4, 20},
		"sigmoid": {-708, -36, -36.4, -36.7, -37.4, -38, 36, 36.4, 36.7, 37.4, 38, 40},
		"erf":     {erfSeam, -erfSeam, 1, 5.8, 5.9, 6},
	}
	for _, m := range mathFunctions() {
		for _, s := range seams[m.name] {
			x := s
			for range 20 {
				x = math.Nextafter(x, math.Inf(-1))
			}
			for range 41 {
				require.LessOrEqual(t, ulps(m.f(x), m.reference(x)), m.bound, "%s(%x)", m.name, x)
				x = math.Nextafter(x, math.Inf(1))
			}
		}
	}
}

// TestMathGolden freezes every bit of every function on a fixed set of arguments: another architecture, another setting
// of GOAMD64 and a vector form must reproduce it. A change of these constants is a change of every hash that the
// library ever printed.
func TestMathGolden(t *testing.T) {
	for _, m := range mathFunctions() {
		h := sha256.New()
		const n = 20_000
		for i := range uint64(n) {
			hash64(h, m.f(math.Float64frombits(i*0x9e3779b97f4a7c15))) // every binade
			step := float64((m.hi - m.lo) * float64(i))
			hash64(h, m.f(m.lo+float64(step/n)))
			hash64(h, m.f(float64(int64(i)-n/2)*0x1p-9))
			// and near the powers of two on both sides
			hash64(h, m.f(math.Float64frombits((i%2047)<<52+(i/2047)-4)))
		}
		for i := range uint32(n) {
			hash32(h, float32(m.f(float64(math.Float32frombits(i*0x9e3779b9)))))
		}
		assert.Equal(t, m.golden, hex.EncodeToString(h.Sum(nil)), m.name)
	}
}

func hash64(h hash.Hash, x float64) {
	h.Write(binary.LittleEndian.AppendUint64(nil, math.Float64bits(x)))
}

func hash32(h hash.Hash, x float32) {
	b := math.Float32bits(x)
	if x != x {
		b = 0x7fc00000
	}
	h.Write(binary.LittleEndian.AppendUint32(nil, b))
}

func BenchmarkMath(b *testing.B) {
	rng := rand.New(rand.NewPCG(5, 6))
	x, y := make([]float64, 4096), make([]float64, 4096)
	x32, y32 := make([]float32, len(x)), make([]float32, len(x))
	for _, m := range mathFunctions() {
		for i := range x {
			x[i] = rng.NormFloat64() * 2
			if m.positive {
				x[i] = math.Abs(x[i])
			}
			x32[i] = float32(x[i])
		}
		run := func(name string, f func()) {
			b.Run(m.name+"/"+name, func(b *testing.B) {
				for b.Loop() {
					f()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(x)), "ns/value")
			})
		}
		run("one", func() {
			for i, v := range x {
				y[i] = m.f(v)
			}
		})
		run("float64", func() { m.slice(y, x) })
		run("float32", func() { m.slice32(y32, x32) })
	}
}
