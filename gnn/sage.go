package gnn

import (
	"math/rand/v2"

	"symbridge/aggregate"
	"symbridge/autodiff"
	"symbridge/graph"
	"symbridge/tensor"
)

// SAGE is GraphSAGE (Hamilton, Ying, Leskovec 2017): y_i = W_l aggr_j(x_j) + b + W_r x_i over the in-edges j -> i, no loops
// added: (N,in) -> (N,out).
//
// A sum or mean commutes with W_l, so where in > out (and for sparse features) the rows are mapped first; this is the same
// function with other rounding.
type SAGE[T tensor.Float] struct {
	Aggregator aggregate.Aggregator[T]
	Lin        *Linear[T] // projection before aggregation, nil unless Project
	LinL, LinR *Linear[T] // LinR is nil with NoRoot
	SAGEOptions
}

// SAGEOptions are the variants of SAGE; the zero value is mean aggregation with a root weight.
type SAGEOptions struct {
	Aggr      string `json:"aggr,omitempty"`      // see aggregate.Parse; empty is mean
	Normalize bool   `json:"normalize,omitempty"` // divide the rows of the result by their Euclidean norm
	Project   bool   `json:"project,omitempty"`   // x_j <- ReLU(lin x_j) first
	NoRoot    bool   `json:"no_root,omitempty"`
	NoBias    bool   `json:"no_bias,omitempty"`
}

// NewSAGE returns a SAGE layer, or an error for an unknown aggregator.
func NewSAGE[T tensor.Float](rng *rand.Rand, in, out int, o SAGEOptions) (*SAGE[T], error) {
	if o.Aggr == "" {
		o.Aggr = "mean"
	}
	a, err := aggregate.Parse[T](o.Aggr)
	if err != nil {
		return nil, err
	}
	l := &SAGE[T]{Aggregator: a, SAGEOptions: o}
	if o.Project {
		l.Lin = NewLinear[T](rng, in, in, true)
	}
	l.LinL = NewLinear[T](rng, a.Width(in), out, !o.NoBias)
	if !o.NoRoot {
		l.LinR = NewLinear[T](rng, in, out, false)
	}
	return l, nil
}

// Forward aggregates the node features.
func (l *SAGE[T]) Forward(t *autodiff.Tape[T], g *graph.Graph, x Features[T]) Features[T] {
	return l.forwardThen(t, g, x, identity[T]())
}

// forwardThen is Forward and then a function.
func (l *SAGE[T]) forwardThen(t *autodiff.Tape[T], g *graph.Graph, x Features[T], last Activation[T]) Features[T] {
	in := -1
	if l.LinR != nil {
		in = l.LinR.Weight.Value.Cols
	}
	v := node("gnn.SAGE", g, x, in)
	nbr := v
	if l.Lin != nil {
		nbr = l.Lin.applyThen(t, v, nil, Activation[T]{})
	}
	var y *autodiff.Var[T]
	if l.linear() && (nbr.Sparse != nil || nbr.Cols() > l.LinL.Weight.Value.Rows) {
		y = l.Aggregator.Aggregate(t, g.In(), autodiff.Linear(t, nbr, t.Param(l.LinL.Weight), nil))
		if l.LinL.Bias != nil {
			y = autodiff.Add(t, y, t.Param(l.LinL.Bias))
		}
	} else {
		y = l.LinL.Apply(t, l.Aggregator.Aggregate(t, g.In(), t.Dense(nbr)))
	}
	end := last
	if l.Normalize {
		end = identity[T]()
	}
	if l.LinR != nil {
		y = l.LinR.applyThen(t, v, y, end)
	} else {
		y = end.Apply(t, y)
	}
	if l.Normalize {
		y = last.Apply(t, autodiff.Normalize(t, y, 1e-12))
	}
	x.Node = y
	return x
}

// linear reports whether the aggregator commutes with a linear map.
func (l *SAGE[T]) linear() bool {
	switch l.Aggregator.(type) {
	case aggregate.Sum[T], aggregate.Mean[T]:
		return true
	}
	return false
}

// Params yields the aggregator's parameters, lin.* (with Project), lin_l.* and lin_r.weight.
func (l *SAGE[T]) Params(yield func(string, *autodiff.Param[T]) bool) {
	if a, ok := l.Aggregator.(aggregate.Parametric[T]); ok && !within("aggr_module", a.Params, yield) {
		return
	}
	if l.Lin != nil && !within("lin", l.Lin.Params, yield) {
		return
	}
	if within("lin_l", l.LinL.Params, yield) && l.LinR != nil {
		within("lin_r", l.LinR.Params, yield)
	}
}
