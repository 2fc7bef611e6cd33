package gnn_test

import (
	"math/rand/v2"
	"testing"

	"symbridge/aggregate"
	"symbridge/gnn"
	"symbridge/proptest"
	"symbridge/tensor"
)

// Each layer is one line: the laws of package proptest in float32 and float64. The digests are those of every machine and build;
// they change with the definition of a layer or of a kernel, and with nothing else.

// makes is a function that makes a layer.
type makes[T tensor.Float] = func(*rand.Rand) gnn.Layer[T]

func gcn[T tensor.Float](o gnn.GCNOptions) makes[T] {
	return func(r *rand.Rand) gnn.Layer[T] { return gnn.NewGCN[T](r, 4, 3, o) }
}

func sage[T tensor.Float](out int, o gnn.SAGEOptions) makes[T] {
	return func(r *rand.Rand) gnn.Layer[T] {
		l, err := gnn.NewSAGE[T](r, 4, out, o)
		if err != nil {
			panic(err)
		}
		return l
	}
}

func gat[T tensor.Float](o gnn.GATOptions) makes[T] {
	return func(r *rand.Rand) gnn.Layer[T] { return gnn.NewGAT[T](r, 4, 3, o) }
}

func gin[T tensor.Float](norm, learn bool) makes[T] {
	return func(r *rand.Rand) gnn.Layer[T] { return gnn.NewGIN[T](gnn.NewMLP[T](r, norm, 4, 5, 3), learn) }
}

func gine[T tensor.Float](o gnn.GINEOptions) makes[T] {
	return func(r *rand.Rand) gnn.Layer[T] { return gnn.NewGINE(r, gnn.NewMLP[T](r, false, 4, 5, 3), o) }
}

func transformer[T tensor.Float](o gnn.TransformerOptions) makes[T] {
	return func(r *rand.Rand) gnn.Layer[T] { return gnn.NewTransformer[T](r, 4, 3, o) }
}

func linear[T tensor.Float](r *rand.Rand) gnn.Layer[T] { return gnn.NewLinear[T](r, 4, 3, true) }

func mlp[T tensor.Float](norm bool, dropout float64) makes[T] {
	return func(r *rand.Rand) gnn.Layer[T] {
		m := gnn.NewMLP[T](r, norm, 4, 6, 3)
		m.Activation, m.Dropout = gnn.Activation[T]{Name: "gelu"}, dropout
		return m
	}
}

func always[T tensor.Float](l gnn.Layer[T]) makes[T] {
	return func(*rand.Rand) gnn.Layer[T] { return l }
}

func batchNorm[T tensor.Float](*rand.Rand) gnn.Layer[T] { return gnn.NewBatchNorm[T](4) }
func layerNorm[T tensor.Float](*rand.Rand) gnn.Layer[T] { return gnn.NewLayerNorm[T](4) }
func graphNorm[T tensor.Float](*rand.Rand) gnn.Layer[T] { return gnn.NewGraphNorm[T](4) }

func pool[T tensor.Float](name string) makes[T] {
	return func(*rand.Rand) gnn.Layer[T] {
		a, err := aggregate.Parse[T](name)
		if err != nil {
			panic(err)
		}
		return gnn.Pool[T]{Aggregator: a}
	}
}

// stack is two layers with an activation, dropout and a norm between them, and pooling.
func stack[T tensor.Float](r *rand.Rand) gnn.Layer[T] {
	return gnn.Stack[T]{
		{Name: "conv1", Layer: gnn.NewGCN[T](r, 4, 6, gnn.GCNOptions{})},
		{Name: "norm", Layer: gnn.NewBatchNorm[T](6)},
		{Layer: gnn.Activation[T]{}},
		{Layer: gnn.Dropout[T]{P: 0.4}},
		{Name: "conv2", Layer: gnn.NewGAT[T](r, 6, 2, gnn.GATOptions{Heads: 2, Dropout: 0.2})},
		{Layer: gnn.Pool[T]{Aggregator: aggregate.Mean[T]{}}},
	}
}

func model[T tensor.Float](c gnn.Config) makes[T] {
	return func(r *rand.Rand) gnn.Layer[T] {
		m, err := gnn.NewModel[T](c, r)
		if err != nil {
			panic(err)
		}
		return m
	}
}

func laws(t *testing.T, name string, mk32 makes[float32], mk64 makes[float64], c proptest.Config) {
	c.OneWL = true   // none of these sees more
	if raceEnabled { // slow: one case a kind of layer, the one with a digest, in float32
		if c.Digest == "" {
			return
		}
		mk64, c.Digest64 = nil, ""
	}
	t.Run(name, func(t *testing.T) { proptest.Layer(t, mk32, mk64, c) })
}

