package symmetry

import (
	"errors"
	"fmt"
	"slices"

	"symbridge/graph"
	"symbridge/internal/schreier"
	"symbridge/tensor"
)

// number turns the forest into numbers of the sets, 0, 1, ... in the order of their smallest members, and returns how many.
func number(f schreier.Forest) int {
	count := int32(0)
	for v, r := range f {
		if int(r) == v {
			f[v] = count
			count++
		} else {
			f[v] = f[r] // r < v, a root or a child of one: it has its number already
		}
	}
	return int(count)
}

// Orbits returns the orbit of each place (n), numbered in the order of their smallest places, and how many there are. It needs
// the generators only: places are joined with their images.
func (g *Group) Orbits() (orbit []int32, count int) {
	f := schreier.NewForest(g.n)
	for _, m := range g.gens {
		for i, v := range m.From {
			f.Union(v, m.To[i])
		}
	}
	return f, number(f)
}

// MaxPairPlaces is the largest degree for which [Group.PairOrbits] labels all pairs.
const MaxPairPlaces = 1 << 14

// PairOrbits returns the orbit of each ordered pair (x, y), at place n x + y, numbered in the order of their first pairs, and
// how many there are: the orbitals of the group. An equivariant linear map of functions on the places has one free entry for
// each, and by the Cauchy-Frobenius lemma ("Burnside's") their number is
//
//	rank = (1/|G|) sum over g of fix(g)².
//
// Integers only: pairs are joined with their images under the generators, in time n (places moved) summed over generators, and
// the group is not gone through. It panics with a [tensor.ValueError] for degrees beyond [MaxPairPlaces].
func (g *Group) PairOrbits() (orbit []int32, count int) {
	if g.n > MaxPairPlaces {
		panic(tensor.ValueError{Op: "symmetry.Group.PairOrbits", What: fmt.Sprintf("degree, want at most %d", MaxPairPlaces),
			Got: float64(g.n)})
	}
	n := int32(g.n)
	f := schreier.NewForest(g.n * g.n)
	p := Identity(g.n)
	for _, m := range g.gens {
		for i, v := range m.From {
			p[v] = m.To[i]
		}
		for _, x := range m.From {
			for y := range n {
				f.Union(n*x+y, n*p[x]+p[y])
				if p[y] == y {
					f.Union(n*y+x, n*y+p[x])
				}
			}
		}
		for _, v := range m.From {
			p[v] = v
		}
	}
	return f, number(f)
}

// ErrNotAutomorphism is returned where a generator does not take arcs to arcs.
var ErrNotAutomorphism = errors.New("not an automorphism of the graph")

// EdgeOrbits returns the orbit of each edge (E) by edge id, numbered in the order of their first edges, and how many there are.
//
// The group has to be one of automorphisms: where there are k edges (u,v) of a kind there are k edges (p[u],p[v]) of that
// kind. kinds (E) tells edges apart that are not the same, such as by a label or the bits of a weight; nil is one kind. A
// permutation of nodes does not say to which of several parallel edges an edge goes. Those of a kind can change places without
// any node moving, so they are in one orbit: the orbits are those of the automorphisms of nodes and edges together. The two
// arcs of an undirected edge are two edges, in one orbit or in two.
//
// It returns [ErrNotAutomorphism] with the edge and the generator, and panics with a [tensor.ShapeError] where the graph has
// another number of nodes or kinds not one entry an edge.
func (g *Group) EdgeOrbits(h *graph.Graph, kinds []int32) (orbit []int32, count int, err error) {
	const op = "symmetry.Group.EdgeOrbits"
	mustLen(op, "nodes of the graph", g.n, h.NumNodes())
	if kinds != nil {
		mustLen(op, "kinds", h.NumEdges(), len(kinds))
	}
	b := newBundles(h, kinds)
	f := schreier.NewForest(h.NumEdges())
	for _, e := range b.order { // parallel edges first
		f.Union(b.order[b.first[b.of[e]]], e)
	}
	p := Identity(g.n)
	for k, m := range g.gens {
		for i, v := range m.From {
			p[v] = m.To[i]
		}
		join := func(e int32) error {
			i := b.of[e]
			j, ok := b.search(p[b.from[e]], p[b.to[e]], b.kind(e))
			if !ok || b.size(i) != b.size(j) {
				return fmt.Errorf("symmetry: edge %d = (%d,%d) goes to (%d,%d) by generator %d, where there are not as many of its kind: %w",
					e, b.from[e], b.to[e], p[b.from[e]], p[b.to[e]], k, ErrNotAutomorphism)
			}
			f.Union(e, b.order[b.first[j]])
			return nil
		}
		for _, v := range m.From {
			for _, e := range b.out(v) {
				if err := join(e); err != nil {
					return nil, 0, err
				}
			}
			in := h.In()
			for _, e := range in.Edge[in.Ptr[v]:in.Ptr[v+1]] {
				if p[b.from[e]] == b.from[e] {
					if err := join(e); err != nil {
						return nil, 0, err
					}
				}
			}
		}
		for _, v := range m.From {
			p[v] = v
		}
	}
	return f, number(f), nil
}

// bundles are the edges with the same ends and the same kind.
type bundles struct {
	from, to, kinds []int32
	order           []int32 // edges by source, target, kind, id
	of              []int32 // bundle of an edge
	first           []int32 // place in order of the first edge of a bundle, and the end
	ptr             []int32 // places in order of the edges from a node
}

func newBundles(h *graph.Graph, kinds []int32) *bundles {
	b := &bundles{from: h.From(), to: h.To(), kinds: kinds, of: make([]int32, h.NumEdges())}
	b.order = Identity(h.NumEdges())
	slices.SortStableFunc(b.order, func(x, y int32) int { return b.compare(x, b.from[y], b.to[y], b.kind(y)) })
	b.ptr = make([]int32, h.NumNodes()+1)
	for i, e := range b.order {
		if i == 0 || b.compare(b.order[i-1], b.from[e], b.to[e], b.kind(e)) != 0 {
			b.first = append(b.first, int32(i))
		}
		b.of[e] = int32(len(b.first) - 1)
		b.ptr[b.from[e]+1]++
	}
	b.first = append(b.first, int32(len(b.order)))
	for v := range h.NumNodes() {
		b.ptr[v+1] += b.ptr[v]
	}
	return b
}

func (b *bundles) kind(e int32) int32 {
	if b.kinds == nil {
		return 0
	}
	return b.kinds[e]
}

func (b *bundles) compare(e, from, to, kind int32) int {
	if d := int(b.from[e]) - int(from); d != 0 {
		return d
	}
	if d := int(b.to[e]) - int(to); d != 0 {
		return d
	}
	return int(b.kind(e)) - int(kind)
}

func (b *bundles) size(i int32) int32  { return b.first[i+1] - b.first[i] }
func (b *bundles) out(v int32) []int32 { return b.order[b.ptr[v]:b.ptr[v+1]] }

// search returns the bundle of the edges (from,to) of a kind.
func (b *bundles) search(from, to, kind int32) (int32, bool) {
	out := b.out(from)
	i, ok := slices.BinarySearchFunc(out, kind, func(e, kind int32) int { return b.compare(e, from, to, kind) })
	if !ok {
		return 0, false
	}
	return b.of[out[i]], true
}
