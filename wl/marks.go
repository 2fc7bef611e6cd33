package wl

import (
	"bytes"
	"context"
	"slices"
)

// marked refines from the stable colours of a graph, in which one or two nodes get colours of their own. To go on from stable
// colours gives the same partition as to start anew, in fewer rounds.
type marked struct {
	view       tupleView
	head       []byte // of every digest
	first      []int32
	base, a, b *blocks
	write      writer
	digests    [][32]byte
	rounds     int
}

// colourMarks computes the colours of nodes, with one mark, or of pairs, with two: their numbers and the digest of the multiset.
func colourMarks(ctx context.Context, c *Colouring, base *blocks, view tupleView, first []int32, head []byte) error {
	m := &marked{view: view, head: head, first: first, base: base, a: new(blocks), b: new(blocks), rounds: base.rounds}
	n := int32(view.n)
	for u := range n {
		if err := ctx.Err(); err != nil {
			return err
		}
		m.a.copyFrom(m.base)
		m.a.individualise(u, view)
		if err := m.a.refine(ctx, view); err != nil {
			return err
		}
		m.rounds = max(m.rounds, m.a.rounds)
		if c.arity == 1 {
			m.digest(m.a, u, u)
			continue
		}
		for v := range n {
			if err := ctx.Err(); err != nil {
				return err
			}
			m.b.copyFrom(m.a)
			m.b.individualise(v, view)
			if err := m.b.refine(ctx, view); err != nil {
				return err
			}
			m.rounds = max(m.rounds, m.b.rounds)
			m.digest(m.b, u, v)
		}
	}
	c.rounds = m.rounds

	order := make([]int32, len(m.digests))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(i, j int32) int { return bytes.Compare(m.digests[i][:], m.digests[j][:]) })
	c.colour = make([]int32, len(order))
	m.write.reset(c.method)
	m.write.number(uint64(n))
	for k, i := range order {
		if k == 0 || m.digests[order[k-1]] != m.digests[i] {
			c.count++
		}
		c.colour[i] = int32(c.count - 1)
		m.write.buf = append(m.write.buf, m.digests[i][:]...)
		m.write.spill()
	}
	c.digest = m.write.sum()
	return nil
}

func (m *marked) digest(b *blocks, u, v int32) {
	m.write.reset("")
	m.write.buf = append(m.write.buf, m.head...)
	m.write.number(uint64(b.colour[u]))
	m.write.number(uint64(b.colour[v]))
	m.write.partition(b, m.view, m.first)
	m.digests = append(m.digests, m.write.sum())
}
