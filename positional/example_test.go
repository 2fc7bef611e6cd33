package positional_test

import (
	"fmt"

	"symbridge/graph"
	"symbridge/positional"
)

// A ring of six nodes and two triangles look alike to message passing. A walk of three steps comes back in a triangle only.
func ExampleRandomWalk() {
	ring := graph.Must(graph.NewUndirected(6, [][2]int32{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 0}}))
	triangles := graph.Must(graph.NewUndirected(6, [][2]int32{{0, 1}, {1, 2}, {2, 0}, {3, 4}, {4, 5}, {5, 3}}))
	walk := positional.RandomWalk[float32]{Steps: 4}
	for _, g := range []*graph.Graph{ring, triangles} {
		x, err := walk.Encode(g)
		if err != nil {
			panic(err)
		}
		fmt.Println(x.Row(0))
	}
	// Output:
	// [0 0.5 0 0.375]
	// [0 0.5 0.25 0.375]
}

// The eigenvalues of a ring come in pairs: which two vectors stand in the columns is not determined.
func ExampleLaplacian_EncodeSpaces() {
	ring := graph.Must(graph.NewUndirected(4, [][2]int32{{0, 1}, {1, 2}, {2, 3}, {3, 0}}))
	_, spaces, err := positional.Laplacian[float64]{K: 3}.EncodeSpaces(ring)
	if err != nil {
		panic(err)
	}
	for _, s := range spaces[0] {
		fmt.Printf("%.3f: columns %d to %d, undetermined: %s\n", s.Value, s.First, s.First+s.Len-1, s.Symmetry())
	}
	// Output:
	// 1.000: columns 0 to 1, undetermined: bases
	// 2.000: columns 2 to 2, undetermined: signs
}
