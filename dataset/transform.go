package dataset

import (
	"symbridge/gnn"
	"symbridge/tensor"
)

// NormalizeRows returns the data with the features of each node divided by their sum, so that they sum to 1: bags of
// words become frequencies. The sum is taken in float64 over the columns in ascending order and each element is divided
// in float64 and rounded once. A row that sums to zero stays as it is.
func NormalizeRows[T tensor.Float](d *gnn.Data[T]) *gnn.Data[T] {
	out := *d
	if s := d.Sparse; s != nil {
		val := append([]T(nil), s.Val...)
		for i := range s.Rows {
			normalize(val[s.Ptr[i]:s.Ptr[i+1]])
		}
		m := s.WithValues(val)
		out.Sparse = &m
		return &out
	}
	if d.X.Empty() {
		return &out
	}
	out.X = d.X.Clone()
	for i := range out.X.Rows {
		normalize(out.X.Row(i))
	}
	return &out
}

func normalize[T tensor.Float](row []T) {
	var sum float64
	for _, v := range row {
		sum += float64(v)
	}
	if sum == 0 {
		return
	}
	for j, v := range row {
		row[j] = T(float64(v) / sum)
	}
}

// DegreeFeatures returns the set with the in-degree of each node as its features, one-hot over 0..most; larger degrees
// share the last column. Where most is zero or negative it is the largest in-degree of the set, or 255 if that is smaller.
// Features that were there are replaced. They are sparse in a set for nodes, and dense (N,most+1) in a set for graphs,
// where batches are. (Xu et al. 2019, for sets without node labels.)
func DegreeFeatures[T tensor.Float](s *Set[T], most int) *Set[T] {
	if most <= 0 {
		for _, d := range s.Data {
			for v := range d.Graph.NumNodes() {
				most = max(most, d.Graph.InDegree(int32(v)))
			}
		}
		most = min(most, 255)
	}
	return s.Map(func(d *gnn.Data[T]) *gnn.Data[T] {
		n := d.Graph.NumNodes()
		ptr, idx, val := make([]int32, n+1), make([]int32, n), make([]T, n)
		for v := range n {
			ptr[v+1], idx[v], val[v] = int32(v)+1, int32(min(d.Graph.InDegree(int32(v)), most)), 1
		}
		out := *d
		x, err := tensor.NewCSR(n, most+1, ptr, idx, val)
		if err != nil {
			panic(err) // each row has one column, and it is in range
		}
		out.X, out.Sparse = tensor.Dense[T]{}, x
		if s.Task == GraphClassification {
			out.X, out.Sparse = x.Dense(), nil
		}
		return &out
	})
}

// ConstantFeatures returns the set with one feature a node, which is 1, in place of those that were there (N,1).
func ConstantFeatures[T tensor.Float](s *Set[T]) *Set[T] {
	return s.Map(func(d *gnn.Data[T]) *gnn.Data[T] {
		out := *d
		out.X, out.Sparse = tensor.NewDense[T](d.Graph.NumNodes(), 1), nil
		for i := range out.X.Data {
			out.X.Data[i] = 1
		}
		return &out
	})
}

// FillFeatures returns the set itself where it has node features, and with [DegreeFeatures] of its largest degree where
// it has none.
func FillFeatures[T tensor.Float](s *Set[T]) *Set[T] {
	if s.Features() > 0 {
		return s
	}
	return DegreeFeatures(s, 0)
}
