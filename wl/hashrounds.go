package wl

import (
	"math"
	"math/bits"
	"runtime"
	"slices"
	"sort"
	"sync"
	"sync/atomic"

	"symbridge/graph"
	"symbridge/internal/cells"
)

// pair is a colour of 128 bits.
type pair struct{ a, b uint64 }

// mix is the function P of Hash.
func (x pair) mix() pair {
	x.a ^= cells.Mix(x.b + 1)
	x.b ^= cells.Mix(x.a + 2)
	x.a ^= cells.Mix(x.b + 3)
	x.b ^= cells.Mix(x.a + 4)
	return x
}

func (x pair) plus(y pair) pair { return pair{x.a + y.a, x.b + y.b} }

// residue returns lo + 2^64 hi modulo 2^64-1.
func residue(lo, hi uint64) uint64 {
	x, carry := bits.Add64(lo, hi, 0)
	if x += carry; x == math.MaxUint64 {
		return 0
	}
	return x
}

// total is a sum of pairs, of which at most 2^64 may be added.
type total struct{ aLo, aHi, bLo, bHi uint64 }

func (t *total) add(x pair) {
	var carry uint64
	t.aLo, carry = bits.Add64(t.aLo, x.a, 0)
	t.aHi += carry
	t.bLo, carry = bits.Add64(t.bLo, x.b, 0)
	t.bHi += carry
}

func (t *total) pair() pair { return pair{residue(t.aLo, t.aHi), residue(t.bLo, t.bHi)} }

// times returns the sum of n pairs x.
func (x pair) times(n int32) pair {
	var t total
	t.aHi, t.aLo = bits.Mul64(x.a, uint64(n))
	t.bHi, t.bLo = bits.Mul64(x.b, uint64(n))
	return t.pair()
}

// list are the ends of the arcs of each node in one direction.
type list struct{ ptr, other, edge []int32 }

// hasher holds colours between rounds.
type hasher struct {
	in, out list
	once    bool     // out is in
	labels  []uint64 // of edges; nil: all of them look like edge
	edge    pair
	colour  []pair
	sent    []pair // what a node sends, where edges have no labels of their own
	next    []pair // room for sent

	// Where all nodes had one colour before the first round, and see in what they send: a degree, and what nodes of this degree send.
	degree   []uint16
	byDegree []pair
}

func hashRounds(g *graph.Graph, opts Options) [32]byte {
	n := g.NumNodes()
	h := &hasher{once: g.Undirected(), colour: make([]pair, n)}
	h.in.ptr, h.in.other, h.in.edge = g.InRows()
	h.edge = pair{0, 1}.mix()
	if l := opts.EdgeLabels; len(l) > 0 {
		h.edge = pair{l[0], 1}.mix()
		if !constant(l) {
			h.labels, h.once = l, false
		}
	}
	if !h.once {
		out := g.Out()
		h.out = list{out.Ptr, out.Row, out.Edge}
	}
	start := pair{}.mix()
	if len(opts.NodeLabels) > 0 {
		start = pair{opts.NodeLabels[0], 0}.mix()
	}
	one := h.labels == nil && constant(opts.NodeLabels)
	for v := range h.colour {
		h.colour[v] = start
		if !one && opts.NodeLabels != nil {
			h.colour[v] = pair{opts.NodeLabels[v], 0}.mix()
		}
	}
	if h.labels == nil && !(one && opts.Rounds == 1) {
		h.sent, h.next = make([]pair, n), make([]pair, n)
	}
	for t := 1; t <= opts.Rounds; t++ {
		switch {
		case t == 1 && one:
			h.firstRound(start, opts.Rounds > 1)
		default:
			if t == 1 && h.labels == nil {
				for v, c := range h.colour {
					h.sent[v] = c.plus(h.edge).mix()
				}
			}
			h.round(t < opts.Rounds)
		}
	}
	var all total
	var lock sync.Mutex
	h.each(func(from, to int) {
		var s total
		for _, c := range h.colour[from:to] {
			s.add(c.mix())
		}
		lock.Lock()
		all.add(s.pair())
		lock.Unlock()
	})
	d := newDigest('R')
	d.number(opts.Rounds)
	d.number(n)
	s := all.pair()
	d.word(s.a)
	d.word(s.b)
	return d.sum()
}

func constant(s []uint64) bool {
	return !slices.ContainsFunc(s, func(x uint64) bool { return x != s[0] })
}

