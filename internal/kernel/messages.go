package kernel

// Messages are the rows that edges carry to segments: position p of row r and edge e of an incidence has
//
//	m[p,c] = X[r,c] + E[e,c],
//
// rounded, or max(m[p,c], 0) with ReLU. They are made a block at a time where they are folded, and no matrix with a row a position is
// written. The bits are those of Gather, Add, ReLU and the fold of the rows.
type Messages[T Float] struct {
	Seg, Back Seg // with rows and edges, each edge in one position; Back is the transposed incidence
	D         int
	X, E      []T // (R,d), (K,d)
	ReLU      bool
}

// messageBlock is the number of values of the messages that are made together: they stay in the second cache.
const messageBlock = 1 << 14

// messagesAtOnce is the number of messages of d channels that are made together, at most 4,096.
func messagesAtOnce(d int) int { return max(1, messageBlock/max(4, d)) }

// Sum sets out[s,c] = sum_p m[p,c] over the positions of each segment, (S,d), order-free; see SegmentSum.
func (m *Messages[T]) Sum(out []T, mean bool) {
	segmentSum(segArgs[T]{out: out, x: m.X, seg: m.Seg, d: m.D, mean: mean, edges: m.E, at: m.Seg.Edge, relu: m.ReLU})
}

// SumBack sets dx[r,c] = sum_p g[s,c] over the positions of row r in segments s, where the derivative of the message is not 0: without
// ReLU, or with m[p,c] > 0. With out, only where m[p,c] == out[s,c], for the backward pass of Max.
func (m *Messages[T]) SumBack(dx, g, out []T) {
	segmentSum(segArgs[T]{out: dx, x: g, seg: m.Back, d: m.D, own: m.X, key: out, edges: m.E, at: m.Back.Edge, relu: m.ReLU})
}

// EdgeBack sets the rows of de, (K,d), to the terms of SumBack one by one. row and segment are those of each edge.
func (m *Messages[T]) EdgeBack(de, g, out []T, row, segment []int32) {
	run(len(row), cost[T](4*len(row)*m.D), messageEdges[T]{*m, de, g, out, row, segment})
}

// Max sets out[s,c] to the maximum (or minimum) of m[p,c] over the positions of each segment; see SegmentMax.
func (m *Messages[T]) Max(out []T, minimum bool) {
	if segments, positions := m.Seg.size(); segments > 0 && m.D > 0 {
		t := messageMax[T]{*m, out, minimum, heavyPositions(m.D)}
		run(m.Seg.items(), cost[T](2*positions*m.D), t)
		m.Seg.heavy(m.D, t.split)
	}
}

// Share sets share[s,c] = dout[s,c] / (number of positions with m[p,c] == out[s,c]); see SegmentShare.
func (m *Messages[T]) Share(share, dout, out []T) {
	if segments, positions := m.Seg.size(); segments > 0 && m.D > 0 {
		t := messageShare[T]{*m, share, dout, out, m.D, heavyPositions(m.D)}
		run(m.Seg.items(), cost[T](2*positions*m.D), t)
		m.Seg.heavy(m.D, t.split)
	}
}

// messageRoom is where a block of messages is made.
type messageRoom[T Float] struct {
	x, y, key []T
	list      []int32
}

// rows returns so many rows of d channels, at least one.
func (b *messageRoom[T]) rows(n, d int) []T {
	b.x = grow(b.x, max(1, n)*d)
	return b.x
}

// makeMessages sets row p of out to x[row[p]] + e[edge[p]], or to its positive part.
func makeMessages[T Float](out, x, e []T, row, edge []int32, d int, relu bool) {
	if fastMessages(out, x, e, row, edge, d, relu) {
		return
	}
	for p, r := range row {
		x, e, out := x[int(r)*d:][:d], e[int(edge[p])*d:][:d], out[p*d:][:d]
		for c, v := range x {
			v += e[c]
			if relu {
				v = max(v, 0)
			}
			out[c] = v
		}
	}
}

// message returns the message of position p of segment s, whose row of x is given; where a has own rows, those are added to the edge and
// x is what comes back through the message.
func (a *segArgs[T]) message(s, p int, x, out []T) []T {
	e := a.edges[int(a.at[p])*a.d:][:len(x)]
	out = out[:len(x)]
	if a.own == nil {
		for c, v := range x {
			v += e[c]
			if a.relu {
				v = max(v, 0)
			}
			out[c] = v
		}
		return out
	}
	own, key := a.own[s*a.d:][:len(x)], []T(nil)
	if a.key != nil {
		key = a.key[a.row(p)*a.d:][:len(x)]
	}
	for c, v := range own {
		out[c] = 0
		if passes(v+e[c], a.relu, key, c) {
			out[c] = x[c]
		}
	}
	return out
}

