package canon

import (
	"cmp"
	"encoding/binary"
	"maps"
	"slices"

	"symbridge/internal/cells"
)

// chains is a graph without its vertices of degree 2. What stays are the anchors, all others; a chain is a path through vertices of
// degree 2 from an anchor to an anchor. In an equitable partition the first edge of a chain, its label and the cell it leads to,
// says what the whole chain looks like, as the cells of a vertex and of one neighbour say the cell of the other one.
//
// The chains from u to w and the edge that may be there become one edge of the core, whose label stands for all of them. Chains
// from u to itself, loops, go into the colour of u.
type chains struct {
	g       *cells.Graph
	p       *cells.Partition
	anchors []int32
	inner   []int32 // the vertices of the chains, one chain after the other
	strands []strand
	bundles []bundle // by from, then to
	ptr     []int32  // (anchors+1) the bundles of an anchor
	graph   *cells.Graph
	colour  []int32
}

// strand is a chain, or an edge, as one of its ends sees it.
type strand struct {
	from, to    int32 // anchors, by their number in the core
	label, cell int32 // of the first edge, and the cell that it leads to; -1: the other anchor's
	start, len  int32 // in the list of inner vertices
	back        bool  // the list is read backwards
	even        bool  // a loop that looks the same from its other end
}

// bundle is all that joins an anchor to another, or to itself: strands of equal ends, by label and cell.
type bundle struct{ to, start, end, rank int32 }

// contractChains returns nil where there is nothing but a ring, and where less than half of the vertices have degree 2: the core mostly needs
// labels, which refinement pays for.
func contractChains(g *cells.Graph, p *cells.Partition) reduction {
	c := &chains{g: g, p: p}
	number := make([]int32, g.N) // of an anchor
	for v := range int32(g.N) {
		number[v] = -1
		if g.Degree(v) != 2 {
			number[v] = int32(len(c.anchors))
			c.anchors = append(c.anchors, v)
		}
	}
	if len(c.anchors) == 0 || 2*len(c.anchors) > g.N {
		return nil
	}
	c.collect(number)
	c.bundle()
	c.build()
	return c
}

// collect lists the strands: a loop once, from the end that looks less, and all others from both ends.
func (c *chains) collect(number []int32) {
	g := c.g
	seen := make([]bool, g.N)
	facing := c.facing(number)
	for i, u := range c.anchors {
		for e := g.Ptr[u]; e < g.Ptr[u+1]; e++ {
			v := g.Adj[e]
			there := strand{from: int32(i), to: number[v], label: labelOf(g, e), cell: -1, start: int32(len(c.inner))}
			if there.to >= 0 {
				c.strands = append(c.strands, there)
				continue
			}
			if seen[v] {
				continue
			}
			there.cell = c.p.Cell(v)
			before, last, by := u, v, e // the edge from before to last
			for number[last] < 0 {
				c.inner = append(c.inner, last)
				seen[last] = true
				if by = g.Ptr[last]; g.Adj[by] == before {
					by++
				}
				before, last = last, g.Adj[by]
			}
			there.to, there.len = number[last], int32(len(c.inner))-there.start
			back := there
			back.from, back.to, back.back, back.cell = there.to, there.from, true, c.p.Cell(before)
			back.label = facing[labelOf(g, by)]
			if there.from == there.to {
				order := there.compare(back)
				if order > 0 {
					there = back
				}
				there.even = order == 0
				c.strands = append(c.strands, there)
				continue
			}
			c.strands = append(c.strands, there, back)
		}
	}
}

// facing returns the label that an anchor sees, by that which the inner vertex at the other end of the edge sees.
func (c *chains) facing(number []int32) map[int32]int32 {
	g := c.g
	labels := map[int32]int32{}
	if g.Label == nil {
		return labels
	}
	for _, u := range c.anchors {
		for e := g.Ptr[u]; e < g.Ptr[u+1]; e++ {
			v := g.Adj[e]
			if number[v] >= 0 {
				continue
			}
			back := g.Ptr[v]
			if g.Adj[back] != u {
				back++
			}
			labels[g.Label[back]] = g.Label[e]
		}
	}
	return labels
}

// compare orders strands by what they look like.
func (s strand) compare(t strand) int {
	return cmp.Or(cmp.Compare(s.label, t.label), cmp.Compare(s.cell, t.cell))
}

// bundle sorts the strands and ranks the bundles by what their strands look like.
func (c *chains) bundle() {
	slices.SortFunc(c.strands, func(a, b strand) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to), a.compare(b))
	})
	c.ptr = make([]int32, len(c.anchors)+1)
	names := map[string]int32{}
	var name []byte
	for i := 0; i < len(c.strands); {
		s := c.strands[i]
		b := bundle{to: s.to, start: int32(i)}
		name = name[:0]
		for ; i < len(c.strands) && c.strands[i].from == s.from && c.strands[i].to == s.to; i++ {
			name = binary.BigEndian.AppendUint32(name, uint32(c.strands[i].label))
			name = binary.BigEndian.AppendUint32(name, uint32(c.strands[i].cell+1))
		}
		b.end = int32(i)
		rank, ok := names[string(name)]
		if !ok {
			rank = int32(len(names))
			names[string(name)] = rank
		}
		b.rank = rank
		c.bundles = append(c.bundles, b)
		c.ptr[s.from+1]++
	}
	for i := range c.anchors {
		c.ptr[i+1] += c.ptr[i]
	}
	place := make([]int32, len(names)) // as they were met, to the order of their names
	for k, name := range slices.Sorted(maps.Keys(names)) {
		place[names[name]] = int32(k)
	}
	for i := range c.bundles {
		c.bundles[i].rank = place[c.bundles[i].rank]
	}
}

