package wl

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/big"
	"slices"
	"sync/atomic"
	"time"

	"symbridge/graph"
	"symbridge/internal/arcs"
	"symbridge/internal/canon"
	"symbridge/symmetry"
)

// CanonicalVersion is the first field of everything that a canonical digest digests. It changes whenever the canonical
// form of any graph does.
const CanonicalVersion = "symbridge.canon.1"

// CanonicalOptions says what an isomorphism has to keep besides the arcs, and how long to search. The zero value: nothing
// more, as long as it takes.
type CanonicalOptions struct {
	NodeLabels []uint64 // (N) nil: all 0
	EdgeLabels []uint64 // (E) by edge id; nil: all 0
	Budget     int      // ends the search after so many nodes of its trees; 0: never
}

func (o CanonicalOptions) check(g *graph.Graph) {
	Options{NodeLabels: o.NodeLabels, EdgeLabels: o.EdgeLabels}.check(g)
}

// Form is the canonical form of a graph, and its automorphism group: what [Canonical] returns. It is immutable and safe for
// concurrent use.
type Form struct {
	// Labelling takes each node (N) to its canonical place: Graph.Relabel(Labelling) of isomorphic graphs are equal, up to the
	// order of the edge list. Where Complete is false it is one labelling of many.
	Labelling symmetry.Perm
	// Digest is a 256-bit name of the isomorphism class, labels included. See [Canonical] for its definition. Zero where
	// Complete is false.
	Digest [32]byte
	// Complete is false where the search was ended before it was done. The generators are then automorphisms, but perhaps
	// not enough of them, and the order is a lower bound.
	Complete bool
	// Proved says that the order is proved. Else it was found by random sifting, and is too small with a probability below 2^-64; the
	// generators generate the whole group all the same.
	Proved bool
	// Nodes counts the nodes of the search trees: graphs are refined about so often.
	Nodes int

	gens  []canon.Moves
	order *canon.Size
}

// ErrVerify is returned by [Form.Verify] for a form that does not belong to the graph.
var ErrVerify = errors.New("wl: not the canonical form of this graph")

// Canonical returns the canonical form of a graph: two graphs are isomorphic, by a map that keeps labels, directions and multiplicities of
// arcs, exactly if their digests are equal, collisions of SHA-256 aside. A batch counts as one graph.
//
// What is independent is taken apart first, hanging trees, chains of nodes of degree 2 and twins are taken off, invariants split what refinement
// does not, and what is left is searched by individualisation and refinement, level by level, with automorphisms found early and used at
// once (McKay 1981, "Practical graph isomorphism"; McKay, Piperno 2014, "Practical graph isomorphism, II"). Every generator is checked on the
// graph before it is returned.
//
// # Definition of the digest
//
// Numbers are little-endian, of 64 bits for labels and of 32 bits for all else; V is the length of CanonicalVersion and its bytes. A node
// is coloured by its label and the sorted list of the labels of its loops, an edge between two nodes seen from one of them by the sorted lists of
// the labels of the arcs that leave and that enter it; both are replaced by their ranks in the graph.
//
//	SHA-256(V, N, number of node colours, each: label, length and list of loops,
//	        number of edge colours, each: length and list of what leaves, length and list of what enters,
//	        for each place: rank of the colour of its node,
//	        for each place: number of neighbours at smaller places, for each of them, ascending: place, rank of the edge colour)
//
// # Cost
//
// Graphs whose nodes refinement tells apart take O((N+E) log N). The worst graphs known, of which multipedes are one kind, take exponential
// time here as with every program of this family; a context or a budget ends the search. It then returns what it knows: for a budget
// with no error, for a context with the error of the context. A context is obeyed within milliseconds; where not even a part was done, the
// form is nil. What is left of the work ends by itself soon after.
func Canonical(ctx context.Context, g *graph.Graph, opts CanonicalOptions) (*Form, error) {
	opts.check(g)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if g.NumNodes() <= soon && g.NumEdges() <= soon*soon {
		return canonical(arcs.Pairs(g, opts.NodeLabels, opts.EdgeLabels), opts.Budget, nil), nil
	}
	opts = opts.own()
	f, ok := obey(ctx, func(stop *atomic.Bool) *Form {
		return canonical(arcs.Pairs(g, opts.NodeLabels, opts.EdgeLabels), opts.Budget, stop)
	})
	if !ok {
		return nil, ctx.Err()
	}
	if err := ctx.Err(); !f.Complete && err != nil {
		return f, err
	}
	return f, nil
}

// own returns the options with labels that the caller cannot change.
func (o CanonicalOptions) own() CanonicalOptions {
	o.NodeLabels, o.EdgeLabels = slices.Clone(o.NodeLabels), slices.Clone(o.EdgeLabels)
	return o
}

// grace is how long work that was told to stop may take for that before it is left alone.
const grace = 5 * time.Millisecond

