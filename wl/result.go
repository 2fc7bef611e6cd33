package wl

import (
	"cmp"
	"slices"

	"symbridge/graph"
)

// Result is a colouring of the nodes. It is immutable and safe for concurrent use.
type Result struct {
	colours []int32 // (N)
	sizes   []int   // nodes of each colour
	graphOf []int32
	graphs  int
}

func newResult(g *graph.Graph) *Result {
	return &Result{colours: make([]int32, g.NumNodes()), graphOf: g.GraphOf(), graphs: g.NumGraphs()}
}

// NumColours returns the number of colours.
func (r *Result) NumColours() int { return len(r.sizes) }

// Colours returns the colour of each node (N): numbers 0..NumColours()-1 that do not depend on how the graph is labelled. The slice
// must not be written.
func (r *Result) Colours() []int32 { return r.colours }

// Histogram returns the number of nodes of each colour. The slice must not be written.
func (r *Result) Histogram() []int { return r.sizes }

// Discrete reports whether every node has a colour of its own, so that the colours are a canonical order of the nodes.
func (r *Result) Discrete() bool { return len(r.sizes) == len(r.colours) }

// GraphColours returns, for each graph of the batch (B), the sorted colours of its nodes: equal lists are graphs that 1-WL
// cannot tell apart.
func (r *Result) GraphColours() [][]int32 {
	lists := make([][]int32, r.graphs)
	for v, c := range r.colours {
		var b int32
		if r.graphOf != nil {
			b = r.graphOf[v]
		}
		lists[b] = append(lists[b], c)
	}
	for _, l := range lists {
		slices.Sort(l)
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
