package kernel

import "math"

// Op names an element-wise function of one argument.
type Op uint8

// The element-wise functions; a is the parameter of the call. In float32 they are computed in float64 and rounded once: exp, log,
// tanh, sigmoid, ELU, SiLU and its derivative are within 0.5001 ulp, GELU and its derivative within that and 1e-15, which counts below
// -5, where 1 + erf cancels (TestFloat32Accuracy); sqrt and the rational ones are within 0.5 ulp, 1/sqrt(x+a) of the rounded sum within
// 0.5001.
const (
	OpNone      Op = iota // x, in Then alone
	OpReLU                // max(x, 0); derivative 0 at 0
	OpLeakyReLU           // x, or a*x where x <= 0
	OpELU                 // x, or a*(exp(x)-1) where x <= 0
	OpTanh
	OpSigmoid
	OpGELU // x/2 * (1 + erf(x/sqrt 2))
	OpSiLU // x * sigmoid(x)
	OpExp
	OpLog
	OpSquare
	OpSqrt  // sqrt(max(x, a)), and 0 where x <= a: the standard deviation of a clamped variance
	OpRSqrt // 1/sqrt(x + a), and 0 where x + a = 0
	OpScale // a*x
	OpShift // x + a
)

// cost of an element in element operations, for the splitting of work.
func (o Op) cost() int {
	switch o {
	case OpELU, OpTanh, OpSigmoid, OpGELU, OpSiLU, OpExp, OpLog:
		return 10
	}
	return 1
}

// Unary sets y = op(x) element by element.
func Unary[T Float](op Op, y, x []T, a T) {
	run(len(x), cost[T](len(x)*op.cost()), unary[T]{op: op, y: y, x: x, a: a})
}

// UnaryBack sets dx = dy * op'(x), where y = op(x).
func UnaryBack[T Float](op Op, dx, dy, x, y []T, a T) {
	run(len(x), cost[T](len(x)*op.cost()), unaryBack[T]{op: op, dx: dx, dy: dy, x: x, y: y, a: a})
}

type unary[T Float] struct {
	op   Op
	y, x []T
	a    T
}

// Run does elements lo..hi-1.
func (t *unary[T]) Run(lo, hi int) {
	x, a := t.x[lo:hi], t.a
	y := t.y[lo:hi][:len(x)]
	if fastUnary(t.op, y, x, a) {
		return
	}
	switch t.op {
	case OpReLU:
		for i, v := range x {
			y[i] = max(v, 0)
		}
	case OpLeakyReLU:
		for i, v := range x {
			if v <= 0 {
				v *= a
			}
			y[i] = v
		}
	case OpELU:
		through(fnExpm1, y, x, 1, func(v, f float64) float64 {
			if v > 0 {
				return v
			}
			return float64(a) * f
		})
	case OpTanh:
		mapTo(fnTanh, y, x)
	case OpSigmoid:
		mapTo(fnSigmoid, y, x)
	case OpGELU:
		through(fnErf, y, x, 1/math.Sqrt2, func(v, f float64) float64 { return v * float64(0.5*(1+f)) })
	case OpSiLU:
		through(fnSigmoid, y, x, 1, func(v, f float64) float64 { return v * f })
	case OpExp:
		mapTo(fnExp, y, x)
	case OpLog:
		mapTo(fnLog, y, x)
	case OpSquare:
		for i, v := range x {
			y[i] = T(v * v)
		}
	case OpSqrt:
		for i, v := range x {
			y[i] = 0
			if !(v <= a) {
				y[i] = T(math.Sqrt(float64(v)))
			}
		}
	case OpRSqrt:
		for i, v := range x {
			y[i] = 0
			if v+a != 0 {
				y[i] = T(1 / math.Sqrt(float64(v+a)))
			}
		}
	case OpScale:
		for i, v := range x {
			y[i] = T(v * a)
		}
	case OpShift:
		for i, v := range x {
			y[i] = v + a
		}
	}
}

// through sets y = finish(x, fn(scale*x)), rounded once.
func through[T Float](fn function, y, x []T, scale float64, finish func(v, f float64) float64) {
	var buf [64]float64
	for len(x) > 0 {
		b := buf[:min(len(buf), len(x))]
		for i, v := range x[:len(b)] {
			b[i] = float64(v) * scale
		}
		mapTo(fn, b, b)
		for i, f := range b {
			y[i] = T(finish(float64(x[i]), f))
		}
		x, y = x[len(b):], y[len(b):]
	}
}

// gaussCDF returns the standard normal distribution function.
func gaussCDF(x float64) float64 { return float64(0.5 * (1 + Erf64(float64(x*(1/math.Sqrt2))))) }

type unaryBack[T Float] struct {
	op           Op
	dx, dy, x, y []T
	a            T
}

