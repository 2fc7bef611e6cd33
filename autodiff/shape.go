package autodiff

import (
	"symbridge/tensor"
)

// Concat returns the given matrices side by side: (N,d1), (N,d2), ... -> (N,d1+d2+...).
func Concat[T tensor.Float](t *Tape[T], xs ...*Var[T]) *Var[T] {
	if len(xs) == 0 {
		panic(tensor.ValueError{Op: "autodiff.Concat", What: "number of operands, want at least 1"})
	}
	if len(xs) == 1 {
		return xs[0]
	}
	n, d := xs[0].Rows(), 0
	for _, x := range xs {
		x.Value.Check("autodiff.Concat", "operand", n, -1)
		d += x.Cols()
	}
	y, r := t.result(opConcat, n, d, xs...)
	from := 0
	for _, x := range xs {
		for i := range n {
			copy(y.Value.Data[i*d+from:], x.Value.Row(i))
		}
		from += x.Cols()
	}
	if r != nil {
		r.list = t.lists.list(len(xs))
		copy(r.list, xs)
	}
	return y
}

func (r *record[T]) backConcat(t *Tape[T]) {
	n, d := r.out.Rows(), r.out.Cols()
	from := 0
	for _, x := range r.list {
		c := x.Cols()
		if x.needs {
			dx := t.arena.Take(n * c)
			for i := range n {
				copy(dx[i*c:i*c+c], r.out.Grad.Data[i*d+from:])
			}
			t.accumulate(x, dx)
		}
		from += c
	}
}

// ConcatRows returns a above b: (M,d), (N,d) -> (M+N,d). It is for lists of edges whose parts are moved by a relabelling
// each on its own, such as the edges of a graph and its self loops.
func ConcatRows[T tensor.Float](t *Tape[T], a, b *Var[T]) *Var[T] {
	b.Value.Check("autodiff.ConcatRows", "second operand", -1, a.Cols())
	y, r := t.result(opConcatRows, a.Rows()+b.Rows(), a.Cols(), a, b)
	copy(y.Value.Data[copy(y.Value.Data, a.Value.Data):], b.Value.Data)
	if r != nil {
		r.a, r.b = a, b
	}
	return y
}

func (r *record[T]) backConcatRows(t *Tape[T]) {
	cut := r.a.size()
	if r.a.needs {
		t.accumulateCopy(r.a, r.out.Grad.Data[:cut])
	}
	if r.b.needs {
		t.accumulateCopy(r.b, r.out.Grad.Data[cut:])
	}
}

// Slice returns channels from..to-1 of x: (N,d) -> (N,to-from). It panics with a tensor.ShapeError outside 0..d.
func Slice[T tensor.Float](t *Tape[T], x *Var[T], from, to int) *Var[T] {
	if from < 0 || to < from || to > x.Cols() {
		panic(tensor.ShapeError{Op: "autodiff.Slice", What: "channels", Want: [2]int{0, x.Cols()}, Got: [2]int{from, to}})
	}
	y, r := t.result(opSlice, x.Rows(), to-from, x)
	for i := range x.Rows() {
		copy(y.Value.Row(i), x.Value.Row(i)[from:to])
	}
	if r != nil {
		r.a, r.n = x, from
	}
	return y
}

func (r *record[T]) backSlice(t *Tape[T]) {
	d, c := r.a.Cols(), r.out.Cols()
	dx := t.arena.Zeros(r.a.size())
	for i := range r.a.Rows() {
		copy(dx[i*d+r.n:i*d+r.n+c], r.out.Grad.Data[i*c:])
	}
	t.accumulate(r.a, dx)
}
