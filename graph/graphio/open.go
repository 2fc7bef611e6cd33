package graphio

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The formats that [Open] knows.
const (
	FormatGraph6   = "graph6"   // graph6, sparse6 and digraph6, a graph a line
	FormatDIMACS   = "dimacs"   // one graph
	FormatEdgeList = "edgelist" // one graph
	FormatNodeLink = "nodelink" // one graph
	FormatNPY      = "npy"      // a graph an entry
)

// Formats returns the names of the formats that [Open] knows.
func Formats() []string {
	return []string{FormatGraph6, FormatDIMACS, FormatEdgeList, FormatNodeLink, FormatNPY}
}

// extensions are endings of file names that say what a file is; others leave it to its first line.
var extensions = map[string]string{".g6": FormatGraph6, ".s6": FormatGraph6, ".d6": FormatGraph6, ".graph6": FormatGraph6,
	".sparse6": FormatGraph6, ".digraph6": FormatGraph6, ".col": FormatDIMACS, ".dmc": FormatDIMACS, ".dimacs": FormatDIMACS,
	".bliss": FormatDIMACS, ".json": FormatNodeLink, ".csv": FormatEdgeList, ".tsv": FormatEdgeList, ".edges": FormatEdgeList,
	".edgelist": FormatEdgeList, ".el": FormatEdgeList}

// Reading says how [Open] reads. Its zero value recognises what it reads.
type Reading struct {
	Format   string   // one of [Formats]; empty: by magic bytes, the ending of the name, or the first line
	EdgeList EdgeList // of edge lists; its Limits do not count
	Limits   Limits
	Rows     int // graphs in graph6 of at most so many nodes, no more than 64, come as File.Rows: no graph is made of them
}

// Open yields the graphs of a file of fsys one by one. A file that is compressed with gzip, whatever its name, is unpacked
// on the way. Memory is taken for one graph at a time. Errors are of type [Error] and name the file. In formats with
// several graphs a fault in one of them lets the next be read.
func Open(fsys fs.FS, name string, how Reading) iter.Seq2[*File, error] {
	return opened(name, how, func() (fs.File, error) { return fsys.Open(name) })
}

// OpenFile is [Open] for a path of the operating system.
func OpenFile(path string, how Reading) iter.Seq2[*File, error] {
	return opened(path, how, func() (fs.File, error) { return os.Open(path) })
}

func opened(name string, how Reading, open func() (fs.File, error)) iter.Seq2[*File, error] {
	return func(yield func(*File, error) bool) {
		f, err := open()
		if err != nil {
			var path *fs.PathError
			if errors.As(err, &path) {
				err = path.Err // the name is said once
			}
			yield(nil, &Error{File: name, Format: "open", Err: err})
			return
		}
		defer f.Close()
		for g, err := range Read(f, name, how) {
			if !yield(g, err) {
				return
			}
		}
	}
}

// Read is [Open] for what a reader reads; name is what errors call it, and its ending counts.
func Read(r io.Reader, name string, how Reading) iter.Seq2[*File, error] {
	return func(yield func(*File, error) bool) {
		for f, err := range read(r, name, how) {
			if err != nil {
				f, err = nil, inFile(name, err)
			}
			if !yield(f, err) {
				return
			}
		}
	}
}

// inFile adds the name of the file to an error.
func inFile(name string, err error) error {
	var e *Error
	if errors.As(err, &e) {
		named := *e
		named.File = name
		return &named
	}
	return &Error{File: name, Format: "read", Err: err}
}

