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

	ranges [][2]int32         // the places of the selected cells, level by level
	best   uint64             // hash of the best leaf
	leaves map[uint64][]int32 // of this level or below its nodes, by the hash of the graph in their order

	misses int // attempts to match since the last that succeeded

	image, mark []int32 // (N)
	stamp       []uint32
	token       uint32
	members     []int32
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
	x.chain.Stop = s.opts.Stop
	x.ranges = [][2]int32{{0, int32(n)}}
	root := &node{lab: slices.Clone(p.Lab())}
	starts := p.Starts(nil)
	if root.ref = x.descend(0); root.ref == nil {
		return x.known(root)
	}
	if list := choose(g); len(list) > 0 && !s.opts.Plain {
		x.sample(root, starts)
		for _, kind := range list {
			p.Load(root.lab, starts)
			if x.sharpen(kind, x.chain.Orbits(0)) {
				return s.solve(g, ranksOf(p))
			}
		}
	}
	level := []*node{root}
	for len(starts) < n {
		if level, starts = x.expand(level, starts); level == nil {
			return x.known(root)
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
		if nd.repeats {
			continue
		}
		x.chain.Rebase(nd.path())
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
			out := x.step(v, &tr)
			if out == cells.Stopped || x.over() {
				return nil, nil
			}
			done = append(done, v)
			x.stamp[rep[v]] = x.token
			sign := tr.End()
			if out == cells.Smaller || sign < 0 {
				x.p.Undo()
				continue
			}
			if sign > 0 || first {
				first = false
				next, alive, kept = nil, nil, 0
				clear(x.leaves)
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
				next, same = x.compare(next, child)
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
		x.forget(level[i+1:], nd)
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

// references bounds the older nodes that a new one is compared with, and patience the vertices that are tried at each depth to
// find one with the wanted trace. Both shrink while nothing is found.
func (x *search) references() int { return max(1, 24>>(x.misses/4)) }
func (x *search) patience() int   { return max(2, 12>>(x.misses/8)) }

// match looks for an automorphism that takes one of the kept nodes to a new one. All are cut at the same places. It compares a
// random leaf below the new node with those below older ones, and then follows paths below older ones.
func (x *search) match(child *node, kept []*node, cut []int32) (same bool) {
	if len(kept) == 0 {
		return false
	}
	x.p.Load(child.lab, cut)
	r := x.descend(child.depth)
	if r == nil {
		return false
	}
	h := x.leafHash(r.lab)
	if x.knows(h, r.lab) { // below a node that was kept, or that is equivalent to one
		x.add()
		return true
	}
	x.remember(h, r.lab)
	for i, k := range kept {
		if i >= x.references() {
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
				x.misses /= 2
				return true
			}
		}
	}
	x.misses = min(x.misses+1, 63)
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
		if x.step(v, &tr) == cells.Stopped || x.over() {
			return nil
		}
		r.v, r.traces = append(r.v, v), append(r.traces, tr)
		x.ranges = append(x.ranges, [2]int32{c, c + size})
	}
	r.lab = slices.Clone(x.p.Lab())
	return r
}

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
		for try := 0; try < x.patience() && try < len(x.members); try++ {
			k := try + x.rng.IntN(len(x.members)-try)
			x.members[try], x.members[k] = x.members[k], x.members[try]
			x.p.Mark()
			tr.Match()
			out := x.step(x.members[try], tr)
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

// confidence is the number of random elements that have to be found in the chain, in a row.
const confidence = 64

// measure multiplies the size of the group by the order of what the chain holds, by the sizes of the orbits of the path to the best leaf in the stabilisers of what
// is before. The children of a node that have the best trace are an upper bound of an orbit; where both agree the order is
// proved.
func (x *search) measure(leaf *node) {
	if x.chain.Trivial() {
		return
	}
	x.chain.Rebase(leaf.path())
	x.chain.Complete(confidence)
	if x.stopped() {
		return
	}
	upper := big.NewInt(1)
	for nd := leaf.above; nd != nil; nd = nd.above {
		upper.Mul(upper, big.NewInt(nd.width))
	}
	order := x.chain.Order()
	if order.Cmp(upper) != 0 {
		if x.g.N <= 48 { // cheap
			x.chain.Verify()
			order = x.chain.Order()
		}
		x.proved = x.proved && x.chain.Proved()
	}
	x.size.timesBig(order)
}
