package train_test

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/aggregate"
	"symbridge/autodiff"
	"symbridge/dataset"
	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/tensor"
	"symbridge/train"
)

func TestFitLearnsTheKarateClub(t *testing.T) {
	s := dataset.Karate[float32]()
	m := newModel(t, gnn.Config{Model: "gcn", Task: "node", Hidden: 16, Layers: 2}, s)
	var seen []train.Progress
	res, err := train.FitNodes(context.Background(), m, s.Data[0],
		train.Config{Epochs: 100, Restore: train.RestoreBestLoss, Stop: train.StopValLoss},
		train.Options[float32]{Progress: func(p train.Progress) { seen = append(seen, p) }})
	require.NoError(t, err)
	require.Equal(t, 100, res.Epochs, "without validation rows no rule stops the run")
	require.Equal(t, 100, res.BestEpoch)
	require.Len(t, seen, 100)
	require.Equal(t, train.Progress{Last: res.History[99], Epochs: 100, BestEpoch: 100}, seen[99])
	require.False(t, res.History[99].Evaluated)
	require.Less(t, res.History[99].TrainLoss, res.History[0].TrainLoss/10)
	require.Equal(t, 1.0, res.Train.Accuracy)
	require.Equal(t, 32, res.Test.Rows)
	require.GreaterOrEqual(t, res.Test.Correct, 30)
	require.Zero(t, res.Val)
	require.Positive(t, res.Seconds)
}

func TestFitLearnsGraphs(t *testing.T) {
	s := ringSet(t, 60)
	m := newModel(t, gnn.Config{Model: "gin", Task: "graph", Hidden: 16, Layers: 2, Norm: "batch"}, s)
	res, err := train.FitGraphs(context.Background(), m, s.Data, ringSplit(60),
		train.Config{Epochs: 60, BatchSize: 8, Restore: train.RestoreBestLoss}, train.Options[float32]{})
	require.NoError(t, err)
	require.Equal(t, 12, res.Test.Rows)
	require.GreaterOrEqual(t, res.Test.Accuracy, 0.9)

	// The scores are those of the weights in the model, and of the epoch that the history names.
	best := res.History[res.BestEpoch-1]
	require.Equal(t, best.ValLoss, res.Val.Loss)
	require.Equal(t, best.ValAccuracy, res.Val.Accuracy)
	for _, e := range res.History {
		require.GreaterOrEqual(t, e.ValLoss, best.ValLoss)
	}
	p := train.NewPredictor[float32](m, train.CrossEntropy)
	correct := 0
	for _, i := range ringSplit(60).Test {
		if p.Predict(s.Data[i]).Classes[0] == s.Data[i].GraphClass[0] {
			correct++
		}
	}
	require.Equal(t, res.Test.Correct, correct, "graph by graph = in batches")
}

func TestStopRuleEndsTheRun(t *testing.T) {
	s := karate()
	m := newModel(t, gnn.Config{Model: "gcn", Task: "node", Hidden: 8, Layers: 2}, s)
	var last train.Progress
	res, err := train.FitNodes(context.Background(), m, s.Data[0],
		train.Config{Epochs: 1000, LR: 0.3, Stop: train.StopValLoss, Patience: 5, EvalEvery: 2},
		train.Options[float32]{Progress: func(p train.Progress) { last = p }})
	require.NoError(t, err)
	require.True(t, res.Stopped)
	require.True(t, last.Stopped)
	require.Less(t, res.Epochs, 1000)
	require.Equal(t, res.Epochs, res.BestEpoch, "the last weights are kept")
	require.False(t, res.History[0].Evaluated)
	require.True(t, res.History[1].Evaluated)
}

// regression makes the data of a task whose targets are a linear function of the features; missing ones are NaN.
func regression(t *testing.T, bce bool) *gnn.Data[float32] {
	d := *randomNodes(t, 60, 0, 3).Data[0]
	d.NodeClass = nil
	d.NodeTarget = tensor.NewDense[float32](60, 2)
	for v := range 60 {
		for j, y := range []float32{d.X.At(v, 0), d.X.At(v, 1) - d.X.At(v, 2)} {
			if bce && y > 0 {
				y = 1
			} else if bce {
				y = 0
			}
			if (v+j)%10 == 0 {
				y = float32(math.NaN())
			}
			d.NodeTarget.Set(v, j, y)
		}
	}
	return &d
}

