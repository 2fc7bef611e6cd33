//go:build amd64 && !purego

package kernel

// panelCols is the width of a register tile and of a packed panel of B.
const (
	panelCols  = 16
	doubleCols = 8       // the same for float64
	blockK     = 256     // rows of a panel that stay in the first cache
	packFrom   = 1 << 14 // elements of B from which packing pays
)

// tile continues r rows of 16 chains; see tile6.
func tile(r int, c []float32, ldc int, a []float32, lda int, b []float32, ldb, k, load int) {
	switch r {
	case 6:
		tile6(&c[0], ldc, &a[0], lda, &b[0], ldb, k, load)
	case 5:
		tile5(&c[0], ldc, &a[0], lda, &b[0], ldb, k, load)
	case 4:
		tile4(&c[0], ldc, &a[0], lda, &b[0], ldb, k, load)
	case 3:
		tile3(&c[0], ldc, &a[0], lda, &b[0], ldb, k, load)
	case 2:
		tile2(&c[0], ldc, &a[0], lda, &b[0], ldb, k, load)
	case 1:
		tile1(&c[0], ldc, &a[0], lda, &b[0], ldb, k, load)
	}
}

// tile64 continues r rows of 8 chains.
func tile64(r int, c []float64, ldc int, a []float64, lda int, b []float64, ldb, k, load int) {
	switch r {
	case 6:
		tileDouble6(&c[0], ldc, &a[0], lda, &b[0], ldb, k, load)
	case 5:
		tileDouble5(&c[0], ldc, &a[0], lda, &b[0], ldb, k, load)
	case 4:
		tileDouble4(&c[0], ldc, &a[0], lda, &b[0], ldb, k, load)
	case 3:
		tileDouble3(&c[0], ldc, &a[0], lda, &b[0], ldb, k, load)
	case 2:
		tileDouble2(&c[0], ldc, &a[0], lda, &b[0], ldb, k, load)
	case 1:
		tileDouble1(&c[0], ldc, &a[0], lda, &b[0], ldb, k, load)
	}
}

// packing writes B (k,n) as panels of so many columns, k rows each, zeros on the right of the last; its items are panels.
type packing[T Float] struct {
	p, b       []T
	k, n, cols int
}

// Run does panels lo..hi-1.
func (t *packing[T]) Run(lo, hi int) {
	for j := lo * t.cols; j < min(t.n, hi*t.cols); j += t.cols {
		cols := min(t.cols, t.n-j)
		for l := range t.k {
			row := t.p[j*t.k+l*t.cols:][:t.cols]
			copy(row, t.b[l*t.n+j:][:cols])
			clear(row[cols:])
		}
	}
}

// pack packs b in the memory of p.
func pack[T Float](p *[]T, b []T, k, n, cols int) *[]T {
	panels := (n + cols - 1) / cols
	*p = grow(*p, panels*cols*k)
	run(panels, k*n/4, packing[T]{*p, b, k, n, cols})
	return p
}

// prepare packs B where panels pay.
func (t *matMul32) prepare() {
	if !hasAVX2 || t.k == 0 || (hasAVX512 || t.n%panelCols == 0) && t.k*t.n < packFrom {
		return
	}
	cols := panelCols
	if hasAVX512 {
		cols = wideCols
	}
	t.packed = pack(free32.Get().(*[]float32), t.b, t.k, t.n, cols)
}

// prepare packs B where tiles need it.
func (t *matMul64) prepare() {
	if hasAVX2 && !hasAVX512 && t.k > 0 && (t.n%doubleCols != 0 || t.k*t.n >= packFrom) {
		t.packed = pack(free64.Get().(*[]float64), t.b, t.k, t.n, doubleCols)
	}
}

