package gonumgraph_test

import (
	"fmt"

	"gonum.org/v1/gonum/graph/path"

	"symbridge/graph"
	"symbridge/graph/gonumgraph"
)

func Example() {
	g := graph.Must(graph.New(3, [][2]int32{{0, 1}, {1, 2}, {0, 2}}))
	m, err := gonumgraph.ToDirected(g, []float64{1, 1, 5})
	if err != nil {
		panic(err)
	}
	fmt.Println(path.DijkstraFrom(m.Node(0), m).WeightTo(2))
	back, ids, weights, _ := gonumgraph.From(m)
	fmt.Println(back.EdgeList(), ids, weights)
	// Output:
	// 2
	// [[0 1] [0 2] [1 2]] [0 1 2] [1 5 1]
}
