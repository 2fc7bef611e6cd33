package kernel

import (
	"math"
	"runtime"
)

// SegmentMax sets out[s,c] to the maximum (or minimum) of x[Row[k],c] over the positions of a segment; an empty segment
// gives 0. -0 and +0 are equal and give +0; a NaN gives NaN.
func SegmentMax[T Float](out, x []T, d int, seg Seg, minimum bool) {
	segments := len(seg.Ptr) - 1
	if segments <= 0 || d == 0 {
		return
	}
	t := segMax[T]{out, x, seg, d, minimum, heavyPositions(d)}
	run(seg.items(), cost[T](int(seg.Ptr[segments])*d), t)
	seg.heavy(d, t.split)
}

type segMax[T Float] struct {
	out, x  []T
	seg     Seg
	d       int
	minimum bool
	heavy   int // segments with more positions are left to split
}

// Run does the segments of items lo..hi-1.
func (t *segMax[T]) Run(lo, hi int) {
	lo, hi = t.seg.span(lo, hi)
	if t.fast(lo, hi) {
		return
	}
	for s := lo; s < hi; s++ {
		out := t.out[s*t.d : s*t.d+t.d]
		if int(t.seg.Ptr[s+1]-t.seg.Ptr[s]) > t.heavy {
			continue
		}
		for p := t.seg.Ptr[s]; p < t.seg.Ptr[s+1]; p++ {
			x := t.x[t.seg.row(p)*t.d:][:len(out)]
			switch {
			case p == t.seg.Ptr[s]:
				copy(out, x)
			case t.minimum:
				for c, v := range x {
					out[c] = min(out[c], v)
				}
			default:
				for c, v := range x {
					out[c] = max(out[c], v)
				}
			}
		}
		if t.seg.Ptr[s] == t.seg.Ptr[s+1] {
			clear(out)
		}
		positive(out)
	}
}

func (s *Seg) row(p int32) int {
	if s.Row == nil {
		return int(p)
	}
	return int(s.Row[p])
}

// SegmentShare sets share[s,c] = dout[s,c] / (number of positions with x[Row[k],c] == out[s,c]): the equal share of the
// gradient that each of the tied maxima gets.
func SegmentShare[T Float](share, dout, out, x []T, d int, seg Seg) {
	segments := len(seg.Ptr) - 1
	if segments <= 0 || d == 0 {
		return
	}
	t := segShare[T]{share, dout, out, x, seg, d, d, heavyPositions(d)}
	run(seg.items(), cost[T](int(seg.Ptr[segments])*d), t)
	seg.heavy(d, t.split)
}

// segShare leaves the numbers of ties where dout is nil.
type segShare[T Float] struct {
	share, dout, out, x []T
	seg                 Seg
	d                   int
	step                int // from row to row of out; 0: one row for all segments
	heavy               int // segments with more positions are left to split
}

func (t *segShare[T]) Run(lo, hi int) {
	lo, hi = t.seg.span(lo, hi)
	if t.fast(lo, hi) {
		return
	}
	for s := lo; s < hi; s++ {
		share, out := t.share[s*t.d:s*t.d+t.d], t.out[s*t.step:s*t.step+t.d]
		if int(t.seg.Ptr[s+1]-t.seg.Ptr[s]) > t.heavy {
			continue
		}
		clear(share)
		for p := t.seg.Ptr[s]; p < t.seg.Ptr[s+1]; p++ {
			for c, v := range t.x[t.seg.row(p)*t.d:][:len(out)] {
				if v == out[c] {
					share[c]++
				}
			}
		}
		if t.dout == nil {
			continue
		}
		for c, n := range share {
			if n > 0 {
				share[c] = t.dout[s*t.d+c] / n
			}
		}
	}
}

// SegmentSoftmax sets y[r,c] = exp(x[r,c] - max) / sum over the rows r = Row[k] of each segment, channel by channel; rows
// outside all segments are left alone. The sum is order-free on the fixed grid of terms up to 1. A NaN or an infinite
// maximum makes its segment NaN.
func SegmentSoftmax[T Float](y, x []T, d int, seg Seg) {
	segments := len(seg.Ptr) - 1
	if segments <= 0 || d == 0 {
		return
	}
	t := segSoftmax[T]{y, x, seg, d, math.MaxInt}
	shared := runtime.GOMAXPROCS(0) > 1
	if shared {
		t.heavy = heavyPositions(d)
	}
	run(seg.items(), cost[T](14*int(seg.Ptr[segments])*d), t)
	if shared {
		seg.heavy(d, t.split)
	}
}

