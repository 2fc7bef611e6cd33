package kernel

// carried returns the rows of x that belong to the positions of a piece of Seg, with those of the edges where there are any.
func (t *Attention[T]) carried(w *piece[T], x []T) ([]T, Seg) {
	if t.Rows == nil {
		return x, w.local(&t.Seg)
	}
	n := w.positions()
	w.count(n)
	made := w.made.rows(n, t.D)
	makeMessages(made, x, t.Rows, w.local(&t.Seg).Row, w.edges(&t.Seg), t.D, false)
	return made, Seg{Ptr: w.ptr, Row: w.order[:n]}
}

// weightedSum sets the rows of the segments of a piece of Seg, of out, to the order-free sums of weights * x.
func (t *Attention[T]) weightedSum(w *piece[T], out, weights, x []T) {
	x, seg := t.carried(w, x)
	w.weightedSum(out, weights, x, t.D, t.Heads, seg)
}

// sharedSum does the same for a segment that is shared, whose messages are too many to stand anywhere.
func (t *Attention[T]) sharedSum(w *piece[T], out, weights, x []T) {
	out, seg := rowsOf(out, w, t.D), w.local(&t.Seg)
	if t.Rows == nil {
		SegmentWeightedSum(out, weights, x, t.D, t.Heads, seg, false)
		return
	}
	segmentSum(segArgs[T]{out: out, x: x, w: weights, seg: seg, d: t.D, heads: t.Heads, edges: t.Rows, at: w.edges(&t.Seg)})
}

// rowsBack sets the gradients of the rows of edges to what comes back through values, plus what comes back through keys: drop(alpha) *
// dy and the gradient w.b of the score * Q. It leaves other things in w.a.
func (t *attendBack[T]) rowsBack(w *piece[T]) {
	if t.g.Rows == nil || t.D == 0 {
		return
	}
	d, edges := t.D, w.edges(&t.Seg)
	takeRows(w.a, t.kept, edges, t.Heads)
	if t.P > 0 {
		keptWeights(w.a, t.scale)
	}
	sum := w.made.rows(len(edges), d)[:len(edges)*d]
	w.head = headsOf(w.head, d, t.Heads)
	w.terms(sum, rowsOf(t.dy, w, d), w.a, d, t.Heads)
	if t.g.AddRows {
		w.made.y = grow(w.made.y, len(sum))
		there := w.made.y
		takeRows(there, t.g.Rows, edges, d)
		if !fastAddTo(sum, there) {
			for c, v := range there {
				sum[c] += v
			}
		}
	}
	w.outer(sum, rowsOf(t.Q, w, d), w.b, d, t.Heads)
	scatterRows(t.g.Rows, sum, edges, d)
}

// count extends order to n numbers.
func (w *piece[T]) count(n int) {
	for k := len(w.order); k < n; k++ {
		w.order = append(w.order, int32(k))
	}
}

// terms sets the rows of each segment of y to the products of the row of the segment of a with their weights, each an order-free sum of
// one term. In float32 that is the product, and +0 for -0; in float64 nearly always.
func (w *piece[T]) terms(y, a, weights []T, d, h int) {
	if _, double := any(y).([]float64); !double {
		clear(y)
		w.outer(y, a, weights, d, h)
		return
	}
	n := w.positions()
	w.count(n + 1)
	list := w.made.list[:0]
	for s := range w.segments() {
		for range w.ptr[s+1] - w.ptr[s] {
			list = append(list, int32(s))
		}
	}
	w.made.list = list
	SegmentWeightedSum(y, weights, a, d, h, Seg{Ptr: w.order[:n+1], Row: list}, false)
}

// outer adds to the rows of each segment of y the products of the row of the segment of a with their weights.
func (w *piece[T]) outer(y, a, weights []T, d, h int) {
	if fastOuters(y, a, weights, w.ptr, w.head, h, d) {
		return
	}
	for s := range w.segments() {
		t := headOuter[T]{w.of(y, s, d), row(a, s, d), w.of(weights, s, h), d, h, true}
		t.Run(0, int(w.ptr[s+1]-w.ptr[s]))
	}
}
