package graphio

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"unicode/utf8"

	"symbridge/graph"
)

const nodeLink = "node-link"

// ReadNodeLink reads the JSON node-link format, of networkx's node_link_data and of D3:
//
//	{"directed": false, "multigraph": true,
//	 "nodes": [{"id": 0, "colour": 1}],
//	 "edges": [{"source": 0, "target": 0, "weight": 1}]}
//
// The list of edges may be called "links". Without "directed" the graph is undirected, without "multigraph" parallel
// edges are allowed. An id is a string, a number or another JSON value; nodes are numbered in the order of their list,
// and File.Names holds the ids unless they are the numbers 0..N-1 in order. Weights and colours (integers) stand at all
// edges and nodes or at none. Other members are skipped.
func ReadNodeLink(r io.Reader, limits Limits) (*File, error) {
	limits = limits.orDefault()
	src := &budgetReader{r: r, limit: limits.LineBytes}
	p := nodeLinkReader{Limits: limits, src: src, dec: json.NewDecoder(src), number: map[string]int32{}, plain: true}
	p.dec.UseNumber()
	src.renew()
	if err := p.document(); err != nil {
		return nil, err
	}
	return p.file()
}

type nodeLinkReader struct {
	Limits
	src *budgetReader
	dec *json.Decoder

	directed, simple bool
	seen             map[string]bool // members
	number           map[string]int32
	names            []string
	plain            bool // ids are 0..N-1 so far
	colours          []int32
	links            []link
	weights          []float64
}

// link is an edge whose ends are ids that may not be known yet.
type link struct {
	ends [2]string
	line int
}

// fault makes an Error at the line that was read last.
func (p *nodeLinkReader) fault(field, value string, err error) error {
	var typed *Error
	if errors.As(err, &typed) {
		return err
	}
	var limit *limitError
	switch {
	case errors.As(err, &limit):
		err = over("bytes and more in one element", uint64(limit.limit), limit.limit)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		err = syntax("the file ends early")
	default:
		var syn *json.SyntaxError
		var typ *json.UnmarshalTypeError
		if errors.As(err, &syn) || errors.As(err, &typ) {
			err = syntax("%v", err)
		}
	}
	return faultIn(nodeLink, p.src.line(p.dec.InputOffset()), field, value, err)
}

// open reads an opening or closing delimiter.
func (p *nodeLinkReader) open(field string, want json.Delim) error {
	t, err := p.dec.Token()
	if err != nil {
		return p.fault(field, "", err)
	}
	if t != want {
		return p.fault(field, fmt.Sprint(t), syntax("want %v", want))
	}
	return nil
}

func (p *nodeLinkReader) document() error {
	if err := p.open("document", '{'); err != nil {
		return err
	}
	p.seen = map[string]bool{}
	for p.dec.More() {
		t, err := p.dec.Token()
		if err != nil {
			return p.fault("document", "", err)
		}
		key, _ := t.(string)
		p.src.renew()
		member := key
		if member == "links" {
			member = "edges"
		}
		known := true
		switch member {
		case "directed":
			err = p.flag(key, &p.directed)
		case "multigraph":
			multi := true
			err = p.flag(key, &multi)
			p.simple = !multi
		case "nodes":
			err = p.list(key, p.node)
		case "edges":
			err = p.list(key, p.link)
		default:
			known = false
			var skipped json.RawMessage
			if err = p.dec.Decode(&skipped); err != nil {
				err = p.fault("member", key, err)
			}
		}
		if err == nil && known && p.seen[member] {
			err = p.fault("member", key, syntax("stands twice"))
		}
		if err != nil {
			return err
		}
		if known {
			p.seen[member] = true
		}
		p.src.renew()
	}
	if err := p.open("document", '}'); err != nil {
		return err
	}
	if t, err := p.dec.Token(); !errors.Is(err, io.EOF) {
		if err != nil {
			return p.fault("document", "", err)
		}
		return p.fault("document", fmt.Sprint(t), syntax("text after the closing brace"))
	}
	for _, member := range []string{"nodes", "edges"} {
		if !p.seen[member] {
			return p.fault("document", "", syntax("no list %q", member))
		}
	}
	return nil
}

func (p *nodeLinkReader) flag(key string, v *bool) error {
	t, err := p.dec.Token()
	if err != nil {
		return p.fault(key, "", err)
	}
	b, ok := t.(bool)
	if !ok {
		return p.fault(key, fmt.Sprint(t), syntax("want true or false"))
	}
	*v = b
	return nil
}

