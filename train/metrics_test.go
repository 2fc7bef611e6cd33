package train_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"symbridge/tensor"
	"symbridge/train"
)

var nan = math.NaN()

func TestArgmax(t *testing.T) {
	x := tensor.FromRows([][]float64{{1, 3, 3}, {nan, -5, -4}, {nan, nan, nan}, {math.Inf(-1), math.Inf(-1), 0}, {0, math.Copysign(0, -1), 0}})
	require.Equal(t, []int32{1, 2, 0, 2, 0}, train.Argmax(x, nil))
	buf := make([]int32, 9)
	out := train.Argmax(x, buf)
	require.Len(t, out, 5)
	require.Same(t, &buf[0], &out[0])
}

func TestAccuracyAndConfusion(t *testing.T) {
	predicted, labels := []int32{0, 1, 2, 1, 0, 0}, []int32{0, 1, 1, -1, 2, 0}
	correct, counted := train.Accuracy(predicted, labels, nil)
	require.Equal(t, [2]int{3, 5}, [2]int{correct, counted})
	correct, counted = train.Accuracy(predicted, labels, []int32{1, 2, 3})
	require.Equal(t, [2]int{1, 2}, [2]int{correct, counted})
	require.Equal(t, [][]int{{2, 0, 0}, {0, 1, 1}, {1, 0, 0}}, train.ConfusionMatrix(predicted, labels, nil, 3))
	require.Equal(t, [][]int{{1, 0}, {0, 1}}, train.ConfusionMatrix(predicted, labels, []int32{0, 1, 3}, 2))
	require.Panics(t, func() { train.ConfusionMatrix(predicted, labels, nil, 2) })
}

// The numbers are scikit-learn's f1_score.
func TestF1(t *testing.T) {
	f := train.F1Scores([][]int{{2, 0, 0, 0}, {0, 1, 1, 0}, {1, 0, 0, 0}, {0, 0, 0, 0}})
	require.InDelta(t, 0.6, f.Micro, 1e-15)
	require.InDelta(t, (0.8+2.0/3+0)/3, f.Macro, 1e-15, "a class that never occurs does not count")
	require.InDelta(t, 2.0/3, f.Binary, 1e-15)
	require.Zero(t, train.F1Scores([][]int{{0, 0}, {0, 0}}))
}

func TestROCAUC(t *testing.T) {
	auc := func(s []float64, p ...bool) float64 {
		v, ok := train.ROCAUC(s, p)
		require.True(t, ok)
		return v
	}
	require.Equal(t, 1.0, auc([]float64{1, 2, 3}, false, false, true))
	require.Equal(t, 0.0, auc([]float64{1, 2, 3}, true, false, false))
	require.Equal(t, 0.5, auc([]float64{7, 7, 7, 7}, true, false, false, true))
	require.Equal(t, 0.75, auc([]float64{0.1, 0.4, 0.35, 0.8}, false, false, true, true), "scikit-learn's example")
	for _, c := range []struct {
		s []float64
		p []bool
	}{{[]float64{1}, []bool{true}}, {[]float64{1}, []bool{false}}, {nil, nil}, {[]float64{1, nan}, []bool{true, false}}} {
		v, ok := train.ROCAUC(c.s, c.p)
		require.False(t, ok)
		require.True(t, math.IsNaN(v))
	}
	require.Panics(t, func() { train.ROCAUC([]float64{1}, nil) })
}

func TestROCAUCCountsPairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 40).Draw(t, "n")
		s, p := make([]float32, n), make([]bool, n)
		for i := range s {
			s[i] = float32(rapid.IntRange(-3, 3).Draw(t, "score"))
			p[i] = rapid.Bool().Draw(t, "positive")
		}
		pairs, won := 0, 0.0
		for i := range s {
			for j := range s {
				if p[i] && !p[j] {
					pairs++
					switch {
					case s[i] > s[j]:
						won++
					case s[i] == s[j]:
						won += 0.5
					}
				}
			}
		}
		got, ok := train.ROCAUC(s, p)
		require.Equal(t, pairs > 0, ok)
		if ok {
			require.Equal(t, won/float64(pairs), got)
		}
	})
}

func TestRegressionErrors(t *testing.T) {
	x := tensor.FromRows([][]float64{{1, 2}, {3, 4}, {5, 6}})
	y := tensor.FromRows([][]float64{{0, 2}, {3, nan}, {5, 3}})
	require.InDelta(t, math.Sqrt((1+0+0+0+9)/5.0), train.RMSE(x, y, nil), 1e-15)
	require.InDelta(t, 4.0/5, train.MAE(x, y, nil), 1e-15)
	require.Equal(t, 0.5, train.MAE(x, y, []int32{0}))
	require.Zero(t, train.RMSE(x, y, []int32{}))
	x.Set(0, 0, nan)
	require.True(t, math.IsNaN(train.RMSE(x, y, nil)))
}

func TestMetricsDoNotSeeTheOrderOfRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const n = 500
	x, y := tensor.NewDense[float32](n, 2), tensor.NewDense[float32](n, 2)
	p, positive := make([]int32, n), make([]bool, n)
	for i := range n {
		for j := range 2 {
			x.Set(i, j, float32(math.Exp(8*rng.NormFloat64())))
			y.Set(i, j, float32(rng.NormFloat64()))
		}
		positive[i] = rng.IntN(2) == 0
	}
	for i, v := range rng.Perm(n) {
		p[i] = int32(v)
	}
	px, py, pp := x.PermuteRows(p), y.PermuteRows(p), make([]bool, n)
	score, pscore := make([]float32, n), make([]float32, n)
	for i, v := range p {
		pp[v] = positive[i]
		score[i], pscore[v] = x.At(i, 0), x.At(i, 0)
	}
	require.Equal(t, train.RMSE(x, y, nil), train.RMSE(px, py, nil))
	require.Equal(t, train.MAE(x, y, nil), train.MAE(px, py, nil))
	a, _ := train.ROCAUC(score, positive)
	b, _ := train.ROCAUC(pscore, pp)
	require.Equal(t, a, b)
}
