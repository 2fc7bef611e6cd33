package arcs

import (
	"slices"

	"symbridge/graph"
	"symbridge/internal/cells"
)

// Messages returns the form that has what message passing sees: an edge for each arc and direction. A node lists the arcs that
// enter it, each with its label, and those that leave it; a loop is in both lists. Several arcs to one node look as arcs to several
// nodes that look alike. Where the two lists of each node are equal, the form holds only what enters. Labels may be nil, which is all
// 0. Undirected graphs without edge labels are not copied; it takes O(N+E), and sorts the arcs of each node where there are edge
// labels.
//
// Whether the form holds one list or two does not change the order of the cells that refinement makes of it: where two graphs
// cannot be told apart and one has equal lists, the arcs that leave split nothing in the other either.
func Messages(g *graph.Graph, node, edge []uint64) *Form {
	l := newLabels(edge, g.NumEdges())
	f := new(Form)
	f.colours(g.NumNodes(), node, l, nil)
	for _, x := range l.values {
		f.Sights = append(f.Sights, Sight{In: []uint64{x}})
	}
	ptr, source, id := g.InRows()
	f.Graph = cells.Graph{N: g.NumNodes(), Ptr: ptr, Adj: source}
	if l.rank == nil && (g.Undirected() || mirrored(g)) {
		return f
	}
	out := g.Out()
	in, leave := l.rows(ptr, source, id), l.rows(out.Ptr, out.Row, out.Edge)
	two := l.rank == nil || !slices.Equal(out.Ptr, ptr) || !slices.Equal(in, leave)
	ends := len(in)
	if two {
		ends *= 2
		fits(ends)
		f.Ptr = make([]int32, f.N+1)
		for _, x := range l.values {
			f.Sights = append(f.Sights, Sight{Out: []uint64{x}})
		}
	}
	f.Adj, f.Label = make([]int32, 0, ends), make([]int32, 0, ends)
	for v := range f.N {
		f.list(in[ptr[v]:ptr[v+1]], 0)
		if two {
			f.list(leave[out.Ptr[v]:out.Ptr[v+1]], len(l.values))
			f.Ptr[v+1] = int32(len(f.Adj))
		}
	}
	return f
}

// list appends edges, with labels from the given one on.
func (f *Form) list(ends []uint64, from int) {
	for _, x := range ends {
		f.Adj, f.Label = append(f.Adj, int32(uint32(x))), append(f.Label, int32(x>>32)+int32(from))
	}
}

// rows returns the ends of arcs with the ranks of their labels above, sorted within each row where there are labels.
func (l labels) rows(ptr, other, edge []int32) []uint64 {
	out := make([]uint64, len(other))
	for v := range len(ptr) - 1 {
		for k := ptr[v]; k < ptr[v+1]; k++ {
			out[k] = uint64(l.at(edge[k]))<<32 | uint64(other[k])
		}
		if l.rank != nil {
			slices.Sort(out[ptr[v]:ptr[v+1]])
		}
	}
	return out
}

// mirrored reports whether as many arcs lead from u to v as from v to u, for all u and v.
func mirrored(g *graph.Graph) bool {
	balance := make([]int32, g.NumNodes())
	for v := range int32(len(balance)) {
		in, out := g.Sources(v), g.Targets(v)
		if len(in) != len(out) {
			return false
		}
		for _, u := range in {
			balance[u]++
		}
		for _, u := range out {
			balance[u]--
		}
		for _, u := range in {
			if balance[u] != 0 {
				return false
			}
		}
	}
	return true
}
