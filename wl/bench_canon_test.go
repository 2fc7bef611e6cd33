package wl

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"symbridge/graph"
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
}
