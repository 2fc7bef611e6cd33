package gnn_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/autodiff"
	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/symmetry"
	"symbridge/tensor"
	"symbridge/wl"
)

// tiedStep returns a training step of a tied layer on a batch of copies of a graph, each in a labelling of its own.
func tiedStep(t testing.TB, r *rand.Rand, g *graph.Graph, copies, width int, o gnn.TiedOptions) (step func(), l *gnn.Tied[float32], batch *graph.Graph) {
	orbits, err := gnn.FindOrbits(context.Background(), g, wl.CanonicalOptions{})
	require.NoError(t, err)
	l = gnn.NewTied[float32](r, width, width, orbits, o)
	list := make([]*graph.Graph, copies)
	for i := range list {
		list[i], _ = g.Relabel(symmetry.Random(r, g.NumNodes()))
	}
	batch = graph.Union(list...)
	x := normal[float32](r, batch.NumNodes(), width)
	return layerStep(l, batch, x), l, batch
}

// layerStep returns a training step of any layer with node features alone.
func layerStep(l gnn.Layer[float32], g *graph.Graph, x tensor.Dense[float32]) func() {
	tp := autodiff.NewTape[float32]()
	var params []*autodiff.Param[float32]
	for _, p := range l.Params {
		params = append(params, p)
	}
	return func() {
		tp.Reset()
		y := l.Forward(tp, g, gnn.Features[float32]{Node: tp.Input(x)}).Node
		tp.BackwardFrom(y, x)
		for _, p := range params {
			tp.Grad(p)
		}
	}
}

// torus returns the grid of n x n nodes whose ends meet.
func torus(n int32) *graph.Graph {
	var edges [][2]int32
	for v := range n * n {
		edges = append(edges, [2]int32{v, v/n*n + (v+1)%n}, [2]int32{v, (v + n) % (n * n)})
	}
	return graph.Must(graph.NewUndirected(int(n*n), edges))
}

// rigidGraph returns a random graph, which has no automorphism but the identity with near certainty.
func rigidGraph(r *rand.Rand, n, edges int) *graph.Graph {
	list := make([][2]int32, edges)
	for k := range list {
		list[k] = [2]int32{r.Int32N(int32(n)), r.Int32N(int32(n))}
	}
	return graph.Must(graph.New(n, list))
}

// A warm step allocates nothing.
func TestTiedAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("SKIPPED: under the race detector sync.Pool forgets at random")
	}
	r := rng()
	for name, g := range map[string]*graph.Graph{"torus": torus(6), "rigid": rigidGraph(r, 30, 90), "star": subjects()["star"].g} {
		for _, o := range []gnn.TiedOptions{{}, {Full: true}} {
			step, _, _ := tiedStep(t, r, g, 5, 16, o)
			for range 3 {
				step()
			}
			require.Zero(t, testing.AllocsPerRun(20, step), "%s %+v", name, o)
		}
	}
}

// Many goroutines may use one layer on one graph that it has not seen.
func TestTiedIsConcurrent(t *testing.T) {
	r := rng()
	for range 5 {
		_, l, batch := tiedStep(t, r, torus(4), 3, 4, gnn.TiedOptions{})
		x := normal[float32](r, batch.NumNodes(), 4)
		outs := make([]tensor.Dense[float32], 6)
		var crowd sync.WaitGroup
		for i := range outs {
			crowd.Go(func() {
				var tp autodiff.Tape[float32]
				outs[i] = l.Forward(&tp, batch, gnn.Features[float32]{Node: tp.Const(x)}).Node.Value.Clone()
			})
		}
		crowd.Wait()
		for _, y := range outs {
			require.Equal(t, outs[0], y)
		}
	}
}

// BenchmarkTied is a training step of width 64 on a batch of copies, and beside it one of GraphSAGE with a sum, which has two weights; and the
// search for orbits with the arrangement of rows, which a graph takes once.
func BenchmarkTied(b *testing.B) {
	r := rng()
	for _, c := range []struct {
		name   string
		g      *graph.Graph
		copies int
		o      gnn.TiedOptions
	}{
		{"torus 32x32", torus(32), 4, gnn.TiedOptions{}},
		{"rigid 1000 nodes 4000 edges", rigidGraph(r, 1000, 4000), 4, gnn.TiedOptions{}},
		{"torus 8x8 full", torus(8), 16, gnn.TiedOptions{Full: true}},
		{"rigid 24 nodes full", rigidGraph(r, 24, 60), 16, gnn.TiedOptions{Full: true}},
	} {
		step, l, batch := tiedStep(b, r, c.g, c.copies, 64, c.o)
		b.Run(fmt.Sprintf("%s/step of %d weights", c.name, l.Weight.Value.Rows/64), func(b *testing.B) {
			step()
			b.ReportAllocs()
			for b.Loop() {
				step()
			}
		})
		b.Run(c.name+"/new batch", func(b *testing.B) {
			x := normal[float32](r, batch.NumNodes(), 64)
			for b.Loop() {
				var tp autodiff.Tape[float32]
				l.Forward(&tp, batch.ShuffleEdges(symmetry.Identity(batch.NumEdges())), gnn.Features[float32]{Node: tp.Const(x)})
			}
		})
		if c.o.Full {
			continue
		}
		b.Run(c.name+"/step of GraphSAGE", func(b *testing.B) {
			sage, err := gnn.NewSAGE[float32](r, 64, 64, gnn.SAGEOptions{Aggr: "sum"})
			require.NoError(b, err)
			step := layerStep(sage, batch, normal[float32](r, batch.NumNodes(), 64))
			step()
			for b.Loop() {
				step()
			}
		})
	}
}
