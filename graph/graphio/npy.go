package graphio

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"symbridge/graph"
)

const (
	npy      = "npy"
	npyMagic = "\x93NUMPY"
)

// The members of the header of an .npy file, a Python dictionary; their order is not promised.
var (
	npyDescr   = regexp.MustCompile(`['"]descr['"]\s*:\s*['"]([^'"]*)['"]`)
	npyString  = regexp.MustCompile(`^([<>|=]?)([SU])([0-9]{1,9})$`)
	npyFortran = regexp.MustCompile(`['"]fortran_order['"]\s*:\s*(True|False)`)
	npyShape   = regexp.MustCompile(`['"]shape['"]\s*:\s*\(([0-9, ]*)\)`)
)

// NPY yields the graphs of a NumPy .npy file whose entries are strings of one width, |S or <U, each a graph in graph6,
// sparse6 or digraph6; the BREC pairs are such files (Wang and Zhang 2023, Towards better evaluation of GNN
// expressiveness with BREC dataset). Entries come row by row: a pair of an array of shape (k,2) is two graphs in a row.
// After an error in an entry the next can be read; after any other error the sequence ends.
func NPY(r io.Reader, limits Limits) iter.Seq2[*graph.Graph, error] {
	return graphs(entries(r, limits, 0))
}

// entries is NPY with the graphs of at most so many nodes as rows, where the format lets them be.
func entries(r io.Reader, limits Limits, rows int) iter.Seq2[*File, error] {
	return func(yield func(*File, error) bool) {
		limits := limits.orDefault()
		in := bufio.NewReaderSize(r, bufferBytes)
		a, err := readNPYHeader(in, limits)
		if err != nil {
			yield(nil, err)
			return
		}
		entry := make([]byte, a.width)
		p := parser6{Limits: limits, rows: rows}
		var text []byte
		for i := range a.entries {
			if _, err := io.ReadFull(in, entry); err != nil {
				yield(nil, faultIn(npy, 0, fmt.Sprintf("entry %d of %d", i, a.entries), "", endsEarly(err)))
				return
			}
			var f *File
			if text, err = a.text(text[:0], entry); err == nil {
				f, err = p.parse(text)
			}
			if err != nil {
				err = inEntry(i, err)
			}
			if !yield(f, err) {
				return
			}
		}
		if _, err := in.ReadByte(); !errors.Is(err, io.EOF) {
			if err == nil {
				err = syntax("bytes after the last of %d entries", a.entries)
			}
			yield(nil, faultIn(npy, 0, "", "", err))
		}
	}
}

// inEntry says in which entry a graph6 fault is.
func inEntry(i uint64, err error) error {
	field, value := fmt.Sprintf("entry %d", i), ""
	var e *Error
	if errors.As(err, &e) {
		field, value, err = strings.TrimSpace(fmt.Sprintf("%s: %s %s", field, e.Format, e.Field)), e.Value, e.Err
	}
	return faultIn(npy, 0, field, value, err)
}

func endsEarly(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return syntax("the file ends early")
	}
	return err
}

// npyArray says how the entries of an array stand in its file.
type npyArray struct {
	entries uint64
	width   int // bytes of an entry
	wide    binary.ByteOrder
}

// text appends an entry without the zeros that fill it. Letters beyond one byte become one that graph6 does not have.
func (a *npyArray) text(dst, entry []byte) ([]byte, error) {
	if a.wide == nil {
		return append(dst, bytes.TrimRight(entry, "\x00")...), nil
	}
	for ; len(entry) >= 4; entry = entry[4:] {
		c := a.wide.Uint32(entry)
		if c >= utf8.RuneSelf {
			return dst, syntax("letter %d is U+%04X, want graph6", len(dst), c)
		}
		dst = append(dst, byte(c))
	}
	return bytes.TrimRight(dst, "\x00"), nil
}

func readNPYHeader(in io.Reader, limits Limits) (*npyArray, error) {
	fault := func(field, value string, err error) (*npyArray, error) {
		return nil, faultIn(npy, 0, field, value, err)
	}
	var start [8]byte
	if _, err := io.ReadFull(in, start[:]); err != nil {
		return fault("header", "", endsEarly(err))
	}
	if string(start[:6]) != npyMagic {
		return fault("header", string(start[:6]), syntax("want %q", npyMagic))
	}
	size := make([]byte, 2)
	if start[6] > 1 {
		size = make([]byte, 4)
	}
	if start[6] < 1 || start[6] > 3 {
		return fault("version", strconv.Itoa(int(start[6])), syntax("want 1, 2 or 3"))
	}
	if _, err := io.ReadFull(in, size); err != nil {
		return fault("header", "", endsEarly(err))
	}
	length := binary.LittleEndian.Uint32(append(size, 0, 0)[:4])
	if most := min(limits.LineBytes, 1<<16); uint64(length) > uint64(most) {
		return fault("header", "", over("bytes", uint64(length), most))
	}
	header := make([]byte, length)
	if _, err := io.ReadFull(in, header); err != nil {
		return fault("header", "", endsEarly(err))
	}
	return parseNPYHeader(string(header), limits)
}

func parseNPYHeader(header string, limits Limits) (*npyArray, error) {
	fault := func(field, value string, err error) (*npyArray, error) {
		return nil, faultIn(npy, 0, field, value, err)
	}
	descr, fortran, shape := npyDescr.FindStringSubmatch(header), npyFortran.FindStringSubmatch(header), npyShape.FindStringSubmatch(header)
	if descr == nil || fortran == nil || shape == nil {
		return fault("header", header, syntax("want descr, fortran_order and shape of one plain type"))
	}
	kind := npyString.FindStringSubmatch(descr[1])
	if kind == nil {
		return fault("descr", descr[1], syntax("want strings of one width, such as <U9 or |S9"))
	}
	a := &npyArray{entries: 1}
	a.width, _ = strconv.Atoi(kind[3])
	if a.width == 0 {
		return fault("descr", descr[1], syntax("strings without letters are no graphs"))
	}
	if kind[2] == "U" {
		a.wide = binary.LittleEndian
		if kind[1] == ">" {
			a.wide = binary.BigEndian
		}
		a.width *= 4
	}
	if a.width > limits.LineBytes {
		return fault("descr", descr[1], over("bytes of an entry", uint64(a.width), limits.LineBytes))
	}
	dims := 0
	for d := range strings.SplitSeq(shape[1], ",") {
		if d = strings.TrimSpace(d); d == "" {
			continue
		}
		n, err := strconv.ParseUint(d, 10, 32)
		if dims++; err != nil || dims > 2 {
			return fault("shape", shape[1], syntax("want one or two numbers below 2^32"))
		}
		a.entries *= n
	}
	if fortran[1] == "True" && dims > 1 {
		return fault("fortran_order", "True", syntax("want rows one after the other"))
	}
	return a, nil
}
