package graphio

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"symbridge/graph"
)

// EdgeList says how an edge list is written. Its zero value reads what it can tell from the file itself.
//
// A line holds source, target and perhaps a weight. Lines that start with '#' or '%' are comments, but for two that speak:
// "# nodes N" gives the number of nodes (else it is one more than the largest), "# undirected" stands for Undirected. A
// first line of which neither field is a number is taken for a heading. Lines end in LF or CRLF.
type EdgeList struct {
	Separator  byte // ',', '\t', ';' or ' ' for any run of blanks; 0: the reader asks the first line, the writer takes a tab
	Undirected bool // reader: each line is an undirected edge; the writer asks the graph
	Named      bool // reader: fields are names, numbered in the order in which they come
	Heading    bool // reader: the first line is a heading (needed with Named); writer: write source, target, weight
	First      int  // number of the first node: 0 or 1
	Limits     Limits
}

const edgeList = "edge list"

// ReadEdgeList reads an edge list. With a separator other than blanks a field may be in double quotes. Either all lines
// have a weight or none.
func ReadEdgeList(r io.Reader, format EdgeList) (*File, error) {
	p := edgeListReader{EdgeList: format, nodes: -1}
	p.Limits = format.Limits.orDefault()
	if p.Named {
		p.number = map[string]int32{}
	}
	in := newLineReader(r, edgeList, p.Limits.LineBytes)
	for {
		line, err := in.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if p.edge(line) {
			continue
		}
		if field, value, err := p.line(string(line)); err != nil {
			return nil, in.fault(field, value, err)
		}
	}
	n := p.top
	if p.nodes >= 0 && p.nodes < n {
		return nil, faultIn(edgeList, 0, "nodes", strconv.Itoa(p.nodes), syntax("the edges name %d nodes", n))
	}
	n = max(n, p.nodes)
	if p.Named && n > len(p.names) {
		return nil, faultIn(edgeList, 0, "nodes", strconv.Itoa(n), syntax("the edges name only %d nodes", len(p.names)))
	}
	g, weights, err := build(n, p.edges, p.weights, p.Undirected)
	if err != nil {
		return nil, faultIn(edgeList, 0, "edges", "", err)
	}
	return &File{Graph: g, Weights: weights, Names: p.names}, nil
}

// edge takes a line of two node numbers, and a weight where the first edge has one, without quotes, faults and blanks around
// it: the road of nearly all lines. It leaves others alone.
func (p *edgeListReader) edge(s []byte) bool {
	if p.columns == 0 || p.Named || len(p.edges) >= p.Limits.Edges {
		return false
	}
	u, i := number(s, 0)
	at := p.separated(s, i)
	if i == 0 || at == 0 {
		return false
	}
	v, end := number(s, at)
	if end == at {
		return false
	}
	first, n := int64(p.First), int64(p.Limits.Nodes)
	if p.nodes >= 0 {
		n = int64(p.nodes)
	}
	if u, v = u-first, v-first; u < 0 || v < 0 || u >= n || v >= n {
		return false
	}
	if p.columns == 3 {
		at := p.separated(s, end)
		if at == 0 {
			return false
		}
		w, err := strconv.ParseFloat(string(s[at:]), 64)
		if err != nil {
			return false
		}
		p.weights = append(p.weights, w)
	} else if end != len(s) {
		return false
	}
	p.edges, p.top = push(p.edges, [2]int32{int32(u), int32(v)}, p.Limits.Edges), max(p.top, int(max(u, v))+1)
	return true
}

// separated returns the place after the separator at place i of a line, 0 where there is none.
func (p *edgeListReader) separated(s []byte, i int) int {
	if i == len(s) || s[i] != p.Separator && (p.Separator != ' ' || s[i] != '\t') {
		return 0
	}
	for i++; p.Separator == ' ' && i < len(s) && (s[i] == ' ' || s[i] == '\t'); i++ {
	}
	return i
}

type edgeListReader struct {
	EdgeList
	nodes   int // as the header says, or -1
	top     int // one more than the largest node
	number  map[string]int32
	names   []string
	edges   [][2]int32
	weights []float64
	columns int // of the first edge
	begun   bool
	fields  []string
}

