package main

import (
	"context"
	"fmt"

	"symbridge/graph"
	"symbridge/wl"
)

// labelled is a graph and those of its labels that count.
type labelled struct {
	*graph.Graph
	nodes, edges []uint64 // nil: all 0
	rows         []uint64 // in place of the graph, where the run takes rows
}

// canonical finds the canonical form and its digest; of rows, the digest alone.
func (g labelled) canonical(ctx context.Context) (f *wl.Form, digest [32]byte, err error) {
	if g.rows != nil {
		return nil, wl.RowsDigest(g.rows), nil
	}
	if f, err = wl.Canonical(ctx, g.Graph, g.options()); err != nil {
		return f, digest, err
	}
	return f, f.Digest, nil
}

func (g labelled) options() wl.CanonicalOptions {
	return wl.CanonicalOptions{NodeLabels: g.nodes, EdgeLabels: g.edges}
}

func (g labelled) refinement(rounds int) wl.Options {
	return wl.Options{NodeLabels: g.nodes, EdgeLabels: g.edges, Rounds: rounds}
}

// hash does not wait for a refinement that outlives the context, which nothing can stop.
func hash(ctx context.Context, g labelled, rounds int) ([32]byte, error) {
	if ctx.Done() == nil {
		return wl.Hash(g.Graph, g.refinement(rounds)), nil
	}
	done := make(chan [32]byte, 1)
	go func() { done <- wl.Hash(g.Graph, g.refinement(rounds)) }()
	select {
	case h := <-done:
		return h, nil
	case <-ctx.Done():
		return [32]byte{}, ctx.Err()
	}
}

// methodCanonical is the method of classes that no other beats.
const methodCanonical = "canon"

// A classifier numbers graphs by what a method can tell of them. It returns the error of the context, and counts nothing,
// where that ends first.
type classifier func(context.Context, labelled) (class int, err error)

func newClassifier(method string) (classifier, error) {
	if method == methodCanonical {
		return byDigest(func(ctx context.Context, g labelled) ([32]byte, error) {
			_, digest, err := g.canonical(ctx)
			return digest, err
		}), nil
	}
	m, err := wl.ParseMethod(method)
	if err != nil {
		return nil, fmt.Errorf("-method %s: want %s, or one of %s: %w", method, methodCanonical, wl.MethodNames, err)
	}
	if m == wl.OneWL { // the hash is the same question, and faster
		return byDigest(func(ctx context.Context, g labelled) ([32]byte, error) { return hash(ctx, g, 0) }), nil
	}
	c, err := wl.NewClassifier(m)
	return func(ctx context.Context, g labelled) (int, error) {
		class, err := c.Add(ctx, g.Graph, g.refinement(0))
		return int(class), err
	}, err
}

// byDigest puts graphs of one digest into one class.
func byDigest(digest func(context.Context, labelled) ([32]byte, error)) classifier {
	classes := map[[32]byte]int{}
	return func(ctx context.Context, g labelled) (int, error) {
		d, err := digest(ctx, g)
		if err != nil {
			return 0, err
		}
		class, ok := classes[d]
		if !ok {
			class = len(classes)
			classes[d] = class
		}
		return class, nil
	}
}
