package graphio

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/bits"
	"strconv"
	"strings"

	"symbridge/graph"
)

// Graph6 yields the graphs of a file in which each line is a graph in graph6, sparse6 or digraph6: the formats of nauty
// (McKay and Piperno, Practical graph isomorphism II, 2014; its formats.txt). A line says by its first byte which of the
// three it is; a header such as >>graph6<< and empty lines are skipped. After an error in a line the next line can be
// read; after an error of the io.Reader or a line beyond the limit the sequence ends.
func Graph6(r io.Reader, limits Limits) iter.Seq2[*graph.Graph, error] {
	return graphs(lines6(r, limits, 0))
}

// lines6 is Graph6 with the graphs of at most so many nodes as rows, where the format lets them be.
func lines6(r io.Reader, limits Limits, rows int) iter.Seq2[*File, error] {
	return func(yield func(*File, error) bool) {
		limits := limits.orDefault()
		in := newLineReader(r, "graph6", limits.LineBytes)
		p := parser6{Limits: limits, rows: rows}
		for {
			line, err := in.next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
			s := skipHeader(line)
			if len(s) == 0 {
				continue
			}
			p.line = in.number
			if !yield(p.parse(s)) {
				return
			}
		}
	}
}

// graphs yields the graphs of files.
func graphs(files iter.Seq2[*File, error]) iter.Seq2[*graph.Graph, error] {
	return func(yield func(*graph.Graph, error) bool) {
		for f, err := range files {
			var g *graph.Graph
			if err == nil {
				g = f.Graph
			}
			if !yield(g, err) {
				return
			}
		}
	}
}

// ParseGraph6 reads one graph in graph6, sparse6 or digraph6, with or without header and end of line.
func ParseGraph6(s string, limits Limits) (*graph.Graph, error) {
	s = strings.TrimSuffix(strings.TrimSuffix(s, "\n"), "\r")
	p := parser6{Limits: limits.orDefault()}
	f, err := p.parse(skipHeader([]byte(s)))
	if err != nil {
		return nil, err
	}
	return f.Graph, nil
}

func skipHeader(line []byte) []byte {
	for _, h := range []string{">>graph6<<", ">>sparse6<<", ">>digraph6<<"} {
		if len(line) >= len(h) && string(line[:len(h)]) == h {
			return line[len(h):]
		}
	}
	return line
}

// parser6 reads graphs that are lines of text, one after the other.
type parser6 struct {
	Limits
	rows   int // graph6 of at most so many nodes, no more than 64, is read as rows; 0: none is
	line   int
	format string
	small  File       // what was read as rows
	room   [64]uint64 // for them
}

func (p *parser6) parse(s []byte) (*File, error) {
	p.format = "graph6"
	decode := p.graph6
	if len(s) > 0 && s[0] == ':' {
		p.format, decode, s = "sparse6", p.sparse6, s[1:]
	} else if len(s) > 0 && s[0] == '&' {
		p.format, decode, s = "digraph6", p.digraph6, s[1:]
	}
	for i, c := range s {
		if c < 63 || c > 126 {
			return nil, p.fault("byte "+strconv.Itoa(i), string(s[i:i+1]), syntax("bytes are '?' to '~'"))
		}
	}
	n, size, err := parseSize(s)
	if err != nil {
		return nil, p.fault("size", string(s[:min(8, len(s))]), err)
	}
	if n > uint64(p.Nodes) {
		return nil, p.fault("size", string(s[:size]), over("nodes", n, p.Nodes))
	}
	if p.format == "graph6" && p.rows > 0 && n <= uint64(p.rows) {
		return p.graph6Rows(int(n), s[size:])
	}
	g, err := decode(int(n), s[size:])
	if err != nil {
		return nil, err
	}
	return &File{Graph: g}, nil
}

func (p *parser6) fault(field, value string, err error) error {
	return faultIn(p.format, p.line, field, value, err)
}

// parseSize reads the number of nodes, written in 1, 4 or 8 bytes, and says in how many.
func parseSize(s []byte) (n uint64, size int, err error) {
	digits := s
	switch {
	case len(s) == 0:
		return 0, 0, syntax("missing")
	case s[0] != '~':
		return uint64(s[0] - 63), 1, nil
	case len(s) >= 2 && s[1] == '~':
		digits, size = s[2:], 8
	default:
		digits, size = s[1:], 4
	}
	if len(s) < size {
		return 0, 0, syntax("%d bytes, want %d", len(s), size)
	}
	for _, c := range digits[:size-size/4] {
		n = n<<6 | uint64(c-63)
	}
	return n, size, nil
}

// appendSize appends the number of nodes in as few bytes as it takes.
func appendSize(dst []byte, n int) []byte {
	digits := 1
	switch {
	case n > 258047:
		dst, digits = append(dst, "~~"...), 6
	case n > 62:
		dst, digits = append(dst, '~'), 3
	}
	for i := digits - 1; i >= 0; i-- {
		dst = append(dst, byte(uint64(n)>>(6*i))&63+63)
	}
	return dst
}

