package dataset

import (
	"cmp"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strconv"

	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/tensor"
)

// planetoidVal is the number of validation nodes of the public split: those after the training nodes.
const planetoidVal = 500

// planetoidParts are the files ind.NAME.PART of a Planetoid data set.
var planetoidParts = [...]string{"x", "y", "tx", "ty", "allx", "ally", "graph", "test.index"}

// Planetoid reads the citation network called name from the files ind.name.{x,y,tx,ty,allx,ally,graph,test.index}: pickles
// of protocol 2, and a text file.
//
// Node i is row i of allx, or the row of tx whose place in test.index holds i; a node in neither has no features and class
// -1 (Citeseer has 15). Features are sparse (X is empty). The graph is undirected and simple: repeats and self loops in the
// lists of neighbours are dropped. Train, Val and Test are the public split: the rows of x, the 500 after them, and
// test.index in ascending order. (Yang, Cohen and Salakhutdinov 2016, Planetoid; Kipf and Welling 2017.)
func Planetoid[T tensor.Float](fsys fs.FS, name string, limits Limits) (*Set[T], error) {
	r := planetoidReader{fsys: fsys, name: name, limits: limits.filled()}
	if err := r.readRows(); err != nil {
		return nil, err
	}
	if err := r.readTest(); err != nil {
		return nil, err
	}
	pairs, err := r.readPairs()
	if err != nil {
		return nil, err
	}
	x, err := planetoidFeatures[T](&r)
	if err != nil {
		return nil, err
	}
	g, err := graph.NewUndirected(r.nodes, pairs)
	if err != nil {
		return nil, fmt.Errorf("dataset: %s: %w", r.file("graph"), err)
	}
	d := &gnn.Data[T]{Graph: new(numbering).assign(g), Sparse: x, NodeClass: r.classes()}
	for v := range r.train + min(planetoidVal, len(r.ally)-r.train) {
		if v < r.train {
			d.Train = append(d.Train, int32(v))
		} else {
			d.Val = append(d.Val, int32(v))
		}
	}
	d.Test = slices.Sorted(slices.Values(r.test))
	s := &Set[T]{Name: name, Task: NodeClassification, Data: []*gnn.Data[T]{d}, Classes: r.numClasses}
	for c := range s.Classes {
		s.ClassNames = append(s.ClassNames, strconv.Itoa(c))
	}
	return s, nil
}

type planetoidReader struct {
	fsys       fs.FS
	name       string
	limits     Limits
	allx, tx   *sparse
	ally, ty   []int32
	numClasses int
	train      int     // training nodes
	test       []int32 // the node of each row of tx
	nodes      int
}

func (r *planetoidReader) file(part string) string { return "ind." + r.name + "." + part }

// pickle reads one of the pickles.
func (r *planetoidReader) pickle(part string) (any, error) {
	b, file, err := readFile(r.fsys, r.file(part), r.limits)
	if err != nil {
		return nil, err
	}
	return unpickle(file, b, 1024+4*int64(r.limits.Nodes)+int64(r.limits.Edges))
}

// sparse reads a feature matrix.
func (r *planetoidReader) sparse(part string) (*sparse, error) {
	v, err := r.pickle(part)
	if err != nil {
		return nil, err
	}
	m, ok := v.(*sparse)
	if !ok || m.ptr == nil {
		return nil, fmt.Errorf("dataset: %s holds %s, want a scipy.sparse.csr_matrix: %w", r.file(part), kind(v), ErrFormat)
	}
	if err := within(r.file(part), int64(m.shape[0]), r.limits.Nodes, "Nodes"); err != nil {
		return nil, err
	}
	if err := within(r.file(part), int64(m.shape[1]), r.limits.Features, "Features"); err != nil {
		return nil, err
	}
	return m, within(r.file(part), int64(m.data.len()), r.limits.Values, "Values")
}

