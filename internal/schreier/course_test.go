package schreier

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// A search that goes to and fro between two nodes, a level deeper each time, finds what it left. What is added meanwhile is known on
// both bases.
func TestToAndFro(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for name, gens := range smallGroups() {
		all := closure(gens)
		n := len(gens[0])
		for range 10 {
			c := New(n)
			paths := [2][]int32{shuffled(rng, n), shuffled(rng, n)}
			for depth := 1; depth < n; depth++ {
				for _, p := range paths {
					c.Rebase(p[:depth])
					require.Equal(t, p[:depth], c.Base()[:depth])
					if depth <= 3 {
						c.Add(all[rng.IntN(len(all))])
					}
					want := orbitsOf(all, p[:depth])
					for v, r := range c.Orbits(depth) {
						require.Equal(t, want[r], want[v], name)
					}
				}
			}
			for _, p := range gens {
				c.Add(p)
			}
			require.Equal(t, int64(len(all)), c.Order().Int64(), name)
			for _, p := range paths {
				c.Rebase(p)
				require.Equal(t, orbitsOf(all, p[:1]), c.Orbits(1), name)
				require.Equal(t, int64(len(all)), c.Order().Int64(), name)
			}
		}
	}
}

// Levels that two bases do not share are kept for one change of the base, not those of a long base that was there for an order.
func TestCourses(t *testing.T) {
	c := chain(wreath(2, 30))
	for depth := 1; depth < 10; depth++ {
		for first := range int32(2) {
			base := []int32{2 * first}
			for k := int32(1); k < int32(depth); k++ {
				base = append(base, 4+2*k)
			}
			c.Rebase(base)
			if depth > 3 {
				require.Equal(t, depth-1, c.laid)
			}
			c.Orbits(depth)
			require.GreaterOrEqual(t, c.filled, depth)
		}
	}
	require.Equal(t, wreathOrder(2, 30), c.Order())
	c.Rebase([]int32{59})
	require.Len(t, c.levels, 1)
	require.LessOrEqual(t, len(c.other.levels), 9)
}

func TestOrderUpTo(t *testing.T) {
	for _, g := range knownGroups() {
		for _, factor := range []int64{1, 2} {
			c := chain(g.gens)
			require.Equal(t, g.order.String(), c.OrderUpTo(new(big.Int).Mul(g.order, big.NewInt(factor))).String(), g.name)
			c.Rebase([]int32{0})
			require.Equal(t, g.order.String(), c.Order().String(), g.name)
		}
	}
}

// Down a long path orbits may be missed, but rarely.
func TestOrbitsDownALongPath(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	missed, asked := 0, 0
	for _, gens := range [][][]int32{symmetric(60), onPairs(12), wreath(2, 30), wreath(5, 12), torus(8)} {
		n := len(gens[0])
		exact := chain(gens)
		exact.Verify()
		for range 3 {
			path := shuffled(rng, n)
			c := chain(gens)
			for depth := 1; depth < n; depth++ {
				c.Rebase(path[:depth])
				exact.Rebase(path[:depth])
				exact.Order() // all of it
				asked++
				want := number(exact.Orbits(depth))
				if got := number(c.Orbits(depth)); got != want {
					require.Greater(t, got, want)
					missed++
				}
			}
		}
	}
	require.Less(t, missed*20, asked)
}

// number returns the number of orbits.
func number(orbits []int32) int {
	count := 0
	for v, r := range orbits {
		if int(r) == v {
			count++
		}
	}
	return count
}
