//go:build amd64 && !purego

package kernel

// fastUnary sets y = op(x) by assembly, and reports whether it did.
func fastUnary[T Float](op Op, y, x []T, a T) bool {
	x32, ok := any(x).([]float32)
	if !ok || !hasAVX2 {
		return false
	}
	y32, p := any(y).([]float32), float32(a)
	for len(x32) > 0 {
		n := min(len(x32), streamChunk)
		unary32(op, y32[:n], x32, p)
		y32, x32 = y32[n:], x32[n:]
	}
	return true
}

func unary32(op Op, y, x []float32, a float32) {
	switch n := len(y); op {
	case OpReLU:
		relu32(&y[0], &x[0], n)
	case OpLeakyReLU:
		leakyReLU32(&y[0], &x[0], n, a)
	case OpELU:
		elu32(&y[0], &x[0], n, float64(a))
	case OpTanh:
		mapTanh32(&y[0], &x[0], n)
	case OpSigmoid:
		mapSigmoid32(&y[0], &x[0], n)
	case OpGELU:
		gelu32(&y[0], &x[0], n)
	case OpSiLU:
		silu32(&y[0], &x[0], n)
	case OpExp:
		mapExp32(&y[0], &x[0], n)
	case OpLog:
		mapLog32(&y[0], &x[0], n)
	case OpSquare:
		square32(&y[0], &x[0], n)
	case OpSqrt:
		sqrt32(&y[0], &x[0], n, a)
	case OpRSqrt:
		rsqrt32(&y[0], &x[0], n, float64(a))
	case OpScale:
		scale32(&y[0], &x[0], n, a)
	case OpShift:
		shift32(&y[0], &x[0], n, a)
	}
}

// fastUnaryBack sets dx = dy * op'(x) by assembly, and reports whether it did.
func fastUnaryBack[T Float](op Op, dx, dy, x, y []T, a T) bool {
	x32, ok := any(x).([]float32)
	if !ok || !hasAVX2 {
		return false
	}
	dx32, dy32, y32, p := any(dx).([]float32), any(dy).([]float32), any(y).([]float32), float32(a)
	for len(x32) > 0 {
		n := min(len(x32), streamChunk)
		unaryBack32(op, dx32[:n], dy32, x32, y32, p)
		dx32, dy32, x32, y32 = dx32[n:], dy32[n:], x32[n:], y32[n:]
	}
	return true
}

func unaryBack32(op Op, dx, dy, x, y []float32, a float32) {
	switch n := len(dx); op {
	case OpReLU:
		reluBack32(&dx[0], &dy[0], &x[0], n)
	case OpLeakyReLU:
		leakyReLUBack32(&dx[0], &dy[0], &x[0], n, a)
	case OpELU:
		eluBack32(&dx[0], &dy[0], &x[0], &y[0], n, float64(a))
	case OpTanh:
		tanhBack32(&dx[0], &dy[0], &y[0], n)
	case OpSigmoid:
		sigmoidBack32(&dx[0], &dy[0], &y[0], n)
	case OpGELU:
		geluBack32(&dx[0], &dy[0], &x[0], n)
	case OpSiLU:
		siluBack32(&dx[0], &dy[0], &x[0], n)
	case OpExp:
		mulBack32(&dx[0], &dy[0], &y[0], n, 1)
	case OpLog:
		divBack32(&dx[0], &dy[0], &x[0], n, 1, 0)
	case OpSquare:
		mulBack32(&dx[0], &dy[0], &x[0], n, 2)
	case OpSqrt:
		divBack32(&dx[0], &dy[0], &y[0], n, 0.5, 1)
	case OpRSqrt:
		rsqrtBack32(&dx[0], &dy[0], &y[0], n)
	case OpScale:
		scale32(&dx[0], &dy[0], n, a)
	case OpShift:
		copy(dx, dy)
	}
}
