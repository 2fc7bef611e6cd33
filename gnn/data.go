package gnn

import (
	"fmt"

	"symbridge/graph"
	"symbridge/symmetry"
	"symbridge/tensor"
)

// Data is what a data set hands over: a graph, or a batch of graphs, with its features and targets. The field that a row
// is in says how it moves under a relabelling: node rows move with the nodes, edge rows with the edge list, graph rows
// not at all. Absent fields are empty or nil.
type Data[T tensor.Float] struct {
	Graph *graph.Graph

	X          tensor.Dense[T] // (N,d) node features, unless Sparse
	Sparse     *tensor.CSR[T]  // (N,d) node features that are mostly zero, such as bags of words
	EdgeAttr   tensor.Dense[T] // (E,d) edge features
	EdgeWeight tensor.Dense[T] // (E,1) edge weights
	Pos        tensor.Dense[T] // (N,3) coordinates

	NodeLabel []uint64 // (N) what kind of node it is, for layers that tell kinds apart; nil: all the same
	EdgeLabel []uint64 // (E) what kind of edge it is; nil: all the same

	NodeClass   []int32         // (N) class of a node, -1 where unknown
	GraphClass  []int32         // (B) class of a graph, -1 where unknown
	NodeTarget  tensor.Dense[T] // (N,t) regression or multi-label targets of a node
	GraphTarget tensor.Dense[T] // (B,t) the same of a graph

	Train, Val, Test []int32 // nodes of the splits, for learning on one graph
}

// Features returns the number of node features, 0 where there are none.
func (d *Data[T]) Features() int {
	if d.Sparse != nil {
		return d.Sparse.Cols
	}
	return d.X.Cols
}

// Validate returns an error that names the first field whose rows do not fit the graph, or whose values cannot be.
func (d *Data[T]) Validate() error {
	if d.Graph == nil {
		return fmt.Errorf("gnn: data without a graph")
	}
	n, e, b := d.Graph.NumNodes(), d.Graph.NumEdges(), d.Graph.NumGraphs()
	for _, c := range []struct {
		field string
		m     tensor.Dense[T]
		rows  int
	}{{"X", d.X, n}, {"EdgeAttr", d.EdgeAttr, e}, {"EdgeWeight", d.EdgeWeight, e}, {"Pos", d.Pos, n},
		{"NodeTarget", d.NodeTarget, n}, {"GraphTarget", d.GraphTarget, b}} {
		if !c.m.Empty() && (c.m.Rows != c.rows || len(c.m.Data) != c.m.Rows*c.m.Cols) {
			return fmt.Errorf("gnn: %s has %d rows and %d elements, want %d rows", c.field, c.m.Rows, len(c.m.Data), c.rows)
		}
	}
	if d.Sparse != nil {
		if d.Sparse.Rows != n {
			return fmt.Errorf("gnn: Sparse has %d rows, want %d", d.Sparse.Rows, n)
		}
		if err := d.Sparse.Validate(); err != nil {
			return fmt.Errorf("gnn: Sparse: %w", err)
		}
		for k, v := range d.Sparse.Val {
			if v-v != 0 {
				return fmt.Errorf("gnn: stored value %d of Sparse, in column %d, is %v, want finite numbers", k, d.Sparse.Idx[k], v)
			}
		}
	}
	if !d.EdgeWeight.Empty() && d.EdgeWeight.Cols != 1 || !d.Pos.Empty() && d.Pos.Cols != 3 {
		return fmt.Errorf("gnn: EdgeWeight has %d columns and Pos has %d, want 1 and 3", d.EdgeWeight.Cols, d.Pos.Cols)
	}
	if d.Sparse != nil && !d.X.Empty() {
		return fmt.Errorf("gnn: both X and Sparse are set")
	}
	for _, c := range []struct {
		field string
		m     tensor.Dense[T]
	}{{"X", d.X}, {"EdgeAttr", d.EdgeAttr}, {"EdgeWeight", d.EdgeWeight}, {"Pos", d.Pos}} {
		for i, v := range c.m.Data {
			if v-v != 0 { // NaN or infinite
				return fmt.Errorf("gnn: %s[%d,%d] is %v, want finite numbers", c.field, i/c.m.Cols, i%c.m.Cols, v)
			}
		}
	}
	for _, c := range []struct {
		field   string
		classes []int32
		want    int
	}{{"NodeClass", d.NodeClass, n}, {"GraphClass", d.GraphClass, b}} {
		if c.classes != nil && len(c.classes) != c.want {
			return fmt.Errorf("gnn: %s has %d entries, want %d", c.field, len(c.classes), c.want)
		}
		for i, y := range c.classes {
			if y < -1 {
				return fmt.Errorf("gnn: %s[%d] is %d, want a class or -1", c.field, i, y)
			}
		}
	}
	for _, c := range []struct {
		field  string
		labels []uint64
		want   int
	}{{"NodeLabel", d.NodeLabel, n}, {"EdgeLabel", d.EdgeLabel, e}} {
		if c.labels != nil && len(c.labels) != c.want {
			return fmt.Errorf("gnn: %s has %d entries, want %d", c.field, len(c.labels), c.want)
		}
	}
	for _, c := range []struct {
		field string
		rows  []int32
	}{{"Train", d.Train}, {"Val", d.Val}, {"Test", d.Test}} {
		for i, v := range c.rows {
			if v < 0 || int(v) >= n {
				return fmt.Errorf("gnn: %s[%d] is node %d, nodes are 0..%d", c.field, i, v, n-1)
			}
		}
	}
	return nil
}

