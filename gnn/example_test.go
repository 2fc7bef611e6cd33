package gnn_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"symbridge/autodiff"
	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/tensor"
	"symbridge/wl"
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

// On the cube, where all 48 turns and reflections take corners to corners, the linear maps that commute with them have four weights: one
// for each distance. A signal that is turned gives the same bits, turned.
func ExampleTied() {
	var edges [][2]int32
	for v := range int32(8) {
		for _, bit := range []int32{1, 2, 4} {
			if v&bit == 0 {
				edges = append(edges, [2]int32{v, v | bit})
			}
		}
	}
	cube := graph.Must(graph.NewUndirected(8, edges))
	orbits, err := gnn.FindOrbits(context.Background(), cube, wl.CanonicalOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, pairs := orbits.Pairs()
	fmt.Println(orbits.Group().Order(), "automorphisms; orbits:", orbits.Nodes, "of nodes,", orbits.Edges, "of edges,", pairs, "of pairs")

	rng := rand.New(rand.NewPCG(1, 2))
	layer := gnn.NewTied[float32](rng, 2, 3, orbits, gnn.TiedOptions{Full: true})
	fmt.Println(gnn.CountParams(layer), "parameters, of", 8*2*8*3+8*3, "without ties")

	x := tensor.NewDense[float32](8, 2)
	for i := range x.Data {
		x.Data[i] = rng.Float32()
	}
	run := func(x tensor.Dense[float32]) tensor.Dense[float32] {
		var t autodiff.Tape[float32]
		return layer.Forward(&t, cube, gnn.Features[float32]{Node: t.Const(x)}).Node.Value
	}
	turn := orbits.Group().Random(rng)
	fmt.Println("equal:", slices.Equal(run(x).PermuteRows(turn).Data, run(x.PermuteRows(turn)).Data))
	// Output:
	// 48 automorphisms; orbits: 1 of nodes, 1 of edges, 4 of pairs
	// 27 parameters, of 408 without ties
	// equal: true
}
