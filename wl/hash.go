package wl

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"symbridge/graph"
)

// HashVersion is the first field of everything that [Hash] digests. It changes if the definition ever does.
const HashVersion = "symbridge.wl.1"

// Hash returns a 256-bit name of the stable colouring of a graph. It is the same however the nodes and the edge list
// are ordered, on every machine, in every release with the same [HashVersion]. Without a bound on the rounds, two graphs
// have one hash exactly if 1-WL cannot tell them apart, collisions of SHA-256 aside. A batch counts as one graph.
//
// # Definition
//
// Numbers are 64 bits, little-endian; V is the length of HashVersion as a number and its bytes; a node without a label,
// and an edge without one, has label 0.
//
//	c(0,v) = SHA-256(V, "N", label of v)
//	c(t,v) = SHA-256(V, "R", t, c(t-1,v), number of in-edges of v, their pairs, number of out-edges of v, their pairs)
//	hash   = SHA-256(V, "G", T, N, number of distinct c(T,v), each of them ascending with the number of nodes that have it)
//
// A pair is the label of the edge and c(t-1,u) of its other end u; pairs are sorted by label and then by the bytes of
// the colour. Both directions count in undirected graphs too, so that the hash depends on the arcs alone.
//
// T is Options.Rounds where that is positive. Else it is the first T > 0 for which there are as many different c(T,v) as
// there are c(T-1,v): the round that confirms the stable partition. It must be that one and not the round before, whose
// colours do not yet tell a regular graph from another of different degree.
//
// # Cost
//
// One digest for each colour and round. Graphs whose refinement takes many rounds, such as long paths, take long; a bound
// on the rounds helps.
func Hash(g *graph.Graph, opts Options) [32]byte {
	r := Refine(g, opts)
	rounds := opts.Rounds
	if rounds <= 0 {
		rounds = r.Rounds() + 1
	}
	h := &hasher{g: g, edgeLabels: opts.EdgeLabels}
	classOf, members := r.ColoursAt(0), r.representatives(0)
	colours := make([][32]byte, len(members))
	for c, v := range members {
		var label uint64
		if opts.NodeLabels != nil {
			label = opts.NodeLabels[v]
		}
		h.begin('N')
		h.number(label)
		colours[c] = sha256.Sum256(h.buf)
	}
	for t := 1; t <= rounds; t++ {
		if t <= r.Rounds() {
			members = r.representatives(t)
		}
		next := make([][32]byte, len(members))
		for c, v := range members {
			h.begin('R')
			h.number(uint64(t))
			h.buf = append(h.buf, colours[classOf[v]][:]...)
			h.pairs(g.In(), v, classOf, colours)
			h.pairs(g.Out(), v, classOf, colours)
			next[c] = sha256.Sum256(h.buf)
		}
		if t <= r.Rounds() {
			classOf = r.ColoursAt(t)
		}
		colours = next
	}

	sizes := make([]int, len(colours))
	for _, c := range classOf {
		sizes[c]++
	}
	byBytes := make([]int, len(colours))
	for i := range byBytes {
		byBytes[i] = i
	}
	slices.SortFunc(byBytes, func(a, b int) int { return bytes.Compare(colours[a][:], colours[b][:]) })
	h.begin('G')
	h.number(uint64(rounds))
	h.number(uint64(g.NumNodes()))
	h.number(uint64(len(colours)))
	for _, c := range byBytes {
		h.buf = append(h.buf, colours[c][:]...)
		h.number(uint64(sizes[c]))
	}
	return sha256.Sum256(h.buf)
}

// representatives returns one node of each colour after the given round.
func (r *Result) representatives(round int) []int32 {
	round = r.clip(round)
	nodes := make([]int32, 0, r.NumColoursAt(round))
	for k, v := range r.order {
		if int(r.born[k]) <= round {
			nodes = append(nodes, v)
		}
	}
	return nodes
}

// hasher builds the bytes that are digested.
type hasher struct {
	g          *graph.Graph
	edgeLabels []uint64
	buf        []byte
	list       [][40]byte
}

func (h *hasher) begin(kind byte) {
	h.buf = h.buf[:0]
	h.number(uint64(len(HashVersion)))
	h.buf = append(h.buf, HashVersion...)
	h.buf = append(h.buf, kind)
}

func (h *hasher) number(x uint64) { h.buf = binary.LittleEndian.AppendUint64(h.buf, x) }

// pairs appends the number of edges of v and their sorted (label, colour) pairs.
func (h *hasher) pairs(s *graph.Segments, v int32, classOf []int32, colours [][32]byte) {
	h.list = h.list[:0]
	for p := s.Ptr[v]; p < s.Ptr[v+1]; p++ {
		var pair [40]byte
		if h.edgeLabels != nil { // big-endian here, so that bytes sort as numbers do
			binary.BigEndian.PutUint64(pair[:8], h.edgeLabels[s.Edge[p]])
		}
		copy(pair[8:], colours[classOf[s.Row[p]]][:])
		h.list = append(h.list, pair)
	}
	slices.SortFunc(h.list, func(a, b [40]byte) int { return bytes.Compare(a[:], b[:]) })
	h.number(uint64(len(h.list)))
	for _, pair := range h.list {
		h.number(binary.BigEndian.Uint64(pair[:8]))
		h.buf = append(h.buf, pair[8:]...)
	}
}
