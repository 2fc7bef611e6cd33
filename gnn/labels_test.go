package gnn_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/autodiff"
	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/tensor"
)

// Labels of nodes and edges move along with them, are joined in a batch, reach the features, and have one entry each.
func TestLabels(t *testing.T) {
	d := &gnn.Data[float32]{Graph: graph.Must(graph.New(3, [][2]int32{{0, 1}, {1, 2}})), X: tensor.NewDense[float32](3, 1),
		NodeLabel: []uint64{7, 8, 9}, EdgeLabel: []uint64{1, 2}}
	require.NoError(t, d.Validate())
	h := d.Relabel([]int32{2, 0, 1}, []int32{1, 0})
	require.Equal(t, []uint64{8, 9, 7}, h.NodeLabel)
	require.Equal(t, []uint64{2, 1}, h.EdgeLabel)
	b := gnn.Batch(d, h)
	require.Equal(t, []uint64{7, 8, 9, 8, 9, 7}, b.NodeLabel)
	require.Equal(t, []uint64{1, 2, 2, 1}, b.EdgeLabel)
	var tp autodiff.Tape[float32]
	x := b.On(&tp)
	require.Equal(t, b.NodeLabel, x.NodeLabel)
	require.Equal(t, b.EdgeLabel, x.EdgeLabel)
	bare := *d
	bare.NodeLabel, bare.EdgeLabel = nil, nil
	require.NoError(t, bare.Validate())
	require.Nil(t, bare.Relabel([]int32{2, 0, 1}, []int32{1, 0}).NodeLabel)
	require.Panics(t, func() { gnn.Batch(d, &bare) })
	for _, field := range []func(d *gnn.Data[float32]){
		func(d *gnn.Data[float32]) { d.NodeLabel = d.NodeLabel[:2] },
		func(d *gnn.Data[float32]) { d.EdgeLabel = d.EdgeLabel[:1] },
	} {
		short := *d
		field(&short)
		require.ErrorContains(t, short.Validate(), "Label has")
	}
}
