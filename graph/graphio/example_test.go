package graphio_test

import (
	"fmt"
	"os"
	"strings"

	"symbridge/graph"
	"symbridge/graph/graphio"
)

// Each line of a graph6 file is a graph.
func ExampleGraph6() {
	for g, err := range graphio.Graph6(strings.NewReader("C~\nDQc\nDQ\n"), graphio.Limits{}) {
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(g)
	}
	// Output:
	// graph(4 nodes, 12 edges, 1 graphs)
	// graph(5 nodes, 8 edges, 1 graphs)
	// graphio: graph6 line 3: matrix: 1 bytes, want 2: syntax error
}

// A file says what it is.
func ExampleRead() {
	for f, err := range graphio.Read(strings.NewReader("c a path\np edge 3 2\nn 2 7\ne 1 2\ne 2 3\n"), "path", graphio.Reading{}) {
		fmt.Println(f.Graph, f.Labels(), err)
	}
	// Output:
	// graph(3 nodes, 4 edges, 1 graphs) [0 7 0] <nil>
}

// A CSV file with a heading and weights.
func ExampleReadEdgeList() {
	f, err := graphio.ReadEdgeList(strings.NewReader("from,to,km\nBern,Thun,31\nThun,Spiez,11\n"),
		graphio.EdgeList{Named: true, Heading: true, Undirected: true})
	if err != nil {
		panic(err)
	}
	fmt.Println(f.Names, f.Graph.EdgeList(), f.Weights)
	// Output: [Bern Thun Spiez] [[0 1] [1 0] [1 2] [2 1]] [31 31 11 11]
}

// JSON for networkx or D3.
func ExampleWriteNodeLink() {
	g := graph.Must(graph.NewUndirected(2, [][2]int32{{0, 1}}))
	if err := graphio.WriteNodeLink(os.Stdout, &graphio.File{Graph: g, Names: []string{"a", "b"}}); err != nil {
		panic(err)
	}
	// Output:
	// {"directed": false, "multigraph": false, "graph": {},
	// "nodes": [
	// {"id": "a"},
	// {"id": "b"}],
	// "edges": [
	// {"source": "a", "target": "b"}]}
}
