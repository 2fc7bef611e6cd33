package wlkernel_test

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"symbridge/graph"
	"symbridge/wl/wlkernel"
)

// Before the first round all nodes look alike, 3 times 3 pairs of them; after it a node with two neighbours is alike in the
// path and the triangle.
func ExampleSubtree() {
	path := graph.Must(graph.NewUndirected(3, [][2]int32{{0, 1}, {1, 2}}))
	triangle := graph.Must(graph.NewUndirected(3, [][2]int32{{0, 1}, {1, 2}, {2, 0}}))
	star := graph.Must(graph.NewUndirected(3, [][2]int32{{2, 0}, {2, 1}})) // the path again
	gram, err := wlkernel.Subtree{Rounds: 1}.Gram(context.Background(), wlkernel.Data{Graphs: []*graph.Graph{path, triangle, star}})
	if err != nil {
		panic(err)
	}
	fmt.Println(mat.Formatted(gram))
	fmt.Printf("%.3f\n", mat.Formatted(wlkernel.Normalise(gram)))
	// Output:
	// ⎡14  12  14⎤
	// ⎢12  18  12⎥
	// ⎣14  12  14⎦
	// ⎡1.000  0.756  1.000⎤
	// ⎢0.756  1.000  0.756⎥
	// ⎣1.000  0.756  1.000⎦
}

// A ring of six nodes and two triangles are the same to Weisfeiler-Leman, but not to a kernel that counts subgraphs.
func ExampleGraphlet() {
	ring := graph.Must(graph.NewUndirected(6, [][2]int32{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 0}}))
	triangles := graph.Must(graph.NewUndirected(6, [][2]int32{{0, 1}, {1, 2}, {2, 0}, {3, 4}, {4, 5}, {5, 3}}))
	f, err := wlkernel.Graphlet{Size: 3}.Features(context.Background(), wlkernel.Data{Graphs: []*graph.Graph{ring, triangles}})
	if err != nil {
		panic(err)
	}
	fmt.Println(f.Dense().Row(0)) // no edge, one edge, path, triangle
	fmt.Println(f.Dense().Row(1))
	// Output:
	// [2 12 6 0]
	// [0 18 0 2]
}
