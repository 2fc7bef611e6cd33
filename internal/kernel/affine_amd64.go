//go:build amd64 && !purego

package kernel

// fast does rows lo..hi-1, a block of them, in one pass by assembly, and reports whether it did.
func (t *affine[T]) fast(lo, hi int) bool {
	v, ok := any(t).(*affine[float32])
	if !ok || !hasAVX2 || v.d > rowChunk || len(v.Weight) < v.d || len(v.Bias) < v.d || v.Residual != nil || v.Kept != nil || v.Y != nil ||
		v.Op != OpNone && v.Op != OpReLU || (v.Mean == nil) != (v.Scale == nil) {
		return false
	}
	y, x, w, b, n, relu := &v.y[lo*v.d], &v.x[lo*v.d], &v.Weight[0], &v.Bias[0], hi-lo, v.Op == OpReLU
	_, _ = v.y[hi*v.d-1], v.x[hi*v.d-1]
	if v.Mean == nil {
		if relu {
			affineReLURows(y, x, w, b, n, v.d)
		} else {
			affineRows(y, x, w, b, n, v.d)
		}
		return true
	}
	mean, scale := &v.Mean[:v.d][0], &v.Scale[:v.d][0]
	if relu {
		normAffineReLURows(y, x, mean, scale, w, b, n, v.d)
	} else {
		normAffineRows(y, x, mean, scale, w, b, n, v.d)
	}
	return true
}

// fast does rows lo..hi-1 of c, which come from x, in one pass by assembly, and reports whether it did.
func (e *Then[T]) fast(c, x []T, lo, hi, n int) bool {
	v, ok := any(e).(*Then[float32])
	if !ok || !hasAVX2 || n == 0 || n > rowChunk || v.Op != OpReLU || v.Y != nil || v.Residual != nil || v.Bias == nil {
		return false
	}
	to, from := any(c).([]float32)[lo*n:hi*n], any(x).([]float32)[lo*n:hi*n]
	steps(hi-lo, n, callSize, func(lo, hi int) { biasReLURows(&to[lo*n], &from[lo*n], &v.Bias[:n][0], hi-lo, n) })
	return true
}
