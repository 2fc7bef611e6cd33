package graphio

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"symbridge/graph"
)

const dimacs = "DIMACS"

// ReadDIMACS reads an undirected graph in the DIMACS format: "c" comments, one "p edge N M" (or "p col N M"), M lines
// "e u v" with nodes from 1, and, as bliss writes them, "n v colour" lines; a node without one has colour 0. An edge that
// is listed twice, in whatever direction, is two parallel edges.
func ReadDIMACS(r io.Reader, limits Limits) (*File, error) {
	p := dimacsReader{Limits: limits.orDefault()}
	in := newLineReader(r, dimacs, p.LineBytes)
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
	if !p.begun {
		return nil, faultIn(dimacs, 0, "p", "", syntax("no line \"p edge N M\""))
	}
	if len(p.edges) != p.m {
		return nil, faultIn(dimacs, 0, "e", "", syntax("%d edges, the p line says %d", len(p.edges), p.m))
	}
	g, err := graph.NewUndirected(p.n, p.edges)
	if err != nil {
		return nil, faultIn(dimacs, 0, "e", "", err)
	}
	return &File{Graph: g, Colours: p.colours}, nil
}

// edge takes a line "e u v" without a fault and with single blanks, the road of nearly all lines; it leaves others alone.
func (p *dimacsReader) edge(s []byte) bool {
	if len(s) < 5 || s[0] != 'e' || s[1] != ' ' || len(p.edges) >= p.m {
		return false
	}
	u, i := number(s, 2)
	if i == len(s) || s[i] != ' ' {
		return false
	}
	v, end := number(s, i+1)
	if end != len(s) || u < 1 || v < 1 || u > int64(p.n) || v > int64(p.n) {
		return false
	}
	p.edges = push(p.edges, [2]int32{int32(u - 1), int32(v - 1)}, p.m)
	return true
}

type dimacsReader struct {
	Limits
	begun   bool
	n, m    int
	edges   [][2]int32
	colours []int32
	given   []bool // nodes with a colour line
}

func (p *dimacsReader) line(s string) (field, value string, err error) {
	f := strings.Fields(s)
	if len(f) == 0 || f[0][0] == 'c' {
		return "", "", nil
	}
	switch kind := f[0]; {
	case kind == "p":
		return p.problem(f)
	case kind != "e" && kind != "n":
		return "line", s, syntax("want c, p, n or e")
	case !p.begun:
		return "line", s, syntax("comes before the p line")
	case len(f) != 3:
		return "line", s, syntax("%d fields, want 3", len(f))
	case kind == "n":
		return p.colour(f)
	}
	if len(p.edges) >= p.m {
		return "line", s, syntax("the p line says %d edges", p.m)
	}
	var e [2]int32
	for i, what := range [2]string{"source", "target"} {
		if e[i], err = p.node(f[i+1]); err != nil {
			return what, f[i+1], err
		}
	}
	p.edges = push(p.edges, e, p.m)
	return "", "", nil
}

func (p *dimacsReader) problem(f []string) (field, value string, err error) {
	if p.begun {
		return "p", strings.Join(f, " "), syntax("a second p line")
	}
	if len(f) != 4 || f[1] != "edge" && f[1] != "col" {
		return "p", strings.Join(f, " "), syntax("want \"p edge N M\" or \"p col N M\"")
	}
	for i, c := range []struct {
		what  string
		count *int
		limit int
	}{{"nodes", &p.n, p.Nodes}, {"edges", &p.m, p.Edges}} {
		x, err := strconv.ParseUint(f[i+2], 10, 64)
		if err != nil {
			return c.what, f[i+2], syntax("not a count")
		}
		if x > uint64(c.limit) {
			return c.what, f[i+2], over(c.what, x, c.limit)
		}
		*c.count = int(x)
	}
	p.begun = true
	return "", "", nil
}

func (p *dimacsReader) node(s string) (int32, error) {
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, syntax("not a node number")
	}
	if v < 1 || v > int64(p.n) {
		return 0, fmt.Errorf("nodes are 1..%d: %w", p.n, graph.ErrNodeRange)
	}
	return int32(v - 1), nil
}

func (p *dimacsReader) colour(f []string) (field, value string, err error) {
	v, err := p.node(f[1])
	if err != nil {
		return "node", f[1], err
	}
	c, err := strconv.ParseInt(f[2], 10, 32)
	if err != nil || c < 0 {
		return "colour", f[2], syntax("want 0..%d", 1<<31-1)
	}
	if p.colours == nil {
		p.colours, p.given = make([]int32, p.n), make([]bool, p.n)
	}
	if p.given[v] {
		return "node", f[1], syntax("a second colour")
	}
	p.colours[v], p.given[v] = int32(c), true
	return "", "", nil
}

// WriteDIMACS writes f in the DIMACS format, with a line for every node where f has colours. It returns ErrUnsupported for
// a graph that is not symmetric, for weights, names and negative colours.
func WriteDIMACS(w io.Writer, f *File) error {
	if err := f.checked(dimacs, false, true, false); err != nil {
		return err
	}
	list, err := f.edges(dimacs, true)
	if err != nil {
		return err
	}
	for v, c := range f.Colours {
		if c < 0 {
			return fmt.Errorf("graphio: DIMACS: colour of node %d is %d: %w", v, c, ErrUnsupported)
		}
	}
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "p edge %d %d\n", f.Graph.NumNodes(), len(list))
	for v, c := range f.Colours {
		fmt.Fprintf(out, "n %d %d\n", v+1, c)
	}
	for _, e := range list {
		fmt.Fprintf(out, "e %d %d\n", e.from+1, e.to+1)
	}
	return out.Flush()
}
