package arcs

import (
	"cmp"
	"slices"

	"symbridge/graph"
	"symbridge/internal/cells"
)

// Form is a graph for refinement, and what its numbers stand for. Its slices may be those of the graph that it came from:
// they must not be written.
type Form struct {
	cells.Graph
	Colour []int32 // (N) first colour of a node, its place in Kinds; nil: all 0
	Kinds  []Kind  // by colour, ascending
	Sights []Sight // by label, ascending. Graph.Label is nil where there is at most one
}

// Kind is what the first colour of a node stands for. Kinds ascend by label, then by loops.
type Kind struct {
	Label uint64
	Loops []uint64 // labels of its loops, ascending
}

// Sight is what the label of an edge stands for: how the edge looks from the node that lists it. Sights ascend by Out, then by In,
// as lists do.
type Sight struct {
	Out, In []uint64 // labels of the arcs that leave the node, and that enter it, ascending
}

// Compare orders kinds.
func (k Kind) Compare(l Kind) int {
	return cmp.Or(cmp.Compare(k.Label, l.Label), slices.Compare(k.Loops, l.Loops))
}

// Compare orders sights.
func (s Sight) Compare(t Sight) int {
	return cmp.Or(slices.Compare(s.Out, t.Out), slices.Compare(s.In, t.In))
}

// Pairs returns the form in which each two distinct nodes with arcs between them are joined by one edge, whose label stands for all of
// these arcs; loops are in the colours. Labels of nodes (N) and edges (E) may be nil, which is all 0. Two graphs with labels are
// isomorphic exactly if their forms have equal Kinds and Sights and are isomorphic as coloured graphs with edge labels. It takes
// O(N+E) for undirected graphs without parallel arcs, loops and edge labels, whose slices it shares, and sorts the arcs of each node
// for others.
func Pairs(g *graph.Graph, node, edge []uint64) *Form {
	l := newLabels(edge, g.NumEdges())
	f := new(Form)
	loops := l.loops(g)
	f.colours(g.NumNodes(), node, l, loops)
	if g.Undirected() && len(l.values) <= 1 && len(loops) == 0 {
		ptr, adj, _ := g.InRows()
		if simple(ptr, adj) {
			f.Graph = cells.Graph{N: g.NumNodes(), Ptr: ptr, Adj: adj}
			switch {
			case len(l.values) > 0 && edge == nil:
				f.Sights = plainSights
			case len(l.values) > 0:
				f.Sights = []Sight{{l.values, l.values}}
			}
			return f
		}
	}
	f.join(g, l)
	return f
}

// What graphs without labels and loops have in common.
var (
	zero        = []uint64{0}
	plainKinds  = []Kind{{}}
	plainSights = []Sight{{zero, zero}}
)

// Plain reports whether the graph is undirected and simple, with all labels 0: its edges are all that there is to know.
func (f *Form) Plain() bool {
	return (len(f.Kinds) == 0 || len(f.Kinds) == 1 && f.Kinds[0].Compare(Kind{}) == 0) &&
		(len(f.Sights) == 0 || len(f.Sights) == 1 && f.Sights[0].Compare(plainSights[0]) == 0)
}

// simple reports whether no row holds an entry twice.
func simple(ptr, adj []int32) bool {
	var few [65]int32
	seen := few[:] // 1 + the last row with the entry
	if len(ptr) > len(few) {
		seen = make([]int32, len(ptr))
	}
	for v := range int32(len(ptr) - 1) {
		for _, u := range adj[ptr[v]:ptr[v+1]] {
			if seen[u] == v+1 {
				return false
			}
			seen[u] = v + 1
		}
	}
	return true
}
