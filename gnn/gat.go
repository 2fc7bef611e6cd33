package gnn

import (
	"math/rand/v2"

	"symbridge/autodiff"
	"symbridge/graph"
	"symbridge/tensor"
)

// GAT is graph attention (Velickovic et al. 2018): z = W x, e_ji = LeakyReLU(<z_j, a_src> + <z_i, a_dst> + <W_e e_ji, a_edge>),
// alpha = softmax of e over the in-edges of i, y_i = sum_j alpha_ji z_j + b, for each of H heads side by side, or averaged:
// (N,in) -> (N,H*out) or (N,out).
//
// All self loops are replaced by one a node; a loop's edge features are the mean over the node's other in-edges.
type GAT[T tensor.Float] struct {
	Lin                     *Linear[T]         // (H*out, in)
	AttSrc, AttDst, AttEdge *autodiff.Param[T] // (1, H*out); AttEdge is nil without edge features
	LinEdge                 *Linear[T]         // (H*out, edge), or nil
	Res                     *Linear[T]         // residual, or nil
	Bias                    *autodiff.Param[T] // may be nil
	GATOptions
}

// GATOptions are the variants of GAT; the zero value is one head, concatenated, slope 0.2.
type GATOptions struct {
	Heads    int     `json:"heads,omitempty"`    // 0 is 1
	Mean     bool    `json:"mean,omitempty"`     // average the heads instead of putting them side by side
	Slope    float64 `json:"slope,omitempty"`    // of the leaky ReLU; 0 is 0.2
	Dropout  float64 `json:"dropout,omitempty"`  // of the attention coefficients, keyed by edge identities
	EdgeDim  int     `json:"edge_dim,omitempty"` // width of edge features that enter the attention
	NoLoops  bool    `json:"no_loops,omitempty"`
	Residual bool    `json:"residual,omitempty"`
	NoBias   bool    `json:"no_bias,omitempty"`
}

// NewGAT returns a GAT layer with Glorot weights and zero bias; out is the width of a head.
func NewGAT[T tensor.Float](rng *rand.Rand, in, out int, o GATOptions) *GAT[T] {
	if o.Heads == 0 {
		o.Heads = 1
	}
	if o.Slope == 0 {
		o.Slope = 0.2
	}
	h, width := o.Heads, o.Heads*out
	attention := func() *autodiff.Param[T] {
		p := glorot[T](rng, 1, width, h, out)
		p.Shape = []int{1, h, out}
		return p
	}
	l := &GAT[T]{Lin: newGlorot[T](rng, in, width), AttSrc: attention(), AttDst: attention(), GATOptions: o}
	if o.EdgeDim > 0 {
		l.LinEdge, l.AttEdge = newGlorot[T](rng, o.EdgeDim, width), attention()
	}
	if o.Mean {
		width = out
	}
	if o.Residual {
		l.Res = newGlorot[T](rng, in, width)
	}
	if !o.NoBias {
		l.Bias = constant[T](width, 0)
	}
	return l
}

// Forward attends over the in-edges of each node.
func (l *GAT[T]) Forward(t *autodiff.Tape[T], g *graph.Graph, x Features[T]) Features[T] {
	return l.forwardThen(t, g, x, identity[T]())
}

// forwardThen is Forward and then a function.
func (l *GAT[T]) forwardThen(t *autodiff.Tape[T], g *graph.Graph, x Features[T], last Activation[T]) Features[T] {
	v := node("gnn.GAT", g, x, l.Lin.Weight.Value.Cols)
	z := l.Lin.Apply(t, v)
	var edge *autodiff.Var[T]
	if l.LinEdge != nil {
		edge = edgeRows("gnn.GAT", g, x, l.EdgeDim)
	}
	if !l.NoLoops {
		looped := g.WithLoops()
		if l.LinEdge != nil {
			edge = autodiff.ConcatRows(t, autodiff.Expand(t, looped.Keep, edge), autodiff.SegmentMean(t, looped.Others, edge))
		}
		g = looped.Graph
	}
	src := autodiff.HeadDot(t, z, t.Param(l.AttSrc), l.Heads)
	dst := autodiff.HeadDot(t, z, t.Param(l.AttDst), l.Heads)
	var scores *autodiff.Var[T] // of edges
	if l.LinEdge != nil {
		scores = autodiff.HeadDot(t, l.LinEdge.Apply(t, edge), t.Param(l.AttEdge), l.Heads)
	}
	y := autodiff.AdditiveAttention(t, g.In(), src, dst, scores, z, T(l.Slope),
		autodiff.AttentionOptions{Heads: l.Heads, Dropout: l.GATOptions.Dropout, IDs: g.EdgeIDs()})
	if l.Mean {
		y = headMean(t, y, l.Heads)
	}
	then := last.after(optional(t, l.Bias))
	if l.Res != nil && l.Res.Bias == nil {
		then.Residual = y
		x.Node = autodiff.LinearThen(t, v, t.Param(l.Res.Weight), then)
		return x
	}
	if l.Res != nil {
		y = l.Res.applyThen(t, v, y, identity[T]())
	}
	if l.Bias == nil {
		x.Node = last.Apply(t, y)
		return x
	}
	x.Node = autodiff.Affine(t, y, autodiff.AffineOptions[T]{Then: then})
	return x
}

// headMean averages the heads: (N,H*C) -> (N,C).
func headMean[T tensor.Float](t *autodiff.Tape[T], y *autodiff.Var[T], heads int) *autodiff.Var[T] {
	c := y.Cols() / heads
	sum := autodiff.Slice(t, y, 0, c)
	for h := 1; h < heads; h++ {
		sum = autodiff.Add(t, sum, autodiff.Slice(t, y, h*c, h*c+c))
	}
	return autodiff.Scale(t, sum, 1/T(heads))
}

// Params yields att_src, att_dst, att_edge, bias, lin.weight, lin_edge.weight and res.weight, those that there are.
func (l *GAT[T]) Params(yield func(string, *autodiff.Param[T]) bool) {
	for _, p := range []struct {
		name  string
		param *autodiff.Param[T]
	}{{"att_src", l.AttSrc}, {"att_dst", l.AttDst}, {"att_edge", l.AttEdge}, {"bias", l.Bias}} {
		if p.param != nil && !yield(p.name, p.param) {
			return
		}
	}
	for _, p := range []struct {
		name string
		lin  *Linear[T]
	}{{"lin", l.Lin}, {"lin_edge", l.LinEdge}, {"res", l.Res}} {
		if p.lin != nil && !within(p.name, p.lin.Params, yield) {
			return
		}
	}
}
