package cells

import "slices"

// pullIsLess reports whether comparing the vertices that are not alone is less work than splitting by what waits: the former sorts
// their edges and walks over all cells, and costs weight times as much an edge. The answer is the same where each edge is listed
// twice.
func (p *Partition) pullIsLess(weight int64) bool {
	return 16*weight*p.live+int64(len(p.g.Adj)) < 16*p.pending || p.eager && p.pending > 0
}

// views are what the vertices of some cells see, a sorted list of labels and cells for each.
type views struct {
	words []uint64
	of    []view
	cells []int32
}

type view struct {
	v          int32
	start, end int // in words
}

// pull splits each cell by what its vertices see of the partition as it stands, which makes up for all that waits. What waits then
// are the parts.
func (p *Partition) pull(t *Trace) bool {
	p.drain()
	s := &p.seen
	s.words, s.of, s.cells = s.words[:0], s.of[:0], s.cells[:0]
	g := p.g
	for c := int32(0); int(c) < len(p.lab); c += p.Size(c) {
		if p.cell[c].sq>>1 == 1 || p.cell[c].deg == 0 {
			continue
		}
		s.cells = append(s.cells, c)
		for _, v := range p.Members(c) {
			start := len(s.words)
			for k := g.Ptr[v]; k < g.Ptr[v+1]; k++ {
				w := uint64(p.Cell(g.Adj[k]))
				if g.Label != nil {
					w |= uint64(g.Label[k]) << 32
				}
				s.words = append(s.words, w)
			}
			slices.Sort(s.words[start:])
			s.of = append(s.of, view{v, start, len(s.words)})
		}
	}
	ok := t.add(uint64(len(s.cells)))
	views := s.of
	for _, c := range s.cells {
		if !ok {
			break
		}
		size := p.Size(c)
		mine := views[:size]
		views = views[size:]
		slices.SortFunc(mine, func(a, b view) int { return slices.Compare(s.words[a.start:a.end], s.words[b.start:b.end]) })
		k := int32(0)
		for i, x := range mine {
			p.lab[int(c)+i] = x.v
			p.at[x.v].place = c + int32(i)
			if i > 0 && !slices.Equal(s.words[x.start:x.end], s.words[mine[i-1].start:mine[i-1].end]) {
				k++
			}
			p.at[x.v].hits = k
		}
		ok = t.add(uint64(c)<<32|uint64(k)) && s.trace(mine, t)
		if k > 0 {
			p.cuts(c, size, func(a, b int32) bool { return p.at[a].hits != p.at[b].hits })
		}
		for _, x := range mine {
			p.at[x.v].hits = 0
		}
	}
	return ok
}

// trace adds what the vertices of a cell see, in their order.
func (s *views) trace(mine []view, t *Trace) bool {
	var sum uint64
	for _, x := range mine {
		h := uint64(0)
		for _, w := range s.words[x.start:x.end] {
			h = Mix(h ^ w)
		}
		sum = Mix(sum ^ h)
	}
	return t.add(sum)
}
