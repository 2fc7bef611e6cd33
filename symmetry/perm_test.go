package symmetry

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"symbridge/tensor"
)

func drawPerm(t *rapid.T, n int, label string) Perm {
	return append(Perm{}, rapid.Permutation(Identity(n)).Draw(t, label)...)
}

func TestAllIsEachOnce(t *testing.T) {
	want := 1
	for n := range 8 {
		if n > 0 {
			want *= n
		}
		seen := map[string]bool{}
		var last Perm
		for p := range All(n) {
			require.True(t, p.Valid())
			require.Len(t, p, n)
			if last != nil {
				require.Negative(t, slices.Compare(last, p))
			} else {
				require.True(t, p.IsIdentity())
			}
			last = p
			b := make([]byte, n)
			for i, v := range p {
				b[i] = byte(v)
			}
			seen[string(b)] = true
		}
		require.Len(t, seen, want)
	}
	require.Panics(t, func() { All(MaxAll + 1) })
	require.Panics(t, func() { All(-1) })
	for range All(3) { // a loop that stops early
		break
	}
}

func TestSignsAndOrdersOfS4(t *testing.T) {
	var even int
	orders := map[int64]int{}
	for p := range All(4) {
		if p.Sign() == 1 {
			even++
		}
		orders[p.Order().Int64()]++
	}
	require.Equal(t, 12, even)
	require.Equal(t, map[int64]int{1: 1, 2: 9, 3: 8, 4: 6}, orders)
}

func TestOrderBeyond64Bits(t *testing.T) {
	var p Perm // one cycle of each prime length below 60: their product is 1.92e21
	want := big.NewInt(1)
	for _, l := range []int{2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59} {
		start := len(p)
		for i := range l {
			p = append(p, int32(start+(i+1)%l))
		}
		want.Mul(want, big.NewInt(int64(l)))
	}
	require.True(t, p.Valid())
	require.Equal(t, want.String(), p.Order().String())
	require.False(t, p.Order().IsInt64())
}

func TestCycles(t *testing.T) {
	require.Equal(t, [][]int32{{0, 2, 1}, {3}, {4, 5}}, Perm{2, 0, 1, 3, 5, 4}.Cycles())
	require.Empty(t, Perm{}.Cycles())
	require.Equal(t, 1, Perm{}.Sign())
	require.EqualValues(t, 1, Perm{}.Order().Int64())
}

func TestGroupLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 12).Draw(t, "n")
		p, q, r := drawPerm(t, n, "p"), drawPerm(t, n, "q"), drawPerm(t, n, "r")
		require.True(t, p.Compose(p.Inverse()).IsIdentity())
		require.True(t, p.Inverse().Compose(p).IsIdentity())
		require.Equal(t, p.Compose(q.Compose(r)), p.Compose(q).Compose(r))
		require.Equal(t, p.Sign()*q.Sign(), p.Compose(q).Sign())
		require.Equal(t, q.Inverse().Compose(p.Inverse()), p.Compose(q).Inverse())

		s := make([]int32, n)
		for i := range s {
			s[i] = int32(i * i)
		}
		require.Equal(t, Apply(p.Compose(q), s), Apply(p, Apply(q, s))) // a left action
		require.Equal(t, p.Map(q), []int32(p.Compose(q)))
		for i := range n {
			require.Equal(t, s[i], Apply(p, s)[p[i]])
		}
		power := Identity(n)
		for k := int64(1); ; k++ {
			power = power.Compose(p)
			if power.IsIdentity() {
				require.Equal(t, k, p.Order().Int64())
				break
			}
		}
	})
}

func TestValid(t *testing.T) {
	for _, p := range []Perm{{1}, {-1}, {0, 0}, {0, 2}, {1, 2, 1}} {
		require.False(t, p.Valid(), "%v", p)
	}
	require.True(t, Perm(nil).Valid())
	require.False(t, Perm{1, 0}.IsIdentity())
	require.Nil(t, Perm{0}.Map(nil))
}

func TestLengthsThatDifferPanic(t *testing.T) {
	var shape tensor.ShapeError
	defer func() {
		require.ErrorAs(t, recover().(error), &shape)
		require.Equal(t, [2]int{2, 1}, shape.Want)
	}()
	require.Panics(t, func() { Apply(Perm{0}, []string{"a", "b"}) })
	Perm{0, 1}.Compose(Perm{0})
}

func TestRandomIsUniform(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	count := map[[3]int32]int{}
	const draws = 6000
	for range draws {
		p := Random(rng, 3)
		count[[3]int32(p)]++
	}
	require.Len(t, count, 6)
	for p, c := range count { // 1000 expected, standard deviation 29
		require.InDelta(t, draws/6, c, 150, "%v", p)
	}
	require.True(t, Random(rng, 1000).Valid())
	require.Equal(t, Random(rand.New(rand.NewPCG(7, 7)), 50), Random(rand.New(rand.NewPCG(7, 7)), 50))
}
