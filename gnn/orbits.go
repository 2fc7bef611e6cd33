package gnn

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"symbridge/graph"
	"symbridge/symmetry"
	"symbridge/tensor"
	"symbridge/wl"
)

// ErrIncomplete is returned where a search ended before all automorphisms were known.
var ErrIncomplete = errors.New("the search ended before all automorphisms were known")

// Orbits are the orbits of Aut(A), the automorphisms of one graph A that keep labels, on its nodes, its edges and the pairs of its
// nodes: what [Tied] ties its weights over. They are numbered 0, 1, ... in the order of their first members in the canonical form of
// A, so that the number of an orbit depends on the isomorphism class and not on the labelling: where p is an isomorphism from A to B,
// node v of A has the number of node p[v] of B. They are immutable and safe for concurrent use.
type Orbits struct {
	Digest [32]byte // the name of the isomorphism class, labels included; see wl.Canonical
	Node   []int32  // (N) the orbit of each node
	Edge   []int32  // (E) the orbit of each edge; parallel edges with the same label are in one
	Nodes  int      // how many orbits of nodes there are
	Edges  int      // how many orbits of edges

	g     *graph.Graph
	opts  wl.CanonicalOptions
	group *symmetry.Group
	place symmetry.Perm // canonical

	once  sync.Once
	pair  []int32
	pairs int
}

// FindOrbits returns the orbits of the automorphisms of one graph, which may be directed and have loops, parallel edges and labels. It is
// a search for a canonical form, which takes long for some graphs: see [wl.Canonical]. The graph remembers the orbits.
//
// The error is that of the context, or [ErrIncomplete] where the budget was spent. It panics with a [tensor.ValueError] for a batch of
// another number of graphs than one.
func FindOrbits(ctx context.Context, g *graph.Graph, opts wl.CanonicalOptions) (*Orbits, error) {
	if b := g.NumGraphs(); b != 1 {
		panic(tensor.ValueError{Op: "gnn.FindOrbits", What: "number of graphs, want 1", Got: float64(b)})
	}
	m := memoOf[orbitsKey, *Orbits](g)
	fits := func(o *Orbits) bool { return o.labelled(opts.NodeLabels, opts.EdgeLabels) }
	if o, ok := m.find(fits); ok {
		return o, nil
	}
	f, err := wl.Canonical(ctx, g, opts)
	if err == nil && !f.Complete {
		err = ErrIncomplete
	}
	if err != nil {
		return nil, fmt.Errorf("gnn: orbits of a graph with %d nodes: %w", g.NumNodes(), err)
	}
	o := &Orbits{Digest: f.Digest, Node: f.Orbits(), g: g, group: f.Group(), place: f.Labelling,
		opts: wl.CanonicalOptions{NodeLabels: slices.Clone(opts.NodeLabels), EdgeLabels: slices.Clone(opts.EdgeLabels)}}
	for _, k := range o.Node {
		o.Nodes = max(o.Nodes, int(k)+1)
	}
	edge, count, err := o.group.EdgeOrbits(g, kinds(o.opts.EdgeLabels))
	if err != nil { // the generators were checked
		panic(err)
	}
	o.Edges, o.Edge = count, edge
	from, to := g.From(), g.To()
	order := symmetry.Identity(g.NumEdges())
	slices.SortFunc(order, func(a, b int32) int {
		c := cmp.Or(cmp.Compare(o.place[to[a]], o.place[to[b]]), cmp.Compare(o.place[from[a]], o.place[from[b]]))
		if c == 0 && o.opts.EdgeLabels != nil {
			c = cmp.Compare(o.opts.EdgeLabels[a], o.opts.EdgeLabels[b])
		}
		return c
	})
	renumber(edge, count, 0, func(yield func(k int) bool) {
		for _, k := range order {
			if !yield(int(k)) {
				return
			}
		}
	})
	return m.add(o, fits), nil
}

