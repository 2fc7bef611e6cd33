//go:build amd64 && !purego

package kernel

import "math"

// Functions of the rows of float32 matrices. A call does at most about callSize elements, which bounds its time; a block of rows
// that several calls go over has about blockSize, which stays in the first cache.
const (
	callSize  = 1 << 18
	blockSize = 1 << 11
)

// steps calls f for pieces lo..hi-1 of n rows of d channels.
func steps(n, d, size int, f func(lo, hi int)) {
	step := max(1, size/max(1, d))
	for lo := 0; lo < n; lo += step {
		f(lo, min(n, lo+step))
	}
}

// rows32 sets y[r,:] = a[r,:] op b[r,:] for n rows; the rows of b are stride apart, 0 for one row that serves all.
func rows32(op Binary, y, a, b []float32, n, d, stride int) {
	if n == 0 || d == 0 {
		return
	}
	y, a, b = y[:n*d], a[:n*d], b[:(n-1)*stride+d]
	switch op {
	case Add:
		addRows(&y[0], &a[0], &b[0], n, d, stride)
	case Sub:
		subRows(&y[0], &a[0], &b[0], n, d, stride)
	case Mul:
		mulRows(&y[0], &a[0], &b[0], n, d, stride)
	case div:
		divRows(&y[0], &a[0], &b[0], n, d, stride)
	}
}

// groups32 sets y[g,:] = a[g,:] op b[g] for n groups of channels.
func groups32(op Binary, y, a, b []float32, n, per int) {
	if n == 0 || per == 0 {
		return
	}
	y, a, b = y[:n*per], a[:n*per], b[:n]
	switch {
	case per == 1:
		rows32(op, y, a, b, 1, n, 0)
	case op == Add:
		addGroups(&y[0], &a[0], &b[0], n, per)
	case op == Sub:
		subGroups(&y[0], &a[0], &b[0], n, per)
	case op == Mul:
		mulGroups(&y[0], &a[0], &b[0], n, per)
	case op == div:
		divGroups(&y[0], &a[0], &b[0], n, per)
	}
}

// fast does rows lo..hi-1 by assembly, and reports whether it did.
func (t *broadcast[T]) fast(lo, hi int) bool {
	v, ok := any(t).(*broadcast[float32])
	if !ok || !hasAVX2 || v.d == 0 || v.bCols == 0 || v.d%v.bCols != 0 {
		return false
	}
	y, a, b := v.y[lo*v.d:hi*v.d], v.a[lo*v.d:hi*v.d], v.b
	if v.bRows != 1 {
		b = b[lo*v.bCols : hi*v.bCols]
	}
	per := v.d / v.bCols
	switch {
	case v.bRows == 1 && v.bCols == 1:
		steps(len(a), 1, callSize, func(lo, hi int) { groups32(v.op, y[lo:hi], a[lo:hi], b, 1, hi-lo) })
	case v.bRows == 1 && per == 1 && v.d > callSize:
		for r := range hi - lo {
			flat32(v.op, y[r*v.d:r*v.d+v.d], a[r*v.d:], b)
		}
	case v.bRows == 1 && per == 1:
		steps(hi-lo, v.d, callSize, func(lo, hi int) { rows32(v.op, y[lo*v.d:], a[lo*v.d:], b, hi-lo, v.d, 0) })
	case v.bRows == 1:
		for r := range hi - lo {
			groups32(v.op, y[r*v.d:], a[r*v.d:], b, v.bCols, per)
		}
	case per == 1:
		flat32(v.op, y, a, b)
	default:
		steps(len(b), per, callSize, func(lo, hi int) { groups32(v.op, y[lo*per:], a[lo*per:], b[lo:], hi-lo, per) })
	}
	return true
}

// flat32 sets y = a op b element by element.
func flat32(op Binary, y, a, b []float32) {
	steps(len(y), 1, callSize, func(lo, hi int) { rows32(op, y[lo:hi], a[lo:hi], b[lo:hi], 1, hi-lo, 0) })
}

// fastAddTo sets y += x by assembly, and reports whether it did.
func fastAddTo[T Float](y, x []T) bool {
	y32, ok := any(y).([]float32)
	if !ok || !hasAVX2 {
		return false
	}
	flat32(Add, y32, y32, any(x).([]float32)[:len(y32)])
	return true
}

// fastAddScaled sets y += x*a by assembly, and reports whether it did.
func fastAddScaled[T Float](y, x []T, a T) bool {
	y32, ok := any(y).([]float32)
	if !ok || !hasAVX2 {
		return false
	}
	x32 := any(x).([]float32)[:len(y32)]
	steps(len(y32), 1, callSize, func(lo, hi int) { addScaled32(&y32[lo], &x32[lo], hi-lo, float32(a)) })
	return true
}

