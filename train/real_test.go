package train_test

import (
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/dataset"
	"symbridge/internal/testdata"
	"symbridge/train"
)

// The same claim on public data, with sparse features and sizes at which kernels split their work.
func TestRealDataDoesNotShowTheLabelling(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: real data in short mode")
	}
	open := func(name string) *dataset.Set[float32] {
		s, err := dataset.Open[float32](os.DirFS(testdata.Shared(t, "data/"+name)), "", dataset.Limits{})
		require.NoError(t, err)
		return s
	}
	t.Run("cora", func(t *testing.T) {
		s := open("cora").Map(dataset.NormalizeRows)
		moved := s.Relabel(rand.New(rand.NewPCG(7, 0)))
		for _, c := range nodeConfigs() {
			t.Run(c.Model, func(t *testing.T) {
				cfg := train.Config{Epochs: 4, WeightDecay: 5e-4, FirstLayerDecay: true, Restore: train.RestoreBestAccuracy}
				require.Equal(t, outcomeOf(t, c, s, train.Split{}, cfg), outcomeOf(t, c, moved, train.Split{}, cfg))
			})
		}
	})
	t.Run("mutag", func(t *testing.T) {
		s := open("mutag")
		moved := s.Relabel(rand.New(rand.NewPCG(7, 0)))
		for _, c := range nodeConfigs() {
			t.Run(c.Model, func(t *testing.T) {
				c.Task = "graph"
				cfg := train.Config{Epochs: 4, BatchSize: 32, Restore: train.RestoreBestLoss}
				require.Equal(t, outcomeOf(t, c, s, ringSplit(188), cfg), outcomeOf(t, c, moved, ringSplit(188), cfg))
			})
		}
	})
}
