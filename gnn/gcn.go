package gnn

import (
	"math/rand/v2"

	"symbridge/autodiff"
	"symbridge/graph"
	"symbridge/tensor"
)

// GCN is the graph convolution of Kipf and Welling 2017: y_i = sum_j w_ji (W x_j) + b over the in-edges j -> i, where w is the
// edge weight normalised by degrees, w_ji = d_j^-1/2 e_ji d_i^-1/2, d the weighted in-degree: (N,in) -> (N,out).
//
// Self loops are added with weight 1; a node's own loop keeps its weight, and of several the largest counts.
type GCN[T tensor.Float] struct {
	Lin  *Linear[T]
	Bias *autodiff.Param[T] // (1,out), may be nil
	GCNOptions
}

// GCNOptions are the variants of GCN; the zero value is the layer of the paper.
type GCNOptions struct {
	Improved    bool `json:"improved,omitempty"`     // added loops weigh 2
	NoLoops     bool `json:"no_loops,omitempty"`     // add no self loops
	NoNormalize bool `json:"no_normalize,omitempty"` // use the edge weights as they are; implies NoLoops
	NoBias      bool `json:"no_bias,omitempty"`
}

// NewGCN returns a GCN with Glorot weights and zero bias.
func NewGCN[T tensor.Float](rng *rand.Rand, in, out int, o GCNOptions) *GCN[T] {
	l := &GCN[T]{Lin: newGlorot[T](rng, in, out), GCNOptions: o}
	if !o.NoBias {
		l.Bias = constant[T](out, 0)
	}
	return l
}

// Forward convolves the node features.
func (l *GCN[T]) Forward(t *autodiff.Tape[T], g *graph.Graph, x Features[T]) Features[T] {
	return l.forwardThen(t, g, x, identity[T]())
}

// forwardThen is Forward and then a function.
func (l *GCN[T]) forwardThen(t *autodiff.Tape[T], g *graph.Graph, x Features[T], last Activation[T]) Features[T] {
	lin := l.Lin.Apply(t, node("gnn.GCN", g, x, l.Lin.Weight.Value.Cols))
	h := lin
	switch {
	case !l.NoNormalize:
		fill := T(1)
		if l.Improved {
			fill = 2
		}
		h = propagate(t, g, x.Weight, h, !l.NoLoops, fill)
	case x.Weight != nil:
		h = autodiff.WeightedSum(t, g.In(), x.Weight, h, 1)
	default:
		h = autodiff.SegmentSum(t, g.In(), h)
	}
	if x.Weight == nil { // without weights that may have a gradient, no backward pass looks at what was summed
		t.Release(lin)
	}
	if l.Bias == nil {
		x.Node = last.Apply(t, h)
		return x
	}
	x.Node = autodiff.Affine(t, h, autodiff.AffineOptions[T]{Then: last.after(t.Param(l.Bias))})
	t.Release(h)
	return x
}

// Params yields bias and lin.weight.
func (l *GCN[T]) Params(yield func(string, *autodiff.Param[T]) bool) {
	if l.Bias == nil || yield("bias", l.Bias) {
		within("lin", l.Lin.Params, yield)
	}
}

// propagate returns S h for the symmetrically normalised adjacency S, with self loops of weight fill if asked: (N,d) -> (N,d).
func propagate[T tensor.Float](t *autodiff.Tape[T], g *graph.Graph, weight, h *autodiff.Var[T], loops bool, fill T) *autodiff.Var[T] {
	looped := g
	if loops {
		looped = g.WithLoops().Graph
	}
	if weight != nil {
		return autodiff.WeightedSum(t, looped.In(), symmetric(t, g, weight, loops, fill), h, 1)
	}
	in, _ := looped.ByTarget()
	return autodiff.WeightedSum(t, in, t.Const(symmetricOnes(g, looped, loops, fill)), h, 1)
}

// symmetric returns the weights d_j^-1/2 w_ji d_i^-1/2 of the edges of g, with self loops if asked: (E,1) -> (E',1).
func symmetric[T tensor.Float](t *autodiff.Tape[T], g *graph.Graph, weight *autodiff.Var[T], loops bool, fill T) *autodiff.Var[T] {
	if loops {
		l := g.WithLoops()
		missing := t.OfSize(l.Loops, func(loops int) T {
			if loops == 0 {
				return fill
			}
			return 0
		})
		own := autodiff.Add(t, autodiff.SegmentMax(t, l.Loops, weight), missing)
		weight = autodiff.ConcatRows(t, autodiff.Expand(t, l.Keep, weight), own)
		g = l.Graph
	}
	root := autodiff.RSqrt(t, autodiff.SegmentSum(t, g.InEdges(), weight), 0)
	return autodiff.Mul(t, autodiff.Mul(t, weight, autodiff.Expand(t, g.OutEdges(), root)), autodiff.Expand(t, g.InEdges(), root))
}

// symmetricKey names the weights of symmetricOnes among what is derived from a graph: bit 0 for loops, bit 1 for their double weight.
type symmetricKey[T tensor.Float] uint8

// symmetricOnes returns the weights of symmetric for edges of weight 1, which depend on the graph alone, in the order of ByTarget.
func symmetricOnes[T tensor.Float](g, looped *graph.Graph, loops bool, fill T) tensor.Dense[T] {
	var key symmetricKey[T]
	if loops {
		key = 1
		if fill != 1 {
			key = 3
		}
	}
	v, ok := g.Derived(key)
	if !ok {
		t := autodiff.NewTape[T]()
		w := symmetric(t, g, t.Full(g.NumEdges(), 1, 1), loops, fill).Value
		_, edges := looped.ByTarget()
		sorted := tensor.NewDense[T](w.Rows, 1)
		for k, e := range edges {
			sorted.Data[k] = w.Data[e]
		}
		v = g.Keep(key, sorted)
	}
	return v.(tensor.Dense[T])
}
