package proptest_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/autodiff"
	"symbridge/graph"
	"symbridge/proptest"
	"symbridge/tensor"
)

// Short names for the layers that tests write.
type (
	tape     = autodiff.Tape[float32]
	variable = autodiff.Var[float32]
)

// Each law says where it is written down, and it is written down there.
func TestLawsNameTheirPlace(t *testing.T) {
	seen := map[string]bool{}
	for _, l := range proptest.Laws() {
		require.False(t, seen[l.Name], l.Name)
		seen[l.Name] = true
		file, line, ok := strings.Cut(l.Where, ":")
		require.True(t, ok)
		text, err := os.ReadFile(filepath.Join("..", file))
		require.NoError(t, err)
		n, err := strconv.Atoi(line)
		require.NoError(t, err)
		require.Contains(t, strings.Split(string(text), "\n")[n-1], strconv.Quote(l.Name))
		require.Contains(t, l.String(), l.Says)
	}
	for _, name := range []string{"Equivariant", "EdgeOrder", "Batch", "Local", "Gradient", "GradientEquivariant", "Workers",
		"Implementations", "Fused", "RoundTrip", "Pure", "Bound"} {
		require.True(t, seen[name], name)
	}
}

func TestFailureIsDeterministicAndReplays(t *testing.T) {
	storage := mutants[float32]()[3]
	require.Equal(t, "running sum in storage order", storage.fault)
	c := proptest.Config{Only: []string{"EdgeOrder"}, Seed: 5}
	err := proptest.CheckLayer(making(storage.forward), c)
	again := proptest.CheckLayer(making(storage.forward), c)
	require.Error(t, err)
	require.Equal(t, err.Error(), again.Error())

	f := proptest.Failures(err)[0]
	require.Equal(t, "float32", f.Element)
	require.ErrorIs(t, err, f.Difference)
	for _, part := range []string{"law EdgeOrder is broken (float32)", f.Law.Says, f.Law.Where, "differ, the first at",
		"g := graph.Must(",
		"node := tensor.FromRows([][]float32{{", "Seed: " + strconv.FormatUint(f.Seed, 10) + ", Trials: 1"} {
		require.Contains(t, err.Error(), part)
	}
	replayed := proptest.CheckLayer(making(storage.forward), proptest.Config{Only: []string{"EdgeOrder"}, Seed: f.Seed, Trials: 1})
	require.Equal(t, err.Error(), replayed.Error())

	// Where only undirected graphs are drawn, the smallest is undirected too.
	err = proptest.CheckLayer(making(storage.forward), proptest.Config{Only: []string{"EdgeOrder"}, Undirected: true})
	require.ErrorContains(t, err, "g = graph.Must(g.AsUndirected())")
	require.LessOrEqual(t, proptest.Failures(err)[0].Edges, 8)
}

func TestPanicsAreFailures(t *testing.T) {
	mk := making(func(_ *planted[float32], _ *tape, g *graph.Graph, v *variable) *variable {
		if g.NumEdges() > 1 {
			panic(tensor.ShapeError{Op: "test", What: "edges"})
		}
		return v
	})
	err := proptest.CheckLayer(mk, proptest.Config{Only: []string{"EdgeOrder"}})
	require.ErrorContains(t, err, "panic: test: edges is (0,0)")
	require.ErrorContains(t, err, "TestPanicsAreFailures")
	require.Equal(t, 2, proptest.Failures(err)[0].Edges)
	require.Equal(t, 1, proptest.Failures(err)[0].Nodes)
}

func TestLayersThatAreNoFunctions(t *testing.T) {
	calls := 0
	mk := making(func(l *planted[float32], t *tape, g *graph.Graph, v *variable) *variable {
		l.mu.Lock()
		defer l.mu.Unlock()
		calls++
		return autodiff.Shift(t, v, float32(min(calls, 20)))
	})
	err := proptest.CheckLayer(mk, proptest.Config{Only: []string{"EdgeOrder"}})
	require.ErrorContains(t, err, "EdgeOrder")
}

func TestUnknownLaw(t *testing.T) {
	err := proptest.CheckLayer(making(sum[float32]), proptest.Config{Only: []string{"Equivariant", "Equivariance"}})
	require.ErrorContains(t, err, `Config.Only[1] is "Equivariance"`)
	require.Empty(t, proptest.Failures(err))
}
