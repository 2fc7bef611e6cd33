//go:build amd64 && !purego

package kernel

// fastTerms is the most terms of a sum whose grid the assembly knows.
const fastTerms = 1 << 11

// floats returns x where the assembly has a form for it: float32 with 1, 2, 4 or 8 heads.
func floats[T Float](x []T, heads int) ([]float32, bool) {
	f, ok := any(x).([]float32)
	return f, ok && hasAVX2 && len(f) > 0 && (heads == 1 || heads == 2 || heads == 4 || heads == 8)
}

// fastGather reports whether it did all of takeRows.
func fastGather[T Float](out, x []T, at []int32, h int) bool {
	f, ok := any(x).([]float32)
	if !ok || !hasAVX2 || h < 2 || h > rowChunk || len(at) == 0 {
		return false
	}
	y := any(out).([]float32)
	if h == 8 {
		attendGather8(&y[0], &f[0], &at[0], len(at))
		return true
	}
	steps(len(at), h, callSize, func(lo, hi int) { fetchRows(&y[lo*h], &f[0], &at[lo], hi-lo, h) })
	return true
}

// fastScatter reports whether it did all of scatterRows.
func fastScatter[T Float](out, x []T, at []int32, h int) bool {
	f, ok := any(x).([]float32)
	if !ok || !hasAVX2 || h < 2 || h > rowChunk || len(at) == 0 {
		return false
	}
	y := any(out).([]float32)
	if h == 8 {
		attendScatter8(&y[0], &f[0], &at[0], len(at))
		return true
	}
	steps(len(at), h, callSize, func(lo, hi int) { putRows(&y[0], &f[lo*h], &at[lo], hi-lo, h) })
	return true
}

// fastAdd adds row s of dst to the rows of segment s of a piece, and reports whether it did.
func fastAdd[T Float](x, dst []T, ptr []int32, heads int) bool {
	f, ok := floats(x, heads)
	if !ok {
		return false
	}
	d, n := any(dst).([]float32), len(ptr)-1
	switch heads {
	case 1:
		attendAdd1(&f[0], &d[0], &ptr[0], n)
	case 2:
		attendAdd2(&f[0], &d[0], &ptr[0], n)
	case 4:
		attendAdd4(&f[0], &d[0], &ptr[0], n)
	case 8:
		attendAdd8(&f[0], &d[0], &ptr[0], n)
	}
	return true
}

// fastShift does the leading segments, returns how many, and reports whether it has a form for them: see shift.
func fastShift[T Float](x []T, ptr []int32, heads int, slope T) (done int, ok bool) {
	f, ok := floats(x, heads)
	if !ok {
		return 0, false
	}
	n := len(ptr) - 1
	switch heads {
	case 1:
		return attendShift1(&f[0], &ptr[0], n, float32(slope)), true
	case 2:
		return attendShift2(&f[0], &ptr[0], n, float32(slope)), true
	case 4:
		return attendShift4(&f[0], &ptr[0], n, float32(slope)), true
	default:
		return attendShift8(&f[0], &ptr[0], n, float32(slope)), true
	}
}

// fastNormalize does the leading segments, returns how many, and reports whether it has a form for them: see normalize.
func fastNormalize[T Float](x []T, ptr []int32, heads int) (done int, ok bool) {
	f, ok := floats(x, heads)
	if !ok || len(f) > heads*fastTerms {
		return 0, false
	}
	n := len(ptr) - 1
	switch heads {
	case 1:
		return attendNormalize1(&f[0], &ptr[0], n), true
	case 2:
		return attendNormalize2(&f[0], &ptr[0], n), true
	case 4:
		return attendNormalize4(&f[0], &ptr[0], n), true
	default:
		return attendNormalize8(&f[0], &ptr[0], n), true
	}
}

// fastSoftmaxBack does the leading segments, returns how many, and reports whether it has a form for them: see softmaxBack.
func fastSoftmaxBack[T Float](b, a []T, ptr []int32, heads int) (done int, ok bool) {
	f, ok := floats(b, heads)
	if !ok || len(f) > heads*fastTerms {
		return 0, false
	}
	alpha, n := any(a).([]float32), len(ptr)-1
	switch heads {
	case 1:
		return attendBack1(&f[0], &alpha[0], &ptr[0], n), true
	case 2:
		return attendBack2(&f[0], &alpha[0], &ptr[0], n), true
	case 4:
		return attendBack4(&f[0], &alpha[0], &ptr[0], n), true
	default:
		return attendBack8(&f[0], &alpha[0], &ptr[0], n), true
	}
}