// passes reports whether the derivative of a message v is 1, and the message is the one that was selected where there is a key.
func passes[T Float](v T, relu bool, key []T, c int) bool {
	if relu && !(v > 0) {
		return false
	}
	return key == nil || v == key[c]
}

// messageEdges does EdgeBack; its items are edges.
type messageEdges[T Float] struct {
	Messages[T]
	de, g, out   []T
	row, segment []int32
}

// Run does edges lo..hi-1.
func (t *messageEdges[T]) Run(lo, hi int) {
	if t.fast(lo, hi) {
		return
	}
	d := t.D
	for k := lo; k < hi; k++ {
		s := int(t.segment[k]) * d
		g, key, de := t.g[s:s+d], []T(nil), t.de[k*d:k*d+d]
		if t.out != nil {
			key = t.out[s : s+d]
		}
		e := t.E[k*d : k*d+d]
		for c, v := range t.X[int(t.row[k])*d:][:d] {
			de[c] = 0
			if passes(v+e[c], t.ReLU, key, c) {
				de[c] = g[c]
			}
			if key != nil {
				de[c] += 0 // a sum of one term
			}
		}
	}
}

// blocks calls f for the positions of segment s in blocks of messages.
func (m *Messages[T]) blocks(b *messageRoom[T], s int, f func(x []T)) {
	size := messagesAtOnce(m.D)
	for p, end := int(m.Seg.Ptr[s]), int(m.Seg.Ptr[s+1]); p < end; p += size {
		q := min(end, p+size)
		x := b.rows(q-p, m.D)
		makeMessages(x, m.X, m.E, m.Seg.Row[p:q], m.Seg.Edge[p:q], m.D, m.ReLU)
		f(x)
	}
}

type messageMax[T Float] struct {
	Messages[T]
	out     []T
	minimum bool
	heavy   int // segments with more positions are left to split
}

// Run does the segments of items lo..hi-1.
func (t *messageMax[T]) Run(lo, hi int) {
	lo, hi = t.Seg.span(lo, hi)
	b := borrow[messageRoom[T]]()
	defer giveBack(b)
	for s := lo; s < hi; s++ {
		if int(t.Seg.Ptr[s+1]-t.Seg.Ptr[s]) > t.heavy {
			continue
		}
		out, begun := row(t.out, s, t.D), false
		t.blocks(b, s, func(x []T) {
			if !begun {
				copy(out, x)
				begun = true
			}
			switch {
			case fastRaise(out, x, t.minimum):
			case t.minimum:
				minRows(out, x)
			default:
				maxRows(out, x)
			}
		})
		if !begun {
			clear(out)
		}
		positive(out)
	}
}

// minRows lowers mn to the rows of x.
func minRows[T Float](mn, x []T) {
	for ; len(x) > 0; x = x[len(mn):] {
		for c, v := range x[:len(mn)] {
			mn[c] = min(mn[c], v)
		}
	}
}

// messageShare leaves the numbers of ties where dout is nil.
type messageShare[T Float] struct {
	Messages[T]
	share, dout, out []T
	step             int // from row to row of out; 0: one row for all segments
	heavy            int // segments with more positions are left to split
}

// Run does the segments of items lo..hi-1.
func (t *messageShare[T]) Run(lo, hi int) {
	lo, hi = t.Seg.span(lo, hi)
	b := borrow[messageRoom[T]]()
	defer giveBack(b)
	for s := lo; s < hi; s++ {
		if int(t.Seg.Ptr[s+1]-t.Seg.Ptr[s]) > t.heavy {
			continue
		}
		share, out := row(t.share, s, t.D), t.out[s*t.step:][:t.D]
		clear(share)
		t.blocks(b, s, func(x []T) {
			if fastTies(share, out, x) {
				return
			}
			for ; len(x) > 0; x = x[t.D:] {
				for c, v := range x[:t.D] {
					if v == out[c] {
						share[c]++
					}
				}
			}
		})
		if t.dout == nil {
			continue
		}
		for c, n := range share {
			if n > 0 {
				share[c] = t.dout[s*t.D+c] / n
			}
		}
	}
}
