package cells

import (
	"slices"
)

// Outcome says how a refinement ended.
type Outcome uint8

const (
	Stable  Outcome = iota // no cell splits another, or each vertex is alone
	Smaller                // its trace fell behind the best; the partition is somewhere on the way
	Stopped                // from outside; the partition is somewhere on the way
)

// Refine splits cells until the vertices of each have equally many neighbours, by label, in every cell (equitable), or
// until each vertex is alone. What waits splits others: single vertices first (last in first out), then larger cells (first
// in first out); of the parts of a cell all wait but the first of the largest (Hopcroft 1971; Paige, Tarjan 1987). The
// order of the cells that comes out depends on the order that went in and on the graph, not on the labelling. It takes
// O((N+A) log N) time.
func (p *Partition) Refine(t *Trace) Outcome {
	work := 0
	for !p.Discrete() {
		s := p.next()
		if s < 0 {
			return Stable
		}
		if p.Stop != nil {
			if work += 1 + p.edges(s); work > 1<<14 {
				work = 0
				if p.Stop.Load() {
					p.drain()
					return Stopped
				}
			}
		}
		ok := t.add(uint64(s))
		if ok {
			if p.g.Label == nil {
				ok = p.splitPlain(s, t)
			} else {
				ok = p.splitLabelled(s, t)
			}
		}
		if !ok {
			p.drain()
			return Smaller
		}
	}
	p.drain()
	return Stable
}

// edges returns about how many edges leave cell s.
func (p *Partition) edges(s int32) int {
	return int(p.Size(s)) * int(p.g.Degree(p.lab[s]))
}

func (p *Partition) splitPlain(s int32, t *Trace) bool {
	var alone uint64
	if p.Size(s) == 1 {
		alone = p.hit(p.g.Neighbours(p.lab[s]))
	} else {
		p.splitter = append(p.splitter[:0], p.Members(s)...) // hits move vertices about, of the splitter too
		for _, v := range p.splitter {
			alone += p.hit(p.g.Neighbours(v))
		}
	}
	return p.splitTouched(t, alone)
}

// hit counts a neighbour of the splitter for each of the given vertices, which may repeat. It returns a sum over those that
// stand alone, which cannot be split.
func (p *Partition) hit(ends []int32) (alone uint64) {
	for _, u := range ends {
		c := p.of[u]
		if c < 0 {
			alone += Mix(uint64(^c))
			continue
		}
		at := &p.at[u]
		if at.hits++; at.hits > 1 {
			continue
		}
		info := &p.cell[c]
		if info.hit == 0 {
			p.touched = append(p.touched, c)
		}
		info.hit++
		p.move(u, c+info.size()-info.hit)
	}
	return alone
}

// labelled are the edges of a splitter, sorted by label.
type labelled struct {
	keys []uint64 // label, other end
	ends []int32
}

func (p *Partition) splitLabelled(s int32, t *Trace) bool {
	l := &p.pairs
	l.keys, l.ends = l.keys[:0], l.ends[:0]
	for _, v := range p.Members(s) {
		for k := p.g.Ptr[v]; k < p.g.Ptr[v+1]; k++ {
			l.keys = append(l.keys, uint64(p.g.Label[k])<<32|uint64(p.g.Adj[k]))
		}
	}
	slices.Sort(l.keys) // a vertex is met once a label, with its hits in a row
	for _, k := range l.keys {
		l.ends = append(l.ends, int32(uint32(k)))
	}
	for i := 0; i < len(l.keys); {
		label := l.keys[i] >> 32
		j := i
		for j < len(l.keys) && l.keys[j]>>32 == label {
			j++
		}
		if !t.add(label<<32|1) || !p.splitTouched(t, p.hit(l.ends[i:j])) {
			return false
		}
		i = j
	}
	return true
}

