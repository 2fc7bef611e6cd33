package gnn

import (
	"math"
	"math/rand/v2"

	"symbridge/autodiff"
	"symbridge/graph"
	"symbridge/tensor"
)

// Transformer is the graph transformer (Shi et al. 2021): q = W_q x + b_q, k and v likewise, r = W_e e, alpha_ji = softmax of
// <q_i, k_j + r_ji> / sqrt(C) over the in-edges of i, o_i = sum_j alpha_ji (v_j + r_ji), for each of H heads of C = out channels side by
// side, or averaged; y_i = o_i + s_i with s = W_s x + b_s, or with a gate b_i s_i + (1 - b_i) o_i, b = sigmoid(W_b [o, s, o - s]):
// (N,in), (E,edge) -> (N,H*out) or (N,out).
//
// No loops are added; a node without in-edges has o_i = 0.
type Transformer[T tensor.Float] struct {
	LinKey, LinQuery, LinValue *Linear[T] // (H*out, in)
	LinEdge                    *Linear[T] // (H*out, edge) without a bias, or nil
	LinSkip                    *Linear[T] // (H*out or out, in), or nil
	LinBeta                    *Linear[T] // (1, 3*H*out or 3*out) without a bias, or nil
	TransformerOptions
}

// TransformerOptions are the variants of Transformer; the zero value is one head with a root weight and biases, and no gate.
type TransformerOptions struct {
	Heads   int     `json:"heads,omitempty"`    // 0 is 1
	Mean    bool    `json:"mean,omitempty"`     // average the heads instead of putting them side by side
	Beta    bool    `json:"beta,omitempty"`     // a gate between what the neighbours and what the node itself says
	Dropout float64 `json:"dropout,omitempty"`  // of the attention coefficients, keyed by edge identities
	EdgeDim int     `json:"edge_dim,omitempty"` // width of edge features that are added to keys and values
	NoRoot  bool    `json:"no_root,omitempty"`  // leave s, and with it the gate, out
	NoBias  bool    `json:"no_bias,omitempty"`
}

// NewTransformer returns a Transformer layer with entries drawn as those of NewLinear; out is the width of a head.
func NewTransformer[T tensor.Float](rng *rand.Rand, in, out int, o TransformerOptions) *Transformer[T] {
	if o.Heads == 0 {
		o.Heads = 1
	}
	width := o.Heads * out
	lin := func() *Linear[T] { return NewLinear[T](rng, in, width, !o.NoBias) }
	l := &Transformer[T]{LinKey: lin(), LinQuery: lin(), LinValue: lin(), TransformerOptions: o}
	if o.EdgeDim > 0 {
		l.LinEdge = NewLinear[T](rng, o.EdgeDim, width, false)
	}
	if o.Mean {
		width = out
	}
	if !o.NoRoot {
		l.LinSkip = NewLinear[T](rng, in, width, !o.NoBias)
		if o.Beta {
			l.LinBeta = NewLinear[T](rng, 3*width, 1, false)
		}
	}
	return l
}

// Forward attends over the in-edges of each node.
func (l *Transformer[T]) Forward(t *autodiff.Tape[T], g *graph.Graph, x Features[T]) Features[T] {
	return l.forwardThen(t, g, x, identity[T]())
}

// forwardThen is Forward and then a function.
func (l *Transformer[T]) forwardThen(t *autodiff.Tape[T], g *graph.Graph, x Features[T], last Activation[T]) Features[T] {
	v := node("gnn.Transformer", g, x, l.LinKey.Weight.Value.Cols)
	var rows *autodiff.Var[T] // of edges
	if l.LinEdge != nil {
		rows = l.LinEdge.Apply(t, edgeRows("gnn.Transformer", g, x, l.EdgeDim))
	}
	scale := T(1 / math.Sqrt(float64(l.LinKey.Weight.Value.Rows/l.Heads)))
	y := autodiff.DotAttention(t, g.In(), l.LinQuery.Apply(t, v), l.LinKey.Apply(t, v), rows, l.LinValue.Apply(t, v), scale,
		autodiff.AttentionOptions{Heads: l.Heads, Dropout: l.TransformerOptions.Dropout, IDs: g.EdgeIDs()})
	if l.Mean {
		y = headMean(t, y, l.Heads)
	}
	switch {
	case l.LinBeta != nil:
		s := l.LinSkip.Apply(t, v)
		b := autodiff.Sigmoid(t, l.LinBeta.Apply(t, autodiff.Concat(t, y, s, autodiff.Sub(t, y, s))))
		rest := autodiff.Shift(t, autodiff.Scale(t, b, -1), 1)
		y = last.Apply(t, autodiff.Add(t, autodiff.Mul(t, s, b), autodiff.Mul(t, y, rest)))
	case l.LinSkip != nil:
		y = l.LinSkip.applyThen(t, v, y, last)
	default:
		y = last.Apply(t, y)
	}
	x.Node = y
	return x
}

// Params yields lin_key.*, lin_query.*, lin_value.*, lin_edge.weight, lin_skip.* and lin_beta.weight, those that there are.
func (l *Transformer[T]) Params(yield func(string, *autodiff.Param[T]) bool) {
	for _, p := range []struct {
		name string
		lin  *Linear[T]
	}{{"lin_key", l.LinKey}, {"lin_query", l.LinQuery}, {"lin_value", l.LinValue}, {"lin_edge", l.LinEdge}, {"lin_skip", l.LinSkip},
		{"lin_beta", l.LinBeta}} {
		if p.lin != nil && !within(p.name, p.lin.Params, yield) {
			return
		}
	}
}
