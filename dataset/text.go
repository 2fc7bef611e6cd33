package dataset

import (
	"bytes"
	"fmt"
	"math"
	"strconv"

	"symbridge/tensor"
)

// text walks over the lines of a file and the fields of a line. CR LF is taken as LF, and blank lines at the end do not
// count. Fields are separated by commas, with blanks around them trimmed, or by runs of blanks.
type text struct {
	file  string
	sep   byte
	rest  []byte // the lines to come
	line  []byte // what is left of this line
	ended bool   // a comma line has no field left
	no    int    // of this line, from 1
	field int    // of the field that was taken last, from 1
}

// next goes to the next line and reports whether there is one.
func (t *text) next() bool {
	if len(t.rest) == 0 {
		return false
	}
	line, rest, _ := bytes.Cut(t.rest, []byte{'\n'})
	t.line, t.rest = bytes.TrimSuffix(line, []byte{'\r'}), rest
	t.no, t.field, t.ended = t.no+1, 0, false
	return true
}

// ahead returns the number of lines to come.
func (t *text) ahead() int {
	if len(t.rest) == 0 {
		return 0
	}
	return bytes.Count(t.rest, []byte{'\n'}) + 1
}

// more reports whether the line has another field.
func (t *text) more() bool {
	if t.sep == ',' {
		return !t.ended
	}
	t.line = bytes.TrimLeft(t.line, " \t")
	return len(t.line) > 0
}

// take returns the next field, empty where there is none.
func (t *text) take() (f []byte) {
	if !t.more() {
		t.field++
		return nil
	}
	t.field++
	if t.sep == ',' {
		var comma bool
		f, t.line, comma = bytes.Cut(t.line, []byte{','})
		t.ended = !comma
		return bytes.TrimSpace(f)
	}
	end := bytes.IndexAny(t.line, " \t")
	if end < 0 {
		end = len(t.line)
	}
	f, t.line = t.line[:end], t.line[end:]
	return f
}

// fail returns an ErrFormat about the field that was taken last.
func (t *text) fail(what, format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	return fmt.Errorf("dataset: %s:%d: field %d (%s): %s: %w", t.file, t.no, t.field, what, text, ErrFormat)
}

// failLine returns an ErrFormat about the line.
func (t *text) failLine(format string, args ...any) error {
	return fmt.Errorf("dataset: %s:%d: %s: %w", t.file, max(t.no, 1), fmt.Sprintf(format, args...), ErrFormat)
}

// integer takes an integer in lo..hi; what names it in an error.
func (t *text) integer(what string, lo, hi int64) (int64, error) {
	f := t.take()
	v, err := strconv.ParseInt(string(f), 10, 64)
	if err != nil {
		return 0, t.fail(what, "%s is no integer", quote(f))
	}
	if v < lo || v > hi {
		return 0, t.fail(what, "%d is not in %d..%d", v, lo, hi)
	}
	return v, nil
}

// end returns an error where the line has another field.
func (t *text) end() error {
	if !t.more() {
		return nil
	}
	f := t.take()
	return t.fail("surplus", "%s after the last field", quote(f))
}

// number takes a finite number, rounded once to T.
func number[T tensor.Float](t *text, what string) (T, error) {
	f := t.take()
	bits := 64
	if _, narrow := any(T(0)).(float32); narrow {
		bits = 32
	}
	v, err := strconv.ParseFloat(string(f), bits)
	if err != nil {
		return 0, t.fail(what, "%s is no number that fits in %d bits", quote(f), bits)
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, t.fail(what, "%s is not finite", quote(f))
	}
	return T(v), nil
}

// quote shows a field in an error, shortened.
func quote(f []byte) string {
	if len(f) > 40 {
		return strconv.Quote(string(f[:40])) + "..."
	}
	return strconv.Quote(string(f))
}

// table is a matrix of labels or attributes as read.
type table[V any] struct {
	file string
	cols int
	v    []V
}

// readTable reads one row a line, all as wide as the first, one row for each of the rows that perRow names. A nil text is
// a file that is absent: no columns.
func readTable[V any](t *text, rows int, perRow, what string, limits Limits, read func(*text) (V, error)) (table[V], error) {
	if t == nil {
		return table[V]{}, nil
	}
	m := table[V]{file: t.file}
	n := 0
	for ; t.next(); n++ {
		if n == rows {
			return m, t.failLine("more lines than the %d %s", rows, perRow)
		}
		for t.more() {
			if n > 0 && t.field == m.cols {
				t.field++
				return m, t.fail(what, "more fields than the %d of line 1", m.cols)
			}
			v, err := read(t)
			if err != nil {
				return m, err
			}
			m.v = append(m.v, v)
			if n == 0 {
				m.cols++
				if err := within(t.file, int64(m.cols), limits.Features, "Features"); err != nil {
					return m, err
				}
				if err := withinProduct(t.file, rows, m.cols, limits.Values, "Values"); err != nil {
					return m, err
				}
			}
		}
		if t.field < m.cols {
			t.field++
			return m, t.fail(what, "missing, line 1 has %d fields", m.cols)
		}
	}
	if n < rows {
		return m, t.failLine("the file ends after %d lines, want one for each of the %d %s", n, rows, perRow)
	}
	return m, nil
}

// readLabels reads integer labels.
func readLabels(t *text, rows int, perRow string, limits Limits) (table[int64], error) {
	return readTable(t, rows, perRow, "label", limits, func(t *text) (int64, error) {
		return t.integer("label", math.MinInt64, math.MaxInt64)
	})
}

// readAttributes reads finite numbers.
func readAttributes[T tensor.Float](t *text, rows int, perRow string, limits Limits) (table[T], error) {
	return readTable(t, rows, perRow, "attribute", limits, func(t *text) (T, error) { return number[T](t, "attribute") })
}
