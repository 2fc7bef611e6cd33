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

	selector selector
	ranges   [][2]int32         // the places of the selected cells, level by level
	best     uint64             // hash of the best leaf
	leaves   map[uint64][]int32 // of this level or below its nodes, by the hash of the graph in their order

	misses int // attempts to match since the last that succeeded

	image, mark []int32 // (N)
	stamp       []uint32
	token       uint32
	members     []int32
	tr          cells.Trace // of one refinement of a path,
	words       []uint64    // and those of all of them,
	ends        []int       // with where each ends
}

// node is a node of the level that is being made, or of one above that has nodes below.
type node struct {
	above   *node
	v       int32   // individualised last; the root has none
	depth   int     // vertices individualised
	lab     []int32 // the ordered partition, cut as all nodes of the level are
	ref     *path   // a way down from here
	repeats bool    // an older node of the level, up to an automorphism
	width   int64   // children that are not known to be inequivalent to the best; at least the orbit of the best child
}

func (s *solver) search(g *cells.Graph, p *cells.Partition) *solution {
	n := g.N
	x := &search{solver: s, g: g, p: p, chain: schreier.New(n), leaves: map[uint64][]int32{},
		image: make([]int32, n), mark: make([]int32, n), stamp: make([]uint32, n)}
	x.chain.Stop = s.opts.Stop
	x.selector, x.ranges = selectorOf(g), [][2]int32{{0, int32(n)}}
	root := &node{lab: slices.Clone(p.Lab())}
	starts := p.Starts(nil)
	var list []invariant
	if !s.opts.Plain {
		list = choose(g)
	}
	if len(list) == 0 && !s.opts.Plain {
		switch q := x.balls(); {
		case q == nil:
		case q.Discrete():
			return &solution{order: q.Lab()}
		default:
			return s.solve(g, ranksOf(q))
		}
	}
	if root.ref = x.descend(0); root.ref == nil {
		return x.known(root)
	}
	if len(list) > 0 {
		x.chain.Rebase(root.ref.v) // where the levels will come by first
		x.sample(root, starts, 2)
		for _, kind := range list {
			if kind != edges && !x.allOrbits(starts) { // it is dear, and in vain where automorphisms are not known
				x.sample(root, starts, 6)
			}
			if x.allOrbits(starts) {
				break
			}
			p.Load(root.lab, starts)
			if x.sharpen(kind) {
				return s.solve(g, ranksOf(p))
			}
		}
	}
	level := []*node{root}
	for len(starts) < n {
		if level, starts = x.expand(level, starts); level == nil {
			return x.known(root)
		}
		if level[0].depth == 1 && len(starts) < n {
			if sol := x.below(level, starts); sol != nil {
				return sol
			}
		}
	}
	x.measure(level[0])
	return &solution{order: level[0].lab, gens: x.found}
}

// known returns what is known when the search ends before it is complete.
func (x *search) known(root *node) *solution {
	x.ended = true
	if !x.stopped() { // there is time
		x.size.timesBig(x.chain.Order())
	}
	return &solution{order: root.lab, gens: x.found}
}

// step individualises v and refines.
func (x *search) step(v int32, tr *cells.Trace) cells.Outcome {
	x.nodes++
	x.p.Individualise(v)
	return x.p.Refine(tr)
}

// path returns the vertices individualised on the way to a node.
func (nd *node) path() []int32 {
	v := make([]int32, nd.depth)
	for ; nd.above != nil; nd = nd.above {
		v[nd.depth-1] = nd.v
	}
	return v
}

// frontier is the level that is being made.
type frontier struct {
	starts []int32 // the cuts of the level above
	target int32   // the cell whose vertices are individualised
	tr     cells.Trace
	cut    []int32 // the cuts of this level; nil: there is no node yet
	nodes  []*node // those with the largest trace so far, one for each class that is known to be equivalent
}

// begin returns the trace for the next child.
func (f *frontier) begin() *cells.Trace {
	if f.cut == nil {
		f.tr.Record()
	} else {
		f.tr.Compare()
	}
	return &f.tr
}