// matrix checks that s is a bit matrix of so many entries and returns the number of ones.
func (p *parser6) matrix(s []byte, entries uint64) (ones int, err error) {
	if want := (entries + 5) / 6; uint64(len(s)) != want {
		return 0, p.fault("matrix", "", syntax("%d bytes, want %d", len(s), want))
	}
	for _, c := range s {
		ones += bits.OnesCount8(c - 63)
	}
	if ones > p.Edges {
		return 0, p.fault("matrix", "", over("edges", uint64(ones), p.Edges))
	}
	if pad := uint64(len(s))*6 - entries; pad > 0 && (s[len(s)-1]-63)&(1<<pad-1) != 0 {
		return 0, p.fault("matrix", "", syntax("the bits that fill the last byte are not 0"))
	}
	return ones, nil
}

// ones6 calls each with the place of every one in a bit matrix.
func ones6(s []byte, each func(place int)) {
	for i, c := range s {
		for c -= 63; c != 0; {
			high := bits.Len8(c) - 1 // 5 is the first bit
			each(6*i + 5 - high)
			c &^= 1 << high
		}
	}
}

// graph6 reads the upper triangle, column by column.
func (p *parser6) graph6(n int, s []byte) (*graph.Graph, error) {
	ones, err := p.matrix(s, uint64(n)*uint64(max(n-1, 0))/2)
	if err != nil {
		return nil, err
	}
	edges := make([][2]int32, 0, ones)
	v, column := 1, 0 // column v starts at place v(v-1)/2
	ones6(s, func(place int) {
		for place >= column+v {
			column += v
			v++
		}
		edges = append(edges, [2]int32{int32(place - column), int32(v)})
	})
	g, err := graph.NewUndirected(n, edges)
	if err != nil {
		return nil, p.fault("matrix", "", err)
	}
	return g, nil
}

// graph6Rows reads what graph6 does as rows.
func (p *parser6) graph6Rows(n int, s []byte) (*File, error) {
	if _, err := p.matrix(s, uint64(n)*uint64(max(n-1, 0))/2); err != nil {
		return nil, err
	}
	rows := p.room[:n]
	clear(rows)
	v, column := 1, 0
	ones6(s, func(place int) {
		for place >= column+v {
			column += v
			v++
		}
		u := place - column
		rows[u] |= 1 << v
		rows[v] |= 1 << u
	})
	p.small = File{Rows: rows}
	return &p.small, nil
}

// AppendGraph6 appends g in graph6, without end of line. It returns ErrUnsupported where g is not symmetric or has a self
// loop or parallel edges: sparse6 and digraph6 hold those.
func AppendGraph6(dst []byte, g *graph.Graph) ([]byte, error) {
	list, err := (&File{Graph: g}).edges("graph6", true)
	if err != nil {
		return dst, err
	}
	dst = appendSize(dst, g.NumNodes())
	start := len(dst)
	dst = appendZeros(dst, uint64(g.NumNodes())*uint64(max(g.NumNodes()-1, 0))/2)
	for _, e := range list {
		u, v := min(e.from, e.to), max(e.from, e.to)
		if u == v || !setBit(dst[start:], uint64(v)*uint64(max(v-1, 0))/2+uint64(u)) {
			return dst[:start], fmt.Errorf("graphio: graph6: edge %d (%d,%d) is a self loop or parallel, use sparse6: %w", e.id,
				e.from, e.to, ErrUnsupported)
		}
	}
	return dst, nil
}

// appendZeros appends a bit matrix of zeros.
func appendZeros(dst []byte, entries uint64) []byte {
	from := len(dst)
	dst = append(dst, make([]byte, (entries+5)/6)...)
	for i := from; i < len(dst); i++ {
		dst[i] = 63
	}
	return dst
}

// setBit sets an entry of a bit matrix and reports whether it was 0.
func setBit(m []byte, place uint64) bool {
	bit := byte(1) << (5 - place%6)
	if (m[place/6]-63)&bit != 0 {
		return false
	}
	m[place/6] += bit
	return true
}

// WriteGraph6 writes each graph as a line of graph6. See [AppendGraph6].
func WriteGraph6(w io.Writer, gs ...*graph.Graph) error { return writeLines(w, AppendGraph6, gs) }

func writeLines(w io.Writer, line func([]byte, *graph.Graph) ([]byte, error), gs []*graph.Graph) error {
	out := bufio.NewWriter(w)
	var buf []byte
	for i, g := range gs {
		var err error
		if buf, err = line(buf[:0], g); err != nil {
			return fmt.Errorf("graph %d: %w", i, err)
		}
		out.Write(append(buf, '\n'))
	}
	return out.Flush()
}
