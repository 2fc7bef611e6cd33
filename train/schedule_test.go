package train_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/train"
)

func TestSchedules(t *testing.T) {
	rates := func(s train.Schedule, n int) []float64 {
		require.NoError(t, s.Validate())
		out := make([]float64, n)
		for e := range out {
			out[e] = s.At(8, e, n)
		}
		return out
	}
	require.Equal(t, []float64{8, 8, 8}, rates(train.Schedule{}, 3))
	require.Equal(t, []float64{2, 4, 6, 8, 8, 8}, rates(train.Schedule{Kind: train.Constant, Warmup: 4}, 6))
	require.Equal(t, []float64{8, 8, 4, 4, 2}, rates(train.Schedule{Kind: train.StepDecay, Every: 2, Factor: 0.5}, 5))
	require.Equal(t, []float64{8, 4, 2, 1}, rates(train.Schedule{Kind: train.Exponential, Factor: 0.5}, 4))
	require.Equal(t, []float64{4, 8, 8, 4}, rates(train.Schedule{Kind: train.Exponential, Factor: 0.5, Warmup: 2}, 4))
}

func TestCosineSchedule(t *testing.T) {
	s := train.Schedule{Kind: train.Cosine, Warmup: 2, Floor: 0.1}
	require.Equal(t, 4.0, s.At(8, 0, 12))
	require.Equal(t, 8.0, s.At(8, 1, 12))
	for e := 2; e < 12; e++ {
		want := 8 * (0.1 + 0.9*0.5*(1+math.Cos(math.Pi*float64(e-2)/10)))
		require.InDelta(t, want, s.At(8, e, 12), 1e-14)
	}
	require.Equal(t, 0.8, s.At(8, 50, 12), "past the end the floor stays")
}

func TestScheduleErrors(t *testing.T) {
	for want, s := range map[string]train.Schedule{
		"kind":   {Kind: "linear"},
		"every":  {Kind: train.StepDecay, Factor: 0.5},
		"factor": {Kind: train.StepDecay, Every: 3, Factor: 2},
		"warmup": {Warmup: -1},
		"floor":  {Kind: train.Cosine, Floor: math.NaN()},
	} {
		err := s.Validate()
		require.ErrorIs(t, err, train.ErrConfig)
		require.ErrorContains(t, err, "schedule."+want)
	}
	require.ErrorContains(t, train.Schedule{Kind: train.Exponential}.Validate(), "schedule.factor")
}

func TestConfigErrors(t *testing.T) {
	for want, c := range map[string]train.Config{
		"epochs":       {Epochs: -1},
		"lr":           {LR: math.NaN()},
		"weight_decay": {WeightDecay: -1},
		"clip":         {Clip: math.Inf(1)},
		"momentum":     {Momentum: 1},
		"optimizer":    {Optimizer: "adagrad"},
		"loss":         {Loss: "hinge"},
		"stop":         {Stop: "never"},
		"restore":      {Restore: "first"},
		"schedule":     {Schedule: train.Schedule{Kind: "x"}},
	} {
		err := c.Validate()
		require.ErrorIs(t, err, train.ErrConfig)
		require.ErrorContains(t, err, want)
	}
}

func TestConfigJSON(t *testing.T) {
	empty, err := json.Marshal(train.Config{})
	require.NoError(t, err)
	require.Equal(t, "{}", string(empty))
	want := train.Config{Epochs: 3, LR: 0.1, Optimizer: train.OptimizerSGD, Momentum: 0.9, Clip: 1, Seed: 7, FirstLayerDecay: true,
		Stop: train.StopValLoss, Restore: train.RestoreBestLoss, Schedule: train.Schedule{Kind: train.StepDecay, Every: 2, Factor: 0.1}}
	text, err := json.Marshal(want)
	require.NoError(t, err)
	var got train.Config
	require.NoError(t, json.Unmarshal(text, &got))
	require.Equal(t, want, got)
}
