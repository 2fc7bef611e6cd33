//go:build amd64 && !purego

package kernel

// wideCols is the width of a register tile of AVX-512 and of a packed panel of B; wideRows is its height.
const (
	wideCols   = 32
	wideRows   = 12
	streamFrom = 1 << 25     // bytes of C that no cache keeps until they are read
	copyFrom   = 512         // row length from which blocks of A are copied together: their rows would share cache sets
	copiedLd   = blockK + 16 // row length of the copy
)

// wide does rows lo..hi-1, a block of them, by register tiles of AVX-512.
func (t *matMul32) wide(lo, hi int) {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	past := 4*len(t.c) >= streamFrom && t.then.empty()
	for k0 := 0; k0 < t.k; k0 += blockK {
		k1, load := min(t.k, k0+blockK), min(1, k0)
		a, lda := t.a[lo*t.k+k0:], t.k
		if t.k >= copyFrom && t.n > wideCols {
			s.f32 = grow(s.f32, matMulRows*copiedLd)
			for i := range hi - lo {
				copy(s.f32[i*copiedLd:], a[i*t.k:][:k1-k0])
			}
			a, lda = s.f32, copiedLd
		}
		for j := 0; j < t.n; j += wideCols {
			b, ldb, cols := t.b, t.n, min(wideCols, t.n-j)
			if t.packed != nil {
				b, ldb = (*t.packed)[j*t.k+k0*wideCols:], wideCols
			} else {
				b = b[k0*t.n+j:]
			}
			stream := 0
			if past && k1 == t.k && cols == wideCols {
				stream = 1
			}
			for i := lo; i < hi; {
				i += wideTile(hi-i, t.c[i*t.n+j:], t.n, a[(i-lo)*lda:], lda, b, ldb, k1-k0, load, cols, stream)
			}
		}
	}
}

// wideTile does the largest tile of at most rows rows, and returns how many it did.
func wideTile(rows int, c []float32, ldc int, a []float32, lda int, b []float32, ldb, k, load, cols, stream int) int {
	pc, pa, pb := &c[0], &a[0], &b[0]
	if cols <= 16 {
		switch {
		case rows >= 12:
			tileWide12x16(pc, ldc, pa, lda, pb, ldb, k, load, cols, stream)
			return 12
		case rows >= 8:
			tileWide8x16(pc, ldc, pa, lda, pb, ldb, k, load, cols, stream)
			return 8
		case rows >= 4:
			tileWide4x16(pc, ldc, pa, lda, pb, ldb, k, load, cols, stream)
			return 4
		case rows >= 2:
			tileWide2x16(pc, ldc, pa, lda, pb, ldb, k, load, cols, stream)
			return 2
		}
		tileWide1x16(pc, ldc, pa, lda, pb, ldb, k, load, cols, stream)
		return 1
	}
	switch {
	case rows >= 12:
		tileWide12x32(pc, ldc, pa, lda, pb, ldb, k, load, cols, stream)
		return 12
	case rows >= 8:
		tileWide8x32(pc, ldc, pa, lda, pb, ldb, k, load, cols, stream)
		return 8
	case rows >= 4:
		tileWide4x32(pc, ldc, pa, lda, pb, ldb, k, load, cols, stream)
		return 4
	case rows >= 2:
		tileWide2x32(pc, ldc, pa, lda, pb, ldb, k, load, cols, stream)
		return 2
	}
	tileWide1x32(pc, ldc, pa, lda, pb, ldb, k, load, cols, stream)
	return 1
}

// fast does rows lo..hi-1, a block of them, by register tiles, and reports whether it did.
func (t *matMul64) fast(lo, hi int) bool {
	const cols = 16
	if !hasAVX2 || t.k == 0 {
		return false
	}
	if !hasAVX512 {
		t.narrow(lo, hi)
		return true
	}
	for k0 := 0; k0 < t.k; k0 += blockK {
		k, load := min(t.k-k0, blockK), min(1, k0)
		for j := 0; j < t.n; j += cols {
			for i := lo; i < hi; {
				c, a, b := &t.c[i*t.n+j], &t.a[i*t.k+k0], &t.b[k0*t.n+j]
				i += doubleTile(hi-i, c, t.n, a, t.k, b, t.n, k, load, min(cols, t.n-j))
			}
		}
	}
	return true
}

// doubleTile does the largest tile of at most rows rows, and returns how many it did.
func doubleTile(rows int, c *float64, ldc int, a *float64, lda int, b *float64, ldb, k, load, cols int) int {
	switch {
	case rows >= 12:
		tileDouble12x16(c, ldc, a, lda, b, ldb, k, load, cols, 0)
		return 12
	case rows >= 8:
		tileDouble8x16(c, ldc, a, lda, b, ldb, k, load, cols, 0)
		return 8
	case rows >= 4:
		tileDouble4x16(c, ldc, a, lda, b, ldb, k, load, cols, 0)
		return 4
	case rows >= 2:
		tileDouble2x16(c, ldc, a, lda, b, ldb, k, load, cols, 0)
		return 2
	}
	tileDouble1x16(c, ldc, a, lda, b, ldb, k, load, cols, 0)
	return 1
}