func (p *nodeLinkReader) list(key string, element func(field string) error) error {
	if err := p.open(key, '['); err != nil {
		return err
	}
	for i := 0; p.dec.More(); i++ {
		p.src.renew()
		if err := element(key + "[" + strconv.Itoa(i) + "]"); err != nil {
			return err
		}
	}
	p.src.renew()
	return p.open(key, ']')
}

func (p *nodeLinkReader) node(field string) error {
	var n struct {
		ID     json.RawMessage `json:"id"`
		Colour json.RawMessage `json:"colour"`
	}
	if err := p.dec.Decode(&n); err != nil {
		return p.fault(field, "", err)
	}
	v := len(p.names)
	if v >= p.Nodes {
		return p.fault(field, "", over("nodes", uint64(v+1), p.Nodes))
	}
	key, name, err := identifier(n.ID)
	if err != nil {
		return p.fault(field+".id", string(n.ID), err)
	}
	if at, ok := p.number[key]; ok {
		return p.fault(field+".id", name, syntax("is the id of nodes[%d] too", at))
	}
	p.number[key] = int32(v)
	p.names = append(p.names, name)
	p.plain = p.plain && key == strconv.Itoa(v)
	given := present(n.Colour)
	if given != (len(p.colours) > 0) && v > 0 {
		return p.fault(field+".colour", "", syntax("some nodes have a colour and some have none"))
	}
	if given {
		c, err := strconv.ParseInt(string(n.Colour), 10, 32)
		if err != nil {
			return p.fault(field+".colour", string(n.Colour), syntax("not an integer of 32 bits"))
		}
		p.colours = append(p.colours, int32(c))
	}
	return nil
}

func (p *nodeLinkReader) link(field string) error {
	var l struct {
		Source json.RawMessage `json:"source"`
		Target json.RawMessage `json:"target"`
		Weight json.RawMessage `json:"weight"`
	}
	if err := p.dec.Decode(&l); err != nil {
		return p.fault(field, "", err)
	}
	if len(p.links) >= p.Edges {
		return p.fault(field, "", over("edges", uint64(len(p.links)+1), p.Edges))
	}
	var k link
	for i, end := range [2]json.RawMessage{l.Source, l.Target} {
		var err error
		if k.ends[i], _, err = identifier(end); err != nil {
			return p.fault(field+"."+endName(i), string(end), err)
		}
	}
	k.line = p.src.line(p.dec.InputOffset())
	given := present(l.Weight)
	if given != (len(p.weights) > 0) && len(p.links) > 0 {
		return p.fault(field+".weight", "", syntax("some edges have a weight and some have none"))
	}
	if given {
		w, err := strconv.ParseFloat(string(l.Weight), 64)
		if err != nil {
			return p.fault(field+".weight", string(l.Weight), syntax("not a number of 64 bits"))
		}
		p.weights = append(p.weights, w)
	}
	p.links = append(p.links, k)
	return nil
}

// endName is the member of an edge that holds its end i.
func endName(i int) string { return [2]string{"source", "target"}[i] }

func present(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }

// identifier returns a key that is the same for equal ids, and the id as a name: the text of a string, the JSON of
// anything else.
func identifier(raw json.RawMessage) (key, name string, err error) {
	if !present(raw) {
		return "", "", syntax("missing")
	}
	if raw[0] == '"' {
		if err := json.Unmarshal(raw, &name); err != nil {
			return "", "", syntax("%v", err)
		}
		return `"` + name, name, nil
	}
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		return "", "", syntax("%v", err)
	}
	return b.String(), b.String(), nil
}

func (p *nodeLinkReader) file() (*File, error) {
	edges := make([][2]int32, len(p.links))
	var listed map[[2]int32]int
	if p.simple {
		listed = make(map[[2]int32]int, len(p.links))
	}
	for i, l := range p.links {
		fault := func(what, value string, err error) error {
			return faultIn(nodeLink, l.line, "edges["+strconv.Itoa(i)+"]"+what, value, err)
		}
		for j, key := range l.ends {
			v, ok := p.number[key]
			if !ok {
				return nil, fault("."+endName(j), key, fmt.Errorf("no such node: %w", graph.ErrNodeRange))
			}
			edges[i][j] = v
		}
		if p.simple {
			e := ends(edges[i][0], edges[i][1], !p.directed)
			if at, ok := listed[e]; ok {
				return nil, fault("", "", syntax("parallel to edges[%d] in what is no multigraph", at))
			}
			listed[e] = i
		}
	}
	g, weights, err := build(len(p.names), edges, p.weights, !p.directed)
	if err != nil {
		return nil, faultIn(nodeLink, 0, "edges", "", err)
	}
	f := &File{Graph: g, Weights: weights, Colours: p.colours, Names: p.names}
	if p.plain {
		f.Names = nil
	}
	return f, nil
}

