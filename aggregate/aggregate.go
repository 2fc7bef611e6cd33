package aggregate

import (
	"fmt"
	"strings"

	"symbridge/autodiff"
	"symbridge/graph"
	"symbridge/tensor"
)

// Aggregator folds the rows of each segment: (R,d) -> (S,Width(d)).
type Aggregator[T tensor.Float] interface {
	// Aggregate folds the rows of x by segments. It panics with a tensor.ShapeError where x does not have the segments' rows.
	Aggregate(t *autodiff.Tape[T], seg *graph.Segments, x *autodiff.Var[T]) *autodiff.Var[T]
	// Width returns the number of channels of the result for d channels.
	Width(d int) int
}

// Parametric is implemented by aggregators that own parameters or buffers.
type Parametric[T tensor.Float] interface {
	// Params yields the parameters by name.
	Params(yield func(name string, p *autodiff.Param[T]) bool)
}

// Sum adds the rows of a segment.
type Sum[T tensor.Float] struct{}

// Mean averages the rows of a segment.
type Mean[T tensor.Float] struct{}

// Max takes the maximum of each channel.
type Max[T tensor.Float] struct{}

// Min takes the minimum of each channel.
type Min[T tensor.Float] struct{}

// Var takes the population variance of each channel, in two passes.
type Var[T tensor.Float] struct{}

// Std takes the standard deviation of each channel, sqrt(var), and 0 with gradient 0 where the variance is at most 1e-5 (the
// clamp of PyTorch Geometric, which keeps the derivative of the root bounded).
type Std[T tensor.Float] struct{}

// Width returns d.
func (Sum[T]) Width(d int) int { return d }

// Width returns d.
func (Mean[T]) Width(d int) int { return d }

// Width returns d.
func (Max[T]) Width(d int) int { return d }

// Width returns d.
func (Min[T]) Width(d int) int { return d }

// Width returns d.
func (Var[T]) Width(d int) int { return d }

// Width returns d.
func (Std[T]) Width(d int) int { return d }

// Aggregate returns the sums: (R,d) -> (S,d).
func (Sum[T]) Aggregate(t *autodiff.Tape[T], seg *graph.Segments, x *autodiff.Var[T]) *autodiff.Var[T] {
	return autodiff.SegmentSum(t, seg, x)
}

// Aggregate returns the means: (R,d) -> (S,d).
func (Mean[T]) Aggregate(t *autodiff.Tape[T], seg *graph.Segments, x *autodiff.Var[T]) *autodiff.Var[T] {
	return autodiff.SegmentMean(t, seg, x)
}

// Aggregate returns the maxima: (R,d) -> (S,d).
func (Max[T]) Aggregate(t *autodiff.Tape[T], seg *graph.Segments, x *autodiff.Var[T]) *autodiff.Var[T] {
	return autodiff.SegmentMax(t, seg, x)
}

// Aggregate returns the minima: (R,d) -> (S,d).
func (Min[T]) Aggregate(t *autodiff.Tape[T], seg *graph.Segments, x *autodiff.Var[T]) *autodiff.Var[T] {
	return autodiff.SegmentMin(t, seg, x)
}

// Aggregate returns the variances: (R,d) -> (S,d).
func (Var[T]) Aggregate(t *autodiff.Tape[T], seg *graph.Segments, x *autodiff.Var[T]) *autodiff.Var[T] {
	seg, x = apart(t, seg, x)
	return autodiff.SegmentVar(t, seg, x)
}

// Aggregate returns the standard deviations: (R,d) -> (S,d).
func (Std[T]) Aggregate(t *autodiff.Tape[T], seg *graph.Segments, x *autodiff.Var[T]) *autodiff.Var[T] {
	seg, x = apart(t, seg, x)
	return autodiff.Sqrt(t, autodiff.SegmentVar(t, seg, x), 1e-5)
}

// apart returns segments in which each row stands once, and the rows: neighbours are copied to edges.
func apart[T tensor.Float](t *autodiff.Tape[T], seg *graph.Segments, x *autodiff.Var[T]) (*graph.Segments, *autodiff.Var[T]) {
	if seg.Of != nil || seg.Copies == nil {
		return seg, x
	}
	return seg.Folds, autodiff.Expand(t, seg.Copies, x)
}

