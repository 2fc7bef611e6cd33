package dataset

import (
	"fmt"
	"io/fs"

	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/tensor"
)

// TU reads the data set called name in the text format of the TU collection: name_A.txt, name_graph_indicator.txt and
// name_graph_labels.txt, and where they are there name_node_labels.txt, name_node_attributes.txt, name_edge_labels.txt and
// name_edge_attributes.txt, each plain or with .gz.
//
// X (N,d) holds each column of node labels as one-hot over its values in ascending order, then the attributes; it is empty
// where a set has neither ([FillFeatures] supplies some). EdgeAttr (E,d) holds the edges' likewise. Classes are the graph
// labels in ascending order. A line of name_A.txt is an edge, repeats and self loops included, and a graph whose lines come
// in both directions is declared undirected. (Morris et al. 2020, TUDataset.)
func TU[T tensor.Float](fsys fs.FS, name string, limits Limits) (*Set[T], error) {
	r := tuReader{fsys: fsys, name: name, limits: limits.filled()}
	if err := r.readIndicator(); err != nil {
		return nil, err
	}
	class, names, err := r.readClasses()
	if err != nil {
		return nil, err
	}
	if err := r.readEdges(); err != nil {
		return nil, err
	}
	x, nodeLabels, err := tuFeatures[T](&r, "node", len(r.graphOf), "nodes")
	if err != nil {
		return nil, err
	}
	attr, edgeLabels, err := tuFeatures[T](&r, "edge", len(r.edges), "edges")
	if err != nil {
		return nil, err
	}
	s, err := assembleTU(&r, x, attr, class, names)
	if err != nil {
		return nil, err
	}
	s.nodeLabels = nodeLabels
	if _, order := r.byGraph(); edgeLabels != nil {
		s.edgeLabels = make([]uint64, len(order))
		for id, k := range order {
			s.edgeLabels[id] = edgeLabels[k]
		}
	}
	return s, nil
}

// tuReader holds what is known of the graphs. The nodes of a graph stand together; its edges may stand anywhere.
type tuReader struct {
	fsys    fs.FS
	name    string
	limits  Limits
	start   []int32    // (B+1) first node of each graph
	graphOf []int32    // (N)
	edges   [][2]int32 // (E) over the nodes of all graphs, in file order
}

func (r *tuReader) open(part string) (*text, error) {
	return openText(r.fsys, r.name+"_"+part+".txt", ',', r.limits)
}

// readIndicator reads the graph of each node.
func (r *tuReader) readIndicator() error {
	t, err := r.open("graph_indicator")
	if err != nil {
		return err
	}
	if err := within(t.file, int64(t.ahead()), r.limits.Nodes, "Nodes"); err != nil {
		return err
	}
	r.graphOf = make([]int32, 0, t.ahead())
	for t.next() {
		v, err := t.integer("graph", 1, int64(r.limits.Graphs))
		if err != nil {
			return err
		}
		switch last := int64(len(r.start)); {
		case v == last+1:
			r.start = append(r.start, int32(len(r.graphOf)))
		case v < last:
			return t.fail("graph", "graph %d after graph %d, want ascending numbers", v, last)
		case v > last:
			return t.fail("graph", "graph %d after graph %d, want graphs numbered from 1 without gaps", v, last)
		}
		r.graphOf = append(r.graphOf, int32(v-1))
		if err := t.end(); err != nil {
			return err
		}
	}
	if len(r.start) == 0 {
		return fmt.Errorf("dataset: %s has no lines, want the graph of each node: %w", t.file, ErrFormat)
	}
	r.start = append(r.start, int32(len(r.graphOf)))
	return nil
}

// readClasses reads the label of each graph.
func (r *tuReader) readClasses() ([]int32, []string, error) {
	t, err := r.open("graph_labels")
	if err != nil {
		return nil, nil, err
	}
	labels, err := readLabels(t, len(r.start)-1, "graphs", r.limits)
	if err != nil {
		return nil, nil, err
	}
	if labels.cols != 1 {
		return nil, nil, fmt.Errorf("dataset: %s:1: %d fields, want the one label of a graph: %w", t.file, labels.cols, ErrFormat)
	}
	class, names := classes(labels.v)
	return class, names, nil
}

