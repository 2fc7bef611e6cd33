package canon

import (
	"math/big"
	"slices"

	"symbridge/internal/cells"
	"symbridge/internal/schreier"
)

// search is individualisation and refinement by levels (McKay, Piperno 2014, the way of Traces). A node is a sequence of
// vertices that were individualised, one a level, each from the cell that the ordered partition selects. All nodes of a level
// that did not fall behind have one trace, and so the same cells at the same places. Of nodes that an automorphism takes to each other
// one is kept. What is left at the last level are leaves, labellings of the whole graph; the smallest is the form.
//
// Automorphisms come from leaves that give equal graphs. They are looked for early: below a new node, a path is tried
// whose refinements have the traces of a path below an older node.
type search struct {
	*solver
	g     *cells.Graph
	p     *cells.Partition
	chain *schreier.Chain
	found []Moves

	ranges [][2]int32 // the places of the selected cells, level by level
	best   uint64     // hash of the best leaf
	leaves map[uint64][]int32

	commons  *commons
	keys     []uint64
	children bool // of the root are sharpened

	image, mark []int32 // (N)
	stamp       []uint32
	token       uint32
	members     []int32
}

// node is a node of the level that is being made, or of one above that has nodes below.
type node struct {
	above *node
	v     int32   // individualised last; the root has none
	depth int     // vertices individualised
	lab   []int32 // the ordered partition, cut as all nodes of the level are
	ref   *path   // a way down from here
	width int64   // children that are not known to be inequivalent to the best; at least the orbit of the best child
}

// path is a way down to a leaf.
type path struct {
	first  int           // depth of the node where it begins
	v      []int32       // what is individualised at depth first, first+1, ...
	traces []cells.Trace // of these refinements
	lab    []int32
	hash   uint64
}

func (s *solver) search(g *cells.Graph, p *cells.Partition) *solution {
	n := g.N
	x := &search{solver: s, g: g, p: p, chain: schreier.New(n), leaves: map[uint64][]int32{},
		image: make([]int32, n), mark: make([]int32, n), stamp: make([]uint32, n)}
	x.ranges = [][2]int32{{0, int32(n)}}
	root := &node{lab: slices.Clone(p.Lab())}
	starts := p.Starts(nil)
	if root.ref = x.descend(0); root.ref == nil {
		return x.known(root)
	}
	kind, children := choose(g)
	if kind != none && !s.opts.Plain {
		x.sample(root, starts)
		p.Load(root.lab, starts)
		var tr cells.Trace
		tr.HashOnly()
		out, split := x.sharpen(kind, x.chain.Orbits(0), &tr)
		if out == cells.Stopped {
			return x.known(root)
		}
		if split {
			return s.solve(g, ranksOf(p))
		}
	}
	level := []*node{root}
	for len(starts) < n {
		next, cut := x.expand(level, starts)
		if children && !s.opts.Plain && level[0] == root && next != nil && coarse(cut, n) {
			x.children, x.ranges, x.leaves = true, x.ranges[:1], map[uint64][]int32{}
			root.ref, root.width = nil, 0
			next, cut = x.expand(level, starts)
		}
		if level, starts = next, cut; level == nil {
			return x.known(root)
		}
		if debug {
			println("level", len(level), "cells", len(starts), "nodes", x.nodes, "gens", len(x.found), x.chain.Order().String())
		}
	}
	return &solution{order: level[0].lab, gens: x.found, size: x.size(level[0])}
}

// known returns what is known when the search ends before it is complete.
func (x *search) known(root *node) *solution {
	x.ended = true
	sol := &solution{order: root.lab, gens: x.found, size: one}
	if x.opts.Stop == nil || !x.opts.Stop.Load() { // there is time
		sol.size = x.chain.Order()
	}
	return sol
}

// step individualises v and refines.
func (x *search) step(v int32, depth int, tr *cells.Trace) cells.Outcome {
	x.nodes++
	x.p.Individualise(v)
	out := x.p.Refine(tr)
	if out == cells.Stable && depth == 0 && x.children && !x.p.Discrete() {
		x.chain.Rebase([]int32{v})
		out, _ = x.sharpen(triples, x.chain.Orbits(1), tr)
	}
	return out
}

// coarse reports whether a vertex was individualised to little effect.
func coarse(cut []int32, n int) bool {
	return len(cut) <= 12 && len(cut) < n/4
}

