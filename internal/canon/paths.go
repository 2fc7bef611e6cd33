package canon

import (
	"slices"

	"symbridge/internal/cells"
)

// path is a way down to a leaf.
type path struct {
	first  int           // depth of the node where it begins
	v      []int32       // what is individualised at depth first, first+1, ...
	traces []cells.Trace // of these refinements
	lab    []int32
}

// A selector says in which cell to individualise. Both take the first of the largest cells.
type selector uint8

const (
	latest selector = iota // of those within the latest selected cell that still has cells of several vertices, as in Traces
	widest                 // of all cells
)

// selectorOf chooses by the size of the graph, as the form depends on it. Widest takes half the time on projective planes and
// triangular graphs; on most others the two are alike.
func selectorOf(g *cells.Graph) selector {
	n, m := float64(g.N), float64(len(g.Adj))
	if 2*m*m >= n*n*n { // the mean degree is about the root of n, or more
		return widest
	}
	return latest
}

// target selects the cell to individualise in.
func (x *search) target() int32 {
	if x.selector == widest {
		return x.largest(0, int32(x.g.N))
	}
	for k := len(x.ranges) - 1; k >= 0; k-- {
		if c := x.largest(x.ranges[k][0], x.ranges[k][1]); c >= 0 {
			return c
		}
	}
	return -1
}

// largest returns the first of the largest cells of several vertices in a range of places, or -1.
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

// descend goes down from a node at random to a leaf, and leaves the partition there. Nil: the search has to end.
func (x *search) descend(depth int) *path {
	r := &path{first: depth}
	saved := len(x.ranges)
	defer func() { x.ranges = x.ranges[:saved] }()
	x.words, x.ends = x.words[:0], x.ends[:0]
	for !x.p.Discrete() {
		c := x.target()
		size := x.p.Size(c)
		v := x.p.Members(c)[x.rng.IntN(int(size))]
		x.tr.Record()
		if x.step(v, &x.tr) == cells.Stopped || x.over() {
			return nil
		}
		r.v = append(r.v, v)
		x.words = append(x.words, x.tr.Words...)
		x.ends = append(x.ends, len(x.words))
		x.ranges = append(x.ranges, [2]int32{c, c + size})
	}
	words, from := slices.Clone(x.words), 0
	r.traces = make([]cells.Trace, len(x.ends))
	for k, end := range x.ends {
		r.traces[k].Words = words[from:end:end]
		from = end
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

// sample collects automorphisms until so many attempts in a row bring nothing new.
func (x *search) sample(root *node, starts []int32, attempts int) {
	for misses := 0; misses < attempts; misses++ {
		x.p.Load(root.lab, starts)
		lab := x.follow(root.ref, 0)
		if lab != nil && x.automorphism(root.ref.lab, lab) && x.add() {
			misses = -1
		}
	}
}

// references bounds the older nodes that a new one is compared with, and patience the vertices that are tried at each depth to
// find one with the wanted trace. Both shrink while nothing is found.
func (x *search) references() int { return max(1, 24>>(x.misses/4)) }
func (x *search) patience() int   { return max(2, 12>>(x.misses/8)) }

// match looks for an automorphism that takes one of the nodes of a level to a new one. All are cut at the same places. It compares the
// nodes as they stand, then a random leaf below the new node with those below older ones, and then follows paths below older ones.
func (x *search) match(child *node, f *frontier) (same bool) {
	for i, k := range f.nodes {
		if i >= x.references() {
			break
		}
		if x.aligned(k.lab, child.lab, f.cut) {
			x.add()
			x.misses /= 2
			return true
		}
	}
	x.p.Load(child.lab, f.cut)
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
	for i, k := range f.nodes {
		if i >= x.references() {
			break
		}
		if k.ref == nil {
			x.p.Load(k.lab, f.cut)
			if k.ref = x.descend(k.depth); k.ref == nil {
				return false
			}
		}
		for try := 0; try < 2; try++ {
			x.p.Load(child.lab, f.cut)
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

// aligned looks for an automorphism from one node to another without a leaf: vertices that are alone go to those at the same
// places and all others stay, which can be where the cells of several vertices are the same sets. It leaves the automorphism in
// x.image. (As in saucy; Darga, Sakallah, Markov 2008.)
func (x *search) aligned(from, to, cut []int32) bool {
	for i, s := range cut {
		end := int32(x.g.N)
		if i+1 < len(cut) {
			end = cut[i+1]
		}
		if end-s == 1 {
			x.image[from[s]] = to[s]
			continue
		}
		for _, v := range to[s:end] {
			x.mark[v] = 1
		}
		same := true
		for _, v := range from[s:end] {
			same = same && x.mark[v] == 1
			x.image[v] = v
		}
		for _, v := range to[s:end] {
			x.mark[v] = 0
		}
		if !same {
			return false
		}
	}
	return x.keepsEdges()
}
