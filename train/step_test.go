package train

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/autodiff"
	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/tensor"
)

func randomData(n, e, features int) *gnn.Data[float32] {
	rng := rand.New(rand.NewPCG(1, 1))
	edges := make([][2]int32, e)
	for k := range edges {
		edges[k] = [2]int32{rng.Int32N(int32(n)), rng.Int32N(int32(n))}
	}
	d := &gnn.Data[float32]{Graph: graph.Must(graph.New(n, edges)), X: tensor.NewDense[float32](n, features), NodeClass: make([]int32, n)}
	for i := range d.X.Data {
		d.X.Data[i] = float32(rng.NormFloat64())
	}
	for v := range n {
		d.NodeClass[v] = int32(v % 3)
		d.Train = append(d.Train, int32(v))
	}
	return d
}

func stepper(t testing.TB, c gnn.Config, cfg Config, d *gnn.Data[float32]) *run[float32] {
	c.Task, c.In, c.Out, c.Layers, c.Dropout = "node", d.Features(), 3, 2, 0.5
	m, err := gnn.NewModel[float32](c, rand.New(rand.NewPCG(1, 2)))
	require.NoError(t, err)
	cfg = cfg.withDefaults()
	task, err := newNodeTask(t.Context(), d, &cfg, Options[float32]{})
	require.NoError(t, err)
	r, err := newRun(gnn.Layer[float32](m), task, cfg, Options[float32]{})
	require.NoError(t, err)
	return r
}

var stepModels = []gnn.Config{
	{Model: "gcn", Hidden: 16}, {Model: "sage", Hidden: 16}, {Model: "gin", Hidden: 16, Norm: "batch"},
	{Model: "gat", Hidden: 8, Heads: 4, Attention: 0.5, Activation: "elu"},
}

func TestStepAllocatesNothingOnceWarm(t *testing.T) {
	if raceEnabled {
		t.Skip("SKIPPED: under the race detector sync.Pool forgets at random")
	}
	d := randomData(100, 500, 20)
	sparse := *d
	sparse.X, sparse.Sparse = tensor.Dense[float32]{}, tensor.CSRFromDense(d.X)
	for _, c := range stepModels {
		for name, data := range map[string]*gnn.Data[float32]{"dense": d, "sparse": &sparse} {
			t.Run(c.Model+"/"+name, func(t *testing.T) {
				r := stepper(t, c, Config{Clip: 1, WeightDecay: 1e-3}, data)
				step := func() {
					r.at.Batch = 0
					require.NoError(t, r.step(0.01))
				}
				for range 3 {
					step()
				}
				require.Zero(t, testing.AllocsPerRun(20, step))
			})
		}
	}
}

func BenchmarkNodeStep(b *testing.B) {
	d := randomData(2700, 10500, 128)
	for _, c := range stepModels {
		b.Run(c.Model, func(b *testing.B) {
			r := stepper(b, c, Config{}, d)
			for range 5 {
				r.at.Batch = 0
				require.NoError(b, r.step(0.01))
			}
			b.ReportAllocs()
			for b.Loop() {
				r.at.Batch = 0
				require.NoError(b, r.step(0.01))
			}
		})
	}
}

// gradients puts the given gradient for p on a fresh tape.
func gradients(p *autodiff.Param[float64], grad []float64) *autodiff.Tape[float64] {
	t := autodiff.NewTape[float64]()
	t.BackwardFrom(autodiff.Scale(t, t.Param(p), 1), tensor.Dense[float64]{Rows: 1, Cols: len(grad), Data: grad})
	return t
}

