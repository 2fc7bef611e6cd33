package autodiff

import (
	"symbridge/internal/kernel"
	"symbridge/tensor"
)

// CrossEntropy returns the mean over the given rows of -log softmax(x)[label]: (N,C) -> (1,1). labels has an entry a row of
// x; rows nil stands for all rows. It panics with a tensor.ValueError where there is no row or a label is no class.
func CrossEntropy[T tensor.Float](t *Tape[T], x *Var[T], labels, rows []int32) *Var[T] {
	n, c := x.Rows(), x.Cols()
	count := lossRows(n, len(labels), rows)
	y, r := t.result(opCrossEntropy, 1, 1, x)
	p, logSum, losses := t.arena.Take(count*c), t.arena.Take(count), t.arena.Take(count)
	kernel.Softmax(p, logSum, x.Value.Data, rows, count, c)
	for k := range losses {
		i := rowOf(rows, k)
		label := labels[i]
		if label < 0 || int(label) >= c {
			panic(tensor.ValueError{Op: "autodiff.CrossEntropy", What: "label of a row, want a class below the columns of x", Got: float64(label)})
		}
		losses[k] = logSum[k] - x.Value.Data[i*c+int(label)]
	}
	kernel.SegmentSum(y.Value.Data, losses, 1, kernel.Seg{Ptr: t.pointers(count)}, true)
	if r != nil {
		r.a, r.aux, r.labels, r.rows = x, p, labels, rows
	}
	return y
}

func (r *record[T]) backCrossEntropy(t *Tape[T]) {
	n, c := r.a.Rows(), r.a.Cols()
	count := n
	if r.rows != nil {
		count = len(r.rows)
	}
	g := r.out.Grad.Data[0] / T(count)
	dx := t.arena.Zeros(n * c)
	kernel.CrossEntropyBack(dx, r.aux, r.labels, r.rows, count, c, g)
	t.accumulate(r.a, dx)
}

// lossRows returns the number of rows of a loss, after checking them.
func lossRows(n, targets int, rows []int32) int {
	if targets != n {
		panic(tensor.ShapeError{Op: "autodiff loss", What: "targets", Want: [2]int{n, -1}, Got: [2]int{targets, 1}})
	}
	count := n
	if rows != nil {
		count = len(rows)
	}
	if count == 0 {
		panic(tensor.ValueError{Op: "autodiff loss", What: "number of rows, want at least 1"})
	}
	return count
}

func rowOf(rows []int32, k int) int {
	if rows == nil {
		return k
	}
	return int(rows[k])
}

// pointers returns the pointers of one segment of n positions.
func (t *Tape[T]) pointers(n int) []int32 {
	t.ptr = [2]int32{0, int32(n)}
	return t.ptr[:]
}

// BCE returns the mean over the entries of the given rows of the binary cross-entropy of sigmoid(x) against target, which is
// in 0..1: (N,d), (N,d) -> (1,1). Entries whose target is NaN are missing and do not count. rows nil stands for all rows.
func BCE[T tensor.Float](t *Tape[T], x *Var[T], target tensor.Dense[T], rows []int32) *Var[T] {
	return elementLoss(t, opBCE, x, target, rows)
}

// MSE returns the mean over the entries of the given rows of (x - target)^2: (N,d), (N,d) -> (1,1). Entries whose target is
// NaN are missing and do not count. rows nil stands for all rows.
func MSE[T tensor.Float](t *Tape[T], x *Var[T], target tensor.Dense[T], rows []int32) *Var[T] {
	return elementLoss(t, opMSE, x, target, rows)
}

func elementLoss[T tensor.Float](t *Tape[T], op opcode, x *Var[T], target tensor.Dense[T], rows []int32) *Var[T] {
	n, d := x.Rows(), x.Cols()
	target.Check("autodiff loss", "target", n, d)
	lossRows(n, n, rows)
	y, r := t.result(op, 1, 1, x)
	v, w := present(t, x, target.Data, rows)
	losses := t.arena.Take(len(v))
	if op == opMSE {
		for k := range losses {
			e := v[k] - w[k]
			losses[k] = T(e * e)
		}
	} else {
		kernel.BCE(losses, v, w)
	}
	kernel.SegmentSum(y.Value.Data, losses, 1, kernel.Seg{Ptr: t.pointers(len(losses))}, true)
	if r != nil {
		r.a, r.aux, r.rows, r.n = x, target.Data, rows, max(1, len(losses))
	}
	return y
}

// present returns the entries of the listed rows of x, and their targets, without those whose target is NaN.
func present[T tensor.Float](t *Tape[T], x *Var[T], target []T, rows []int32) (v, w []T) {
	n, d := x.Rows(), x.Cols()
	if rows != nil {
		n = len(rows)
	}
	v, w = t.arena.Take(n * d)[:0], t.arena.Take(n * d)[:0]
	for k := range n {
		i := rowOf(rows, k)
		for c := i * d; c < i*d+d; c++ {
			if target[c] == target[c] {
				v, w = append(v, x.Value.Data[c]), append(w, target[c])
			}
		}
	}
	return v, w
}

func (r *record[T]) backElementLoss(t *Tape[T]) {
	x, d := r.a, r.a.Cols()
	count := x.Rows()
	if r.rows != nil {
		count = len(r.rows)
	}
	g := r.out.Grad.Data[0] / T(r.n)
	dx := t.arena.Zeros(x.size())
	v, w := present(t, x, r.aux, r.rows)
	if r.op == opBCE {
		kernel.Unary(kernel.OpSigmoid, v, v, 0)
	}
	for k := range count {
		i := rowOf(r.rows, k)
		for c := i * d; c < i*d+d; c++ {
			if r.aux[c] != r.aux[c] {
				continue
			}
			if r.op == opMSE {
				dx[c] += T(2 * (v[0] - w[0]) * g)
			} else {
				dx[c] += T((v[0] - w[0]) * g)
			}
			v, w = v[1:], w[1:]
		}
	}
	t.accumulate(x, dx)
}
