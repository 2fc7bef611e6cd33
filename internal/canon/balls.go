package canon

import (
	"slices"

	"symbridge/internal/cells"
)

// Invariants of vertices for sparse graphs in which refinement sees nothing, such as random regular ones: the ball around a
// vertex u, layer by layer. Each vertex in it gives a hash of its distance from u, its cell, and its edges into its own layer and the one
// before; the key of u is their sum. So the key sees the short cycles near u: a handful of those is enough for refinement to see all
// the rest of a graph without symmetries.
//
// A layer is looked at as long as the edges of all layers are at most maxBall, so that a key takes bounded time. Cubic graphs
// show their cycles of up to 6 edges; there are 12 of them in a large random one (2^k/2k of length k; Bollobas 1980).
const maxBall = 32

// Balls are looked at in a cell of at least minBalls vertices that holds a quarter of the graph, and where some key is that of one vertex in
// rareBall, or fewer. They are taken where refinement then leaves most vertices alone; where it does not, as in graphs of few kinds of
// vertices, the search is faster without.
var minBalls = 256 // tests make it small

const rareBall = 16

// balls returns the partition of a sparse graph that the balls around the vertices of the largest cell make, or nil.
func (x *search) balls() *cells.Partition {
	c := x.largest(0, int32(x.g.N))
	members := x.p.Members(c)
	if len(members) < minBalls || 4*len(members) < x.g.N {
		return nil
	}
	b := &ball{g: x.g, p: x.p, layer: make([]int32, x.g.N), list: make([]int32, 0, 2*maxBall)}
	for v := range b.layer {
		b.layer[v] = -1
	}
	keys := make([]uint64, len(members))
	for i, v := range members {
		if x.stopped() {
			return nil
		}
		keys[i] = b.key(v)
	}
	distinct, rank := ranked(keys)
	if len(distinct) == 1 || !hasRare(rank, len(distinct)) {
		return nil
	}
	colour := ranksOf(x.p)
	for i, v := range members {
		colour[v] += rank[i]
	}
	for _, v := range x.p.Lab()[int(c)+len(members):] {
		colour[v] += int32(len(distinct)) - 1
	}
	p := cells.New(x.g, colour)
	p.Stop = x.opts.Stop
	var tr cells.Trace
	tr.Ignore()
	if p.Refine(&tr) == cells.Stopped || mostlyOpen(p) {
		return nil
	}
	return p
}

// hasRare reports whether one of the ranks below k is that of few.
func hasRare(rank []int32, k int) bool {
	count := make([]int, k)
	for _, r := range rank {
		count[r]++
	}
	return slices.Min(count)*rareBall <= len(rank)
}

// ball is the vertices around one of them.
type ball struct {
	g     *cells.Graph
	p     *cells.Partition
	layer []int32 // (N) distance from the middle; -1: not met
	list  []int32 // what was met, by distance
}

func (b *ball) key(u int32) (sum uint64) {
	b.list = append(b.list[:0], u)
	b.layer[u] = 0
	ends := 0 // of the edges of all layers
	from := 0
	for d := int32(0); from < len(b.list); d++ {
		to := len(b.list)
		for _, v := range b.list[from:to] {
			ends += int(b.g.Degree(v))
		}
		if ends > maxBall {
			break
		}
		for _, v := range b.list[from:to] {
			sum += b.look(v, d)
		}
		from = to
	}
	sum += cells.Mix(uint64(len(b.list)))
	for _, v := range b.list {
		b.layer[v] = -1
	}
	return sum
}

// look meets the neighbours of v and returns a hash of what v is in its layer.
func (b *ball) look(v, d int32) uint64 {
	var inside, behind uint64
	for e := b.g.Ptr[v]; e < b.g.Ptr[v+1]; e++ {
		u := b.g.Adj[e]
		weight := uint64(1)
		if b.g.Label != nil {
			weight += cells.Mix(uint64(b.g.Label[e]))
		}
		switch b.layer[u] {
		case -1:
			b.layer[u] = d + 1
			b.list = append(b.list, u)
		case d:
			inside += weight
		case d - 1:
			behind += weight
		}
	}
	return cells.Mix(cells.Mix(uint64(d)<<32|uint64(b.p.Cell(v))) ^ cells.Mix(inside)<<1 ^ behind)
}
