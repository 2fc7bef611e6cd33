package train_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/train"
)

// fitting is a training run that can be started over.
type fitting struct {
	name string
	mk   func() *gnn.Model[float32]
	run  func(ctx context.Context, m *gnn.Model[float32], cfg train.Config, o train.Options[float32]) (*train.Result[float32], error)
	cfg  train.Config
}

func fittings(t testing.TB) []fitting {
	club, rings := karate(), ringSet(t, 40)
	node := gnn.Config{Model: "gin", Task: "node", Hidden: 8, Layers: 2, Dropout: 0.5, Norm: "batch"}
	pool := gnn.Config{Model: "gcn", Task: "graph", Hidden: 8, Layers: 2, Dropout: 0.3, Norm: "batch"}
	return []fitting{
		{"nodes", func() *gnn.Model[float32] { return newModel(t, node, club) },
			func(ctx context.Context, m *gnn.Model[float32], cfg train.Config, o train.Options[float32]) (*train.Result[float32], error) {
				return train.FitNodes(ctx, m, club.Data[0], cfg, o)
			}, train.Config{Epochs: 30, Stop: train.StopValLossOrAccuracy, Patience: 50, Schedule: train.Schedule{Kind: train.Cosine, Warmup: 4}}},
		{"graphs", func() *gnn.Model[float32] { return newModel(t, pool, rings) },
			func(ctx context.Context, m *gnn.Model[float32], cfg train.Config, o train.Options[float32]) (*train.Result[float32], error) {
				return train.FitGraphs(ctx, m, rings.Data, ringSplit(40), cfg, o)
			}, train.Config{Epochs: 30, BatchSize: 7, Restore: train.RestoreBestAccuracy, Optimizer: train.OptimizerSGD, Momentum: 0.9, Clip: 2}},
	}
}

// throughFile writes a state and reads it back.
func throughFile(t testing.TB, s *train.State[float32]) *train.State[float32] {
	var buf bytes.Buffer
	require.NoError(t, s.Write(&buf))
	out, err := train.ReadState[float32](&buf, gnn.Limits{})
	require.NoError(t, err)
	require.Equal(t, stateSHA256(t, s), stateSHA256(t, out))
	require.Equal(t, s.Epoch(), out.Epoch())
	require.Equal(t, s.Config(), out.Config())
	return out
}

func TestResumeFromACheckpointGivesTheSameBits(t *testing.T) {
	for _, f := range fittings(t) {
		t.Run(f.name, func(t *testing.T) {
			var states []*train.State[float32]
			whole := f.mk()
			want, err := f.run(context.Background(), whole, f.cfg, train.Options[float32]{CheckpointEvery: 10,
				Checkpoint: func(s *train.State[float32]) error { states = append(states, s); return nil }})
			require.NoError(t, err)
			require.Len(t, states, 3)
			for _, s := range states {
				m := f.mk()
				got, err := f.run(context.Background(), m, f.cfg, train.Options[float32]{Resume: throughFile(t, s)})
				require.NoError(t, err)
				require.Equal(t, train.WeightsSHA256(whole), train.WeightsSHA256(m))
				got.Seconds = want.Seconds
				require.Equal(t, want, got)
			}
		})
	}
}

// stopAfter is a context that is cancelled at its nth question, so that runs stop in the middle of an epoch.
type stopAfter struct {
	context.Context
	left int
}

func (c *stopAfter) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

func TestResumeAfterACancelledContextGivesTheSameBits(t *testing.T) {
	for _, f := range fittings(t) {
		t.Run(f.name, func(t *testing.T) {
			whole := f.mk()
			want, err := f.run(context.Background(), whole, f.cfg, train.Options[float32]{})
			require.NoError(t, err)
			m := f.mk()
			var opts train.Options[float32]
			for _, steps := range []int{0, 1, 5, 11, 2, 3} {
				res, err := f.run(&stopAfter{context.Background(), steps}, m, f.cfg, opts)
				require.ErrorIs(t, err, context.Canceled)
				require.NotNil(t, res.State)
				require.Len(t, res.History, res.Epochs)
				opts.Resume = throughFile(t, res.State)
				m = f.mk()
			}
			got, err := f.run(context.Background(), m, f.cfg, opts)
			require.NoError(t, err)
			require.Equal(t, train.WeightsSHA256(whole), train.WeightsSHA256(m))
			got.Seconds = want.Seconds
			require.Equal(t, want, got)
		})
	}
}

func TestCancelledBeforeTheFirstStep(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	reason := errors.New("enough")
	cancel(reason)
	f := fittings(t)[0]
	m := f.mk()
	before := train.WeightsSHA256(m)
	res, err := f.run(ctx, m, f.cfg, train.Options[float32]{})
	require.ErrorIs(t, err, reason)
	require.Zero(t, res.Epochs)
	require.Equal(t, before, train.WeightsSHA256(m))
}

