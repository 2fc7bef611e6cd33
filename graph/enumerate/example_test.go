package enumerate_test

import (
	"fmt"

	"symbridge/graph/enumerate"
	"symbridge/graph/graphio"
)

func ExampleConnected() {
	for g := range enumerate.Connected(4) {
		line, _ := graphio.AppendGraph6(nil, g)
		fmt.Println(string(line), g.NumEdges()/2, "edges")
	}
	// Output:
	// CF 3 edges
	// CU 3 edges
	// CV 4 edges
	// C] 4 edges
	// C^ 5 edges
	// C~ 6 edges
}
