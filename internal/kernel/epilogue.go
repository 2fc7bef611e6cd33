package kernel

// Then is what follows each element of a matrix product while its row is in the cache, in this order, each step rounded on its own:
// a residual is added, then a bias, then a function is applied. The zero value does nothing.
type Then[T Float] struct {
	Residual []T // (m,n), or nil
	Bias     []T // (1,n), or nil
	Op       Op  // OpNone: no function
	A        T   // its parameter
	Y        []T // (m,n) for the values of the function, or nil: they take the place of its arguments
}

func (e *Then[T]) empty() bool { return e.Residual == nil && e.Bias == nil && e.Op == OpNone }

// rows does rows lo..hi-1 of c (m,n), which come from x; x may be c.
func (e *Then[T]) rows(c, x []T, lo, hi, n int) {
	if e.fast(c, x, lo, hi, n) {
		return
	}
	if e.Residual != nil {
		t := broadcast[T]{op: Add, y: c, a: x, b: e.Residual, d: n, bRows: -1, bCols: n}
		t.Run(lo, hi)
		x = c
	}
	if e.Bias != nil {
		t := broadcast[T]{op: Add, y: c, a: x, b: e.Bias, d: n, bRows: 1, bCols: n}
		t.Run(lo, hi)
		x = c
	}
	if e.Op == OpNone {
		if lo < hi && n > 0 && &x[0] != &c[0] {
			copy(c[lo*n:hi*n], x[lo*n:hi*n])
		}
		return
	}
	if e.Y != nil {
		if lo < hi && n > 0 && &x[0] != &c[0] {
			copy(c[lo*n:hi*n], x[lo*n:hi*n])
		}
		c, x = e.Y, c
	}
	t := unary[T]{op: e.Op, y: c, x: x, a: e.A}
	t.Run(lo*n, hi*n)
}

// cost of n elements, in element operations.
func (e *Then[T]) cost(n int) int {
	if e.Op == OpNone {
		return 0
	}
	return cost[T](n * e.Op.cost())
}

// MatMulThen is MatMul, and e on what it gives: (m,k), (k,n) -> (m,n).
func MatMulThen[T Float](c, a, b []T, m, k, n int, e Then[T]) {
	switch c := any(c).(type) {
	case []float32:
		t := matMul32{c: c, a: any(a).([]float32), b: any(b).([]float32), k: k, n: n, then: any(e).(Then[float32])}
		t.prepare()
		if hasAVX2 {
			run(m, m*k*n/48+e.cost(m*n), t)
			if t.packed != nil {
				free32.Put(t.packed)
			}
			return
		}
		t.skip = finite(t.b[:k*n])
		run(m, 2*m*k*n+e.cost(m*n), t)
	case []float64:
		t := matMul64{c: c, a: any(a).([]float64), b: any(b).([]float64), k: k, n: n, then: any(e).(Then[float64])}
		t.prepare()
		if hasAVX2 {
			run(m, m*k*n/24+8*e.cost(m*n), t)
			if t.packed != nil {
				free64.Put(t.packed)
			}
			return
		}
		t.skip = finite(t.b[:k*n])
		run(m, 2*m*k*n+e.cost(m*n), t)
	}
}

// CSRMatMulThen is CSRMatMul, and e on what it gives.
func CSRMatMulThen[T Float](c []T, ptr, idx []int32, val, b []T, m, k, n int, e Then[T]) {
	work := cost[T](2*len(idx)*n) + e.cost(m*n)
	switch c := any(c).(type) {
	case []float32:
		b := any(b).([]float32)
		run(m, work, csr32{c, any(val).([]float32), b, ptr, idx, k, n, finite(b[:k*n]), any(e).(Then[float32])})
	case []float64:
		b := any(b).([]float64)
		run(m, work, csr64{c, any(val).([]float64), b, ptr, idx, k, n, finite(b[:k*n]), any(e).(Then[float64])})
	}
}
