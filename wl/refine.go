package wl

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"symbridge/graph"
)

// Options says what the refinement starts from and when it ends. The zero value: no labels, until the colours are stable.
type Options struct {
	NodeLabels []uint64 // (N) the first colour of a node; nil: all 0. For a Union, the lists one after the other
	EdgeLabels []uint64 // (E) by edge id; nil: all 0
	Rounds     int      // at most so many rounds; 0 or less: until stable
}

func (o Options) check(g *graph.Graph) {
	if o.NodeLabels != nil && len(o.NodeLabels) != g.NumNodes() {
		panic(fmt.Errorf("wl: %d node labels for %d nodes: %w", len(o.NodeLabels), g.NumNodes(), graph.ErrLength))
	}
	if o.EdgeLabels != nil && len(o.EdgeLabels) != g.NumEdges() {
		panic(fmt.Errorf("wl: %d edge labels for %d edges: %w", len(o.EdgeLabels), g.NumEdges(), graph.ErrLength))
	}
}

// Result is a sequence of colourings of the nodes, one a round, each a refinement of the one before. It is immutable and
// safe for concurrent use.
//
// The colourings are kept together in O(N): the nodes stand in the order of their last colours, and for each place there
// is the round in which the boundary to the place before appeared.
type Result struct {
	order   []int32 // (N) nodes by final colour
	born    []int32 // (N) round that parted order[k] from order[k-1]; never where none did; born[0] is 0
	classes []int   // (rounds+1) number of colours after each round
	graphOf []int32
	graphs  int
}

const never = math.MaxInt32

// Refine runs 1-WL on a graph, which may be a batch. A round costs O(N+E) and the sorting of what may change; there are
// at most N-1 rounds, and few on most graphs.
func Refine(g *graph.Graph, opts Options) *Result {
	opts.check(g)
	r := newRefinement(g, opts)
	for round := int32(1); opts.Rounds <= 0 || int(round) <= opts.Rounds; round++ {
		before := r.count
		r.step(round)
		if r.count == before {
			break
		}
		r.classes = append(r.classes, r.count)
	}
	return &Result{r.order, r.born, r.classes, g.GraphOf(), g.NumGraphs()}
}

// refinement is the state between rounds. A class is a run of places; its colour is the first of them while the run is
// going, which sorts as the ranks do and does not change for a class that stays whole.
type refinement struct {
	g           *graph.Graph
	both        bool     // out-edges count too
	label       []uint64 // (E) rank of an edge label, in the upper half; nil: all 0
	order, born []int32
	colour      []int32 // (N) first place of the class of a node
	end         []int32 // (N) end of the class, at its first place
	count       int
	classes     []int

	touched []bool // (N) at its first place: some neighbour of the class changed colour
	todo    []int32
	changed []int32
	terms   []uint64 // the tuples of one class, one after the other
	tuples  []tuple
}

// tuple is what a node sees: terms[in:out] over its in-edges, terms[out:end] over its out-edges.
type tuple struct {
	node         int32
	in, out, end int
}

func newRefinement(g *graph.Graph, opts Options) *refinement {
	n := g.NumNodes()
	r := &refinement{g: g, label: ranks(opts.EdgeLabels)}
	r.both = !g.Undirected() || r.label != nil
	r.order, r.born, r.colour, r.end = make([]int32, n), make([]int32, n), make([]int32, n), make([]int32, n)
	r.touched = make([]bool, n)
	for i := range r.order {
		r.order[i], r.born[i] = int32(i), never
	}
	if l := opts.NodeLabels; l != nil {
		slices.SortFunc(r.order, func(a, b int32) int { return cmp.Compare(l[a], l[b]) })
	}
	first := 0
	for k := range n {
		if k == 0 || opts.NodeLabels != nil && opts.NodeLabels[r.order[k]] != opts.NodeLabels[r.order[k-1]] {
			first = k
			r.born[k] = 0
			r.count++
			r.todo = append(r.todo, int32(k))
			r.touched[k] = true
		}
		r.colour[r.order[k]], r.end[first] = int32(first), int32(k+1)
	}
	r.classes = []int{r.count}
	return r
}

// ranks replaces labels by their ranks, shifted to the upper half; nil where all are equal.
func ranks(labels []uint64) []uint64 {
	distinct := slices.Compact(slices.Sorted(slices.Values(labels)))
	if len(distinct) <= 1 {
		return nil
	}
	out := make([]uint64, len(labels))
	for k, l := range labels {
		i, _ := slices.BinarySearch(distinct, l)
		out[k] = uint64(i) << 32
	}
	return out
}

// step splits the classes that may split, all by the colours of the round before.
func (r *refinement) step(round int32) {
	r.changed = r.changed[:0]
	type cut struct{ class, at int32 }
	var cuts []cut
	for _, first := range r.todo {
		r.touched[first] = false
		if r.end[first]-first < 2 {
			continue
		}
		r.sortClass(first)
		for k := 1; k < len(r.tuples); k++ {
			if r.compare(r.tuples[k-1], r.tuples[k]) != 0 {
				cuts = append(cuts, cut{first, first + int32(k)})
			}
		}
	}
	r.todo = r.todo[:0]
	for i, c := range cuts { // colours are written only after all tuples are read
		end := r.end[c.class]
		if i+1 < len(cuts) && cuts[i+1].class == c.class {
			end = cuts[i+1].at
		}
		r.born[c.at], r.end[c.at] = round, end
		for _, v := range r.order[c.at:end] {
			r.colour[v] = c.at
		}
		r.changed = append(r.changed, r.order[c.at:end]...)
	}
	for i, c := range cuts {
		if i == 0 || cuts[i-1].class != c.class {
			r.end[c.class] = c.at
		}
	}
	r.count += len(cuts)
	for _, v := range r.changed {
		r.touch(r.g.Targets(v))
		if r.both {
			r.touch(r.g.Sources(v))
		}
	}
}

// touch marks the classes of the given nodes, which see a colour that changed.
func (r *refinement) touch(nodes []int32) {
	for _, v := range nodes {
		if c := r.colour[v]; !r.touched[c] {
			r.touched[c] = true
			r.todo = append(r.todo, c)
		}
	}
}

// sortClass sorts the nodes of a class by their tuples, and leaves these in r.tuples.
func (r *refinement) sortClass(first int32) {
	r.terms, r.tuples = r.terms[:0], r.tuples[:0]
	in, out := r.g.In(), r.g.Out()
	for _, v := range r.order[first:r.end[first]] {
		t := tuple{node: v, in: len(r.terms)}
		r.gather(in, v)
		t.out = len(r.terms)
		if r.both {
			r.gather(out, v)
		}
		t.end = len(r.terms)
		r.tuples = append(r.tuples, t)
	}
	slices.SortFunc(r.tuples, r.compare)
	for k, t := range r.tuples {
		r.order[int(first)+k] = t.node
	}
}

// gather appends the sorted (label, colour) pairs of the edges of v.
func (r *refinement) gather(s *graph.Segments, v int32) {
	start := len(r.terms)
	for p := s.Ptr[v]; p < s.Ptr[v+1]; p++ {
		x := uint64(r.colour[s.Row[p]])
		if r.label != nil {
			x |= r.label[s.Edge[p]]
		}
		r.terms = append(r.terms, x)
	}
	slices.Sort(r.terms[start:])
}

func (r *refinement) compare(a, b tuple) int {
	if c := slices.Compare(r.terms[a.in:a.out], r.terms[b.in:b.out]); c != 0 {
		return c
	}
	return slices.Compare(r.terms[a.out:a.end], r.terms[b.out:b.end])
}
