package wl

import (
	"slices"

	"symbridge/graph"
)

// arcs is the adjacency of a graph for local methods. Arcs are listed at both ends, with a tag that holds the rank of the label
// and the direction; where directions cannot differ, at the targets alone.
type arcs struct {
	n      int
	ptr    []int32
	node   []int32
	tag    []uint64 // in the upper half
	labels []uint64 // distinct, ascending
	both   bool
}

func newArcs(g *graph.Graph, edgeLabels []uint64) *arcs {
	a := &arcs{n: g.NumNodes(), labels: distinct(edgeLabels)}
	a.both = len(a.labels) > 1 || !g.Undirected() && !g.IsSymmetric()
	a.ptr = make([]int32, 1, a.n+1)
	tag := func(edge int32, direction uint64) uint64 {
		return (rankOf(a.labels, edgeLabels, edge)*2 + direction) << 32
	}
	in, out := g.In(), g.Out()
	for v := range a.n {
		for p := in.Ptr[v]; p < in.Ptr[v+1]; p++ {
			a.node, a.tag = append(a.node, in.Row[p]), append(a.tag, tag(in.Edge[p], 0))
		}
		for p := out.Ptr[v]; a.both && p < out.Ptr[v+1]; p++ {
			a.node, a.tag = append(a.node, out.Row[p]), append(a.tag, tag(out.Edge[p], 1))
		}
		a.ptr = append(a.ptr, int32(len(a.node)))
	}
	return a
}

// distinct returns the different labels, ascending; no labels are labels 0.
func distinct(labels []uint64) []uint64 {
	if labels == nil {
		return []uint64{0}
	}
	return slices.Compact(slices.Sorted(slices.Values(labels)))
}

// rankOf returns the place of a label in the list that distinct returned.
func rankOf(list, labels []uint64, i int32) uint64 {
	if len(list) < 2 {
		return 0
	}
	rank, _ := slices.BinarySearch(list, labels[i])
	return uint64(rank)
}

// nodeRanks returns the rank of the label of each node, and the labels.
func nodeRanks(n int, labels []uint64) (rank []int32, list []uint64) {
	rank, list = make([]int32, n), distinct(labels)
	for v := range rank {
		rank[v] = int32(rankOf(list, labels, int32(v)))
	}
	return rank, list
}

// nodeView is what 1-WL sees.
type nodeView struct{ *arcs }

func (v nodeView) begin([]int32) {}
func (v nodeView) all() bool     { return false }
func (v nodeView) width() int    { return 1 + len(v.node)/max(1, v.n) }

func (v nodeView) sums(elements, colour []int32, sum []uint64) {
	for _, x := range elements {
		var s uint64
		from, to := v.ptr[x], v.ptr[x+1]
		tags := v.tag[from:to]
		for k, u := range v.node[from:to] {
			s += scatter(tags[k] | uint64(colour[u]))
		}
		sum[x] = s
	}
}

func (v nodeView) sees(dst []uint64, x int32, colour []int32) []uint64 {
	start := len(dst)
	for p := v.ptr[x]; p < v.ptr[x+1]; p++ {
		dst = append(dst, v.tag[p]|uint64(colour[v.node[p]]))
	}
	slices.Sort(dst[start:])
	return dst
}

func (v nodeView) watchers(dst []int32, x int32) []int32 {
	return append(dst, v.node[v.ptr[x]:v.ptr[x+1]]...)
}

// tupleView is what the local k-WL sees: of the tuple (x1,...,xk), the tuples in which one xi is replaced by a neighbour.
type tupleView struct {
	*arcs
	stride []int32 // of each place in the number of a tuple
}

func newTupleView(a *arcs, k int) tupleView {
	stride := make([]int32, k)
	s := int32(1)
	for i := k - 1; i >= 0; i-- {
		stride[i] = s
		s *= int32(a.n)
	}
	return tupleView{a, stride}
}

func (v tupleView) begin([]int32) {}
func (v tupleView) all() bool     { return false }
func (v tupleView) width() int    { return len(v.stride) * (1 + len(v.node)/max(1, v.n)) }

func (v tupleView) sums(elements, colour []int32, sum []uint64) {
	for _, t := range elements {
		var s uint64
		for i, stride := range v.stride {
			x := t / stride % int32(v.n)
			base := t - x*stride
			place := scatter(uint64(i))
			for p := v.ptr[x]; p < v.ptr[x+1]; p++ {
				s += scatter(place ^ (v.tag[p] | uint64(colour[base+v.node[p]*stride])))
			}
		}
		sum[t] = s
	}
}

func (v tupleView) sees(dst []uint64, t int32, colour []int32) []uint64 {
	for _, stride := range v.stride {
		x := t / stride % int32(v.n)
		base := t - x*stride
		dst = append(dst, uint64(v.ptr[x+1]-v.ptr[x]))
		start := len(dst)
		for p := v.ptr[x]; p < v.ptr[x+1]; p++ {
			dst = append(dst, v.tag[p]|uint64(colour[base+v.node[p]*stride]))
		}
		slices.Sort(dst[start:])
	}
	return dst
}

func (v tupleView) watchers(dst []int32, t int32) []int32 {
	for _, stride := range v.stride {
		x := t / stride % int32(v.n)
		base := t - x*stride
		for _, u := range v.node[v.ptr[x]:v.ptr[x+1]] {
			dst = append(dst, base+u*stride)
		}
	}
	return dst
}
