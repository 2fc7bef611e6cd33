package proptest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/graph"
	"symbridge/positional"
	"symbridge/proptest"
	"symbridge/wl"
)

// cliques adds to each node the number of its cliques with size nodes, those with repeated nodes among them.
func cliques(size int) forward[float32] {
	return func(l *planted[float32], t *tape, g *graph.Graph, v *variable) *variable {
		adjacent := func(u, w int32) bool { return g.HasEdge(u, w) && g.HasEdge(w, u) }
		var count func(clique []int32) float32
		count = func(clique []int32) (c float32) {
			if len(clique) == size {
				return 1
			}
			for _, w := range g.Sources(clique[0]) {
				fits := true
				for _, u := range clique {
					fits = fits && adjacent(u, w)
				}
				if fits {
					c += count(append(clique[:len(clique):len(clique)], w))
				}
			}
			return c
		}
		return shifted(t, sum(l, t, g, v), func(i int) float32 {
			if g.NumNodes() > 100 { // the large case would take long
				return 0
			}
			return count([]int32{int32(i)})
		})
	}
}

// A layer that counts triangles sees no more than 2-FWL, one that counts cliques of four no more than 3-FWL; each claim for a weaker
// method is caught.
func TestStrongerBounds(t *testing.T) {
	check := func(size int, m wl.Method, trials int) error {
		return proptest.CheckLayer(making(cliques(size)), proptest.Config{Hops: 2, Bound: m, Only: []string{"Bound"}, Trials: trials})
	}
	for _, m := range []wl.Method{wl.OneWL, wl.ShortestPath} {
		require.Equal(t, []string{"Bound"}, broken(check(3, m, 64)), "%v", m)
	}
	for _, m := range []wl.Method{wl.OneMark, wl.TwoFWL, wl.ThreeFWL, wl.TwoMarks} {
		require.NoError(t, check(3, m, 16), "%v", m)
	}
	for _, m := range []wl.Method{wl.OneMark, wl.DeltaTwoLWL, wl.TwoFWL, wl.RandomWalk(8)} {
		err := check(4, m, 64)
		require.Equal(t, []string{"Bound"}, broken(err), "%v", m)
		require.ErrorContains(t, err, "which "+m.String()+" cannot tell apart")
	}
	for _, m := range []wl.Method{wl.ThreeFWL, wl.TwoMarks} {
		require.NoError(t, check(4, m, 16), "%v", m)
	}
}

func TestBoundOfEncoders(t *testing.T) {
	walk := positional.RandomWalk[float64]{Steps: 6}
	// In bits: what is added up at each step is a multiset that 2-FWL sees.
	proptest.Encoder(t, walk, proptest.Config{Bound: wl.TwoFWL, Trials: 64})
	for _, c := range []proptest.Config{{OneWL: true}, {Bound: wl.ShortestPath}} {
		require.Equal(t, []string{"Bound"}, broken(proptest.CheckEncoder(walk, c)))
	}
	err := proptest.CheckEncoder(positional.Laplacian[float64]{K: 2}, proptest.Config{Undirected: true, Bound: wl.TwoFWL})
	require.ErrorContains(t, err, "Config.Bound is 2fwl, but the encoder leaves bases undetermined")
}

func TestUnknownBound(t *testing.T) {
	c := proptest.Config{Bound: "2wfl"}
	require.ErrorIs(t, proptest.CheckLayer(making(sum[float32]), c), wl.ErrMethod)
	require.ErrorIs(t, proptest.CheckEncoder(positional.RandomWalk[float64]{Steps: 2}, c), wl.ErrMethod)
}

// What the pairs are for: which methods part them.
func TestPairsByMethod(t *testing.T) {
	parted := map[string]string{
		"C6 and two C3":             "spd m1 d2lwl 2fwl 3fwl m2 rwse:8",
		"C8 and two C4":             "spd m1 d2lwl 2fwl 3fwl m2 rwse:8",
		"decalin and bicyclopentyl": "spd m1 d2lwl 2fwl 3fwl m2 rwse:8",
		"cube and two K4":           "spd m1 d2lwl 2fwl 3fwl m2 rwse:8",
		"Rook 4x4 and Shrikhande":   "3fwl m2",
		"CSL(41,2) and CSL(41,3)":   "spd m1 d2lwl 2fwl 3fwl m2 rwse:8",
		"prism and K3,3":            "m1 d2lwl 2fwl 3fwl m2 rwse:8",
		"CFI(K4) and its twist":     "3fwl m2",
		"CFI(K5) and its twist":     "",
	}
	for _, p := range append(proptest.Pairs(), proptest.HardPairs()...) {
		_, isomorphic, err := wl.Isomorphism(t.Context(), p.A, p.B, wl.CanonicalOptions{}, wl.CanonicalOptions{})
		require.NoError(t, err)
		require.False(t, isomorphic, p.Name)
		got := ""
		for _, m := range []wl.Method{wl.OneWL, wl.ShortestPath, wl.OneMark, wl.DeltaTwoLWL, wl.TwoFWL, wl.ThreeFWL, wl.TwoMarks, wl.RandomWalk(8)} {
			_, count, err := wl.Classes(t.Context(), []*graph.Graph{p.A, p.B}, m)
			require.NoError(t, err)
			if count == 2 {
				if got != "" {
					got += " "
				}
				got += m.String()
			}
		}
		require.Equal(t, parted[p.Name], got, p.Name)
	}
}