func TestResumeRejectsWhatDoesNotFit(t *testing.T) {
	fs := fittings(t)
	states := make([]*train.State[float32], len(fs))
	for i, f := range fs {
		_, err := f.run(context.Background(), f.mk(), f.cfg, train.Options[float32]{CheckpointEvery: 20,
			Checkpoint: func(s *train.State[float32]) error { states[i] = s; return nil }})
		require.NoError(t, err)
	}
	nodes := fs[0]
	try := func(m *gnn.Model[float32], cfg train.Config, s *train.State[float32]) error {
		before := train.WeightsSHA256(m)
		_, err := nodes.run(context.Background(), m, cfg, train.Options[float32]{Resume: s})
		require.Error(t, err)
		require.Equal(t, before, train.WeightsSHA256(m), "a refused state must not change the model")
		return err
	}
	other := nodes.cfg
	other.LR = 0.5
	require.ErrorIs(t, try(nodes.mk(), other, states[0]), train.ErrConfig)
	require.ErrorIs(t, try(nodes.mk(), fs[1].cfg, states[1]), gnn.ErrMismatch)
	wide := newModel(t, gnn.Config{Model: "gin", Task: "node", Hidden: 9, Layers: 2, Norm: "batch"}, karate())
	require.ErrorIs(t, try(wide, nodes.cfg, states[0]), gnn.ErrMismatch)
	deep := newModel(t, gnn.Config{Model: "gin", Task: "node", Hidden: 8, Layers: 3, Norm: "batch"}, karate())
	require.ErrorIs(t, try(deep, nodes.cfg, states[0]), gnn.ErrMismatch)

	longer := nodes.cfg // more epochs are allowed
	longer.Epochs = 40
	res, err := nodes.run(context.Background(), nodes.mk(), longer, train.Options[float32]{Resume: states[0]})
	require.NoError(t, err)
	require.Equal(t, 40, res.Epochs)
}

func TestReadStateErrors(t *testing.T) {
	write := func(names []string, metadata map[string]string) *bytes.Buffer {
		var ts []gnn.Tensor[float32]
		for _, n := range names {
			ts = append(ts, gnn.Tensor[float32]{Name: n, Shape: []int{1}, Data: []float32{1}})
		}
		var buf bytes.Buffer
		require.NoError(t, gnn.WriteTensors(&buf, ts, metadata))
		return &buf
	}
	const key = "symbridge.train.state"
	for want, r := range map[string]*bytes.Buffer{
		"header's length":          bytes.NewBufferString("abc"),
		"no metadata entry":        write(nil, nil),
		"unexpected EOF":           write(nil, map[string]string{key: "{"}),
		"unknown field":            write(nil, map[string]string{key: `{"x":1}`}),
		"optimizer":                write(nil, map[string]string{key: `{"config":{"optimizer":"x"}}`}),
		"do not belong together":   write(nil, map[string]string{key: `{"position":{"epoch":3}}`}),
		`"weights" is no part`:     write([]string{"weights"}, map[string]string{key: `{}`}),
		"cannot unmarshal string ": write(nil, map[string]string{key: `{"steps":"x"}`}),
	} {
		_, err := train.ReadState[float32](r, gnn.Limits{})
		require.ErrorIs(t, err, gnn.ErrFormat)
		require.ErrorContains(t, err, want)
	}
}

func FuzzReadState(f *testing.F) {
	fs, club := fittings(f), karate()
	node := gnn.Config{Model: "gin", Task: "node", Hidden: 8, Layers: 2, Dropout: 0.5, Norm: "batch"}
	var seed *train.State[float32]
	_, err := fs[0].run(context.Background(), fs[0].mk(), train.Config{Epochs: 2, Restore: train.RestoreBestLoss},
		train.Options[float32]{CheckpointEvery: 1, Checkpoint: func(s *train.State[float32]) error { seed = s; return nil }})
	require.NoError(f, err)
	var buf bytes.Buffer
	require.NoError(f, seed.Write(&buf))
	f.Add(buf.Bytes())
	f.Add([]byte("\x02\x00\x00\x00\x00\x00\x00\x00{}"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := train.ReadState[float32](bytes.NewReader(raw), gnn.Limits{Total: 1 << 20})
		if err != nil {
			return
		}
		// Whatever could be read either fits or is refused, without a panic.
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, _ = fs[0].run(ctx, newModel(t, node, club), s.Config(), train.Options[float32]{Resume: s})
	})
}

func TestCheckpointErrorEndsTheRun(t *testing.T) {
	f := fittings(t)[0]
	full := errors.New("disk full")
	res, err := f.run(context.Background(), f.mk(), f.cfg, train.Options[float32]{CheckpointEvery: 2,
		Checkpoint: func(*train.State[float32]) error { return full }})
	require.ErrorIs(t, err, full)
	require.Equal(t, 2, res.Epochs)
}

// A relabelled copy of a set without identities that are kept is another set: dropout shows it. It is what the tests of
// relabelling would miss if they were blind.
func TestTrainingSeesLostIdentities(t *testing.T) {
	s := karate()
	c := nodeConfigs()[0]
	cfg := train.Config{Epochs: 5}
	lost := *s
	n := s.Data[0].Graph.NumNodes()
	p := make([]int32, n)
	for i := range p {
		p[i] = int32(n - 1 - i)
	}
	q := make([]int32, s.Data[0].Graph.NumEdges())
	for i := range q {
		q[i] = int32(i)
	}
	d := s.Data[0].Relabel(p, q)
	d.Graph = graph.Must(d.Graph.WithIDs(nil, nil, nil))
	lost.Data = []*gnn.Data[float32]{d}
	require.NotEqual(t, outcomeOf(t, c, s, train.Split{}, cfg).Weights, outcomeOf(t, c, &lost, train.Split{}, cfg).Weights)
}
