package canon

import (
	"slices"

	"symbridge/internal/schreier"
)

// minBelow is how many vertices a graph must have for below to look: small ones are searched as fast. Tests make it small.
var minBelow = 128

// below ends a search after its first level where the graph comes apart once a vertex is individualised, as rings of any pieces do, or
// complete bipartite graphs less a matching: what is below a node is then solved like a graph of its own, with all that
// solve can do. Of the nodes those count whose largest part is smallest, and of those the one with the smallest form. Nil: below all
// nodes some part has more than half of the vertices, and the search is as fast without.
//
// Of each orbit the level has a node. Nodes of equal forms are taken to each other by automorphisms, so the orbit of the best is known for
// certain, and the size of the group is that of the stabiliser, which the solution brings, times that of the orbit. Where the search has to
// end both are what is known of them.
func (x *search) below(level []*node, starts []int32) *solution {
	if x.g.N < minBelow || x.opts.Plain {
		return nil
	}
	kept := x.apart(level, starts)
	if len(kept) == 0 {
		return nil
	}
	orbits := schreier.NewForest(x.g.N)
	gens := lengthening(orbits, x.found)
	var best *below
	var seen []int32
	for _, nd := range kept {
		if slices.ContainsFunc(seen, func(v int32) bool { return orbits.Find(v) == orbits.Find(nd.v) }) {
			continue
		}
		seen = append(seen, nd.v)
		b := x.solveBelow(nd, starts)
		b.news = lengthening(orbits, b.gens)
		c := -1
		if best != nil {
			c = slices.Compare(b.form, best.form)
		}
		switch {
		case c < 0:
			if best != nil {
				gens = append(gens, best.news...)
			}
			best = b
		case c == 0:
			gens = append(gens, lengthening(orbits, []Moves{between(best.order, b.order)})...)
			fallthrough
		default:
			gens = append(gens, b.news...)
		}
		if x.over() {
			break
		}
	}
	orbit := 0
	for v := range int32(x.g.N) {
		if orbits.Find(v) == orbits.Find(best.v) {
			orbit++
		}
	}
	x.size.multiply(best.size)
	x.size.times(uint64(orbit))
	x.proved = x.proved && best.proved
	return &solution{order: best.order, gens: append(gens, best.gens...)}
}

// apart returns the nodes whose largest part is smallest, where it has at most half of the vertices.
func (x *search) apart(level []*node, starts []int32) (kept []*node) {
	least := x.g.N / 2
	for _, nd := range level {
		x.p.Load(nd.lab, starts)
		parts, _ := takeApart(x.g, x.p)
		if x.stopped() {
			return nil
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
	return kept
}

// below is what is below a node: the graph in which v is individualised.
type below struct {
	*solution
	v      int32
	form   []int32
	size   *Size // of the stabiliser of v
	proved bool
	news   []Moves // the generators that lengthened orbits
}

// solveBelow leaves the size of the whole as it was.
func (x *search) solveBelow(nd *node, starts []int32) *below {
	defer func(size *Size, proved bool) { x.size, x.proved = size, proved }(x.size, x.proved)
	x.size, x.proved = new(Size), true
	x.p.Load(nd.lab, starts)
	colour := ranksOf(x.p)
	sol := x.solve(x.g, colour)
	return &below{solution: sol, v: nd.v, form: formOf(x.g, colour, sol.order), size: x.size, proved: x.proved}
}

// lengthening returns those of the generators that merge orbits, one by one. They have the same orbits as all of them.
func lengthening(orbits schreier.Forest, gens []Moves) (some []Moves) {
	for _, m := range gens {
		news := false
		for i, v := range m.From {
			news = orbits.Union(v, m.To[i]) || news
		}
		if news {
			some = append(some, m)
		}
	}
	return some
}
