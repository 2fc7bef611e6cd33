package gnn

import (
	"symbridge/autodiff"
	"symbridge/graph"
	"symbridge/tensor"
)

// GIN is the graph isomorphism network (Xu et al. 2019): y_i = nn((1 + eps) x_i + sum_j x_j) over the in-edges j -> i:
// (N,in) -> (N,out). With an injective nn it separates what 1-WL separates.
//
// The sum commutes with the first linear map of nn, so sparse features are mapped first; this is the same function with
// other rounding.
type GIN[T tensor.Float] struct {
	NN  *MLP[T]
	Eps *autodiff.Param[T] // (1,1)
}

// NewGIN returns a GIN layer around nn with eps 0, learned if asked.
func NewGIN[T tensor.Float](nn *MLP[T], learnEps bool) *GIN[T] {
	l := &GIN[T]{NN: nn, Eps: constant[T](1, 0)}
	l.Eps.Buffer = !learnEps
	return l
}

// Forward sums the node features over neighbours and applies nn.
func (l *GIN[T]) Forward(t *autodiff.Tape[T], g *graph.Graph, x Features[T]) Features[T] {
	return l.forwardThen(t, g, x, identity[T]())
}

// forwardThen is Forward and then a function.
func (l *GIN[T]) forwardThen(t *autodiff.Tape[T], g *graph.Graph, x Features[T], last Activation[T]) Features[T] {
	first := l.NN.Lins[0]
	v := node("gnn.GIN", g, x, first.Weight.Value.Cols)
	if v.Sparse != nil {
		h := l.sum(t, g, autodiff.Linear(t, v, t.Param(first.Weight), nil))
		if first.Bias != nil {
			h = autodiff.Add(t, h, t.Param(first.Bias))
		}
		x.Node = l.NN.rest(t, h, g.NodeIDs(), last)
		return x
	}
	x.Node = l.NN.applyThen(t, l.sum(t, g, v), g.NodeIDs(), last)
	return x
}

// sum returns (1 + eps) v_i + sum_j v_j.
func (l *GIN[T]) sum(t *autodiff.Tape[T], g *graph.Graph, v *autodiff.Var[T]) *autodiff.Var[T] {
	factor := autodiff.Shift(t, t.Param(l.Eps), 1)
	if !t.Recording() { // in training the gradients of v would be added up in another order
		o := autodiff.AffineOptions[T]{Weight: factor}
		o.Residual = autodiff.SegmentSum(t, g.In(), v)
		return autodiff.Affine(t, v, o)
	}
	return autodiff.Add(t, autodiff.Mul(t, v, factor), autodiff.SegmentSum(t, g.In(), v))
}

// Params yields eps and nn.*.
func (l *GIN[T]) Params(yield func(string, *autodiff.Param[T]) bool) {
	if yield("eps", l.Eps) {
		within("nn", l.NN.Params, yield)
	}
}
