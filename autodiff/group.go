package autodiff

import (
	"slices"

	"symbridge/internal/kernel"
	"symbridge/tensor"
)

// GroupLinear returns y_r = W_g x_r, where g is the group of row r: group g has the rows ptr[g]..ptr[g+1]-1 of x, and rows g*out to
// (g+1)*out-1 of w: (R,in), (G*out,in) -> (R,out). Each row has the bits of [Linear] with the weight of its group, and the gradient
// of that weight is an order-free sum over the rows of the group. The cost is that of one product of R rows, however many groups, and
// of reading w. ptr must not change until Reset; it panics with a tensor.ShapeError where it does not ascend from 0 to R, or w does not have
// as many rows for each group.
func GroupLinear[T tensor.Float](t *Tape[T], x, w *Var[T], ptr []int32) *Var[T] {
	const op = "autodiff.GroupLinear"
	groups := len(ptr) - 1
	if groups < 1 || ptr[0] != 0 || int(ptr[groups]) != x.Rows() || !slices.IsSorted(ptr) || w.Rows()%groups != 0 {
		panic(tensor.ShapeError{Op: op, What: "groups of rows, and weights of each", Want: [2]int{max(1, groups), x.Rows()},
			Got: [2]int{w.Rows(), int(last(ptr))}})
	}
	out := w.Rows() / groups
	w.Value.Check(op, "weights", -1, x.Cols())
	y, r := t.result(opGroupLinear, x.Rows(), out, x, w)
	kernel.GroupMatMulNT(y.Value.Data, x.Value.Data, w.Value.Data, ptr, x.Cols(), out)
	if r != nil {
		r.a, r.b, r.rows = x, w, ptr
	}
	return y
}

// last returns the last entry of a list, or -1.
func last(list []int32) int32 {
	if len(list) == 0 {
		return -1
	}
	return list[len(list)-1]
}

func (r *record[T]) backGroupLinear(t *Tape[T]) {
	x, w, dy := r.a, r.b, r.out.Grad.Data
	in, out := x.Cols(), r.out.Cols()
	if x.needs {
		dx := t.arena.Take(x.size())
		kernel.GroupMatMul(dx, dy, w.Value.Data, r.rows, out, in)
		t.accumulate(x, dx)
	}
	if w.needs {
		dw := t.arena.Take(w.size())
		kernel.GroupMatMulTN(dw, dy, x.Value.Data, r.rows, out, in, t.Plain)
		t.accumulate(w, dw)
	}
}
