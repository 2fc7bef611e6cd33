package wl

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/graph"
)

// The numbers do not depend on the order of the graphs and nodes, and agree with what nodes see.
func TestFeatures(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for range 100 {
		gs := make([]*graph.Graph, 6)
		for i := range gs {
			var edges [][2]int32
			n := 1 + rng.IntN(5)
			for range rng.IntN(7) {
				edges = append(edges, [2]int32{rng.Int32N(int32(n)), rng.Int32N(int32(n))})
			}
			gs[i] = undirected(n, edges...)
		}
		o := Options{Rounds: rng.IntN(3)}
		colours, count := Features(gs, o)
		var all []int32
		for i, c := range colours {
			require.Len(t, c, gs[i].NumNodes())
			require.True(t, samePartition(Refine(gs[i], o).Colours(), c))
			all = append(all, c...)
		}
		slices.Sort(all)
		require.Len(t, slices.Compact(all), count)

		order := rng.Perm(len(gs))
		moved, perms := make([]*graph.Graph, len(gs)), make([][]int32, len(gs))
		for i, j := range order {
			perms[i] = make([]int32, gs[j].NumNodes())
			for v, w := range rng.Perm(gs[j].NumNodes()) {
				perms[i][v] = int32(w)
			}
			moved[i], _ = gs[j].Relabel(perms[i])
		}
		again, same := Features(moved, o)
		require.Equal(t, count, same)
		for i, j := range order {
			require.Equal(t, permuted(colours[j], perms[i]), again[i])
		}
	}
}

func TestOneHot(t *testing.T) {
	m := OneHot[float32]([]int32{2, 0, 2}, 3)
	require.Equal(t, []float32{0, 0, 1, 1, 0, 0, 0, 0, 1}, m.Dense().Data)
	require.PanicsWithError(t, "wl.OneHot: colour of row 1, want 0..2, got 3", func() { OneHot[float64]([]int32{0, 3}, 3) })
	require.Zero(t, OneHot[float64](nil, 0).Rows)
}
