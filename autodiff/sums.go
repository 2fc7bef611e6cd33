package autodiff

import (
	"symbridge/internal/kernel"
	"symbridge/tensor"
)

// The sums over rows of a tape: order-free, or plain where Tape.Plain asks for it.

func (t *Tape[T]) segmentSum(out, x []T, d int, seg kernel.Seg, mean bool) {
	if t.Plain {
		kernel.PlainSum(out, x, d, seg, mean)
		return
	}
	kernel.SegmentSum(out, x, d, seg, mean)
}

func (t *Tape[T]) weightedSum(out, w, x []T, d, heads int, seg kernel.Seg, mean bool) {
	if t.Plain {
		kernel.PlainWeightedSum(out, w, x, d, heads, seg, mean)
		return
	}
	kernel.SegmentWeightedSum(out, w, x, d, heads, seg, mean)
}

func (t *Tape[T]) colSum(out, x []T, rows, d int) {
	if t.Plain {
		kernel.PlainColSum(out, x, rows, d)
		return
	}
	kernel.ColSum(out, x, rows, d)
}

func (t *Tape[T]) matMulTN(c, a, b []T, r, m, n int) {
	if t.Plain {
		kernel.PlainMatMulTN(c, a, b, r, m, n)
		return
	}
	kernel.MatMulTN(c, a, b, r, m, n)
}

func (t *Tape[T]) sparseMatMulTN(c []T, s *tensor.CSR[T], b []T, r, m, n int) {
	ptr, row, pos := s.Columns()
	x := kernel.Columns[T]{Ptr: ptr, Row: row, Pos: pos, Val: s.Val}
	if t.Plain {
		kernel.PlainCSRMatMulTN(c, x, b, m, n)
		return
	}
	kernel.CSRMatMulTN(c, x, b, r, m, n)
}
