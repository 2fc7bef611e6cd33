package cells

import "math"

// Never is the round of a boundary that is none.
const Never = math.MaxInt32

// History is the sequence of partitions that rounds make, each finer than the one before, in the order of the places of the last.
type History struct {
	Born  []int32 // (N) the round that parted the vertex at a place from that at the place before; Never where none did; 0 for the first
	Count []int   // (rounds+1) cells after each round
}

// Rounds refines the partition of g by colours, nil being one, in rounds: all cells are split by the partition before the round, until
// a round splits none or most rounds are done; 0 or less is no bound. It takes O((N+A) log N) time for any number of rounds.
func Rounds(g *Graph, colour []int32, most int) (*Partition, *History) {
	p := New(g, colour)
	h := &History{Born: make([]int32, g.N), Count: []int{0}}
	h.Count[0] = p.firstRound(h, colour)
	for round := int32(1); ; round++ {
		for _, s := range p.trail {
			h.Born[s.start] = round
		}
		p.trail = p.trail[:0]
		if p.cells == h.Count[round-1] {
			break
		}
		h.Count = append(h.Count, p.cells)
		if p.live == 0 || int(round) == most {
			break
		}
		p.round()
	}
	p.drain()
	return p, h
}

// firstRound splits by the colours, each as a whole, the cells by colour and degree that New makes; what waits then are the parts of
// each colour but the first of the largest. It notes the boundaries and returns the number of colours.
func (p *Partition) firstRound(h *History, colour []int32) int {
	var t Trace
	t.Ignore()
	p.drain()
	type class struct{ start, end int32 }
	var classes []class
	n := int32(len(p.lab))
	for s := int32(0); s < n; s += p.Size(s) {
		h.Born[s] = 1
		if s == 0 || colour != nil && colour[p.lab[s]] != colour[p.lab[s-1]] {
			h.Born[s] = 0
			classes = append(classes, class{start: s})
		}
		classes[len(classes)-1].end = s + p.Size(s)
		for k := s + 1; k < s+p.Size(s); k++ {
			h.Born[k] = Never
		}
	}
	skip := -1 // the degree says how many are in the one class that the others leave
	for i, c := range classes {
		if p.g.Label == nil && (skip < 0 || c.end-c.start > classes[skip].end-classes[skip].start) {
			skip = i
		}
		largest := c.start
		for s := c.start; s < c.end; s += p.Size(s) {
			if p.Size(s) > p.Size(largest) {
				largest = s
			}
		}
		for s := c.start; s < c.end; s += p.Size(s) {
			if s != largest {
				p.enqueue(s)
			}
		}
	}
	by := append([]int32(nil), p.lab...)
	for i, c := range classes {
		if i != skip {
			p.split(by[c.start:c.end], &t)
		}
	}
	return len(classes)
}

// round splits by all that waits, as it stands.
func (p *Partition) round() {
	var t Trace
	t.Ignore()
	if p.pullIsLess(3) {
		p.pull(&t)
		return
	}
	var by []int32
	var ends []int
	for s := p.next(); s >= 0; s = p.next() {
		by = append(by, p.Members(s)...)
		ends = append(ends, len(by))
	}
	start := 0
	for _, end := range ends {
		p.split(by[start:end], &t)
		start = end
	}
}