// splitTouched splits the cells with hits by their numbers. Where the trace says no, it only clears the hits.
func (p *Partition) splitTouched(t *Trace, alone uint64) bool {
	sortStarts(p.touched)
	ok := t.add(alone)
	for _, c := range p.touched {
		info := &p.cell[c]
		h := info.hit
		info.hit = 0
		end := c + info.size()
		tail := p.lab[end-h : end]
		if !ok {
			for _, v := range tail {
				p.at[v].hits = 0
			}
			continue
		}
		low := p.at[tail[0]].hits
		high := low
		for _, v := range tail[1:] {
			k := p.at[v].hits
			low, high = min(low, k), max(high, k)
		}
		if low == high {
			for _, v := range tail {
				p.at[v].hits = 0
			}
			if h < info.size() {
				p.parts2(c, h)
			}
			ok = t.add(uint64(c)<<32|uint64(low)) && t.add(uint64(h))
			continue
		}
		ok = p.splitMany(c, h, low, high, t)
	}
	p.touched = p.touched[:0]
	return ok
}

// parts2 parts the last h vertices of cell c from it.
func (p *Partition) parts2(c, h int32) {
	rest := p.Size(c) - h
	waits := p.cell[c].queued()
	p.part(c, c+rest, h)
	if waits || h <= rest {
		p.enqueue(c + rest)
		return
	}
	p.enqueue(c)
}

// splitMany parts cell c: the last h vertices by their hits, which lie between low and high, from the others. It clears the
// hits.
func (p *Partition) splitMany(c, h, low, high int32, t *Trace) bool {
	size := p.Size(c)
	first := c + size - h
	tail := p.lab[first : first+h]
	if int(high-low) <= 2*int(h)+64 {
		p.bucketByHits(tail, low, high)
	} else {
		slices.SortFunc(tail, func(a, b int32) int { return int(p.at[a].hits) - int(p.at[b].hits) })
	}
	for k, v := range tail {
		p.at[v].place = first + int32(k)
	}
	// The cuts, from the last to the first.
	waits := p.cell[c].queued()
	from := len(p.trail)
	end, largest, most := first+h, c, int32(0)
	ok := t.add(uint64(c)<<32 | uint64(h))
	for k := first + h - 1; k >= first; k-- {
		hits := p.at[p.lab[k]].hits
		if k > first && p.at[p.lab[k-1]].hits == hits {
			continue
		}
		ok = ok && t.add(uint64(hits)<<32|uint64(end-k))
		if k > c {
			if end-k >= most {
				largest, most = k, end-k
			}
			p.part(c, k, end-k)
			end = k
		}
	}
	for _, v := range tail {
		p.at[v].hits = 0
	}
	if end-c >= most {
		largest = c
	}
	for k := len(p.trail) - 1; k >= from; k-- {
		if start := p.trail[k].start; waits || start != largest {
			p.enqueue(start)
		}
	}
	if !waits && largest != c {
		p.enqueue(c)
	}
	return ok
}

// bucketByHits sorts the vertices by their hits.
func (p *Partition) bucketByHits(vs []int32, low, high int32) {
	if n := int(high-low) + 2; len(p.count) < n {
		p.count = make([]int32, 2*n)
	}
	if len(p.sorted) < len(vs) {
		p.sorted = make([]int32, len(p.lab))
	}
	count := p.count[:high-low+2]
	clear(count)
	for _, v := range vs {
		count[p.at[v].hits-low+1]++
	}
	for k := 1; k < len(count); k++ {
		count[k] += count[k-1]
	}
	for _, v := range vs {
		k := p.at[v].hits - low
		p.sorted[count[k]] = v
		count[k]++
	}
	copy(vs, p.sorted[:len(vs)])
}

// sortStarts sorts names of cells.
func sortStarts(s []int32) {
	if len(s) > 24 {
		slices.Sort(s)
		return
	}
	for i := 1; i < len(s); i++ {
		x := s[i]
		j := i - 1
		for j >= 0 && s[j] > x {
			s[j+1] = s[j]
			j--
		}
		s[j+1] = x
	}
}
