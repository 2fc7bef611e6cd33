package kernel

import "math"

// SegmentNorm sets y[r,c] = (x[r,c] - mean[s,c]) * rstd[s,c] for s = of[r].
func SegmentNorm[T Float](y, x, mean, rstd []T, of []int32, d int) {
	run(len(of), cost[T](3*len(of)*d), segNorm[T]{y, x, mean, rstd, of, d})
}

// RStd sets rstd = 1 / sqrt(v + eps).
func RStd[T Float](rstd, v []T, eps T) {
	for i, v := range v {
		rstd[i] = T(1 / math.Sqrt(float64(v+eps)))
	}
}

type segNorm[T Float] struct {
	y, x, mean, rstd []T
	of               []int32
	d                int
}

// Run does rows lo..hi-1.
func (t *segNorm[T]) Run(lo, hi int) {
	if t.fast(lo, hi) {
		return
	}
	for r := lo; r < hi; r++ {
		x, y := t.x[r*t.d:r*t.d+t.d], t.y[r*t.d:r*t.d+t.d]
		s := int(t.of[r]) * t.d
		mean, rstd := t.mean[s:s+t.d], t.rstd[s:s+t.d]
		for c, v := range x {
			y[c] = T((v - mean[c]) * rstd[c])
		}
	}
}

// SegmentNormBack sets dx = rstd * (dy - m - y*p), where m and p (S,d) are the segment means of dy and of dy*y.
func SegmentNormBack[T Float](dx, dy, y, rstd, m, p []T, of []int32, d int) {
	run(len(of), cost[T](5*len(of)*d), segNormBack[T]{dx, dy, y, rstd, m, p, of, d})
}

type segNormBack[T Float] struct {
	dx, dy, y, rstd, m, p []T
	of                    []int32
	d                     int
}

// Run does rows lo..hi-1.
func (t *segNormBack[T]) Run(lo, hi int) {
	if t.fast(lo, hi) {
		return
	}
	for r := lo; r < hi; r++ {
		s := int(t.of[r]) * t.d
		m, p, rstd := t.m[s:s+t.d], t.p[s:s+t.d], t.rstd[s:s+t.d]
		dx, dy, y := t.dx[r*t.d:r*t.d+t.d], t.dy[r*t.d:r*t.d+t.d], t.y[r*t.d:r*t.d+t.d]
		for c := range dx {
			dx[c] = T((dy[c] - m[c] - T(y[c]*p[c])) * rstd[c])
		}
	}
}
