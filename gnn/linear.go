package gnn

import (
	"math"
	"math/rand/v2"

	"symbridge/autodiff"
	"symbridge/graph"
	"symbridge/tensor"
)

// Linear is y = x W^T + b on node rows: (N,in) -> (N,out). W is (out,in); b may be nil.
type Linear[T tensor.Float] struct {
	Weight, Bias *autodiff.Param[T]
}

// NewLinear returns a linear layer with entries drawn uniformly from [-1/sqrt(in), 1/sqrt(in)), as torch does.
func NewLinear[T tensor.Float](rng *rand.Rand, in, out int, bias bool) *Linear[T] {
	a := 1 / math.Sqrt(float64(max(1, in)))
	l := &Linear[T]{Weight: uniform[T](rng, out, in, a)}
	if bias {
		l.Bias = uniform[T](rng, 1, out, a)
		l.Bias.Shape = []int{out}
	}
	return l
}

// newGlorot returns a linear layer without bias with Glorot weights.
func newGlorot[T tensor.Float](rng *rand.Rand, in, out int) *Linear[T] {
	return &Linear[T]{Weight: glorot[T](rng, out, in, in, out)}
}

// Apply returns x W^T + b for any matrix of rows: (R,in) -> (R,out).
func (l *Linear[T]) Apply(t *autodiff.Tape[T], x *autodiff.Var[T]) *autodiff.Var[T] {
	return autodiff.Linear(t, x, t.Param(l.Weight), optional(t, l.Bias))
}

// applyThen returns a(x W^T + b), or a(x W^T + y) for a map without a bias.
func (l *Linear[T]) applyThen(t *autodiff.Tape[T], x, y *autodiff.Var[T], a Activation[T]) *autodiff.Var[T] {
	if y != nil && l.Bias != nil {
		return a.Apply(t, autodiff.Add(t, y, l.Apply(t, x)))
	}
	then := a.after(optional(t, l.Bias))
	then.Residual = y
	return autodiff.LinearThen(t, x, t.Param(l.Weight), then)
}

// optional returns the variable of p, or nil.
func optional[T tensor.Float](t *autodiff.Tape[T], p *autodiff.Param[T]) *autodiff.Var[T] {
	if p == nil {
		return nil
	}
	return t.Param(p)
}

// Forward maps the node features.
func (l *Linear[T]) Forward(t *autodiff.Tape[T], g *graph.Graph, x Features[T]) Features[T] {
	x.Node = l.Apply(t, node("gnn.Linear", g, x, l.Weight.Value.Cols))
	return x
}

// Params yields weight and bias.
func (l *Linear[T]) Params(yield func(string, *autodiff.Param[T]) bool) {
	if yield("weight", l.Weight) && l.Bias != nil {
		yield("bias", l.Bias)
	}
}
