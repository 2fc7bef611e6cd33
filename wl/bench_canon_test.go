package wl

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"symbridge/graph"
)

// gnm draws m edges at random; nodes have a mean degree of 10.
func gnm(m int) *graph.Graph {
	rng := rand.New(rand.NewPCG(uint64(m), 9))
	n := int32(m / 5)
	edges := make([][2]int32, m)
	for k := range edges {
		u := rng.Int32N(n)
		v := rng.Int32N(n - 1)
		if v >= u {
			v++
		}
		edges[k] = [2]int32{u, v}
	}
	return graph.Must(graph.NewUndirected(int(n), edges))
}

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
		run(fmt.Sprint("gnm/", m), gnm(m))
	}
	run("cubic/100000", cubic(rand.New(rand.NewPCG(7, 7)), 100_000))
}
