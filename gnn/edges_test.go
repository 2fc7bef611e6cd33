package gnn_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/autodiff"
	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/tensor"
)

// edgeLayers are layers whose messages have features of edges, (N,64), (E,16) -> (N,64).
func edgeLayers() map[string]gnn.Layer[float32] {
	r := rng()
	return map[string]gnn.Layer[float32]{
		"gine": gnn.NewGINE(r, gnn.NewMLP[float32](r, false, 64, 64, 64), gnn.GINEOptions{EdgeDim: 16}),
		"gat":  gnn.NewGAT[float32](r, 64, 16, gnn.GATOptions{Heads: 4, EdgeDim: 16, Dropout: 0.3}),
		"transformer": gnn.NewTransformer[float32](r, 64, 16,
			gnn.TransformerOptions{Heads: 4, EdgeDim: 16, Dropout: 0.3, Beta: true}),
	}
}

// edgeStep returns a training step of a layer on a random graph, with one node of many in-edges.
func edgeStep(l gnn.Layer[float32], n, edges int) func() {
	r := rng()
	list := make([][2]int32, edges)
	for k := range list {
		list[k] = [2]int32{int32(r.IntN(n)), int32(r.IntN(n))}
		if k%4 == 0 {
			list[k][1] = 0
		}
	}
	g := graph.Must(graph.New(n, list))
	draw := func(rows, cols int) tensor.Dense[float32] {
		m := tensor.NewDense[float32](rows, cols)
		for i := range m.Data {
			m.Data[i] = float32(r.NormFloat64())
		}
		return m
	}
	x, e := draw(n, 64), draw(edges, 16)
	var params []*autodiff.Param[float32]
	for _, p := range l.Params {
		params = append(params, p)
	}
	tp := autodiff.NewTape[float32]()
	tp.Train = true
	return func() {
		tp.Reset()
		tp.Step++
		y := l.Forward(tp, g, gnn.Features[float32]{Node: tp.Input(x), Edge: tp.Const(e)}).Node
		tp.BackwardFrom(y, x)
		for _, p := range params {
			tp.Grad(p)
		}
	}
}

// A warm step of a layer with features of edges allocates nothing.
func TestEdgeLayersAllocateNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("SKIPPED: under the race detector sync.Pool forgets at random")
	}
	for name, l := range edgeLayers() {
		step := edgeStep(l, 500, 12_000)
		for range 3 {
			step()
		}
		require.Zero(t, testing.AllocsPerRun(20, step), name)
	}
}

func BenchmarkEdgeLayers(b *testing.B) {
	for name, l := range edgeLayers() {
		b.Run(fmt.Sprintf("%s/64", name), func(b *testing.B) {
			step := edgeStep(l, 5_000, 50_000)
			step()
			b.ReportAllocs()
			for b.Loop() {
				step()
			}
		})
	}
}