// The updates against the formulas of the papers, written with math.Pow, as torch.optim computes them.
func TestOptimizersFollowTheirFormulas(t *testing.T) {
	const lr, decay, scale = 0.1, 0.05, 0.5
	start := []float64{1, -2, 0.5}
	for _, c := range []struct {
		name string
		mk   func(g []Group[float64]) Optimizer[float64]
		step func(w, g, m, v float64, n int) (float64, float64, float64)
	}{
		{"adam", func(g []Group[float64]) Optimizer[float64] { return NewAdam(g, AdamOptions{}) },
			func(w, g, m, v float64, n int) (float64, float64, float64) {
				g += decay * w
				m, v = 0.9*m+0.1*g, 0.999*v+0.001*g*g
				return w - lr*(m/(1-math.Pow(0.9, float64(n))))/(math.Sqrt(v/(1-math.Pow(0.999, float64(n))))+1e-8), m, v
			}},
		{"adamw", func(g []Group[float64]) Optimizer[float64] {
			return NewAdam(g, AdamOptions{Beta1: 0.8, Beta2: 0.9, Eps: 1e-3, Decoupled: true})
		},
			func(w, g, m, v float64, n int) (float64, float64, float64) {
				m, v = 0.8*m+0.2*g, 0.9*v+0.1*g*g
				w -= lr * decay * w
				return w - lr*(m/(1-math.Pow(0.8, float64(n))))/(math.Sqrt(v/(1-math.Pow(0.9, float64(n))))+1e-3), m, v
			}},
		{"sgd", func(g []Group[float64]) Optimizer[float64] { return NewSGD(g, SGDOptions{}) },
			func(w, g, m, v float64, n int) (float64, float64, float64) { return w - lr*(g+decay*w), 0, 0 }},
		{"momentum", func(g []Group[float64]) Optimizer[float64] { return NewSGD(g, SGDOptions{Momentum: 0.9}) },
			func(w, g, m, v float64, n int) (float64, float64, float64) {
				m = 0.9*m + g + decay*w
				return w - lr*m, m, 0
			}},
		{"nesterov", func(g []Group[float64]) Optimizer[float64] {
			return NewSGD(g, SGDOptions{Momentum: 0.9, Nesterov: true})
		},
			func(w, g, m, v float64, n int) (float64, float64, float64) {
				g += decay * w
				m = 0.9*m + g
				return w - lr*(g+0.9*m), m, 0
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &autodiff.Param[float64]{Value: tensor.FromRows([][]float64{start})}
			frozen := &autodiff.Param[float64]{Value: tensor.FromRows([][]float64{{7}}), Buffer: true}
			opt := c.mk([]Group[float64]{{Params: []*autodiff.Param[float64]{p, frozen, p}, WeightDecay: decay}})
			w := append([]float64(nil), start...)
			m, v := make([]float64, 3), make([]float64, 3)
			for n := 1; n <= 20; n++ {
				grad := []float64{float64(n), -0.3, 1 / float64(n)}
				opt.Step(gradients(p, grad), lr, scale)
				for i := range w {
					w[i], m[i], v[i] = c.step(w[i], grad[i]*scale, m[i], v[i], n)
				}
				require.InDeltaSlice(t, w, p.Value.Data, 1e-12)
				if n == 10 { // a state that is taken out and put into another one changes nothing
					other := c.mk([]Group[float64]{{Params: []*autodiff.Param[float64]{p}, WeightDecay: decay}})
					require.NoError(t, other.SetState(opt.State()))
					opt = other
				}
			}
			require.Equal(t, 7.0, frozen.Value.Data[0])

			s := opt.State()
			require.EqualValues(t, 20, s.Steps)
			s.Slots = append(s.Slots, nil)
			require.ErrorContains(t, opt.SetState(s), "moments")
			if s = opt.State(); len(s.Slots) > 0 {
				s.Slots[0] = s.Slots[0][1:]
				require.ErrorContains(t, opt.SetState(s), "has 2 entries, want 3")
			}
		})
	}
}

func TestGroupsHaveTheirOwnDecay(t *testing.T) {
	a := &autodiff.Param[float64]{Value: tensor.FromRows([][]float64{{1}})}
	b := &autodiff.Param[float64]{Value: tensor.FromRows([][]float64{{1}})}
	opt := NewSGD([]Group[float64]{{Params: []*autodiff.Param[float64]{a}, WeightDecay: 1}, {Params: []*autodiff.Param[float64]{b}}}, SGDOptions{})
	opt.Step(autodiff.NewTape[float64](), 0.5, 1) // no gradients
	require.Equal(t, []float64{0.5, 1}, []float64{a.Value.Data[0], b.Value.Data[0]})
}

