package canon

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/internal/cells"
)

// matrix is a graph as its matrix.
type matrix [][]bool

func newMatrix(n int) matrix {
	m := make(matrix, n)
	for v := range m {
		m[v] = make([]bool, n)
	}
	return m
}

func (m matrix) set(u, v int, to bool) { m[u][v], m[v][u] = to, to }

// join returns two graphs beside each other, with all edges between them or none.
func (m matrix) join(o matrix, edges bool) matrix {
	k := len(m)
	out := newMatrix(k + len(o))
	for u := range out {
		for v := range u {
			switch {
			case u < k:
				out.set(u, v, m[u][v])
			case v >= k:
				out.set(u, v, o[u-k][v-k])
			default:
				out.set(u, v, edges)
			}
		}
	}
	return out
}

// times returns the Cartesian product, or the lexicographic one.
func (m matrix) times(o matrix, lexicographic bool) matrix {
	k := len(o)
	out := newMatrix(len(m) * k)
	for u := range out {
		for v := range u {
			if u/k == v/k {
				out.set(u, v, o[u%k][v%k])
			} else {
				out.set(u, v, m[u/k][v/k] && (lexicographic || u%k == v%k))
			}
		}
	}
	return out
}

// build draws a graph with symmetries: rings with chords and random pieces, and unions, joins, products, complements and
// hanging trees of such.
func build(rng *rand.Rand, most int) matrix {
	n := 1 + rng.IntN(min(most, 12))
	m := newMatrix(n)
	kind := rng.IntN(9)
	if most < 4 {
		kind = 7
	}
	switch kind {
	case 0, 1:
		for _, step := range []int{1 + rng.IntN(n), 1 + rng.IntN(n)} {
			for v := range n {
				if u := (v + step) % n; u != v {
					m.set(u, v, true)
				}
			}
		}
		return m
	case 2:
		m = build(rng, (most+1)/2)
		return m.join(m, rng.IntN(2) == 0)
	case 3:
		return build(rng, (most+1)/2).join(build(rng, (most+1)/2), rng.IntN(2) == 0)
	case 4:
		m = build(rng, most)
		for u := range m {
			for v := range u {
				m.set(u, v, !m[u][v])
			}
		}
		return m
	case 5:
		m = build(rng, (most+3)/4)
		return m.times(build(rng, max(1, most/len(m))), rng.IntN(2) == 0)
	case 6:
		m = build(rng, (most+1)/2)
		for range 1 + rng.IntN(6) {
			v := rng.IntN(len(m))
			m = m.join(newMatrix(1), false)
			m.set(v, len(m)-1, true)
		}
		return m
	case 8:
		return build(rng, (most+3)/4).subdivide(rng)
	}
	for u := range n {
		for v := range u {
			m.set(u, v, rng.IntN(2) == 0)
		}
	}
	return m
}

// subdivide puts chains in place of edges, often equal ones, some of them twice, and loops on some vertices.
func (m matrix) subdivide(rng *rand.Rand) matrix {
	n := len(m)
	var paths [][3]int // from, to, inner vertices
	long := 1 + rng.IntN(2)
	varied := rng.IntN(3) == 0
	for u := range m {
		for v := range u {
			if !m[u][v] {
				continue
			}
			k := long
			if varied {
				k = rng.IntN(3)
			}
			paths = append(paths, [3]int{u, v, k})
			if k > 0 && rng.IntN(4) == 0 {
				paths = append(paths, [3]int{u, v, k})
			}
		}
		if rng.IntN(4) == 0 {
			paths = append(paths, [3]int{u, u, 2 + rng.IntN(2)})
		}
	}
	total := n
	for _, p := range paths {
		total += p[2]
	}
	out := newMatrix(total)
	for _, p := range paths {
		at := p[0]
		for range p[2] {
			out.set(at, n, true)
			at = n
			n++
		}
		out.set(at, p[1], true)
	}
	return out
}

// graph returns the graph, with labels that are all 0 or with none.
func (m matrix) graph(labels bool) *cells.Graph {
	g := &cells.Graph{N: len(m), Ptr: []int32{0}}
	for u := range m {
		for v, edge := range m[u] {
			if edge {
				g.Adj = append(g.Adj, int32(v))
			}
		}
		g.Ptr = append(g.Ptr, int32(len(g.Adj)))
	}
	if labels {
		g.Label = make([]int32, len(g.Adj))
	}
	return g
}

// change puts edges ab, xy where ax, by were, once where that is possible: degrees stay.
func (m matrix) change(rng *rand.Rand) {
	for range 30 {
		a, b, x, y := rng.IntN(len(m)), rng.IntN(len(m)), rng.IntN(len(m)), rng.IntN(len(m))
		if a != y && b != x && m[a][x] && m[b][y] && a != b && x != y && !m[a][b] && !m[x][y] {
			m.set(a, x, false)
			m.set(b, y, false)
			m.set(a, b, true)
			m.set(x, y, true)
			return
		}
	}
}

// Three ways to the answer whether two graphs are isomorphic: with all reductions and words of bits, without them as labels
// do not allow some, and by search alone.
func TestThreeWays(t *testing.T) {
	defer func(least int) { minBelow = least }(minBelow)
	minBelow = 0
	rng := rand.New(rand.NewPCG(4, 4))
	rounds := 3000
	if testing.Short() {
		rounds = 500
	}
	same := 0
	for range rounds {
		m := build(rng, 40)
		g, labelled := m.graph(false), m.graph(true)
		m.change(rng)
		h, p := m.graph(false), perm(rng, g.N)
		var answers []bool
		for _, way := range []struct {
			g, h *cells.Graph
			opts Options
		}{{g, h, Options{}}, {labelled, m.graph(true), Options{}}, {g, h, Options{Plain: true}}} {
			r := Canonise(way.g, nil, way.opts)
			want := form(way.g, nil, r)
			requireAutomorphisms(t, way.g, nil, r.Generators)
			moved, _ := relabel(way.g, nil, p)
			require.Equal(t, want, form(moved, nil, Canonise(moved, nil, way.opts)))
			require.Equal(t, Canonise(g, nil, Options{}).Size.String(), r.Size.String())
			answers = append(answers, slices.Equal(want, form(way.h, nil, Canonise(way.h, nil, way.opts))))
		}
		require.Equal(t, answers[0], answers[1])
		require.Equal(t, answers[0], answers[2])
		if answers[0] {
			same++
		}
	}
	require.Positive(t, same)
	require.Less(t, same, rounds)
}