func TestRegressionAndLabels(t *testing.T) {
	for _, loss := range []train.Loss{train.MSE, train.BCE} {
		t.Run(string(loss), func(t *testing.T) {
			d := regression(t, loss == train.BCE)
			m := gnn.NewLinear[float32](rand.New(rand.NewPCG(1, 1)), 3, 2, true)
			res, err := train.FitNodes(context.Background(), m, d,
				train.Config{Epochs: 300, LR: 0.05, Loss: loss, Restore: train.RestoreBestLoss}, train.Options[float32]{})
			require.NoError(t, err)
			p := train.NewPredictor[float32](m, loss).Predict(d)
			require.Nil(t, p.Classes)
			require.Equal(t, [2]int{60, 2}, p.Logits.Shape())
			if loss == train.MSE {
				require.Less(t, res.Test.RMSE, 0.05)
				require.LessOrEqual(t, res.Test.MAE, res.Test.RMSE)
				require.InDelta(t, res.Test.Loss, res.Test.RMSE*res.Test.RMSE, 1e-6)
				require.Zero(t, res.Test.Counted)
				require.True(t, p.Probabilities.Empty())
			} else {
				require.Greater(t, res.Test.Accuracy, 0.85)
				require.Greater(t, res.Test.Counted, res.Test.Rows)
				require.InDelta(t, 1/(1+math.Exp(-float64(p.Logits.At(3, 1)))), float64(p.Probabilities.At(3, 1)), 1e-6)
			}
		})
	}
}

func TestGraphRegression(t *testing.T) {
	s := ringSet(t, 40)
	ds := s.Map(func(d *gnn.Data[float32]) *gnn.Data[float32] {
		out := *d
		out.GraphClass = nil
		out.GraphTarget = tensor.FromRows([][]float32{{float32(d.Graph.NumNodes()) / 10}})
		return &out
	}).Data
	ds[0].GraphTarget.Data[0] = float32(math.NaN())
	split := ringSplit(40)
	m, err := gnn.NewModel[float32](gnn.Config{Model: "sage", Task: "graph", In: 3, Hidden: 8, Out: 1, Layers: 2}, rand.New(rand.NewPCG(1, 1)))
	require.NoError(t, err)
	_, err = train.FitGraphs(context.Background(), m, ds, split, train.Config{Loss: train.MSE}, train.Options[float32]{})
	require.ErrorIs(t, err, train.ErrNoTarget, "a training graph without a target")
	split.Train = split.Train[1:]
	res, err := train.FitGraphs(context.Background(), m, ds, split,
		train.Config{Loss: train.MSE, Epochs: 100, BatchSize: 8}, train.Options[float32]{})
	require.NoError(t, err)
	require.Less(t, res.Test.RMSE, 0.1)
}

