package graph

import (
	"fmt"
	"slices"
)

// InDegrees returns the number of in-edges of each node (N).
func (g *Graph) InDegrees() []int32 { return g.In().sizes() }

// OutDegrees returns the number of out-edges of each node (N).
func (g *Graph) OutDegrees() []int32 { return g.Out().sizes() }

func (s *Segments) sizes() []int32 {
	d := make([]int32, s.Len())
	for i := range d {
		d[i] = s.Ptr[i+1] - s.Ptr[i]
	}
	return d
}

// HasEdge reports whether there is an edge from u to v. It takes time linear in the smaller of the two degrees.
func (g *Graph) HasEdge(u, v int32) bool {
	if g.OutDegree(u) < g.InDegree(v) {
		return slices.Contains(g.Targets(u), v)
	}
	return slices.Contains(g.Sources(v), u)
}

// IsSimple reports whether no edge is a self loop and no two edges have the same source and the same target.
func (g *Graph) IsSimple() bool {
	seen := make([]int32, g.n) // seen[u] = v+1: u has an edge to v
	for k, v := range g.to {
		if g.from[k] == v {
			return false
		}
	}
	for v := range g.n {
		for _, u := range g.Sources(int32(v)) {
			if seen[u] == int32(v)+1 {
				return false
			}
			seen[u] = int32(v) + 1
		}
	}
	return true
}

// IsSymmetric reports whether there are as many edges from u to v as from v to u, for all u and v.
func (g *Graph) IsSymmetric() bool {
	_, err := g.Pairs()
	return err == nil
}

// Pairs returns the undirected edges of a symmetric graph, each as the ids of its two arcs, the smaller id first, in the
// order of the first; a self loop is one arc and so gives its id twice. Parallel arcs are matched in list order: for a
// graph of [NewUndirected] the first arcs are the edges that it was made of. It returns ErrNotSymmetric, with an arc that
// has no opposite, where the graph is not symmetric.
func (g *Graph) Pairs() ([][2]int32, error) {
	// The list by (source, target) and the list by (target, source) go through opposite arcs in step.
	forth, back := deal(g.OutEdges(), g.In().Edge, g.from), deal(g.InEdges(), g.Out().Edge, g.to)
	opposite := make([]int32, len(forth))
	for i, a := range forth {
		b := back[i]
		if g.from[a] != g.to[b] || g.to[a] != g.from[b] {
			if g.to[b] < g.from[a] || g.to[b] == g.from[a] && g.from[b] < g.to[a] {
				a = b // both lists ascend, so the smaller one is missing from the other
			}
			return nil, fmt.Errorf("graph: edge %d (%d,%d) has no opposite: %w", a, g.from[a], g.to[a], ErrNotSymmetric)
		}
		opposite[a] = b
	}
	pairs := make([][2]int32, 0, len(forth)/2+1)
	for a, b := range opposite {
		if int32(a) <= b {
			pairs = append(pairs, [2]int32{int32(a), b})
		}
	}
	return pairs, nil
}

// deal sorts the edges, listed in the given order, stably by key; s groups the same edges by key.
func deal(s *Segments, order, key []int32) []int32 {
	sorted := make([]int32, len(order))
	next := slices.Clone(s.Ptr)
	for _, k := range order {
		v := key[k]
		sorted[next[v]] = k
		next[v]++
	}
	return sorted
}

// AsUndirected returns the same graph, declared undirected. It returns ErrNotSymmetric where an arc has no opposite.
func (g *Graph) AsUndirected() (*Graph, error) {
	if _, err := g.Pairs(); err != nil {
		return nil, err
	}
	h := g.copy()
	h.undirected = true
	return h, nil
}
