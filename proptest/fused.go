package proptest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"symbridge/autodiff"
	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/tensor"
)

// operation is an operation of package autodiff as a layer with a weight (3,4) and a bias (1,3), so that the laws of layers can
// be put to it.
type operation[T tensor.Float] struct {
	w, b  *autodiff.Param[T]
	apply apply[T]
}

type apply[T tensor.Float] = func(t *autodiff.Tape[T], g *graph.Graph, x gnn.Features[T], w, b *autodiff.Var[T]) *autodiff.Var[T]

func operating[T tensor.Float](f apply[T]) func(*rand.Rand) gnn.Layer[T] {
	return func(rng *rand.Rand) gnn.Layer[T] {
		l := gnn.NewLinear[T](rng, 4, 3, true)
		return &operation[T]{l.Weight, l.Bias, f}
	}
}

func (o *operation[T]) Forward(t *autodiff.Tape[T], g *graph.Graph, x gnn.Features[T]) gnn.Features[T] {
	x.Node = o.apply(t, g, x, t.Param(o.w), t.Param(o.b))
	return x
}

func (o *operation[T]) Params(yield func(string, *autodiff.Param[T]) bool) {
	if yield("weight", o.w) {
		yield("bias", o.b)
	}
}

// fusion is an operation and the composition that it replaces.
type fusion[T tensor.Float] struct {
	name         string
	fused, parts apply[T]
	cfg          Config
}

