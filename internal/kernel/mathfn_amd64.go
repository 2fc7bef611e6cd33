//go:build amd64 && !purego

package kernel

// streamChunk is the number of elements of one call of an element-wise function: it bounds its time.
const streamChunk = 1 << 15

// fastMap sets dst[i] = fn(src[i]) by assembly, and reports whether it did.
func fastMap[T Float](fn function, dst, src []T) bool {
	if !hasAVX2 {
		return false
	}
	for len(src) > 0 {
		n := min(len(src), streamChunk)
		switch x := any(src).(type) {
		case []float32:
			map32(fn, any(dst).([]float32)[:n], x)
		case []float64:
			map64(fn, any(dst).([]float64)[:n], x)
		}
		dst, src = dst[n:], src[n:]
	}
	return true
}

func map32(fn function, y, x []float32) {
	switch n := len(y); fn {
	case fnExp:
		mapExp32(&y[0], &x[0], n)
	case fnExpm1:
		mapExpm132(&y[0], &x[0], n)
	case fnLog:
		mapLog32(&y[0], &x[0], n)
	case fnLog1p:
		mapLog1p32(&y[0], &x[0], n)
	case fnTanh:
		mapTanh32(&y[0], &x[0], n)
	case fnSigmoid:
		mapSigmoid32(&y[0], &x[0], n)
	case fnErf:
		mapErf32(&y[0], &x[0], n)
	}
}

func map64(fn function, y, x []float64) {
	switch n := len(y); fn {
	case fnExp:
		mapExp64(&y[0], &x[0], n)
	case fnExpm1:
		mapExpm164(&y[0], &x[0], n)
	case fnLog:
		mapLog64(&y[0], &x[0], n)
	case fnLog1p:
		mapLog1p64(&y[0], &x[0], n)
	case fnTanh:
		mapTanh64(&y[0], &x[0], n)
	case fnSigmoid:
		mapSigmoid64(&y[0], &x[0], n)
	case fnErf:
		mapErf64(&y[0], &x[0], n)
	}
}
