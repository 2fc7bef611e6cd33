package train_test

import (
	"context"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/autodiff"
	"symbridge/dataset"
	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/internal/testdata"
	"symbridge/tensor"
	"symbridge/train"
)

// trained is what a run and the model that it leaves have to say.
type trained struct {
	Outcome     outcome
	Predictions []train.Prediction[float32] // of each element of the data
}

// trainedIn trains and predicts with the nodes in an order.
func trainedIn(t *testing.T, order graph.Order, c gnn.Config, s *dataset.Set[float32], split train.Split, cfg train.Config) trained {
	m := newModel(t, c, s)
	out := trained{Outcome: outcomeIn(t, order, m, s, split, cfg)}
	predictor := train.NewPredictor[float32](m, "")
	predictor.Order = order
	for _, d := range s.Data {
		out.Predictions = append(out.Predictions, predictor.Predict(d))
	}
	if len(s.Data) > 1 {
		out.Predictions = append(out.Predictions, predictor.Predict(gnn.Batch(s.Data...)))
	}
	return out
}

// sameInEveryOrder fails where an order of the nodes shows in weights, moments, history, scores or predictions.
func sameInEveryOrder(t *testing.T, c gnn.Config, s *dataset.Set[float32], split train.Split, cfg train.Config) {
	want := trainedIn(t, graph.OrderNone, c, s, split, cfg)
	for _, o := range []graph.Order{"none", graph.OrderRCM, graph.OrderDegree, graph.OrderCluster} {
		require.Equal(t, want, trainedIn(t, o, c, s, split, cfg), "%s", o)
	}
}

func TestTrainingDoesNotSeeTheOrder(t *testing.T) {
	cfg := train.Config{Epochs: 30, LR: 0.02, WeightDecay: 5e-4, FirstLayerDecay: true, Clip: 1, Seed: 3,
		Restore: train.RestoreBestAccuracy, EvalEvery: 3}
	big := randomNodes(t, 800, 6000, 32)
	rings := ringSet(t, 40)
	for _, c := range nodeConfigs() {
		t.Run(c.Model, func(t *testing.T) {
			sameInEveryOrder(t, c, karate(), train.Split{}, cfg)
			short := cfg
			short.Epochs = 3
			sameInEveryOrder(t, c, big, train.Split{}, short)
			c.Task, c.Dropout = "graph", 0.3
			sameInEveryOrder(t, c, rings, ringSplit(40), train.Config{Epochs: 6, BatchSize: 7, Seed: 3, Restore: train.RestoreBestLoss})
		})
	}
}

// spy is a model that notes the graph that it is given.
type spy struct {
	*gnn.Model[float32]
	seen *graph.Graph
}

func (s *spy) Forward(t *autodiff.Tape[float32], g *graph.Graph, x gnn.Features[float32]) gnn.Features[float32] {
	s.seen = g
	return s.Model.Forward(t, g, x)
}

// The order is really taken, or the tests above would compare nothing.
func TestOrderIsTaken(t *testing.T) {
	s, c := karate(), nodeConfigs()[0]
	for _, o := range []graph.Order{graph.OrderNone, graph.OrderRCM, graph.OrderDegree, graph.OrderCluster} {
		want := s.Data[0].Graph.NodeIDs()
		if o != graph.OrderNone {
			want = s.Data[0].Graph.Ordered(o).NodeIDs()
			require.NotEqual(t, s.Data[0].Graph.NodeIDs(), want)
		}
		m := &spy{Model: newModel(t, c, s)}
		_, err := train.FitNodes(context.Background(), m, s.Data[0], train.Config{Epochs: 1}, train.Options[float32]{Order: o})
		require.NoError(t, err)
		require.Equal(t, want, m.seen.NodeIDs())
		p := train.NewPredictor[float32](m, "")
		p.Order, m.seen = o, nil
		p.Predict(s.Data[0])
		require.Equal(t, want, m.seen.NodeIDs())
	}
}

