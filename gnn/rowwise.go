package gnn

import (
	"fmt"

	"symbridge/autodiff"
	"symbridge/graph"
	"symbridge/tensor"
)

// Activation applies a function to every entry of the node features. Its zero value is ReLU.
type Activation[T tensor.Float] struct {
	Name string // relu (or empty), leaky_relu (slope 0.01), elu, tanh, sigmoid, gelu, silu, identity
}

// ParseActivation returns the activation of a name, or an error that lists the names.
func ParseActivation[T tensor.Float](name string) (Activation[T], error) {
	switch name {
	case "", "relu", "leaky_relu", "elu", "tanh", "sigmoid", "gelu", "silu", "identity":
		return Activation[T]{name}, nil
	}
	return Activation[T]{}, fmt.Errorf("gnn: unknown activation %q: want relu, leaky_relu, elu, tanh, sigmoid, gelu, silu or identity", name)
}

// identity does nothing.
func identity[T tensor.Float]() Activation[T] { return Activation[T]{"identity"} }

// fused returns the function as the end of a linear map, with its parameter.
func (a Activation[T]) fused() (autodiff.Activation, T) {
	switch a.Name {
	case "", "relu":
		return autodiff.ActReLU, 0
	case "leaky_relu":
		return autodiff.ActLeakyReLU, 0.01
	case "elu":
		return autodiff.ActELU, 1
	case "tanh":
		return autodiff.ActTanh, 0
	case "sigmoid":
		return autodiff.ActSigmoid, 0
	case "gelu":
		return autodiff.ActGELU, 0
	case "silu":
		return autodiff.ActSiLU, 0
	case "identity":
		return autodiff.NoActivation, 0
	}
	panic(fmt.Errorf("gnn: unknown activation %q; names from outside go through ParseActivation", a.Name))
}

// after returns a bias, or nil, and then the function as the end of an operation.
func (a Activation[T]) after(bias *autodiff.Var[T]) autodiff.Then[T] {
	kind, param := a.fused()
	return autodiff.Then[T]{Bias: bias, Activation: kind, A: param}
}

// Apply applies the function to any matrix.
func (a Activation[T]) Apply(t *autodiff.Tape[T], x *autodiff.Var[T]) *autodiff.Var[T] {
	switch kind, param := a.fused(); kind {
	case autodiff.ActReLU:
		return autodiff.ReLU(t, x)
	case autodiff.ActLeakyReLU:
		return autodiff.LeakyReLU(t, x, param)
	case autodiff.ActELU:
		return autodiff.ELU(t, x, param)
	case autodiff.ActTanh:
		return autodiff.Tanh(t, x)
	case autodiff.ActSigmoid:
		return autodiff.Sigmoid(t, x)
	case autodiff.ActGELU:
		return autodiff.GELU(t, x)
	case autodiff.ActSiLU:
		return autodiff.SiLU(t, x)
	}
	return x
}

// Forward applies the function to the node features.
func (a Activation[T]) Forward(t *autodiff.Tape[T], g *graph.Graph, x Features[T]) Features[T] {
	x.Node = a.Apply(t, t.Dense(node("gnn.Activation", g, x, -1)))
	return x
}

// Params yields nothing.
func (Activation[T]) Params(func(string, *autodiff.Param[T]) bool) {}

// Dropout sets entries of the node features to 0 with probability P in training and scales the others by 1/(1-P). The noise
// is keyed by the identity of a node; see graph.Graph.WithIDs.
type Dropout[T tensor.Float] struct{ P float64 }

// Forward drops entries of the node features.
func (d Dropout[T]) Forward(t *autodiff.Tape[T], g *graph.Graph, x Features[T]) Features[T] {
	x.Node = autodiff.Dropout(t, node("gnn.Dropout", g, x, -1), g.NodeIDs(), d.P)
	return x
}

// Params yields nothing.
func (Dropout[T]) Params(func(string, *autodiff.Param[T]) bool) {}
