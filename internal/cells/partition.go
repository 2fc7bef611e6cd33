package cells

import (
	"slices"
	"sync/atomic"
)

// Partition is an ordered partition of the vertices of a graph into cells. A cell is a run of places and is named by the
// first of them; its vertices stand there in any order. Splits are remembered, so that Undo takes them back.
type Partition struct {
	g     *Graph
	lab   []int32  // (N) vertex at each place
	of    []int32  // (N) cell of each vertex; its complement where the vertex is alone, so that hits need not look further
	at    []vertex // (N)
	cell  []cell   // (N) by first place; entries inside of a cell are unused
	cells int
	trail []split
	marks []int // lengths of the trail

	single []int32 // cells of one vertex that wait to split others, last in first out
	multi  []int32 // the other cells that wait, first in first out from head
	head   int

	live    int64 // edges of vertices that are not alone
	pending int64 // edges of the cells that wait

	touched  []int32 // cells with hits
	splitter []int32
	byLabel  labelled
	count    []int32 // of a bucket sort
	sorted   []int32
	seen     views

	eager bool // for tests: compare where it is more work, too

	Stop    *atomic.Bool // when it becomes true, Refine returns Stopped soon; nil: never
	stopped bool         // within a splitter
}

type vertex struct {
	place int32
	hits  int32 // neighbours in the splitter; 0 between splitters
}

type cell struct {
	sq  uint32 // twice the size, plus 1 where the cell waits
	hit int32  // vertices with hits; they stand at the end of the cell
	deg int32  // of each of its vertices
}

func (c *cell) size() int32  { return int32(c.sq >> 1) }
func (c *cell) queued() bool { return c.sq&1 == 1 }

type split struct{ start, from int32 }

// New returns the partition of g by colours 0, 1, ..., in this order, and within a colour by ascending degree. Nil is one
// colour. All cells wait to be refined.
func New(g *Graph, colour []int32) *Partition {
	n := g.N
	p := &Partition{g: g, lab: make([]int32, n), of: make([]int32, n), at: make([]vertex, n), cell: make([]cell, n)}
	p.Reset(colour)
	return p
}

// Reset makes the partition what New makes.
func (p *Partition) Reset(colour []int32) {
	g, n := p.g, p.g.N
	p.cells, p.trail, p.marks = 0, p.trail[:0], p.marks[:0]
	p.single, p.multi, p.head = p.single[:0], p.multi[:0], 0
	p.live, p.pending = 0, 0
	var most, top int32
	for v := range int32(n) {
		most = max(most, g.Degree(v))
	}
	for _, c := range colour {
		top = max(top, c)
	}
	clear(p.cell)
	if colour == nil || int64(top+1)*int64(most+1) <= 2*int64(n)+1024 {
		p.resetByKey(colour, top, most)
	} else {
		p.resetInTurn(colour, top, most)
	}
	for s := int32(0); int(s) < n; s += p.Size(s) {
		c := &p.cell[s]
		c.deg = g.Degree(p.lab[s])
		p.cells++
		if c.sq>>1 > 1 {
			p.live += int64(c.size()) * int64(c.deg)
		}
		p.settle(s)
		p.enqueue(s)
	}
}

// resetByKey places the vertices by colour and degree in one go; there are few pairs.
func (p *Partition) resetByKey(colour []int32, top, most int32) {
	g := p.g
	key := func(v int32) int32 {
		k := g.Degree(v)
		if colour != nil {
			k += colour[v] * (most + 1)
		}
		return k
	}
	next := make([]int32, (top+1)*(most+1)+1)
	for v := range int32(g.N) {
		next[key(v)+1]++
	}
	for k := range len(next) - 1 {
		next[k+1] += next[k]
	}
	start := slices.Clone(next)
	for v := range int32(g.N) {
		k := key(v)
		p.lab[next[k]] = v
		p.of[v], p.at[v] = start[k], vertex{place: next[k]}
		p.cell[start[k]].sq += 2
		next[k]++
	}
}