func read(r io.Reader, name string, how Reading) iter.Seq2[*File, error] {
	limits := how.Limits.orDefault()
	fail := func(err error) iter.Seq2[*File, error] {
		return func(yield func(*File, error) bool) { yield(nil, err) }
	}
	if how.Format != "" && !slices.Contains(Formats(), how.Format) {
		return fail(syntax("unknown format %q, want one of %s", how.Format, strings.Join(Formats(), ", ")))
	}
	in := bufio.NewReaderSize(r, bufferBytes)
	if head, _ := in.Peek(2); string(head) == "\x1f\x8b" {
		z, err := gzip.NewReader(in)
		if err != nil {
			return fail(&Error{Format: "gzip", Err: damaged(err)})
		}
		in = bufio.NewReaderSize(&unzipped{z, limits.Unzipped, limits.Unzipped}, bufferBytes)
	}
	if head, _ := in.Peek(3); string(head) == "\xef\xbb\xbf" { // a byte order mark
		_, _ = in.Discard(3)
	}
	head, err := in.Peek(sniffBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return fail(&Error{Format: "read", Err: err})
	}
	format := how.Format
	if format == "" {
		format = recognise(name, head)
	}
	switch format {
	case FormatGraph6:
		return lines6(in, limits, min(how.Rows, 64))
	case FormatNPY:
		return entries(in, limits, min(how.Rows, 64))
	case FormatDIMACS:
		return only(func() (*File, error) { return ReadDIMACS(in, limits) })
	case FormatNodeLink:
		return only(func() (*File, error) { return ReadNodeLink(in, limits) })
	default:
		list := how.EdgeList
		list.Limits = limits
		return only(func() (*File, error) { return ReadEdgeList(in, list) })
	}
}

// only yields one file.
func only(f func() (*File, error)) iter.Seq2[*File, error] {
	return func(yield func(*File, error) bool) { yield(f()) }
}

// sniffBytes is how much of a file may be looked at to recognise it.
const sniffBytes = 1 << 12

// recognise returns the format of a file by its magic bytes, the ending of its name and its first line with something in it.
func recognise(name string, head []byte) string {
	if bytes.HasPrefix(head, []byte(npyMagic)) {
		return FormatNPY
	}
	name = strings.TrimSuffix(strings.ToLower(name), ".gz")
	if format, ok := extensions[filepath.Ext(name)]; ok {
		return format
	}
	line := bytes.TrimLeft(head, " \t\r\n")
	if end := bytes.IndexByte(line, '\n'); end >= 0 {
		line = line[:end]
	}
	line = bytes.TrimRight(line, " \t\r")
	first, rest, _ := bytes.Cut(line, []byte{' '})
	rest = bytes.TrimLeft(rest, " \t")
	switch word := string(first); {
	case len(head) == 0: // no graphs, as of a program that found none
		return FormatGraph6
	case len(line) == 0:
		return FormatEdgeList
	case word == "c", word == "p" && (bytes.HasPrefix(rest, []byte("edge ")) || bytes.HasPrefix(rest, []byte("col "))):
		return FormatDIMACS
	case bytes.HasPrefix(line, []byte(">>")), !bytes.ContainsFunc(bytes.TrimLeft(line, ":&"), func(r rune) bool { return r < 63 || r > 126 }):
		if string(line) == "{" {
			return FormatNodeLink
		}
		return FormatGraph6
	case line[0] == '{':
		return FormatNodeLink
	}
	return FormatEdgeList
}

// unzipped reads a gzip stream up to a limit.
type unzipped struct {
	z           *gzip.Reader
	left, limit int64
}

func (u *unzipped) Read(p []byte) (int, error) {
	if u.left <= 0 {
		var b [1]byte
		n, err := u.z.Read(b[:])
		if n > 0 {
			err = fmt.Errorf("more than Limits.Unzipped = %d bytes when unpacked: %w", u.limit, ErrLimit)
		}
		return 0, damaged(err)
	}
	n, err := u.z.Read(p[:min(int64(len(p)), u.left)])
	u.left -= int64(n)
	return n, damaged(err)
}

// damaged says that a fault of gzip is one of the input.
func damaged(err error) error {
	if errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, io.ErrUnexpectedEOF) || isCorrupt(err) {
		return fmt.Errorf("gzip: %w: %w", err, ErrSyntax)
	}
	return err
}

func isCorrupt(err error) bool {
	var corrupt flate.CorruptInputError
	return errors.As(err, &corrupt)
}
