package wl

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"symbridge/graph"
)

// gnm returns a random simple graph with n nodes and about m edges.
func gnm(n, m int) *graph.Graph {
	rng := rand.New(rand.NewPCG(uint64(n), uint64(m)))
	keys := make([]uint64, m)
	for k := range keys {
		for {
			u, v := rng.Uint32N(uint32(n)), rng.Uint32N(uint32(n))
			if u != v {
				keys[k] = uint64(min(u, v))<<32 | uint64(max(u, v))
				break
			}
		}
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	rng.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	edges := make([][2]int32, len(keys))
	for k, x := range keys {
		edges[k] = [2]int32{int32(x >> 32), int32(uint32(x))}
	}
	return undirected(n, edges...)
}

func grid(side int) *graph.Graph {
	var edges [][2]int32
	for i := range int32(side * side) {
		if int(i)%side > 0 {
			edges = append(edges, [2]int32{i - 1, i})
		}
		if int(i) >= side {
			edges = append(edges, [2]int32{i - int32(side), i})
		}
	}
	return undirected(side*side, edges...)
}

// suite runs f on graphs with random edges, ten arcs a node, on a long path and on a grid.
func suite(b *testing.B, f func(g *graph.Graph)) {
	run := func(name string, g *graph.Graph) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f(g)
			}
		})
	}
	for _, m := range []int{100_000, 1_000_000, 10_000_000} {
		run(fmt.Sprint("gnm/", m), gnm(m/5, m))
	}
	run("path/200000", path(200_000))
	run("grid/400", grid(400))
}

func BenchmarkRefine(b *testing.B) {
	suite(b, func(g *graph.Graph) { Refine(g, Options{}) })
}

func BenchmarkRounds(b *testing.B) {
	suite(b, func(g *graph.Graph) { Rounds(g, Options{Rounds: 3}) })
}

func BenchmarkHash(b *testing.B) {
	suite(b, func(g *graph.Graph) { Hash(g, Options{}) })
}

func BenchmarkHashRounds(b *testing.B) {
	suite(b, func(g *graph.Graph) { Hash(g, Options{Rounds: 3}) })
}
