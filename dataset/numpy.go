package dataset

import (
	"encoding/binary"
	"fmt"
	"math"
)

// The objects that a pickle may hold.
type (
	// dtype is a numpy element type, such as i4 or f8, once it is built with its byte order.
	dtype struct {
		code  string
		built bool
	}
	// array is a numpy array in row-major order.
	array struct {
		shape []int
		code  string
		data  []byte // as many elements as the shape says
	}
	// sparse is a scipy matrix in compressed rows.
	sparse struct {
		shape              []int
		data, indices, ptr *array
	}
)

// itemSize returns the bytes of an element, 0 for a type that is not supported.
func itemSize(code string) int {
	switch code {
	case "b1", "i1", "u1":
		return 1
	case "i2":
		return 2
	case "i4", "f4":
		return 4
	case "i8", "f8":
		return 8
	}
	return 0
}

// build sets the state of an object: what __setstate__ does in Python.
func (u *unpickler) build(object, state any) {
	switch o := object.(type) {
	case *dtype:
		u.buildDtype(o, state)
	case *array:
		u.buildArray(o, state)
	case *sparse:
		u.buildSparse(o, state)
	default:
		u.fail("%s takes no state", kind(object))
	}
}

// buildDtype takes (3, byte order, subtype, names, fields, size, alignment, flags).
func (u *unpickler) buildDtype(d *dtype, state any) {
	s, _ := state.(tuple)
	if len(s) != 8 || s[0] != int64(3) || s[2] != nil || s[3] != nil || s[4] != nil {
		u.fail("the state of element type %q is not that of a plain number", d.code)
		return
	}
	size := itemSize(d.code)
	if size == 0 {
		u.fail("element type %q is not supported", d.code)
		return
	}
	order, _ := s[1].([]byte)
	if o := string(order); o != "<" && (o != "|" || size > 1) {
		u.fail("byte order %s of element type %q, want little-endian", quote(order), d.code)
		return
	}
	d.built = true
}

// buildArray takes (1, shape, element type, column-major, data).
func (u *unpickler) buildArray(a *array, state any) {
	s, _ := state.(tuple)
	if len(s) != 5 || s[0] != int64(1) {
		u.fail("the state of an array is %s, want 5 fields of version 1", kind(state))
		return
	}
	shape, ok := dims(s[1])
	d, isType := s[2].(*dtype)
	data, isData := s[4].([]byte)
	if !ok || !isType || !d.built || !isData {
		u.fail("an array wants shape, element type and data, it has %s, %s and %s", kind(s[1]), kind(s[2]), kind(s[4]))
		return
	}
	if s[3] != false && len(shape) > 1 {
		u.fail("an array of shape %v in column-major order", shape)
		return
	}
	count, size := int64(1), itemSize(d.code)
	for _, n := range shape {
		count *= int64(n) // at most two factors below 2^31
	}
	if len(data)%size != 0 || count != int64(len(data)/size) {
		u.fail("an array of shape %v and type %q with %d bytes of data", shape, d.code, len(data))
		return
	}
	if a.code != "" { // what was checked against this array must stay true
		u.fail("an array gets its state twice")
		return
	}
	*a = array{shape, d.code, data}
}

// dims returns a shape of one or two dimensions.
func dims(v any) ([]int, bool) {
	t, _ := v.(tuple)
	if len(t) != 1 && len(t) != 2 {
		return nil, false
	}
	shape := make([]int, len(t))
	for i, e := range t {
		n, ok := e.(int64)
		if !ok || n < 0 || n > math.MaxInt32-1 {
			return nil, false
		}
		shape[i] = int(n)
	}
	return shape, true
}

// buildSparse takes a dictionary of attributes.
func (u *unpickler) buildSparse(m *sparse, state any) {
	d, _ := state.(*dict)
	if d == nil {
		u.fail("the state of a sparse matrix is %s, want a dictionary", kind(state))
		return
	}
	for i, k := range d.keys {
		name, _ := k.([]byte)
		switch v := d.values[i]; string(name) {
		case "_shape":
			m.shape, _ = dims(v)
		case "data":
			m.data, _ = v.(*array)
		case "indices":
			m.indices, _ = v.(*array)
		case "indptr":
			m.ptr, _ = v.(*array)
		}
	}
	if len(m.shape) != 2 {
		u.fail("a sparse matrix without a _shape of two dimensions")
	}
	for _, c := range []struct {
		name string
		a    *array
	}{{"data", m.data}, {"indices", m.indices}, {"indptr", m.ptr}} {
		if c.a == nil || len(c.a.shape) != 1 {
			u.fail("a sparse matrix without the one-dimensional array %s", c.name)
			return
		}
	}
	if u.err == nil && (m.ptr.len() != m.shape[0]+1 || m.data.len() != m.indices.len()) {
		u.fail("a sparse matrix of shape %v with %d row pointers, %d columns and %d values", m.shape, m.ptr.len(), m.indices.len(),
			m.data.len())
	}
}

// len returns the number of elements.
func (a *array) len() int { return len(a.data) / itemSize(a.code) }

// integer returns element i, and false where the type is no integer.
func (a *array) integer(i int) (int64, bool) {
	b := a.data[i*itemSize(a.code):]
	switch a.code {
	case "b1", "u1":
		return int64(b[0]), true
	case "i1":
		return int64(int8(b[0])), true
	case "i2":
		return int64(int16(binary.LittleEndian.Uint16(b))), true
	case "i4":
		return int64(int32(binary.LittleEndian.Uint32(b))), true
	case "i8":
		return int64(binary.LittleEndian.Uint64(b)), true
	}
	return 0, false
}

// float returns element i as a number.
func (a *array) float(i int) float64 {
	b := a.data[i*itemSize(a.code):]
	switch a.code {
	case "f4":
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
	case "f8":
		return math.Float64frombits(binary.LittleEndian.Uint64(b))
	}
	v, _ := a.integer(i)
	return float64(v)
}

// row returns the columns and values of row i as they stand in the file, checked against the shape.
func (m *sparse) row(file string, i int) (columns []int32, values []float64, err error) {
	lo, ok := m.ptr.integer(i)
	hi, _ := m.ptr.integer(i + 1)
	if n := int64(m.indices.len()); !ok || lo < 0 || hi < lo || hi > n || i == 0 && lo != 0 || i == m.shape[0]-1 && hi != n {
		return nil, nil, fmt.Errorf("dataset: %s: indptr[%d] and [%d] are %d and %d (type %s), there are %d values: %w",
			file, i, i+1, lo, hi, m.ptr.code, n, ErrFormat)
	}
	for p := int(lo); p < int(hi); p++ {
		j, ok := m.indices.integer(p)
		if !ok || j < 0 || j >= int64(m.shape[1]) {
			return nil, nil, fmt.Errorf("dataset: %s: row %d: indices[%d] is %d (type %s), columns are 0..%d: %w",
				file, i, p, j, m.indices.code, m.shape[1]-1, ErrFormat)
		}
		v := m.data.float(p)
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, nil, fmt.Errorf("dataset: %s: row %d: data[%d] is %v, want a finite number: %w", file, i, p, v, ErrFormat)
		}
		columns, values = append(columns, int32(j)), append(values, v)
	}
	return columns, values, nil
}