func TestGCNLaws(t *testing.T) {
	type o = gnn.GCNOptions
	laws(t, "default", gcn[float32](o{}), gcn[float64](o{}), proptest.Config{})
	laws(t, "weights", gcn[float32](o{Improved: true}), gcn[float64](o{Improved: true}), proptest.Config{Weights: true,
		Digest:   "b6d96e988606750dbfb868841010f96f92270c972ecd4254484ed1d61f577b85",
		Digest64: "c77b5eb3c9832460c5558114a37b66cbf691eabe2596469b3e9c1c6aeeb76f71"})
	laws(t, "no loops", gcn[float32](o{NoLoops: true, NoBias: true}), gcn[float64](o{NoLoops: true, NoBias: true}),
		proptest.Config{Weights: true})
	laws(t, "not normalised", gcn[float32](o{NoNormalize: true}), gcn[float64](o{NoNormalize: true}),
		proptest.Config{Weights: true})
	laws(t, "adjacency", gcn[float32](o{NoNormalize: true}), gcn[float64](o{NoNormalize: true}), proptest.Config{})
	laws(t, "sparse", gcn[float32](o{}), gcn[float64](o{}), proptest.Config{Sparse: true})
}

func TestSAGELaws(t *testing.T) {
	type o = gnn.SAGEOptions
	laws(t, "default", sage[float32](5, o{}), sage[float64](5, o{}), proptest.Config{
		Digest:   "f2421f827610477732e3567d4e825f7090db2b9bf113454b24840a5867210b7a",
		Digest64: "1e6854d453f16762ca4928b990326c1a4bf21769385811120ab7a099457e25e7"})
	laws(t, "mapped first", sage[float32](2, o{Aggr: "sum", Normalize: true}), sage[float64](2, o{Aggr: "sum", Normalize: true}),
		proptest.Config{})
	laws(t, "max", sage[float32](3, o{Aggr: "max", Project: true}), sage[float64](3, o{Aggr: "max", Project: true}),
		proptest.Config{})
	laws(t, "std", sage[float32](3, o{Aggr: "std", NoRoot: true}), sage[float64](3, o{Aggr: "std", NoRoot: true}),
		proptest.Config{})
	laws(t, "softmax", sage[float32](3, o{Aggr: "softmax+min", NoBias: true}),
		sage[float64](3, o{Aggr: "softmax+min", NoBias: true}),
		proptest.Config{})
	laws(t, "sparse", sage[float32](3, o{}), sage[float64](3, o{}), proptest.Config{Sparse: true})
}

func TestGATLaws(t *testing.T) {
	type o = gnn.GATOptions
	laws(t, "default", gat[float32](o{}), gat[float64](o{}), proptest.Config{})
	laws(t, "edge features", gat[float32](o{Heads: 2, Dropout: 0.3, EdgeDim: 2}),
		gat[float64](o{Heads: 2, Dropout: 0.3, EdgeDim: 2}),
		proptest.Config{EdgeDim: 2,
			Digest:   "1405a8d35c1c9216fe8003eac5bad8753533b71e7ee3a6342f4e7fe4cae2383f",
			Digest64: "c64566ef14017b072c4e5eead9d57d3f9eb2d85c8e246fdddb6c23c54dfe7338"})
	laws(t, "mean", gat[float32](o{Heads: 3, Mean: true, NoLoops: true, Residual: true}),
		gat[float64](o{Heads: 3, Mean: true, NoLoops: true, Residual: true}),
		proptest.Config{})
	laws(t, "sparse", gat[float32](o{Heads: 2, Residual: true}), gat[float64](o{Heads: 2, Residual: true}),
		proptest.Config{Sparse: true})
}

func TestGINLaws(t *testing.T) {
	laws(t, "default", gin[float32](false, false), gin[float64](false, false), proptest.Config{})
	laws(t, "batch norm", gin[float32](true, true), gin[float64](true, true), proptest.Config{BatchStatistics: true,
		Digest:   "8cdfc79bdfbd12fd001a253ba9ee3f04de502614f33c16b5023925ffaa8a0b45",
		Digest64: "4b98a87afb924747bd44fcc95e1955d43c3392aeaa3f81fa6c757a47943003eb"})
	laws(t, "sparse", gin[float32](false, true), gin[float64](false, true), proptest.Config{Sparse: true})
}

func TestGINELaws(t *testing.T) {
	type o = gnn.GINEOptions
	laws(t, "default", gine[float32](o{}), gine[float64](o{}), proptest.Config{EdgeDim: 4})
	laws(t, "mapped", gine[float32](o{LearnEps: true, EdgeDim: 2}), gine[float64](o{LearnEps: true, EdgeDim: 2}),
		proptest.Config{EdgeDim: 2,
			Digest:   "7c2b3eb518f538165cfbc496a9b263f19dde3515436deb41e25d3f9720b30d83",
			Digest64: "bf4cb3e6d2925c311e4271318989ab101188985f6dc48bbcfadbf10a5b7807bc"})
	laws(t, "sparse", gine[float32](o{}), gine[float64](o{}), proptest.Config{EdgeDim: 4, Sparse: true})
}