func TestGradNormAndClip(t *testing.T) {
	p := &autodiff.Param[float64]{Value: tensor.NewDense[float64](1, 2)}
	buffer := &autodiff.Param[float64]{Value: tensor.NewDense[float64](1, 2), Buffer: true}
	norm := GradNorm(gradients(p, []float64{3, 4}), []*autodiff.Param[float64]{p, buffer})
	require.Equal(t, 5.0, norm)
	require.Equal(t, 1.0, clipScale(norm, 0))
	require.Equal(t, 1.0, clipScale(norm, 5))
	require.Equal(t, 0.5, clipScale(norm, 2.5))
}

func TestFirstLayerDecay(t *testing.T) {
	d := randomData(10, 20, 4)
	r := stepper(t, gnn.Config{Model: "gcn", Hidden: 3}, Config{WeightDecay: 0.1, FirstLayerDecay: true}, d)
	got := map[string]float64{}
	for i, p := range r.named {
		got[p.Name] = r.opt.(*Adam[float32]).decay[i]
	}
	require.Equal(t, map[string]float64{"convs.0.bias": 0.1, "convs.0.lin.weight": 0.1, "convs.1.bias": 0, "convs.1.lin.weight": 0}, got)

	lin := gnn.NewLinear[float32](rand.New(rand.NewPCG(1, 1)), 4, 3, true)
	_, err := FitNodes(context.Background(), gnn.Layer[float32](lin), d, Config{FirstLayerDecay: true}, Options[float32]{})
	require.ErrorIs(t, err, ErrConfig)
}

// The stop and restore rules on a written-down course of (loss, accuracy).
func TestDecide(t *testing.T) {
	course := [][2]float64{{1.0, .5}, {0.9, .6}, {0.9, .5}, {0.95, .6}, {0.8, .4}, {0.99, .55}, {0.99, .55}, {0.99, .55}}
	for _, c := range []struct {
		cfg    Config
		kept   []int // evaluations, from 1
		stopAt int
	}{
		{Config{Restore: RestoreLast, Patience: 1}, nil, 0},
		{Config{Restore: RestoreBestAccuracy}, []int{1, 2}, 0},
		{Config{Restore: RestoreBestLoss}, []int{1, 2, 5}, 0},
		{Config{Restore: RestoreBestBoth}, []int{1, 2}, 0},
		{Config{Stop: StopValLoss, Patience: 2}, nil, 4},
		{Config{Stop: StopValLoss, Patience: 3}, nil, 8},
		{Config{Stop: StopValLossOrAccuracy, Patience: 2}, []int{1, 2}, 7},
	} {
		cfg := c.cfg
		if cfg.Patience == 0 {
			cfg.Patience = 100
		}
		cfg = cfg.withDefaults()
		if cfg.Stop == StopNone {
			cfg.Patience = 1
		}
		t.Run(fmt.Sprintf("%s/%s/%d", cfg.Stop, cfg.Restore, cfg.Patience), func(t *testing.T) {
			var a position
			var kept []int
			stop := 0
			for i, e := range course {
				if a.decide(&cfg, e[0], e[1]) {
					kept = append(kept, i+1)
					a.BestLoss, a.BestAcc = e[0], e[1]
				}
				if a.Stopped {
					stop = i + 1
					break
				}
			}
			require.Equal(t, c.kept, kept)
			require.Equal(t, c.stopAt, stop)
		})
	}
}

func TestCosPi(t *testing.T) {
	for i := range 1001 {
		x := float64(i) / 1000
		require.InDelta(t, math.Cos(math.Pi*x), cosPi(x), 5e-16, "cosPi(%v)", x)
	}
	require.Equal(t, []float64{1, 0, -1}, []float64{cosPi(0), cosPi(0.5), cosPi(1)})
}
