package canon

import (
	"slices"

	"symbridge/internal/schreier"
)

// minBelow is how many vertices a graph must have for below to look: small ones are searched as fast. Tests make it small.
var minBelow = 128

// below ends a search after its first level where the graph comes apart once a vertex is individualised, as rings of any pieces do, or
// complete bipartite graphs less a matching: what is below a node is then solved like a graph of its own, with all that
// solve can do. Of the nodes those count whose largest part is smallest, and of those the one with the smallest form. Nil: some part has more than half of
// the vertices, and the search is as fast without.
//
// Nodes of equal forms are taken to each other by automorphisms, so the orbit of a node is known for certain, and the size of the group is that
// of the stabiliser, which the solution brings, times that of the orbit.
func (x *search) below(level []*node, starts []int32) *solution {
	if x.g.N < minBelow || x.opts.Plain {
		return nil
	}
	least := x.g.N / 2
	var kept []*node
	for _, nd := range level {
		x.p.Load(nd.lab, starts)
		parts, progress := takeApart(x.g, x.p)
		if x.stopped() {
			return nil
		}
		if !progress {
			continue
		}
		most := 0
		for _, q := range parts {
			most = max(most, len(q.vertices))
		}
		switch {
		case most < least:
			least, kept = most, append(kept[:0], nd)
		case most == least:
			kept = append(kept, nd)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	orbits := schreier.NewForest(x.g.N)
	out := &solution{}
	add := func(gens ...Moves) {
		out.gens = append(out.gens, gens...)
		for _, m := range gens {
			for i, v := range m.From {
				orbits.Union(v, m.To[i])
			}
		}
	}
	add(x.found...)
	var best *node
	var form, solved []int32
	size := x.size
	defer func() { x.size = size }()
	var stabiliser *Size
	for _, nd := range kept {
		if slices.ContainsFunc(solved, func(v int32) bool { return orbits.Find(v) == orbits.Find(nd.v) }) {
			continue
		}
		solved = append(solved, nd.v)
		x.p.Load(nd.lab, starts)
		x.size = new(Size)
		colour := ranksOf(x.p)
		sol := x.solve(x.g, colour)
		if x.over() {
			x.size = size
			return x.known(nd)
		}
		add(sol.gens...)
		f := formOf(x.g, colour, sol.order)
		c := -1
		if best != nil {
			c = slices.Compare(f, form)
		}
		switch {
		case c < 0:
			best, form, out.order, stabiliser = nd, f, sol.order, x.size
		case c == 0:
			add(between(out.order, sol.order))
		}
	}
	orbit := 0
	for v := range int32(x.g.N) {
		if orbits.Find(v) == orbits.Find(best.v) {
			orbit++
		}
	}
	size.multiply(stabiliser)
	size.times(uint64(orbit))
	return out
}
