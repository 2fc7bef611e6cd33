package wl

import (
	"context"
	"slices"
	"sync/atomic"

	"symbridge/graph"
	"symbridge/internal/arcs"
	"symbridge/internal/canon"
	"symbridge/symmetry"
)

// Isomorphism reports whether two graphs are isomorphic, by a map that keeps labels, directions and multiplicities of arcs, and returns
// such a map: node v of g is node p[v] of h. The map has been checked on the graphs. It costs two canonical forms, or less
// where simple counts differ. An error is that of the context.
func Isomorphism(ctx context.Context, g, h *graph.Graph, gOpts, hOpts CanonicalOptions) (p symmetry.Perm, ok bool, err error) {
	gOpts.check(g)
	hOpts.check(h)
	if g.NumNodes() != h.NumNodes() || g.NumEdges() != h.NumEdges() {
		return nil, false, ctx.Err()
	}
	if err := ctx.Err(); err != nil {
		return nil, false, err
	}
	gOpts, hOpts = gOpts.own(), hOpts.own()
	p, done := obey(ctx, func(stop *atomic.Bool) symmetry.Perm {
		a, b := arcs.Pairs(g, gOpts.NodeLabels, gOpts.EdgeLabels), arcs.Pairs(h, hOpts.NodeLabels, hOpts.EdgeLabels)
		return isomorphism(a, b, stop)
	})
	if err := ctx.Err(); err != nil && (!done || p == nil) { // perhaps it was stopped
		return nil, false, err
	}
	return p, p != nil, nil
}

// isomorphism returns a map from one graph to another; nil where there is none, or stop became true.
func isomorphism(a, b *arcs.Form, stop *atomic.Bool) symmetry.Perm {
	if !sameContents(a, b) {
		return nil
	}
	f := canonical(a, 0, stop)
	if !f.Complete {
		return nil
	}
	e := canonical(b, 0, stop)
	if !e.Complete || e.Digest != f.Digest {
		return nil
	}
	p := e.Labelling.Inverse().Compose(f.Labelling)
	if !canon.Isomorphic(&a.Graph, &b.Graph, a.Colour, b.Colour, p) {
		panic("wl: equal digests of graphs that are not isomorphic") // a collision of SHA-256, or a fault of this library
	}
	return p
}

// Automorphisms returns the group of the automorphisms of a graph that keep labels, directions and multiplicities of arcs: the active
// symmetry by whose orbits weights may be tied (Huang, Levie, Villar 2023). It costs a canonical form. An error is that of the context;
// a budget leaves a subgroup.
func Automorphisms(ctx context.Context, g *graph.Graph, opts CanonicalOptions) (*symmetry.Group, error) {
	f, err := Canonical(ctx, g, opts)
	if err != nil {
		return nil, err
	}
	return f.Group(), nil
}

// sameContents reports whether the numbers of two forms stand for the same, and are as many.
func sameContents(a, b *arcs.Form) bool {
	return slices.EqualFunc(a.Kinds, b.Kinds, func(x, y arcs.Kind) bool { return x.Compare(y) == 0 }) &&
		slices.EqualFunc(a.Sights, b.Sights, func(x, y arcs.Sight) bool { return x.Compare(y) == 0 }) &&
		len(a.Adj) == len(b.Adj) && slices.Equal(counts(a.Colour, len(a.Kinds)), counts(b.Colour, len(b.Kinds)))
}

func counts(colour []int32, kinds int) []int {
	c := make([]int, kinds)
	for _, k := range colour {
		c[k]++
	}
	return c
}