// resetInTurn places the vertices by degree, and then by colour.
func (p *Partition) resetInTurn(colour []int32, top, most int32) {
	g, n := p.g, p.g.N
	for v := range n {
		p.lab[v] = int32(v)
	}
	p.bucketAll(most+1, func(v int32) int32 { return g.Degree(v) })
	p.bucketAll(top+1, func(v int32) int32 { return colour[v] })
	first := 0
	for k, v := range p.lab {
		if k > 0 && (g.Degree(v) != g.Degree(p.lab[k-1]) || colour[v] != colour[p.lab[k-1]]) {
			first = k
		}
		p.cell[first].sq += 2
		p.of[v], p.at[v] = int32(first), vertex{place: int32(k)}
	}
}

// bucketAll sorts all places stably by key.
func (p *Partition) bucketAll(keys int32, key func(int32) int32) {
	n := p.g.N
	if len(p.sorted) < n {
		p.sorted = make([]int32, n)
	}
	next := make([]int32, keys+1)
	for _, v := range p.lab {
		next[key(v)+1]++
	}
	for k := range keys {
		next[k+1] += next[k]
	}
	for _, v := range p.lab {
		k := key(v)
		p.sorted[next[k]] = v
		next[k]++
	}
	copy(p.lab, p.sorted[:n])
}

// Len returns the number of vertices.
func (p *Partition) Len() int { return len(p.lab) }

// Cells returns the number of cells.
func (p *Partition) Cells() int { return p.cells }

// Discrete reports whether each vertex is alone.
func (p *Partition) Discrete() bool { return p.cells == len(p.lab) }

// Cell returns the name of the cell of v.
func (p *Partition) Cell(v int32) int32 {
	c := p.of[v]
	return c ^ c>>31
}

// Place returns where v stands.
func (p *Partition) Place(v int32) int32 { return p.at[v].place }

// Size returns the number of vertices of the cell with the given name.
func (p *Partition) Size(start int32) int32 { return p.cell[start].size() }

// Members returns the vertices of the cell with the given name. The slice changes with the partition.
func (p *Partition) Members(start int32) []int32 { return p.lab[start : start+p.cell[start].size()] }

// Lab returns the vertices by place. The slice changes with the partition.
func (p *Partition) Lab() []int32 { return p.lab }

// Mark remembers the partition for Undo. Marks nest. Nothing may wait to be refined.
func (p *Partition) Mark() { p.marks = append(p.marks, len(p.trail)) }

// Undo joins the cells that were split since the last Mark, and forgets that. It takes time linear in the vertices that
// got another cell since.
func (p *Partition) Undo() {
	from := p.marks[len(p.marks)-1]
	p.marks = p.marks[:len(p.marks)-1]
	for k := len(p.trail) - 1; k >= from; k-- {
		s := p.trail[k]
		p.name(s.from, p.Members(s.start))
		from, part := &p.cell[s.from], &p.cell[s.start]
		if from.sq>>1 == 1 {
			p.of[p.lab[s.from]] = s.from
			p.live += int64(from.deg)
		}
		if part.sq>>1 == 1 {
			p.live += int64(part.deg)
		}
		from.sq += part.sq &^ 1
	}
	p.cells -= len(p.trail) - from
	p.trail = p.trail[:from]
	p.drain()
}

// Individualise parts v from its cell, which must have others, and lets it wait to split. v takes the last place.
func (p *Partition) Individualise(v int32) {
	c := p.of[v]
	last := c + p.Size(c) - 1
	p.move(v, last)
	p.part(c, last, 1)
	p.enqueue(last)
}

// Load makes the partition that of lab, cut at the places of starts, ascending and with 0. Nothing waits, nothing can be undone.
func (p *Partition) Load(lab, starts []int32) {
	p.drain()
	p.touched = p.touched[:0]
	p.trail, p.marks = p.trail[:0], p.marks[:0]
	copy(p.lab, lab)
	p.cells, p.live = len(starts), 0
	for i, s := range starts {
		end := int32(len(lab))
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		p.cell[s] = cell{sq: uint32(end-s) << 1, deg: p.g.Degree(lab[s])}
		if end-s > 1 {
			p.live += int64(end-s) * int64(p.cell[s].deg)
		}
		for k := s; k < end; k++ {
			p.of[lab[k]], p.at[lab[k]] = s, vertex{place: k}
		}
		p.settle(s)
	}
}

// Starts appends the names of all cells, ascending.
func (p *Partition) Starts(dst []int32) []int32 {
	for s := int32(0); int(s) < len(p.lab); s += p.Size(s) {
		dst = append(dst, s)
	}
	return dst
}

