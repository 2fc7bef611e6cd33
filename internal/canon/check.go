package canon

import (
	"sync/atomic"

	"symbridge/internal/cells"
)

// Check returns the place of the first of the permutations that is no automorphism of the graph with its colours, or that was not looked
// at because stop, which may be nil, became true; -1: all are. It takes time linear in the edges at the vertices that are moved.
func Check(g *cells.Graph, colour []int32, gens []Moves, stop *atomic.Bool) int {
	image := make([]int32, g.N)
	for v := range image {
		image[v] = int32(v)
	}
	seen := make([]bool, g.N)
	mark := make([]int32, g.N) // label+1 of the edges at one vertex
	for i, m := range gens {
		if stop != nil && stop.Load() {
			return i
		}
		ok := len(m.From) == len(m.To)
		for k := 0; ok && k < len(m.From); k++ {
			v, w := m.From[k], m.To[k]
			ok = v >= 0 && w >= 0 && int(v) < g.N && int(w) < g.N && !seen[w] && image[v] == v &&
				(colour == nil || colour[v] == colour[w])
			if ok {
				seen[w], image[v] = true, w
			}
		}
		for k := 0; ok && k < len(m.From); k++ {
			ok = seen[m.From[k]] && row(g, g, m.From[k], image, mark) // what goes also comes
		}
		if !ok {
			return i
		}
		for k, v := range m.From {
			image[v], seen[m.To[k]] = v, false
		}
	}
	return -1
}

// row reports whether p takes the edges of v in g to those of p[v] in h. The entries of mark are 0 before and after.
func row(g, h *cells.Graph, v int32, p, mark []int32) bool {
	w := p[v]
	if g.Degree(v) != h.Degree(w) {
		return false
	}
	label := func(g *cells.Graph, e int32) int32 {
		if g.Label == nil {
			return 1
		}
		return g.Label[e] + 1
	}
	for e := h.Ptr[w]; e < h.Ptr[w+1]; e++ {
		mark[h.Adj[e]] = label(h, e)
	}
	ok := true
	for e := g.Ptr[v]; e < g.Ptr[v+1]; e++ {
		ok = ok && mark[p[g.Adj[e]]] == label(g, e)
	}
	for _, u := range h.Neighbours(w) {
		mark[u] = 0
	}
	return ok
}

// Isomorphic reports whether the permutation p takes g to h, with edge labels and colours.
func Isomorphic(g, h *cells.Graph, gColour, hColour, p []int32) bool {
	if g.N != h.N || len(p) != g.N || len(g.Adj) != len(h.Adj) {
		return false
	}
	mark := make([]int32, g.N)
	for v := range int32(g.N) {
		if !row(g, h, v, p, mark) || gColour != nil && gColour[v] != hColour[p[v]] {
			return false
		}
	}
	return true
}
