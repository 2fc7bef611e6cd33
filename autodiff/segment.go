package autodiff

import (
	"symbridge/graph"
	"symbridge/internal/kernel"
	"symbridge/tensor"
)

func segOf(s *graph.Segments) kernel.Seg { return kernel.Seg{Ptr: s.Ptr, Row: s.Row, Edge: s.Edge} }

func checkRows[T tensor.Float](op string, s *graph.Segments, x *Var[T]) {
	x.Value.Check(op, "rows", s.Rows, -1)
}

// mustPartition panics unless each row stands in exactly one segment.
func mustPartition(op string, s *graph.Segments) {
	if s.Of == nil && s.Rows > 0 {
		panic(tensor.ShapeError{Op: op, What: "segments of rows that stand in several; the segment of each row",
			Want: [2]int{s.Rows, 1}, Got: [2]int{0, 1}})
	}
}

// SegmentSum returns the sum of the rows of each segment: (R,d) -> (S,d), order-free. An empty segment gives 0. With
// graph.In it sums the neighbours of each node and no matrix of messages is made.
func SegmentSum[T tensor.Float](t *Tape[T], s *graph.Segments, x *Var[T]) *Var[T] {
	return segmentSum(t, s, x, false)
}

// SegmentMean returns the mean of the rows of each segment: (R,d) -> (S,d), order-free, divided before it is rounded. An
// empty segment gives 0.
func SegmentMean[T tensor.Float](t *Tape[T], s *graph.Segments, x *Var[T]) *Var[T] {
	return segmentSum(t, s, x, true)
}

func segmentSum[T tensor.Float](t *Tape[T], s *graph.Segments, x *Var[T], mean bool) *Var[T] {
	checkRows("autodiff.SegmentSum", s, x)
	y, r := t.result(opSegmentSum, s.Len(), x.Cols(), x)
	t.segmentSum(y.Value.Data, x.Value.Data, x.Cols(), segOf(s), mean)
	if r != nil {
		r.a, r.seg, r.mean = x, s, mean
	}
	return y
}

func (r *record[T]) backSegmentSum(t *Tape[T]) {
	dy := r.out.Grad.Data
	if r.mean {
		dy = t.perSize(r.seg, dy, 1)
	}
	dx := t.arena.Take(r.a.size())
	t.spreadSegments(dx, dy, r.seg, r.a.Cols())
	t.accumulate(r.a, dx)
	if r.mean {
		t.arena.Give(dy)
	}
}

// spreadSegments sets each row of dx to the sum of the rows of dy of the segments that it stands in: the transposed sum.
func (t *Tape[T]) spreadSegments(dx, dy []T, s *graph.Segments, d int) {
	if s.Of != nil {
		kernel.Gather(dx, dy, s.Of, d)
		return
	}
	t.segmentSum(dx, dy, d, segOf(s.Back), false)
}

// perSize returns a * dy / n, n the size of each segment; empty segments keep dy, which nothing reads.
func (t *Tape[T]) perSize(s *graph.Segments, dy []T, a T) []T {
	out := t.arena.Take(len(dy))
	d := 0
	if s.Len() > 0 {
		d = len(dy) / s.Len()
	}
	for i := range s.Len() {
		n := T(max(1, s.Size(i)))
		for c := i * d; c < i*d+d; c++ {
			out[c] = T(a*dy[c]) / n
		}
	}
	return out
}

// SegmentMax returns the maximum of the rows of each segment, channel by channel: (R,d) -> (S,d). An empty segment gives 0.
// The gradient is shared equally among equals.
func SegmentMax[T tensor.Float](t *Tape[T], s *graph.Segments, x *Var[T]) *Var[T] {
	return segmentSelect(t, s, x, false)
}

// SegmentMin returns the minimum of the rows of each segment; see SegmentMax.
func SegmentMin[T tensor.Float](t *Tape[T], s *graph.Segments, x *Var[T]) *Var[T] {
	return segmentSelect(t, s, x, true)
}

func segmentSelect[T tensor.Float](t *Tape[T], s *graph.Segments, x *Var[T], minimum bool) *Var[T] {
	checkRows("autodiff.SegmentMax", s, x)
	y, r := t.result(opSegmentSelect, s.Len(), x.Cols(), x)
	kernel.SegmentMax(y.Value.Data, x.Value.Data, x.Cols(), segOf(s), minimum)
	if r != nil {
		r.a, r.seg = x, s
	}
	return y
}

func (r *record[T]) backSegmentSelect(t *Tape[T]) {
	x, out, d := r.a.Value.Data, r.out.Value.Data, r.a.Cols()
	share := t.arena.Take(len(out))
	kernel.SegmentShare(share, r.out.Grad.Data, out, x, d, segOf(r.seg))
	dx := t.arena.Take(len(x))
	kernel.SegmentSumWhere(dx, share, x, out, d, segOf(r.seg.Back))
	t.arena.Give(share)
	t.accumulate(r.a, dx)
}

// SegmentVar returns the population variance of the rows of each segment, in two passes: (R,d) -> (S,d). An empty segment
// gives 0. It panics with a tensor.ShapeError where a row stands in several segments: expand to edges first.
func SegmentVar[T tensor.Float](t *Tape[T], s *graph.Segments, x *Var[T]) *Var[T] {
	checkRows("autodiff.SegmentVar", s, x)
	mustPartition("autodiff.SegmentVar", s)
	d := x.Cols()
	y, r := t.result(opSegmentVar, s.Len(), d, x)
	mean := t.arena.Take(s.Len() * d)
	kernel.SegmentSum(mean, x.Value.Data, d, segOf(s), true)
	kernel.SegmentVar(y.Value.Data, x.Value.Data, mean, d, segOf(s))
	if r != nil {
		r.a, r.seg, r.aux = x, s, mean
	}
	return y
}

