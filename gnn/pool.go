package gnn

import (
	"symbridge/aggregate"
	"symbridge/autodiff"
	"symbridge/graph"
	"symbridge/tensor"
)

// Pool folds the nodes of each graph into one row: Node (N,d) -> Graph (B,Width(d)). A graph without nodes gives 0.
type Pool[T tensor.Float] struct {
	Aggregator aggregate.Aggregator[T]
}

// Apply pools any matrix of node rows.
func (p Pool[T]) Apply(t *autodiff.Tape[T], g *graph.Graph, v *autodiff.Var[T]) *autodiff.Var[T] {
	return p.Aggregator.Aggregate(t, g.Nodes(), t.Dense(v))
}

// Forward pools the node features.
func (p Pool[T]) Forward(t *autodiff.Tape[T], g *graph.Graph, x Features[T]) Features[T] {
	x.Graph = p.Apply(t, g, node("gnn.Pool", g, x, -1))
	return x
}

// Params yields the parameters of the aggregator.
func (p Pool[T]) Params(yield func(string, *autodiff.Param[T]) bool) {
	if a, ok := p.Aggregator.(aggregate.Parametric[T]); ok {
		a.Params(yield)
	}
}
