package dataset

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"symbridge/graph/graphio"
)

// Entry is a graph of a file or a data set.
type Entry struct {
	*graphio.File
	Class string // the name of the class of the graph; empty where it has none
}

// Graphs yields the graphs of what a command line names: a file in a format of [graphio.Open] or in GIN's text format, a
// folder with a data set, or "karate". A format names one of either; an empty one recognises it. Files are read one graph
// at a time, sets as a whole.
func Graphs(name, format string, limits Limits, how graphio.Reading) iter.Seq2[*Entry, error] {
	return func(yield func(*Entry, error) bool) {
		info, err := os.Stat(name)
		if name == "karate" && err != nil || err == nil && info.IsDir() {
			s, err := Load[float32](name, format, limits)
			yieldSet(s, err, yield)
			return
		}
		dir, base := filepath.Split(name)
		if set := strings.TrimSuffix(strings.TrimSuffix(base, ".gz"), ".txt"); format == FormatGIN ||
			format == "" && how.Format == "" && err == nil && nameIn(os.DirFS(filepath.Clean(dir)), FormatGIN, base) == set {
			s, err := GIN[float32](os.DirFS(filepath.Clean(dir)), set, limits)
			if err != nil {
				err = fmt.Errorf("%s: %w", name, err)
			}
			yieldSet(s, err, yield)
			return
		}
		if format != "" {
			how.Format = format
		}
		for f, err := range graphio.OpenFile(name, how) {
			var e *Entry
			if err == nil {
				e = &Entry{File: f}
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

func yieldSet(s *Set[float32], err error, yield func(*Entry, error) bool) {
	if err != nil {
		yield(nil, err)
		return
	}
	for i := range s.Data {
		if !yield(s.Entry(i), nil) {
			return
		}
	}
}

// Entry returns the graph of s.Data[i], with the labels that TU and GIN files give nodes and edges: the number itself, or
// the start of the SHA-256 of all numbers where there are several a node. They go by identity, so that they are the same
// whatever became of the features.
func (s *Set[T]) Entry(i int) *Entry {
	g := s.Data[i].Graph
	e := &Entry{File: &graphio.File{Graph: g, NodeLabels: byIdentity(s.nodeLabels, g.NodeIDs()),
		EdgeLabels: byIdentity(s.edgeLabels, g.EdgeIDs())}}
	if y := s.Data[i].GraphClass; s.Task == GraphClassification && len(y) == 1 && y[0] >= 0 && int(y[0]) < len(s.ClassNames) {
		e.Class = s.ClassNames[y[0]]
	}
	return e
}

// byIdentity returns the labels of rows; nil where there are none.
func byIdentity(labels, ids []uint64) []uint64 {
	if labels == nil || ids == nil {
		return nil
	}
	out := make([]uint64, len(ids))
	for i, id := range ids {
		if id >= uint64(len(labels)) {
			return nil
		}
		out[i] = labels[id]
	}
	return out
}

// combined returns one number for each row of labels.
func combined(m table[int64]) []uint64 {
	if m.cols == 0 {
		return nil
	}
	out := make([]uint64, len(m.v)/m.cols)
	var row []byte
	for i := range out {
		if m.cols == 1 {
			out[i] = uint64(m.v[i])
			continue
		}
		row = row[:0]
		for _, v := range m.v[i*m.cols : (i+1)*m.cols] {
			row = binary.LittleEndian.AppendUint64(row, uint64(v))
		}
		sum := sha256.Sum256(row)
		out[i] = binary.LittleEndian.Uint64(sum[:8])
	}
	return out
}

// ReadFolds reads the folds of a set of n graphs from the files test_idx-1.txt, test_idx-2.txt and so on in the top folder
// of fsys, which hold the rows from 0 of the graphs of each fold, one a line. No row is in two folds; some may be in none.
func ReadFolds(fsys fs.FS, n int, limits Limits) ([][]int32, error) {
	names, err := fs.Glob(fsys, "test_idx-*.txt")
	if err != nil || len(names) < 2 {
		return nil, fmt.Errorf("dataset: %d files test_idx-K.txt, want two folds or more: %w", len(names), ErrUnknown)
	}
	limits = limits.filled()
	foldOf := make(map[int64]string, n)
	var folds [][]int32
	for k := 1; k <= len(names); k++ {
		t, err := openText(fsys, fmt.Sprintf("test_idx-%d.txt", k), ' ', limits)
		if err != nil {
			return nil, err
		}
		var rows []int32
		for t.next() {
			v, err := t.integer("graph", 0, int64(n)-1)
			if err != nil {
				return nil, err
			}
			if other, ok := foldOf[v]; ok {
				return nil, t.fail("graph", "%d is in %s too", v, other)
			}
			foldOf[v] = t.file
			if err := t.end(); err != nil {
				return nil, err
			}
			rows = append(rows, int32(v))
		}
		slices.Sort(rows)
		folds = append(folds, rows)
	}
	return folds, nil
}
