package gnn

import (
	"symbridge/autodiff"
	"symbridge/graph"
	"symbridge/tensor"
)

// affine is y = x * weight + bias, channel by channel.
type affine[T tensor.Float] struct {
	Weight, Bias *autodiff.Param[T] // (1,d)
}

func newAffine[T tensor.Float](d int) affine[T] {
	return affine[T]{constant[T](d, 1), constant[T](d, 0)}
}

// apply returns f(x * weight + bias).
func (a affine[T]) apply(t *autodiff.Tape[T], x *autodiff.Var[T], f Activation[T]) *autodiff.Var[T] {
	return autodiff.Affine(t, x, a.options(t, f))
}

func (a affine[T]) options(t *autodiff.Tape[T], f Activation[T]) autodiff.AffineOptions[T] {
	return autodiff.AffineOptions[T]{Weight: t.Param(a.Weight), Then: f.after(t.Param(a.Bias))}
}

func (a affine[T]) params(prefix string, yield func(string, *autodiff.Param[T]) bool) bool {
	return yield(prefix+"weight", a.Weight) && yield(prefix+"bias", a.Bias)
}

// BatchNorm normalises each channel over all rows in training, and by running statistics otherwise (Ioffe, Szegedy 2015):
// y = weight * (x - mean) / sqrt(var + eps) + bias: (N,d) -> (N,d). In training the statistics join the graphs of a batch, so
// that the Batch law holds in evaluation only. The running variance is the unbiased one, as in torch.
type BatchNorm[T tensor.Float] struct {
	affine[T]
	RunningMean, RunningVar *autodiff.Param[T] // (1,d) buffers
	Momentum, Eps           T
}

// NewBatchNorm returns a batch norm for d channels with momentum 0.1 and eps 1e-5.
func NewBatchNorm[T tensor.Float](d int) *BatchNorm[T] {
	n := &BatchNorm[T]{newAffine[T](d), constant[T](d, 0), constant[T](d, 1), 0.1, 1e-5}
	n.RunningMean.Buffer, n.RunningVar.Buffer = true, true
	return n
}

// Apply normalises any matrix of rows: (R,d) -> (R,d).
func (n *BatchNorm[T]) Apply(t *autodiff.Tape[T], x *autodiff.Var[T]) *autodiff.Var[T] {
	return n.applyThen(t, x, identity[T]())
}

// applyThen is Apply and then a function.
func (n *BatchNorm[T]) applyThen(t *autodiff.Tape[T], x *autodiff.Var[T], f Activation[T]) *autodiff.Var[T] {
	d := n.Weight.Value.Cols
	x.Value.Check("gnn.BatchNorm", "features", -1, d)
	if !t.Train {
		o := n.options(t, f)
		o.Mean, o.Scale = t.Param(n.RunningMean), autodiff.RSqrt(t, t.Param(n.RunningVar), n.Eps)
		return autodiff.Affine(t, x, o)
	}
	y, mean, variance := autodiff.SegmentNorm(t, t.Whole(x.Rows()), x, n.Eps)
	// rows: the statistics have one row for all nodes.
	if r := T(x.Rows()); r > 0 {
		m, v := t.Scratch(1, d), t.Scratch(1, d)
		for c := range d {
			unbiased := variance.Data[c]
			if r > 1 {
				unbiased = T(unbiased*r) / (r - 1)
			}
			m.Data[c] = T((1-n.Momentum)*n.RunningMean.Value.Data[c]) + T(n.Momentum*mean.Data[c])
			v.Data[c] = T((1-n.Momentum)*n.RunningVar.Value.Data[c]) + T(n.Momentum*unbiased)
		}
		t.Update(n.RunningMean, m)
		t.Update(n.RunningVar, v)
	}
	return n.apply(t, y, f)
}

// Forward normalises the node features.
func (n *BatchNorm[T]) Forward(t *autodiff.Tape[T], g *graph.Graph, x Features[T]) Features[T] {
	return n.forwardThen(t, g, x, identity[T]())
}

func (n *BatchNorm[T]) forwardThen(t *autodiff.Tape[T], g *graph.Graph, x Features[T], f Activation[T]) Features[T] {
	x.Node = n.applyThen(t, t.Dense(node("gnn.BatchNorm", g, x, n.Weight.Value.Cols)), f)
	return x
}

