package tensor

import "fmt"

// Float is the element type: float32 for use, float64 for proofs.
type Float interface{ float32 | float64 }

// Dense is a (Rows, Cols) matrix, row-major: element (i,j) is Data[i*Cols+j]. The zero value is the 0x0 matrix. A Dense
// is a view: copies share Data.
type Dense[T Float] struct {
	Rows, Cols int
	Data       []T
}

// ShapeError is the panic of an operation whose operands do not fit.
type ShapeError struct {
	Op   string // the operation, such as "autodiff.Add"
	What string // the operand
	Want [2]int // rows and columns; -1 is any
	Got  [2]int
}

// Error says which operand of which operation has which shape, and which it should have.
func (e ShapeError) Error() string {
	return fmt.Sprintf("%s: %s is (%d,%d), want (%s,%s)", e.Op, e.What, e.Got[0], e.Got[1], dim(e.Want[0]), dim(e.Want[1]))
}

func dim(n int) string {
	if n < 0 {
		return "any"
	}
	return fmt.Sprint(n)
}

// ValueError is the panic of an operation whose scalar argument cannot be.
type ValueError struct {
	Op   string  // the operation, such as "autodiff.Dropout"
	What string  // the argument and what it should be, such as "probability, want 0 <= p < 1"
	Got  float64 // its value
}

// Error says what the argument should be and what it is.
func (e ValueError) Error() string { return fmt.Sprintf("%s: %s, got %v", e.Op, e.What, e.Got) }

// NewDense returns a zero matrix.
func NewDense[T Float](rows, cols int) Dense[T] {
	return Dense[T]{rows, cols, make([]T, rows*cols)}
}

// FromRows returns the matrix with the given rows, copied. It panics with a ShapeError where they differ in length.
func FromRows[T Float](rows [][]T) Dense[T] {
	if len(rows) == 0 {
		return Dense[T]{}
	}
	m := Dense[T]{len(rows), len(rows[0]), make([]T, 0, len(rows)*len(rows[0]))}
	for i, r := range rows {
		if len(r) != m.Cols {
			panic(ShapeError{"tensor.FromRows", fmt.Sprintf("row %d", i), [2]int{1, m.Cols}, [2]int{1, len(r)}})
		}
		m.Data = append(m.Data, r...)
	}
	return m
}

// Row returns row i (Cols), a view.
func (m Dense[T]) Row(i int) []T { return m.Data[i*m.Cols : (i+1)*m.Cols : (i+1)*m.Cols] }

// At returns element (i,j).
func (m Dense[T]) At(i, j int) T { return m.Data[i*m.Cols+j] }

// Set sets element (i,j).
func (m Dense[T]) Set(i, j int, v T) { m.Data[i*m.Cols+j] = v }

// Clone returns a copy with its own data.
func (m Dense[T]) Clone() Dense[T] {
	return Dense[T]{m.Rows, m.Cols, append([]T(nil), m.Data...)}
}

// Shape returns rows and columns.
func (m Dense[T]) Shape() [2]int { return [2]int{m.Rows, m.Cols} }

// Empty reports whether the matrix was never made: it has no data and no shape.
func (m Dense[T]) Empty() bool { return m.Rows == 0 && m.Cols == 0 }

// Check panics with a ShapeError unless the matrix is (rows, cols); -1 is any.
func (m Dense[T]) Check(op, what string, rows, cols int) {
	if rows >= 0 && m.Rows != rows || cols >= 0 && m.Cols != cols || len(m.Data) != m.Rows*m.Cols {
		panic(ShapeError{op, what, [2]int{rows, cols}, m.Shape()})
	}
}

// PermuteRows returns the matrix whose row p[i] is row i of m: how node features move under a relabelling p.
// It panics with a ShapeError where p does not have one entry a row.
func (m Dense[T]) PermuteRows(p []int32) Dense[T] {
	if len(p) != m.Rows {
		panic(ShapeError{"tensor.PermuteRows", "permutation", [2]int{m.Rows, 1}, [2]int{len(p), 1}})
	}
	out := NewDense[T](m.Rows, m.Cols)
	for i, q := range p {
		copy(out.Row(int(q)), m.Row(i))
	}
	return out
}

// TakeRows returns the matrix with the listed rows of m, copied.
func (m Dense[T]) TakeRows(rows []int32) Dense[T] {
	out := NewDense[T](len(rows), m.Cols)
	for i, r := range rows {
		copy(out.Row(i), m.Row(int(r)))
	}
	return out
}

// Convert returns m in another element type, each element rounded once.
func Convert[To, From Float](m Dense[From]) Dense[To] {
	out := NewDense[To](m.Rows, m.Cols)
	for i, v := range m.Data {
		out.Data[i] = To(v)
	}
	return out
}
