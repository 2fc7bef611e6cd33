package autodiff

import (
	"symbridge/internal/kernel"
	"symbridge/tensor"
)

// Add returns a + b: (N,d), and (N,d) or (1,d) -> (N,d).
func Add[T tensor.Float](t *Tape[T], a, b *Var[T]) *Var[T] { return binary(t, opAdd, a, b) }

// Sub returns a - b: (N,d), and (N,d) or (1,d) -> (N,d).
func Sub[T tensor.Float](t *Tape[T], a, b *Var[T]) *Var[T] { return binary(t, opSub, a, b) }

// Mul returns a * b element by element: (N,d), and (N,d), (N,H), (1,d) or (1,1) -> (N,d). An (N,H) factor has one entry a
// head, for d/H channels.
func Mul[T tensor.Float](t *Tape[T], a, b *Var[T]) *Var[T] { return binary(t, opMul, a, b) }

var kernelOf = [...]kernel.Binary{opAdd: kernel.Add, opSub: kernel.Sub, opMul: kernel.Mul}

func binary[T tensor.Float](t *Tape[T], op opcode, a, b *Var[T]) *Var[T] {
	n, d := a.Rows(), a.Cols()
	if b.Rows() != 1 {
		b.Value.Check("autodiff.Add/Sub/Mul", "second operand", n, -1)
	}
	scalar := op == opMul && b.Cols() >= 1 && (b.Rows() == n || b.Cols() == 1) && d%max(1, b.Cols()) == 0
	if !scalar {
		b.Value.Check("autodiff.Add/Sub/Mul", "second operand", -1, d)
	}
	y, r := t.result(op, n, d, a, b)
	kernel.Elementwise(kernelOf[op], y.Value.Data, a.Value.Data, b.Value.Data, n, d, b.Rows(), b.Cols())
	if r != nil {
		r.a, r.b = a, b
	}
	return y
}

func (r *record[T]) backBinary(t *Tape[T]) {
	a, b, dy := r.a, r.b, r.out.Grad.Data
	n, d := a.Rows(), a.Cols()
	if a.needs && r.op == opMul {
		da := t.arena.Take(n * d)
		kernel.Elementwise(kernel.Mul, da, dy, b.Value.Data, n, d, b.Rows(), b.Cols())
		t.accumulate(a, da)
	}
	if b.needs {
		r.backSecond(t, dy)
	}
	if a.needs && r.op != opMul {
		t.handOn(r, a)
	}
}

// backSecond computes the gradient of the second operand of a binary operation.
func (r *record[T]) backSecond(t *Tape[T], dy []T) {
	a, b := r.a, r.b
	n, d := a.Rows(), a.Cols()
	db := t.arena.Take(b.Rows() * b.Cols())
	switch {
	case r.op == opMul:
		t.factorGrad(db, dy, a.Value.Data, n, d, b.Rows(), b.Cols())
	case b.Rows() == 1:
		t.addendGrad(db, dy, n, d)
	default:
		copy(db, dy)
	}
	if r.op == opSub {
		kernel.Unary(kernel.OpScale, db, db, -1)
	}
	t.accumulate(b, db)
}

// addendGrad sets db to the gradient of a row (1,d) that was added to n rows. That of a single row is handed on, -0 included.
func (t *Tape[T]) addendGrad(db, dy []T, n, d int) {
	if n == 1 {
		copy(db, dy)
		return
	}
	t.colSum(db, dy, n, d)
}

// factorGrad sets db to the gradient of a factor (rows,cols) of a (n,d).
func (t *Tape[T]) factorGrad(db, dy, a []T, n, d, rows, cols int) {
	row := rows == 1 && n != 1
	switch {
	case row && cols == d:
		kernel.ColDot(db, dy, a, n, d)
	case row: // a scalar: an order-free sum over rows, then the lanes of a sum over channels
		sums := t.arena.Take(d)
		kernel.ColDot(sums, dy, a, n, d)
		db[0] = kernel.RowSum(sums)
	case cols == d:
		kernel.Elementwise(kernel.Mul, db, dy, a, n, d, n, d)
	default:
		kernel.HeadDot(db, dy, a, n, d, cols, n)
	}
}

func unary[T tensor.Float](t *Tape[T], op kernel.Op, x *Var[T], a T) *Var[T] {
	y, r := t.result(opUnary, x.Rows(), x.Cols(), x)
	kernel.Unary(op, y.Value.Data, x.Value.Data, a)
	if r != nil {
		r.kind, r.a, r.x = op, x, a
	}
	return y
}

func (r *record[T]) backUnary(t *Tape[T]) {
	dx := t.arena.Take(r.out.size())
	x, y := r.a.Value.Data, r.out.Value.Data
	if len(dx) > 0 && (x == nil || y == nil) { // released: the derivative must do without
		switch r.kind {
		case kernel.OpReLU, kernel.OpLeakyReLU, kernel.OpGELU, kernel.OpSiLU:
			y = x
		case kernel.OpTanh, kernel.OpSigmoid, kernel.OpExp:
			x = y
		case kernel.OpScale, kernel.OpShift:
			x, y = r.out.Grad.Data, r.out.Grad.Data
		default:
			x = nil
		}
		if x == nil || y == nil {
			panic(tensor.ValueError{Op: "autodiff.Backward", What: "entries of a released value that a derivative needs"})
		}
	}
	kernel.UnaryBack(r.kind, dx, r.out.Grad.Data, x, y, r.x)
	t.accumulate(r.a, dx)
}