// fastSum does the leading segments, returns how many, and reports whether it has a form for them: see sum. Empty segments are left alone.
func fastSum[T Float](out, x []T, ptr []int32, heads int) (done int, ok bool) {
	f, ok := floats(x, heads)
	if !ok || len(f) > heads*fastTerms {
		return 0, false
	}
	y, n := any(out).([]float32), len(ptr)-1
	switch heads {
	case 1:
		return attendSum1(&y[0], &f[0], &ptr[0], n), true
	case 2:
		return attendSum2(&y[0], &f[0], &ptr[0], n), true
	case 4:
		return attendSum4(&y[0], &f[0], &ptr[0], n), true
	default:
		return attendSum8(&y[0], &f[0], &ptr[0], n), true
	}
}

// fastProducts is the most products of one call of attendFold: it bounds its time.
const fastProducts = 1 << 19

// fastFold does the leading segments, returns how many, and reports whether it has a form for them: see weightedSum.
func fastFold[T Float](out, w, x []T, rows, ptr, head []int32, heads, d int) (done int, ok bool) {
	f, ok := any(x).([]float32)
	if !ok || !hasAVX2 || heads > 8 || len(rows) == 0 || len(rows) > fastTerms || len(rows)*d > fastProducts {
		return 0, false
	}
	y, v := any(out).([]float32), any(w).([]float32)
	return attendFold(&y[0], &v[0], &f[0], &rows[0], &ptr[0], len(ptr)-1, &head[0], heads, d), true
}

// whole returns x to the end of its last block of eight, for which a piece has room.
func whole[T Float](x []T) (f []float32, blocks int) {
	f, ok := any(x).([]float32)
	if !ok || !hasAVX2 || len(f) == 0 {
		return nil, 0
	}
	blocks = (len(f) + pad) / 8
	return f[:8*blocks], blocks
}

// fastDrop reports whether it did all of mask.
func fastDrop[T Float](x, kept []T, words []uint32, threshold uint32, scale T) bool {
	f, n := whole(x)
	if n > 0 {
		k, _ := whole(kept)
		attendDrop(&f[0], &k[0], &words[:8*n][0], threshold, float32(scale), n)
	}
	return n > 0
}

// fastUnmask reports whether it did all of unmask.
func fastUnmask[T Float](b, a []T, scale T) bool {
	f, n := whole(b)
	if n > 0 {
		k, _ := whole(a)
		attendUnmask(&f[0], &k[0], float32(scale), n)
	}
	return n > 0
}

// fastWeights reports whether it did all of keptWeights.
func fastWeights[T Float](a []T, scale T) bool {
	f, n := whole(a)
	if n > 0 {
		attendWeights(&f[0], float32(scale), n)
	}
	return n > 0
}

// fastLeaky reports whether it did all of leakyBack.
func fastLeaky[T Float](b, a []T, slope T) bool {
	f, n := whole(b)
	if n > 0 {
		k, _ := whole(a)
		attendLeaky(&f[0], &k[0], float32(slope), n)
	}
	return n > 0
}

// outerSize is the most numbers of one call of attendOuter: it bounds its time.
const outerSize = 1 << 19

// fastOuter reports whether it did all of rows lo..hi-1.
func fastOuter[T Float](t *headOuter[T], lo, hi int) bool {
	y, ok := any(t.y).([]float32)
	if !ok || !hasAVX2 || t.heads > 8 || t.d > outerSize {
		return false
	}
	s := borrow[outerHeads]()
	s.of = headsOf(s.of, t.d, t.heads)
	a, w := any(t.a).([]float32), any(t.w).([]float32)
	for step := outerSize / t.d; lo < hi; lo += step {
		var base *float32
		if t.add {
			base = &y[lo*t.d]
		}
		attendOuter(&y[lo*t.d], base, &a[0], &w[lo*t.heads], &s.of[0], min(step, hi-lo), t.heads, t.d)
	}
	giveBack(s)
	return true
}

// outerHeads is the head of each channel.
type outerHeads struct{ of []int32 }

// fastOuters reports whether it did all of outer.
func fastOuters[T Float](y, a, w []T, ptr, head []int32, heads, d int) bool {
	f, ok := any(y).([]float32)
	if !ok || !hasAVX2 || heads > 8 || len(f) > outerSize {
		return false
	}
	rows, weights := any(a).([]float32), any(w).([]float32)
	for s, p := range ptr[:len(ptr)-1] {
		if n := int(ptr[s+1] - p); n > 0 {
			out := &f[int(p)*d]
			attendOuter(out, out, &rows[s*d], &weights[int(p)*heads], &head[0], n, heads, d)
		}
	}
	return true
}
