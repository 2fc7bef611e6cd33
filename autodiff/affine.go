package autodiff

import (
	"symbridge/internal/kernel"
	"symbridge/tensor"
)

// AffineOptions are the steps of [Affine]; those that are nil are left out.
type AffineOptions[T tensor.Float] struct {
	Mean, Scale *Var[T] // (1,d), without a gradient
	Weight      *Var[T] // (1,d) or (1,1)
	Then[T]
}

// Affine returns f((x - mean) * scale * weight + residual + bias), channel by channel: (N,d) -> (N,d), with the bits of [Sub], [Mul] twice,
// [Add] twice and the activation, some rows being finished while they are in the cache.
func Affine[T tensor.Float](t *Tape[T], x *Var[T], o AffineOptions[T]) *Var[T] {
	const op = "autodiff.Affine"
	n, d := x.Rows(), x.Cols()
	var k kernel.Affine[T]
	row := func(what string, v *Var[T]) []T {
		if v == nil {
			return nil
		}
		v.Value.Check(op, what, 1, d)
		return v.Value.Data
	}
	for _, v := range []*Var[T]{o.Mean, o.Scale} {
		if v != nil && v.needs {
			panic(tensor.ValueError{Op: op, What: "mean or scale with a gradient; the number of such operands, want 0", Got: 1})
		}
	}
	y, r := t.result(opAffine, n, d, x, o.Weight, o.Bias, o.Residual)
	k.Mean, k.Scale, k.Bias = row("mean", o.Mean), row("scale", o.Scale), row("bias", o.Bias)
	if w := o.Weight; w != nil {
		if w.Cols() == 1 {
			w.Value.Check(op, "weight", 1, 1)
			k.Weight = w.Value.Data
		} else {
			k.Weight = row("weight", w)
		}
	}
	if o.Residual != nil {
		o.Residual.Value.Check(op, "residual", n, d)
		k.Residual = o.Residual.Value.Data
	}
	k.Op, k.A = opOf[o.Activation], o.A
	c := y.Value.Data
	if r != nil {
		r.a, r.b, r.c, r.d, r.e, r.kind, r.x = x, o.Weight, o.Bias, o.Residual, o.Scale, k.Op, o.A
		if !o.derivedFromResult() {
			r.aux = t.arena.Take(n * d)
			c, k.Y = r.aux, c
		}
		if o.Weight != nil && o.Weight.needs && (o.Mean != nil || o.Scale != nil) {
			r.normed = t.arena.Take(n * d)
			k.Kept = r.normed
		}
	}
	k.Apply(c, x.Value.Data, n, d)
	return y
}

func (r *record[T]) backAffine(t *Tape[T]) {
	x, w, b := r.a, r.b, r.c
	n, d := x.Rows(), x.Cols()
	r.backActivation()
	dy := r.out.Grad.Data
	if b != nil && b.needs {
		db := t.arena.Take(d)
		t.addendGrad(db, dy, n, d)
		t.accumulate(b, db)
	}
	if w != nil && w.needs {
		dw, times := t.arena.Take(w.Cols()), r.normed
		if times == nil {
			times = x.Value.Data
		}
		t.factorGrad(dw, dy, times, n, d, 1, w.Cols())
		t.accumulate(w, dw)
	}
	if x.needs && (w != nil || r.e != nil) {
		dx := t.arena.Take(n * d)
		from := dy
		for _, f := range []*Var[T]{w, r.e} {
			if f != nil {
				kernel.Elementwise(kernel.Mul, dx, from, f.Value.Data, n, d, 1, f.Cols())
				from = dx
			}
		}
		t.accumulate(x, dx)
	} else if x.needs {
		t.accumulateCopy(x, dy)
	}
	if r.d != nil && r.d.needs {
		t.handOn(r, r.d)
	}
}

// backActivation takes the gradient of the result of an operation that ends with an activation to before it.
func (r *record[T]) backActivation() {
	if r.kind == kernel.OpNone {
		return
	}
	dy, y := r.out.Grad.Data, r.out.Value.Data
	x := y
	if r.aux != nil {
		x = r.aux
	}
	if len(y) < len(dy) {
		panic(tensor.ValueError{Op: "autodiff.Backward", What: "entries of a released value that a derivative needs"})
	}
	kernel.UnaryBack(r.kind, dy, dy, x, y, r.x)
}