// fast does rows lo..hi-1 by assembly, and reports whether it did. The copy of a long row is fast already.
func (t *gather[T]) fast(lo, hi int) bool {
	out, ok := any(t.out).([]float32)
	if !ok || !hasAVX2 || t.d == 0 || t.d > 128 {
		return false
	}
	of := t.of[lo:hi]
	out = out[lo*t.d : hi*t.d]
	steps(len(of), t.d, callSize, func(lo, hi int) { gather32(out[lo*t.d:hi*t.d], any(t.x).([]float32), of[lo:hi], t.d) })
	return true
}

// gather32 copies the rows of x, which may be chosen by a user: a row that is not there panics as in Go.
func gather32(out, x []float32, of []int32, d int) {
	for _, r := range of {
		_ = x[int(r)*d : int(r)*d+d]
	}
	if len(out) > 0 {
		gatherRows(&out[0], &x[0], &of[0], len(of), d)
	}
}

// rowSums32 sets out[r] = RowSum of row r of x, dots32 the RowDot of row r of a and b, for at most foldChunk rows; maxima32 sets the
// maximum of a row, which is NaN where the row has a NaN.
func rowSums32(out, x []float32, d int) { rowSums(&out[0], &x[:len(out)*d][0], len(out), d) }
func maxima32(out, x []float32, d int)  { rowMaxima(&out[0], &x[:len(out)*d][0], len(out), d) }
func dots32(out, a, b []float32, d int) {
	headDots(&out[0], &a[:len(out)*d][0], 0, &b[:len(out)*d][0], &identity[0], &identity[0], len(out), 1, d)
}

// block32 calls f for blocks of rows lo..hi-1 with two numbers a row and room for the values of a block.
func block32(lo, hi, d int, f func(lo, hi int, p, q, room []float32)) {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	n := max(1, blockSize/d)
	s.f32 = grow(s.f32, n*(2+d))
	p, q, room := s.f32[:n], s.f32[n:2*n], s.f32[2*n:]
	for ; lo < hi; lo += n {
		n := min(n, hi-lo)
		f(lo, lo+n, p[:n], q[:n], room[:n*d])
	}
}

// fast does rows lo..hi-1 by assembly, and reports whether it did.
func (t *layerNorm[T]) fast(lo, hi int) bool {
	v, ok := any(t).(*layerNorm[float32])
	if !ok || !hasAVX2 || v.d == 0 {
		return false
	}
	block32(lo, hi, v.d, func(lo, hi int, mean, _, _ []float32) {
		x, y, rstd := v.x[lo*v.d:hi*v.d], v.y[lo*v.d:hi*v.d], v.rstd[lo:hi]
		rowSums32(mean, x, v.d)
		divide(mean, float32(v.d))
		groups32(Sub, y, x, mean, hi-lo, v.d)
		dots32(rstd, y, y, v.d)
		for i, s := range rstd {
			rstd[i] = float32(1 / math.Sqrt(float64(s/float32(v.d)+v.eps)))
		}
		groups32(Mul, y, y, rstd, hi-lo, v.d)
	})
	return true
}

func divide(x []float32, by float32) {
	for i := range x {
		x[i] /= by
	}
}

// fast does rows lo..hi-1 by assembly, and reports whether it did.
func (t *layerNormBack[T]) fast(lo, hi int) bool {
	v, ok := any(t).(*layerNormBack[float32])
	if !ok || !hasAVX2 || v.d == 0 {
		return false
	}
	block32(lo, hi, v.d, func(lo, hi int, m, p, room []float32) {
		dx, dy, y := v.dx[lo*v.d:hi*v.d], v.dy[lo*v.d:hi*v.d], v.y[lo*v.d:hi*v.d]
		rowSums32(m, dy, v.d)
		divide(m, float32(v.d))
		dots32(p, dy, y, v.d)
		divide(p, float32(v.d))
		groups32(Mul, room, y, p, hi-lo, v.d)
		groups32(Sub, dx, dy, m, hi-lo, v.d)
		rows32(Sub, dx, dx, room, 1, len(dx), 0)
		groups32(Mul, dx, dx, v.rstd[lo:hi], hi-lo, v.d)
	})
	return true
}

