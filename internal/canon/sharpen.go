package canon

import (
	"math/bits"
	"slices"

	"symbridge/internal/cells"
)

// Invariants of vertices for graphs in which refinement sees too little, such as strongly regular ones: what two vertices have
// in common. For vertices u and w let C be their common neighbours; then
//
//	edges:   K(u,w) = number of pairs in C that are joined
//	triples: K(u,w) = over all vertices x and all cells D, by the cell of x and by D, the number of neighbours of x in C and D
//
// and the key of u is a sum of hashes of (how u and w are joined, cell of w, K(u,w)) over w. In a strongly regular graph |C|
// does not depend on the pair, the number of edges in C does (the 4-vertex condition; Higman 1971). The third kind is for graphs
// without triangles, as those of matrices and designs:
//
//	fours:   over all sets {w,x,y}, by their cells, the number of common neighbours of u, w, x and y
//
// which tells the rows of Hadamard matrices apart (their profile; Cooper, Milas, Wallis 1978).
type invariant uint8

const (
	edges invariant = iota
	triples
	fours
)

// Work is counted in words of 64 bits that are read. What is chosen depends on the size of the graph alone, so that the
// form does not depend on which automorphisms happened to be known.
const (
	maxEdges   = 1 << 31
	maxTriples = 1 << 27
	maxFours   = 1 << 27
)

// commons are the neighbourhoods as sets of bits.
type commons struct {
	g     *cells.Graph
	words int
	set   []uint64 // (N, words)
	both  []uint64 // (words) common neighbours
	part  []uint64 // (words) some of them
	hash  []uint64 // (N) of the cell of each vertex
	list  []int32
}

func newCommons(g *cells.Graph) *commons {
	c := &commons{g: g, words: (g.N + 63) / 64}
	c.set, c.both, c.part = make([]uint64, g.N*c.words), make([]uint64, c.words), make([]uint64, c.words)
	for v := range int32(g.N) {
		row := c.row(v)
		for _, u := range g.Neighbours(v) {
			row[u/64] |= 1 << (u % 64)
		}
	}
	return c
}

func (c *commons) row(v int32) []uint64 { return c.set[int(v)*c.words : int(v+1)*c.words] }

// choose lists the invariants that a graph is given, cheap ones first.
func choose(g *cells.Graph) (list []invariant) {
	n, m := float64(g.N), float64(len(g.Adj))
	if n < 8 || n > 1<<12 || m*m < 2*n*n*n { // the mean degree is small beside the root of n
		return nil
	}
	words := float64((g.N + 63) / 64)
	common := m / n * m / n / n // about as many common neighbours has a pair
	if n*n*words*(1+common) <= maxEdges {
		list = append(list, edges)
	}
	if n*n*n*words <= maxTriples {
		list = append(list, triples)
	}
	if n*n*n*n/6*words <= maxFours && !hasTriangle(g) {
		list = append(list, fours)
	}
	return list
}

func hasTriangle(g *cells.Graph) bool {
	near := make([]int32, g.N) // near[u] = v+1: u is a neighbour of v
	for v := range int32(g.N) {
		for _, u := range g.Neighbours(v) {
			near[u] = v + 1
		}
		for _, u := range g.Neighbours(v) {
			for _, w := range g.Neighbours(u) {
				if near[w] == v+1 {
					return true
				}
			}
		}
	}
	return false
}

// key returns the key of u.
func (c *commons) key(u int32, p *cells.Partition, kind invariant) uint64 {
	if kind == fours {
		return c.fours(u, p)
	}
	var sum uint64
	mine := c.row(u)
	for w := range int32(c.g.N) {
		if w == u {
			continue
		}
		size := 0
		meet(c.both, c.row(w), mine)
		for _, x := range c.both {
			size += bits.OnesCount64(x)
		}
		k := uint64(size)
		if size > 0 {
			if kind == edges {
				k |= c.inside() << 32
			} else {
				k ^= c.outside(p)
			}
		}
		k = cells.Mix(k ^ uint64(p.Cell(w))<<32)
		if mine[w/64]>>(w%64)&1 != 0 {
			k = cells.Mix(k + 1)
		}
		sum += k
	}
	return sum
}

