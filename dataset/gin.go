package dataset

import (
	"fmt"
	"io/fs"
	"math"
	"slices"

	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/tensor"
)

// GIN reads name.txt (or name.txt.gz) in the text format of the GIN and DGCNN papers. Its first line is the number of
// graphs. A graph is a line with its number of nodes and its label, and then a line for each node: its tag, its number of
// neighbours, the neighbours counted from 0, and attributes.
//
// X (N,d) holds the tags as one-hot over their values in ascending order, then the attributes; it is empty where all tags
// are equal and there are no attributes ([FillFeatures] supplies some). Graphs are undirected and simple but for self
// loops: an edge is there once, whoever of its two nodes lists it and however often. Classes are the graph labels in
// ascending order. (Xu et al. 2019, How Powerful are Graph Neural Networks?)
func GIN[T tensor.Float](fsys fs.FS, name string, limits Limits) (*Set[T], error) {
	limits = limits.filled()
	t, err := openText(fsys, name+".txt", ' ', limits)
	if err != nil {
		return nil, err
	}
	r := ginReader[T]{text: t, limits: limits}
	if err := r.read(); err != nil {
		return nil, err
	}
	tags := table[int64]{file: t.file, cols: 1, v: r.tags}
	if r.attrs.cols == 0 && (len(r.tags) == 0 || slices.Min(r.tags) == slices.Max(r.tags)) {
		tags = table[int64]{}
	}
	x, err := features(len(r.tags), tags, r.attrs, limits)
	if err != nil {
		return nil, err
	}
	class, names := classes(r.labels)
	s := &Set[T]{Name: name, Task: GraphClassification, Classes: len(names), ClassNames: names, nodeLabels: combined(tags)}
	var ids numbering
	row := 0
	for b, g := range r.graphs {
		s.Data = append(s.Data, &gnn.Data[T]{
			Graph:      ids.assign(g),
			X:          rowsOf(x, row, row+g.NumNodes()),
			GraphClass: class[b : b+1 : b+1],
		})
		row += g.NumNodes()
	}
	return s, nil
}

// ginReader holds what was read so far.
type ginReader[T tensor.Float] struct {
	*text
	limits Limits
	graphs []*graph.Graph
	labels []int64 // (B)
	tags   []int64 // (N)
	attrs  table[T]
	arcs   int64
	pairs  [][2]int32 // of the graph that is read
}

func (r *ginReader[T]) read() error {
	if !r.next() {
		return fmt.Errorf("dataset: %s is empty, want the number of graphs on line 1: %w", r.file, ErrFormat)
	}
	n, err := r.integer("number of graphs", 1, math.MaxInt32)
	if err != nil {
		return err
	}
	if err := r.end(); err != nil {
		return err
	}
	if err := within(r.file, n, r.limits.Graphs, "Graphs"); err != nil {
		return err
	}
	for b := range int(n) {
		if err := r.readGraph(b, int(n)); err != nil {
			return err
		}
	}
	if r.next() {
		return r.failLine("a line after the last of the %d graphs", n)
	}
	return nil
}

func (r *ginReader[T]) readGraph(b, of int) error {
	if !r.next() {
		return r.failLine("the file ends before graph %d of 0..%d", b, of-1)
	}
	n, err := r.integer("number of nodes", 0, math.MaxInt32)
	if err != nil {
		return err
	}
	if err := within(r.file, int64(len(r.tags))+n, r.limits.Nodes, "Nodes"); err != nil {
		return err
	}
	label, err := r.integer("graph label", math.MinInt64, math.MaxInt64)
	if err != nil {
		return err
	}
	if err := r.end(); err != nil {
		return err
	}
	r.pairs = r.pairs[:0]
	for v := range n {
		if !r.next() {
			return r.failLine("the file ends in graph %d, before node %d of 0..%d", b, v, n-1)
		}
		if err := r.readNode(v, n); err != nil {
			return err
		}
	}
	slices.SortFunc(r.pairs, comparePairs)
	g, err := graph.NewUndirected(int(n), slices.Compact(r.pairs))
	if err != nil {
		return fmt.Errorf("dataset: %s: graph %d: %w", r.file, b, err)
	}
	r.graphs, r.labels = append(r.graphs, g), append(r.labels, label)
	return nil
}

// readNode reads the line of node v of 0..n-1.
func (r *ginReader[T]) readNode(v, n int64) error {
	tag, err := r.integer("tag", math.MinInt64, math.MaxInt64)
	if err != nil {
		return err
	}
	m, err := r.integer("number of neighbours", 0, math.MaxInt32)
	if err != nil {
		return err
	}
	if err := within(r.file, r.arcs+m, r.limits.Edges, "Edges"); err != nil {
		return err
	}
	r.arcs += m
	for range m {
		u, err := r.integer("neighbour", 0, n-1)
		if err != nil {
			return err
		}
		r.pairs = append(r.pairs, [2]int32{int32(min(u, v)), int32(max(u, v))})
	}
	width := 0
	for ; r.more(); width++ {
		if err := within(r.file, int64(width)+1, r.limits.Features, "Features"); err != nil {
			return err
		}
		if err := within(r.file, int64(len(r.attrs.v))+1, r.limits.Values, "Values"); err != nil {
			return err
		}
		a, err := number[T](r.text, "attribute")
		if err != nil {
			return err
		}
		r.attrs.v = append(r.attrs.v, a)
	}
	if len(r.tags) == 0 {
		r.attrs.cols = width
	}
	if width != r.attrs.cols {
		return r.fail("attribute", "the node has %d attributes, the first node of the file %d", width, r.attrs.cols)
	}
	r.tags = append(r.tags, tag)
	return nil
}

// comparePairs orders pairs by their first, then their second node.
func comparePairs(a, b [2]int32) int {
	if d := int(a[0]) - int(b[0]); d != 0 {
		return d
	}
	return int(a[1]) - int(b[1])
}