// sample collects automorphisms until a few attempts in a row bring nothing new.
func (x *search) sample(root *node, starts []int32) {
	for misses := 0; misses < 4; misses++ {
		x.p.Load(root.lab, starts)
		lab := x.follow(root.ref, 0)
		if lab != nil && x.automorphism(root.ref.lab, lab) && x.add() {
			misses = -1
		}
	}
}

// path returns the vertices individualised on the way to a node.
func (nd *node) path() []int32 {
	v := make([]int32, nd.depth)
	for ; nd.above != nil; nd = nd.above {
		v[nd.depth-1] = nd.v
	}
	return v
}

// expand makes the next level: of all children of the nodes those with the largest trace, one for each class that is known
// to be equivalent. Nil: the search has to end.
func (x *search) expand(level []*node, starts []int32) (next []*node, cut []int32) {
	x.p.Load(level[0].lab, starts)
	target := x.target()
	x.ranges = append(x.ranges, [2]int32{target, target + x.p.Size(target)})
	var tr cells.Trace
	first := true
	for i, nd := range level {
		x.chain.Rebase(nd.path())
		if x.repeats(level[:i], nd) {
			continue
		}
		x.p.Load(nd.lab, starts)
		members := slices.Clone(x.p.Members(target))
		x.shuffle(members, nd)
		var done, alive []int32 // children looked at; those of them that have the largest trace
		kept := len(next)
		rep := x.cover(nd, done)
		for _, v := range members {
			if x.stamp[rep[v]] == x.token {
				continue
			}
			x.p.Mark()
			if first {
				tr.Record()
			} else {
				tr.Compare()
			}
			out := x.step(v, nd.depth, &tr)
			if out == cells.Stopped || x.over() {
				return nil, nil
			}
			done = append(done, v)
			if x.children && nd.depth == 0 {
				rep = x.cover(nd, done)
			}
			x.stamp[rep[v]] = x.token
			sign := tr.End()
			if out == cells.Smaller || sign < 0 {
				x.p.Undo()
				continue
			}
			if sign > 0 || first {
				first = false
				next, alive, kept = nil, nil, 0
				cut = x.p.Starts(cut[:0])
			}
			alive = append(alive, v)
			child := &node{above: nd, v: v, depth: nd.depth + 1, lab: slices.Clone(x.p.Lab())}
			if r := nd.ref; r != nil && r.v[nd.depth-r.first] == v && nd.depth+1-r.first < len(r.v) {
				child.ref = r
			}
			x.p.Undo()
			same := false // an automorphism was found
			if len(cut) == x.g.N {
				next, same = x.leaf(next, child)
			} else {
				if same = x.match(child, next, cut); !same {
					next = append(next, child)
				}
				if len(next) > 1 || same {
					x.p.Load(nd.lab, starts)
				}
			}
			if same {
				rep = x.cover(nd, done)
			}
		}
		rep = x.cover(nd, alive)
		for _, v := range members {
			if x.stamp[rep[v]] == x.token {
				nd.width++
			}
		}
		if len(cut) < x.g.N {
			next = append(next[:kept], x.distinct(next[kept:], rep)...)
		}
	}
	return next, cut
}

// shuffle brings the children of a node into a random order, first the one on its way down.
func (x *search) shuffle(members []int32, nd *node) {
	x.rng.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	if nd.ref != nil {
		k := slices.Index(members, nd.ref.v[nd.depth-nd.ref.first])
		members[0], members[k] = members[k], members[0]
	}
}

// cover stamps the orbits of the given vertices under the automorphisms known to fix the path to a node, and returns
// the orbits.
func (x *search) cover(nd *node, vertices []int32) (rep []int32) {
	rep = x.chain.Orbits(nd.depth)
	x.token++
	for _, v := range vertices {
		x.stamp[rep[v]] = x.token
	}
	return rep
}

// repeats reports whether an automorphism that fixes the path to the parent takes one of the earlier nodes to nd.
func (x *search) repeats(earlier []*node, nd *node) bool {
	if nd.above == nil || x.chain.Trivial() {
		return false
	}
	rep := x.chain.Orbits(nd.depth - 1)
	for _, e := range earlier {
		if e.above == nd.above && rep[e.v] == rep[nd.v] {
			return true
		}
	}
	return false
}