// Edge features, edge weights and targets that are numbers move along.
func TestOrderMovesEverything(t *testing.T) {
	s := randomNodes(t, 60, 300, 5)
	d := s.Data[0]
	d.EdgeAttr, d.EdgeWeight = tensor.NewDense[float32](300, 3), tensor.NewDense[float32](300, 1)
	for k := range 300 {
		d.EdgeAttr.Set(k, k%3, float32(k)/300)
		d.EdgeWeight.Set(k, 0, 1+float32(k%7))
	}
	d.NodeTarget, d.NodeClass = tensor.NewDense[float32](60, 2), nil
	for v := range 60 {
		d.NodeTarget.Set(v, 0, float32(v)/60)
		d.NodeTarget.Set(v, 1, d.X.At(v, 1))
	}
	for _, c := range []gnn.Config{{Model: "gat", Task: "node", Hidden: 4, Layers: 2, Heads: 2, EdgeDim: 3, Dropout: 0.2},
		{Model: "gcn", Task: "node", Hidden: 4, Layers: 2}} {
		sameInEveryOrder(t, c, s, train.Split{}, train.Config{Epochs: 5, Loss: train.MSE})
	}
	h, place := d.Ordered(graph.OrderRCM)
	require.NoError(t, h.Validate())
	require.Len(t, place, 60)
	for v, w := range place {
		require.Equal(t, d.X.Row(v), h.X.Row(int(w)))
		require.Equal(t, d.NodeTarget.Row(v), h.NodeTarget.Row(int(w)))
	}
	for i, v := range d.Train {
		require.Equal(t, place[v], h.Train[i])
	}
	same, none := d.Ordered(graph.OrderNone)
	require.Same(t, d, same)
	require.Nil(t, none)
}

// A run that was interrupted in one order goes on in another.
func TestResumeInAnotherOrder(t *testing.T) {
	s, c := karate(), nodeConfigs()[2]
	cfg := train.Config{Epochs: 8, Seed: 1}
	want := outcomeOf(t, c, s, train.Split{}, cfg)
	m := newModel(t, c, s)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	res, err := train.FitNodes(ctx, m, s.Data[0], cfg, train.Options[float32]{Order: graph.OrderRCM, Progress: func(p train.Progress) {
		if p.Last.Epoch == 4 {
			cancel()
		}
	}})
	require.ErrorIs(t, err, context.Canceled)
	m = newModel(t, c, s)
	res, err = train.FitNodes(context.Background(), m, s.Data[0], cfg, train.Options[float32]{Order: graph.OrderDegree, Resume: res.State})
	require.NoError(t, err)
	require.Equal(t, want.Weights, train.WeightsSHA256(m))
	require.Equal(t, want.History, res.History)
	require.Equal(t, want.Test, res.Test)
}

func TestOrderErrors(t *testing.T) {
	s, c := karate(), nodeConfigs()[0]
	m := newModel(t, c, s)
	bad := train.Options[float32]{Order: "random"}
	for _, err := range []error{
		func() error {
			_, err := train.FitNodes(context.Background(), m, s.Data[0], train.Config{}, bad)
			return err
		}(),
		func() error {
			_, err := train.FitGraphs(context.Background(), m, s.Data, train.Split{}, train.Config{}, bad)
			return err
		}(),
	} {
		require.ErrorIs(t, err, train.ErrConfig)
		require.ErrorIs(t, err, graph.ErrOrder)
	}
	p := train.NewPredictor[float32](m, "")
	p.Order = "random"
	require.Panics(t, func() { p.Predict(s.Data[0]) })

	// Messages name rows as the data does.
	d := *s.Data[0]
	d.NodeClass = append([]int32(nil), d.NodeClass...)
	d.NodeClass[7] = 9
	_, err := train.FitNodes(context.Background(), m, &d, train.Config{}, train.Options[float32]{Order: graph.OrderDegree})
	require.ErrorContains(t, err, "the class of row 7 is 9")
}

func TestRealDataDoesNotShowTheOrder(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: real data in short mode")
	}
	for _, c := range nodeConfigs() {
		for _, name := range []string{"cora", "mutag"} {
			t.Run(name+"/"+c.Model, func(t *testing.T) {
				s, err := dataset.Open[float32](os.DirFS(testdata.Shared(t, "data/"+name)), "", dataset.Limits{})
				require.NoError(t, err)
				cfg := train.Config{Epochs: 2, WeightDecay: 5e-4, FirstLayerDecay: true, Restore: train.RestoreBestLoss}
				if name == "mutag" {
					c.Task, cfg.BatchSize = "graph", 32
				}
				sameInEveryOrder(t, c, s, ringSplit(188), cfg)
			})
		}
	}
}