// obey does work that ends soon after stop, which may be nil, becomes true: when the context ends. False: it did not end in time, and
// goes on for a little while on a goroutine of its own.
func obey[T any](ctx context.Context, work func(stop *atomic.Bool) T) (result T, ok bool) {
	if ctx.Done() == nil {
		return work(nil), true
	}
	var stop atomic.Bool
	done := make(chan T, 1)
	go func() { done <- work(&stop) }()
	select {
	case result = <-done:
		return result, true
	case <-ctx.Done():
		stop.Store(true)
	}
	select {
	case result = <-done:
		return result, true
	case <-time.After(grace):
		return result, false
	}
}

// soon is a number of nodes for which no search takes long enough to be worth ending.
const soon = 24

// canonical finds the form of a graph; budget and stop, which may be nil, end the search.
func canonical(a *arcs.Form, budget int, stop *atomic.Bool) *Form {
	r := canon.Canonise(&a.Graph, a.Colour, canon.Options{Stop: stop, Budget: budget})
	f := &Form{Labelling: make(symmetry.Perm, len(r.Order)), Complete: r.Complete, Proved: r.Proved, Nodes: r.Nodes, gens: r.Generators, order: r.Size}
	for k, v := range r.Order {
		f.Labelling[v] = int32(k)
	}
	if f.Complete {
		f.Digest, f.Complete = formDigest(a, r.Order, f.Labelling, stop)
	}
	if i := canon.Check(&a.Graph, a.Colour, f.gens, stop); i >= 0 {
		if stop == nil || !stop.Load() {
			panic(fmt.Sprintf("wl: generator %d is no automorphism", i)) // a fault of this library
		}
		f.gens, f.Complete, f.Digest = f.gens[:i], false, [32]byte{} // not all of them have been looked at
	}
	f.Proved = f.Proved && f.Complete
	return f
}

// Order returns the number of automorphisms.
func (f *Form) Order() *big.Int { return new(big.Int).Set(f.order.Int()) }

// NumGenerators returns the number of generators of the automorphism group.
func (f *Form) NumGenerators() int { return len(f.gens) }

// Generators yields generators of the automorphism group, each a permutation of its own.
func (f *Form) Generators() iter.Seq[symmetry.Perm] {
	return func(yield func(symmetry.Perm) bool) {
		for _, m := range f.gens {
			p := symmetry.Identity(len(f.Labelling))
			for i, v := range m.From {
				p[v] = m.To[i]
			}
			if !yield(p) {
				return
			}
		}
	}
}

// Group returns the automorphism group, which answers more: membership, stabilisers, orbits of pairs and of edges
// (symmetry.Group.PairOrbits and EdgeOrbits). Where Complete is false it is the group of the automorphisms that were found, and finds its
// order by itself.
func (f *Form) Group() *symmetry.Group {
	g := f.group()
	if f.Complete {
		g = g.WithOrder(f.order.Int())
	}
	return g
}

// group is the group that the generators generate.
func (f *Form) group() *symmetry.Group {
	moves := make([]symmetry.Moves, len(f.gens))
	for i, m := range f.gens {
		moves[i] = symmetry.Moves(m)
	}
	return symmetry.NewGroupMoves(len(f.Labelling), moves...)
}

// Orbits returns the orbit of each node (N) under the automorphisms: numbers 0, 1, ... in the order of their first canonical places,
// so that they do not depend on how the graph is labelled. Nodes of one orbit are the same to every equivariant function.
func (f *Form) Orbits() []int32 {
	orbit, count := f.group().Orbits()
	number := make([]int32, count)
	for i := range number {
		number[i] = -1
	}
	var next int32
	for _, v := range f.Labelling.Inverse() {
		if o := orbit[v]; number[o] < 0 {
			number[o] = next
			next++
		}
	}
	out := make([]int32, len(orbit))
	for v, o := range orbit {
		out[v] = number[o]
	}
	return out
}

// Verify checks in time linear in the graph and the generators that the form belongs to the graph: that the labelling is one, that the
// digest is that of the graph so labelled, and that the generators are automorphisms that keep labels. It returns ErrVerify, with
// what is wrong. That the form is the canonical one, and the group the whole, only a search can tell.
func (f *Form) Verify(g *graph.Graph, opts CanonicalOptions) error {
	opts.check(g)
	if len(f.Labelling) != g.NumNodes() || !f.Labelling.Valid() {
		return fmt.Errorf("%w: the labelling is no permutation of %d nodes", ErrVerify, g.NumNodes())
	}
	a := arcs.Pairs(g, opts.NodeLabels, opts.EdgeLabels)
	if f.Complete {
		if sum, _ := formDigest(a, f.Labelling.Inverse(), f.Labelling, nil); sum != f.Digest {
			return fmt.Errorf("%w: the digest is another", ErrVerify)
		}
	}
	if i := canon.Check(&a.Graph, a.Colour, f.gens, nil); i >= 0 {
		return fmt.Errorf("%w: generator %d is no automorphism", ErrVerify, i)
	}
	return nil
}
