package train_test

import (
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/autodiff"
	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/tensor"
	"symbridge/train"
)

func TestManyGoroutinesPredictWithOneModel(t *testing.T) {
	rings, club := ringSet(t, 12), karate()
	pool := newModel(t, gnn.Config{Model: "gat", Task: "graph", Hidden: 4, Layers: 2, Heads: 2, Dropout: 0.5, Norm: "batch"}, rings)
	node := newModel(t, gnn.Config{Model: "gcn", Task: "node", Hidden: 4, Layers: 2, Dropout: 0.5}, club)
	graphs, nodes := train.NewPredictor[float32](pool, ""), train.NewPredictor[float32](node, train.CrossEntropy)
	var want []train.Prediction[float32]
	for _, d := range rings.Data {
		want = append(want, graphs.Predict(d))
	}
	wantNodes := nodes.Predict(club.Data[0])
	require.Equal(t, [2]int{34, 2}, wantNodes.Logits.Shape())
	for v := range 34 {
		require.InDelta(t, 1, wantNodes.Probabilities.At(v, 0)+wantNodes.Probabilities.At(v, 1), 1e-6)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i, d := range rings.Data {
				if got := graphs.Predict(d); got.Logits.At(0, 0) != want[i].Logits.At(0, 0) || got.Classes[0] != want[i].Classes[0] {
					t.Errorf("graph %d: %v, want %v", i, got, want[i])
				}
				if got := nodes.Predict(club.Data[0]); got.Logits.At(5, 1) != wantNodes.Logits.At(5, 1) {
					t.Errorf("node 5: %v, want %v", got.Logits.At(5, 1), wantNodes.Logits.At(5, 1))
				}
			}
		})
	}
	wg.Wait()
}

// twoParams is a layer that yields given parameters.
type twoParams []train.NamedParam[float32]

func (twoParams) Forward(_ *autodiff.Tape[float32], _ *graph.Graph, x gnn.Features[float32]) gnn.Features[float32] {
	return x
}

func (l twoParams) Params(yield func(string, *autodiff.Param[float32]) bool) {
	for _, p := range l {
		if !yield(p.Name, p.Param) {
			return
		}
	}
}

// The encoding is written down in the documentation; a checkpoint's hash must stay what it was.
func TestWeightsHashEncoding(t *testing.T) {
	b := &autodiff.Param[float32]{Value: tensor.FromRows([][]float32{{1, -2}}), Shape: []int{2}}
	a := &autodiff.Param[float32]{Value: tensor.FromRows([][]float32{{0.5}, {0}})}
	layer := gnn.Layer[float32](twoParams{{Name: "b", Param: b}, {Name: "a", Param: a}})
	encoding := func(prefix string) string {
		return string(rune(1+len(prefix))) + "\x00\x00\x00\x00\x00\x00\x00" + prefix + "a" +
			"\x02\x00\x00\x00\x00\x00\x00\x00" + "\x02\x00\x00\x00\x00\x00\x00\x00" + "\x01\x00\x00\x00\x00\x00\x00\x00" +
			"\x08\x00\x00\x00\x00\x00\x00\x00" + "\x00\x00\x00\x3f" + "\x00\x00\x00\x00" +
			string(rune(1+len(prefix))) + "\x00\x00\x00\x00\x00\x00\x00" + prefix + "b" +
			"\x01\x00\x00\x00\x00\x00\x00\x00" + "\x02\x00\x00\x00\x00\x00\x00\x00" +
			"\x08\x00\x00\x00\x00\x00\x00\x00" + "\x00\x00\x80\x3f" + "\x00\x00\x00\xc0"
	}
	digest := func(s string) string {
		sum := sha256.Sum256([]byte(s))
		return hex.EncodeToString(sum[:])
	}
	require.Equal(t, digest(encoding("")), train.WeightsSHA256(layer))
	h := sha256.New()
	train.HashWeights(h, "1/", layer)
	train.HashWeights(h, "2/", layer)
	require.Equal(t, digest(encoding("1/")+encoding("2/")), hex.EncodeToString(h.Sum(nil)))

	double := gnn.NewBatchNorm[float64](2)
	before := train.WeightsSHA256(gnn.Layer[float64](double))
	double.RunningMean.Value.Data[0] = 1
	require.NotEqual(t, before, train.WeightsSHA256(gnn.Layer[float64](double)), "buffers count")
}
