package autodiff

import (
	"symbridge/graph"
	"symbridge/internal/kernel"
	"symbridge/tensor"
)

// LayerNorm returns (x - mean) / sqrt(var + eps) over the channels of each row: (N,d) -> (N,d).
func LayerNorm[T tensor.Float](t *Tape[T], x *Var[T], eps T) *Var[T] {
	y, r := t.result(opLayerNorm, x.Rows(), x.Cols(), x)
	rstd := t.arena.Take(x.Rows())
	kernel.LayerNorm(y.Value.Data, rstd, x.Value.Data, x.Rows(), x.Cols(), eps)
	if r != nil {
		r.a, r.aux = x, rstd
	}
	return y
}

func (r *record[T]) backLayerNorm(t *Tape[T]) {
	dx := t.arena.Take(r.a.size())
	kernel.LayerNormBack(dx, r.out.Grad.Data, r.out.Value.Data, r.aux, r.a.Rows(), r.a.Cols())
	t.accumulate(r.a, dx)
}

// Normalize returns x / max(|x|, eps) for each row, with the Euclidean norm: (N,d) -> (N,d).
func Normalize[T tensor.Float](t *Tape[T], x *Var[T], eps T) *Var[T] {
	y, r := t.result(opNormalize, x.Rows(), x.Cols(), x)
	norm := t.arena.Take(x.Rows())
	kernel.Normalize(y.Value.Data, norm, x.Value.Data, x.Rows(), x.Cols(), eps)
	if r != nil {
		r.a, r.aux, r.x = x, norm, eps
	}
	return y
}

func (r *record[T]) backNormalize(t *Tape[T]) {
	dx := t.arena.Take(r.a.size())
	kernel.NormalizeBack(dx, r.out.Grad.Data, r.out.Value.Data, r.aux, r.a.Rows(), r.a.Cols(), r.x)
	t.accumulate(r.a, dx)
}

// SegmentNorm returns (x - mean) / sqrt(var + eps) over the rows of each segment, channel by channel: (R,d) -> (R,d), and
// the means and population variances (S,d), which carry no gradient. It panics with a tensor.ShapeError where a row stands
// in several segments.
func SegmentNorm[T tensor.Float](t *Tape[T], s *graph.Segments, x *Var[T], eps T) (y *Var[T], mean, variance tensor.Dense[T]) {
	checkRows("autodiff.SegmentNorm", s, x)
	mustPartition("autodiff.SegmentNorm", s)
	d := x.Cols()
	y, r := t.result(opSegmentNorm, x.Rows(), d, x)
	mean, variance = t.arena.Dense(s.Len(), d), t.arena.Dense(s.Len(), d)
	kernel.SegmentSum(mean.Data, x.Value.Data, d, segOf(s), true)
	kernel.SegmentVar(variance.Data, x.Value.Data, mean.Data, d, segOf(s))
	rstd := t.arena.Take(s.Len() * d)
	kernel.RStd(rstd, variance.Data, eps)
	kernel.SegmentNorm(y.Value.Data, x.Value.Data, mean.Data, rstd, s.Of, d)
	if r != nil {
		r.a, r.seg, r.aux = x, s, rstd
	}
	return y, mean, variance
}

func (r *record[T]) backSegmentNorm(t *Tape[T]) {
	y, dy, d, s := r.out.Value.Data, r.out.Grad.Data, r.a.Cols(), r.seg
	m, p := t.arena.Take(s.Len()*d), t.arena.Take(s.Len()*d)
	kernel.SegmentSum(m, dy, d, segOf(s), true)
	kernel.SegmentWeightedSum(p, y, dy, d, d, segOf(s), true)
	dx := t.arena.Take(len(y))
	kernel.SegmentNormBack(dx, dy, y, r.aux, m, p, s.Of, d)
	t.accumulate(r.a, dx)
}
