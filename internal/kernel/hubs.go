package kernel

// hub is a segment that several workers share: its positions in blocks, each a segment of its own, whose results merge.
type hub[T Float] struct {
	seg   Seg // the blocks
	whole Seg // the same positions as one segment
	x     []T // the rows that both count from
	part  []T // (blocks,d)
	e     []T // (positions,d), of a softmax
	ptr   []int32
	ends  [2]int32
}

// hubOf returns segment i of s, whose rows of d channels are those of x.
func hubOf[T Float](s *Seg, x []T, d, i int) *hub[T] {
	h := borrow[hub[T]]()
	p0, p1 := int(s.Ptr[i]), int(s.Ptr[i+1])
	n, block := p1-p0, heavyPositions(d)/8
	h.ptr = h.ptr[:0]
	for p := 0; p < n; p += block {
		h.ptr = append(h.ptr, int32(p))
	}
	h.ptr = append(h.ptr, int32(n))
	h.ends = [2]int32{0, int32(n)}
	h.seg, h.whole, h.x = Seg{Ptr: h.ptr}, Seg{Ptr: h.ends[:]}, x
	if s.Row == nil {
		h.x = x[p0*d:]
	} else {
		h.seg.Row, h.whole.Row = s.Row[p0:p1], s.Row[p0:p1]
	}
	if s.Edge != nil {
		h.seg.Edge = s.Edge[p0:p1]
	}
	h.part = grow(h.part, h.blocks()*d)
	return h
}

func (h *hub[T]) blocks() int { return len(h.ptr) - 1 }

func (h *hub[T]) end() {
	h.seg, h.whole, h.x = Seg{}, Seg{}, nil
	giveBack(h)
}

// top sets out to the maxima of the blocks, or to their minima.
func (h *hub[T]) top(out []T, minimum bool) {
	h.ends[1] = int32(h.blocks())
	SegmentMax(out, h.part, len(out), Seg{Ptr: h.ends[:]}, minimum)
}

// divide sets share to dout by the number of ties in all blocks, each of which has few enough to be counted in T.
func (h *hub[T]) divide(share, dout []T) {
	for c, v := range dout {
		ties := 0.0
		for k := c; k < len(h.part); k += len(dout) {
			ties += float64(h.part[k])
		}
		share[c] = 0
		if ties > 0 {
			share[c] = v / T(ties)
		}
	}
}

// split does segment i with all workers.
func (t *segMax[T]) split(i int) {
	h := hubOf(&t.seg, t.x, t.d, i)
	SegmentMax(h.part, h.x, t.d, h.seg, t.minimum)
	h.top(row(t.out, i, t.d), t.minimum)
	h.end()
}

// split does segment i with all workers.
func (t *segShare[T]) split(i int) {
	h := hubOf(&t.seg, t.x, t.d, i)
	run(h.seg.items(), cost[T](int(h.ends[1])*t.d), segShare[T]{h.part, nil, row(t.out, i, t.d), h.x, h.seg, t.d, 0, t.heavy})
	h.divide(row(t.share, i, t.d), row(t.dout, i, t.d))
	h.end()
}

// split does segment i with all workers.
func (t *messageMax[T]) split(i int) {
	h := hubOf(&t.Seg, t.X, t.D, i)
	part := t.Messages
	part.Seg = h.seg
	part.Max(h.part, t.minimum)
	h.top(row(t.out, i, t.D), t.minimum)
	h.end()
}

// split does segment i with all workers.
func (t *messageShare[T]) split(i int) {
	h := hubOf(&t.Seg, t.X, t.D, i)
	part := t.Messages
	part.Seg = h.seg
	run(h.seg.items(), cost[T](2*int(h.ends[1])*t.D), messageShare[T]{part, h.part, nil, row(t.out, i, t.D), 0, t.heavy})
	h.divide(row(t.share, i, t.D), row(t.dout, i, t.D))
	h.end()
}

// hubRoom is the number of elements that go through each step of a softmax together.
const hubRoom = 1 << 11

// softmaxPart is a phase of the softmax of a hub: e = exp(x - row), or y = e / row, e in the order of the positions; its items are blocks.
type softmaxPart[T Float] struct {
	h      *hub[T]
	y, e   []T
	row    []T // maxima or sums
	divide bool
}

// Run does blocks lo..hi-1.
func (t *softmaxPart[T]) Run(lo, hi int) {
	d := len(t.row)
	for p, end := int(t.h.ptr[lo]), int(t.h.ptr[hi]); p < end; {
		q := min(end, p+max(1, hubRoom/d))
		e, rows := t.e[p*d:q*d], t.h.seg.Row
		switch {
		case t.divide:
			everyRow(div, e, e, t.row)
			if rows != nil {
				scatterRows(t.y, e, rows[p:q], d)
			}
		default:
			x := e
			if rows != nil {
				takeRows(x, t.h.x, rows[p:q], d)
			} else {
				x = t.h.x[p*d : q*d]
			}
			everyRow(Sub, e, x, t.row)
			mapTo(fnExp, e, e)
		}
		p = q
	}
}

// split does segment i with all workers. One of its terms is exp(0), so that the grid of the sum is that of terms up to 1.
func (t *segSoftmax[T]) split(i int) {
	h := hubOf(&t.seg, t.x, t.d, i)
	row, n := h.part[:t.d], int(h.ends[1])
	e := t.y[int(t.seg.Ptr[i])*t.d:]
	if t.seg.Row != nil {
		h.e = grow(h.e, n*t.d)
		e = h.e
	}
	SegmentMax(row, h.x, t.d, h.whole, false)
	run(h.blocks(), cost[T](12*n*t.d), softmaxPart[T]{h, t.y, e, row, false})
	ColSum(row, e, n, t.d)
	run(h.blocks(), cost[T](2*n*t.d), softmaxPart[T]{h, t.y, e, row, true})
	h.end()
}

// everyRow sets y = a op b, where b serves each len(b) values.
func everyRow[T Float](op Binary, y, a, b []T) {
	d := len(b)
	t := broadcast[T]{op: op, y: y, a: a, b: b, d: d, bRows: 1, bCols: d}
	t.Run(0, len(y)/d)
}
