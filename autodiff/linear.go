package autodiff

import (
	"symbridge/internal/kernel"
	"symbridge/tensor"
)

// Linear returns y = x W^T + b: (N,in), (out,in), (1,out) -> (N,out); b may be nil. Each element of the product is one
// ascending chain of fused multiply-adds, then the bias is added; the gradients of W and b are order-free sums over rows.
// x may be sparse.
func Linear[T tensor.Float](t *Tape[T], x, w, b *Var[T]) *Var[T] {
	return LinearThen(t, x, w, Then[T]{Bias: b})
}

// Activation names what [LinearThen] does last.
type Activation uint8

// The activations; each has the bits of the function of its name.
const (
	NoActivation Activation = iota
	ActReLU
	ActLeakyReLU
	ActELU
	ActTanh
	ActSigmoid
	ActGELU
	ActSiLU
)

var opOf = [...]kernel.Op{kernel.OpNone, kernel.OpReLU, kernel.OpLeakyReLU, kernel.OpELU, kernel.OpTanh, kernel.OpSigmoid,
	kernel.OpGELU, kernel.OpSiLU}

// Then is what follows a product. Its zero value does nothing.
type Then[T tensor.Float] struct {
	Residual   *Var[T] // (N,out), another variable than x, or nil
	Bias       *Var[T] // (1,out), or nil
	Activation Activation
	A          T // slope of LeakyReLU, alpha of ELU
}

// derivedFromResult reports whether the derivative of the activation can be had from its result alone: the sign of the result is that
// of the argument, or the argument does not matter.
func (e Then[T]) derivedFromResult() bool {
	switch e.Activation {
	case ActGELU, ActSiLU:
		return false
	case ActLeakyReLU, ActELU:
		return e.A > 0 && e.A-e.A == 0
	}
	return true
}

// LinearThen returns f(x W^T + residual + b): (N,in), (out,in), (N,out), (1,out) -> (N,out), with the bits of [Linear] without a bias,
// of [Add] twice and of the activation, each row being finished while it is in the cache. x may be sparse.
func LinearThen[T tensor.Float](t *Tape[T], x, w *Var[T], e Then[T]) *Var[T] {
	n, in, out := x.Rows(), x.Cols(), w.Rows()
	w.Value.Check("autodiff.Linear", "weight", -1, in)
	y, r := t.result(opLinear, n, out, x, w, e.Bias, e.Residual)
	then := kernel.Then[T]{Op: opOf[e.Activation], A: e.A}
	if e.Bias != nil {
		e.Bias.Value.Check("autodiff.Linear", "bias", 1, out)
		then.Bias = e.Bias.Value.Data
	}
	if e.Residual != nil {
		e.Residual.Value.Check("autodiff.LinearThen", "residual", n, out)
		then.Residual = e.Residual.Value.Data
	}
	c := y.Value.Data
	if r != nil {
		r.a, r.b, r.c, r.d, r.kind, r.x = x, w, e.Bias, e.Residual, then.Op, e.A
		if !e.derivedFromResult() {
			r.aux = t.arena.Take(n * out)
			c, then.Y = r.aux, c
		}
	}
	wt, own := t.transposed(w)
	if s := x.Sparse; s != nil {
		kernel.CSRMatMulThen(c, s.Ptr, s.Idx, s.Val, wt, n, in, out, then)
	} else {
		kernel.MatMulThen(c, x.Value.Data, wt, n, in, out, then)
	}
	if own {
		t.arena.Give(wt)
	}
	return y
}

// transposed returns W^T: (out,in) -> (in,out), and whether it is the caller's to give back.
func (t *Tape[T]) transposed(w *Var[T]) (wt []T, own bool) {
	keep := t.Frozen && !t.recording && w.param != nil
	if keep {
		if wt, ok := t.turned[w.param]; ok {
			return wt, false
		}
		wt = make([]T, len(w.Value.Data))
		if t.turned == nil {
			t.turned = make(map[*Param[T]][]T)
		}
		t.turned[w.param] = wt
	} else {
		wt = t.arena.Take(len(w.Value.Data))
	}
	kernel.Transpose(wt, w.Value.Data, w.Rows(), w.Cols())
	return wt, !keep
}

func (r *record[T]) backLinear(t *Tape[T]) {
	x, w, b := r.a, r.b, r.c
	n, in, out := x.Rows(), x.Cols(), w.Rows()
	r.backActivation()
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