// labels reads a one-hot matrix and returns the class of each row, -1 for a row of zeros, and the number of classes.
func (r *planetoidReader) labels(part string) ([]int32, int, error) {
	v, err := r.pickle(part)
	if err != nil {
		return nil, 0, err
	}
	file := r.file(part)
	a, ok := v.(*array)
	if !ok || len(a.shape) != 2 || a.shape[1] == 0 {
		return nil, 0, fmt.Errorf("dataset: %s holds %s, want a numpy array of a row a node and a column a class: %w",
			file, kind(v), ErrFormat)
	}
	if err := within(file, int64(a.shape[0]), r.limits.Nodes, "Nodes"); err != nil {
		return nil, 0, err
	}
	if err := within(file, int64(a.shape[1]), r.limits.Features, "Features"); err != nil {
		return nil, 0, err
	}
	classes := make([]int32, a.shape[0])
	for i := range classes {
		classes[i] = -1
		for j := range a.shape[1] {
			switch v := a.float(i*a.shape[1] + j); {
			case v == 1 && classes[i] < 0:
				classes[i] = int32(j)
			case v != 0:
				return nil, 0, fmt.Errorf("dataset: %s: row %d, column %d is %v, want at most one 1 a row and else 0: %w",
					file, i, j, v, ErrFormat)
			}
		}
	}
	return classes, a.shape[1], nil
}

// readRows reads features and labels and checks that they fit each other.
func (r *planetoidReader) readRows() error {
	var m [3]*sparse
	var y [3][]int32
	var err error
	for i, part := range [...]string{"x", "tx", "allx"} {
		if m[i], err = r.sparse(part); err != nil {
			return err
		}
	}
	r.tx, r.allx = m[1], m[2]
	for i, part := range [...]string{"y", "ty", "ally"} {
		var c int
		if y[i], c, err = r.labels(part); err != nil {
			return err
		}
		if i == 0 {
			r.numClasses = c
		}
		if len(y[i]) != m[i].shape[0] || c != r.numClasses || m[i].shape[1] != r.allx.shape[1] {
			return fmt.Errorf("dataset: %s is (%d,%d) for features %v, want a row for each row, %d classes, %d features: %w",
				r.file(part), len(y[i]), c, m[i].shape, r.numClasses, r.allx.shape[1], ErrFormat)
		}
	}
	r.train, r.ty, r.ally = len(y[0]), y[1], y[2]
	if r.train > len(r.ally) || !slices.Equal(y[0], r.ally[:r.train]) {
		return fmt.Errorf("dataset: the labels of %s are not the first rows of %s: %w", r.file("y"), r.file("ally"), ErrFormat)
	}
	r.nodes = len(r.ally)
	return nil
}

// readTest reads the node of each row of tx.
func (r *planetoidReader) readTest() error {
	t, err := openText(r.fsys, r.file("test.index"), ' ', r.limits)
	if err != nil {
		return err
	}
	seen := map[int64]bool{}
	for t.next() {
		v, err := t.integer("node", int64(len(r.ally)), int64(r.limits.Nodes)-1)
		if err != nil {
			return err
		}
		if seen[v] {
			return t.fail("node", "node %d is here twice", v)
		}
		if err := t.end(); err != nil {
			return err
		}
		if len(r.test) == len(r.ty) {
			return t.failLine("more lines than the %d rows of %s", len(r.ty), r.file("tx"))
		}
		seen[v] = true
		r.test = append(r.test, int32(v))
		r.nodes = max(r.nodes, int(v)+1)
	}
	if len(r.test) < len(r.ty) {
		return t.failLine("the file ends after %d lines, %s has %d rows", len(r.test), r.file("tx"), len(r.ty))
	}
	return nil
}

