package graphio

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"

	"symbridge/graph"
)

// File is what a file holds: a graph, and what the format says of its nodes and edges.
type File struct {
	Graph   *graph.Graph
	Weights []float64 // (E) by edge id, equal for the two arcs of an undirected edge; nil where the file has none
	Colours []int32   // (N) nil where the file has none
	Names   []string  // (N) what the file calls each node; nil where it calls them 0..N-1

	NodeLabels []uint64 // (N) labels that a data set gives its nodes; nil where it gives none
	EdgeLabels []uint64 // (E) by edge id, likewise

	// Rows (N) is a small simple graph in place of Graph, which is nil, where [Reading] asks for it: bit u of Rows[v] is set if
	// there is an edge between u and v. It is valid until the next graph is read.
	Rows []uint64
}

// Labels returns what the file says of each node (N) as labels: NodeLabels, or the colours; nil where it says nothing.
func (f *File) Labels() []uint64 {
	if f.NodeLabels != nil || f.Colours == nil {
		return f.NodeLabels
	}
	labels := make([]uint64, len(f.Colours))
	for v, c := range f.Colours {
		labels[v] = uint64(c)
	}
	return labels
}

// Limits bound what a reader accepts. Zero fields stand for the defaults.
type Limits struct {
	Nodes     int // nodes of a graph; default 1<<24
	Edges     int // edges of a graph as the file counts them; default 1<<27
	LineBytes int // length of a line, or of one element of a JSON list; default 1<<26

	Unzipped int64 // bytes of a compressed file once it is unpacked; default 1<<34
}

func (l Limits) orDefault() Limits {
	set := func(v *int, standard int) {
		if *v <= 0 {
			*v = standard
		}
		*v = min(*v, math.MaxInt32-1)
	}
	set(&l.Nodes, 1<<24)
	set(&l.Edges, 1<<27)
	set(&l.LineBytes, 1<<26)
	if l.Unzipped <= 0 {
		l.Unzipped = 1 << 34
	}
	return l
}

// Errors that readers and writers wrap.
var (
	// ErrSyntax is returned for input that is not in the format.
	ErrSyntax = errors.New("syntax error")
	// ErrLimit is returned for input beyond a limit.
	ErrLimit = errors.New("limit exceeded; raise it in graphio.Limits if the input is to be trusted")
	// ErrUnsupported is returned by writers for a file that the format cannot hold.
	ErrUnsupported = errors.New("not possible in this format")
)

// Error says where a reader found fault.
type Error struct {
	File   string // the file, where it was opened by name
	Format string // the format, "edge list" for one
	Line   int    // 1-based; 0 where the fault is in no line
	Field  string // what should stand there
	Value  string // what stands there
	Err    error  // what is wrong; wraps ErrSyntax, ErrLimit, an error of package graph or one of the io.Reader
}

// Error names file, format, line, field, value and fault.
func (e *Error) Error() string {
	s := "graphio: "
	if e.File != "" {
		s += e.File + ": "
	}
	s += e.Format
	if e.Line > 0 {
		s += fmt.Sprintf(" line %d", e.Line)
	}
	if e.Field != "" {
		s += ": " + e.Field
		if e.Value != "" {
			s += " " + clip(e.Value)
		}
	}
	return s + ": " + e.Err.Error()
}

// Unwrap returns the fault.
func (e *Error) Unwrap() error { return e.Err }

// faultIn returns a fault in a line, or in no line where that is 0.
func faultIn(format string, line int, field, value string, err error) error {
	return &Error{Format: format, Line: line, Field: field, Value: value, Err: err}
}

// clip quotes a value, cut to a length that an error can hold.
func clip(v string) string {
	if len(v) > 40 {
		return fmt.Sprintf("%q...", v[:40])
	}
	return fmt.Sprintf("%q", v)
}

// syntax returns an ErrSyntax with an explanation.
func syntax(format string, args ...any) error {
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), ErrSyntax)
}

// over returns an ErrLimit that says how much was wanted of how much.
func over(what string, got uint64, limit int) error {
	return fmt.Errorf("%d %s, the limit is %d: %w", got, what, limit, ErrLimit)
}

// bufferBytes is the size of the buffers of readers.
const bufferBytes = 1 << 18

// lineReader yields lines without their end, LF or CRLF, and counts them.
type lineReader struct {
	r      *bufio.Reader
	limit  int
	format string
	number int
	long   []byte // a line that did not fit the buffer of r
}

func newLineReader(r io.Reader, format string, limit int) *lineReader {
	return &lineReader{r: bufio.NewReaderSize(r, bufferBytes), limit: limit, format: format}
}