func TestTransformerLaws(t *testing.T) {
	type o = gnn.TransformerOptions
	laws(t, "default", transformer[float32](o{}), transformer[float64](o{}), proptest.Config{})
	laws(t, "edge features", transformer[float32](o{Heads: 2, Dropout: 0.3, EdgeDim: 2}),
		transformer[float64](o{Heads: 2, Dropout: 0.3, EdgeDim: 2}),
		proptest.Config{EdgeDim: 2,
			Digest:   "f628dbb34b716b95db0a8e50381b91a0ce543e57fc16ecb131382d8f95c3cdf8",
			Digest64: "915e3c39dff6d1767ab0458f9d2d83da2c37dfe6a895662b3bfd56a7fc757e1f"})
	laws(t, "mean with a gate", transformer[float32](o{Heads: 3, Mean: true, Beta: true, EdgeDim: 2}),
		transformer[float64](o{Heads: 3, Mean: true, Beta: true, EdgeDim: 2}),
		proptest.Config{EdgeDim: 2})
	laws(t, "no root", transformer[float32](o{Heads: 2, NoRoot: true, NoBias: true}),
		transformer[float64](o{Heads: 2, NoRoot: true, NoBias: true}), proptest.Config{Sparse: true})
}

func TestRowLaws(t *testing.T) {
	laws(t, "Linear", linear[float32], linear[float64], proptest.Config{})
	laws(t, "Linear sparse", linear[float32], linear[float64], proptest.Config{Sparse: true})
	laws(t, "MLP", mlp[float32](false, 0.3), mlp[float64](false, 0.3), proptest.Config{})
	laws(t, "MLP batch norm", mlp[float32](true, 0), mlp[float64](true, 0), proptest.Config{BatchStatistics: true})
	laws(t, "Dropout", always[float32](gnn.Dropout[float32]{P: 0.5}), always[float64](gnn.Dropout[float64]{P: 0.5}),
		proptest.Config{})
	laws(t, "Dropout sparse", always[float32](gnn.Dropout[float32]{P: 0.5}), always[float64](gnn.Dropout[float64]{P: 0.5}),
		proptest.Config{Sparse: true})
	for _, name := range []string{"relu", "leaky_relu", "elu", "tanh", "sigmoid", "gelu", "silu", "identity"} {
		laws(t, name, always[float32](gnn.Activation[float32]{Name: name}), always[float64](gnn.Activation[float64]{Name: name}),
			proptest.Config{Trials: 16})
	}
}

func TestNormLaws(t *testing.T) {
	laws(t, "BatchNorm", batchNorm[float32], batchNorm[float64], proptest.Config{BatchStatistics: true})
	laws(t, "LayerNorm", layerNorm[float32], layerNorm[float64], proptest.Config{})
	laws(t, "GraphNorm", graphNorm[float32], graphNorm[float64], proptest.Config{Hops: -1})
}

func TestPoolLaws(t *testing.T) {
	laws(t, "mean", pool[float32]("mean"), pool[float64]("mean"), proptest.Config{})
	laws(t, "several", pool[float32]("sum+max+std+softmax"), pool[float64]("sum+max+std+softmax"), proptest.Config{})
}

func TestStackLaws(t *testing.T) {
	laws(t, "stack", stack[float32], stack[float64], proptest.Config{Hops: 2, BatchStatistics: true,
		Digest:   "7eeefff774bcbc7f9b14a5a7ebaf8976fe0145a156072b80c210a2d3d3774d84",
		Digest64: "e7bb104cf21ff9858424713d79ac039692e65c0cdca40254a3bc9c67fb9adc6b"})
}

func TestModelLaws(t *testing.T) {
	for _, name := range []string{"gcn", "sage", "gat", "gin", "gine", "transformer"} {
		edges := 0
		if name == "gine" || name == "transformer" {
			edges = 2
		}
		node := gnn.Config{Model: name, Task: "node", In: 4, Hidden: 5, Out: 3, Layers: 2, EdgeDim: edges, Dropout: 0.3, Norm: "layer"}
		laws(t, name+" node", model[float32](node), model[float64](node), proptest.Config{Hops: 2, Trials: 16, EdgeDim: edges})
		pooled := gnn.Config{Model: name, Task: "graph", In: 4, Hidden: 5, Out: 2, Layers: 2, EdgeDim: edges, Norm: "batch", Pool: "mean"}
		laws(t, name+" graph", model[float32](pooled), model[float64](pooled),
			proptest.Config{Hops: 2, BatchStatistics: true, Trials: 16, EdgeDim: edges})
	}
}