func (p *edgeListReader) line(s string) (field, value string, err error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", "", nil
	}
	if s[0] == '#' || s[0] == '%' {
		return p.comment(strings.Fields(s[1:]))
	}
	if p.Separator == 0 {
		p.Separator = guessSeparator(s)
	}
	if p.fields, err = splitFields(p.fields[:0], s, p.Separator); err != nil {
		return "line", s, err
	}
	heading := !p.begun && (p.Heading || !p.Named && isHeading(p.fields))
	p.begun = true
	if heading {
		return "", "", nil
	}
	if len(p.fields) < 2 || len(p.fields) > 3 {
		return "line", s, syntax("%d fields, want source, target and perhaps a weight", len(p.fields))
	}
	if p.columns == 0 {
		p.columns = len(p.fields)
	}
	if p.columns != len(p.fields) {
		return "line", s, syntax("%d fields, the first edge has %d", len(p.fields), p.columns)
	}
	if len(p.edges) >= p.Limits.Edges {
		return "line", s, over("edges", uint64(len(p.edges)+1), p.Limits.Edges)
	}
	var e [2]int32
	for i, what := range [2]string{"source", "target"} {
		if e[i], err = p.node(p.fields[i]); err != nil {
			return what, p.fields[i], err
		}
	}
	if p.columns == 3 {
		w, err := strconv.ParseFloat(p.fields[2], 64)
		if err != nil {
			return "weight", p.fields[2], syntax("not a number")
		}
		p.weights = append(p.weights, w)
	}
	p.edges = push(p.edges, e, p.Limits.Edges)
	return "", "", nil
}

func (p *edgeListReader) comment(words []string) (field, value string, err error) {
	if len(words) == 1 && words[0] == "undirected" {
		p.Undirected = true
	}
	if len(words) != 2 || words[0] != "nodes" {
		return "", "", nil
	}
	n, err := strconv.ParseUint(words[1], 10, 64)
	if err != nil {
		return "nodes", words[1], syntax("not a count")
	}
	if n > uint64(p.Limits.Nodes) {
		return "nodes", words[1], over("nodes", n, p.Limits.Nodes)
	}
	p.nodes = int(n)
	return "", "", nil
}

// node returns the number of the node that a field names.
func (p *edgeListReader) node(s string) (int32, error) {
	if p.Named {
		v, ok := p.number[s]
		if !ok {
			if len(p.names) >= p.Limits.Nodes {
				return 0, over("nodes", uint64(len(p.names)+1), p.Limits.Nodes)
			}
			v = int32(len(p.names))
			s = strings.Clone(s) // not the whole line
			p.number[s], p.names, p.top = v, append(p.names, s), len(p.names)+1
		}
		return v, nil
	}
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, syntax("not a node number (set Named for names)")
	}
	if v -= int64(p.First); v < 0 {
		return 0, fmt.Errorf("nodes start at %d: %w", p.First, graph.ErrNodeRange)
	}
	if p.nodes >= 0 && v >= int64(p.nodes) {
		return 0, fmt.Errorf("the header says %d nodes: %w", p.nodes, graph.ErrNodeRange)
	}
	if v >= int64(p.Limits.Nodes) {
		return 0, over("nodes", uint64(v)+1, p.Limits.Nodes)
	}
	p.top = max(p.top, int(v)+1)
	return int32(v), nil
}

func isHeading(fields []string) bool {
	for _, f := range fields[:min(2, len(fields))] {
		if _, err := strconv.ParseFloat(f, 64); err == nil {
			return false
		}
	}
	return len(fields) >= 2
}

// guessSeparator returns the first separator that stands outside quotes, or a blank.
func guessSeparator(s string) byte {
	quoted := false
	for i := range len(s) {
		switch c := s[i]; c {
		case '"':
			quoted = !quoted
		case ',', ';', '\t':
			if !quoted {
				return c
			}
		}
	}
	return ' '
}

