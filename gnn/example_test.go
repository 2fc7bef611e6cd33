package gnn_test

import (
	"fmt"
	"math/rand/v2"

	"symbridge/autodiff"
	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/tensor"
)

// Relabelling the nodes moves the rows of the result and changes no bit of them.
func Example() {
	d := &gnn.Data[float32]{
		Graph: graph.Must(graph.NewUndirected(4, [][2]int32{{0, 1}, {1, 2}, {2, 3}, {1, 3}})),
		X:     tensor.FromRows([][]float32{{1, 0}, {0.1, 0.2}, {3, -1}, {0.7, 5}}),
	}
	model, err := gnn.NewModel[float32](gnn.Config{Model: "gat", Task: "node", In: 2, Hidden: 8, Out: 3, Layers: 2, Heads: 2}, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		fmt.Println(err)
		return
	}
	run := func(d *gnn.Data[float32]) tensor.Dense[float32] {
		var t autodiff.Tape[float32]
		return model.Forward(&t, d.Graph, d.On(&t)).Node.Value
	}
	p := []int32{2, 0, 3, 1}
	q := rand.New(rand.NewPCG(3, 4)).Perm(d.Graph.NumEdges())
	shuffled := make([]int32, len(q))
	for i, v := range q {
		shuffled[i] = int32(v)
	}
	before, after := run(d), run(d.Relabel(p, shuffled))
	equal := 0
	for i, v := range before.PermuteRows(p).Data {
		if v == after.Data[i] {
			equal++
		}
	}
	fmt.Println(equal, "of", len(after.Data), "entries equal;", gnn.CountParams(model), "parameters")
	// Output: 12 of 12 entries equal; 137 parameters
}
