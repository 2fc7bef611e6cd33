package gnn

import (
	"fmt"
	"math/rand/v2"

	"symbridge/autodiff"
	"symbridge/graph"
	"symbridge/tensor"
)

// MLP is a multilayer perceptron on rows: linear, norm, activation, dropout, and so on, with a plain linear layer at the end:
// (R,widths[0]) -> (R,widths[last]).
type MLP[T tensor.Float] struct {
	Lins       []*Linear[T]
	Norms      []*BatchNorm[T] // one for each layer but the last, or none
	Activation Activation[T]
	Dropout    float64
}

// NewMLP returns a perceptron with the given widths, at least two, ReLU, and batch norms if asked.
func NewMLP[T tensor.Float](rng *rand.Rand, norm bool, widths ...int) *MLP[T] {
	if len(widths) < 2 {
		panic(tensor.ValueError{Op: "gnn.NewMLP", What: "number of widths, want at least 2", Got: float64(len(widths))})
	}
	m := &MLP[T]{}
	for i := range len(widths) - 1 {
		m.Lins = append(m.Lins, NewLinear[T](rng, widths[i], widths[i+1], true))
		if norm && i < len(widths)-2 {
			m.Norms = append(m.Norms, NewBatchNorm[T](widths[i+1]))
		}
	}
	return m
}

// Apply maps any matrix of rows; ids key the dropout and may be nil.
func (m *MLP[T]) Apply(t *autodiff.Tape[T], x *autodiff.Var[T], ids []uint64) *autodiff.Var[T] {
	return m.applyThen(t, x, ids, identity[T]())
}

// applyThen applies the perceptron and then a function.
func (m *MLP[T]) applyThen(t *autodiff.Tape[T], x *autodiff.Var[T], ids []uint64, last Activation[T]) *autodiff.Var[T] {
	for i := range m.Lins[:len(m.Lins)-1] {
		if len(m.Norms) == 0 {
			x = m.Lins[i].applyThen(t, x, nil, m.Activation)
		} else {
			x = m.Norms[i].applyThen(t, m.Lins[i].Apply(t, x), m.Activation)
		}
		x = autodiff.Dropout(t, x, ids, m.Dropout)
	}
	return m.Lins[len(m.Lins)-1].applyThen(t, x, nil, last)
}

// rest applies all that comes after the first linear layer.
func (m *MLP[T]) rest(t *autodiff.Tape[T], x *autodiff.Var[T], ids []uint64, last Activation[T]) *autodiff.Var[T] {
	if len(m.Lins) == 1 {
		return last.Apply(t, x)
	}
	after := MLP[T]{Lins: m.Lins[1:], Activation: m.Activation, Dropout: m.Dropout}
	if len(m.Norms) > 0 {
		x, after.Norms = m.Norms[0].applyThen(t, x, m.Activation), m.Norms[1:]
	} else {
		x = m.Activation.Apply(t, x)
	}
	return after.applyThen(t, autodiff.Dropout(t, x, ids, m.Dropout), ids, last)
}

// Forward maps the node features.
func (m *MLP[T]) Forward(t *autodiff.Tape[T], g *graph.Graph, x Features[T]) Features[T] {
	x.Node = m.Apply(t, node("gnn.MLP", g, x, m.Lins[0].Weight.Value.Cols), g.NodeIDs())
	return x
}

// Params yields lins.k.* and norms.k.*.
func (m *MLP[T]) Params(yield func(string, *autodiff.Param[T]) bool) {
	for i, l := range m.Lins {
		if !within(fmt.Sprintf("lins.%d", i), l.Params, yield) {
			return
		}
	}
	for i, n := range m.Norms {
		if !within(fmt.Sprintf("norms.%d", i), n.Params, yield) {
			return
		}
	}
}
