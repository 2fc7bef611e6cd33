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
// in first out); of the parts of a cell all wait but the first of the largest (Hopcroft 1971; Paige, Tarjan 1987). Where the vertices
// that are not alone have few edges beside what waits, they are compared instead. The order of the cells that comes out depends on
// the order that went in and on the graph, not on the labelling. It visits O((N+A) log N) edges; where it compares, it sorts fewer
// than it saves visits.
func (p *Partition) Refine(t *Trace) Outcome {
	work := 0
	for p.live > 0 {
		if p.Stop != nil && work > 1<<14 {
			work = 0
			if p.Stop.Load() {
				p.drain()
				return Stopped
			}
		}
		var ok bool
		if p.pullIsLess(16) { // more than it costs: splitting goes on to make vertices alone
			ok = p.pull(t)
			work = 1 << 20
		} else {
			s := p.next()
			if s < 0 {
				return Stable
			}
			work += 1 + int(p.Size(s))*int(p.cell[s].deg)
			ok = t.add(uint64(s)) && p.split(p.Members(s), t)
		}
		if p.stopped {
			p.stopped = false
			p.drain()
			return Stopped
		}
		if !ok {
			p.drain()
			return Smaller
		}
	}
	p.drain()
	return Stable
}

// split splits by the neighbours that vertices have among the given ones.
func (p *Partition) split(by []int32, t *Trace) bool {
	if p.g.Label == nil {
		return p.splitPlain(by, t)
	}
	return p.splitLabelled(by, t)
}

func (p *Partition) splitPlain(by []int32, t *Trace) bool {
	if len(by) == 1 {
		return p.splitByEnds(t, p.g.Neighbours(by[0]))
	}
	p.splitter = append(p.splitter[:0], by...) // hits move vertices about, of the splitter too
	block := max(1, stride/max(1, int(p.g.Degree(by[0]))))
	var alone uint64
	for from := 0; from < len(by); from += block {
		if from > 0 && p.stop() {
			return false
		}
		for _, v := range p.splitter[from:min(from+block, len(by))] {
			alone += p.hit(p.g.Neighbours(v))
		}
	}
	return p.splitTouched(t, alone)
}

// stride is the number of edges between looks at Stop.
const stride = 1 << 18

// stop reports whether the refinement is to end within a splitter: hits are left as they are, for Load to see to.
func (p *Partition) stop() bool {
	p.stopped = p.Stop != nil && p.Stop.Load()
	return p.stopped
}

// splitByEnds splits by how often vertices are among the given ones.
func (p *Partition) splitByEnds(t *Trace, ends []int32) bool {
	var alone uint64
	for len(ends) > stride {
		alone += p.hit(ends[:stride])
		if ends = ends[stride:]; p.stop() {
			return false
		}
	}
	return p.splitTouched(t, alone+p.hit(ends))
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
	labels []int32
	ends   []int32
	next   []int32 // by label; 0 between splitters
	used   []int32 // labels
}

func (p *Partition) splitLabelled(by []int32, t *Trace) bool {
	g, l := p.g, &p.byLabel
	if len(by) == 1 { // its edges ascend
		l.labels = append(l.labels[:0], g.Label[g.Ptr[by[0]]:g.Ptr[by[0]+1]]...)
		l.ends = append(l.ends[:0], g.Neighbours(by[0])...)
	} else {
		l.sort(g, by)
	}
	for i := 0; i < len(l.ends); {
		label := l.labels[i]
		j := i
		for j < len(l.ends) && l.labels[j] == label {
			j++
		}
		if !t.add(uint64(label)<<32|1) || !p.splitByEnds(t, l.ends[i:j]) {
			return false
		}
		i = j
	}
	return true
}

// sort gathers the edges of the given vertices, sorted by label.
func (l *labelled) sort(g *Graph, by []int32) {
	total := 0
	l.used = l.used[:0]
	for _, v := range by {
		for _, x := range g.Label[g.Ptr[v]:g.Ptr[v+1]] {
			if int(x) >= len(l.next) {
				l.next = append(l.next, make([]int32, int(x)+1-len(l.next))...)
			}
			if l.next[x] == 0 {
				l.used = append(l.used, x)
			}
			l.next[x]++
			total++
		}
	}
	sortStarts(l.used)
	l.labels = slices.Grow(l.labels[:0], total)[:total]
	l.ends = slices.Grow(l.ends[:0], total)[:total]
	first := int32(0)
	for _, x := range l.used {
		first, l.next[x] = first+l.next[x], first
	}
	for _, v := range by {
		for k := g.Ptr[v]; k < g.Ptr[v+1]; k++ {
			x := g.Label[k]
			l.labels[l.next[x]], l.ends[l.next[x]] = x, g.Adj[k]
			l.next[x]++
		}
	}
	for _, x := range l.used {
		l.next[x] = 0
	}
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