// labelled reports whether the orbits are those with the given labels.
func (o *Orbits) labelled(node, edge []uint64) bool {
	same := func(a, b []uint64) bool { return (a == nil) == (b == nil) && slices.Equal(a, b) }
	return same(o.opts.NodeLabels, node) && same(o.opts.EdgeLabels, edge)
}

// kinds returns the ranks of labels; nil stays nil.
func kinds(labels []uint64) []int32 {
	if labels == nil {
		return nil
	}
	sorted := slices.Clone(labels)
	slices.Sort(sorted)
	sorted = slices.Compact(sorted)
	out := make([]int32, len(labels))
	for k, l := range labels {
		i, _ := slices.BinarySearch(sorted, l)
		out[k] = int32(i)
	}
	return out
}

// renumber gives the orbits numbers first, first+1, ... in the order in which their members come; those of members that do not come
// keep theirs.
func renumber(orbit []int32, count, first int, members func(yield func(k int) bool)) {
	number := make([]int32, count)
	for i := range number {
		number[i] = -1
	}
	next := int32(first)
	for k := range members {
		if o := orbit[k]; number[o] < 0 {
			number[o] = next
			next++
		}
	}
	for k, o := range orbit {
		if number[o] >= 0 {
			orbit[k] = number[o]
		}
	}
}

// Group returns Aut(A), as permutations of the nodes.
func (o *Orbits) Group() *symmetry.Group { return o.group }

// Pairs returns the orbit of each pair of nodes (i,j), at place N i + j, and how many there are: those of the pairs (i,i) have the numbers of
// Node, then come the others. It takes time and memory of order N², once, and panics with a [tensor.ValueError] for more nodes than
// [symmetry.MaxPairPlaces]. The slice must not be written.
func (o *Orbits) Pairs() (orbit []int32, count int) {
	o.once.Do(func() {
		n := o.g.NumNodes()
		o.pair, o.pairs = o.group.PairOrbits()
		at := o.place.Inverse()
		renumber(o.pair, o.pairs, 0, func(yield func(k int) bool) {
			for _, v := range at {
				if !yield(n*int(v) + int(v)) {
					return
				}
			}
			for _, v := range at {
				for _, u := range at {
					if !yield(n*int(v) + int(u)) {
						return
					}
				}
			}
		})
	})
	return o.pair, o.pairs
}

// sameGraph reports whether a graph with labels is written down as that of the orbits is.
func (o *Orbits) sameGraph(g *graph.Graph, node, edge []uint64) bool {
	return o.g == g && o.labelled(node, edge) || o.g.NumNodes() == g.NumNodes() && slices.Equal(o.g.From(), g.From()) &&
		slices.Equal(o.g.To(), g.To()) && o.labelled(node, edge)
}

// memo is what a graph remembers under one key for several labels, the latest.
type memo[E any] struct {
	mu   sync.Mutex
	list []E
}

// memoSize is for how many labels a graph remembers orbits.
const memoSize = 4

type orbitsKey struct{}

// memoOf returns what g remembers under the zero value of K.
func memoOf[K comparable, E any](g *graph.Graph) *memo[E] {
	var key K
	v, ok := g.Derived(key)
	if !ok {
		v = g.Keep(key, new(memo[E]))
	}
	return v.(*memo[E])
}

// find returns what fits.
func (m *memo[E]) find(fits func(E) bool) (found E, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := slices.IndexFunc(m.list, fits); i >= 0 {
		return m.list[i], true
	}
	return found, false
}

// add remembers e, which fits, and returns it, or what another goroutine added before.
func (m *memo[E]) add(e E, fits func(E) bool) E {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := slices.IndexFunc(m.list, fits); i >= 0 {
		return m.list[i]
	}
	if len(m.list) == memoSize {
		m.list = slices.Delete(m.list, 0, 1)
	}
	m.list = append(m.list, e)
	return e
}
