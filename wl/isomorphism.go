package wl

import (
	"context"
	"slices"
	"time"

	"symbridge/graph"
	"symbridge/internal/arcs"
	"symbridge/internal/canon"
	"symbridge/symmetry"
)

// grace is how long a search that was told to end may take for that.
func grace() <-chan time.Time { return time.After(5 * time.Millisecond) }

// Isomorphism reports whether two graphs are isomorphic, by a map that keeps labels, directions and multiplicities of arcs, and returns
// such a map: node v of g is node p[v] of h. The map has been checked on the graphs. It costs two canonical forms, or less
// where simple counts differ. An error is that of the context.
func Isomorphism(ctx context.Context, g, h *graph.Graph, gOpts, hOpts CanonicalOptions) (p symmetry.Perm, ok bool, err error) {
	gOpts.check(g)
	hOpts.check(h)
	if g.NumNodes() != h.NumNodes() || g.NumEdges() != h.NumEdges() {
		return nil, false, ctx.Err()
	}
	a, b := arcs.Pairs(g, gOpts.NodeLabels, gOpts.EdgeLabels), arcs.Pairs(h, hOpts.NodeLabels, hOpts.EdgeLabels)
	if !sameContents(a, b) {
		return nil, false, ctx.Err()
	}
	gOpts.Budget, hOpts.Budget = 0, 0
	fg, err := Canonical(ctx, g, gOpts)
	if err != nil {
		return nil, false, err
	}
	fh, err := Canonical(ctx, h, hOpts)
	if err != nil {
		return nil, false, err
	}
	if fg.Digest != fh.Digest {
		return nil, false, nil
	}
	p = fh.Labelling.Inverse().Compose(fg.Labelling)
	if !canon.Isomorphic(&a.Graph, &b.Graph, a.Colour, b.Colour, p) {
		panic("wl: equal digests of graphs that are not isomorphic") // a collision of SHA-256, or a fault of this library
	}
	return p, true, nil
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
