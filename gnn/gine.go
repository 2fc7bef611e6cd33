package gnn

import (
	"math/rand/v2"

	"symbridge/autodiff"
	"symbridge/graph"
	"symbridge/tensor"
)

// GINE is GIN with edge features (Hu et al. 2020): y_i = nn((1 + eps) x_i + sum_j ReLU(x_j + r_ji)) over the in-edges j -> i, where r
// are the edge features, or W_e e + b_e of them: (N,in), (E,in or edge) -> (N,out). No matrix of messages is made.
type GINE[T tensor.Float] struct {
	NN  *MLP[T]
	Eps *autodiff.Param[T] // (1,1)
	Lin *Linear[T]         // (in, edge), or nil
}

// GINEOptions are the variants of GINE; with the zero value eps is 0 and edge features have the width of node features.
type GINEOptions struct {
	LearnEps bool `json:"learn_eps,omitempty"`
	EdgeDim  int  `json:"edge_dim,omitempty"` // width of edge features that are mapped first; 0: they are added as they are
}

// NewGINE returns a GINE layer around nn with eps 0, learned if asked.
func NewGINE[T tensor.Float](rng *rand.Rand, nn *MLP[T], o GINEOptions) *GINE[T] {
	l := &GINE[T]{NN: nn, Eps: constant[T](1, 0)}
	l.Eps.Buffer = !o.LearnEps
	if o.EdgeDim > 0 {
		l.Lin = NewLinear[T](rng, o.EdgeDim, nn.Lins[0].Weight.Value.Cols, true)
	}
	return l
}

// Forward sums the messages of neighbours and applies nn.
func (l *GINE[T]) Forward(t *autodiff.Tape[T], g *graph.Graph, x Features[T]) Features[T] {
	return l.forwardThen(t, g, x, identity[T]())
}

// forwardThen is Forward and then a function.
func (l *GINE[T]) forwardThen(t *autodiff.Tape[T], g *graph.Graph, x Features[T], last Activation[T]) Features[T] {
	in := l.NN.Lins[0].Weight.Value.Cols
	v, width := t.Dense(node("gnn.GINE", g, x, in)), in
	if l.Lin != nil {
		width = l.Lin.Weight.Value.Cols
	}
	e := edgeRows("gnn.GINE", g, x, width)
	if l.Lin != nil {
		e = l.Lin.Apply(t, e)
	}
	own := autodiff.Mul(t, v, autodiff.Shift(t, t.Param(l.Eps), 1))
	x.Node = l.NN.applyThen(t, autodiff.Add(t, own, autodiff.MessageSum(t, g.In(), v, e, true)), g.NodeIDs(), last)
	return x
}

// Params yields eps, nn.* and lin.*.
func (l *GINE[T]) Params(yield func(string, *autodiff.Param[T]) bool) {
	if yield("eps", l.Eps) && within("nn", l.NN.Params, yield) && l.Lin != nil {
		within("lin", l.Lin.Params, yield)
	}
}