// splitFields appends the fields of a line to dst: trimmed, and unquoted where the separator is no blank.
func splitFields(dst []string, s string, sep byte) ([]string, error) {
	if sep == ' ' {
		return append(dst, strings.Fields(s)...), nil
	}
	for {
		s = strings.TrimLeft(s, " ")
		var field string
		if strings.HasPrefix(s, `"`) {
			var b strings.Builder
			rest := s[1:]
			for {
				end := strings.IndexByte(rest, '"')
				if end < 0 {
					return dst, syntax("a quote is not closed")
				}
				b.WriteString(rest[:end])
				if rest = rest[end+1:]; !strings.HasPrefix(rest, `"`) {
					break
				}
				b.WriteByte('"')
				rest = rest[1:]
			}
			if s = strings.TrimLeft(rest, " "); s != "" && s[0] != sep {
				return dst, syntax("text after a closing quote")
			}
			field = b.String()
		} else {
			end := strings.IndexByte(s, sep)
			if end < 0 {
				end = len(s)
			}
			field, s = strings.TrimSpace(s[:end]), s[end:]
		}
		dst = append(dst, field)
		if s == "" {
			return dst, nil
		}
		s = s[1:]
	}
}

// WriteEdgeList writes f as an edge list, an undirected graph with one line an edge, after a line with the number of nodes.
// It returns ErrUnsupported for colours, and for a named graph with isolated nodes: read back with Named, those would be
// lost.
func WriteEdgeList(w io.Writer, f *File, format EdgeList) error {
	if err := f.checked(edgeList, true, false, true); err != nil {
		return err
	}
	g := f.Graph
	list, err := f.edges(edgeList, g.Undirected())
	if err != nil {
		return err
	}
	sep := format.Separator
	if sep == 0 {
		sep = '\t'
	}
	if len(f.Names) > 0 {
		if err := checkNames(f, sep); err != nil {
			return err
		}
	}
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "# nodes %d\n", g.NumNodes())
	if g.Undirected() {
		out.WriteString("# undirected\n")
	}
	if format.Heading {
		fmt.Fprintf(out, "source%ctarget", sep)
		if len(f.Weights) > 0 {
			fmt.Fprintf(out, "%cweight", sep)
		}
		out.WriteByte('\n')
	}
	var buf []byte
	for _, e := range list {
		buf = buf[:0]
		for i, v := range [2]int32{e.from, e.to} {
			if i > 0 {
				buf = append(buf, sep)
			}
			if len(f.Names) > 0 {
				buf = appendField(buf, f.Names[v], sep)
			} else {
				buf = strconv.AppendInt(buf, int64(v)+int64(format.First), 10)
			}
		}
		if len(f.Weights) > 0 {
			buf = strconv.AppendFloat(append(buf, sep), f.Weights[e.id], 'g', -1, 64)
		}
		out.Write(append(buf, '\n'))
	}
	return out.Flush()
}

// checkNames returns an error for names that would not be read back.
func checkNames(f *File, sep byte) error {
	if err := f.uniqueNames(edgeList); err != nil {
		return err
	}
	for v, name := range f.Names {
		fault := ""
		if strings.ContainsAny(name, "\r\n") {
			fault = "breaks the line"
		} else if sep == ' ' && (strings.ContainsAny(name, "#%,;\"") || len(strings.Fields(name)) != 1 ||
			name != strings.TrimSpace(name)) {
			fault = "needs quotes, and between blanks there are none; take a comma"
		} else if f.Graph.InDegree(int32(v)) == 0 && f.Graph.OutDegree(int32(v)) == 0 {
			fault = "names an isolated node"
		}
		if fault != "" {
			return fmt.Errorf("graphio: edge list: name %s of node %d %s: %w", clip(name), v, fault, ErrUnsupported)
		}
	}
	return nil
}

// appendField appends a field, in quotes where it would not be read back without.
func appendField(dst []byte, s string, sep byte) []byte {
	plain := s != "" && s == strings.TrimSpace(s) && !strings.ContainsAny(s, "\"#%,;\t") && strings.IndexByte(s, sep) < 0
	if sep == ' ' || plain {
		return append(dst, s...)
	}
	dst = append(dst, '"')
	dst = append(dst, bytes.ReplaceAll([]byte(s), []byte(`"`), []byte(`""`))...)
	return append(dst, '"')
}
