//go:build amd64 && !purego

package kernel

import "math"

// fast sets s.acc to the sums of the integers of row blocks lo..hi-1 by tiles of 4 by 8, and reports whether it did. Rows are
// brought to the units of their columns in float64 once a block; edges are padded with columns of zeros.
func (t *denseGram32) fast(s *scratch, lo, hi int) bool {
	if !hasAVX2 || t.n == 0 {
		return false
	}
	m, n := t.to-t.from, t.n
	mp, ld := (m+3)&^3, t.stride()
	s.f64 = grow(s.f64, (mp+ld)*(gramRows+1))
	ua, ub := s.f64[:mp], s.f64[mp:][:ld]
	a, b := s.f64[mp+ld:][:mp*gramRows], s.f64[(mp+ld)+mp*gramRows:][:ld*gramRows]
	t.units(ua[:m], ub[:n])
	magic := magic32(0, excess(t.r))
	s.acc = grow(s.acc, mp*ld)
	acc := s.acc
	clear(acc)
	clear(a)
	clear(b)
	rows := 0
	for block := lo; block < hi; block++ {
		l0, l1 := block*gramRows, min(t.r, (block+1)*gramRows)
		for l := l0; l < l1; l++ {
			scaleTo(a[(l-l0)*mp:][:m], t.a[l*t.m+t.from:l*t.m+t.to], ua)
			scaleTo(b[(l-l0)*ld:][:n], t.b[l*n:l*n+n], ub)
		}
		for i := 0; i < m; i += 4 {
			for j := 0; j < n; j += 8 {
				gramTile(&acc[i*ld+j], ld, &a[i], mp, &b[j], ld, l1-l0, magic)
			}
		}
		rows += l1 - l0
	}
	zeros := int64(rows) * int64(math.Float64bits(magic))
	for i := range m {
		for j := range n {
			acc[i*ld+j] -= zeros
		}
	}
	return true
}

// scaleTo is: for i, x := range x { dst[i] = float64(x) * unit[i] }.
func scaleTo(dst []float64, x []float32, unit []float64) {
	n := len(x) &^ 3
	if n > 0 {
		scaleRow(&dst[0], &x[0], &unit[0], n/4)
	}
	for i := n; i < len(x); i++ {
		dst[i] = float64(x[i]) * unit[i]
	}
}
