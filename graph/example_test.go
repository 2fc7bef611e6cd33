package graph_test

import (
	"fmt"

	"symbridge/graph"
)

// A graph is a list of edges; a layer reads it by target.
func Example() {
	g, err := graph.New(4, [][2]int32{{0, 1}, {2, 1}, {1, 3}, {3, 3}})
	if err != nil {
		panic(err)
	}
	fmt.Println(g, "in-degrees", g.InDegrees())
	fmt.Println("sources of 1:", g.Sources(1))
	_, err = graph.New(2, [][2]int32{{0, 1}, {1, 2}})
	fmt.Println(err)
	// Output:
	// graph(4 nodes, 4 edges, 1 graphs) in-degrees [0 2 0 2]
	// sources of 1: [0 2]
	// graph: edge 1 is (1,2), nodes are 0..1: node out of range
}

// Relabelling says where each edge went, so that rows of edge features can follow.
func ExampleGraph_Relabel() {
	g := graph.Must(graph.New(3, [][2]int32{{0, 1}, {1, 2}}))
	h, q := g.Relabel([]int32{2, 0, 1})
	fmt.Println(h.EdgeList(), q)
	// Output: [[2 0] [0 1]] [0 1]
}

// A batch is a graph.
func ExampleUnion() {
	edge := graph.Must(graph.NewUndirected(2, [][2]int32{{0, 1}}))
	batch := graph.Union(edge, edge)
	fmt.Println(batch, batch.GraphOf(), batch.EdgeList())
	// Output: graph(4 nodes, 4 edges, 2 graphs) [0 0 1 1] [[0 1] [1 0] [2 3] [3 2]]
}

// The nodes that can reach a seed in two layers, and the graph among them.
func ExampleGraph_Subgraph() {
	g := graph.Must(graph.New(5, [][2]int32{{0, 1}, {1, 2}, {2, 3}, {3, 4}}))
	nodes, _ := g.KHop([]int32{3}, 2)
	sub, edges, _ := g.Subgraph(nodes)
	fmt.Println(nodes, sub.EdgeList(), edges)
	// Output: [1 2 3] [[0 1] [1 2]] [1 2]
}
