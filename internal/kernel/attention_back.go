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
	lo, hi = t.Seg.span(lo, hi)
	t.pieces(&t.Seg, lo, hi, func(w *piece[T]) {
		t.coefficients(w)
		w.softmaxBack(t.Heads)
		t.scoresBack(w)
		t.fold(w)
		t.rowsBack(w)
	})
}

// coefficients sets w.a to alpha, and w.b to its gradient.
func (t *attendBack[T]) coefficients(w *piece[T]) {
	x, seg := t.carried(w, t.V)
	SegmentDot(w.b, t.dy[w.first*t.D:], x, t.D, t.Heads, seg)
	takeRows(w.a, t.kept, w.edges(&t.Seg), t.Heads)
	if t.P > 0 {
		unmask(w.b, w.a, t.scale)
	}
}

// unmask sets b to b * scale where a was kept, to 0 where it was dropped, and a to its absolute value.
func unmask[T Float](b, a []T, scale T) {
	if fastUnmask(b, a, scale) {
		return
	}
	for k, v := range a {
		b[k] = T(b[k] * scale)
		if math.Signbit(float64(v)) {
			a[k], b[k] = -v, 0
		}
	}
}

// softmaxBack sets b to (b - <a,b>) * a, the inner product being over each segment.
func (w *piece[T]) softmaxBack(h int) {
	for s := 0; s < w.segments(); {
		from := int(w.ptr[s]) * h
		n, ok := fastSoftmaxBack(w.b[from:], w.a[from:], w.ptr[s:], h)
		var to int
		s, to = w.after(s+n, ok)
		SegmentWeightedSum(w.m[s*h:to*h], w.a, w.b, h, h, Seg{Ptr: w.ptr[s : to+1]}, false)
		for ; s < to; s++ {
			timesDifference(w.of(w.b, s, h), w.of(w.a, s, h), row(w.m, s, h))
		}
	}
}

// timesDifference sets b to (b - dot) * a, dot being one row.
func timesDifference[T Float](b, a, dot []T) {
	for ; len(a) > 0; a, b = a[len(dot):], b[len(dot):] {
		for c, m := range dot {
			b[c] = T((b[c] - m) * a[c])
		}
	}
}

// scoresBack takes the gradient w.b of a piece from the scores of the softmax to those before the leaky ReLU or the scale.
func (t *attendBack[T]) scoresBack(w *piece[T]) {
	if t.Q != nil {
		for k, v := range w.b {
			w.b[k] = T(v * t.Scale)
		}
	} else {
		t.sums(w)
		leakyBack(w.b, w.a, t.Slope)
	}
	scatterRows(t.g.Score, w.b, w.edges(&t.Seg), t.Heads)
}

func leakyBack[T Float](b, a []T, slope T) {
	if fastLeaky(b, a, slope) {
		return
	}
	for k, v := range a {
		if v <= 0 {
			b[k] = T(b[k] * slope)
		}
	}
}

// fold sets the gradients of the rows of the segments of a piece.
func (t *attendBack[T]) fold(w *piece[T]) {
	t.foldDst(w)
	if t.g.Q != nil {
		t.weightedSum(w, t.g.Q, w.b, t.K)
	}
}

func (t *attendBack[T]) foldDst(w *piece[T]) {
	if t.g.Dst != nil {
		w.sum(t.g.Dst, w.b, t.Heads)
	}
}

// attendSource is the backward pass of the rows that are folded; its items are those rows, the segments of Back.
type attendSource[T Float] struct{ attendBack[T] }

// Run does rows lo..hi-1.
func (t *attendSource[T]) Run(lo, hi int) {
	lo, hi = t.Back.span(lo, hi)
	t.pieces(&t.Back, lo, hi, func(w *piece[T]) {
		t.weights(w)
		t.fold(w)
	})
}

// weights sets w.a to the weights of a piece of Back, and w.b to the gradient of its scores.
func (t *attendSource[T]) weights(w *piece[T]) {
	edges := w.edges(&t.Back)
	takeRows(w.b, t.g.Score, edges, t.Heads)
	takeRows(w.a, t.kept, edges, t.Heads)
	if t.P > 0 {
		keptWeights(w.a, t.scale)
	}
}

// keptWeights sets a to a * scale where it was kept, and to 0 where it was dropped.
func keptWeights[T Float](a []T, scale T) {
	if fastWeights(a, scale) {
		return
	}
	for k, v := range a {
		a[k] = T(v * scale)
		if math.Signbit(float64(v)) {
			a[k] = 0
		}
	}
}

// fold sets the gradients of the rows of a piece of Back.
func (t *attendSource[T]) fold(w *piece[T]) {
	if t.g.V != nil {
		w.weightedSum(t.g.V, w.a, t.dy, t.D, t.Heads, w.local(&t.Back))
	}
	if t.g.Src != nil {
		w.sum(t.g.Src, w.b, t.Heads)
	}
	if t.g.K != nil {
		w.weightedSum(t.g.K, w.b, t.Q, t.D, t.Heads, w.local(&t.Back))
	}
}
