package ybgraph_test

import (
	"fmt"

	yb "github.com/yourbasic/graph"

	"symbridge/graph"
	"symbridge/graph/ybgraph"
)

func Example() {
	g := graph.Must(graph.New(3, [][2]int32{{0, 1}, {1, 2}, {0, 2}}))
	it, _ := ybgraph.To(g, []int64{1, 1, 5})
	fmt.Println(yb.ShortestPath(it, 0, 2))
	back, costs, _ := ybgraph.From(it)
	fmt.Println(back.EdgeList(), costs)
	// Output:
	// [0 1 2] 2
	// [[0 1] [0 2] [1 2]] [1 5 1]
}