func (c *chains) bundlesOf(anchor int32) []bundle {
	return c.bundles[c.ptr[anchor]:c.ptr[anchor+1]]
}

// build makes the core: labels where not all bundles look the same, and the cell and the loops of an anchor as its colour.
func (c *chains) build() {
	n := len(c.anchors)
	h := &cells.Graph{N: n, Ptr: make([]int32, 1, n+1)}
	colour := make([]uint64, n)
	type end struct{ rank, to int32 }
	var row []end
	low, high := int32(len(c.bundles)), int32(-1)
	for i, v := range c.anchors {
		colour[i] = uint64(c.p.Cell(v)) << 32
		row = row[:0]
		for _, b := range c.bundlesOf(int32(i)) {
			if b.to == int32(i) {
				colour[i] |= uint64(b.rank + 1)
				continue
			}
			row = append(row, end{b.rank, b.to})
			low, high = min(low, b.rank), max(high, b.rank)
		}
		slices.SortFunc(row, func(a, b end) int { return cmp.Compare(a.rank, b.rank) })
		for _, e := range row {
			h.Adj, h.Label = append(h.Adj, e.to), append(h.Label, e.rank)
		}
		h.Ptr = append(h.Ptr, int32(len(h.Adj)))
	}
	if low >= high {
		h.Label = nil
	}
	c.graph = h
	_, c.colour = ranked(colour)
}

func (c *chains) core() (*cells.Graph, []int32) { return c.graph, c.colour }

// expand lists each anchor after the one before it with what hangs between it and the anchors before it, itself included.
func (c *chains) expand(s *solver, sol *solution) *solution {
	out := &solution{order: make([]int32, 0, c.g.N)}
	place := make([]int32, len(c.anchors))
	for k, i := range sol.order {
		place[i] = int32(k)
	}
	var row []bundle
	for _, i := range sol.order {
		out.order = append(out.order, c.anchors[i])
		row = row[:0]
		for _, b := range c.bundlesOf(i) {
			if place[b.to] <= place[i] {
				row = append(row, b)
			}
		}
		slices.SortFunc(row, func(a, b bundle) int { return cmp.Compare(place[a.to], place[b.to]) })
		for _, b := range row {
			for _, t := range c.strands[b.start:b.end] {
				out.order = c.read(out.order, t)
			}
		}
	}
	image := place // of an anchor
	for i := range image {
		image[i] = int32(i)
	}
	for _, m := range sol.gens {
		if s.stopped() {
			return out
		}
		out.gens = append(out.gens, c.lift(m, image))
	}
	c.exchange(s, out)
	return out
}

// read appends the inner vertices of a strand, from its near end to its far one.
func (c *chains) read(list []int32, s strand) []int32 {
	k := len(list)
	list = append(list, c.inner[s.start:s.start+s.len]...)
	if s.back {
		slices.Reverse(list[k:])
	}
	return list
}

// lift returns what an automorphism of the core does to the whole: the strands of a bundle go to those of another one in their order.
// The image is that of the identity, before and after.
func (c *chains) lift(m Moves, image []int32) Moves {
	for k, i := range m.From {
		image[i] = m.To[k]
	}
	var w Moves
	for k, i := range m.From {
		w.From, w.To = append(w.From, c.anchors[i]), append(w.To, c.anchors[m.To[k]])
		for _, b := range c.bundlesOf(i) {
			if image[b.to] != b.to && b.to < i { // seen from there
				continue
			}
			target := c.find(m.To[k], image[b.to])
			for j, s := range c.strands[b.start:b.end] {
				w.From = c.read(w.From, s)
				w.To = c.read(w.To, c.strands[int(target.start)+j])
			}
		}
	}
	for _, i := range m.From {
		image[i] = i
	}
	return w.proper()
}

func (c *chains) find(from, to int32) bundle {
	row := c.bundlesOf(from)
	k, _ := slices.BinarySearchFunc(row, to, func(b bundle, to int32) int { return cmp.Compare(b.to, to) })
	return row[k]
}

// proper returns the same permutation without the vertices that stay, in the lists that it had.
func (m Moves) proper() Moves {
	k := 0
	for i, v := range m.From {
		if v != m.To[i] {
			m.From[k], m.To[k] = v, m.To[i]
			k++
		}
	}
	return Moves{m.From[:k], m.To[:k]}
}

// exchange adds the automorphisms that fix all anchors: equal chains between two anchors change places, and a loop that looks
// the same from both ends turns round.
func (c *chains) exchange(s *solver, out *solution) {
	for i := range int32(len(c.anchors)) {
		if s.stopped() {
			return
		}
		for _, b := range c.bundlesOf(i) {
			if b.to < i {
				continue
			}
			run := 1
			for j := b.start; j < b.end; j++ {
				t := c.strands[j]
				if t.even {
					s.size.times(2)
					list := c.read(nil, t)
					turned := slices.Clone(list)
					slices.Reverse(turned)
					out.gens = append(out.gens, Moves{list, turned}.proper())
				}
				if j == b.start {
					continue
				}
				if c.strands[j-1].compare(t) != 0 {
					s.size.exchanged(run)
					run = 1
					continue
				}
				run++
				out.gens = append(out.gens, swap(c.read(nil, c.strands[j-1]), c.read(nil, t)))
			}
			s.size.exchanged(run)
		}
	}
}
