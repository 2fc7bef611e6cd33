package schreier

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func factorial(n int) *big.Int { return new(big.Int).MulRange(1, int64(n)) }

func wreathOrder(m, k int) *big.Int {
	o := new(big.Int).Exp(factorial(m), big.NewInt(int64(k)), nil)
	return o.Mul(o, factorial(k))
}

type known struct {
	name  string
	gens  [][]int32
	order *big.Int
}

func knownGroups() []known {
	list := []known{
		{"cube", cube(), big.NewInt(48)}, {"petersen", onPairs(5), big.NewInt(120)},
		{"M11", m11(), big.NewInt(7920)}, {"M12", m12(), big.NewInt(95040)}, {"M24", m24(), big.NewInt(244823040)},
		{"C1000", [][]int32{rotation(1000)}, big.NewInt(1000)},
		{"J(12,2)", onPairs(12), factorial(12)}, {"S20 twice", twice(symmetric(20)), factorial(20)},
		{"A31", [][]int32{rotation(31), cycles(31, []int32{0, 1, 2})}, new(big.Int).Rsh(factorial(31), 1)},
		{"torus", torus(8), big.NewInt(8 * 64)},
		{"S2wrS30", wreath(2, 30), wreathOrder(2, 30)}, {"S5wrS7", wreath(5, 7), wreathOrder(5, 7)},
	}
	for n := 1; n <= 40; n++ {
		list = append(list, known{fmt.Sprintf("C%d", n), [][]int32{rotation(n)}, big.NewInt(int64(n))})
		if n > 1 {
			list = append(list, known{fmt.Sprintf("S%d", n), symmetric(n), factorial(n)})
		}
		if n > 2 {
			list = append(list, known{fmt.Sprintf("D%d", n), dihedral(n), big.NewInt(int64(2 * n))})
		}
	}
	return list
}

func TestOrders(t *testing.T) {
	for _, g := range knownGroups() {
		c := chain(g.gens)
		require.Equal(t, g.order.String(), c.Order().String(), g.name)
		c.Complete(32)
		require.Equal(t, g.order.String(), c.Order().String(), g.name)
		c.Verify()
		require.Equal(t, g.order.String(), c.Order().String(), g.name)
		require.True(t, c.Proved())
	}
}

// The bound is one, and products and wreath products attain it.
func TestBound(t *testing.T) {
	for _, g := range knownGroups() {
		c := chain(g.gens)
		if c.Trivial() {
			continue
		}
		require.GreaterOrEqual(t, c.bound().Cmp(g.order), 0, g.name)
		if g.name[0] == 'S' || g.name[0] == 'A' {
			require.Equal(t, g.order.String(), c.bound().String(), g.name)
		}
	}
	b := chain(cube()).bound() // on the four pairs of opposite vertices: S_2 wr S_4, eight times the group
	require.Equal(t, "384", b.String())
}

func TestSmallestBlocks(t *testing.T) {
	require.Equal(t, []int32{0, 1, 2, 0, 1, 2}, smallestBlocks(6, [][]int32{rotation(6)}))
	require.Nil(t, smallestBlocks(7, [][]int32{rotation(7)}))
	require.Nil(t, smallestBlocks(12, m12()))
	require.Equal(t, []int32{0, 0, 0, 3, 3, 3, 6, 6, 6}, smallestBlocks(9, wreath(3, 3)))
}

// A few random elements fill a long chain all but for its end.
func TestCascadeFillsLongChains(t *testing.T) {
	c := chain(symmetric(200))
	c.laid = 0
	c.cascade(math.MaxInt)
	require.Greater(t, len(c.levels), 180)
}

// Verify finds what a chain without random elements lacks.
func TestVerifyCompletes(t *testing.T) {
	for _, g := range knownGroups() {
		c := chain(g.gens)
		if c.Degree() > 40 || c.Trivial() {
			continue
		}
		c.cover()
		c.deterministic()
		c.whole = true
		require.Equal(t, g.order.String(), c.Order().String(), g.name)
	}
}

func TestRebaseKeepsTheOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, g := range knownGroups() {
		c := chain(g.gens)
		for range 6 {
			n := c.Degree()
			base := shuffled(rng, n)[:rng.IntN(min(n, 12)+1)]
			c.Rebase(base)
			require.Equal(t, base, c.Base()[:len(base)])
			c.Orbits(rng.IntN(len(base) + 1))
			if rng.IntN(2) == 0 {
				require.Equal(t, g.order.String(), c.Order().String(), g.name)
			}
		}
		require.Equal(t, g.order.String(), c.Order().String(), g.name)
	}
}

