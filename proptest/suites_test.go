package proptest_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/aggregate"
	"symbridge/autodiff"
	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/positional"
	"symbridge/proptest"
	"symbridge/tensor"
)

func TestFusedOps(t *testing.T) { proptest.FusedOps(t) }

func TestCheckFusedOps(t *testing.T) {
	require.NoError(t, proptest.CheckFusedOps[float32](proptest.Config{Trials: 4, Seed: 99}))
}

func TestRandomWalk(t *testing.T) {
	proptest.Encoder(t, positional.RandomWalk[float32]{Steps: 5})
	proptest.Encoder(t, positional.RandomWalk[float64]{Steps: 3})
}

func TestLaplacian(t *testing.T) {
	c := proptest.Config{Undirected: true}
	proptest.Encoder(t, positional.Laplacian[float64]{K: 8}, c)
	proptest.Encoder(t, positional.Laplacian[float32]{K: 8, Normalization: positional.Unnormalized}, c)
}

// claiming wraps an encoder, and may add a fault to it.
type claiming struct {
	positional.Encoder[float64]
	claim positional.Ambiguity
	fault func(g *graph.Graph, x tensor.Dense[float64])
}

func (c claiming) Symmetry() positional.Ambiguity { return c.claim }

func (c claiming) Encode(g *graph.Graph) (tensor.Dense[float64], error) {
	x, err := c.Encoder.Encode(g)
	if err == nil && c.fault != nil {
		c.fault(g, x)
	}
	return x, err
}

func TestEncoderMutants(t *testing.T) {
	walk := positional.RandomWalk[float64]{Steps: 3}
	laplacian := positional.Laplacian[float64]{K: 8}
	calls := 0
	undirected := proptest.Config{Undirected: true}
	for _, m := range []struct {
		name, law string
		enc       positional.Encoder[float64]
		cfg       proptest.Config
	}{
		{"eigenvectors claimed to be determined", "Equivariant", claiming{laplacian, positional.None, nil}, undirected},
		{"eigenspaces claimed to be lines", "Equivariant", claiming{laplacian, positional.Signs, nil}, undirected},
		{"row index", "Equivariant", claiming{walk, positional.None, func(_ *graph.Graph, x tensor.Dense[float64]) {
			for i := range x.Rows {
				x.Data[i*x.Cols] += float64(i)
			}
		}}, proptest.Config{}},
		{"row index, up to bases", "Equivariant", claiming{walk, positional.Bases, func(_ *graph.Graph, x tensor.Dense[float64]) {
			for i := range x.Rows {
				x.Data[i*x.Cols] += float64(i)
			}
		}}, proptest.Config{}},
		{"scaled by the batch", "Batch", claiming{walk, positional.None, func(g *graph.Graph, x tensor.Dense[float64]) {
			for i := range x.Data {
				x.Data[i] += float64(g.NumGraphs())
			}
		}}, proptest.Config{}},
		{"counts its calls", "Pure", claiming{walk, positional.None, func(_ *graph.Graph, x tensor.Dense[float64]) {
			calls++
			for i := range x.Data {
				x.Data[i] = float64(calls)
			}
		}}, proptest.Config{}},
		{"writes the graph", "Pure", claiming{walk, positional.None, func(g *graph.Graph, _ tensor.Dense[float64]) {
			for i := range g.EdgeIDs() {
				g.EdgeIDs()[i]++
			}
		}}, proptest.Config{}},
	} {
		t.Run(m.name, func(t *testing.T) {
			err := proptest.CheckEncoder(m.enc, m.cfg)
			require.Error(t, err)
			require.Contains(t, broken(err), m.law, "%v", err)
		})
	}
	signs := claiming{laplacian, positional.Signs, func(_ *graph.Graph, x tensor.Dense[float64]) { // determined up to sign
		for i := range x.Data {
			x.Data[i] = -1
			if calls%2 == 0 {
				x.Data[i] = 1
			}
		}
	}}
	require.NoError(t, proptest.CheckEncoder(signs, undirected))
	err := proptest.CheckEncoder(refusing{walk})
	require.ErrorContains(t, err, "refused all")
	require.Empty(t, proptest.Failures(err))
}

type refusing struct{ positional.RandomWalk[float64] }

func (refusing) Encode(*graph.Graph) (tensor.Dense[float64], error) {
	return tensor.Dense[float64]{}, errors.New("no")
}

// firstRow keeps, of each segment, the row that is stored first.
type firstRow[T tensor.Float] struct{ aggregate.Sum[T] }

func (firstRow[T]) Aggregate(t *autodiff.Tape[T], seg *graph.Segments, x *autodiff.Var[T]) *autodiff.Var[T] {
	y := autodiff.SegmentSum(t, seg, x)
	return overwrite(y, func(i, c int) T {
		if seg.Size(i) == 0 {
			return 0
		}
		p := seg.Ptr[i]
		if seg.Row != nil {
			p = seg.Row[p]
		}
		return x.Value.At(int(p), c)
	})
}

