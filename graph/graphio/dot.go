package graphio

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Attribute is a DOT attribute, such as fillcolor of a node.
type Attribute struct{ Key, Value string }

// DOT says how a graph is drawn. Its zero value draws names, weights and colours where the file has them.
type DOT struct {
	Name string
	Node func(v int32) []Attribute  // attributes of a node, instead of a fill colour by File.Colours
	Edge func(id int32) []Attribute // attributes of an edge, by the id of its (first) arc; instead of the weight as label
}

// WriteDOT writes f in the language of Graphviz: a digraph with "->", or where the graph is undirected a graph with "--"
// once for each pair of arcs. Nodes are called by their numbers and labelled with their names. Colours are filled from a
// scheme of twelve, so colours that are equal modulo 12 look alike.
func WriteDOT(w io.Writer, f *File, style DOT) error {
	if err := f.checked("DOT", true, true, true); err != nil {
		return err
	}
	g := f.Graph
	list, err := f.edges("DOT", g.Undirected())
	if err != nil {
		return err
	}
	kind, arrow := "digraph", "->"
	if g.Undirected() {
		kind, arrow = "graph", "--"
	}
	out := bufio.NewWriter(w)
	out.WriteString(kind)
	if style.Name != "" {
		out.WriteString(" " + quoteDOT(style.Name))
	}
	out.WriteString(" {\n")
	for v := range int32(g.NumNodes()) {
		var attributes []Attribute
		if len(f.Names) > 0 {
			attributes = append(attributes, Attribute{"label", f.Names[v]})
		}
		if style.Node != nil {
			attributes = append(attributes, style.Node(v)...)
		} else if len(f.Colours) > 0 {
			fill := (f.Colours[v]%12+12)%12 + 1
			attributes = append(attributes, Attribute{"style", "filled"},
				Attribute{"fillcolor", "/set312/" + strconv.Itoa(int(fill))})
		}
		fmt.Fprintf(out, "\t%d", v)
		writeAttributes(out, attributes)
	}
	for _, e := range list {
		var attributes []Attribute
		if style.Edge != nil {
			attributes = style.Edge(e.id)
		} else if len(f.Weights) > 0 {
			weight := strconv.FormatFloat(f.Weights[e.id], 'g', -1, 64)
			attributes = []Attribute{{"label", weight}}
		}
		fmt.Fprintf(out, "\t%d %s %d", e.from, arrow, e.to)
		writeAttributes(out, attributes)
	}
	out.WriteString("}\n")
	return out.Flush()
}

func writeAttributes(out *bufio.Writer, attributes []Attribute) {
	for i, a := range attributes {
		sep := ", "
		if i == 0 {
			sep = " ["
		}
		out.WriteString(sep + quoteDOT(a.Key) + "=" + quoteDOT(a.Value))
	}
	if len(attributes) > 0 {
		out.WriteByte(']')
	}
	out.WriteString(";\n")
}

// quoteDOT quotes a string; backslashes are doubled, since labels take them for escapes.
func quoteDOT(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r\n", `\n`, "\n", `\n`, "\x00", "").Replace(s) + `"`
}
