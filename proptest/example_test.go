package proptest_test

import (
	"fmt"
	"math/rand/v2"

	"symbridge/autodiff"
	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/proptest"
	"symbridge/tensor"
)

// positions is a layer with a fault: it adds the index of a node to its features.
type positions struct{}

func (positions) Forward(t *autodiff.Tape[float32], g *graph.Graph, x gnn.Features[float32]) gnn.Features[float32] {
	index := tensor.NewDense[float32](g.NumNodes(), x.Node.Cols())
	for i := range index.Data {
		index.Data[i] = float32(i / x.Node.Cols())
	}
	x.Node = autodiff.Add(t, x.Node, t.Const(index))
	return x
}

func (positions) Params(func(string, *autodiff.Param[float32]) bool) {}

func Example() {
	gcn := func(r *rand.Rand) gnn.Layer[float32] { return gnn.NewGCN[float32](r, 4, 2, gnn.GCNOptions{}) }
	fmt.Println("GCN:", proptest.CheckLayer(gcn, proptest.Config{OneWL: true}))

	faulty := func(*rand.Rand) gnn.Layer[float32] { return positions{} }
	err := proptest.CheckLayer(faulty, proptest.Config{In: 1})
	for _, f := range proptest.Failures(err) {
		fmt.Printf("%s, seen on %d nodes: %s\n", f.Law.Name, f.Nodes, f.Law.Says)
	}
	fmt.Print(proptest.Failures(err)[0].Source)
	// Output:
	// GCN: <nil>
	// Equivariant, seen on 2 nodes: where nodes are relabelled and the edge list is shuffled, the rows of the output move along and change in no bit, in evaluation and in training
	// Batch, seen on 2 nodes: a graph alone has the same bits, in outputs and input gradients, as the graph in a batch, in every mode but training with batch statistics
	// g := graph.Must(graph.New(2, [][2]int32{}))
	// g = graph.Must(g.WithIDs([]uint64{0, 1}, []uint64{}, []uint64{0}))
	// node := tensor.FromRows([][]float32{{0}, {0}})
}
