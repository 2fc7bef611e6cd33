package proptest_test

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/aggregate"
	"symbridge/autodiff"
	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/graph/graphio"
	"symbridge/internal/testdata"
	"symbridge/tensor"
)

const (
	connectedOn8 = 11117
	classesOn8   = 10897 // of 1-WL
)

// connected returns all connected graphs with eight nodes as one batch.
func connected(t *testing.T) *graph.Graph {
	f, err := os.Open(filepath.Join(testdata.Shared(t, "data/smallgraphs"), "graph8c.g6"))
	require.NoError(t, err)
	defer f.Close()
	var gs []*graph.Graph
	for g, err := range graphio.Graph6(f, graphio.Limits{}) {
		require.NoError(t, err)
		gs = append(gs, g)
	}
	require.Len(t, gs, connectedOn8)
	return graph.Union(gs...)
}

// different counts the rows that differ in a bit.
func different(m tensor.Dense[float32]) int {
	seen := map[string]bool{}
	key := make([]byte, 0, 4*m.Cols)
	for i := range m.Rows {
		key = key[:0]
		for _, v := range m.Row(i) {
			b := math.Float32bits(v)
			key = append(key, byte(b), byte(b>>8), byte(b>>16), byte(b>>24))
		}
		seen[string(key)] = true
	}
	return len(seen)
}

// naiveGIN is the same network with sums that are rounded after each term, in the order in which the edges are stored.
type naiveGIN struct{ nn *gnn.MLP[float32] }

func (l naiveGIN) Forward(t *autodiff.Tape[float32], g *graph.Graph, x gnn.Features[float32]) gnn.Features[float32] {
	h := x.Node.Value.Clone()
	for k, u := range g.From() {
		to := h.Row(int(g.To()[k]))
		for c, v := range x.Node.Value.Row(int(u)) {
			to[c] += v
		}
	}
	x.Node = l.nn.Apply(t, t.Const(h), nil)
	return x
}

func (l naiveGIN) Params(yield func(string, *autodiff.Param[float32]) bool) { l.nn.Params(yield) }

// A network of random weights parts exactly the graphs that 1-WL parts. Sums that depend on the order of the edges part more:
// an expressiveness that a relabelling takes away again.
func TestExactSumsAreAsExpressiveAs1WL(t *testing.T) {
	g := connected(t)
	run := func(naive bool, seed uint64) int {
		rng := rand.New(rand.NewPCG(seed, 0))
		var net gnn.Stack[float32]
		width := 1
		for range 5 {
			nn := gnn.NewMLP[float32](rng, false, width, 8, 8)
			nn.Activation = gnn.Activation[float32]{Name: "tanh"}
			width = 8
			var l gnn.Layer[float32] = gnn.NewGIN(nn, false)
			if naive {
				l = naiveGIN{nn}
			}
			net = append(net, gnn.Named[float32]{Layer: l}, gnn.Named[float32]{Layer: nn.Activation})
		}
		ones := tensor.NewDense[float32](g.NumNodes(), 1)
		for i := range ones.Data {
			ones.Data[i] = 1
		}
		tape := new(autodiff.Tape[float32])
		x := net.Forward(tape, g, gnn.Features[float32]{Node: tape.Const(ones)})
		// The pooling of both is exact, so that what differs is the sum over neighbours.
		return different(gnn.Pool[float32]{Aggregator: aggregate.Sum[float32]{}}.Apply(tape, g, x.Node).Value)
	}
	for seed := range uint64(2) {
		require.Equal(t, classesOn8, run(false, seed), "seed %d", seed)
	}
	fake := run(true, 0)
	t.Logf("sums in storage order: %d different outputs, %d more than 1-WL has classes", fake, fake-classesOn8)
	require.Greater(t, fake, classesOn8, "the control must fail")
}
