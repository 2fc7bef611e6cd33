package kernel

import (
	"math"
	"sync"
)

// MatMulTN sets C = A^T B: (r,m), (r,n) -> (m,n): the gradient of a weight. Each element is an order-free sum of exact
// products over the rows, all r of which count as terms.
func MatMulTN[T Float](c, a, b []T, r, m, n int) {
	switch c := any(c).(type) {
	case []float32:
		gram32(c, nil, any(a).([]float32), any(b).([]float32), r, m, n)
	case []float64:
		gram64(c, nil, any(a).([]float64), any(b).([]float64), r, m, n)
	}
}

// Columns is the pattern of a sparse matrix by column: column j has positions Ptr[j]..Ptr[j+1], each with its row and the
// place of its value in Val.
type Columns[T Float] struct {
	Ptr, Row, Pos []int32
	Val           []T
}

// CSRMatMulTN sets C = X^T B for sparse X (r,m) given by columns: (r,m), (r,n) -> (m,n), the same bits as MatMulTN of the
// matrix with its zeros written out.
func CSRMatMulTN[T Float](c []T, x Columns[T], b []T, r, m, n int) {
	switch c := any(c).(type) {
	case []float32:
		x := any(x).(Columns[float32])
		gram32(c, &x, nil, any(b).([]float32), r, m, n)
	case []float64:
		x := any(x).(Columns[float64])
		gram64(c, &x, nil, any(b).([]float64), r, m, n)
	}
}

// gram32 brings both factors to the unit of their column's maximum, a' = a * 2^-e_a and b' = b * 2^-e_b, so that one M
// serves the whole matrix: the integers round(a'*b'*2^g') of the sum's definition are the same. The maximum of a sparse column
// is that of its stored entries, as zeros raise none.
func gram32(c []float32, x *Columns[float32], a, b []float32, r, m, n int) {
	if r == 0 {
		clear(c[:m*n])
		return
	}
	g := grams.Get().(*gramState)
	g.ea, g.eb = grow(g.ea, m), grow(g.eb, n)
	if x == nil {
		g.columnExponents32(g.ea, a, r, m)
	} else {
		for j := range m {
			var mx uint32
			for p := x.Ptr[j]; p < x.Ptr[j+1]; p++ {
				mx = max(mx, math.Float32bits(x.Val[x.Pos[p]])&absMask32)
			}
			g.ea[j] = exponentOf32(mx)
		}
	}
	g.columnExponents32(g.eb, b, r, n)
	if x != nil {
		run(m, 2*len(x.Row)*n, csrGram32{c: c, x: *x, b: b, r: r, n: n, g: g})
		grams.Put(g)
		return
	}
	// The rows are shared among the workers, block of C by block of C; partial sums merge as integers.
	step, ld := max(1, min(m, gramBlock/max(1, n))), stride(n)
	for from := 0; from < m; from += step {
		to := min(m, from+step)
		g.acc = grow(g.acc, (to-from)*ld)
		clear(g.acc)
		blocks := (r + gramRows - 1) / gramRows
		t := denseGram32{a: a, b: b, r: r, m: m, n: n, from: from, to: to, g: g}
		run(blocks, r*(to-from)*n/gramSpeed(), t)
		t.finish(c)
	}
	for i := range m {
		for j := range n {
			if g.ea[i] == nonfinite || g.eb[j] == nonfinite {
				var k class
				for l := range r {
					k.add(float64(a[l*m+i]) * float64(b[l*n+j]))
				}
				if k != (class{}) {
					c[i*n+j] = float32(k.value())
				}
			}
		}
	}
	grams.Put(g)
}

// gramSpeed returns how many terms are added in about a nanosecond.
func gramSpeed() int {
	if hasAVX2 {
		return 8
	}
	return 1
}

const (
	gramBlock = 1 << 15 // accumulators of a block of C
	gramRows  = 64      // rows of a work item
	nonfinite = int32(1 << 20)
	zeroMax   = int32(1 << 21)
)

// gramState is the memory of one product A^T B.
type gramState struct {
	mu     sync.Mutex
	ea, eb []int32 // exponent of a column, or nonfinite, or zeroMax
	u32    []uint32
	u64    []uint64
	acc    []int64
	unit   []float64
}

var grams = sync.Pool{New: func() any { return new(gramState) }}

func exponentOf32(abs uint32) int32 {
	switch {
	case abs >= inf32:
		return nonfinite
	case abs == 0:
		return zeroMax
	}
	return int32(exponent32(abs))
}

// columnExponents32 sets e to the exponents of the columns of a, whose maxima it leaves in u32.
func (g *gramState) columnExponents32(e []int32, a []float32, rows, cols int) {
	g.u32 = grow(g.u32, cols)
	clear(g.u32)
	run((rows+colMaxRows-1)/colMaxRows, rows*cols/4, colMax32{g, a, rows, cols})
	for j, b := range g.u32 {
		e[j] = exponentOf32(b)
	}
}

// colMaxRows is the number of rows of a work item of colMax32.
const colMaxRows = 256

// colMax32 finds the maxima of the columns of a.
type colMax32 struct {
	g          *gramState
	a          []float32
	rows, cols int
}

// Run does row blocks lo..hi-1.
func (t *colMax32) Run(lo, hi int) {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	s.u32 = grow(s.u32, t.cols)
	clear(s.u32)
	to := min(t.rows, hi*colMaxRows)
	if done := t.fast(s.u32, lo*colMaxRows, to); done < t.cols {
		mx := s.u32[done:]
		for i := lo * colMaxRows; i < to; i++ {
			for j, v := range t.a[i*t.cols+done:][:len(mx)] {
				mx[j] = max(mx[j], math.Float32bits(v)&absMask32)
			}
		}
	}
	t.g.mu.Lock()
	defer t.g.mu.Unlock()
	for j, v := range s.u32 {
		t.g.u32[j] = max(t.g.u32[j], v)
	}
}