func TestAggregators(t *testing.T) {
	t.Run("Sum", func(t *testing.T) {
		proptest.Aggregator(t, func(*rand.Rand) aggregate.Aggregator[float32] { return aggregate.Sum[float32]{} }, nil)
	})
	t.Run("Softmax", func(t *testing.T) {
		proptest.Aggregator(t, nil, func(*rand.Rand) aggregate.Aggregator[float64] { return aggregate.NewSoftmax(1.0, true) })
	})
}

// An aggregator that depends on the order of storage is caught.
func TestAggregatorMutant(t *testing.T) {
	err := proptest.CheckLayer(func(*rand.Rand) gnn.Layer[float32] { return gnn.Pool[float32]{Aggregator: firstRow[float32]{}} })
	require.Error(t, err)
	require.Contains(t, broken(err), "Equivariant", "%v", err)
}

// The laws that need something of the Config to be checked at all.
func TestOptionalLaws(t *testing.T) {
	mk, parts := making(sum[float32]), making(func(l *planted[float32], t *tape, g *graph.Graph, v *variable) *variable {
		nbr := autodiff.SegmentSum(t, g.InEdges(), autodiff.Expand(t, g.OutEdges(), v))
		return autodiff.Add(t, autodiff.Linear(t, autodiff.Add(t, v, nbr), t.Param(l.lin.Weight), nil), t.Param(l.lin.Bias))
	})
	digest, err := proptest.Digest(mk)
	require.NoError(t, err)
	require.Len(t, digest, 64)
	proptest.Layer(t, mk, nil, proptest.Config{Digest: digest, Unfused: parts})

	// A kernel that rounds otherwise, a composition that is not the same.
	rounding := making(func(l *planted[float32], t *tape, g *graph.Graph, v *variable) *variable {
		y := sum(l, t, g, v)
		return overwrite(y, func(i, c int) float32 { return math.Nextafter32(y.Value.At(i, c), 1) })
	})
	require.Equal(t, []string{"Implementations"}, broken(proptest.CheckLayer(rounding, proptest.Config{Digest: digest})))
	require.Equal(t, []string{"Fused"}, broken(proptest.CheckLayer(rounding, proptest.Config{Unfused: parts})))
	require.NoError(t, proptest.CheckLayer(rounding))

	// An output with the wrong number of rows is an error, not a panic.
	short := making(func(l *planted[float32], t *tape, g *graph.Graph, v *variable) *variable {
		return autodiff.SegmentSum(t, t.Whole(v.Rows()), v)
	})
	_, err = proptest.Digest(short)
	require.ErrorContains(t, err, "output Node is (1,4)")
	err = proptest.CheckLayer(short, proptest.Config{Only: []string{"EdgeOrder"}})
	require.ErrorContains(t, err, "output Node is (1,4)")
	var f *proptest.Failure
	require.ErrorAs(t, err, &f)
	require.Zero(t, f.Nodes)
}

// Every field of the features is drawn, moved and compared.
type everything[T tensor.Float] struct{ lin *gnn.Linear[T] }

func (l everything[T]) Forward(t *autodiff.Tape[T], g *graph.Graph, x gnn.Features[T]) gnn.Features[T] {
	h := l.lin.Apply(t, autodiff.Concat(t, x.Node, x.Pos, autodiff.Expand(t, g.Nodes(), x.Graph)))
	x.Edge = autodiff.Add(t, x.Edge, autodiff.Expand(t, g.OutEdges(), autodiff.Slice(t, h, 0, 2)))
	x.Weight = autodiff.Mul(t, x.Weight, autodiff.Slice(t, x.Edge, 0, 1))
	x.Node = autodiff.WeightedSum(t, g.In(), x.Weight, h, 1)
	x.Pos = autodiff.Add(t, x.Pos, autodiff.Slice(t, x.Node, 0, 3))
	x.Graph = autodiff.SegmentMean(t, g.Nodes(), h)
	return x
}

func (l everything[T]) Params(yield func(string, *autodiff.Param[T]) bool) { l.lin.Params(yield) }

func makeEverything[T tensor.Float](r *rand.Rand) gnn.Layer[T] {
	return everything[T]{gnn.NewLinear[T](r, 2+3+2, 4, true)}
}

func TestEveryField(t *testing.T) {
	proptest.Layer(t, makeEverything[float32], makeEverything[float64],
		proptest.Config{In: 2, EdgeDim: 2, Weights: true, Pos: true, GraphDim: 2, OneWL: true})
	proptest.Layer(t, makeEverything[float32], nil, proptest.Config{In: 2, EdgeDim: 2, Weights: true, Pos: true, GraphDim: 2,
		Undirected: true, MaxNodes: 5, Trials: 8})
}
