package gnn_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/symmetry"
	"symbridge/tensor"
)

// drawData returns data with parallel edges, loops, features that often agree, and everything else that there can be.
func drawData(rng *rand.Rand) *gnn.Data[float64] {
	n := 1 + rng.IntN(9)
	edges := make([][2]int32, rng.IntN(3*n))
	for k := range edges {
		edges[k] = [2]int32{rng.Int32N(int32(n)), rng.Int32N(int32(n))}
	}
	matrix := func(rows, cols int) tensor.Dense[float64] {
		m := tensor.NewDense[float64](rows, cols)
		for i := range m.Data {
			m.Data[i] = float64(rng.IntN(2))
		}
		return m
	}
	d := &gnn.Data[float64]{Graph: graph.Must(graph.New(n, edges)), X: matrix(n, 1), EdgeAttr: matrix(len(edges), 2),
		EdgeWeight: matrix(len(edges), 1), NodeClass: make([]int32, n), GraphClass: []int32{1},
		NodeLabel: make([]uint64, n), EdgeLabel: make([]uint64, len(edges))}
	for k := range d.EdgeLabel {
		d.EdgeLabel[k] = rng.Uint64N(2)
	}
	for v := range n {
		d.NodeLabel[v] = rng.Uint64N(2)
		if rng.IntN(2) == 0 {
			d.Train = append(d.Train, int32(v))
		}
	}
	return d
}

// What comes out is the same however nodes and edges were ordered: rows, lists of edges, identities.
func TestCanonicalData(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	same := func(a, b *gnn.Data[float64]) {
		t.Helper()
		require.Equal(t, a.Graph.EdgeList(), b.Graph.EdgeList())
		require.Equal(t, a.Graph.NodeIDs(), b.Graph.NodeIDs())
		require.Equal(t, a.Graph.GraphOf(), b.Graph.GraphOf())
		require.Equal(t, a.X, b.X)
		require.Equal(t, a.EdgeAttr, b.EdgeAttr)
		require.Equal(t, a.EdgeWeight, b.EdgeWeight)
		require.Equal(t, a.NodeLabel, b.NodeLabel)
		require.Equal(t, a.EdgeLabel, b.EdgeLabel)
		require.Equal(t, a.Train, b.Train)
	}
	for range 300 {
		parts := []*gnn.Data[float64]{drawData(rng), drawData(rng)}
		for _, d := range []*gnn.Data[float64]{parts[0], gnn.Batch(parts...)} {
			want, place, err := d.Canonical(context.Background())
			require.NoError(t, err)
			require.NoError(t, want.Validate())
			for v := range d.X.Rows {
				require.Equal(t, d.X.Row(v), want.X.Row(int(place[v])))
			}
			if d != parts[0] {
				continue
			}
			h := d.Relabel(symmetry.Random(rng, d.Graph.NumNodes()), symmetry.Random(rng, d.Graph.NumEdges()))
			got, _, err := h.Canonical(context.Background())
			require.NoError(t, err)
			same(want, got)
		}
		moved := make([]*gnn.Data[float64], len(parts))
		for i, d := range parts {
			moved[i] = d.Relabel(symmetry.Random(rng, d.Graph.NumNodes()), symmetry.Random(rng, d.Graph.NumEdges()))
		}
		want, _, err := gnn.Batch(parts...).Canonical(context.Background())
		require.NoError(t, err)
		got, _, err := gnn.Batch(moved...).Canonical(context.Background())
		require.NoError(t, err)
		same(want, got)
	}
	for range 100 { // labels alone tell nodes and edges apart
		d := drawData(rng)
		d = &gnn.Data[float64]{Graph: d.Graph, NodeLabel: d.NodeLabel, EdgeLabel: d.EdgeLabel}
		for _, only := range []func(d *gnn.Data[float64]){func(d *gnn.Data[float64]) { d.NodeLabel = nil }, func(d *gnn.Data[float64]) { d.EdgeLabel = nil }} {
			d := *d
			only(&d)
			want, _, err := d.Canonical(context.Background())
			require.NoError(t, err)
			got, _, err := d.Relabel(symmetry.Random(rng, d.Graph.NumNodes()), symmetry.Random(rng, d.Graph.NumEdges())).Canonical(context.Background())
			require.NoError(t, err)
			same(want, got)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, _, err := drawData(rng).Canonical(ctx)
	require.ErrorIs(t, err, context.Canceled)
}
