//go:build amd64 && !purego

package kernel

import "math"

// fast sets s.acc to the sums of the integers of items lo..hi-1 by tiles of 4 by 8, and reports whether it did. Rows are
// brought to the units of their columns in float64 once a block; edges are padded with columns of zeros.
func (t *denseGram32) fast(s *scratch, lo, hi int) bool {
	if !hasAVX2 || t.n == 0 {
		return false
	}
	m, n := t.to-t.from, t.n
	mp, ld := stride(m), stride(n)
	s.f64 = grow(s.f64, (mp+ld)*(gramRows+1))
	ua, ub := s.f64[:mp], s.f64[mp:][:ld]
	a, b := s.f64[mp+ld:][:mp*gramRows], s.f64[(mp+ld)+mp*gramRows:][:ld*gramRows]
	t.units(ua[:m], ub[:n])
	magic := magic32(0, excess(t.r))
	s.acc = grow(s.acc, mp*ld)
	acc := s.acc
	clear(acc)
	from, to := t.rows(lo, hi)
	for l0 := from; l0 < to; l0 += gramRows {
		l1 := min(to, l0+gramRows)
		for l := l0; l < l1; l++ {
			scaleTo(a[(l-l0)*mp:][:mp], t.a[l*t.m+t.from:l*t.m+t.to], ua)
			scaleTo(b[(l-l0)*ld:][:ld], t.b[l*n:l*n+n], ub)
		}
		if hasAVX512 {
			for i := 0; i < m; i += 8 {
				for j := 0; j < n; j += 16 {
					gramTileWide(&acc[i*ld+j], ld, &a[i], mp, &b[j], ld, l1-l0, magic)
				}
			}
		} else {
			for i := 0; i < m; i += 4 {
				for j := 0; j < n; j += 8 {
					gramTile(&acc[i*ld+j], ld, &a[i], mp, &b[j], ld, l1-l0, magic)
				}
			}
		}
	}
	return true
}

// fastFinish rounds the integers of rows from..to-1 of C, and reports whether it did.
func (t *denseGram32) fastFinish(c []float32, excess int) bool {
	if !hasAVX2 || t.n == 0 {
		return false
	}
	n, ld, g := t.n, stride(t.n), t.g
	zero := t.r * int(math.Float64bits(magic32(0, excess)))
	g.unit = grow(g.unit, n)
	for j, e := range g.eb {
		g.unit[j] = 0
		if e < nonfinite {
			g.unit[j] = pow2(int(e))
		}
	}
	for i := t.from; i < t.to; i++ {
		row, out, acc := 0.0, c[i*n:i*n+n], g.acc[(i-t.from)*ld:][:n]
		if e := g.ea[i]; e < nonfinite {
			row = pow2(int(e) + excess - 51)
		}
		for j := 0; j < n&^3; j += rowChunk {
			gramFinish(&out[j], &acc[j], zero, &g.unit[j], row, min(rowChunk, n&^3-j)/4)
		}
		for j := n &^ 3; j < n; j++ {
			out[j] = float32(float64(acc[j]-int64(zero)) * (g.unit[j] * row))
		}
	}
	return true
}

// fast raises the maxima of the leading columns by rows lo..hi-1, and returns how many columns it did.
func (t *colMax32) fast(mx []uint32, lo, hi int) int {
	if !hasAVX2 {
		return 0
	}
	done := 0
	for p := lo; p < hi; p += foldChunk {
		done = foldMaxima(mx, t.a[p*t.cols:], t.cols, identity[:min(foldChunk, hi-p)])
	}
	return done
}

// scaleTo is: for i, x := range x { dst[i] = float64(x) * unit[i] }, and zeros after them.
func scaleTo(dst []float64, x []float32, unit []float64) {
	n := len(x) &^ 3
	for i := 0; i < n; i += rowChunk {
		scaleRow(&dst[i], &x[i], &unit[i], min(rowChunk, n-i)/4)
	}
	for i := n; i < len(x); i++ {
		dst[i] = float64(x[i]) * unit[i]
	}
	clear(dst[len(x):])
}

// fast does row i of C, column i of X, by the folds of weighted sums, and reports whether it did: all maxima must be normal or
// zero and the tiles whole. The integers of the folds are those of the portable road.
func (t *csrGram32) fast(s *scratch, i, excess int) bool {
	n, p, end := t.n, int(t.x.Ptr[i]), int(t.x.Ptr[i+1])
	out := t.c[i*n : i*n+n]
	if t.g.ea[i] == zeroMax {
		clear(out)
		return true
	}
	if !hasAVX2 || n == 0 || n%8 != 0 || n > rowChunk || t.g.ea[i] == nonfinite || t.g.ea[i] < -126 || p == end {
		return false
	}
	s.m, s.acc = grow(s.m, n), grow(s.acc, n)
	// The maxima of the columns of B are the last that columnExponents32 found.
	if foldGrid(&s.m[0], &t.g.u32[0], 1+excess+int(t.g.ea[i]), n/4) != 0 {
		return false
	}
	clear(s.acc)
	for p0 := p; p0 < end; p0 += foldChunk {
		p1 := min(end, p0+foldChunk)
		foldDots(s.acc, s.m, t.b, n, t.x.Row[p0:p1], t.x.Val, 1, t.x.Pos[p0:p1])
	}
	foldFinish(&out[0], &s.acc[0], &s.m[0], end-p, 1, n/4)
	return true
}
