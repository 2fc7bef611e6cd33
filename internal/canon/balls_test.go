package canon

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/internal/cells"
)

// matchings draws k perfect matchings without a common edge; with labels, each has its own.
func matchings(rng *rand.Rand, n, k int, labels bool) *cells.Graph {
	type end struct{ label, to int32 }
	rows := make([][]end, n)
	for l := range int32(k) {
	again:
		p := perm(rng, n)
		for i := 0; i < n; i += 2 {
			if slices.ContainsFunc(rows[p[i]], func(e end) bool { return e.to == p[i+1] }) {
				goto again
			}
		}
		for i := 0; i < n; i += 2 {
			rows[p[i]] = append(rows[p[i]], end{l, p[i+1]})
			rows[p[i+1]] = append(rows[p[i+1]], end{l, p[i]})
		}
	}
	g := &cells.Graph{N: n, Ptr: []int32{0}}
	for _, row := range rows {
		slices.SortFunc(row, func(a, b end) int { return cmp.Compare(a.label, b.label) })
		for _, e := range row {
			g.Adj = append(g.Adj, e.to)
			if labels {
				g.Label = append(g.Label, e.label)
			}
		}
		g.Ptr = append(g.Ptr, int32(len(g.Adj)))
	}
	return g
}

// double returns a graph and its copy, with an edge from each vertex to its copy: one automorphism exchanges them.
func double(g *cells.Graph) *cells.Graph {
	h := &cells.Graph{N: 2 * g.N, Ptr: []int32{0}}
	for c := range int32(2) {
		for v := range int32(g.N) {
			for _, u := range g.Neighbours(v) {
				h.Adj = append(h.Adj, u+c*int32(g.N))
			}
			h.Adj = append(h.Adj, v+(1-c)*int32(g.N))
			h.Ptr = append(h.Ptr, int32(len(h.Adj)))
		}
	}
	return h
}

// Sparse graphs in which refinement sees nothing: the balls around the vertices decide, and decide alike in each labelling.
func TestBalls(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	split := 0
	for round := range 24 {
		g := matchings(rng, 400+2*rng.IntN(400), 3+round%3, round%2 == 0)
		if round%6 == 5 {
			g = double(g)
		}
		x := &search{solver: &solver{}, g: g, p: cells.New(g, nil)}
		var tr cells.Trace
		tr.Ignore()
		x.p.Refine(&tr)
		if x.balls() != nil {
			split++
		}
		r := Canonise(g, nil, Options{})
		require.True(t, r.Proved)
		requireAutomorphisms(t, g, nil, r.Generators)
		require.Equal(t, Canonise(g, nil, Options{Plain: true}).Size.String(), r.Size.String())
		h, _ := relabel(g, nil, perm(rng, g.N))
		require.Equal(t, form(g, nil, r), form(h, nil, Canonise(h, nil, Options{})))
		other := matchings(rng, g.N, 3+round%3, g.Label != nil)
		require.NotEqual(t, form(g, nil, r), form(other, nil, Canonise(other, nil, Options{})))
	}
	require.Greater(t, split, 16)
}
