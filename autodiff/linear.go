package autodiff

import (
	"symbridge/internal/kernel"
	"symbridge/tensor"
)

// Linear returns y = x W^T + b: (N,in), (out,in), (1,out) -> (N,out); b may be nil. Each element of the product is one
// ascending chain of fused multiply-adds, then the bias is added; the gradients of W and b are order-free sums over rows.
// x may be sparse.
func Linear[T tensor.Float](t *Tape[T], x, w, b *Var[T]) *Var[T] {
	return linear(t, x, w, b, nil, false)
}

// LinearReLU returns max(x W^T + b, 0): the bits of [Linear] and [ReLU] in one pass.
func LinearReLU[T tensor.Float](t *Tape[T], x, w, b *Var[T]) *Var[T] {
	return linear(t, x, w, b, nil, true)
}

// LinearAdd returns x W^T + residual: the bits of [Linear] without a bias and [Add] in one pass; the residual is (N,out), and another
// variable than x.
func LinearAdd[T tensor.Float](t *Tape[T], x, w, residual *Var[T]) *Var[T] {
	residual.Value.Check("autodiff.LinearAdd", "residual", x.Rows(), w.Rows())
	return linear(t, x, w, nil, residual, false)
}

func linear[T tensor.Float](t *Tape[T], x, w, b, residual *Var[T], relu bool) *Var[T] {
	n, in, out := x.Rows(), x.Cols(), w.Rows()
	w.Value.Check("autodiff.Linear", "weight", -1, in)
	y, r := t.result(opLinear, n, out, x, w, b, residual)
	then := kernel.Then[T]{ReLU: relu}
	if b != nil {
		b.Value.Check("autodiff.Linear", "bias", 1, out)
		then.Bias = b.Value.Data
	}
	if residual != nil {
		then.Residual = residual.Value.Data
	}
	wt := t.arena.Take(in * out)
	kernel.Transpose(wt, w.Value.Data, out, in)
	if s := x.Sparse; s != nil {
		kernel.CSRMatMulThen(y.Value.Data, s.Ptr, s.Idx, s.Val, wt, n, in, out, then)
	} else {
		kernel.MatMulThen(y.Value.Data, x.Value.Data, wt, n, in, out, then)
	}
	t.arena.Give(wt)
	if r != nil {
		r.a, r.b, r.c, r.d, r.relu = x, w, b, residual, relu
	}
	return y
}

func (r *record[T]) backLinear(t *Tape[T]) {
	x, w, b := r.a, r.b, r.c
	n, in, out := x.Rows(), x.Cols(), w.Rows()
	if r.relu { // the sign of the result is that of its operand
		kernel.UnaryBack(kernel.OpReLU, r.out.Grad.Data, r.out.Grad.Data, r.out.Value.Data, r.out.Value.Data, 0)
	}
	dy := r.out.Grad.Data
	if x.needs {
		dx := t.arena.Take(n * in)
		kernel.MatMul(dx, dy, w.Value.Data, n, out, in)
		t.accumulate(x, dx)
	}
	if w.needs {
		dw := t.arena.Take(out * in)
		if s := x.Sparse; s != nil {
			dwt := t.arena.Take(in * out)
			t.sparseMatMulTN(dwt, s, dy, n, in, out)
			kernel.Transpose(dw, dwt, in, out)
			t.arena.Give(dwt)
		} else {
			t.matMulTN(dw, dy, x.Value.Data, n, out, in)
		}
		t.accumulate(w, dw)
	}
	if b != nil && b.needs {
		db := t.arena.Take(out)
		t.colSum(db, dy, n, out)
		t.accumulate(b, db)
	}
	if r.d != nil && r.d.needs {
		t.handOn(r, r.d)
	}
}

// MatMul returns a b: (m,k), (k,n) -> (m,n), with rows of a as the rows that may be permuted: the gradient of b is an
// order-free sum over them.
func MatMul[T tensor.Float](t *Tape[T], a, b *Var[T]) *Var[T] {
	m, k, n := a.Rows(), a.Cols(), b.Cols()
	b.Value.Check("autodiff.MatMul", "second factor", k, -1)
	y, r := t.result(opMatMul, m, n, a, b)
	kernel.MatMul(y.Value.Data, a.Value.Data, b.Value.Data, m, k, n)
	if r != nil {
		r.a, r.b = a, b
	}
	return y
}

func (r *record[T]) backMatMul(t *Tape[T]) {
	a, b, dy := r.a, r.b, r.out.Grad.Data
	m, k, n := a.Rows(), a.Cols(), b.Cols()
	if a.needs {
		da := t.arena.Take(m * k)
		kernel.MatMulNT(da, dy, b.Value.Data, m, n, k)
		t.accumulate(a, da)
	}
	if b.needs {
		db := t.arena.Take(k * n)
		t.matMulTN(db, a.Value.Data, dy, m, k, n)
		t.accumulate(b, db)
	}
}

// HeadDot returns the inner product of each head of z with a: (N,H*C), and (N,H*C) or (1,H*C) -> (N,H).
func HeadDot[T tensor.Float](t *Tape[T], z, a *Var[T], heads int) *Var[T] {
	a.Value.Check("autodiff.HeadDot", "second factor", -1, z.Cols())
	if a.Rows() != 1 {
		a.Value.Check("autodiff.HeadDot", "second factor", z.Rows(), z.Cols())
	}
	checkHeads("autodiff.HeadDot", z, heads)
	y, r := t.result(opHeadDot, z.Rows(), heads, z, a)
	kernel.HeadDot(y.Value.Data, z.Value.Data, a.Value.Data, z.Rows(), z.Cols(), heads, a.Rows())
	if r != nil {
		r.a, r.b, r.n = z, a, heads
	}
	return y
}

func checkHeads[T tensor.Float](op string, z *Var[T], heads int) {
	if heads < 1 || z.Cols()%heads != 0 {
		panic(tensor.ShapeError{Op: op, What: "heads", Want: [2]int{-1, z.Cols()}, Got: [2]int{1, heads}})
	}
}

func (r *record[T]) backHeadDot(t *Tape[T]) {
	z, a, dy := r.a, r.b, r.out.Grad.Data
	n, d := z.Rows(), z.Cols()
	switch {
	case !z.needs:
	case a.Rows() == 1 && z.Grad.Data != nil:
		kernel.HeadOuter(z.Grad.Data, a.Value.Data, dy, n, d, r.n, true)
	case a.Rows() == 1:
		dz := t.arena.Take(n * d)
		kernel.HeadOuter(dz, a.Value.Data, dy, n, d, r.n, false)
		t.accumulate(z, dz)
	default:
		dz := t.arena.Take(n * d)
		kernel.Elementwise(kernel.Mul, dz, a.Value.Data, dy, n, d, n, r.n)
		t.accumulate(z, dz)
	}
	if a.needs {
		da := t.arena.Take(a.Rows() * d)
		if a.Rows() == 1 {
			kernel.ColWeightedSum(da, dy, z.Value.Data, n, d, r.n)
		} else {
			kernel.Elementwise(kernel.Mul, da, z.Value.Data, dy, n, d, n, r.n)
		}
		t.accumulate(a, da)
	}
}
