package canon

import (
	"errors"
	"math/big"
	"math/rand/v2"
	"slices"
	"sync/atomic"

	"symbridge/internal/cells"
)

// ErrStopped is returned where Options.Stop became true before the end.
var ErrStopped = errors.New("canon: stopped")

// Options of a canonical form. The zero value is ready.
type Options struct {
	Stop  *atomic.Bool // nil: never
	Plain bool         // search only, without reductions: another way to the group, for tests. The form is another one
}

// Moves is a permutation, given by what it moves: From[i] goes to To[i].
type Moves struct{ From, To []int32 }

// Result is a canonical form and the automorphism group.
type Result struct {
	Order      []int32 // (N) the vertices by canonical place
	Generators []Moves
	Size       *big.Int // of the group
	Proved     bool     // whether Size is proved; else it is too small with a probability below 2^-32
	Nodes      int      // of the search trees
}

// Canonise returns the canonical form of a graph with colours, which are ranks 0, 1, ...; nil is one colour.
func Canonise(g *cells.Graph, colour []int32, opts Options) (*Result, error) {
	s := &solver{opts: opts, rng: rand.New(rand.NewPCG(0x73796d62, 0x72696467)), proved: true}
	sol, err := s.solve(g, colour)
	if err != nil {
		return nil, err
	}
	return &Result{Order: sol.order, Generators: sol.gens, Size: sol.size, Proved: s.proved, Nodes: s.nodes}, nil
}

// solver is one run of Canonise. Its random choices speed the search up and do not reach the form.
type solver struct {
	opts   Options
	rng    *rand.Rand
	proved bool
	nodes  int
}

// solution is the canonical form of a part of the graph, on vertices 0, 1, ... of its own.
type solution struct {
	order []int32
	gens  []Moves
	size  *big.Int
}

var one = big.NewInt(1)

// solve refines, takes apart what is independent, reduces, and searches in what is left.
func (s *solver) solve(g *cells.Graph, colour []int32) (*solution, error) {
	p := cells.New(g, colour)
	p.Stop = s.opts.Stop
	var tr cells.Trace
	tr.HashOnly()
	if p.Refine(&tr) == cells.Stopped {
		return nil, ErrStopped
	}
	if p.Discrete() {
		return &solution{order: slices.Clone(p.Lab()), size: one}, nil
	}
	if s.opts.Plain {
		return s.search(g, p)
	}
	if parts, progress := takeApart(g, p); progress {
		return s.assemble(p, parts)
	}
	if r := stripTrees(g, p); r != nil {
		return s.reduced(r)
	}
	if r := mergeTwins(g, p); r != nil {
		return s.reduced(r)
	}
	return s.search(g, p)
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

// reduction is a smaller graph, and the way back.
type reduction interface {
	core() (*cells.Graph, []int32)
	// expand turns a solution of the core into one of the whole.
	expand(*solution) *solution
}

func (s *solver) reduced(r reduction) (*solution, error) {
	sol, err := s.solve(r.core())
	if err != nil {
		return nil, err
	}
	return r.expand(sol), nil
}