// firstRound counts where all nodes send the same.
func (h *hasher) firstRound(start pair, more bool) {
	sent := start.plus(h.edge).mix()
	if h.once {
		var most int32
		for v := range h.colour {
			most = max(most, h.in.ptr[v+1]-h.in.ptr[v])
		}
		if int(most) < len(h.colour) && most < math.MaxUint16 {
			colours := make([]pair, most+1)
			for k := range colours {
				s := sent.times(int32(k))
				colours[k] = start.plus(s).mix().plus(s).mix()
				h.byDegree = append(h.byDegree, colours[k].plus(h.edge).mix())
			}
			h.degree = make([]uint16, len(h.colour))
			h.each(func(from, to int) {
				for v := from; v < to; v++ {
					k := h.in.ptr[v+1] - h.in.ptr[v]
					h.degree[v], h.colour[v] = uint16(k), colours[k]
				}
			})
			return
		}
	}
	h.each(func(from, to int) {
		for v := from; v < to; v++ {
			in := sent.times(h.in.ptr[v+1] - h.in.ptr[v])
			out := in
			if !h.once {
				out = sent.times(h.out.ptr[v+1] - h.out.ptr[v])
			}
			h.colour[v] = start.plus(in).mix().plus(out).mix()
			if more {
				h.sent[v] = h.colour[v].plus(h.edge).mix()
			}
		}
	})
}

// round makes the colours of the next round, and what nodes send in the round after that where there are more.
func (h *hasher) round(more bool) {
	next := h.next
	if h.labels != nil {
		next = make([]pair, len(h.colour))
	}
	h.each(func(from, to int) {
		end := from
		for v := from; v < to; v++ {
			if v == end {
				for end++; end < to && h.in.ptr[end+1]-h.in.ptr[v] <= ahead; end++ {
				}
				h.touch(&h.in, v, end)
				if !h.once {
					h.touch(&h.out, v, end)
				}
			}
			in := h.receive(&h.in, v)
			out := in
			if !h.once {
				out = h.receive(&h.out, v)
			}
			c := h.colour[v].plus(in).mix().plus(out).mix()
			switch {
			case h.labels != nil:
				next[v] = c
			case more:
				h.colour[v], next[v] = c, c.plus(h.edge).mix()
			default:
				h.colour[v] = c
			}
		}
	})
	if h.labels != nil {
		h.colour = next
	} else {
		h.sent, h.next, h.degree = h.next, h.sent, nil
	}
}

// ahead is a number of arcs whose ends fit into the first cache, a line of it each.
const ahead = 192

// touch reads what comes over the first arcs of nodes from..to, which receive reads again. A processor has dozens of these reads under way at
// once, where it has a few between the long chains of multiplications that each node ends with: on a graph that is larger than the caches
// this halves the time of a round. The result is of no use, but that the reads are not left out.
//
//go:noinline
func (h *hasher) touch(l *list, from, to int) (x uint64) {
	first := l.ptr[from]
	end := min(l.ptr[to], first+ahead)
	switch {
	case h.labels != nil:
		for k := first; k < end; k++ {
			x ^= h.colour[l.other[k]].a ^ h.labels[l.edge[k]]
		}
	case h.degree != nil:
		degree := h.degree
		for _, u := range l.other[first:end] {
			x ^= uint64(degree[u])
		}
	default:
		sent := h.sent
		for _, u := range l.other[first:end] {
			x ^= sent[u].a
		}
	}
	return x
}

// receive sums what comes over the arcs of a node.
func (h *hasher) receive(l *list, v int) pair {
	var t total
	from, to := l.ptr[v], l.ptr[v+1]
	switch {
	case h.labels != nil:
		for k := from; k < to; k++ {
			t.add(h.colour[l.other[k]].plus(pair{h.labels[l.edge[k]], 1}.mix()).mix())
		}
	case h.degree != nil:
		degree, sent := h.degree, h.byDegree
		for _, u := range l.other[from:to] {
			t.add(sent[degree[u]])
		}
	default:
		sent := h.sent
		for _, u := range l.other[from:to] {
			t.add(sent[u])
		}
	}
	return t.pair()
}

// each calls f for ranges of nodes with about equally many arcs, on all processors.
func (h *hasher) each(f func(from, to int)) {
	n := len(h.colour)
	before := func(v int) int { return 4*v + int(h.in.ptr[v]) } // work before node v
	workers := min(runtime.GOMAXPROCS(0), 1+before(n)>>14)
	if workers == 1 {
		f(0, n)
		return
	}
	parts := 16 * workers
	start := func(part int) int {
		return sort.Search(n, func(v int) bool { return before(v) >= before(n)/parts*part })
	}
	var next atomic.Int32
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for part := int(next.Add(1)); part <= parts; part = int(next.Add(1)) {
				to := n
				if part < parts {
					to = start(part)
				}
				f(start(part-1), to)
			}
		})
	}
	wait.Wait()
}
