package symmetry

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestCompareKnown(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	negZero := math.Copysign(0, -1)
	otherNaN := math.Float64frombits(0x7ff8000000000123)
	for _, c := range []struct {
		name string
		a, b []float64
		want Difference
	}{
		{"none", nil, nil, Difference{First: -1}},
		{"equal", []float64{1, inf, -inf, 0}, []float64{1, inf, -inf, 0}, Difference{Entries: 4, First: -1}},
		{"all NaN are one", []float64{nan, nan}, []float64{otherNaN, math.Copysign(nan, -1)}, Difference{Entries: 2, First: -1}},
		{"signs of zero", []float64{1, 0}, []float64{1, negZero}, Difference{Entries: 2, Differing: 1, Bits: 1, MaxULP: 1, First: 1}},
		{"next", []float64{1}, []float64{math.Nextafter(1, 2)}, Difference{Entries: 1, Differing: 1, Bits: 1, MaxULP: 1, MaxAbs: 0x1p-52}},
		{"over a power of two", []float64{1}, []float64{math.Nextafter(1, 0)}, // 0x3ff0.. against 0x3fef..: 53 bits, one step
			Difference{Entries: 1, Differing: 1, Bits: 53, MaxULP: 1, MaxAbs: 0x1p-53}},
		{"smallest, both signs", []float64{0x1p-1074}, []float64{-0x1p-1074},
			Difference{Entries: 1, Differing: 1, Bits: 1, MaxULP: 3, MaxAbs: 0x1p-1073}},
		{"NaN and a number", []float64{3, nan}, []float64{3, 0}, Difference{Entries: 2, Differing: 1,
			Bits: 12, MaxULP: math.MaxUint64, MaxAbs: inf, First: 1}},
		{"infinity and a number", []float64{inf}, []float64{math.MaxFloat64}, Difference{Entries: 1, Differing: 1, Bits: 53, MaxULP: 1, MaxAbs: inf}},
	} {
		require.Equal(t, c.want, Compare(c.a, c.b), c.name)
	}
	d := Compare([]float32{1, float32(nan), 2}, []float32{1, math.Float32frombits(0xffc00001), math.Nextafter32(2, 0)})
	require.Equal(t, Difference{Entries: 3, Differing: 1, Bits: 31, MaxULP: 1, MaxAbs: 0x1p-23, First: 2}, d)
	require.Equal(t, uint64(math.MaxUint64), Compare([]float32{0}, []float32{float32(nan)}).MaxULP)
	require.PanicsWithError(t, "symmetry.Compare: second list is (1,1), want (2,1)", func() { Compare([]float32{1, 2}, []float32{1}) })
}

func TestDifferenceString(t *testing.T) {
	require.Equal(t, "0 of 2 entries differ", Compare([]float64{1, 2}, []float64{1, 2}).String())
	require.Equal(t, "1 of 1 entries differ, the first at 0: 1 bits, at most 1 ulp, at most 2.22e-16",
		Compare([]float64{1}, []float64{1 + 0x1p-52}).String())
	require.Contains(t, Compare([]float64{1}, []float64{math.NaN()}).String(), "unboundedly many ulp")
}

// A joined difference is that of the joined lists, and the distance in steps is symmetric and 0 only for equal bits.
func TestCompareLaws(t *testing.T) {
	float := rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.NaN()}))
	rapid.Check(t, func(t *rapid.T) {
		n, m := rapid.IntRange(0, 4).Draw(t, "n"), rapid.IntRange(0, 4).Draw(t, "m")
		draw := func(k int, l string) []float64 { return rapid.SliceOfN(float, k, k).Draw(t, l) }
		a, b, c, d := draw(n, "a"), draw(n, "b"), draw(m, "c"), draw(m, "d")
		require.Equal(t, Compare(append(a[:n:n], c...), append(b[:n:n], d...)), Compare(a, b).Join(Compare(c, d)))
		require.Equal(t, Compare(a, b), Compare(b, a))
		require.Equal(t, Compare(a, b).MaxULP == 0, Compare(a, b).Equal())
		require.True(t, Compare(a, a).Equal())
	})
}

func BenchmarkCompare(b *testing.B) {
	x := make([]float32, 1<<16)
	y := append([]float32(nil), x...)
	b.SetBytes(int64(8 * len(x)))
	for b.Loop() {
		Compare(x, y)
	}
}