// narrow does rows lo..hi-1, a block of them, by register tiles of AVX2.
func (t *matMul64) narrow(lo, hi int) {
	var edge [6 * doubleCols]float64
	for k0 := 0; k0 < t.k; k0 += blockK {
		k1, load := min(t.k, k0+blockK), min(1, k0)
		for j := 0; j < t.n; j += doubleCols {
			b, ldb := t.b, t.n
			if t.packed != nil {
				b, ldb = (*t.packed)[j*t.k+k0*doubleCols:], doubleCols
			} else {
				b = b[k0*t.n+j:]
			}
			cols := min(doubleCols, t.n-j)
			for i := lo; i < hi; i += 6 {
				r := min(6, hi-i)
				a, c := t.a[i*t.k+k0:], t.c[i*t.n+j:]
				if cols == doubleCols {
					tile64(r, c, t.n, a, t.k, b, ldb, k1-k0, load)
					continue
				}
				for x := range r * load {
					copy(edge[x*doubleCols:], c[x*t.n:][:cols])
				}
				tile64(r, edge[:], doubleCols, a, t.k, b, ldb, k1-k0, load)
				for x := range r {
					copy(c[x*t.n:][:cols], edge[x*doubleCols:])
				}
			}
		}
	}
}

// fast does rows lo..hi-1, a block of them, by register tiles, and reports whether it did.
func (t *matMul32) fast(lo, hi int) bool {
	if !hasAVX2 || t.k == 0 {
		return false
	}
	if hasAVX512 {
		t.wide(lo, hi)
		return true
	}
	var edge [6 * panelCols]float32
	for k0 := 0; k0 < t.k; k0 += blockK {
		k1, load := min(t.k, k0+blockK), min(1, k0)
		for j := 0; j < t.n; j += panelCols {
			b, ldb := t.b, t.n
			if t.packed != nil {
				b, ldb = (*t.packed)[j*t.k+k0*panelCols:], panelCols
			} else {
				b = b[k0*t.n+j:]
			}
			cols := min(panelCols, t.n-j)
			for i := lo; i < hi; i += 6 {
				r := min(6, hi-i)
				a, c := t.a[i*t.k+k0:], t.c[i*t.n+j:]
				if cols == panelCols {
					tile(r, c, t.n, a, t.k, b, ldb, k1-k0, load)
					continue
				}
				for x := range r * load {
					copy(edge[x*panelCols:], c[x*t.n:][:cols])
				}
				tile(r, edge[:], panelCols, a, t.k, b, ldb, k1-k0, load)
				for x := range r {
					copy(c[x*t.n:][:cols], edge[x*panelCols:])
				}
			}
		}
	}
	return true
}

// sparseChunk is the number of stored entries from which a row takes the portable road: it bounds the time of a call.
const sparseChunk = 1 << 14

// fastRow sets a row of the sparse product from its stored entries, as far as whole tiles reach, and returns how many
// columns it did.
func (t *csr32) fastRow(c []float32, p, end int) int {
	if !hasAVX2 || p == end || end-p > sparseChunk {
		return 0
	}
	j := 0
	for ; j+32 <= t.n; j += 32 {
		sparseTile32(&c[j], &t.val[p], &t.idx[p], end-p, &t.b[j], t.n)
	}
	for ; j+16 <= t.n; j += 16 {
		sparseTile16(&c[j], &t.val[p], &t.idx[p], end-p, &t.b[j], t.n)
	}
	return j
}

// fastTranspose transposes the leading rows and columns, and returns how many it did.
func fastTranspose[T Float](t, b []T, n, k int) (rows, cols int) {
	to, ok := any(t).([]float32)
	rows, cols = n&^7, k&^7
	if !ok || !hasAVX2 || rows == 0 || cols == 0 {
		return 0, 0
	}
	from := any(b).([]float32)
	for i := 0; i < rows; i += 8 {
		for j := 0; j < cols; j += foldChunk {
			transpose8(&to[j*n+i], n, &from[i*k+j], k, min(foldChunk, cols-j)/8)
		}
	}
	return rows, cols
}