func fusions[T tensor.Float]() []fusion[T] {
	type (
		P = autodiff.Tape[T]
		G = graph.Graph
		X = gnn.Features[T]
		V = autodiff.Var[T]
	)
	list := []fusion[T]{
		{name: "Linear of a sparse matrix", cfg: Config{Sparse: true},
			fused: func(t *P, g *G, x X, w, b *V) *V { return autodiff.Linear(t, x.Node, w, b) },
			parts: func(t *P, g *G, x X, w, b *V) *V { return autodiff.Linear(t, t.Dense(x.Node), w, b) }},
		{name: "Linear with a bias",
			fused: func(t *P, g *G, x X, w, b *V) *V { return autodiff.Linear(t, x.Node, w, b) },
			parts: func(t *P, g *G, x X, w, b *V) *V { return autodiff.Add(t, autodiff.Linear(t, x.Node, w, nil), b) }},
		// The gradient of the rows is not compared: the composition rounds each product before it adds them up.
		{name: "WeightedSum over neighbours", cfg: Config{EdgeDim: 2},
			fused: func(t *P, g *G, x X, _, _ *V) *V {
				return autodiff.WeightedSum(t, g.In(), x.Edge, t.Const(x.Node.Value), 2)
			},
			parts: func(t *P, g *G, x X, _, _ *V) *V {
				return autodiff.WeightedSum(t, g.InEdges(), x.Edge, autodiff.Expand(t, g.OutEdges(), t.Const(x.Node.Value)), 2)
			}},
		{name: "WeightedSum of several heads", cfg: Config{EdgeDim: 2},
			fused: func(t *P, g *G, x X, _, _ *V) *V { return autodiff.WeightedSum(t, g.In(), x.Edge, x.Node, 2) },
			parts: func(t *P, g *G, x X, _, _ *V) *V {
				head := func(h int) *V {
					return autodiff.WeightedSum(t, g.In(), autodiff.Slice(t, x.Edge, h, h+1), autodiff.Slice(t, x.Node, 2*h, 2*h+2), 1)
				}
				return autodiff.Concat(t, head(0), head(1))
			}},
		{name: "AdditiveAttention", cfg: Config{EdgeDim: 2},
			fused: func(t *P, g *G, x X, _, _ *V) *V {
				src, dst := autodiff.Slice(t, x.Node, 0, 2), autodiff.Slice(t, x.Node, 2, 4)
				return autodiff.AdditiveAttention(t, g.In(), src, dst, x.Edge, x.Node, 0.2,
					autodiff.AttentionOptions{Heads: 2, Dropout: 0.4, IDs: g.EdgeIDs()})
			},
			parts: func(t *P, g *G, x X, _, _ *V) *V {
				src, dst := autodiff.Slice(t, x.Node, 0, 2), autodiff.Slice(t, x.Node, 2, 4)
				e := autodiff.Add(t, autodiff.Expand(t, g.OutEdges(), src), autodiff.Expand(t, g.InEdges(), dst))
				return attention(t, g, autodiff.LeakyReLU(t, autodiff.Add(t, e, x.Edge), 0.2), x.Node)
			}},
		{name: "DotAttention",
			fused: func(t *P, g *G, x X, _, _ *V) *V {
				return autodiff.DotAttention(t, g.In(), x.Node, x.Node, nil, x.Node, 0.7,
					autodiff.AttentionOptions{Heads: 2, Dropout: 0.4, IDs: g.EdgeIDs()})
			},
			parts: func(t *P, g *G, x X, _, _ *V) *V {
				e := autodiff.SegmentDot(t, g.In(), x.Node, x.Node, 2)
				return attention(t, g, autodiff.Scale(t, e, 0.7), x.Node)
			}},
		// Nor here those of queries, keys and values.
		{name: "DotAttention with edges", cfg: Config{EdgeDim: 4},
			fused: func(t *P, g *G, x X, _, _ *V) *V {
				rows := t.Const(x.Node.Value)
				return autodiff.DotAttention(t, g.In(), rows, rows, x.Edge, rows, 0.7,
					autodiff.AttentionOptions{Heads: 2, Dropout: 0.4, IDs: g.EdgeIDs()})
			},
			parts: func(t *P, g *G, x X, _, _ *V) *V {
				rows := t.Const(x.Node.Value)
				e := autodiff.HeadDot(t, autodiff.Expand(t, g.InEdges(), rows), messages(t, g.OutEdges(), rows, x.Edge, false), 2)
				alpha, values := coefficients(t, g, autodiff.Scale(t, e, 0.7)), messages(t, g.OutEdges(), rows, x.Edge, false)
				return autodiff.WeightedSum(t, g.InEdges(), alpha, values, 2)
			}},
		// Nor here: side by side, the composition adds the zeros of the other head, which turns -0 into +0.
		{name: "HeadDot of several heads",
			fused: func(t *P, g *G, x X, _, _ *V) *V {
				return autodiff.HeadDot(t, t.Const(x.Node.Value), t.Const(x.Node.Value), 2)
			},
			parts: func(t *P, g *G, x X, _, _ *V) *V {
				head := func(h int) *V {
					part := autodiff.Slice(t, t.Const(x.Node.Value), 2*h, 2*h+2)
					return autodiff.HeadDot(t, part, part, 1)
				}
				return autodiff.Concat(t, head(0), head(1))
			}},
	}
	for _, act := range []struct {
		name string
		kind autodiff.Activation
		a    T
		of   func(*P, *V) *V
	}{
		{"no activation", autodiff.NoActivation, 0, func(_ *P, y *V) *V { return y }},
		{"ReLU", autodiff.ActReLU, 0, autodiff.ReLU[T]},
		{"LeakyReLU", autodiff.ActLeakyReLU, 0.1, func(t *P, y *V) *V { return autodiff.LeakyReLU(t, y, 0.1) }},
		{"LeakyReLU with a negative slope", autodiff.ActLeakyReLU, -0.5, func(t *P, y *V) *V { return autodiff.LeakyReLU(t, y, -0.5) }},
		{"ELU", autodiff.ActELU, 0.7, func(t *P, y *V) *V { return autodiff.ELU(t, y, 0.7) }},
		{"ELU with a negative alpha", autodiff.ActELU, -0.7, func(t *P, y *V) *V { return autodiff.ELU(t, y, -0.7) }},
		{"Tanh", autodiff.ActTanh, 0, autodiff.Tanh[T]},
		{"Sigmoid", autodiff.ActSigmoid, 0, autodiff.Sigmoid[T]},
		{"GELU", autodiff.ActGELU, 0, autodiff.GELU[T]},
		{"SiLU", autodiff.ActSiLU, 0, autodiff.SiLU[T]},
	} {
		list = append(list, fusion[T]{name: "Affine, weight, bias and " + act.name,
			fused: func(t *P, g *G, x X, w, b *V) *V {
				o := autodiff.AffineOptions[T]{Weight: b, Then: autodiff.Then[T]{Bias: b, Activation: act.kind, A: act.a}}
				return autodiff.Affine(t, autodiff.Slice(t, x.Node, 0, 3), o)
			},
			parts: func(t *P, g *G, x X, w, b *V) *V {
				return act.of(t, autodiff.Add(t, autodiff.Mul(t, autodiff.Slice(t, x.Node, 0, 3), b), b))
			},
		}, fusion[T]{name: "Affine, all steps and " + act.name,
			fused: func(t *P, g *G, x X, w, b *V) *V {
				rows := t.Const(b.Value)
				o := autodiff.AffineOptions[T]{Mean: rows, Scale: rows, Weight: b}
				o.Then = autodiff.Then[T]{Residual: autodiff.Slice(t, x.Node, 1, 4), Bias: rows, Activation: act.kind, A: act.a}
				return autodiff.Affine(t, autodiff.Slice(t, x.Node, 0, 3), o)
			},
			parts: func(t *P, g *G, x X, w, b *V) *V {
				rows, residual := t.Const(b.Value), autodiff.Slice(t, x.Node, 1, 4)
				y := autodiff.Mul(t, autodiff.Sub(t, autodiff.Slice(t, x.Node, 0, 3), rows), rows)
				return act.of(t, autodiff.Add(t, autodiff.Add(t, autodiff.Mul(t, y, b), residual), rows))
			},
		}, fusion[T]{name: "Affine, a number and " + act.name,
			fused: func(t *P, g *G, x X, w, b *V) *V {
				o := autodiff.AffineOptions[T]{Weight: autodiff.Slice(t, b, 1, 2)}
				o.Activation, o.A = act.kind, act.a
				return autodiff.Affine(t, x.Node, o)
			},
			parts: func(t *P, g *G, x X, w, b *V) *V {
				return act.of(t, autodiff.Mul(t, x.Node, autodiff.Slice(t, b, 1, 2)))
			},
		})
		for _, cfg := range []Config{{}, {Sparse: true}} {
			kind := "a matrix"
			if cfg.Sparse {
				kind = "a sparse matrix"
			}
			// With a residual, the gradient of the bias is not compared: Add hands that of a single row on, where the sum turns -0 into +0.
			residual := func(t *P, x X) *V { return autodiff.Slice(t, t.Dense(x.Node), 0, 3) }
			list = append(list, fusion[T]{name: "Linear of " + kind + ", bias and " + act.name, cfg: cfg,
				fused: func(t *P, g *G, x X, w, b *V) *V {
					return autodiff.LinearThen(t, x.Node, w, autodiff.Then[T]{Bias: b, Activation: act.kind, A: act.a})
				},
				parts: func(t *P, g *G, x X, w, b *V) *V { return act.of(t, autodiff.Linear(t, x.Node, w, b)) },
			}, fusion[T]{name: "Linear of " + kind + ", residual, bias and " + act.name, cfg: cfg,
				fused: func(t *P, g *G, x X, w, b *V) *V {
					return autodiff.LinearThen(t, x.Node, w, autodiff.Then[T]{
						Residual: residual(t, x), Bias: t.Const(b.Value), Activation: act.kind, A: act.a})
				},
				parts: func(t *P, g *G, x X, w, b *V) *V {
					y := autodiff.Add(t, residual(t, x), autodiff.Linear(t, x.Node, w, nil))
					return act.of(t, autodiff.Add(t, y, t.Const(b.Value)))
				},
			})
		}
	}
	for _, fold := range []struct {
		name    string
		of      func(*P, *graph.Segments, *V) *V
		message func(*P, *graph.Segments, *V, *V, bool) *V
	}{{"SegmentSum", autodiff.SegmentSum[T], autodiff.MessageSum[T]}, {"SegmentMean", autodiff.SegmentMean[T], autodiff.MessageMean[T]},
		{"SegmentMax", autodiff.SegmentMax[T], autodiff.MessageMax[T]}, {"SegmentMin", autodiff.SegmentMin[T], autodiff.MessageMin[T]}} {
		list = append(list,
			fusion[T]{name: fold.name + " over neighbours",
				fused: func(t *P, g *G, x X, _, _ *V) *V { return fold.of(t, g.In(), x.Node) },
				parts: func(t *P, g *G, x X, _, _ *V) *V {
					return fold.of(t, g.InEdges(), autodiff.Expand(t, g.OutEdges(), x.Node))
				}},
			fusion[T]{name: fold.name + " over targets",
				fused: func(t *P, g *G, x X, _, _ *V) *V { return fold.of(t, g.Out(), x.Node) },
				parts: func(t *P, g *G, x X, _, _ *V) *V {
					return fold.of(t, g.OutEdges(), autodiff.Expand(t, g.InEdges(), x.Node))
				}})
		for _, relu := range []bool{false, true} {
			name := fmt.Sprintf("%s of neighbours and edges, ReLU %v", fold.name, relu)
			list = append(list, fusion[T]{name: name, cfg: Config{EdgeDim: 4},
				fused: func(t *P, g *G, x X, _, _ *V) *V { return fold.message(t, g.In(), x.Node, x.Edge, relu) },
				parts: func(t *P, g *G, x X, _, _ *V) *V {
					return fold.of(t, g.InEdges(), messages(t, g.OutEdges(), x.Node, x.Edge, relu))
				}},
				fusion[T]{name: name + ", for the rows alone", cfg: Config{EdgeDim: 4},
					fused: func(t *P, g *G, x X, _, _ *V) *V {
						return fold.message(t, g.Out(), x.Node, t.Const(x.Edge.Value), relu)
					},
					parts: func(t *P, g *G, x X, _, _ *V) *V {
						return fold.of(t, g.OutEdges(), messages(t, g.InEdges(), x.Node, t.Const(x.Edge.Value), relu))
					}})
		}
	}
	return list
}

