package cells

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// partitions returns the colours after each round, by the definition.
func partitions(g *Graph, colour []int32) [][]int32 {
	out := [][]int32{colour}
	for {
		next := naiveRound(g, out[len(out)-1])
		if count(next) == count(out[len(out)-1]) {
			return out
		}
		out = append(out, next)
	}
}

func count(c []int32) int {
	seen := map[int32]bool{}
	for _, x := range c {
		seen[x] = true
	}
	return len(seen)
}

func TestRounds(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	for range 1000 {
		n := 1 + rng.IntN(30)
		g := random(rng, n, rng.IntN(2*n), 1+rng.IntN(3))
		var colour []int32
		first := make([]int32, n)
		if k := rng.Int32N(4); k > 0 {
			for v := range first {
				first[v] = rng.Int32N(k)
			}
			colour = first
		}
		want := partitions(g, first)
		most := rng.IntN(4)
		if most > 0 && most+1 < len(want) {
			want = want[:most+1]
		}
		p, h := Rounds(g, colour, most)
		consistent(t, p)
		require.Len(t, h.Count, len(want))
		for round, w := range want {
			got, c := make([]int32, n), int32(-1)
			for k, v := range p.Lab() {
				if int(h.Born[k]) <= round {
					c++
				}
				got[v] = c
			}
			require.Equal(t, int(c)+1, h.Count[round])
			require.Equal(t, count(w), h.Count[round])
			both := map[[2]int32]bool{}
			for v := range got {
				both[[2]int32{w[v], got[v]}] = true
			}
			require.Len(t, both, h.Count[round])
		}
	}
}
