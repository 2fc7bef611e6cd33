package kernel

// Then is what follows each element of a matrix product while its row is in the cache, in this order, each step rounded on its own:
// a residual is added, then a bias, then an activation is applied. The zero value does nothing.
type Then[T Float] struct {
	Residual []T // (m,n), or nil
	Bias     []T // (1,n), or nil
	ReLU     bool
}

func (e *Then[T]) empty() bool { return e.Residual == nil && e.Bias == nil && !e.ReLU }

// rows does rows lo..hi-1 of c (m,n).
func (e *Then[T]) rows(c []T, lo, hi, n int) {
	if e.Residual != nil {
		t := broadcast[T]{op: Add, y: c, a: c, b: e.Residual, d: n, bRows: -1, bCols: n}
		t.Run(lo, hi)
	}
	if e.Bias != nil {
		t := broadcast[T]{op: Add, y: c, a: c, b: e.Bias, d: n, bRows: 1, bCols: n}
		t.Run(lo, hi)
	}
	if e.ReLU {
		t := unary[T]{op: OpReLU, y: c, x: c}
		t.Run(lo*n, hi*n)
	}
}

// MatMulThen is MatMul, and e on what it gives: (m,k), (k,n) -> (m,n).
func MatMulThen[T Float](c, a, b []T, m, k, n int, e Then[T]) {
	switch c := any(c).(type) {
	case []float32:
		t := matMul32{c: c, a: any(a).([]float32), b: any(b).([]float32), k: k, n: n, then: any(e).(Then[float32])}
		t.prepare()
		if hasAVX2 {
			run(m, m*k*n/48, t)
			if t.packed != nil {
				free32.Put(t.packed)
			}
			return
		}
		t.skip = finite(t.b[:k*n])
		run(m, 2*m*k*n, t)
	case []float64:
		t := matMul64{c: c, a: any(a).([]float64), b: any(b).([]float64), k: k, n: n, then: any(e).(Then[float64])}
		t.skip = finite(t.b[:k*n])
		run(m, 2*m*k*n, t)
	}
}

// CSRMatMulThen is CSRMatMul, and e on what it gives.
func CSRMatMulThen[T Float](c []T, ptr, idx []int32, val, b []T, m, k, n int, e Then[T]) {
	CSRMatMul(c, ptr, idx, val, b, m, k, n)
	if !e.empty() {
		run(m, cost[T](m*n), thenRows[T]{e, c, n})
	}
}

type thenRows[T Float] struct {
	Then[T]
	c []T
	n int
}

// Run does rows lo..hi-1.
func (t *thenRows[T]) Run(lo, hi int) { t.rows(t.c, lo, hi, t.n) }
