package kernel

import (
	"math"
	"sync"
)

// MatMul sets C = A B: (m,k), (k,n) -> (m,n), overwriting C. Each element is one chain of fused multiply-adds over k
// ascending that starts at +0; a stored zero is +0. Zeros of A are skipped where B is finite, which no bit shows.
func MatMul[T Float](c, a, b []T, m, k, n int) { MatMulThen(c, a, b, m, k, n, Then[T]{}) }

// MatMulNT sets C = A B^T: (m,k), (n,k) -> (m,n), the same chains as MatMul.
func MatMulNT[T Float](c, a, b []T, m, k, n int) {
	t := transposed(b, n, k)
	MatMul(c, a, *t, m, k, n)
	release(t)
}

// Transpose sets T = B^T: (n,k) -> (k,n).
func Transpose[T Float](t, b []T, n, k int) {
	rows, cols := fastTranspose(t, b, n, k)
	for i := range n {
		from := 0
		if i < rows {
			from = cols
		}
		for j := from; j < k; j++ {
			t[j*n+i] = b[i*k+j]
		}
	}
}

var free32, free64 = sync.Pool{New: func() any { return new([]float32) }}, sync.Pool{New: func() any { return new([]float64) }}

// transposed returns B^T in scratch memory that release gives back.
func transposed[T Float](b []T, n, k int) *[]T {
	var p any
	switch any(b).(type) {
	case []float32:
		p = free32.Get()
	case []float64:
		p = free64.Get()
	}
	t := p.(*[]T)
	*t = grow(*t, n*k)
	Transpose(*t, b, n, k)
	return t
}

func release[T Float](t *[]T) {
	switch t := any(t).(type) {
	case *[]float32:
		free32.Put(t)
	case *[]float64:
		free64.Put(t)
	}
}

// finite reports whether x holds no NaN and no infinity.
func finite[T Float](x []T) bool {
	var s T
	for _, v := range x {
		s += v * 0
	}
	return s == 0
}

type matMul32 struct {
	c, a, b []float32
	packed  *[]float32 // B in panels, on the fast road
	k, n    int
	skip    bool
	then    Then[float32]
}

// matMulRows is the number of rows that stay in the second cache: what follows the product meets them there.
const matMulRows = 48

// Run does rows lo..hi-1.
func (t *matMul32) Run(lo, hi int) {
	for from := lo; from < hi; from += matMulRows {
		to := min(hi, from+matMulRows)
		if !t.fast(from, to) {
			t.portable(from, to)
		}
		t.then.rows(t.c, t.c, from, to, t.n)
	}
}

// portable does rows lo..hi-1 in Go.
func (t *matMul32) portable(lo, hi int) {
	for i := lo; i < hi; i++ {
		c := t.c[i*t.n : i*t.n+t.n]
		clear(c)
		for l, a := range t.a[i*t.k : i*t.k+t.k] {
			if a != 0 || !t.skip {
				axpy32(c, a, t.b[l*t.n:l*t.n+t.n])
			}
		}
		positive(c)
	}
}

// axpy32 is: for j, b := range b { c[j] = fma(a, b, c[j]) }.
func axpy32(c []float32, a float32, b []float32) {
	c = c[:len(b)]
	a64 := float64(a)
	for j, b := range b {
		s := float64(a64*float64(b)) + float64(c[j])
		if !safe(s) {
			c[j] = fma32Slow(a, b, c[j])
			continue
		}
		c[j] = float32(s)
	}
}

// positive turns -0 into +0.
func positive[T Float](c []T) {
	for j := range c {
		c[j] += 0
	}
}

type matMul64 struct {
	c, a, b []float64
	packed  *[]float64 // B in panels, on the fast road
	k, n    int
	skip    bool
	then    Then[float64]
}

// Run does rows lo..hi-1.
func (t *matMul64) Run(lo, hi int) {
	for from := lo; from < hi; from += matMulRows {
		to := min(hi, from+matMulRows)
		if !t.fast(from, to) {
			t.portable(from, to)
		}
		t.then.rows(t.c, t.c, from, to, t.n)
	}
}

// portable does rows lo..hi-1 in Go.
func (t *matMul64) portable(lo, hi int) {
	for i := lo; i < hi; i++ {
		c := t.c[i*t.n : i*t.n+t.n]
		clear(c)
		for l, a := range t.a[i*t.k : i*t.k+t.k] {
			if a != 0 || !t.skip {
				axpy64(c, a, t.b[l*t.n:l*t.n+t.n])
			}
		}
		positive(c)
	}
}

func axpy64(c []float64, a float64, b []float64) {
	c = c[:len(b)]
	for j, b := range b {
		c[j] = math.FMA(a, b, c[j])
	}
}

// CSRMatMul sets C = X B for sparse X (rows by ptr, idx, val): (m,k), (k,n) -> (m,n): the chains of MatMul without the
// zeros. It needs finite B, as a product of a zero and an infinity would be missed; a B that is not finite takes the
// road through every element.
func CSRMatMul[T Float](c []T, ptr, idx []int32, val, b []T, m, k, n int) {
	CSRMatMulThen(c, ptr, idx, val, b, m, k, n, Then[T]{})
}

type csr32 struct {
	c, val, b []float32
	ptr, idx  []int32
	k, n      int
	skip      bool
	then      Then[float32]
}

// Run does rows lo..hi-1.
func (t *csr32) Run(lo, hi int) {
	for from := lo; from < hi; from += matMulRows {
		to := min(hi, from+matMulRows)
		t.products(from, to)
		t.then.rows(t.c, t.c, from, to, t.n)
	}
}

func (t *csr32) products(lo, hi int) {
	for i := lo; i < hi; i++ {
		c := t.c[i*t.n : i*t.n+t.n]
		clear(c)
		p, end := int(t.ptr[i]), int(t.ptr[i+1])
		if t.skip {
			done := t.fastRow(c, p, end)
			if c = c[done:]; len(c) == 0 {
				continue
			}
			for ; p < end; p++ {
				l := int(t.idx[p])
				axpy32(c, t.val[p], t.b[l*t.n+done:l*t.n+t.n])
			}
		} else {
			for l := range t.k {
				var v float32
				if p < end && int(t.idx[p]) == l {
					v = t.val[p]
					p++
				}
				axpy32(c, v, t.b[l*t.n:l*t.n+t.n])
			}
		}
		positive(c)
	}
}

type csr64 struct {
	c, val, b []float64
	ptr, idx  []int32
	k, n      int
	skip      bool
	then      Then[float64]
}

// Run does rows lo..hi-1.
func (t *csr64) Run(lo, hi int) {
	for from := lo; from < hi; from += matMulRows {
		to := min(hi, from+matMulRows)
		t.products(from, to)
		t.then.rows(t.c, t.c, from, to, t.n)
	}
}

func (t *csr64) products(lo, hi int) {
	for i := lo; i < hi; i++ {
		c := t.c[i*t.n : i*t.n+t.n]
		clear(c)
		p, end := int(t.ptr[i]), int(t.ptr[i+1])
		if t.skip {
			for ; p < end; p++ {
				l := int(t.idx[p])
				axpy64(c, t.val[p], t.b[l*t.n:l*t.n+t.n])
			}
		} else {
			for l := range t.k {
				var v float64
				if p < end && int(t.idx[p]) == l {
					v = t.val[p]
					p++
				}
				axpy64(c, v, t.b[l*t.n:l*t.n+t.n])
			}
		}
		positive(c)
	}
}
