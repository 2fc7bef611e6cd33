package wl_test

import (
	"context"
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

// Which methods tell a ring of six nodes from two triangles, and the Rook graph of the 4x4 board from the Shrikhande graph.
func ExampleClasses() {
	ring := graph.Must(graph.NewUndirected(6, [][2]int32{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 0}}))
	triangles := graph.Must(graph.NewUndirected(6, [][2]int32{{0, 1}, {1, 2}, {2, 0}, {3, 4}, {4, 5}, {5, 3}}))
	var rook, shrikhande [][2]int32
	for a := range int32(16) {
		for b := range a {
			if a/4 == b/4 || a%4 == b%4 {
				rook = append(rook, [2]int32{a, b})
			}
		}
		for _, step := range [][2]int32{{0, 1}, {1, 0}, {1, 1}} {
			shrikhande = append(shrikhande, [2]int32{a, (a/4+step[0])%4*4 + (a%4+step[1])%4})
		}
	}
	gs := []*graph.Graph{ring, triangles,
		graph.Must(graph.NewUndirected(16, rook)), graph.Must(graph.NewUndirected(16, shrikhande))}
	for _, m := range []wl.Method{wl.OneWL, wl.ShortestPath, wl.OneMark, wl.TwoFWL, wl.TwoMarks, wl.ThreeFWL} {
		class, count, err := wl.Classes(context.Background(), gs, m)
		fmt.Println(m, class, count, err)
	}
	// Output:
	// 1wl [0 0 1 1] 2 <nil>
	// spd [0 1 2 2] 3 <nil>
	// m1 [0 1 2 2] 3 <nil>
	// 2fwl [0 1 2 2] 3 <nil>
	// m2 [0 1 2 3] 4 <nil>
	// 3fwl [0 1 2 3] 4 <nil>
}

// Graphs that come one after the other, with labels.
func ExampleClassifier() {
	classes, err := wl.NewClassifier(wl.TwoFWL)
	if err != nil {
		fmt.Println(err)
		return
	}
	path := graph.Must(graph.NewUndirected(3, [][2]int32{{0, 1}, {1, 2}}))
	for _, labels := range [][]uint64{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}} { // one node of another kind
		fmt.Println(classes.Add(context.Background(), path, wl.Options{NodeLabels: labels}))
	}
	fmt.Println(classes.Count())
	// Output:
	// 0 <nil>
	// 1 <nil>
	// 0 <nil>
	// 2
}

// The pairs of a ring of six: by distance, as 2-FWL sees them.
func ExampleColour() {
	ring := graph.Must(graph.NewUndirected(6, [][2]int32{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 0}}))
	c, err := wl.Colour(context.Background(), ring, wl.TwoFWL, wl.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	kinds := map[int32]int{}
	for _, colour := range c.Colours()[:6] { // the pairs (0,v)
		kinds[colour]++
	}
	fmt.Println(c.NumColours(), len(kinds), c.Rounds())
	// Output:
	// 4 4 1
}

func ExampleParseMethod() {
	m, err := wl.ParseMethod("rwse:16")
	fmt.Println(m == wl.RandomWalk(16), err)
	_, err = wl.ParseMethod("4fwl")
	fmt.Println(err)
	// Output:
	// true <nil>
	// wl: method "4fwl": want one of 1wl, 2fwl, 3fwl, d2lwl, d3lwl, spd, m1, m2, rwse:K: unknown method
}
