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

// wide does rows lo..hi-1 by register tiles of AVX-512.
func (t *matMul32) wide(lo, hi int) {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	for m0 := lo; m0 < hi; m0 += blockM {
		m1 := min(hi, m0+blockM)
		for k0 := 0; k0 < t.k; k0 += blockK {
			k1, load := min(t.k, k0+blockK), min(1, k0)
			a, lda := t.a[m0*t.k+k0:], t.k
			if t.k >= copyFrom && t.n > wideCols {
				s.f32 = grow(s.f32, blockM*copiedLd)
				for i := range m1 - m0 {
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
				if 4*len(t.c) >= streamFrom && k1 == t.k && cols == wideCols {
					stream = 1
				}
				for i := m0; i < m1; {
					i += wideTile(m1-i, t.c[i*t.n+j:], t.n, a[(i-m0)*lda:], lda, b, ldb, k1-k0, load, cols, stream)
				}
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
