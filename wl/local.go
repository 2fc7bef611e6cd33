package wl

import (
	"slices"

	"symbridge/graph"
	"symbridge/internal/cells"
)

// adjacency is the edges of a graph for local methods: what comes in, and what goes out where that can be something else.
type adjacency struct {
	n       int
	in, out neighbours // out is empty where both are the same
	labels  []uint64   // distinct, ascending
	both    bool
}

// neighbours lists the other ends of the edges of each node.
type neighbours struct {
	ptr, node []int32
	tag       []uint64 // rank of the label of the edge in the upper half; nil: all 0
}

func newAdjacency(g *graph.Graph, edgeLabels []uint64) *adjacency {
	a := &adjacency{n: g.NumNodes(), labels: distinct(edgeLabels)}
	a.both = len(a.labels) > 1 || !g.Undirected() && !g.IsSymmetric()
	list := func(s *graph.Segments) neighbours {
		l := neighbours{ptr: s.Ptr, node: s.Row}
		if len(a.labels) > 1 {
			for _, k := range s.Edge {
				l.tag = append(l.tag, rankOf(a.labels, edgeLabels, k)<<32)
			}
		}
		return l
	}
	a.in = list(g.In())
	if a.both {
		a.out = list(g.Out())
	}
	return a
}

// distinct returns the different labels, ascending; no labels are labels 0.
func distinct(labels []uint64) []uint64 {
	if len(labels) == 0 {
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

// sum adds up a number for each neighbour of x and its colour, which is found at base + stride times the neighbour.
func (l *neighbours) sum(x, base, stride int32, colour []int32) (s uint64) {
	from, to := l.ptr[x], l.ptr[x+1]
	if l.tag == nil {
		for _, u := range l.node[from:to] {
			s += cells.Mix(uint64(colour[base+u*stride]))
		}
		return s
	}
	tags := l.tag[from:to]
	for k, u := range l.node[from:to] {
		s += cells.Mix(tags[k] | uint64(colour[base+u*stride]))
	}
	return s
}

// list appends the sorted labels and colours themselves, after their number.
func (l *neighbours) list(dst []uint64, x, base, stride int32, colour []int32) []uint64 {
	from, to := l.ptr[x], l.ptr[x+1]
	dst = append(dst, uint64(to-from))
	for p := from; p < to; p++ {
		c := uint64(colour[base+l.node[p]*stride])
		if l.tag != nil {
			c |= l.tag[p]
		}
		dst = append(dst, c)
	}
	slices.Sort(dst[len(dst)-int(to-from):])
	return dst
}

// tupleView is what the local k-WL sees: of the tuple (x1,...,xk), the tuples in which one xi is replaced by a neighbour. For k = 1
// that is 1-WL.
type tupleView struct {
	*adjacency
	stride []int32 // of each place in the number of a tuple
}

func newTupleView(a *adjacency, k int) tupleView {
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
func (v tupleView) width() int    { return len(v.stride) * (1 + 2*len(v.in.node)/max(1, v.n)) }

// at returns the node at a place of a tuple, and the number of the tuple with node 0 there.
func (v tupleView) at(t, stride int32) (x, base int32) {
	if len(v.stride) == 1 {
		return t, 0
	}
	x = t / stride % int32(v.n)
	return x, t - x*stride
}

func (v tupleView) sums(elements, colour []int32, sum []uint64) {
	for _, t := range elements {
		var s uint64
		for i, stride := range v.stride {
			x, base := v.at(t, stride)
			in := v.in.sum(x, base, stride, colour)
			out := in
			if v.both {
				out = v.out.sum(x, base, stride, colour)
			}
			s = cells.Mix(s+in) + out*uint64(2*i+1) // in order: places and directions are not alike
		}
		sum[t] = s
	}
}

func (v tupleView) sees(dst []uint64, t int32, colour []int32) []uint64 {
	for _, stride := range v.stride {
		x, base := v.at(t, stride)
		in := len(dst)
		dst = v.in.list(dst, x, base, stride, colour)
		out := len(dst)
		if v.both {
			dst = append(dst, 0)
			dst = v.out.list(dst, x, base, stride, colour)
		}
		if !v.both || slices.Equal(dst[in:out], dst[out+1:]) {
			dst = append(dst[:out], 1) // out is the same: a graph with arcs both ways is an undirected one
		}
	}
	return dst
}

func (v tupleView) watchers(dst []int32, t int32) []int32 {
	for _, stride := range v.stride {
		x, base := v.at(t, stride)
		for _, l := range []*neighbours{&v.in, &v.out} {
			if l.ptr == nil {
				continue
			}
			for _, u := range l.node[l.ptr[x]:l.ptr[x+1]] {
				dst = append(dst, base+u*stride)
			}
		}
	}
	return dst
}
