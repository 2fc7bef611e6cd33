package wl

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"slices"

	"symbridge/graph"
)

// HashVersion is the first field of everything that [Hash] digests. It changes if the definition ever does.
const HashVersion = "symbridge.wl.2"

// Hash returns a 256-bit name of a colouring of a graph: of the stable one, or of that after Options.Rounds rounds. It is the same
// however the nodes and the edge list are ordered, on every machine, in every release with the same [HashVersion]. A batch counts as
// one graph. A missing label is 0, so the hash depends on arcs and labels alone, not on how a graph was declared.
//
// # Without a bound on the rounds
//
// Two graphs have one hash exactly if 1-WL cannot tell them apart, collisions of SHA-256 aside. Let the cells 0..C-1 of the
// equitable partition stand in the order of Refine's colours, which the documentation of internal/cells defines, and v be any node of
// a cell.
//
//	hash = SHA-256(V, "S", N, C, cells)
//	cell = number of its nodes, label of v, number of distinct labels of in-edges of v, and for each, ascending:
//	       the label, the number of cells with sources of such edges, and for each, ascending: the cell, the number of such edges
//
// Numbers are 64 bits, little-endian, but cells and numbers of edges in the last list, which are 32 bits; V is the length of
// HashVersion as a number and its bytes; N is the number of nodes.
//
// Equal bytes mean that the colours of 1-WL are equal: number the nodes of both graphs by their cells; after each round, by
// induction, nodes of one cell number have one colour, since they have equal labels, and equally many in-edges of each label
// from each cell, and so do the out-edges, which the numbers of nodes determine (nodes of d times in-edges from c = nodes of c times
// out-edges to d). Conversely, graphs that 1-WL cannot tell apart give equal bytes: all that refinement does, which
// cell it splits by which next and into which order, depends only on the numbers of nodes in cells and on the numbers of edges
// that nodes have into a cell; each cell on the way is a union of stable colours, the same union in both graphs, and the stable colour
// of a node determines its numbers of edges into those. So both refinements make the same steps and end with the same cells in the
// same order. It takes the time of [Refine].
//
// # With a bound
//
// Colours are 128 bits and mix what a node sees, in O(N+E) a round, on all processors. For T = Options.Rounds, and l(x) the label
// of x,
//
//	c(0,v) = P(l(v), 0)
//	c(t,v) = P(P(c(t-1,v) + in) + out)
//	in     = sum over e = u->v of P(c(t-1,u) + P(l(e), 1)), modulo 2^64-1
//	out    = sum over e = v->u of P(c(t-1,u) + P(l(e), 1)), modulo 2^64-1
//	hash   = SHA-256(V, "R", T, N, a, b) where (a, b) = sum over v of P(c(T,v)), modulo 2^64-1
//
// Colours are pairs (a, b) of numbers of 64 bits; sums are taken in both, modulo 2^64 where not said otherwise, and modulo 2^64-1
// means the residue that is less. P is a Feistel network with the mixing function M of SplitMix64:
//
//	P(a, b): a ^= M(b+1); b ^= M(a+2); a ^= M(b+3); b ^= M(a+4)
//	M(x):    x += 0x9e3779b97f4a7c15; x = (x^x>>30) * 0xbf58476d1ce4e5b9; x = (x^x>>27) * 0x94d049bb133111eb; x ^ x>>31
//
// Graphs that T rounds of 1-WL cannot tell apart have one hash. If P were random, two that can be told apart would have one with
// a probability of about 2^-128 for each pair of different sums on the way, and 2^-128 d^2 where all multiplicities in two sums
// differ by multiples of a divisor d of 2^64-1. P is no cryptographic function: graphs made to collide may do so. For those there is
// the hash without a bound.
func Hash(g *graph.Graph, opts Options) [32]byte {
	opts.check(g)
	if opts.Rounds > 0 {
		return hashRounds(g, opts)
	}
	return hashStable(g, opts)
}

// digest writes numbers into a hash.
type digest struct {
	hash hash.Hash
	buf  []byte
}

func newDigest(kind byte) *digest {
	d := &digest{hash: sha256.New()}
	d.number(len(HashVersion))
	d.buf = append(append(d.buf, HashVersion...), kind)
	return d
}

func (d *digest) number(x int) { d.word(uint64(x)) }

func (d *digest) word(x uint64) {
	d.buf = binary.LittleEndian.AppendUint64(d.buf, x)
	if len(d.buf) >= 1<<15 {
		d.flush()
	}
}

func (d *digest) half(x int32) { d.buf = binary.LittleEndian.AppendUint32(d.buf, uint32(x)) }

func (d *digest) flush() {
	d.hash.Write(d.buf)
	d.buf = d.buf[:0]
}

func (d *digest) sum() (h [32]byte) {
	d.flush()
	d.hash.Sum(h[:0])
	return h
}

func hashStable(g *graph.Graph, opts Options) [32]byte {
	p, f := stable(g, opts)
	number := make([]int32, p.Len()) // of the cell of a node
	cells := int32(0)
	for s := int32(0); int(s) < p.Len(); s += p.Size(s) {
		for _, v := range p.Members(s) {
			number[v] = cells
		}
		cells++
	}
	d := newDigest('S')
	d.number(g.NumNodes())
	d.number(int(cells))
	var seen []uint64 // label, cell
	for s := int32(0); int(s) < p.Len(); s += p.Size(s) {
		v := p.Members(s)[0]
		seen = seen[:0]
		for k := f.Ptr[v]; k < f.Ptr[v+1]; k++ {
			var label int32
			if f.Label != nil {
				label = f.Label[k]
			}
			if f.Sights[label].Out != nil {
				break // what enters has the lower labels
			}
			seen = append(seen, uint64(label)<<32|uint64(number[f.Adj[k]]))
		}
		slices.Sort(seen)
		d.number(int(p.Size(s)))
		var kind int32
		if f.Colour != nil {
			kind = f.Colour[v]
		}
		d.word(f.Kinds[kind].Label)
		d.number(runs(seen, func(a, b uint64) bool { return a>>32 == b>>32 }))
		for len(seen) > 0 {
			label := seen[0] >> 32
			end := 1
			for end < len(seen) && seen[end]>>32 == label {
				end++
			}
			d.word(f.Sights[label].In[0])
			d.number(runs(seen[:end], func(a, b uint64) bool { return a == b }))
			for i := 0; i < end; {
				j := i + 1
				for j < end && seen[j] == seen[i] {
					j++
				}
				d.half(int32(uint32(seen[i])))
				d.half(int32(j - i))
				i = j
			}
			seen = seen[end:]
		}
	}
	return d.sum()
}

// runs counts the runs of entries that are the same.
func runs(s []uint64, same func(a, b uint64) bool) int {
	n := 0
	for i := range s {
		if i == 0 || !same(s[i-1], s[i]) {
			n++
		}
	}
	return n
}