// ReLU returns max(x, 0) element by element; its derivative at 0 is 0.
func ReLU[T tensor.Float](t *Tape[T], x *Var[T]) *Var[T] { return unary(t, kernel.OpReLU, x, 0) }

// LeakyReLU returns x, or slope*x where x <= 0.
func LeakyReLU[T tensor.Float](t *Tape[T], x *Var[T], slope T) *Var[T] {
	return unary(t, kernel.OpLeakyReLU, x, slope)
}

// ELU returns x, or alpha*(exp(x)-1) where x <= 0 (Clevert et al. 2016).
func ELU[T tensor.Float](t *Tape[T], x *Var[T], alpha T) *Var[T] {
	return unary(t, kernel.OpELU, x, alpha)
}

// Tanh returns the hyperbolic tangent.
func Tanh[T tensor.Float](t *Tape[T], x *Var[T]) *Var[T] { return unary(t, kernel.OpTanh, x, 0) }

// Sigmoid returns 1/(1+exp(-x)).
func Sigmoid[T tensor.Float](t *Tape[T], x *Var[T]) *Var[T] { return unary(t, kernel.OpSigmoid, x, 0) }

// GELU returns x*Phi(x) with the exact normal distribution function (Hendrycks, Gimpel 2016).
func GELU[T tensor.Float](t *Tape[T], x *Var[T]) *Var[T] { return unary(t, kernel.OpGELU, x, 0) }

// SiLU returns x*sigmoid(x).
func SiLU[T tensor.Float](t *Tape[T], x *Var[T]) *Var[T] { return unary(t, kernel.OpSiLU, x, 0) }

// Exp returns exp(x).
func Exp[T tensor.Float](t *Tape[T], x *Var[T]) *Var[T] { return unary(t, kernel.OpExp, x, 0) }

// Log returns the natural logarithm.
func Log[T tensor.Float](t *Tape[T], x *Var[T]) *Var[T] { return unary(t, kernel.OpLog, x, 0) }

// Square returns x*x.
func Square[T tensor.Float](t *Tape[T], x *Var[T]) *Var[T] { return unary(t, kernel.OpSquare, x, 0) }

// Sqrt returns the square root of x, and 0 with derivative 0 where x <= floor.
func Sqrt[T tensor.Float](t *Tape[T], x *Var[T], floor T) *Var[T] {
	return unary(t, kernel.OpSqrt, x, floor)
}

// RSqrt returns 1/sqrt(x+eps), and 0 with derivative 0 where x+eps is 0.
func RSqrt[T tensor.Float](t *Tape[T], x *Var[T], eps T) *Var[T] {
	return unary(t, kernel.OpRSqrt, x, eps)
}

// Scale returns a*x.
func Scale[T tensor.Float](t *Tape[T], x *Var[T], a T) *Var[T] { return unary(t, kernel.OpScale, x, a) }

// Shift returns x+a.
func Shift[T tensor.Float](t *Tape[T], x *Var[T], a T) *Var[T] { return unary(t, kernel.OpShift, x, a) }

// Dropout returns x with elements set to 0 with probability p and the others scaled by 1/(1-p), in training; otherwise x.
// The noise of an element is a function of the tape's seed and step, the number of the operation on the tape, the row's
// identity and the channel, so a relabelling moves it along. Without ids the identity of a row is its index, and the result
// is equivariant in distribution only. x may be sparse.
func Dropout[T tensor.Float](t *Tape[T], x *Var[T], ids []uint64, p float64) *Var[T] {
	if !t.Train || p <= 0 {
		return x
	}
	checkDropout("autodiff.Dropout", ids, x.Rows(), p)
	operation := t.noise
	t.noise++
	key := kernel.KeyOf(t.Seed, t.Step)
	if s := x.Sparse; s != nil {
		val := t.arena.Take(len(s.Val))
		kernel.CSRDropout(val, s.Val, s.Ptr, s.Idx, ids, key, operation, p)
		c := t.sparse.next()
		*c = s.WithValues(val)
		return t.Sparse(c)
	}
	y, r := t.result(opDropout, x.Rows(), x.Cols(), x)
	kernel.Dropout(y.Value.Data, x.Value.Data, ids, x.Rows(), x.Cols(), key, operation, p)
	if r != nil {
		r.a, r.ids, r.n, r.p = x, ids, int(operation), p
	}
	return y
}

func checkDropout(op string, ids []uint64, rows int, p float64) {
	if p >= 1 {
		panic(tensor.ValueError{Op: op, What: "probability, want 0 <= p < 1", Got: p})
	}
	if ids != nil && len(ids) != rows {
		panic(tensor.ShapeError{Op: op, What: "ids", Want: [2]int{rows, 1}, Got: [2]int{len(ids), 1}})
	}
}

func (r *record[T]) backDropout(t *Tape[T]) {
	x := r.a
	dx := t.arena.Take(x.size())
	kernel.Dropout(dx, r.out.Grad.Data, r.ids, x.Rows(), x.Cols(), kernel.KeyOf(t.Seed, t.Step), uint32(r.n), r.p)
	t.accumulate(x, dx)
}
