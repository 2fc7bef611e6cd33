package wl

import (
	"cmp"
	"slices"

	"symbridge/graph"
)

// Rounds returns the number of rounds that made a difference. If no bound was set, the colours are stable after them.
func (r *Result) Rounds() int { return len(r.classes) - 1 }

// NumColours returns the number of colours after the last round.
func (r *Result) NumColours() int { return r.NumColoursAt(r.Rounds()) }

// NumColoursAt returns the number of colours after the given round; 0 is before the first, and rounds after the last
// change nothing.
func (r *Result) NumColoursAt(round int) int { return r.classes[r.clip(round)] }

// Colours returns the colour of each node (N) after the last round: numbers 0..NumColours()-1 that do not depend on how the
// graph is labelled.
func (r *Result) Colours() []int32 { return r.ColoursAt(r.Rounds()) }

// ColoursAt returns the colour of each node (N) after the given round: numbers 0..NumColoursAt(round)-1. What a layer can
// see that is round steps deep, the unfolding tree of each node to that depth, is one number here.
func (r *Result) ColoursAt(round int) []int32 {
	round = r.clip(round)
	colours := make([]int32, len(r.order))
	c := int32(-1)
	for k, v := range r.order {
		if int(r.born[k]) <= round {
			c++
		}
		colours[v] = c
	}
	return colours
}

func (r *Result) clip(round int) int { return min(max(round, 0), r.Rounds()) }

// Histogram returns the number of nodes of each colour after the last round.
func (r *Result) Histogram() []int {
	h := make([]int, r.NumColours())
	for _, c := range r.Colours() {
		h[c]++
	}
	return h
}

// Discrete reports whether every node has a colour of its own, so that the colours are a canonical order of the nodes.
func (r *Result) Discrete() bool { return r.NumColours() == len(r.order) }

// GraphColours returns, for each graph of the batch (B), the sorted colours of its nodes: equal lists are graphs that 1-WL
// cannot tell apart.
func (r *Result) GraphColours() [][]int32 {
	lists := make([][]int32, r.graphs)
	colours := r.Colours()
	for _, v := range r.order { // ascending by colour
		var b int32
		if r.graphOf != nil {
			b = r.graphOf[v]
		}
		lists[b] = append(lists[b], colours[v])
	}
	return lists
}

// GraphClasses returns, for each graph of the batch (B), the number of its class: graphs of one class have equal
// GraphColours. Classes are 0..count-1 in the order of those lists.
func (r *Result) GraphClasses() (class []int32, count int) {
	lists := r.GraphColours()
	order := make([]int32, len(lists))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(slices.Compare(lists[a], lists[b]), cmp.Compare(a, b))
	})
	class = make([]int32, len(lists))
	for k, b := range order {
		if k == 0 || !slices.Equal(lists[order[k-1]], lists[b]) {
			count++
		}
		class[b] = int32(count - 1)
	}
	return class, count
}

// Equivalent reports whether 1-WL cannot tell two graphs apart: refined together, they have the same number of nodes of
// each stable colour. A batch counts as one graph. For labelled graphs, compare [Hash], or the [Result.GraphClasses] of
// a union.
func Equivalent(g, h *graph.Graph) bool {
	if g.NumNodes() != h.NumNodes() || g.NumEdges() != h.NumEdges() {
		return false
	}
	r := Refine(graph.Union(g, h), Options{})
	balance := make([]int, r.NumColours())
	for v, c := range r.Colours() {
		if v < g.NumNodes() {
			balance[c]++
		} else {
			balance[c]--
		}
	}
	return !slices.ContainsFunc(balance, func(b int) bool { return b != 0 })
}