// expand makes the next level: of all children of the nodes those with the largest trace. Nil: the search has to end.
func (x *search) expand(level []*node, starts []int32) (next []*node, cut []int32) {
	x.p.Load(level[0].lab, starts)
	f := &frontier{starts: starts, target: x.target()}
	x.ranges = append(x.ranges, [2]int32{f.target, f.target + x.p.Size(f.target)})
	for i, nd := range level {
		if nd.repeats {
			continue
		}
		if !x.visit(nd, f) {
			return nil, nil
		}
		x.forget(level[i+1:], nd)
	}
	return f.nodes, f.cut
}

// visit adds the children of a node to a level, and counts them. False: the search has to end.
func (x *search) visit(nd *node, f *frontier) bool {
	x.chain.Rebase(nd.path())
	x.p.Load(nd.lab, f.starts)
	members := slices.Clone(x.p.Members(f.target))
	x.shuffle(members, nd)
	var done, alive []int32 // children looked at; those of them that have the largest trace
	before := len(f.nodes)
	rep := x.cover(nd, done)
	for _, v := range members {
		if x.stamp[rep[v]] == x.token {
			continue
		}
		x.p.Mark()
		out := x.step(v, f.begin())
		if out == cells.Stopped || x.over() {
			return false
		}
		done = append(done, v)
		x.stamp[rep[v]] = x.token
		sign := f.tr.End()
		if out == cells.Smaller || sign < 0 {
			x.p.Undo()
			continue
		}
		if sign > 0 || f.cut == nil {
			f.nodes, alive, before = nil, nil, 0
			clear(x.leaves)
			f.cut = x.p.Starts(f.cut[:0])
		}
		alive = append(alive, v)
		child := nd.child(v, slices.Clone(x.p.Lab()))
		x.p.Undo()
		if x.admit(child, f) { // there is a new automorphism
			rep = x.cover(nd, done)
		}
	}
	rep = x.cover(nd, alive)
	for _, v := range members {
		if x.stamp[rep[v]] == x.token {
			nd.width++
		}
	}
	if len(f.cut) < x.g.N {
		f.nodes = append(f.nodes[:before], x.distinct(f.nodes[before:], rep)...)
	}
	return true
}

// admit takes a child into the level, or finds an automorphism that says that it need not be, and says so.
func (x *search) admit(child *node, f *frontier) (same bool) {
	switch {
	case len(f.cut) == x.g.N:
		return x.compare(child, f)
	case len(f.nodes) > 0:
		same = x.match(child, f)
		x.p.Load(child.above.lab, f.starts)
	}
	if !same {
		f.nodes = append(f.nodes, child)
	}
	return same
}

// child returns the node below nd in which v is individualised.
func (nd *node) child(v int32, lab []int32) *node {
	c := &node{above: nd, v: v, depth: nd.depth + 1, lab: lab}
	if r := nd.ref; r != nil && r.v[nd.depth-r.first] == v && c.depth-r.first < len(r.v) {
		c.ref = r
	}
	return c
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

// maxLater bounds the nodes that forget looks at for each node of a level.
const maxLater = 256

// forget marks those of the later nodes of a level to which a known automorphism takes nd.
func (x *search) forget(later []*node, nd *node) {
	if x.chain.Trivial() || len(later) == 0 || len(later) > maxLater {
		return
	}
	x.chain.Rebase(nd.path())
	for _, l := range later {
		l.repeats = l.repeats || x.chain.Maps(l.path())
	}
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

// confidence is the number of random elements that have to be found in the chain, in a row.
const confidence = 64

// measure multiplies the size of the group by the order of what the chain holds: the sizes of the orbits of the path to the
// best leaf, each in the stabiliser of what is before. The children of a node that have the best trace are an upper bound of an
// orbit; where both agree the order is proved.
func (x *search) measure(leaf *node) {
	if x.chain.Trivial() {
		return
	}
	x.chain.Rebase(leaf.path())
	upper := big.NewInt(1)
	for nd := leaf.above; nd != nil; nd = nd.above {
		upper.Mul(upper, big.NewInt(nd.width))
	}
	order := x.chain.OrderUpTo(upper)
	if order.Cmp(upper) != 0 && !x.stopped() {
		x.chain.Complete(confidence)
		order = x.chain.Order()
	}
	if order.Cmp(upper) != 0 {
		if x.g.N <= 48 { // cheap
			x.chain.Verify()
			order = x.chain.Order()
		}
		x.proved = x.proved && x.chain.Proved()
	}
	x.size.timesBig(order)
}
