package dataset

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"strings"
)

// Errors that readers wrap.
var (
	// ErrFormat is returned for data that is not what the format says. The text names file, line and field.
	ErrFormat = errors.New("malformed data")
	// ErrLimit is returned for data that is larger than Limits allows.
	ErrLimit = errors.New("over the limit")
	// ErrUnknown is returned when no known data set is found where one was looked for.
	ErrUnknown = errors.New("no known data set")
)

// Limits bounds what a reader takes in. A field that is zero or negative stands for its default.
type Limits struct {
	FileBytes int64 // bytes of one file, after decompression; 256 MiB
	Nodes     int   // nodes of all graphs; 2^24
	Edges     int   // entries of the edge lists of all graphs, both directions counted; 2^26
	Graphs    int   // graphs; 2^20
	Features  int   // columns of a feature matrix, and different values of a label; 2^20
	Values    int   // stored elements of a feature matrix of all graphs; 2^27
}

// filled returns the limits with the defaults in place, none beyond what int32 ids can hold.
func (l Limits) filled() Limits {
	if l.FileBytes <= 0 {
		l.FileBytes = 1 << 28
	}
	l.FileBytes = min(l.FileBytes, math.MaxInt64-1)
	for _, c := range []struct {
		field           *int
		standard, upper int
	}{{&l.Nodes, 1 << 24, math.MaxInt32 - 1}, {&l.Edges, 1 << 26, math.MaxInt32 / 2}, {&l.Graphs, 1 << 20, math.MaxInt32 - 1},
		{&l.Features, 1 << 20, math.MaxInt32 - 1}, {&l.Values, 1 << 27, math.MaxInt32 - 1}} {
		if *c.field <= 0 {
			*c.field = c.standard
		}
		*c.field = min(*c.field, c.upper)
	}
	return l
}

// within returns an ErrLimit where n is more than the limit; field is its name in Limits.
func within(file string, n int64, limit int, field string) error {
	if n <= int64(limit) {
		return nil
	}
	return fmt.Errorf("dataset: %s: %d is more than Limits.%s = %d: %w", file, n, field, limit, ErrLimit)
}

// withinProduct is within for rows*cols, which may not fit in an int.
func withinProduct(file string, rows, cols, limit int, field string) error {
	if cols == 0 || rows <= limit/cols {
		return nil
	}
	return fmt.Errorf("dataset: %s: %d rows of %d are more than Limits.%s = %d: %w", file, rows, cols, field, limit, ErrLimit)
}

// readFile returns the content of a file, or of the file with .gz appended, and the name that was read.
func readFile(fsys fs.FS, name string, limits Limits) ([]byte, string, error) {
	f, err := fsys.Open(name)
	if errors.Is(err, fs.ErrNotExist) && !strings.HasSuffix(name, ".gz") {
		if f, err = fsys.Open(name + ".gz"); errors.Is(err, fs.ErrNotExist) {
			return nil, name, fmt.Errorf("dataset: %s is missing, and so is %s.gz: %w", name, name, fs.ErrNotExist)
		}
		name += ".gz"
	}
	if err != nil {
		return nil, name, fmt.Errorf("dataset: %s: %w", name, err)
	}
	defer f.Close()
	b, err := readAll(f, name, limits.FileBytes+1)
	if err != nil {
		return nil, name, fmt.Errorf("dataset: %s: %w", name, err)
	}
	if int64(len(b)) > limits.FileBytes {
		return nil, name, fmt.Errorf("dataset: %s has more than Limits.FileBytes = %d bytes: %w", name, limits.FileBytes, ErrLimit)
	}
	return b, name, nil
}

// readAll returns the first bytes of f, decompressed where the name says so, at most the given number.
func readAll(f io.Reader, name string, most int64) ([]byte, error) {
	if !strings.HasSuffix(name, ".gz") {
		return io.ReadAll(io.LimitReader(f, most))
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", err, ErrFormat)
	}
	b, err := io.ReadAll(io.LimitReader(z, most))
	if err != nil {
		return nil, fmt.Errorf("after %d decompressed bytes: %w: %w", len(b), err, ErrFormat)
	}
	return b, nil
}

// openText returns the lines of a file; sep is a comma, or a blank for any run of blanks.
func openText(fsys fs.FS, name string, sep byte, limits Limits) (*text, error) {
	b, file, err := readFile(fsys, name, limits)
	if err != nil {
		return nil, err
	}
	return newText(file, sep, b), nil
}

// openOptional is openText for a file that may be absent: then it returns nil.
func openOptional(fsys fs.FS, name string, sep byte, limits Limits) (*text, error) {
	t, err := openText(fsys, name, sep, limits)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return t, err
}

func newText(file string, sep byte, b []byte) *text {
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")) // a byte order mark
	return &text{file: file, sep: sep, rest: bytes.TrimRight(b, " \t\r\n")}
}