// inside returns twice the number of edges in the set.
func (c *commons) inside() uint64 {
	count := 0
	for i, word := range c.both {
		for ; word != 0; word &= word - 1 {
			row := c.row(int32(64*i + bits.TrailingZeros64(word)))
			for j, x := range row {
				count += bits.OnesCount64(x & c.both[j])
			}
		}
	}
	return uint64(count)
}

// outside returns a sum over all vertices x and cells D of hashes of them and of the number of neighbours of x in the set
// and D.
func (c *commons) outside(p *cells.Partition) uint64 {
	c.list = c.list[:0] // one cell after the other
	for i, word := range c.both {
		for ; word != 0; word &= word - 1 {
			c.list = append(c.list, p.Cell(int32(64*i+bits.TrailingZeros64(word))))
		}
	}
	slices.Sort(c.list)
	c.list = slices.Compact(c.list)
	var sum uint64
	for _, d := range c.list {
		clear(c.part)
		for _, v := range p.Members(d) {
			c.part[v/64] |= c.both[v/64] & (1 << (v % 64))
		}
		for x := range int32(c.g.N) {
			count := 0
			for j, word := range c.row(x) {
				count += bits.OnesCount64(word & c.part[j])
			}
			sum += cells.Mix(uint64(p.Cell(x))<<32 | uint64(count) ^ uint64(d)<<16)
		}
	}
	return sum
}

// fours returns a sum over all sets of three vertices that have neighbours of u in common, of hashes of their number and of the cells.
func (c *commons) fours(u int32, p *cells.Partition) uint64 {
	if c.hash == nil {
		c.hash = make([]uint64, c.g.N)
		for v := range c.hash {
			c.hash[v] = cells.Mix(uint64(p.Cell(int32(v))))
		}
	}
	var sum uint64
	for w := range int32(c.g.N) {
		if w == u || !meet(c.both, c.row(u), c.row(w)) {
			continue
		}
		for x := w + 1; x < int32(c.g.N); x++ {
			if x == u || !meet(c.part, c.both, c.row(x)) {
				continue
			}
			for y := x + 1; y < int32(c.g.N); y++ {
				count := 0
				for i, word := range c.row(y) {
					count += bits.OnesCount64(word & c.part[i])
				}
				if y != u && count > 0 {
					sum += cells.Mix(uint64(count) + c.hash[w] + c.hash[x] + c.hash[y])
				}
			}
		}
	}
	return sum
}

// meet puts the common elements of two sets into another, and reports whether there are any.
func meet(both, a, b []uint64) bool {
	var some uint64
	for i, word := range a {
		both[i] = word & b[i]
		some |= both[i]
	}
	return some != 0
}

// sharpen splits the cells of the partition by an invariant, and reports whether it did. The key of an orbit is computed once.
func (x *search) sharpen(kind invariant) bool {
	rep := x.chain.Orbits(0)
	c := newCommons(x.g)
	keys := make([]uint64, x.g.N)
	for v := range int32(x.g.N) {
		switch {
		case rep[v] < v:
			keys[v] = keys[rep[v]]
		case x.p.Size(x.p.Cell(v)) > 1:
			if x.over() {
				return false
			}
			keys[v] = c.key(v, x.p, kind)
		}
	}
	return x.p.SplitBy(keys)
}

// allOrbits reports whether all cells, which begin at the given places, are orbits, so that no invariant can split them.
func (x *search) allOrbits(starts []int32) bool {
	orbits := 0
	for v, r := range x.chain.Orbits(0) {
		if int(r) == v {
			orbits++
		}
	}
	return orbits == len(starts)
}