// readEdges reads the edge list.
func (r *tuReader) readEdges() error {
	t, err := r.open("A")
	if err != nil {
		return err
	}
	if err := within(t.file, int64(t.ahead()), r.limits.Edges, "Edges"); err != nil {
		return err
	}
	r.edges = make([][2]int32, 0, t.ahead())
	for t.next() {
		var e [2]int32
		for i, what := range [...]string{"source", "target"} {
			v, err := t.integer(what, 1, int64(len(r.graphOf)))
			if err != nil {
				return err
			}
			e[i] = int32(v - 1)
		}
		if a, b := r.graphOf[e[0]], r.graphOf[e[1]]; a != b {
			return t.fail("target", "node %d is in graph %d, and the source %d in graph %d", e[1]+1, b+1, e[0]+1, a+1)
		}
		if err := t.end(); err != nil {
			return err
		}
		r.edges = append(r.edges, e)
	}
	return nil
}

// tuFeatures reads the labels and the attributes of nodes or edges: features of both, and the labels.
func tuFeatures[T tensor.Float](r *tuReader, of string, rows int, perRow string) (x tensor.Dense[T], numbers []uint64, err error) {
	t, err := openOptional(r.fsys, r.name+"_"+of+"_labels.txt", ',', r.limits)
	if err != nil {
		return x, nil, err
	}
	labels, err := readLabels(t, rows, perRow, r.limits)
	if err != nil {
		return x, nil, err
	}
	if t, err = openOptional(r.fsys, r.name+"_"+of+"_attributes.txt", ',', r.limits); err != nil {
		return x, nil, err
	}
	attrs, err := readAttributes[T](t, rows, perRow, r.limits)
	if err != nil {
		return x, nil, err
	}
	x, err = features(rows, labels, attrs, r.limits)
	return x, combined(labels), err
}

// assembleTU cuts the set into its graphs.
func assembleTU[T tensor.Float](r *tuReader, x, attr tensor.Dense[T], class []int32, names []string) (*Set[T], error) {
	s := &Set[T]{Name: r.name, Task: GraphClassification, Classes: len(names), ClassNames: names}
	first, order := r.byGraph()
	if !attr.Empty() {
		attr = attr.TakeRows(order)
	}
	var ids numbering
	var local [][2]int32
	for b, y := range class {
		lo, hi := r.start[b], r.start[b+1]
		local = local[:0]
		for _, k := range order[first[b]:first[b+1]] {
			local = append(local, [2]int32{r.edges[k][0] - lo, r.edges[k][1] - lo})
		}
		g, err := graph.New(int(hi-lo), local)
		if err != nil {
			return nil, fmt.Errorf("dataset: %s: graph %d: %w", r.name, b+1, err)
		}
		if u, err := g.AsUndirected(); err == nil {
			g = u
		}
		s.Data = append(s.Data, &gnn.Data[T]{
			Graph:      ids.assign(g),
			X:          rowsOf(x, int(lo), int(hi)),
			EdgeAttr:   rowsOf(attr, int(first[b]), int(first[b+1])),
			GraphClass: []int32{y},
		})
	}
	return s, nil
}

// byGraph lists the edges graph by graph, each graph's in file order: those of graph b are order[first[b]:first[b+1]].
func (r *tuReader) byGraph() (first, order []int32) {
	first, order = make([]int32, len(r.start)), make([]int32, len(r.edges))
	for _, e := range r.edges {
		first[r.graphOf[e[0]]+1]++
	}
	for b := range len(first) - 1 {
		first[b+1] += first[b]
	}
	next := append([]int32(nil), first...)
	for k, e := range r.edges {
		b := r.graphOf[e[0]]
		order[next[b]] = int32(k)
		next[b]++
	}
	return first, order
}
