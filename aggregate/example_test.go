package aggregate_test

import (
	"fmt"

	"symbridge/aggregate"
	"symbridge/autodiff"
	"symbridge/graph"
	"symbridge/tensor"
)

// One aggregator serves neighbourhoods and pooling.
func Example() {
	g := graph.Must(graph.New(3, [][2]int32{{0, 2}, {1, 2}}))
	a, err := aggregate.Parse[float32]("mean+max")
	if err != nil {
		fmt.Println(err)
		return
	}
	var t autodiff.Tape[float32]
	x := t.Const(tensor.FromRows([][]float32{{1}, {2}, {6}}))
	fmt.Println("neighbours:", a.Aggregate(&t, g.In(), x).Value.Data)
	fmt.Println("graph:     ", a.Aggregate(&t, g.Nodes(), x).Value.Data)
	// Output:
	// neighbours: [0 0 0 0 1.5 2]
	// graph:      [3 6]
}
