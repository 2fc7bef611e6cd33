package dataset

import (
	"slices"
	"strconv"

	"symbridge/tensor"
)

// distinct returns the different values of column j of a table, ascending.
func distinct(m table[int64], j int) []int64 {
	var out []int64
	for p := j; p < len(m.v); p += m.cols {
		out = append(out, m.v[p])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// features returns the matrix with, in each row, every label column as one-hot over its values in ascending order, and
// then the attributes. It is empty where there are neither.
func features[T tensor.Float](rows int, labels table[int64], attrs table[T], limits Limits) (tensor.Dense[T], error) {
	values := make([][]int64, labels.cols)
	width := attrs.cols
	for j := range values {
		values[j] = distinct(labels, j)
		width += len(values[j])
		if err := within(labels.file, int64(width), limits.Features, "Features"); err != nil {
			return tensor.Dense[T]{}, err
		}
	}
	if width == 0 {
		return tensor.Dense[T]{}, nil
	}
	if err := withinProduct(labels.file, rows, width, limits.Values, "Values"); err != nil {
		return tensor.Dense[T]{}, err
	}
	x := tensor.NewDense[T](rows, width)
	for i := range rows {
		row := x.Row(i)
		for j, vs := range values {
			at, _ := slices.BinarySearch(vs, labels.v[i*labels.cols+j])
			row[at] = 1
			row = row[len(vs):]
		}
		copy(row, attrs.v[i*attrs.cols:(i+1)*attrs.cols])
	}
	return x, nil
}

// classes numbers the values of a column of labels in ascending order, and names each by the value.
func classes(labels []int64) (class []int32, names []string) {
	values := distinct(table[int64]{cols: 1, v: labels}, 0)
	class = make([]int32, len(labels))
	for i, v := range labels {
		at, _ := slices.BinarySearch(values, v)
		class[i] = int32(at)
	}
	for _, v := range values {
		names = append(names, strconv.FormatInt(v, 10))
	}
	return class, names
}

// rowsOf returns rows a..b-1 of m, a view; of an empty matrix the empty one.
func rowsOf[T tensor.Float](m tensor.Dense[T], a, b int) tensor.Dense[T] {
	if m.Empty() {
		return m
	}
	return tensor.Dense[T]{Rows: b - a, Cols: m.Cols, Data: m.Data[a*m.Cols : b*m.Cols : b*m.Cols]}
}
