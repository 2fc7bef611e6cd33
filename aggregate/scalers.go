package aggregate

import (
	"fmt"

	"symbridge/autodiff"
	"symbridge/graph"
	"symbridge/internal/kernel"
	"symbridge/tensor"
)

// Scaler names a factor by which an aggregated row is multiplied according to the size n of its segment (Corso et al. 2020,
// PNA). lin and log are the averages of n and of log(n+1) over the training data.
type Scaler string

// The degree scalers.
const (
	Identity      Scaler = "identity"       // 1
	Amplification Scaler = "amplification"  // log(n+1) / log
	Attenuation   Scaler = "attenuation"    // log / log(max(n,1)+1)
	Linear        Scaler = "linear"         // n / lin
	InverseLinear Scaler = "inverse_linear" // lin / max(n,1)
)

// Scaled multiplies the result of an aggregator by each of several degree scalers and puts the products side by side, scaler
// by scaler. Make one with [NewScaled].
type Scaled[T tensor.Float] struct {
	Of      Aggregator[T]
	Scalers []Scaler
	// AvgLin and AvgLog are buffers (1,1): the averages of n and log(n+1).
	AvgLin, AvgLog *autodiff.Param[T]
}

// NewScaled returns a scaled aggregator for data in which histogram[n] segments have size n. It returns an error for an
// unknown scaler and for data without a segment that is not empty.
func NewScaled[T tensor.Float](of Aggregator[T], histogram []int, scalers ...Scaler) (*Scaled[T], error) {
	if len(scalers) == 0 {
		return nil, fmt.Errorf("aggregate: degree scalers: none is named, want at least one")
	}
	for i, s := range scalers {
		switch s {
		case Identity, Amplification, Attenuation, Linear, InverseLinear:
		default:
			return nil, fmt.Errorf("aggregate: scaler %d is %q: want identity, amplification, attenuation, linear or inverse_linear", i, s)
		}
	}
	var count, lin, log float64
	for n, k := range histogram { // ascending sizes: the order of the segments cannot show
		count += float64(k)
		lin += float64(float64(n) * float64(k))
		log += float64(kernel.Log64(float64(n)+1) * float64(k))
	}
	if lin == 0 {
		return nil, fmt.Errorf("aggregate: degree scalers need a histogram with a segment of at least one row, got %v", histogram)
	}
	buffer := func(v float64) *autodiff.Param[T] {
		return &autodiff.Param[T]{Value: tensor.FromRows([][]T{{T(v)}}), Buffer: true}
	}
	return &Scaled[T]{of, scalers, buffer(lin / count), buffer(log / count)}, nil
}

// Histogram counts the segments of each size.
func Histogram(segs ...*graph.Segments) []int {
	var h []int
	for _, s := range segs {
		for i := range s.Len() {
			for len(h) <= s.Size(i) {
				h = append(h, 0)
			}
			h[s.Size(i)]++
		}
	}
	return h
}

// Width returns the width of the aggregator times the number of scalers.
func (a *Scaled[T]) Width(d int) int { return a.Of.Width(d) * len(a.Scalers) }

// Params yields the averages under PyTorch Geometric's names, and the parameters of the aggregator.
func (a *Scaled[T]) Params(yield func(name string, p *autodiff.Param[T]) bool) {
	if yield("avg_deg_lin", a.AvgLin) && yield("avg_deg_log", a.AvgLog) {
		prefixed("aggr.", a.Of, yield)
	}
}

// Aggregate returns the scaled results, scaler by scaler: (R,d) -> (S,Width(d)).
// rows: it reads two buffers of one entry.
func (a *Scaled[T]) Aggregate(t *autodiff.Tape[T], seg *graph.Segments, x *autodiff.Var[T]) *autodiff.Var[T] {
	y := a.Of.Aggregate(t, seg, x)
	out := make([]*autodiff.Var[T], 0, 8)
	lin, log := float64(a.AvgLin.Value.Data[0]), float64(a.AvgLog.Value.Data[0])
	for _, s := range a.Scalers {
		if s == Identity {
			out = append(out, y)
			continue
		}
		f := t.OfSize(seg, func(size int) T { return T(factor(s, float64(size), lin, log)) })
		out = append(out, autodiff.Mul(t, y, f))
	}
	return autodiff.Concat(t, out...)
}

// factor returns the scaler's value for a segment of size n.
func factor(s Scaler, n, lin, log float64) float64 {
	switch s {
	case Amplification:
		return kernel.Log64(n+1) / log
	case Attenuation:
		return log / kernel.Log64(max(n, 1)+1)
	case Linear:
		return n / lin
	}
	return lin / max(n, 1)
}