func smallGroups() map[string][][]int32 {
	return map[string][][]int32{"cube": cube(), "petersen": onPairs(5), "M11": m11(), "S6": symmetric(6), "D12": dihedral(12),
		"C15": {rotation(15)}, "S2wrS4": wreath(2, 4), "S3wrS3": wreath(3, 3), "trivial": {cycles(5)},
		"two": {cycles(9, []int32{0, 1}), cycles(9, []int32{2, 3}, []int32{4, 5}), cycles(9, []int32{6, 7, 8}, []int32{0, 1})}}
}

// Orbits are those of the group, whole but for a few.
func TestOrbitsAgainstAllElements(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	missed, asked := 0, 0
	for name, gens := range smallGroups() {
		all := closure(gens)
		n := len(gens[0])
		c := chain(gens)
		for range 30 {
			base := shuffled(rng, n)[:rng.IntN(n+1)]
			c.Rebase(base)
			for _, k := range shuffled(rng, len(base)+1) {
				want, got := orbitsOf(all, base[:k]), c.Orbits(int(k))
				for v, r := range got {
					require.Equal(t, want[r], want[v], "%s, base %v, %d of it", name, base, k)
				}
				if asked++; number(got) != number(want) {
					missed++
				}
			}
		}
		require.Equal(t, int64(len(all)), c.Order().Int64(), name)
	}
	require.Less(t, missed*100, asked)
}

// While generators come in between changes of the base nothing may be merged that the group does not merge.
func TestOrbitsNeverMergeTooMuch(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for name, gens := range smallGroups() {
		all := closure(gens)
		n := len(gens[0])
		for range 10 {
			c := New(n)
			for range 12 {
				base := shuffled(rng, n)[:rng.IntN(n+1)]
				c.Rebase(base)
				c.Add(all[rng.IntN(len(all))])
				k := rng.IntN(len(base) + 1)
				want := orbitsOf(all, base[:k])
				for v, r := range c.Orbits(k) {
					require.LessOrEqual(t, r, int32(v))
					require.Equal(t, want[r], want[v], name)
				}
			}
			require.LessOrEqual(t, c.Order().Int64(), int64(len(all)))
		}
	}
}

func TestMembership(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for name, gens := range smallGroups() {
		all := closure(gens)
		in := map[string]bool{}
		c := chain(gens)
		for _, p := range all {
			in[key(p)] = true
			require.True(t, c.Contains(p), name)
			require.False(t, c.Add(p), name)
		}
		for range 50 {
			p := shuffled(rng, len(gens[0]))
			require.Equal(t, in[key(p)], c.Contains(p), name)
		}
		require.False(t, c.Contains([]int32{}))
	}
	c := chain(m24())
	require.False(t, c.Contains(cycles(24, []int32{0, 1})))
	require.True(t, c.Add(cycles(24, []int32{0, 1})))
	require.Equal(t, factorial(24).String(), c.Order().String())
}

func TestTheSameCallsGiveTheSameChain(t *testing.T) {
	run := func() ([]int32, []int32) {
		c := chain(wreath(3, 8))
		c.Rebase([]int32{5, 11, 2})
		c.Complete(5)
		return c.Base(), c.random()
	}
	a, x := run()
	b, y := run()
	require.Equal(t, a, b)
	require.Equal(t, x, y)
}

func TestTrivial(t *testing.T) {
	c := New(1 << 20)
	require.False(t, c.Add(cycles(1<<20)))
	require.True(t, c.Trivial())
	c.Rebase([]int32{4, 7})
	require.Equal(t, int64(1), c.Order().Int64())
	c.Complete(32)
	c.Verify()
	require.Equal(t, int32(9), c.Orbits(2)[9])
	require.Zero(t, testing.AllocsPerRun(10, func() { c.Orbits(2) }))
	require.Equal(t, int64(1), New(0).Order().Int64())
	require.Panics(t, func() { New(3).Add([]int32{1, 0}) })
}

// What is found in a copy on another base says the same, and leaves the chain alone.
func TestClone(t *testing.T) {
	for name, gens := range smallGroups() {
		c := chain(gens)
		c.Verify()
		base := c.Base()
		d := c.Clone()
		d.Rebase([]int32{2, 0})
		require.Equal(t, c.Order(), d.Order(), name)
		require.True(t, d.Proved())
		require.Equal(t, base, c.Base())
		for _, p := range closure(gens) {
			require.True(t, d.Contains(p))
		}
		e := New(c.Degree())
		for _, p := range d.Stabiliser(1) {
			require.Equal(t, int32(2), p[2])
			e.Add(p)
		}
		want := c.Order()
		require.Equal(t, want.Div(want, big.NewInt(int64(len(d.BasicOrbit(0))))).String(), e.Order().String(), name)
	}
}
