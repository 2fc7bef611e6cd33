package autodiff_test

import (
	"fmt"

	"symbridge/autodiff"
	"symbridge/graph"
	"symbridge/tensor"
)

// The gradient of a sum over neighbours flows back along the edges.
func Example() {
	g := graph.Must(graph.New(3, [][2]int32{{0, 2}, {1, 2}, {2, 0}}))
	t := autodiff.NewTape[float32]()
	x := t.Input(tensor.FromRows([][]float32{{1}, {2}, {4}}))
	y := autodiff.SegmentSum(t, g.In(), x)
	t.BackwardFrom(y, tensor.FromRows([][]float32{{10}, {100}, {1000}}))
	fmt.Println(y.Value.Data, x.Grad.Data)
	// Output: [4 0 3] [1000 1000 10]
}
