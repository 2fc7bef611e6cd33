// Smallgraphs makes all graphs with a few nodes, one of each isomorphism class, and asks how many of them message passing
// confuses: none with five nodes, 6 of 112 with six. It also counts the graphs in which no node can stand for another.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"

	"symbridge/graph/enumerate"
	"symbridge/wl"
)

func main() {
	n := flag.Int("n", 8, "go up to this number of nodes; 9 takes a few seconds")
	flag.Parse()
	if err := run(os.Stdout, *n); err != nil {
		fmt.Fprintln(os.Stderr, "smallgraphs:", err)
		os.Exit(1)
	}
}

func run(w io.Writer, most int) error {
	fmt.Fprintf(w, "%5s %8s %10s %11s %11s %11s\n", "nodes", "graphs", "connected", "no symmetry", "confused", "WL classes")
	for n := 1; n <= most; n++ {
		c, err := census(n)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%5d %8d %10d %11d %11d %11d\n", n, c.graphs, c.connected, c.rigid, c.confused, c.classes)
	}
	return nil
}

// counts are numbers of graphs with so many nodes.
type counts struct {
	graphs, connected int
	rigid             int // without an automorphism but the identity
	confused          int // connected, and to message passing the same as another
	classes           int // of connected graphs, as message passing sees them
}

func census(n int) (c counts, err error) {
	for g := range enumerate.Graphs(n) {
		form, err := wl.Canonical(context.Background(), g, wl.CanonicalOptions{})
		if err != nil {
			return c, err
		}
		c.graphs++
		if form.NumGenerators() == 0 {
			c.rigid++
		}
	}
	seen := map[[32]byte]int{}
	for g := range enumerate.Connected(n) {
		c.connected++
		seen[wl.Hash(g, wl.Options{})]++
	}
	c.classes = len(seen)
	for _, k := range seen {
		if k > 1 {
			c.confused += k
		}
	}
	return c, nil
}
