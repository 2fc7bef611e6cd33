package main

import (
	"context"
	"errors"
	"fmt"
	"math/big"

	"symbridge/graph"
	"symbridge/symmetry"
	"symbridge/wl"
)

// An engine does what the wl commands ask for: package wl, or a stand-in in tests.
type engine interface {
	hash(g labelled, rounds int) [32]byte
	canonical(ctx context.Context, g labelled) (*form, error)
	isomorphism(ctx context.Context, g, h labelled) (mapping symmetry.Perm, ok bool, err error)
	classifier(method string) (classifier, error)
	features(gs []labelled, rounds int) [][]int32
}

// A classifier numbers graphs by what a method can tell of them. It returns context.DeadlineExceeded, and counts nothing,
// where the context ends first.
type classifier interface {
	add(ctx context.Context, g labelled) (class int, err error)
}

// labelled is a graph and those of its labels that count.
type labelled struct {
	*graph.Graph
	nodes, edges []uint64 // nil: all 0
}

// form is what the canonical search finds.
type form struct {
	labelling  symmetry.Perm
	digest     [32]byte
	order      *big.Int
	generators int
	orbits     int
}

// errNotBuilt is returned for what package wl does not have yet.
var errNotBuilt = errors.New("not built yet")

// library is the engine of package wl.
type library struct{}

func (g labelled) options(rounds int) wl.Options {
	return wl.Options{NodeLabels: g.nodes, EdgeLabels: g.edges, Rounds: rounds}
}

func (library) hash(g labelled, rounds int) [32]byte { return wl.Hash(g.Graph, g.options(rounds)) }

func (library) canonical(context.Context, labelled) (*form, error) { return nil, errNotBuilt }

func (library) isomorphism(context.Context, labelled, labelled) (symmetry.Perm, bool, error) {
	return nil, false, errNotBuilt
}

func (library) classifier(method string) (classifier, error) {
	if method != "1wl" {
		return nil, fmt.Errorf("-method %s: %w", method, errNotBuilt)
	}
	return refinementClasses{}, nil
}

// refinementClasses tells graphs apart by their hashes.
type refinementClasses map[[32]byte]int

func (c refinementClasses) add(ctx context.Context, g labelled) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	h := wl.Hash(g.Graph, g.options(0))
	class, ok := c[h]
	if !ok {
		class = len(c)
		c[h] = class
	}
	return class, nil
}

// features returns, for each graph, the colours of its nodes in rounds 0 to rounds, numbered so that no two rounds share one.
func (library) features(gs []labelled, rounds int) [][]int32 {
	union := labelled{}
	var parts []*graph.Graph
	nodes, edges := false, false
	for _, g := range gs {
		parts = append(parts, g.Graph)
		nodes, edges = nodes || g.nodes != nil, edges || g.edges != nil
	}
	union.Graph = graph.Union(parts...)
	for _, g := range gs {
		if nodes {
			union.nodes = append(union.nodes, orZeros(g.nodes, g.NumNodes())...)
		}
		if edges {
			union.edges = append(union.edges, orZeros(g.edges, g.NumEdges())...)
		}
	}
	out := make([][]int32, len(gs))
	r := wl.Refine(union.Graph, union.options(max(rounds, 1))) // 0 would be no bound
	first := int32(0)
	for t := range rounds + 1 {
		colours := r.ColoursAt(t)
		for i, g := range gs {
			for _, c := range colours[:g.NumNodes()] {
				out[i] = append(out[i], first+c)
			}
			colours = colours[g.NumNodes():]
		}
		first += int32(r.NumColoursAt(t))
	}
	return out
}

func orZeros(labels []uint64, n int) []uint64 {
	if labels == nil {
		return make([]uint64, n)
	}
	return labels
}