// Relabel returns the same data written down in another way: node v is called p[v] and edge k stands at place q[k]. All
// rows, splits and identities move along. It panics where p or q is no permutation.
func (d *Data[T]) Relabel(p, q []int32) *Data[T] {
	g, sorted := d.Graph.Relabel(p)
	back := make([]int32, len(sorted)) // the place of an edge of the relabelled graph in the final list
	for k, s := range sorted {
		back[s] = q[k]
	}
	return d.moved(g.ShuffleEdges(back), p, q)
}

// Ordered returns the data with its nodes in an order for fast gathers, edges listed by target and source, and where each node
// went: row v is row place[v]. For OrderNone it is the data itself and nil. A batch stays one, with each graph ordered within
// itself. The order is found once for a graph; it panics with graph.ErrOrder where there is no such order.
func (d *Data[T]) Ordered(o graph.Order) (ordered *Data[T], place []int32) {
	g := d.Graph.Ordered(o)
	if g == nil {
		return d, nil
	}
	return d.moved(g.Graph, g.Place, g.EdgePlace), g.Place
}

// moved returns the data with row v of a node at p[v], that of edge k at q[k], and the graph that belongs to them.
func (d *Data[T]) moved(g *graph.Graph, p, q []int32) *Data[T] {
	out := *d
	out.Graph = g
	out.X, out.Pos, out.NodeTarget = permuteRows(d.X, p), permuteRows(d.Pos, p), permuteRows(d.NodeTarget, p)
	out.EdgeAttr, out.EdgeWeight = permuteRows(d.EdgeAttr, q), permuteRows(d.EdgeWeight, q)
	if d.Sparse != nil {
		out.Sparse = d.Sparse.PermuteRows(p)
	}
	out.NodeClass = permuteList(d.NodeClass, p)
	out.NodeLabel, out.EdgeLabel = permuteList(d.NodeLabel, p), permuteList(d.EdgeLabel, q)
	out.Train, out.Val, out.Test = mapRows(d.Train, p), mapRows(d.Val, p), mapRows(d.Test, p)
	return &out
}

func permuteRows[T tensor.Float](m tensor.Dense[T], p []int32) tensor.Dense[T] {
	if m.Empty() {
		return m
	}
	return m.PermuteRows(p)
}

func permuteList[E any](list []E, p []int32) []E {
	if list == nil {
		return nil
	}
	return symmetry.Apply(p, list)
}

func mapRows(rows, p []int32) []int32 {
	if rows == nil {
		return nil
	}
	out := make([]int32, len(rows))
	for i, r := range rows {
		out[i] = p[r]
	}
	return out
}

// Batch returns the union of the given data. A field must be present in all or in none, and features stay sparse where all are;
// a layer may take sparse features by another road, so a batch keeps the representation and with it the bits. It panics with
// a tensor.ShapeError where the widths differ or a field is missing.
func Batch[T tensor.Float](ds ...*Data[T]) *Data[T] {
	gs := make([]*graph.Graph, len(ds))
	out := &Data[T]{}
	node := int32(0)
	sparse := make([]*tensor.CSR[T], 0, len(ds))
	for _, d := range ds {
		if d.Sparse != nil {
			sparse = append(sparse, d.Sparse)
		}
	}
	if len(ds) > 0 && len(sparse) == len(ds) {
		out.Sparse = tensor.StackCSR(sparse...)
	}
	for i, d := range ds {
		gs[i] = d.Graph
		if out.Sparse == nil {
			x := d.X
			if d.Sparse != nil {
				x = d.Sparse.Dense()
			}
			stack(&out.X, x, "X", i)
		}
		stack(&out.EdgeAttr, d.EdgeAttr, "EdgeAttr", i)
		stack(&out.EdgeWeight, d.EdgeWeight, "EdgeWeight", i)
		stack(&out.Pos, d.Pos, "Pos", i)
		stack(&out.NodeTarget, d.NodeTarget, "NodeTarget", i)
		stack(&out.GraphTarget, d.GraphTarget, "GraphTarget", i)
		sameField("NodeClass", i, ds[0].NodeClass != nil, d.NodeClass != nil)
		sameField("NodeLabel", i, ds[0].NodeLabel != nil, d.NodeLabel != nil)
		sameField("EdgeLabel", i, ds[0].EdgeLabel != nil, d.EdgeLabel != nil)
		out.NodeLabel, out.EdgeLabel = append(out.NodeLabel, d.NodeLabel...), append(out.EdgeLabel, d.EdgeLabel...)
		sameField("GraphClass", i, ds[0].GraphClass != nil, d.GraphClass != nil)
		out.NodeClass, out.GraphClass = append(out.NodeClass, d.NodeClass...), append(out.GraphClass, d.GraphClass...)
		out.Train, out.Val, out.Test = shift(out.Train, d.Train, node), shift(out.Val, d.Val, node), shift(out.Test, d.Test, node)
		node += int32(d.Graph.NumNodes())
	}
	out.Graph = graph.Union(gs...)
	return out
}

// sameField panics where graph i has a field that the first has not, or the other way round.
func sameField(field string, i int, first, has bool) {
	if first != has {
		panic(tensor.ShapeError{Op: "gnn.Batch", What: fmt.Sprintf("%s of graph %d, present in some graphs only,", field, i), Want: [2]int{-1, 1}})
	}
}

// stack appends the rows of m below those of out.
func stack[T tensor.Float](out *tensor.Dense[T], m tensor.Dense[T], field string, i int) {
	if i > 0 && m.Cols != out.Cols {
		panic(tensor.ShapeError{Op: "gnn.Batch", What: fmt.Sprintf("%s of graph %d", field, i), Want: [2]int{-1, out.Cols}, Got: m.Shape()})
	}
	out.Cols = m.Cols
	out.Rows += m.Rows
	out.Data = append(out.Data, m.Data...)
}

func shift(out, rows []int32, by int32) []int32 {
	for _, r := range rows {
		out = append(out, r+by)
	}
	return out
}
