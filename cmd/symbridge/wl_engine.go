package main

import (
	"context"
	"fmt"
	"math/big"
	"slices"

	"symbridge/graph"
	"symbridge/symmetry"
	"symbridge/wl"
)

// An engine does what the wl commands ask for: package wl, or a stand-in in tests.
type engine interface {
	hash(ctx context.Context, g labelled, rounds int) ([32]byte, error)
	canonical(ctx context.Context, g labelled) (*form, error)
	isomorphism(ctx context.Context, g, h labelled) (mapping symmetry.Perm, ok bool, err error)
	classifier(method string) (classifier, error)
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

// form is what the canonical search finds. Beside an error it is nil, or what was found before: automorphisms, and an order
// that is a lower bound.
type form struct {
	labelling  symmetry.Perm
	digest     [32]byte
	order      *big.Int
	generators int
	orbits     int
}

// library is the engine of package wl.
type library struct{}

func (g labelled) options(rounds int) wl.Options {
	return wl.Options{NodeLabels: g.nodes, EdgeLabels: g.edges, Rounds: rounds}
}

// hash does not wait for a refinement that outlives the context, which nothing can stop.
func (library) hash(ctx context.Context, g labelled, rounds int) ([32]byte, error) {
	if ctx.Done() == nil {
		return wl.Hash(g.Graph, g.options(rounds)), nil
	}
	done := make(chan [32]byte, 1)
	go func() { done <- wl.Hash(g.Graph, g.options(rounds)) }()
	select {
	case h := <-done:
		return h, nil
	case <-ctx.Done():
		return [32]byte{}, ctx.Err()
	}
}

func (g labelled) canonicalOptions() wl.CanonicalOptions {
	return wl.CanonicalOptions{NodeLabels: g.nodes, EdgeLabels: g.edges}
}

func (library) canonical(ctx context.Context, g labelled) (*form, error) {
	f, err := wl.Canonical(ctx, g.Graph, g.canonicalOptions())
	if f == nil {
		return nil, err
	}
	orbits := slices.Sorted(slices.Values(f.Orbits()))
	return &form{f.Labelling, f.Digest, f.Order(), f.NumGenerators(), len(slices.Compact(orbits))}, err
}

func (library) isomorphism(ctx context.Context, g, h labelled) (symmetry.Perm, bool, error) {
	return wl.Isomorphism(ctx, g.Graph, h.Graph, g.canonicalOptions(), h.canonicalOptions())
}

// methodCanonical is the method of classes that no other beats.
const methodCanonical = "canon"

func (l library) classifier(method string) (classifier, error) {
	if method == methodCanonical {
		return &byDigest{digest: func(ctx context.Context, g labelled) ([32]byte, error) {
			f, err := wl.Canonical(ctx, g.Graph, g.canonicalOptions())
			if err != nil {
				return [32]byte{}, err
			}
			return f.Digest, nil
		}}, nil
	}
	m, err := wl.ParseMethod(method)
	if err != nil {
		return nil, fmt.Errorf("-method %s: want %s, or one of %s: %w", method, methodCanonical, wl.MethodNames, err)
	}
	if m == wl.OneWL { // the hash is the same question, and faster
		return &byDigest{digest: func(ctx context.Context, g labelled) ([32]byte, error) { return l.hash(ctx, g, 0) }}, nil
	}
	c, err := wl.NewClassifier(m)
	return byMethod{c}, err
}

type byMethod struct{ *wl.Classifier }

func (c byMethod) add(ctx context.Context, g labelled) (int, error) {
	class, err := c.Add(ctx, g.Graph, g.options(0))
	return int(class), err
}

// byDigest puts graphs of one digest into one class.
type byDigest struct {
	digest func(context.Context, labelled) ([32]byte, error)
	class  map[[32]byte]int
}

func (c *byDigest) add(ctx context.Context, g labelled) (int, error) {
	d, err := c.digest(ctx, g)
	if err != nil {
		return 0, err
	}
	if c.class == nil {
		c.class = map[[32]byte]int{}
	}
	class, ok := c.class[d]
	if !ok {
		class = len(c.class)
		c.class[d] = class
	}
	return class, nil
}