func (r *record[T]) backSegmentVar(t *Tape[T]) {
	x, d, n := r.a.Value.Data, r.a.Cols(), r.a.Rows()
	dx, g := t.arena.Take(len(x)), t.arena.Take(len(x))
	kernel.Gather(g, r.aux, r.seg.Of, d)
	kernel.Elementwise(kernel.Sub, dx, x, g, n, d, n, d)
	kernel.Gather(g, t.perSize(r.seg, r.out.Grad.Data, 2), r.seg.Of, d)
	kernel.Elementwise(kernel.Mul, dx, dx, g, n, d, n, d)
	t.arena.Give(g)
	t.accumulate(r.a, dx)
}

// WeightedSum returns sum_k w[e_k,h] * x[r_k,c] over the positions k of each segment, h the head of channel c: (K,H), (R,H*C)
// -> (S,H*C), with exact products and one rounding. With graph.In, w has a row an edge and no matrix of messages is made.
func WeightedSum[T tensor.Float](t *Tape[T], s *graph.Segments, w, x *Var[T], heads int) *Var[T] {
	return weightedSum(t, s, w, x, heads, false)
}

// WeightedMean returns WeightedSum divided by the size of each segment before it is rounded: with w = x and a head a channel,
// the mean of exact squares.
func WeightedMean[T tensor.Float](t *Tape[T], s *graph.Segments, w, x *Var[T], heads int) *Var[T] {
	return weightedSum(t, s, w, x, heads, true)
}

func weightedSum[T tensor.Float](t *Tape[T], s *graph.Segments, w, x *Var[T], heads int, mean bool) *Var[T] {
	checkRows("autodiff.WeightedSum", s, x)
	w.Value.Check("autodiff.WeightedSum", "weights", max(w.Rows(), s.Positions()), heads)
	checkHeads("autodiff.WeightedSum", x, heads)
	y, r := t.result(opWeightedSum, s.Len(), x.Cols(), w, x)
	t.weightedSum(y.Value.Data, w.Value.Data, x.Value.Data, x.Cols(), heads, segOf(s), mean)
	if r != nil {
		r.a, r.b, r.seg, r.n, r.mean = w, x, s, heads, mean
	}
	return y
}

func (r *record[T]) backWeightedSum(t *Tape[T]) {
	w, x, dy, d := r.a, r.b, r.out.Grad.Data, r.b.Cols()
	if r.mean {
		dy = t.perSize(r.seg, dy, 1)
	}
	if x.needs {
		dx := t.arena.Take(x.size())
		t.weightedSum(dx, w.Value.Data, dy, d, r.n, segOf(r.seg.Back), false)
		t.accumulate(x, dx)
	}
	if w.needs {
		dw := t.arena.Zeros(w.size())
		kernel.SegmentDot(dw, dy, x.Value.Data, d, r.n, segOf(r.seg))
		t.accumulate(w, dw)
	}
}

// SegmentSoftmax returns exp(x - max) / sum over the rows of each segment, channel by channel: (R,d) -> (R,d). It panics
// with a tensor.ShapeError where a row stands in several segments.
func SegmentSoftmax[T tensor.Float](t *Tape[T], s *graph.Segments, x *Var[T]) *Var[T] {
	checkRows("autodiff.SegmentSoftmax", s, x)
	mustPartition("autodiff.SegmentSoftmax", s)
	y, r := t.result(opSegmentSoftmax, x.Rows(), x.Cols(), x)
	kernel.SegmentSoftmax(y.Value.Data, x.Value.Data, x.Cols(), segOf(s))
	if r != nil {
		r.a, r.seg = x, s
	}
	return y
}

func (r *record[T]) backSegmentSoftmax(t *Tape[T]) {
	y, dy, n, d := r.out.Value.Data, r.out.Grad.Data, r.a.Rows(), r.a.Cols()
	dot, dx := t.arena.Take(r.seg.Len()*d), t.arena.Take(n*d)
	kernel.SegmentWeightedSum(dot, y, dy, d, d, segOf(r.seg), false)
	kernel.Gather(dx, dot, r.seg.Of, d)
	kernel.Elementwise(kernel.Sub, dx, dy, dx, n, d, n, d)
	kernel.Elementwise(kernel.Mul, dx, dx, y, n, d, n, d)
	t.accumulate(r.a, dx)
}

// Expand returns, for each row, the row of its segment: (S,d) -> (R,d), the transpose of SegmentSum. With graph.OutEdges it
// copies sources to edges, with graph.InEdges targets to edges, with graph.Nodes graphs to nodes. It panics with a
// tensor.ShapeError where a row stands in several segments.
func Expand[T tensor.Float](t *Tape[T], s *graph.Segments, x *Var[T]) *Var[T] {
	mustPartition("autodiff.Expand", s)
	x.Value.Check("autodiff.Expand", "segments", s.Len(), -1)
	y, r := t.result(opExpand, s.Rows, x.Cols(), x)
	kernel.Gather(y.Value.Data, x.Value.Data, s.Of, x.Cols())
	if r != nil {
		r.a, r.seg = x, s
	}
	return y
}

func (r *record[T]) backExpand(t *Tape[T]) {
	dx := t.arena.Take(r.a.size())
	t.segmentSum(dx, r.out.Grad.Data, r.a.Cols(), segOf(r.seg), false)
	t.accumulate(r.a, dx)
}
