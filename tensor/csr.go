package tensor

import (
	"fmt"
	"slices"
	"sync"
)

// CSR is a (Rows, Cols) sparse matrix in compressed rows, columns ascending within a row: bags of words. Make one with [NewCSR]
// or [CSRFromDense]. It is immutable: its slices must not be written, since kernels read by its indices without a check.
type CSR[T Float] struct {
	Rows, Cols int
	Ptr        []int32 // (Rows+1)
	Idx        []int32 // (nnz) column, ascending within a row
	Val        []T     // (nnz)
	memo       *csrMemo
}

type csrMemo struct {
	once      sync.Once
	ptr, row  []int32
	positions []int32
}

// NewCSR returns a sparse matrix over the given slices, which it keeps. It returns an error that names the row and the
// position where a pointer or a column is out of range or not ascending.
func NewCSR[T Float](rows, cols int, ptr, idx []int32, val []T) (*CSR[T], error) {
	s := &CSR[T]{rows, cols, ptr, idx, val, new(csrMemo)}
	if err := s.Validate(); err != nil {
		return nil, err
	}
	return s, nil
}

// Validate returns an error that names the row and the position where a pointer or a column is out of range or not ascending.
func (s *CSR[T]) Validate() error {
	rows, cols, ptr, idx := s.Rows, s.Cols, s.Ptr, s.Idx
	if rows < 0 || cols < 0 || len(ptr) != rows+1 {
		return fmt.Errorf("tensor: CSR of (%d,%d) has %d row pointers, want %d", rows, cols, len(ptr), rows+1)
	}
	if len(idx) != len(s.Val) || ptr[0] != 0 || int(ptr[rows]) != len(idx) {
		return fmt.Errorf("tensor: CSR has %d columns and %d values, row pointers from %d to %d", len(idx), len(s.Val), ptr[0], ptr[rows])
	}
	for i := range rows {
		if ptr[i+1] < ptr[i] || int(ptr[i+1]) > len(idx) {
			return fmt.Errorf("tensor: CSR row pointer %d is %d after %d", i+1, ptr[i+1], ptr[i])
		}
		for p := ptr[i]; p < ptr[i+1]; p++ {
			if idx[p] < 0 || int(idx[p]) >= cols || p > ptr[i] && idx[p] <= idx[p-1] {
				return fmt.Errorf("tensor: CSR row %d, position %d: column %d is out of 0..%d or not ascending", i, p, idx[p], cols-1)
			}
		}
	}
	return nil
}

// StackCSR returns the given matrices one below the other. It panics with a ShapeError where their widths differ.
func StackCSR[T Float](ms ...*CSR[T]) *CSR[T] {
	out := &CSR[T]{Ptr: make([]int32, 1), memo: new(csrMemo)}
	for i, m := range ms {
		if i > 0 && m.Cols != out.Cols {
			panic(ShapeError{"tensor.StackCSR", fmt.Sprintf("matrix %d", i), [2]int{-1, out.Cols}, [2]int{m.Rows, m.Cols}})
		}
		base := int32(len(out.Idx))
		out.Rows, out.Cols = out.Rows+m.Rows, m.Cols
		for _, p := range m.Ptr[1:] {
			out.Ptr = append(out.Ptr, base+p)
		}
		out.Idx, out.Val = append(out.Idx, m.Idx...), append(out.Val, m.Val...)
	}
	return out
}

// CSRFromDense returns the non-zero elements of m.
func CSRFromDense[T Float](m Dense[T]) *CSR[T] {
	s := &CSR[T]{Rows: m.Rows, Cols: m.Cols, Ptr: make([]int32, 1, m.Rows+1), memo: new(csrMemo)}
	for i := range m.Rows {
		for j, v := range m.Row(i) {
			if v != 0 {
				s.Idx, s.Val = append(s.Idx, int32(j)), append(s.Val, v)
			}
		}
		s.Ptr = append(s.Ptr, int32(len(s.Idx)))
	}
	return s
}

// Dense returns the matrix with its zeros written out.
func (s *CSR[T]) Dense() Dense[T] {
	m := NewDense[T](s.Rows, s.Cols)
	s.CopyTo(m)
	return m
}

// CopyTo writes the stored elements into m, which has the same shape, and leaves its other elements alone.
func (s *CSR[T]) CopyTo(m Dense[T]) {
	m.Check("tensor.CSR.CopyTo", "matrix", s.Rows, s.Cols)
	for i := range s.Rows {
		row := m.Row(i)
		for p := s.Ptr[i]; p < s.Ptr[i+1]; p++ {
			row[s.Idx[p]] = s.Val[p]
		}
	}
}

// WithValues returns the matrix with the same pattern and other values (nnz), which it keeps.
func (s *CSR[T]) WithValues(val []T) CSR[T] {
	return CSR[T]{s.Rows, s.Cols, s.Ptr, s.Idx, val, s.memo}
}

// Columns returns the pattern by column, built once: column j has positions ptr[j]..ptr[j+1], each with its row and the
// position of its value in Val.
func (s *CSR[T]) Columns() (ptr, row, position []int32) {
	m := s.memo
	m.once.Do(func() {
		m.ptr, m.row, m.positions = make([]int32, s.Cols+1), make([]int32, len(s.Idx)), make([]int32, len(s.Idx))
		for _, j := range s.Idx {
			m.ptr[j+1]++
		}
		for j := range s.Cols {
			m.ptr[j+1] += m.ptr[j]
		}
		next := slices.Clone(m.ptr[:s.Cols])
		for i := range s.Rows {
			for p := s.Ptr[i]; p < s.Ptr[i+1]; p++ {
				q := next[s.Idx[p]]
				next[s.Idx[p]]++
				m.row[q], m.positions[q] = int32(i), p
			}
		}
	})
	return m.ptr, m.row, m.positions
}

// PermuteRows returns the matrix whose row p[i] is row i of s.
func (s *CSR[T]) PermuteRows(p []int32) *CSR[T] {
	if len(p) != s.Rows {
		panic(ShapeError{"tensor.CSR.PermuteRows", "permutation", [2]int{s.Rows, 1}, [2]int{len(p), 1}})
	}
	old := make([]int32, len(p))
	for i, q := range p {
		old[q] = int32(i)
	}
	return s.TakeRows(old)
}

// TakeRows returns the matrix with the listed rows of s, copied.
func (s *CSR[T]) TakeRows(rows []int32) *CSR[T] {
	out := &CSR[T]{Rows: len(rows), Cols: s.Cols, Ptr: make([]int32, 1, len(rows)+1), memo: new(csrMemo)}
	for _, r := range rows {
		a, b := s.Ptr[r], s.Ptr[r+1]
		out.Idx, out.Val = append(out.Idx, s.Idx[a:b]...), append(out.Val, s.Val[a:b]...)
		out.Ptr = append(out.Ptr, int32(len(out.Idx)))
	}
	return out
}