func TestFitErrors(t *testing.T) {
	ctx := context.Background()
	lin := gnn.Layer[float32](gnn.NewLinear[float32](rand.New(rand.NewPCG(1, 1)), 34, 2, true))
	nodes := func(cfg train.Config, change func(d *gnn.Data[float32])) error {
		d := *karate().Data[0]
		d.NodeClass = append([]int32(nil), d.NodeClass...)
		change(&d)
		_, err := train.FitNodes(ctx, lin, &d, cfg, train.Options[float32]{})
		return err
	}
	none := func(*gnn.Data[float32]) {}
	require.ErrorIs(t, nodes(train.Config{Epochs: -1}, none), train.ErrConfig)
	require.ErrorIs(t, nodes(train.Config{}, func(d *gnn.Data[float32]) { d.NodeClass[0] = -1 }), train.ErrNoTarget)
	require.ErrorIs(t, nodes(train.Config{}, func(d *gnn.Data[float32]) { d.NodeClass = nil }), train.ErrNoTarget)
	require.ErrorIs(t, nodes(train.Config{Loss: train.CrossEntropy}, func(d *gnn.Data[float32]) { d.NodeClass = nil }), train.ErrNoTarget)
	require.ErrorIs(t, nodes(train.Config{Loss: train.MSE}, none), train.ErrNoTarget)
	require.ErrorIs(t, nodes(train.Config{}, func(d *gnn.Data[float32]) { d.Train = nil }), train.ErrNoTarget)
	require.ErrorContains(t, nodes(train.Config{}, func(d *gnn.Data[float32]) { d.Val = []int32{34} }), "Val[0]")
	require.ErrorIs(t, nodes(train.Config{Loss: train.MSE, Restore: train.RestoreBestAccuracy}, func(d *gnn.Data[float32]) {
		d.NodeTarget = tensor.NewDense[float32](34, 2)
	}), train.ErrConfig)

	rings := ringSet(t, 10)
	pool, err := gnn.NewModel[float32](gnn.Config{Model: "gin", Task: "graph", In: 3, Hidden: 4, Out: 2, Layers: 1}, rand.New(rand.NewPCG(1, 1)))
	require.NoError(t, err)
	graphs := func(cfg train.Config, split train.Split, change func(ds []*gnn.Data[float32])) error {
		ds := make([]*gnn.Data[float32], len(rings.Data))
		for i, d := range rings.Data {
			c := *d
			ds[i] = &c
		}
		change(ds)
		_, err := train.FitGraphs(ctx, pool, ds, split, cfg, train.Options[float32]{})
		return err
	}
	all := train.Split{Train: []int32{0, 1, 2}, Val: []int32{3}}
	same := func([]*gnn.Data[float32]) {}
	require.NoError(t, graphs(train.Config{Epochs: 1}, all, same))
	require.ErrorIs(t, graphs(train.Config{Clip: -1}, all, same), train.ErrConfig)
	require.ErrorIs(t, graphs(train.Config{}, train.Split{}, same), train.ErrNoTarget)
	require.ErrorContains(t, graphs(train.Config{}, train.Split{Train: []int32{0, 0}}, same), "twice")
	require.ErrorContains(t, graphs(train.Config{}, train.Split{Train: []int32{0}, Test: []int32{10}}, same), "test graph 0 of the list is 10")
	require.ErrorContains(t, graphs(train.Config{}, all,
		func(ds []*gnn.Data[float32]) { ds[4] = ds[3] }), "same identity 1003")
	require.ErrorContains(t, graphs(train.Config{}, all,
		func(ds []*gnn.Data[float32]) { ds[4].X = tensor.NewDense[float32](ds[4].X.Rows, 2) }), "graph 4 has 2 columns of node features")
	require.ErrorContains(t, graphs(train.Config{}, all,
		func(ds []*gnn.Data[float32]) { ds[4].NodeLabel = make([]uint64, ds[4].X.Rows) }), "graph 4 has other labels")
	require.ErrorContains(t, graphs(train.Config{}, all, func(ds []*gnn.Data[float32]) { ds[4].X.Rows++ }), "graph 4: ")
	require.ErrorContains(t, graphs(train.Config{}, all,
		func(ds []*gnn.Data[float32]) { ds[4] = gnn.Batch(ds[4], ds[5]) }), "batch of 2 graphs")
	require.ErrorIs(t, graphs(train.Config{}, all, func(ds []*gnn.Data[float32]) {
		for _, d := range ds {
			d.GraphClass = nil
		}
	}), train.ErrNoTarget)
}

// What a caller got from a file is an error, not a panic.
func TestDataDoesNotSuit(t *testing.T) {
	s := karate()
	fitWith := func(c gnn.Config, change func(d *gnn.Data[float32])) error {
		d := *s.Data[0]
		d.NodeClass = slices.Clone(d.NodeClass)
		change(&d)
		m, err := gnn.NewModel[float32](c, rand.New(rand.NewPCG(1, 1)))
		require.NoError(t, err)
		_, err = train.FitNodes(context.Background(), m, &d, train.Config{Epochs: 2}, train.Options[float32]{})
		return err
	}
	node := gnn.Config{Model: "gcn", Task: "node", In: 34, Hidden: 4, Out: 2, Layers: 1}
	err := fitWith(node, func(d *gnn.Data[float32]) { d.NodeClass[d.Test[0]] = 7 })
	require.ErrorIs(t, err, train.ErrNoTarget)
	require.ErrorContains(t, err, "is 7, and the model has 2 outputs")
	graphs := node
	graphs.Task = "graph"
	require.ErrorContains(t, fitWith(graphs, func(*gnn.Data[float32]) {}), "is its task, node or graph, the one that is fitted?")
	err = fitWith(node, func(d *gnn.Data[float32]) {
		d.X, d.Sparse = d.Sparse.Dense(), nil
		d.X.Set(3, 5, float32(math.Inf(1)))
	})
	require.ErrorContains(t, err, "X[3,5] is +Inf")
	_, err = train.FitNodes[float32](context.Background(), gnn.NewLinear[float32](rand.New(rand.NewPCG(1, 1)), 2, 2, true), nil, train.Config{}, train.Options[float32]{})
	require.ErrorContains(t, err, "no data")
}

