package kernel

import "math"

// attendBack is the backward pass of the scores; its items are segments.
type attendBack[T Float] struct {
	Attention[T]
	g        AttentionGrads[T]
	dy, kept []T
	scale    T // of a coefficient that was not dropped
}

// Run does segments lo..hi-1.
func (t *attendBack[T]) Run(lo, hi int) {
	t.pieces(&t.Seg, lo, hi, func(w *piece[T]) {
		t.coefficients(w)
		t.dots(w)
		t.scores(w)
		t.fold(w)
	})
}

// coefficients sets w.a to alpha, and w.b to its gradient.
func (t *attendBack[T]) coefficients(w *piece[T]) {
	h := t.Heads
	SegmentDot(w.b, t.dy[w.first*t.D:], t.V, t.D, h, w.local(&t.Seg))
	for k, e := range w.edges(&t.Seg) {
		kept, a, b := row(t.kept, e, h), row(w.a, k, h), row(w.b, k, h)
		if t.P == 0 {
			copy(a, kept)
			continue
		}
		for c, v := range kept {
			x := float64(v)
			a[c] = T(math.Abs(x))
			b[c] = T(b[c] * t.scale)
			if math.Signbit(x) {
				b[c] = 0
			}
		}
	}
}

// dots sets w.m to the inner products of alpha and its gradient.
func (t *attendBack[T]) dots(w *piece[T]) {
	SegmentWeightedSum(w.m, w.a, w.b, t.Heads, t.Heads, Seg{Ptr: w.ptr}, false)
}

// scores sets w.b to the gradient of the scores.
func (t *attendBack[T]) scores(w *piece[T]) {
	h := t.Heads
	for s := range w.segments() {
		dot := row(w.m, s, h)
		for k := int(w.ptr[s]); k < int(w.ptr[s+1]); k++ {
			a, b := row(w.a, k, h), row(w.b, k, h)
			for c, m := range dot {
				b[c] = T((b[c] - m) * a[c])
			}
		}
	}
	if t.Q != nil {
		for k, v := range w.b {
			w.b[k] = T(v * t.Scale)
		}
	} else {
		t.sums(w, w.a)
		for k, v := range w.a {
			if v <= 0 {
				w.b[k] = T(w.b[k] * t.Slope)
			}
		}
	}
	for k, e := range w.edges(&t.Seg) {
		copy(row(t.g.Score, e, h), row(w.b, k, h))
	}
}

// fold sets the gradients of the rows of the segments of a piece.
func (t *attendBack[T]) fold(w *piece[T]) {
	if t.g.Dst != nil {
		SegmentSum(t.g.Dst[w.first*t.Heads:(w.first+w.segments())*t.Heads], w.b, t.Heads, Seg{Ptr: w.ptr}, false)
	}
	if t.g.Q != nil {
		SegmentWeightedSum(t.g.Q[w.first*t.D:(w.first+w.segments())*t.D], w.b, t.K, t.D, t.Heads, w.local(&t.Seg), false)
	}
}

// attendSource is the backward pass of the rows that are folded; its items are those rows, the segments of Back.
type attendSource[T Float] struct{ attendBack[T] }

// Run does rows lo..hi-1.
func (t *attendSource[T]) Run(lo, hi int) {
	t.pieces(&t.Back, lo, hi, func(w *piece[T]) {
		t.weights(w)
		t.fold(w)
	})
}

// weights sets w.a to the weights of a piece of Back.
func (t *attendSource[T]) weights(w *piece[T]) {
	if t.g.V == nil {
		return
	}
	h := t.Heads
	for k, e := range w.edges(&t.Back) {
		kept, a := row(t.kept, e, h), row(w.a, k, h)
		if t.P == 0 {
			copy(a, kept)
			continue
		}
		for c, v := range kept {
			x := float64(v)
			a[c] = T(T(math.Abs(x)) * t.scale)
			if math.Signbit(x) {
				a[c] = 0
			}
		}
	}
}

// fold sets the gradients of the rows of a piece of Back.
func (t *attendSource[T]) fold(w *piece[T]) {
	rows := func(out []T, d int) []T { return out[w.first*d : (w.first+w.segments())*d] }
	seg := w.local(&t.Back)
	if t.g.V != nil {
		SegmentWeightedSum(rows(t.g.V, t.D), w.a, t.dy, t.D, t.Heads, seg, false)
	}
	edges := w.edges(&t.Back)
	if t.g.Src != nil {
		SegmentSum(rows(t.g.Src, t.Heads), t.g.Score, t.Heads, Seg{Ptr: w.ptr, Row: edges}, false)
	}
	if t.g.K != nil {
		seg.Edge = edges
		SegmentWeightedSum(rows(t.g.K, t.D), t.g.Score, t.Q, t.D, t.Heads, seg, false)
	}
}
