package proptest

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/tensor"
)

// tailed reports whether a triangle has a fourth node at one of its corners, whichever way the edges point.
func tailed(w *written) bool {
	adjacent := make([][]bool, w.n)
	for v := range adjacent {
		adjacent[v] = make([]bool, w.n)
	}
	for _, e := range w.edges {
		adjacent[e[0]][e[1]], adjacent[e[1]][e[0]] = true, true
	}
	for a := range w.n {
		for b := range a {
			for c := range b {
				if !adjacent[a][b] || !adjacent[b][c] || !adjacent[a][c] {
					continue
				}
				for d := range w.n {
					if d != a && d != b && d != c && (adjacent[a][d] || adjacent[b][d] || adjacent[c][d]) {
						return true
					}
				}
			}
		}
	}
	return false
}

func TestShrinkFindsTheSmallest(t *testing.T) {
	found, calls := 0, 0
	for seed := uint64(0); found < 40; seed++ {
		src := seeded{rand.New(rand.NewPCG(seed, 0))}
		c := attach[float32](Config{EdgeDim: 1}, src, drawGraph(src, GraphOptions{}), Mixed)
		if !tailed(c.w) {
			continue
		}
		found++
		small, err := shrink(c, func(c *instance[float32]) error {
			calls++
			if tailed(c.w) {
				return errors.New("tailed")
			}
			return nil
		}, false, false)
		require.Error(t, err)
		require.Equal(t, 4, small.w.n)
		require.Len(t, small.w.edges, 4)
		require.Equal(t, 1, small.w.graphs)
		require.False(t, small.w.undirected)
		require.Equal(t, []uint64{0, 1, 2, 3}, small.w.nodeID)
		for _, m := range small.x {
			for _, v := range m.Data {
				require.Zero(t, v)
			}
		}
	}
	require.Less(t, calls, 40*120)
}

func TestShrinkKeepsWhatDoesNotFail(t *testing.T) {
	c := &instance[float32]{w: plain(3, nil, false)}
	small, err := shrink(c, func(*instance[float32]) error { return nil }, false, false)
	require.NoError(t, err)
	require.Same(t, c, small)
}

// A number that has to be large stays, and comes out readable.
func TestShrinkMakesNumbersPlain(t *testing.T) {
	c := &instance[float64]{w: plain(2, nil, false)}
	c.x[node] = tensor.FromRows([][]float64{{1.2345, -7.77}, {math.NaN(), 1e300}})
	small, err := shrink(c, func(c *instance[float64]) error {
		if c.w.n > 0 && c.x[node].Data[1] < -7 {
			return errors.New("below")
		}
		return nil
	}, false, false)
	require.Error(t, err)
	require.Equal(t, []float64{0, -8}, small.x[node].Data)
}

func TestNumbersAsSource(t *testing.T) {
	m := tensor.FromRows([][]float32{{1, 0, float32(math.Copysign(0, -1)), 0x1p-149},
		{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), math.MaxFloat32}})
	require.Equal(t, "tensor.FromRows([][]float32{{1, 0, float32(math.Copysign(0, -1)), 1e-45}, "+
		"{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 3.4028235e+38}})", matrixSource(m))
	require.Equal(t, "tensor.NewDense[float64](0, 3)", matrixSource(tensor.NewDense[float64](0, 3)))
	require.Equal(t, "0.1", number(0.1))
	large := &instance[float32]{w: plain(printedNodes+1, nil, false)}
	require.True(t, strings.HasPrefix(large.source(), "// 201 nodes"))
}

// The estimate tells a kink from a slope, wherever the kink is.
func TestDifferenceAtKinks(t *testing.T) {
	relu := func(x *float64) func() (float64, error) {
		return func() (float64, error) { return max(*x, 0), nil }
	}
	for _, c := range []struct {
		at   float64
		want float64
		ok   bool
	}{{1, 1, true}, {-1, 0, true}, {0, 0, false}, {1e-4, 1, true}, {1e-5, 1, true}, {1e-7, 0, false}, {-5e-5, 0, true}} {
		x := c.at
		d, ok, err := difference(relu(&x), &x, 1)
		require.NoError(t, err)
		require.Equal(t, c.ok, ok, "at %v", c.at)
		require.Equal(t, c.at, x)
		if ok {
			require.InDelta(t, c.want, d, 1e-9)
		}
	}
	x := 0.3
	_, _, err := difference(func() (float64, error) { return 0, errors.New("no output") }, &x, 1)
	require.ErrorContains(t, err, "no output")
	d, ok, err := difference(func() (float64, error) { return math.Sin(5 * x), nil }, &x, 1)
	require.NoError(t, err)
	require.True(t, ok)
	require.InDelta(t, 5*math.Cos(1.5), d, 1e-9)
}