// messages copies rows to edges and adds the features of edges.
func messages[T tensor.Float](t *autodiff.Tape[T], s *graph.Segments, x, e *autodiff.Var[T], relu bool) *autodiff.Var[T] {
	m := autodiff.Add(t, autodiff.Expand(t, s, x), e)
	if relu {
		m = autodiff.ReLU(t, m)
	}
	return m
}

// attention folds the rows of neighbours with weights that are the softmax of scores (E,2), with dropout.
func attention[T tensor.Float](t *autodiff.Tape[T], g *graph.Graph, e, x *autodiff.Var[T]) *autodiff.Var[T] {
	return autodiff.WeightedSum(t, g.In(), coefficients(t, g, e), x, 2)
}

// coefficients returns the softmax of scores (E,2) over the in-edges of each node, with dropout.
func coefficients[T tensor.Float](t *autodiff.Tape[T], g *graph.Graph, e *autodiff.Var[T]) *autodiff.Var[T] {
	return autodiff.Dropout(t, autodiff.SegmentSoftmax(t, g.InEdges(), e), g.EdgeIDs(), 0.4)
}

// FusedOps checks, in float32 and float64, the Fused law for the operations of package autodiff: folding neighbours makes no
// matrix of messages and has the bits of copying sources to edges and folding those, forward and backward; attention has the bits of
// its parts; a sparse matrix has the bits of the dense one; several heads those of each on its own.
func FusedOps(t *testing.T, cfg ...Config) {
	t.Helper()
	fusedSuite[float32](t, first(cfg))
	fusedSuite[float64](t, first(cfg))
}

func fusedSuite[T tensor.Float](t *testing.T, cfg Config) {
	for _, f := range fusions[T]() {
		t.Run(typeName[T]()+"/"+f.name, func(t *testing.T) {
			if err := f.check(cfg); err != nil {
				t.Error(err)
			}
		})
	}
}

// CheckFusedOps checks the same outside tests; the error joins a [*Failure] for each operation.
func CheckFusedOps[T tensor.Float](cfg ...Config) error {
	var errs []error
	for _, f := range fusions[T]() {
		errs = append(errs, f.check(first(cfg)))
	}
	return errors.Join(errs...)
}

func (f fusion[T]) check(cfg Config) error {
	c := f.cfg
	c.Trials, c.Seed = cfg.Trials, cfg.Seed
	c.replace(operating(f.parts))
	return CheckLayer(operating(f.fused), c)
}

// replace says that the layer replaces a composition, and that nothing but the Fused law is to be checked.
func (c *Config) replace(parts any) {
	c.Only = []string{"Fused"}
	switch mk := parts.(type) {
	case func(*rand.Rand) gnn.Layer[float32]:
		c.Unfused = mk
	case func(*rand.Rand) gnn.Layer[float64]:
		c.Unfused64 = mk
	}
}
