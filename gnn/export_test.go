package gnn

import (
	"math/rand/v2"

	"symbridge/autodiff"
	"symbridge/graph"
	"symbridge/tensor"
)

// Remembered returns for how many labels a graph remembers orbits, and how tied layers go over it.
func Remembered(g *graph.Graph) (orbits, tyings int) {
	return len(memoOf[orbitsKey, *Orbits](g).list), len(memoOf[tyingKey, kept](g).list)
}

// TiedAnywhere is Tied for every graph: a few weights and biases, of which orbit k takes number k modulo how many there are. So the
// laws of layers can be put to what Tied does with a graph, a batch and a relabelling.
type TiedAnywhere[T tensor.Float] struct {
	Weight, Bias *autodiff.Param[T]
	weights      int
	full         bool
	// Number, where set, is a fault: it numbers the orbits of a graph anew.
	Number func(g *graph.Graph, o *Orbits)
}

// NewTiedAnywhere returns a layer with 5 weights and 2 biases.
func NewTiedAnywhere[T tensor.Float](rng *rand.Rand, in, out int, full bool) *TiedAnywhere[T] {
	const weights, biases = 5, 2
	return &TiedAnywhere[T]{Weight: uniform[T](rng, weights*out, in, 1), Bias: uniform[T](rng, biases, out, 1), weights: weights, full: full}
}

func (l *TiedAnywhere[T]) Forward(t *autodiff.Tape[T], g *graph.Graph, x Features[T]) Features[T] {
	v := t.Dense(node("gnn.TiedAnywhere", g, x, l.Weight.Value.Cols))
	parts := orbitsOfParts(g, x.NodeLabel, x.EdgeLabel, nil)
	if l.Number != nil {
		for i, o := range parts {
			o := &Orbits{Node: append([]int32(nil), o.Node...), Edge: append([]int32(nil), o.Edge...), Nodes: o.Nodes, Edges: o.Edges,
				g: o.g, group: o.group, place: o.place}
			l.Number(o.g, o)
			parts[i] = o
		}
	}
	weights, biases := l.weights, l.Bias.Value.Rows
	list := make([]ties, len(parts))
	for i, o := range parts {
		list[i] = o.ties(l.full)
		list[i].weight, list[i].bias = modulo(list[i].weight, weights), modulo(list[i].bias, biases)
	}
	p := newTying(g, list, weights, biases)
	x.Node = applyTied(t, p, v, t.Param(l.Weight), t.Param(l.Bias))
	return x
}

func modulo(list []int32, m int) []int32 {
	out := make([]int32, len(list))
	for i, k := range list {
		out[i] = k % int32(m)
	}
	return out
}

func (l *TiedAnywhere[T]) Params(yield func(string, *autodiff.Param[T]) bool) {
	if yield("weight", l.Weight) {
		yield("bias", l.Bias)
	}
}