// distinct keeps the first of the children of a node in each orbit.
func (x *search) distinct(children []*node, rep []int32) []*node {
	if x.chain.Trivial() {
		return children
	}
	x.token++
	kept := children[:0]
	for _, c := range children {
		if x.stamp[rep[c.v]] != x.token {
			x.stamp[rep[c.v]] = x.token
			kept = append(kept, c)
		}
	}
	return kept
}

// target selects the cell to individualise in: the first of the largest within the latest selected cell that still has
// cells of several vertices.
func (x *search) target() int32 {
	for k := len(x.ranges) - 1; k >= 0; k-- {
		if c := x.largest(x.ranges[k][0], x.ranges[k][1]); c >= 0 {
			return c
		}
	}
	return -1
}

func (x *search) largest(from, to int32) int32 {
	best, most := int32(-1), int32(1)
	for c := from; c < to; {
		size := x.p.Size(c)
		if size > most {
			best, most = c, size
		}
		c += size
	}
	return best
}

// references bounds the older nodes that a new one is compared with.
const references = 24

// match looks for an automorphism that takes one of the kept nodes to a new one. All are cut at the same places.
func (x *search) match(child *node, kept []*node, cut []int32) (same bool) {
	for i, k := range kept {
		if i == references {
			break
		}
		if k.ref == nil {
			x.p.Load(k.lab, cut)
			if k.ref = x.descend(k.depth); k.ref == nil {
				return false
			}
		}
		for try := 0; try < 2; try++ {
			x.p.Load(child.lab, cut)
			lab := x.follow(k.ref, child.depth)
			if lab == nil {
				break
			}
			if x.automorphism(k.ref.lab, lab) {
				x.add()
				return true
			}
		}
	}
	return false
}

// descend goes down from a node at random to a leaf, and leaves the partition there. Nil: the search has to end.
func (x *search) descend(depth int) *path {
	r := &path{first: depth}
	saved := len(x.ranges)
	defer func() { x.ranges = x.ranges[:saved] }()
	for !x.p.Discrete() {
		c := x.target()
		size := x.p.Size(c)
		v := x.p.Members(c)[x.rng.IntN(int(size))]
		var tr cells.Trace
		tr.Record()
		if x.step(v, depth+len(r.v), &tr) == cells.Stopped || x.over() {
			return nil
		}
		r.v, r.traces = append(r.v, v), append(r.traces, tr)
		x.ranges = append(x.ranges, [2]int32{c, c + size})
	}
	r.lab = slices.Clone(x.p.Lab())
	return r
}

// patience is the number of vertices that are tried at each depth to find one with the wanted trace.
const patience = 12

// follow goes down from a node so that the traces are those of r, and returns the leaf; nil where it got lost.
func (x *search) follow(r *path, depth int) []int32 {
	saved := len(x.ranges)
	defer func() { x.ranges = x.ranges[:saved] }()
	for ; !x.p.Discrete(); depth++ {
		c := x.target()
		size := x.p.Size(c)
		tr := &r.traces[depth-r.first]
		x.members = append(x.members[:0], x.p.Members(c)...)
		ok := false
		for try := 0; try < patience && try < len(x.members); try++ {
			k := try + x.rng.IntN(len(x.members)-try)
			x.members[try], x.members[k] = x.members[k], x.members[try]
			x.p.Mark()
			tr.Match()
			out := x.step(x.members[try], depth, tr)
			if out == cells.Stopped || x.over() {
				return nil
			}
			if out == cells.Stable && tr.End() == 0 {
				ok = true
				break
			}
			x.p.Undo()
		}
		if !ok {
			return nil
		}
		x.ranges = append(x.ranges, [2]int32{c, c + size})
	}
	return slices.Clone(x.p.Lab())
}

// size returns the order of the group, by the sizes of the orbits of the path to the best leaf in the stabilisers of what
// is before. The children of a node that have the best trace are an upper bound of an orbit; where both agree the order is
// proved.
func (x *search) size(leaf *node) *big.Int {
	if x.chain.Trivial() {
		return one
	}
	x.chain.Rebase(leaf.path())
	x.chain.Complete(32)
	upper := new(big.Int).Set(one)
	for nd := leaf.above; nd != nil; nd = nd.above {
		upper.Mul(upper, big.NewInt(nd.width))
	}
	order := x.chain.Order()
	if order.Cmp(upper) != 0 {
		if x.g.N <= 300 {
			x.chain.Verify()
			order = x.chain.Order()
		}
		x.proved = x.proved && x.chain.Proved()
	}
	return order
}

var debug = false
