package wl_test

import (
	"fmt"

	"symbridge/graph"
	"symbridge/wl"
)

// A ring of six nodes and two triangles look alike to message passing: every node has two neighbours of its own kind.
func ExampleEquivalent() {
	ring := graph.Must(graph.NewUndirected(6, [][2]int32{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 0}}))
	triangles := graph.Must(graph.NewUndirected(6, [][2]int32{{0, 1}, {1, 2}, {2, 0}, {3, 4}, {4, 5}, {5, 3}}))
	path := graph.Must(graph.NewUndirected(6, [][2]int32{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}}))
	fmt.Println(wl.Equivalent(ring, triangles), wl.Hash(ring, wl.Options{}) == wl.Hash(triangles, wl.Options{}))
	fmt.Println(wl.Equivalent(ring, path))
	// Output:
	// true true
	// false
}

func ExampleRounds() {
	path := graph.Must(graph.NewUndirected(5, [][2]int32{{0, 1}, {1, 2}, {2, 3}, {3, 4}}))
	h := wl.Rounds(path, wl.Options{})
	for round := range h.Rounds() + 1 {
		fmt.Println(round, h.ColoursAt(round))
	}
	// Output:
	// 0 [0 0 0 0 0]
	// 1 [0 1 1 1 0]
	// 2 [0 2 1 2 0]
}
