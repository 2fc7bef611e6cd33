package train_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/dataset"
	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/train"
)

// nodeConfigs are small models with all that could show a labelling: dropout on rows and on edges, norms over nodes.
func nodeConfigs() []gnn.Config {
	var out []gnn.Config
	for _, model := range []string{"gcn", "sage", "gat", "gin", "transformer"} {
		c := gnn.Config{Model: model, Task: "node", Hidden: 8, Layers: 2, Dropout: 0.5, Norm: "batch"}
		switch model {
		case "transformer":
			c.Heads, c.OutHeads, c.Attention = 2, 2, 0.3
		case "gat":
			c.Heads, c.OutHeads, c.Attention, c.Activation = 2, 2, 0.3, "elu"
		}
		out = append(out, c)
	}
	return out
}

// karate returns the club with a validation split, so that stop and restore rules take part.
func karate() *dataset.Set[float32] {
	s := dataset.Karate[float32]()
	d := *s.Data[0]
	d.Val, d.Test = d.Test[:12], d.Test[12:]
	s.Data[0] = &d
	return s
}

type outcome struct {
	Weights, State string
	History        []train.Epoch
	Test           train.Scores
	Best           int
}

func newModel(t testing.TB, c gnn.Config, s *dataset.Set[float32]) *gnn.Model[float32] {
	c.In, c.Out = s.Features(), s.Classes
	m, err := gnn.NewModel[float32](c, rand.New(rand.NewPCG(1, 2)))
	require.NoError(t, err)
	return m
}

// outcomeOf trains with a checkpoint after the last epoch, so that moments are compared too.
func outcomeOf(t testing.TB, c gnn.Config, s *dataset.Set[float32], split train.Split, cfg train.Config) outcome {
	return outcomeIn(t, graph.OrderNone, newModel(t, c, s), s, split, cfg)
}

// outcomeIn trains a model with the nodes in an order.
func outcomeIn(t testing.TB, order graph.Order, m *gnn.Model[float32], s *dataset.Set[float32], split train.Split, cfg train.Config) outcome {
	var last *train.State[float32]
	opts := train.Options[float32]{Order: order, CheckpointEvery: cfg.Epochs, Checkpoint: func(st *train.State[float32]) error { last = st; return nil }}
	var res *train.Result[float32]
	var err error
	if s.Task == dataset.NodeClassification {
		res, err = train.FitNodes(context.Background(), m, s.Data[0], cfg, opts)
	} else {
		res, err = train.FitGraphs(context.Background(), m, s.Data, split, cfg, opts)
	}
	require.NoError(t, err)
	require.Equal(t, cfg.Epochs, res.Epochs)
	require.NotNil(t, last)
	return outcome{train.WeightsSHA256(m), stateSHA256(t, last), res.History, res.Test, res.BestEpoch}
}

func TestNodeTrainingDoesNotSeeTheLabelling(t *testing.T) {
	steps := 1000
	if testing.Short() {
		steps = 100
	}
	for _, c := range nodeConfigs() {
		t.Run(c.Model, func(t *testing.T) {
			s := karate()
			n := steps
			if c.Model != "gcn" {
				n = steps / 5
			}
			cfg := train.Config{Epochs: n, LR: 0.02, WeightDecay: 5e-4, FirstLayerDecay: true, Clip: 1, Seed: 3,
				Restore: train.RestoreBestAccuracy, EvalEvery: 3}
			want := outcomeOf(t, c, s, train.Split{}, cfg)
			for k := range uint64(2) {
				got := outcomeOf(t, c, s.Relabel(rand.New(rand.NewPCG(7, k))), train.Split{}, cfg)
				require.Equal(t, want, got)
			}
			cfg.Seed++
			require.NotEqual(t, want.Weights, outcomeOf(t, c, s, train.Split{}, cfg).Weights, "dropout has no effect: the test is blind")
		})
	}
}

func TestTrainingDoesNotSeeTheWorkers(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	// A graph that is large enough for the kernels to split the work.
	big := randomNodes(t, 800, 6000, 32)
	rings := ringSet(t, 60)
	for _, c := range nodeConfigs() {
		t.Run(c.Model, func(t *testing.T) {
			var want, wantRings outcome
			for i, procs := range []int{1, 2, 8} {
				runtime.GOMAXPROCS(procs)
				got := outcomeOf(t, c, big, train.Split{}, train.Config{Epochs: 4, Seed: 5, Clip: 1})
				graphs := c
				graphs.Task, graphs.Dropout = "graph", 0.2
				gotRings := outcomeOf(t, graphs, rings, ringSplit(60), train.Config{Epochs: 3, BatchSize: 16, Seed: 5})
				if i == 0 {
					want, wantRings = got, gotRings
				}
				require.Equal(t, want, got, "GOMAXPROCS=%d", procs)
				require.Equal(t, wantRings, gotRings, "GOMAXPROCS=%d", procs)
			}
		})
	}
}

func TestGraphTrainingDoesNotSeeTheLabelling(t *testing.T) {
	s := ringSet(t, 40)
	split := ringSplit(40)
	for _, c := range nodeConfigs() {
		c.Task, c.Dropout = "graph", 0.3
		for _, size := range []int{0, 7} {
			t.Run(fmt.Sprintf("%s/batch=%d", c.Model, size), func(t *testing.T) {
				cfg := train.Config{Epochs: 12, BatchSize: size, Seed: 3, Restore: train.RestoreBestLoss}
				want := outcomeOf(t, c, s, split, cfg)
				require.Equal(t, want, outcomeOf(t, c, s.Relabel(rand.New(rand.NewPCG(7, 1))), split, cfg))

				// The place of a graph in the list does not show either: identities go along.
				moved, there := permuteGraphs(s, split)
				require.Equal(t, want, outcomeOf(t, c, moved, there, cfg))
			})
		}
	}
}

// Without identities a graph is known by its place, and relabelled nodes by the names they had.
func TestGraphTrainingWithoutIdentities(t *testing.T) {
	s := ringSet(t, 20)
	s = s.Map(func(d *gnn.Data[float32]) *gnn.Data[float32] {
		out := *d
		g, err := d.Graph.WithIDs(nil, nil, nil)
		require.NoError(t, err)
		out.Graph = g
		return &out
	})
	c := gnn.Config{Model: "gat", Task: "graph", Hidden: 4, Layers: 2, Heads: 2, Dropout: 0.3, Attention: 0.3}
	cfg := train.Config{Epochs: 6, BatchSize: 5}
	want := outcomeOf(t, c, s, ringSplit(20), cfg)
	require.Equal(t, want, outcomeOf(t, c, s.Relabel(rand.New(rand.NewPCG(7, 1))), ringSplit(20), cfg))
}