// next returns the next line, which is valid until the call after, or io.EOF after the last.
func (l *lineReader) next() ([]byte, error) {
	l.number++
	l.long = l.long[:0]
	for {
		part, err := l.r.ReadSlice('\n')
		if len(l.long)+len(part) > l.limit+2 { // the end of line does not count
			return nil, l.fault("", "", over("bytes and more", uint64(l.limit+1), l.limit))
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			l.long = append(l.long, part...)
			continue
		}
		line := part
		if len(l.long) > 0 {
			l.long = append(l.long, part...)
			line = l.long
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, l.fault("", "", err)
		}
		if err != nil && len(line) == 0 {
			return nil, io.EOF
		}
		if n := len(line); n > 0 && line[n-1] == '\n' {
			line = line[:n-1]
		}
		if n := len(line); n > 0 && line[n-1] == '\r' {
			line = line[:n-1]
		}
		if len(line) > l.limit {
			return nil, l.fault("", "", over("bytes", uint64(len(line)), l.limit))
		}
		return line, nil
	}
}

func (l *lineReader) fault(field, value string, err error) error {
	return faultIn(l.format, l.number, field, value, err)
}

// number reads up to ten decimal digits of s from place i and returns their value and the place after them, which is i where
// there are none or more: the reader that names faults then has a look.
func number(s []byte, i int) (v int64, next int) {
	next = i
	for ; next < len(s) && s[next]-'0' <= 9; next++ {
		if next-i == 10 {
			return 0, i
		}
		v = 10*v + int64(s[next]-'0')
	}
	return v, next
}

// push appends one of at most so many edges. Room is made in steps as edges come in: a count in a header takes no memory.
func push(edges [][2]int32, e [2]int32, most int) [][2]int32 {
	if n := len(edges); n == cap(edges) {
		edges = append(make([][2]int32, 0, max(n+1, min(most, max(1<<8, 2*n)))), edges...)
	}
	return append(edges, e)
}

// checked returns an error where the lists of f do not fit its graph, or f holds what the format cannot.
func (f *File) checked(format string, weights, colours, names bool) error {
	if f == nil || f.Graph == nil {
		return fmt.Errorf("graphio: %s: no graph to write: %w", format, ErrUnsupported)
	}
	for _, c := range []struct {
		field     string
		got, want int
		possible  bool
	}{{"weights", len(f.Weights), f.Graph.NumEdges(), weights}, {"colours", len(f.Colours), f.Graph.NumNodes(), colours},
		{"names", len(f.Names), f.Graph.NumNodes(), names},
		{"node labels", len(f.NodeLabels), f.Graph.NumNodes(), false},
		{"edge labels", len(f.EdgeLabels), f.Graph.NumEdges(), false}} {
		if c.got == 0 {
			continue
		}
		if !c.possible {
			return fmt.Errorf("graphio: %s: %s: %w", format, c.field, ErrUnsupported)
		}
		if c.got != c.want {
			return fmt.Errorf("graphio: %s: %d %s for %d: %w", format, c.got, c.field, c.want, graph.ErrLength)
		}
	}
	return nil
}

// uniqueNames returns an error where two nodes have one name.
func (f *File) uniqueNames(format string) error {
	seen := make(map[string]int, len(f.Names))
	for v, name := range f.Names {
		if at, ok := seen[name]; ok {
			return fmt.Errorf("graphio: %s: nodes %d and %d both have the name %s: %w", format, at, v, clip(name), ErrUnsupported)
		}
		seen[name] = v
	}
	return nil
}

// edge is an edge as a format lists it: once, if undirected.
type edge struct {
	from, to int32
	id       int32 // of its first arc
}

// edges lists the edges of f: the pairs of arcs where undirected, each arc else.
func (f *File) edges(format string, undirected bool) ([]edge, error) {
	g := f.Graph
	from, to := g.From(), g.To()
	if !undirected {
		list := make([]edge, g.NumEdges())
		for k := range list {
			list[k] = edge{from[k], to[k], int32(k)}
		}
		return list, nil
	}
	pairs, err := g.Pairs()
	if err != nil {
		return nil, fmt.Errorf("graphio: %s: a directed graph: %w: %w", format, ErrUnsupported, err)
	}
	list := make([]edge, len(pairs))
	for i, p := range pairs {
		list[i] = edge{from[p[0]], to[p[0]], p[0]}
		if len(f.Weights) > 0 {
			if a, b := f.Weights[p[0]], f.Weights[p[1]]; a != b && (a == a || b == b) {
				return nil, fmt.Errorf("graphio: %s: opposite edges %d and %d weigh %g and %g: %w", format, p[0], p[1], a, b,
					ErrUnsupported)
			}
		}
	}
	return list, nil
}

// build makes the graph of a list of edges and spreads their weights over the arcs.
func build(n int, edges [][2]int32, weights []float64, undirected bool) (*graph.Graph, []float64, error) {
	if !undirected {
		g, err := graph.New(n, edges)
		return g, weights, err
	}
	g, err := graph.NewUndirected(n, edges)
	if err != nil || weights == nil {
		return g, nil, err
	}
	_, edgeOf := graph.Arcs(edges)
	spread := make([]float64, len(edgeOf))
	for a, k := range edgeOf {
		spread[a] = weights[k]
	}
	return g, spread, nil
}
