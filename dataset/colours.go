package dataset

import (
	"cmp"
	"slices"

	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/tensor"
	"symbridge/wl"
)

// MaxColours is the number of columns that [ColourFeatures] adds at most.
const MaxColours = 256

// ColourFeatures returns the set with the Weisfeiler-Leman colour of each node after so many rounds, at least 1, behind its
// features, one-hot: what a network of that depth can see of the graph, handed to the first layer. The colours start from the
// features where these have at most [MaxColours] different rows, and from degrees else. The most frequent colours of the set get a
// column each, MaxColours-1 at most, and all others share one. Columns depend on the set, not on how it is written down; a model
// fits no other set. (Weisfeiler-Leman features: Shervashidze et al. 2011; Morris et al. 2019.)
func ColourFeatures[T tensor.Float](s *Set[T], rounds int) *Set[T] {
	gs := make([]*graph.Graph, len(s.Data))
	for i, d := range s.Data {
		gs[i] = d.Graph
	}
	colours, count := wl.Features(gs, wl.Options{NodeLabels: rowLabels(s), Rounds: max(1, rounds)})
	column, width := columns(colours, count)
	i := -1
	return s.Map(func(d *gnn.Data[T]) *gnn.Data[T] {
		i++
		out := *d
		n := d.Graph.NumNodes()
		hot := make([]int32, n)
		for v, c := range colours[i] {
			hot[v] = column[c]
		}
		out.X, out.Sparse = beside(d, hot, width)
		return &out
	})
}

// columns returns the column of each colour, by descending number of nodes and then by colour, and how many there are.
func columns(colours [][]int32, count int) (column []int32, width int) {
	nodes, order := make([]int, count), make([]int32, count)
	for _, list := range colours {
		for _, c := range list {
			nodes[c]++
		}
	}
	for c := range order {
		order[c] = int32(c)
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Or(cmp.Compare(nodes[b], nodes[a]), cmp.Compare(a, b)) })
	width = min(count, MaxColours)
	column = make([]int32, count)
	for k, c := range order {
		column[c] = int32(min(k, width-1))
	}
	return column, width
}

// beside returns the features of d with one more block of columns, in which each node has a one.
func beside[T tensor.Float](d *gnn.Data[T], hot []int32, width int) (tensor.Dense[T], *tensor.CSR[T]) {
	before := d.Features()
	if s := d.Sparse; s != nil {
		ptr := make([]int32, s.Rows+1)
		var idx []int32
		var val []T
		for v := range s.Rows {
			idx = append(append(idx, s.Idx[s.Ptr[v]:s.Ptr[v+1]]...), int32(before)+hot[v])
			val = append(append(val, s.Val[s.Ptr[v]:s.Ptr[v+1]]...), 1)
			ptr[v+1] = int32(len(idx))
		}
		m, err := tensor.NewCSR(s.Rows, before+width, ptr, idx, val)
		if err != nil {
			panic(err) // columns ascend as before, and the last is new
		}
		return tensor.Dense[T]{}, m
	}
	x := tensor.NewDense[T](len(hot), before+width)
	for v, c := range hot {
		row := x.Row(v)
		if before > 0 {
			copy(row, d.X.Row(v))
		}
		row[before+int(c)] = 1
	}
	return x, nil
}

// rowLabels returns a number for each node of the set that is equal for equal rows of dense features; nil where there are
// none, or more than MaxColours different ones.
func rowLabels[T tensor.Float](s *Set[T]) []uint64 {
	var rows [][]T
	for _, d := range s.Data {
		if d.X.Empty() {
			return nil
		}
		for v := range d.X.Rows {
			rows = append(rows, d.X.Row(v))
		}
	}
	distinct := slices.Clone(rows)
	slices.SortFunc(distinct, slices.Compare[[]T])
	distinct = slices.CompactFunc(distinct, slices.Equal[[]T])
	if len(distinct) > MaxColours {
		return nil
	}
	labels := make([]uint64, len(rows))
	for i, row := range rows {
		k, _ := slices.BinarySearchFunc(distinct, row, slices.Compare[[]T])
		labels[i] = uint64(k)
	}
	return labels
}