// SplitBy splits each cell by key, ascending, and lets the parts wait, all of them but the largest where the cell does not wait. Cells
// whose vertices have one key stay. It reports whether any was split.
func (p *Partition) SplitBy(key []uint64) bool {
	before := p.cells
	for s := int32(0); int(s) < len(p.lab); {
		size := p.Size(s)
		if size > 1 {
			m := p.lab[s : s+size]
			slices.SortFunc(m, func(a, b int32) int {
				switch {
				case key[a] < key[b]:
					return -1
				case key[a] > key[b]:
					return 1
				}
				return 0
			})
			for k, v := range m {
				p.at[v].place = s + int32(k)
			}
			p.cuts(s, size, func(a, b int32) bool { return key[a] != key[b] })
		}
		s += size
	}
	return p.cells > before
}

// cuts parts the cell s of the given size, whose vertices are sorted, where differ says so.
func (p *Partition) cuts(s, size int32, differ func(a, b int32) bool) {
	end := s + size
	largest, most := s, int32(0)
	first := len(p.trail)
	waits := p.cell[s].queued()
	for k := end - 1; k > s; k-- {
		if differ(p.lab[k], p.lab[k-1]) {
			p.part(s, k, end-k)
			if end-k >= most {
				largest, most = k, end-k
			}
			end = k
		}
	}
	if end-s >= most {
		largest = s
	}
	for k := len(p.trail) - 1; k >= first; k-- {
		if start := p.trail[k].start; waits || start != largest {
			p.enqueue(start)
		}
	}
	if len(p.trail) > first && !waits && largest != s {
		p.enqueue(s)
	}
}

// part makes the last size places of cell c, from start on, a cell.
func (p *Partition) part(c, start, size int32) {
	p.name(start, p.lab[start:start+size])
	info := &p.cell[c]
	p.cell[start] = cell{sq: uint32(size) << 1, deg: info.deg}
	info.sq -= uint32(size) << 1
	p.cells++
	p.trail = append(p.trail, split{start, c})
	if size == 1 {
		p.of[p.lab[start]] = ^start
		p.live -= int64(info.deg)
	}
	if info.sq>>1 == 1 {
		p.of[p.lab[c]] = ^c
		p.live -= int64(info.deg)
	}
	if info.queued() {
		p.pending -= int64(size) * int64(info.deg)
	}
}

// name gives vertices the name of their cell, which may be too long for them to be alone.
func (p *Partition) name(c int32, vs []int32) {
	for _, v := range vs {
		p.of[v] = c
	}
}

// settle marks the vertex of cell c as alone where it is.
func (p *Partition) settle(c int32) {
	if p.cell[c].sq>>1 == 1 {
		p.of[p.lab[c]] = ^c
	}
}

// move swaps v with the vertex at place k of its cell.
func (p *Partition) move(v, k int32) {
	at := &p.at[v]
	w := p.lab[k]
	p.lab[at.place], p.lab[k] = w, v
	p.at[w].place = at.place
	at.place = k
}

func (p *Partition) enqueue(c int32) {
	info := &p.cell[c]
	if info.queued() {
		return
	}
	info.sq |= 1
	p.pending += int64(info.size()) * int64(info.deg)
	if info.sq>>1 == 1 {
		p.single = append(p.single, c)
	} else {
		p.multi = append(p.multi, c)
	}
}

// next takes the cell that splits others next; -1 is none.
func (p *Partition) next() int32 {
	c := int32(-1)
	if k := len(p.single) - 1; k >= 0 {
		c, p.single = p.single[k], p.single[:k]
	} else if p.head < len(p.multi) {
		c = p.multi[p.head]
		p.head++
	} else {
		p.multi, p.head = p.multi[:0], 0
		return -1
	}
	p.cell[c].sq &^= 1
	p.pending -= int64(p.Size(c)) * int64(p.cell[c].deg)
	return c
}

// drain forgets what waits.
func (p *Partition) drain() {
	for _, c := range p.single {
		p.cell[c].sq &^= 1
	}
	for _, c := range p.multi[p.head:] {
		p.cell[c].sq &^= 1
	}
	p.single, p.multi, p.head, p.pending = p.single[:0], p.multi[:0], 0, 0
}