// budgetReader refuses to read more than limit bytes between two calls of renew, and knows the lines of what it read.
type budgetReader struct {
	r        io.Reader
	limit    int
	left     int
	offset   int64
	lines    int     // line ends that the decoder has passed
	newlines []int64 // offsets of the line ends read, of which the first passed are counted in lines
	passed   int
}

type limitError struct{ limit int }

func (e *limitError) Error() string { return fmt.Sprintf("more than %d bytes", e.limit) }

// renew grants another limit bytes. The decoder reads ahead, by no more than a part of its buffer.
func (b *budgetReader) renew() { b.left = b.limit + 4096 }

func (b *budgetReader) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, &limitError{b.limit}
	}
	n, err := b.r.Read(p[:min(len(p), b.left, 4096)])
	b.left -= n
	b.newlines, b.passed = b.newlines[:copy(b.newlines, b.newlines[b.passed:])], 0
	for i, c := range p[:n] {
		if c == '\n' {
			b.newlines = append(b.newlines, b.offset+int64(i))
		}
	}
	b.offset += int64(n)
	return n, err
}

// line returns the number of the line at an offset that the decoder has come to.
func (b *budgetReader) line(offset int64) int {
	for b.passed < len(b.newlines) && b.newlines[b.passed] < offset {
		b.passed++
		b.lines++
	}
	return b.lines + 1
}

// WriteNodeLink writes f in the JSON node-link format, as networkx's node_link_data does: names are the ids, numbers where
// f has none; "multigraph" is true where there are parallel edges. It returns ErrUnsupported for names that repeat or are
// no UTF-8, and for weights that are not finite.
func WriteNodeLink(w io.Writer, f *File) error {
	if err := f.checked(nodeLink, true, true, true); err != nil {
		return err
	}
	g := f.Graph
	list, err := f.edges(nodeLink, g.Undirected())
	if err != nil {
		return err
	}
	ids := make([][]byte, g.NumNodes())
	if err := f.uniqueNames(nodeLink); err != nil {
		return err
	}
	for v := range ids {
		ids[v] = strconv.AppendInt(nil, int64(v), 10)
		if len(f.Names) > 0 {
			if !utf8.ValidString(f.Names[v]) {
				return fmt.Errorf("graphio: node-link: name %q of node %d is no UTF-8: %w", f.Names[v], v, ErrUnsupported)
			}
			if ids[v], err = json.Marshal(f.Names[v]); err != nil {
				return fmt.Errorf("graphio: node-link: name of node %d: %w", v, err)
			}
		}
	}
	for k, x := range f.Weights {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return fmt.Errorf("graphio: node-link: weight of edge %d is %g: %w", k, x, ErrUnsupported)
		}
	}
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "{\"directed\": %t, \"multigraph\": %t, \"graph\": {},\n\"nodes\": [", !g.Undirected(),
		parallel(list, g.Undirected()))
	next := "\n"
	for v, id := range ids {
		fmt.Fprintf(out, "%s{\"id\": %s", next, id)
		if len(f.Colours) > 0 {
			fmt.Fprintf(out, ", \"colour\": %d", f.Colours[v])
		}
		out.WriteByte('}')
		next = ",\n"
	}
	out.WriteString("],\n\"edges\": [")
	next = "\n"
	for _, e := range list {
		fmt.Fprintf(out, "%s{\"source\": %s, \"target\": %s", next, ids[e.from], ids[e.to])
		if len(f.Weights) > 0 {
			out.WriteString(", \"weight\": " + strconv.FormatFloat(f.Weights[e.id], 'g', -1, 64))
		}
		out.WriteByte('}')
		next = ",\n"
	}
	out.WriteString("]}\n")
	return out.Flush()
}

// parallel reports whether an edge is listed twice.
func parallel(list []edge, undirected bool) bool {
	seen := make(map[[2]int32]struct{}, len(list))
	for _, e := range list {
		seen[ends(e.from, e.to, undirected)] = struct{}{}
	}
	return len(seen) < len(list)
}

// ends returns the ends of an edge, in order where the edge has no direction.
func ends(u, v int32, undirected bool) [2]int32 {
	if undirected {
		return [2]int32{min(u, v), max(u, v)}
	}
	return [2]int32{u, v}
}