type segSoftmax[T Float] struct {
	y, x  []T
	seg   Seg
	d     int
	heavy int // segments with more positions are left to split
}

func (t *segSoftmax[T]) Run(lo, hi int) {
	lo, hi = t.seg.span(lo, hi)
	if t.fast(lo, hi) {
		return
	}
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	s.f64, s.acc = grow(s.f64, t.d), grow(s.acc, 2*t.d)
	mx, acc, acc2 := s.f64, s.acc[:t.d], s.acc[t.d:]
	_, single := any(t.x).([]float32)
	for i := lo; i < hi; i++ {
		p0, p1 := t.seg.Ptr[i], t.seg.Ptr[i+1]
		if p0 == p1 || int(p1-p0) > t.heavy {
			continue
		}
		n := int(p1 - p0)
		clear(acc)
		clear(acc2)
		for p := p0; p < p1; p++ {
			for c, v := range t.x[t.seg.row(p)*t.d:][:len(mx)] {
				if p == p0 {
					mx[c] = float64(v)
				}
				mx[c] = max(mx[c], float64(v))
			}
		}
		magic, fold := magic32(1, excess(n)), newFold64(n)
		for p := p0; p < p1; p++ {
			r := t.seg.row(p) * t.d
			y := t.y[r : r+t.d]
			for c, v := range t.x[r:][:len(y)] {
				y[c] = v - T(mx[c])
			}
			if t.d < 8 {
				for c, v := range y {
					y[c] = Exp(v)
				}
			} else {
				mapTo(fnExp, y, y)
			}
			for c, e := range y {
				if single {
					acc[c] += int64(math.Float64bits(float64(e) + magic))
				} else {
					k1, k2 := fold.split(float64(e)*0.5, 0)
					acc[c], acc2[c] = acc[c]+k1, acc2[c]+k2
				}
			}
		}
		for c := range mx {
			switch {
			case math.IsNaN(mx[c]) || math.IsInf(mx[c], 0):
				mx[c] = math.NaN()
			case single:
				mx[c] = total32(acc[c], n, 1, excess(n))
			default:
				mx[c] = fold.total(acc[c], acc2[c], n, 1)
			}
		}
		for p := p0; p < p1; p++ {
			r := t.seg.row(p) * t.d
			for c := range mx {
				t.y[r+c] /= T(mx[c])
			}
		}
	}
}

// SegmentDot sets out[Edge[k],h] = sum over the channels of head h of a[s,c] * b[Row[k],c], for every position k of segment
// s: the sampled product of two matrices (SDDMM), (S,d), (R,d) -> (K,heads).
func SegmentDot[T Float](out, a, b []T, d, heads int, seg Seg) {
	segments := len(seg.Ptr) - 1
	if segments <= 0 {
		return
	}
	positions := int(seg.Ptr[segments])
	items := min(positions, 64)
	run(items, cost[T](2*positions*d), segDot[T]{out, a, b, d, heads, items, seg})
}

// segDot cuts the positions into items of the same size, wherever segments end.
type segDot[T Float] struct {
	out, a, b       []T
	d, heads, items int
	seg             Seg
}

func (t *segDot[T]) Run(lo, hi int) {
	if t.fast(lo, hi) {
		return
	}
	per := t.d / t.heads
	t.seg.parts(t.items, lo, hi, func(s, p0, p1 int) {
		a := t.a[s*t.d : s*t.d+t.d]
		for p := p0; p < p1; p++ {
			e := p
			if t.seg.Edge != nil {
				e = int(t.seg.Edge[p])
			}
			b := t.b[t.seg.row(int32(p))*t.d:][:t.d]
			for h := range t.heads {
				t.out[e*t.heads+h] = RowDot(a[h*per:h*per+per], b[h*per:h*per+per])
			}
		}
	})
}
