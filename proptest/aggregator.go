package proptest

import (
	"math/rand/v2"
	"testing"

	"symbridge/aggregate"
	"symbridge/autodiff"
	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/tensor"
)

// aggregating is an aggregator as a layer: it folds the neighbours of a node, and the nodes of a graph.
type aggregating[T tensor.Float] struct {
	of     aggregate.Aggregator[T]
	copied bool // neighbours are copied to edges first
	fixed  bool // the features are constants: for comparing forward passes alone
}

func (a *aggregating[T]) Forward(t *autodiff.Tape[T], g *graph.Graph, x gnn.Features[T]) gnn.Features[T] {
	v, in := x.Node, g.In()
	if a.fixed {
		v = t.Const(v.Value)
	}
	nbr := v
	if a.copied {
		in, nbr = g.InEdges(), autodiff.Expand(t, g.OutEdges(), v)
	}
	x.Node, x.Graph = a.of.Aggregate(t, in, nbr), a.of.Aggregate(t, g.Nodes(), v)
	x.Node.Value.Check("aggregator", "neighbours folded", -1, a.of.Width(v.Cols()))
	x.Graph.Value.Check("aggregator", "nodes folded", -1, a.of.Width(v.Cols()))
	return x
}

func (a *aggregating[T]) Params(yield func(string, *autodiff.Param[T]) bool) {
	if p, ok := a.of.(aggregate.Parametric[T]); ok {
		p.Params(yield)
	}
}

// Aggregator checks every law on the aggregator that mk32 makes, in float32, and on the one that mk64 makes, in float64, each as
// it folds neighbours and as it pools graphs; and that folding neighbours is folding copies of them, in bits. One may be nil.
func Aggregator(t *testing.T, mk32 func(*rand.Rand) aggregate.Aggregator[float32],
	mk64 func(*rand.Rand) aggregate.Aggregator[float64], cfg ...Config) {
	t.Helper()
	aggregatorSuite(t, mk32, first(cfg))
	aggregatorSuite(t, mk64, first(cfg))
}

func aggregatorSuite[T tensor.Float](t *testing.T, mk func(*rand.Rand) aggregate.Aggregator[T], cfg Config) {
	t.Helper()
	if mk == nil {
		return
	}
	with := func(copied, fixed bool) func(*rand.Rand) gnn.Layer[T] {
		return func(rng *rand.Rand) gnn.Layer[T] { return &aggregating[T]{mk(rng), copied, fixed} }
	}
	cfg.OneWL = true
	suite(t, with(false, false), cfg)
	cfg.replace(with(true, true))
	suite(t, with(false, true), cfg)
}