// Run does elements lo..hi-1. Derivatives are computed in float64 and rounded once.
func (t *unaryBack[T]) Run(lo, hi int) {
	x, a := t.x[lo:hi], t.a
	y, dy, dx := t.y[lo:hi][:len(x)], t.dy[lo:hi][:len(x)], t.dx[lo:hi][:len(x)]
	if fastUnaryBack(t.op, dx, dy, x, y, a) {
		return
	}
	switch t.op {
	case OpReLU:
		for i, v := range x { // dx may be dy
			d := dy[i]
			if !(v > 0) {
				d = 0
			}
			dx[i] = d
		}
	case OpLeakyReLU:
		for i, v := range x {
			dx[i] = dy[i]
			if v <= 0 {
				dx[i] = T(dy[i] * a)
			}
		}
	case OpScale:
		for i, v := range dy {
			dx[i] = T(v * a)
		}
	case OpShift:
		copy(dx, dy)
	default:
		for i, v := range x {
			dx[i] = T(float64(dy[i]) * derivative(t.op, float64(v), float64(y[i]), float64(a)))
		}
	}
}

// derivative returns op'(x), where y = op(x).
func derivative(op Op, x, y, a float64) float64 {
	switch op {
	case OpELU:
		if x > 0 {
			return 1
		}
		return y + a
	case OpTanh:
		return 1 - float64(y*y)
	case OpSigmoid:
		return y * (1 - y)
	case OpGELU:
		density := Exp64(float64(x*x)*-0.5) * (1 / math.Sqrt(2*math.Pi))
		return gaussCDF(x) + float64(x*density)
	case OpSiLU:
		s := Sigmoid64(x)
		return s * (1 + float64(x*(1-s)))
	case OpExp:
		return y
	case OpLog:
		return 1 / x
	case OpSquare:
		return 2 * x
	case OpSqrt:
		if y == 0 {
			return 0
		}
		return 0.5 / y
	case OpRSqrt:
		return -0.5 * float64(y*float64(y*y))
	}
	panic("kernel: unknown element-wise function")
}

// Binary names an element-wise function of two matrices, one of which may be broadcast.
type Binary uint8

// The element-wise functions of two arguments.
const (
	Add Binary = iota // a + b
	Sub               // a - b
	Mul               // a * b
	div               // a / b, inside this package
)

// Elementwise sets y = a op b. a is (rows,d). b is (rows,d), or one row where bRows is 1; where its columns bCols are
// fewer than d, each serves d/bCols channels.
func Elementwise[T Float](op Binary, y, a, b []T, rows, d, bRows, bCols int) {
	run(rows, cost[T](rows*d), broadcast[T]{op: op, y: y, a: a, b: b, d: d, bRows: bRows, bCols: bCols})
}

type broadcast[T Float] struct {
	op              Binary
	y, a, b         []T
	d, bRows, bCols int
}

// Run does rows lo..hi-1.
func (t *broadcast[T]) Run(lo, hi int) {
	if t.fast(lo, hi) {
		return
	}
	for r := lo; r < hi; r++ {
		a, y := t.a[r*t.d:r*t.d+t.d], t.y[r*t.d:r*t.d+t.d]
		b := t.b
		if t.bRows != 1 {
			b = t.b[r*t.bCols : r*t.bCols+t.bCols]
		}
		if t.bCols == t.d {
			b = b[:len(a)]
			y = y[:len(a)]
			switch t.op {
			case Add:
				for c, v := range a {
					y[c] = v + b[c]
				}
			case Sub:
				for c, v := range a {
					y[c] = v - b[c]
				}
			case Mul:
				for c, v := range a {
					y[c] = T(v * b[c])
				}
			case div:
				for c, v := range a {
					y[c] = v / b[c]
				}
			}
			continue
		}
		per := t.d / t.bCols
		for c, v := range a {
			w := b[c/per]
			switch t.op {
			case Add:
				v += w
			case Sub:
				v -= w
			case Mul:
				v = T(v * w)
			}
			y[c] = v
		}
	}
}

// AddTo sets y += x element by element.
func AddTo[T Float](y, x []T) { run(len(y), cost[T](len(y)), addTo[T]{y, x}) }

type addTo[T Float] struct{ y, x []T }

// Run does elements lo..hi-1.
func (t *addTo[T]) Run(lo, hi int) {
	x := t.x[lo:hi]
	if fastAddTo(t.y[lo:hi], x) {
		return
	}
	for i, v := range t.y[lo:hi][:len(x)] {
		t.y[lo+i] = v + x[i]
	}
}

// Gather sets out[r,:] = x[of[r],:], without changing a bit.
func Gather[T Float](out, x []T, of []int32, d int) {
	run(len(of), cost[T](len(of)*d), gather[T]{out, x, of, d})
}

type gather[T Float] struct {
	out, x []T
	of     []int32
	d      int
}

func (t *gather[T]) Run(lo, hi int) {
	if t.fast(lo, hi) {
		return
	}
	for r := lo; r < hi; r++ {
		s := int(t.of[r])
		copy(t.out[r*t.d:r*t.d+t.d], t.x[s*t.d:s*t.d+t.d])
	}
}
