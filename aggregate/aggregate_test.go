package aggregate_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/aggregate"
	"symbridge/autodiff"
	"symbridge/graph"
	"symbridge/tensor"
)

func TestScalers(t *testing.T) {
	g := graph.Must(graph.New(4, [][2]int32{{0, 1}, {0, 2}, {1, 2}, {3, 2}}))
	h := aggregate.Histogram(g.In())
	require.Equal(t, []int{2, 1, 0, 1}, h)
	names := []aggregate.Scaler{aggregate.Identity, aggregate.Amplification, aggregate.Attenuation, aggregate.Linear, aggregate.InverseLinear}
	a, err := aggregate.NewScaled[float64](aggregate.Sum[float64]{}, h, names...)
	require.NoError(t, err)
	require.Equal(t, 10, a.Width(2))
	var tp autodiff.Tape[float64]
	x := tp.Const(tensor.FromRows([][]float64{{1}, {2}, {4}, {8}}))
	y := a.Aggregate(&tp, g.In(), x).Value
	lin, log := 1.0, (math.Log(2)+math.Log(4))/4
	for i, sum := range []float64{0, 1, 11, 0} {
		d := float64(g.InDegree(int32(i)))
		want := []float64{sum, sum * math.Log(d+1) / log, sum * log / math.Log(math.Max(d, 1)+1), sum * d / lin, sum * lin / math.Max(d, 1)}
		for k, w := range want {
			require.InDelta(t, w, y.At(i, k), 1e-12, "node %d scaler %s", i, names[k])
		}
	}
	var seen []string
	for name, p := range a.Params {
		seen = append(seen, name)
		require.True(t, p.Buffer)
	}
	require.Equal(t, []string{"avg_deg_lin", "avg_deg_log"}, seen)
	_, err = aggregate.NewScaled[float64](aggregate.Sum[float64]{}, h, "cubic")
	require.ErrorContains(t, err, `scaler 0 is "cubic"`)
	_, err = aggregate.NewScaled[float64](aggregate.Sum[float64]{}, h)
	require.ErrorContains(t, err, "none is named")
	_, err = aggregate.NewScaled[float64](aggregate.Sum[float64]{}, []int{5}, aggregate.Linear)
	require.ErrorContains(t, err, "histogram")
}

func TestParse(t *testing.T) {
	for _, name := range []string{"sum", "mean", "max", "min", "var", "std", "softmax"} {
		a, err := aggregate.Parse[float32](name)
		require.NoError(t, err)
		require.Equal(t, 5, a.Width(5))
		var tp autodiff.Tape[float32]
		empty := graph.Must(graph.New(2, nil))
		y := a.Aggregate(&tp, empty.In(), tp.Const(tensor.FromRows([][]float32{{1}, {2}})))
		require.Equal(t, []float32{0, 0}, y.Value.Data, "%s of nothing", name)
	}
	m, err := aggregate.Parse[float32]("sum+softmax+max")
	require.NoError(t, err)
	require.Equal(t, 15, m.Width(5))
	var names []string
	for name := range m.(aggregate.Parametric[float32]).Params {
		names = append(names, name)
	}
	require.Equal(t, []string{"aggrs.1.t"}, names)
	for _, bad := range []string{"", "median", "sum+", "sum+nope"} {
		_, err := aggregate.Parse[float32](bad)
		require.ErrorContains(t, err, "unknown aggregator", bad)
	}
	require.Panics(t, func() {
		var tp autodiff.Tape[float32]
		aggregate.Multi[float32]{}.Aggregate(&tp, graph.OneSegment(1), tp.Const(tensor.NewDense[float32](1, 1)))
	})
}

func TestSoftmaxLimits(t *testing.T) {
	x := tensor.FromRows([][]float64{{1, -3}, {2, 5}, {4, 0}})
	for _, c := range []struct {
		temperature float64
		want        aggregate.Aggregator[float64]
	}{{0, aggregate.Mean[float64]{}}, {500, aggregate.Max[float64]{}}, {-500, aggregate.Min[float64]{}}} {
		var tp autodiff.Tape[float64]
		got := aggregate.NewSoftmax(c.temperature, false).Aggregate(&tp, graph.OneSegment(3), tp.Const(x))
		want := c.want.Aggregate(&tp, graph.OneSegment(3), tp.Const(x))
		require.InDeltaSlice(t, want.Value.Data, got.Value.Data, 1e-12)
	}
}