// readPairs reads the graph and returns its undirected edges, each once, smaller node first, ascending.
func (r *planetoidReader) readPairs() ([][2]int32, error) {
	v, err := r.pickle("graph")
	if err != nil {
		return nil, err
	}
	file := r.file("graph")
	d, ok := v.(*dict)
	if !ok {
		return nil, fmt.Errorf("dataset: %s holds %s, want a dictionary of lists: %w", file, kind(v), ErrFormat)
	}
	node := func(v any, what func() string) (int32, error) {
		n, ok := v.(int64)
		if !ok || n < 0 || n >= int64(r.limits.Nodes) {
			return 0, fmt.Errorf("dataset: %s: %s is %s, want a node in 0..%d: %w",
				file, what(), kind(v), r.limits.Nodes-1, ErrFormat)
		}
		r.nodes = max(r.nodes, int(n)+1)
		return int32(n), nil
	}
	var pairs [][2]int32
	seen := make(map[int32]bool, len(d.keys))
	for i, k := range d.keys {
		u, err := node(k, func() string { return fmt.Sprintf("key %d", i) })
		if err != nil {
			return nil, err
		}
		l, ok := d.values[i].(*list)
		if !ok || seen[u] {
			return nil, fmt.Errorf("dataset: %s: node %d has %s, want one list of neighbours: %w",
				file, u, kind(d.values[i]), ErrFormat)
		}
		seen[u] = true
		// A list may be shared by many nodes, so the length of the file does not bound the number of edges.
		if err := within(file, int64(len(pairs))+int64(len(l.items)), r.limits.Edges, "Edges"); err != nil {
			return nil, err
		}
		for j, w := range l.items {
			v, err := node(w, func() string { return fmt.Sprintf("neighbour %d of node %d", j, u) })
			if err != nil {
				return nil, err
			}
			if u != v {
				pairs = append(pairs, [2]int32{min(u, v), max(u, v)})
			}
		}
	}
	if rows := len(r.ally) + len(r.test) + len(d.keys); r.nodes > rows {
		return nil, fmt.Errorf("dataset: %s: node %d is named, and all files together describe %d nodes: %w",
			file, r.nodes-1, rows, ErrFormat)
	}
	slices.SortFunc(pairs, comparePairs)
	return slices.Compact(pairs), nil
}

// classes returns the class of each node.
func (r *planetoidReader) classes() []int32 {
	y := make([]int32, r.nodes)
	for v := range y {
		y[v] = -1
	}
	copy(y, r.ally)
	for i, v := range r.test {
		y[v] = r.ty[i]
	}
	return y
}

// planetoidFeatures returns the features of all nodes (N,d), columns in order, repeats of a column added up, zeros dropped.
func planetoidFeatures[T tensor.Float](r *planetoidReader) (*tensor.CSR[T], error) {
	type entry struct {
		column int32
		value  float64
	}
	rowOf := make([]int32, r.nodes) // the row of tx of a node, plus one
	for i, v := range r.test {
		rowOf[v] = int32(i) + 1
	}
	ptr := make([]int32, 1, r.nodes+1)
	var idx []int32
	var val []T
	var row []entry
	for v := range r.nodes {
		var columns []int32
		var values []float64
		var err error
		file := r.file("allx")
		if v < len(r.ally) {
			columns, values, err = r.allx.row(file, v)
		} else if i := rowOf[v]; i > 0 {
			file = r.file("tx")
			columns, values, err = r.tx.row(file, int(i-1))
		}
		if err != nil {
			return nil, err
		}
		row = row[:0]
		for p, j := range columns {
			row = append(row, entry{j, values[p]})
		}
		slices.SortStableFunc(row, func(a, b entry) int { return cmp.Compare(a.column, b.column) })
		for p := 0; p < len(row); {
			j, sum := row[p].column, row[p].value
			for p++; p < len(row) && row[p].column == j; p++ {
				sum += row[p].value
			}
			if math.IsInf(float64(T(sum)), 0) {
				return nil, fmt.Errorf("dataset: %s: node %d, column %d: %v does not fit in the element type: %w",
					file, v, j, sum, ErrFormat)
			}
			if sum != 0 {
				idx, val = append(idx, j), append(val, T(sum))
			}
		}
		ptr = append(ptr, int32(len(idx)))
	}
	return tensor.NewCSR(r.nodes, r.allx.shape[1], ptr, idx, val)
}
