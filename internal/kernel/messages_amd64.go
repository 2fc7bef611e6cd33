//go:build amd64 && !purego

package kernel

// fastMessages reports whether it did all of makeMessages.
func fastMessages[T Float](out, x, e []T, row, edge []int32, d int, relu bool) bool {
	f, ok := any(out).([]float32)
	if !ok || !hasAVX2 || d == 0 || d > rowChunk || len(row) == 0 {
		return false
	}
	x32, e32, make32 := any(x).([]float32), any(e).([]float32), messageRows
	if relu {
		make32 = messageRowsReLU
	}
	f, edge = f[:len(row)*d], edge[:len(row)]
	steps(len(row), d, callSize, func(lo, hi int) {
		make32(&f[lo*d], &x32[0], &row[lo], &e32[0], &edge[lo], hi-lo, d)
	})
	return true
}

// fastRaise raises out to the rows of x, or lowers it, and reports whether it did.
func fastRaise[T Float](out, x []T, minimum bool) bool {
	f, ok := any(x).([]float32)
	if !ok || !hasAVX2 {
		return false
	}
	sign := uint32(0)
	if minimum {
		sign = 1 << 31
	}
	raise(any(out).([]float32), f, identity[:len(x)/len(out)], sign)
	return true
}

// fastTies counts the rows of x that equal out, channel by channel, and reports whether it did.
func fastTies[T Float](share, out, x []T) bool {
	f, ok := any(x).([]float32)
	if !ok || !hasAVX2 {
		return false
	}
	ties(any(share).([]float32), any(out).([]float32), f, identity[:len(x)/len(out)])
	return true
}

// fast does edges lo..hi-1 by assembly, and reports whether it did.
func (t *messageEdges[T]) fast(lo, hi int) bool {
	v, ok := any(t).(*messageEdges[float32])
	if !ok || !hasAVX2 || v.D == 0 || v.D > rowChunk || v.out == nil && !v.ReLU {
		return false
	}
	b := borrow[messageRoom[float32]]()
	defer giveBack(b)
	d, size := v.D, messagesAtOnce(v.D)
	for ; lo < hi; lo += size {
		n := min(size, hi-lo)
		x, de := b.rows(n, d), v.de[lo*d:(lo+n)*d]
		makeMessages(x, v.X, v.E[lo*d:], v.row[lo:lo+n], identity[:n], d, false)
		gatherRows(&de[0], &v.g[0], &v.segment[lo], n, d)
		keepPassed(b, de, x, v.out, v.segment[lo:lo+n], v.ReLU)
	}
	return true
}

// keepPassed keeps of the rows dx what comes back through the messages m before a ReLU, and sets the rest to 0: where they are positive
// and, unless key is nil, where they equal row row[p] of it.
func keepPassed(b *messageRoom[float32], dx, m, key []float32, row []int32, relu bool) {
	if relu {
		reluBack32(&dx[0], &dx[0], &m[0], len(dx))
	}
	if key != nil {
		b.key = grow(b.key, len(dx))
		gatherRows(&b.key[0], &key[0], &row[0], len(row), len(dx)/len(row))
		equalOnly32(&dx[0], &dx[0], &m[0], &b.key[0], len(dx))
	}
}

// makeTerms returns the terms of positions p0..p1-1 of segments s, s+1.. as rows.
func (a *segSum32) makeTerms(b *messageRoom[float32], s, p0, p1 int) []float32 {
	n := p1 - p0
	x, row, at := b.rows(n, a.d), a.seg.Row[p0:p1], a.at[p0:p1]
	if a.own == nil {
		makeMessages(x, a.x, a.edges, row, at, a.d, a.relu)
		return x
	}
	b.list = grow(b.list, n)
	for k := range b.list {
		for int(a.seg.Ptr[s+1]) <= p0+k {
			s++
		}
		b.list[k] = int32(s)
	}
	b.y = grow(b.y, len(x))
	if n > 0 {
		makeMessages(b.y, a.own, a.edges, b.list, at, a.d, false)
		gatherRows(&x[0], &a.x[0], &row[0], n, a.d)
		keepPassed(b, x[:n*a.d], b.y, a.key, row, a.relu)
	}
	return x
}

// assembled reports whether there is assembly for the terms.
func (a *segSum32) assembled() bool {
	if !hasAVX2 || a.centre != nil || len(a.x) == 0 || a.w != nil && len(a.w) == 0 {
		return false
	}
	if a.edges == nil {
		return a.key == nil
	}
	return len(a.edges) > 0 && a.d <= rowChunk && (a.own == nil || a.relu || a.key != nil)
}

// messageFold is a run of segments whose terms were made.
type messageFold struct {
	messageRoom[float32]
	sum segSum32
	ptr []int32
}

// fastMade folds segments from.. as far as the assembly goes, at most to segment to-1, and returns how many it did. Their terms are made
// before, unless they are too many.
func (a *segSum32) fastMade(from, to int) int {
	b := borrow[messageFold]()
	defer giveBack(b)
	defer func() { b.sum = segSum32{} }()
	ptr, positions := a.seg.Ptr, int32(min(messagesAtOnce(a.d), a.heavy))
	for i := from; i < to; {
		p0, end := ptr[i], i
		b.ptr = append(b.ptr[:0], 0)
		for end < to && end-i < foldChunk && ptr[end+1]-p0 <= positions {
			end++
			b.ptr = append(b.ptr, ptr[end]-p0)
		}
		if end == i {
			return i - from
		}
		p1 := ptr[end]
		b.sum.segArgs = segArgs[float32]{out: a.out[i*a.d : end*a.d], x: a.makeTerms(&b.messageRoom, i, int(p0), int(p1)), w: a.w,
			seg: Seg{Ptr: b.ptr}, d: a.d, heads: a.heads, mean: a.mean, heavy: foldChunk}
		if a.w != nil && a.seg.Edge != nil {
			b.sum.seg.Edge = a.seg.Edge[p0:p1]
		} else if a.w != nil {
			b.sum.w = a.w[int(p0)*a.heads:]
		}
		n := b.sum.fast(0, end-i)
		if i += n; i < end {
			return i - from
		}
	}
	return to - from
}
