package wl

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/graph"
	"symbridge/internal/arcs"
	"symbridge/internal/canon"
	"symbridge/internal/testdata"
)

func BenchmarkCanonical(b *testing.B) {
	run := func(name string, g *graph.Graph) {
		g.Out()
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				canonicalOf(b, g, CanonicalOptions{})
			}
		})
	}
	for _, m := range []int{1_000_000, 10_000_000} {
		if m > 1_000_000 && testing.Short() {
			continue
		}
		run(fmt.Sprint("gnm/", m), gnm(m/5, m))
	}
	run("cubic/100000", cubic(rand.New(rand.NewPCG(7, 7)), 100_000))
	run("chains/cubic/110000", chained(cubic(rand.New(rand.NewPCG(7, 7)), 20_000), 3))
	run("chains/torus/70000", chained(torus(100, 100), 3))
	run("torus/90000", torus(300, 300))
	run("ring/100000", torus(1, 100_000))
}

// The instances of iso-bench: whole forms, and the searches in them alone.
func BenchmarkIsoBench(b *testing.B) {
	dir := testdata.Shared(b, "data/iso-bench")
	files, err := filepath.Glob(filepath.Join(dir, "*.col.gz"))
	require.NoError(b, err)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".col.gz")
		g := readDIMACS(b, file).Graph
		g.Out()
		b.Run(name+"/form", func(b *testing.B) {
			for b.Loop() {
				canonicalOf(b, g, CanonicalOptions{})
			}
		})
		a := arcs.Pairs(g, nil, nil)
		b.Run(name+"/search", func(b *testing.B) {
			for b.Loop() {
				canon.Canonise(&a.Graph, a.Colour, canon.Options{})
			}
		})
	}
}

// chained puts so many vertices on each edge.
func chained(g *graph.Graph, inner int32) *graph.Graph {
	n := int32(g.NumNodes())
	var edges [][2]int32
	for v := range int32(g.NumNodes()) {
		for _, u := range g.In().Row[g.In().Ptr[v]:g.In().Ptr[v+1]] {
			if u > v {
				continue
			}
			at := v
			for range inner {
				edges = append(edges, [2]int32{at, n})
				at = n
				n++
			}
			edges = append(edges, [2]int32{at, u})
		}
	}
	return graph.Must(graph.NewUndirected(int(n), edges))
}

// torus is a grid whose sides are joined; with one row a ring.
func torus(rows, columns int32) *graph.Graph {
	var edges [][2]int32
	for r := range rows {
		for c := range columns {
			edges = append(edges, [2]int32{r*columns + c, r*columns + (c+1)%columns})
			if rows > 1 {
				edges = append(edges, [2]int32{r*columns + c, (r+1)%rows*columns + c})
			}
		}
	}
	return graph.Must(graph.NewUndirected(int(rows*columns), edges))
}
