package canon

import (
	"math/rand/v2"
	"slices"
	"sync/atomic"

	"symbridge/internal/cells"
)

// Options of a canonical form. The zero value is ready.
type Options struct {
	Stop   *atomic.Bool // ends the search when it becomes true; nil: never
	Budget int          // ends the search after so many nodes; 0: never
	Plain  bool         // search only, without reductions and invariants: another way to the group, for tests. The form is another one
}

// Moves is a permutation, given by what it moves: From[i] goes to To[i].
type Moves struct{ From, To []int32 }

// Result is a canonical form and the automorphism group. Where the search was ended before it was complete, the order is
// one of many, the generators are automorphisms but not all of them, and Size is a lower bound.
type Result struct {
	Order      []int32 // (N) the vertices by canonical place
	Generators []Moves
	Size       *Size // of the group
	Proved     bool  // whether Size is proved; else it is too small with a probability below 2^-64
	Complete   bool
	Nodes      int // of the search trees
}

// Canonise returns the canonical form of a graph with colours, which are ranks 0, 1, ...; nil is one colour.
func Canonise(g *cells.Graph, colour []int32, opts Options) *Result {
	s := &solver{opts: opts, rng: rand.New(rand.NewPCG(0x73796d62, 0x72696467)), size: new(Size), proved: true}
	sol := s.solve(g, colour)
	return &Result{Order: sol.order, Generators: sol.gens, Size: s.size, Proved: s.proved && !s.ended, Complete: !s.ended, Nodes: s.nodes}
}

// solver is one run of Canonise. Its random choices speed the search up and do not reach the form.
type solver struct {
	opts   Options
	rng    *rand.Rand
	size   *Size // of the group: what the parts, the reductions and the searches bring, multiplied
	proved bool
	nodes  int
	ended  bool // before it was complete
}

// over reports whether the search has to end.
func (s *solver) over() bool {
	s.ended = s.ended || s.stopped() || s.opts.Budget > 0 && s.nodes > s.opts.Budget
	return s.ended
}

// stopped reports whether all work has to end, and notes that it did.
func (s *solver) stopped() bool {
	if s.opts.Stop == nil || !s.opts.Stop.Load() {
		return false
	}
	s.ended = true
	return true
}

// solution is the canonical form of a part of the graph, on vertices 0, 1, ... of its own.
type solution struct {
	order []int32
	gens  []Moves
}

// solve refines, takes apart what is independent, reduces, and searches in what is left.
func (s *solver) solve(g *cells.Graph, colour []int32) *solution {
	if s.stopped() {
		return unsolved(g.N)
	}
	if sol := s.little(g, colour); sol != nil {
		return sol
	}
	p := cells.New(g, colour)
	p.Stop = s.opts.Stop
	var tr cells.Trace
	tr.Ignore()
	p.Refine(&tr)
	if p.Discrete() || s.over() {
		return &solution{order: slices.Clone(p.Lab())}
	}
	if s.opts.Plain {
		return s.search(g, p)
	}
	if mostlyOpen(p) { // before they are taken apart level by level
		if r := stripTrees(g, p); r != nil {
			return s.reduced(r)
		}
	}
	if parts, progress := takeApart(g, p); progress {
		return s.assemble(p, parts)
	}
	if r := stripTrees(g, p); r != nil {
		return s.reduced(r)
	}
	if sol := s.ring(g, p); sol != nil {
		return sol
	}
	if r := contractChains(g, p); r != nil {
		return s.reduced(r)
	}
	if s.stopped() {
		return unsolved(g.N)
	}
	if r := mergeTwins(g, p); r != nil {
		return s.reduced(r)
	}
	return s.search(g, p)
}

// unsolved is what is known of n vertices when there is no time.
func unsolved(n int) *solution {
	sol := &solution{order: make([]int32, n)}
	for v := range sol.order {
		sol.order[v] = int32(v)
	}
	return sol
}

// mostlyOpen reports whether most vertices are not alone in their cells.
func mostlyOpen(p *cells.Partition) bool {
	alone := 0
	for s := int32(0); int(s) < p.Len(); s += p.Size(s) {
		if p.Size(s) == 1 {
			alone++
		}
	}
	return 2*alone < p.Len()
}

// ranksOf returns the rank of the cell of each vertex.
func ranksOf(p *cells.Partition) []int32 {
	rank := make([]int32, p.Len())
	var r int32
	for s := int32(0); int(s) < p.Len(); s += p.Size(s) {
		for _, v := range p.Members(s) {
			rank[v] = r
		}
		r++
	}
	return rank
}

// labelOf returns the label of an edge, 0 where there are none.
func labelOf(g *cells.Graph, e int32) int32 {
	if g.Label == nil {
		return 0
	}
	return g.Label[e]
}

// reduction is a smaller graph, and the way back.
type reduction interface {
	core() (*cells.Graph, []int32)
	// expand turns a solution of the core into one of the whole, and multiplies the size of the group by what the core does
	// not know of.
	expand(*solver, *solution) *solution
}

func (s *solver) reduced(r reduction) *solution { return r.expand(s, s.solve(r.core())) }