// unit returns the factor that brings a column to the unit of its maximum.
func unit(e int32) float64 {
	if e >= nonfinite {
		return 0
	}
	return pow2(-int(e))
}

// value32 rounds the sum of the integers of c[i,j].
func (g *gramState) value32(k int64, excess, i, j int) float32 {
	if g.ea[i] >= nonfinite || g.eb[j] >= nonfinite {
		return 0
	}
	return float32(float64(float64(k) * pow2(int(g.ea[i]+g.eb[j])+excess-51)))
}

type denseGram32 struct {
	a, b     []float32
	r, m, n  int
	from, to int
	g        *gramState
}

// Run adds the products of row blocks lo..hi-1.
func (t *denseGram32) Run(lo, hi int) {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	if !t.fast(s, lo, hi) {
		t.portable(s, lo, hi)
	}
	t.g.mu.Lock()
	defer t.g.mu.Unlock()
	sum := t.g.acc
	for j, v := range s.acc[:len(sum)] {
		sum[j] += v
	}
}

// finish rounds the integers of rows from..to-1 of C.
func (t *denseGram32) finish(c []float32) {
	x, n, ld := excess(t.r), t.n, stride(t.n)
	if t.fastFinish(c, x) {
		return
	}
	for i := t.from; i < t.to; i++ {
		for j := range n {
			c[i*n+j] = t.g.value32(t.g.acc[(i-t.from)*ld+j], x, i, j)
		}
	}
}

// stride returns the length of a row of n columns: whole tiles, and an odd number of cache lines, so that a column of them spreads over
// the sets of the cache.
func stride(n int) int { return (n+15)&^15 | 8 }

// portable sets s.acc to the sums of the integers of row blocks lo..hi-1.
func (t *denseGram32) portable(s *scratch, lo, hi int) {
	m, n, ld := t.to-t.from, t.n, stride(t.n)
	s.f64 = grow(s.f64, m+2*n)
	ua, ub, row := s.f64[:m], s.f64[m:][:n], s.f64[m+n:][:n]
	t.units(ua, ub)
	magic := magic32(0, excess(t.r))
	zero := int64(math.Float64bits(magic))
	s.acc = grow(s.acc, m*ld)
	acc := s.acc
	clear(acc)
	for l := lo * gramRows; l < min(t.r, hi*gramRows); l++ {
		for j, v := range t.b[l*n : l*n+n] {
			row[j] = float64(v) * ub[j]
		}
		for i, v := range t.a[l*t.m+t.from : l*t.m+t.to] {
			if v == 0 { // a zero adds round(0) = 0, or decides a class
				continue
			}
			v := float64(v) * ua[i]
			acc := acc[i*ld:][:len(row)]
			for j, w := range row {
				acc[j] += int64(math.Float64bits(float64(v*w)+magic)) - zero
			}
		}
	}
}

// units sets the factors that bring the columns of both operands to the unit of their maximum. A column of zeros, or one that
// the class decides, has 0; what is added up for it is not used.
func (t *denseGram32) units(ua, ub []float64) {
	for i := range ua {
		ua[i] = unit(t.g.ea[t.from+i])
	}
	for j := range ub {
		ub[j] = unit(t.g.eb[j])
	}
}

type csrGram32 struct {
	c    []float32
	x    Columns[float32]
	b    []float32
	r, n int
	g    *gramState
}

// Run does rows lo..hi-1 of C, which are columns of X.
func (t *csrGram32) Run(lo, hi int) {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	s.f64, s.acc = grow(s.f64, t.n), grow(s.acc, t.n)
	ub, acc := s.f64, s.acc
	anyNonfinite := false
	for j := range ub {
		ub[j] = unit(t.g.eb[j])
		anyNonfinite = anyNonfinite || t.g.eb[j] == nonfinite
	}
	x := excess(t.r)
	magic := magic32(0, x)
	zero := int64(math.Float64bits(magic))
	for i := lo; i < hi; i++ {
		if !anyNonfinite && t.fast(s, i, x) {
			continue
		}
		clear(acc)
		ua := unit(t.g.ea[i])
		for p := t.x.Ptr[i]; p < t.x.Ptr[i+1]; p++ {
			v := float64(t.x.Val[t.x.Pos[p]])
			if ua == 0 || v == 0 {
				continue
			}
			v *= ua
			l := int(t.x.Row[p])
			for j, b := range t.b[l*t.n : l*t.n+t.n] {
				acc[j] += int64(math.Float64bits(float64(v*float64(float64(b)*ub[j]))+magic)) - zero
			}
		}
		for j := range acc {
			t.c[i*t.n+j] = t.g.value32(acc[j], x, i, j)
			if t.g.ea[i] == nonfinite || t.g.eb[j] == nonfinite {
				k := csrClass(t.x, t.b, i, j, t.r, t.n)
				if k != (class{}) {
					t.c[i*t.n+j] = float32(k.value())
				}
			}
		}
	}
}

// csrClass collects the class of element (i,j) of X^T B, the implicit zeros of X included.
func csrClass[T Float](x Columns[T], b []T, i, j, r, n int) class {
	var k class
	p, end := x.Ptr[i], x.Ptr[i+1]
	for l := range r {
		var v T
		if p < end && int(x.Row[p]) == l {
			v = x.Val[x.Pos[p]]
			p++
		}
		k.add(classProduct(float64(v), float64(b[l*n+j])))
	}
	return k
}