// fast does rows lo..hi-1 by assembly, and reports whether it did.
func (t *normalize[T]) fast(lo, hi int) bool {
	v, ok := any(t).(*normalize[float32])
	if !ok || !hasAVX2 || v.d == 0 {
		return false
	}
	block32(lo, hi, v.d, func(lo, hi int, _, _, _ []float32) {
		x, y, norm := v.x[lo*v.d:hi*v.d], v.y[lo*v.d:hi*v.d], v.norm[lo:hi]
		dots32(norm, x, x, v.d)
		for i, s := range norm {
			norm[i] = max(float32(math.Sqrt(float64(s))), v.eps)
		}
		groups32(div, y, x, norm, hi-lo, v.d)
	})
	return true
}

// fast does rows lo..hi-1 by assembly, and reports whether it did.
func (t *normalizeBack[T]) fast(lo, hi int) bool {
	v, ok := any(t).(*normalizeBack[float32])
	if !ok || !hasAVX2 || v.d == 0 {
		return false
	}
	block32(lo, hi, v.d, func(lo, hi int, p, _, room []float32) {
		dx, dy, y, norm := v.dx[lo*v.d:hi*v.d], v.dy[lo*v.d:hi*v.d], v.y[lo*v.d:hi*v.d], v.norm[lo:hi]
		dots32(p, dy, y, v.d)
		for i, n := range norm {
			if !(n > v.eps) {
				p[i] = 0
			}
		}
		groups32(Mul, room, y, p, hi-lo, v.d)
		rows32(Sub, dx, dy, room, 1, len(dx), 0)
		groups32(div, dx, dx, norm, hi-lo, v.d)
	})
	return true
}

// fast does rows lo..hi-1 by assembly, and reports whether it did.
func (t *softmax[T]) fast(lo, hi int) bool {
	v, ok := any(t).(*softmax[float32])
	if !ok || !hasAVX2 || v.d == 0 {
		return false
	}
	block32(lo, hi, v.d, func(lo, hi int, m, s, _ []float32) {
		p, x, n := v.p[lo*v.d:hi*v.d], v.x, hi-lo
		if v.at != nil {
			gather32(p, x, v.at[lo:hi], v.d)
			x = p
		} else {
			x = x[lo*v.d : hi*v.d]
		}
		maxima32(m, x, v.d)
		groups32(Sub, p, x, m, n, v.d)
		fastMap(fnExp, p, p)
		rowSums32(s, p, v.d)
		groups32(div, p, p, s, n, v.d)
		fastMap(fnLog, s, s)
		rows32(Add, v.logSum[lo:hi], m, s, 1, n, 0)
	})
	return true
}

// fast does rows lo..hi-1 by assembly, and reports whether it did.
func (t *headDot[T]) fast(lo, hi int) bool {
	v, ok := any(t).(*headDot[float32])
	if !ok || !hasAVX2 || v.d == 0 || v.d > rowChunk || v.d%v.heads != 0 {
		return false
	}
	step := max(1, min(foldChunk, callSize/v.d))
	for ; lo < hi; lo += step {
		n, a, jump := min(step, hi-lo), v.a[:v.d], -v.d
		if v.aRows != 1 {
			a, jump = v.a[lo*v.d:(lo+n)*v.d], 0
		}
		z, out := v.z[lo*v.d:(lo+n)*v.d], v.out[lo*v.heads:(lo+n)*v.heads]
		headDots(&out[0], &a[0], jump, &z[0], &identity[0], &identity[0], n, v.heads, v.d/v.heads)
	}
	return true
}

// fast does rows lo..hi-1 by assembly, and reports whether it did.
func (t *segNorm[T]) fast(lo, hi int) bool {
	v, ok := any(t).(*segNorm[float32])
	if !ok || !hasAVX2 || v.d == 0 || v.d > rowChunk {
		return false
	}
	y, x, of := v.y[lo*v.d:hi*v.d], v.x[lo*v.d:hi*v.d], v.of[lo:hi]
	steps(hi-lo, v.d, callSize, func(lo, hi int) {
		normRows(&y[lo*v.d], &x[lo*v.d], &v.mean[0], &v.rstd[0], &of[lo], hi-lo, v.d)
	})
	return true
}

// fast does rows lo..hi-1 by assembly, and reports whether it did.
func (t *segNormBack[T]) fast(lo, hi int) bool {
	v, ok := any(t).(*segNormBack[float32])
	if !ok || !hasAVX2 || v.d == 0 || v.d > rowChunk {
		return false
	}
	dx, dy, y, of := v.dx[lo*v.d:hi*v.d], v.dy[lo*v.d:hi*v.d], v.y[lo*v.d:hi*v.d], v.of[lo:hi]
	steps(hi-lo, v.d, callSize, func(lo, hi int) {
		normRowsBack(&dx[lo*v.d], &dy[lo*v.d], &y[lo*v.d], &v.rstd[0], &v.m[0], &v.p[0], &of[lo], hi-lo, v.d)
	})
	return true
}
