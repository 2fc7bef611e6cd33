package schreier

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// The images of pairs of base points under the dihedral group are the pairs at the same distance.
func TestMaps(t *testing.T) {
	const n = 12
	turn, flip := make([]int32, n), make([]int32, n)
	for v := range int32(n) {
		turn[v], flip[v] = (v+1)%n, (n-v)%n
	}
	c := New(n)
	c.Rebase([]int32{0, 3})
	require.True(t, c.Maps([]int32{0, 3}))
	require.False(t, c.Maps([]int32{1, 4}))
	c.Add(turn)
	c.Add(flip)
	rng := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		base := []int32{rng.Int32N(n), rng.Int32N(n)}
		to := []int32{rng.Int32N(n), rng.Int32N(n)}
		c.Rebase(base)
		d, e := (base[1]-base[0]+n)%n, (to[1]-to[0]+n)%n
		require.Equal(t, d == e || d == n-e || d == 0 && e == 0, c.Maps(to), "%v to %v", base, to)
	}
}
