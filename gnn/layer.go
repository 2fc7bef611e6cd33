package gnn

import (
	"symbridge/autodiff"
	"symbridge/graph"
	"symbridge/tensor"
)

// Features are the rows that flow through layers. The field that a row is in says how it moves under a relabelling. Fields
// that a layer does not touch pass through it; absent ones are nil.
type Features[T tensor.Float] struct {
	Node   *autodiff.Var[T] // (N,d)
	Edge   *autodiff.Var[T] // (E,d)
	Weight *autodiff.Var[T] // (E,1) edge weights, nil: all 1
	Graph  *autodiff.Var[T] // (B,d)
	Pos    *autodiff.Var[T] // (N,3)

	NodeLabel []uint64 // (N) what kind of node it is, nil: all the same
	EdgeLabel []uint64 // (E) what kind of edge it is, nil: all the same
}

// Layer is one step of a model. Forward panics with a tensor.ShapeError where the features do not fit; it keeps no state, so
// that many goroutines may use one layer, each with its own tape.
type Layer[T tensor.Float] interface {
	Forward(t *autodiff.Tape[T], g *graph.Graph, x Features[T]) Features[T]
	// Params yields the parameters and buffers by name, in a fixed order.
	Params(yield func(name string, p *autodiff.Param[T]) bool)
}

// On returns the features of d as constants on the tape.
func (d *Data[T]) On(t *autodiff.Tape[T]) Features[T] {
	x := Features[T]{NodeLabel: d.NodeLabel, EdgeLabel: d.EdgeLabel}
	switch {
	case d.Sparse != nil:
		x.Node = t.Sparse(d.Sparse)
	case !d.X.Empty():
		x.Node = t.Const(d.X)
	}
	if !d.EdgeAttr.Empty() {
		x.Edge = t.Const(d.EdgeAttr)
	}
	if !d.EdgeWeight.Empty() {
		x.Weight = t.Const(d.EdgeWeight)
	}
	if !d.Pos.Empty() {
		x.Pos = t.Const(d.Pos)
	}
	return x
}

// Named is a layer with the name that prefixes its parameters, or no name for a layer without parameters.
type Named[T tensor.Float] struct {
	Name  string
	Layer Layer[T]
}

// Stack applies layers one after the other.
type Stack[T tensor.Float] []Named[T]

// Forward applies the layers in order.
func (s Stack[T]) Forward(t *autodiff.Tape[T], g *graph.Graph, x Features[T]) Features[T] {
	for _, l := range s {
		x = l.Layer.Forward(t, g, x)
	}
	return x
}

// Params yields the parameters of the layers, prefixed by their names.
func (s Stack[T]) Params(yield func(name string, p *autodiff.Param[T]) bool) {
	for _, l := range s {
		if !within(l.Name, l.Layer.Params, yield) {
			return
		}
	}
}

// within yields params with a prefix, and reports whether to go on.
func within[T tensor.Float](prefix string, params func(func(string, *autodiff.Param[T]) bool), yield func(string, *autodiff.Param[T]) bool) bool {
	more := true
	params(func(name string, p *autodiff.Param[T]) bool {
		if prefix != "" {
			name = prefix + "." + name
		}
		more = yield(name, p)
		return more
	})
	return more
}

// node returns the node features of x, and panics where there are none of the given width.
func node[T tensor.Float](op string, g *graph.Graph, x Features[T], width int) *autodiff.Var[T] {
	if x.Node == nil {
		panic(tensor.ShapeError{Op: op, What: "node features", Want: [2]int{g.NumNodes(), width}})
	}
	if x.Node.Rows() != g.NumNodes() || width >= 0 && x.Node.Cols() != width {
		panic(tensor.ShapeError{Op: op, What: "node features", Want: [2]int{g.NumNodes(), width}, Got: x.Node.Value.Shape()})
	}
	return x.Node
}

// edgeRows returns the edge features of x, and panics where there are none of the given width.
func edgeRows[T tensor.Float](op string, g *graph.Graph, x Features[T], width int) *autodiff.Var[T] {
	if x.Edge == nil {
		panic(tensor.ShapeError{Op: op, What: "edge features", Want: [2]int{g.NumEdges(), width}})
	}
	x.Edge.Value.Check(op, "edge features", g.NumEdges(), width)
	return x.Edge
}

// CountParams returns the number of trained entries of a layer.
func CountParams[T tensor.Float](l Layer[T]) int {
	n := 0
	for _, p := range l.Params {
		if !p.Buffer {
			n += len(p.Value.Data)
		}
	}
	return n
}