func TestDivergence(t *testing.T) {
	s := karate()
	fitNodes := func(cfg train.Config, change func(x tensor.Dense[float32], d *gnn.Data[float32])) error {
		d := *s.Data[0]
		d.Graph = graph.Must(graph.New(34, nil))
		d.X, d.Sparse = d.Sparse.Dense(), nil
		change(d.X, &d)
		m := gnn.NewLinear[float32](rand.New(rand.NewPCG(1, 1)), 34, 2, true)
		for i := range m.Weight.Value.Data {
			m.Weight.Value.Data[i] *= 1000 // times 1e38: beyond float32
		}
		res, err := train.FitNodes(context.Background(), m, &d, cfg, train.Options[float32]{})
		require.NotNil(t, res)
		return err
	}
	err := fitNodes(train.Config{}, func(x tensor.Dense[float32], d *gnn.Data[float32]) { x.Set(int(d.Train[0]), 0, 1e38) })
	require.ErrorIs(t, err, train.ErrDiverged)
	require.ErrorContains(t, err, "epoch 1")
	err = fitNodes(train.Config{}, func(x tensor.Dense[float32], d *gnn.Data[float32]) { x.Set(int(d.Val[0]), 0, 1e38) })
	require.ErrorIs(t, err, train.ErrDiverged)
	require.ErrorContains(t, err, "validation loss")
}

// gradientBomb has a finite output and an infinite gradient.
// labelReader is a linear layer that counts the labels of nodes and edges that do not come with their rows.
type labelReader struct {
	*gnn.Linear[float32]
	pool  bool
	wrong *int
}

func (l labelReader) Forward(t *autodiff.Tape[float32], g *graph.Graph, x gnn.Features[float32]) gnn.Features[float32] {
	if len(x.NodeLabel) != g.NumNodes() || len(x.EdgeLabel) != g.NumEdges() {
		*l.wrong++
	}
	for v, label := range x.NodeLabel {
		if label != uint64(g.InDegree(int32(v))) {
			*l.wrong++
		}
	}
	for k, label := range x.EdgeLabel {
		if label != x.NodeLabel[g.From()[k]]+10*x.NodeLabel[g.To()[k]] {
			*l.wrong++
		}
	}
	x = l.Linear.Forward(t, g, x)
	if l.pool {
		x = gnn.Pool[float32]{Aggregator: aggregate.Sum[float32]{}}.Forward(t, g, x)
	}
	return x
}

// Labels reach the layers in every order and batch that training makes.
func TestLabelsReachLayers(t *testing.T) {
	labelled := func(d *gnn.Data[float32]) *gnn.Data[float32] {
		out := *d
		for v := range int32(d.Graph.NumNodes()) {
			out.NodeLabel = append(out.NodeLabel, uint64(d.Graph.InDegree(v)))
		}
		for k, u := range d.Graph.From() {
			out.EdgeLabel = append(out.EdgeLabel, out.NodeLabel[u]+10*out.NodeLabel[d.Graph.To()[k]])
		}
		return &out
	}
	rings := ringSet(t, 10)
	for i, d := range rings.Data {
		rings.Data[i] = labelled(d)
	}
	karate := labelled(dataset.Karate[float32]().Data[0])
	karate.X, karate.Sparse = tensor.NewDense[float32](34, 3), nil
	wrong := 0
	linear := gnn.NewLinear[float32](rand.New(rand.NewPCG(1, 1)), 3, 2, true)
	nodes, graphs := labelReader{linear, false, &wrong}, labelReader{linear, true, &wrong}
	for _, o := range []train.Options[float32]{{}, {Canonical: true}} {
		_, err := train.FitGraphs(t.Context(), graphs, rings.Data, train.Split{Train: []int32{0, 1, 2, 5, 6}, Val: []int32{3, 4}},
			train.Config{Epochs: 2, BatchSize: 2}, o)
		require.NoError(t, err)
		_, err = train.FitNodes(t.Context(), nodes, karate, train.Config{Epochs: 2}, o)
		require.NoError(t, err)
	}
	train.NewPredictor(nodes, train.CrossEntropy).Predict(karate)
	require.Zero(t, wrong)
}

type gradientBomb struct{ p *autodiff.Param[float32] }

func (b gradientBomb) Forward(t *autodiff.Tape[float32], g *graph.Graph, x gnn.Features[float32]) gnn.Features[float32] {
	tiny := autodiff.Scale(t, t.Param(b.p), 0x1p-100)
	x.Node = autodiff.Add(t, t.Dense(x.Node), autodiff.Scale(t, autodiff.Scale(t, tiny, 0x1p127), 0x1p100))
	return x
}

func (b gradientBomb) Params(yield func(string, *autodiff.Param[float32]) bool) { yield("p", b.p) }

func TestClippingRefusesInfiniteGradients(t *testing.T) {
	d := *karate().Data[0]
	b := gradientBomb{&autodiff.Param[float32]{Value: tensor.NewDense[float32](1, 34)}}
	_, err := train.FitNodes(context.Background(), b, &d, train.Config{Clip: 1}, train.Options[float32]{})
	require.ErrorIs(t, err, train.ErrDiverged)
	require.ErrorContains(t, err, "norm of the gradients")
}