// Params yields module.weight, module.bias and the running statistics.
func (n *BatchNorm[T]) Params(yield func(string, *autodiff.Param[T]) bool) {
	if n.params("module.", yield) && yield("module.running_mean", n.RunningMean) {
		yield("module.running_var", n.RunningVar)
	}
}

// LayerNorm normalises the channels of each row (Ba, Kiros, Hinton 2016): y = weight * (x - mean) / sqrt(var + eps) + bias,
// (N,d) -> (N,d). It is PyTorch Geometric's LayerNorm with mode=node.
type LayerNorm[T tensor.Float] struct {
	affine[T]
	Eps T
}

// NewLayerNorm returns a layer norm for d channels with eps 1e-5.
func NewLayerNorm[T tensor.Float](d int) *LayerNorm[T] { return &LayerNorm[T]{newAffine[T](d), 1e-5} }

// Apply normalises any matrix of rows: (R,d) -> (R,d).
func (n *LayerNorm[T]) Apply(t *autodiff.Tape[T], x *autodiff.Var[T]) *autodiff.Var[T] {
	return n.applyThen(t, x, identity[T]())
}

// applyThen is Apply and then a function.
func (n *LayerNorm[T]) applyThen(t *autodiff.Tape[T], x *autodiff.Var[T], f Activation[T]) *autodiff.Var[T] {
	x.Value.Check("gnn.LayerNorm", "features", -1, n.Weight.Value.Cols)
	return n.apply(t, autodiff.LayerNorm(t, x, n.Eps), f)
}

// Forward normalises the node features.
func (n *LayerNorm[T]) Forward(t *autodiff.Tape[T], g *graph.Graph, x Features[T]) Features[T] {
	return n.forwardThen(t, g, x, identity[T]())
}

func (n *LayerNorm[T]) forwardThen(t *autodiff.Tape[T], g *graph.Graph, x Features[T], f Activation[T]) Features[T] {
	x.Node = n.applyThen(t, t.Dense(node("gnn.LayerNorm", g, x, n.Weight.Value.Cols)), f)
	return x
}

// Params yields weight and bias.
func (n *LayerNorm[T]) Params(yield func(string, *autodiff.Param[T]) bool) { n.params("", yield) }

// GraphNorm normalises each channel over the nodes of each graph, with a learned share of the mean (Cai et al. 2021):
// o = x - mean * mean_scale, y = weight * o / sqrt(mean(o^2) + eps) + bias: (N,d) -> (N,d).
type GraphNorm[T tensor.Float] struct {
	affine[T]
	MeanScale *autodiff.Param[T] // (1,d)
	Eps       T
}

// NewGraphNorm returns a graph norm for d channels with eps 1e-5.
func NewGraphNorm[T tensor.Float](d int) *GraphNorm[T] {
	return &GraphNorm[T]{newAffine[T](d), constant[T](d, 1), 1e-5}
}

// Forward normalises the node features.
func (n *GraphNorm[T]) Forward(t *autodiff.Tape[T], g *graph.Graph, x Features[T]) Features[T] {
	return n.forwardThen(t, g, x, identity[T]())
}

func (n *GraphNorm[T]) forwardThen(t *autodiff.Tape[T], g *graph.Graph, x Features[T], f Activation[T]) Features[T] {
	v := t.Dense(node("gnn.GraphNorm", g, x, n.Weight.Value.Cols))
	seg := g.Nodes()
	mean := autodiff.Mul(t, autodiff.SegmentMean(t, seg, v), t.Param(n.MeanScale))
	o := autodiff.Sub(t, v, autodiff.Expand(t, seg, mean))
	second := autodiff.WeightedMean(t, seg, o, o, max(1, o.Cols()))
	x.Node = n.apply(t, autodiff.Mul(t, o, autodiff.Expand(t, seg, autodiff.RSqrt(t, second, n.Eps))), f)
	return x
}

// Params yields weight, bias and mean_scale.
func (n *GraphNorm[T]) Params(yield func(string, *autodiff.Param[T]) bool) {
	if n.params("", yield) {
		yield("mean_scale", n.MeanScale)
	}
}