// Softmax weighs the rows of a segment by softmax(T*x), channel by channel, and adds them: sum_j softmax(T*x)_j x_j (Li et
// al. 2020, DeeperGCN). T = 0 is the mean, T -> infinity the maximum. The parameter T is (1,1) or (1,d); make one with
// [NewSoftmax].
type Softmax[T tensor.Float] struct {
	Temperature *autodiff.Param[T]
}

// NewSoftmax returns a softmax aggregator with one temperature, learned or fixed.
func NewSoftmax[T tensor.Float](temperature T, learn bool) Softmax[T] {
	return Softmax[T]{&autodiff.Param[T]{Value: tensor.FromRows([][]T{{temperature}}), Buffer: !learn}}
}

// Width returns d.
func (Softmax[T]) Width(d int) int { return d }

// Params yields the temperature as t, the name that PyTorch Geometric gives it.
func (a Softmax[T]) Params(yield func(name string, p *autodiff.Param[T]) bool) {
	yield("t", a.Temperature)
}

// Aggregate returns the weighted sums: (R,d) -> (S,d).
func (a Softmax[T]) Aggregate(t *autodiff.Tape[T], seg *graph.Segments, x *autodiff.Var[T]) *autodiff.Var[T] {
	seg, x = apart(t, seg, x)
	w := autodiff.SegmentSoftmax(t, seg, autodiff.Mul(t, x, t.Param(a.Temperature)))
	return autodiff.WeightedSum(t, seg, w, x, max(1, x.Cols()))
}

// Multi puts the results of several aggregators side by side.
type Multi[T tensor.Float] []Aggregator[T]

// Width returns the sum of the widths.
func (m Multi[T]) Width(d int) int {
	w := 0
	for _, a := range m {
		w += a.Width(d)
	}
	return w
}

// Params yields the parameters of the parts, prefixed by their place.
func (m Multi[T]) Params(yield func(name string, p *autodiff.Param[T]) bool) {
	for i, a := range m {
		if !prefixed(fmt.Sprintf("aggrs.%d.", i), a, yield) {
			return
		}
	}
}

// prefixed yields the parameters of a, if it has any, and reports whether to go on.
func prefixed[T tensor.Float](prefix string, a Aggregator[T], yield func(string, *autodiff.Param[T]) bool) bool {
	more := true
	if p, ok := a.(Parametric[T]); ok {
		p.Params(func(name string, p *autodiff.Param[T]) bool {
			more = yield(prefix+name, p)
			return more
		})
	}
	return more
}

// Aggregate returns the results side by side: (R,d) -> (S,Width(d)).
func (m Multi[T]) Aggregate(t *autodiff.Tape[T], seg *graph.Segments, x *autodiff.Var[T]) *autodiff.Var[T] {
	if len(m) == 0 {
		panic(tensor.ValueError{Op: "aggregate.Multi", What: "number of aggregators, want at least 1"})
	}
	out := make([]*autodiff.Var[T], 0, 8)
	for _, a := range m {
		out = append(out, a.Aggregate(t, seg, x))
	}
	return autodiff.Concat(t, out...)
}

// Parse returns the aggregator of a name: sum, mean, max, min, var, std, softmax, or several joined by +, such as
// "mean+max+std". A softmax has temperature 1, learned.
func Parse[T tensor.Float](name string) (Aggregator[T], error) {
	if strings.Contains(name, "+") {
		var m Multi[T]
		for _, part := range strings.Split(name, "+") {
			a, err := Parse[T](part)
			if err != nil {
				return nil, err
			}
			m = append(m, a)
		}
		return m, nil
	}
	switch name {
	case "sum":
		return Sum[T]{}, nil
	case "mean":
		return Mean[T]{}, nil
	case "max":
		return Max[T]{}, nil
	case "min":
		return Min[T]{}, nil
	case "var":
		return Var[T]{}, nil
	case "std":
		return Std[T]{}, nil
	case "softmax":
		return NewSoftmax[T](1, true), nil
	}
	return nil, fmt.Errorf("aggregate: unknown aggregator %q: want sum, mean, max, min, var, std, softmax, or several joined by +", name)
}
