package proptest

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"symbridge/graph"
	"symbridge/tensor"
)

// The largest graph that is printed.
const (
	printedNodes = 200
	printedEdges = 1000
)

// GoSource returns Go statements that make the graph g, with its batch, order of edges and identities, as a variable g.
func GoSource(g *graph.Graph) string { return writeDown(g).source() }

func (w *written) source() string {
	if w.n > printedNodes || len(w.edges) > printedEdges {
		return fmt.Sprintf("// %d nodes, %d edges, %d graphs: too many to print, the seed makes them\n", w.n, len(w.edges), w.graphs)
	}
	var b strings.Builder
	single := func(n int, edges [][2]int32) string {
		var e strings.Builder
		for i, x := range edges {
			if i > 0 {
				e.WriteString(", ")
			}
			fmt.Fprintf(&e, "{%d, %d}", x[0], x[1])
		}
		return fmt.Sprintf("graph.Must(graph.New(%d, [][2]int32{%s}))", n, &e)
	}
	if w.graphs == 1 {
		fmt.Fprintf(&b, "g := %s\n", single(w.n, w.edges))
	} else {
		parts, p, q := w.places()
		b.WriteString("g := graph.Union(\n")
		for _, part := range parts {
			fmt.Fprintf(&b, "\t%s,\n", single(part.n, part.edges))
		}
		b.WriteString(")\n")
		if p != nil {
			fmt.Fprintf(&b, "g, _ = g.Relabel(%s)\n", integers("int32", p))
			fmt.Fprintf(&b, "g = g.ShuffleEdges(%s)\n", integers("int32", q))
		}
	}
	if w.undirected {
		b.WriteString("g = graph.Must(g.AsUndirected())\n")
	}
	fmt.Fprintf(&b, "g = graph.Must(g.WithIDs(%s, %s, %s))\n",
		integers("uint64", w.nodeID), integers("uint64", w.edgeID), integers("uint64", w.graphID))
	return b.String()
}

func integers[S ~[]E, E int32 | uint64](element string, list S) string {
	var b strings.Builder
	for i, v := range list {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprint(&b, v)
	}
	return fmt.Sprintf("[]%s{%s}", element, &b)
}

// source returns statements that make the graph and the features.
func (c *instance[T]) source() string {
	var b strings.Builder
	b.WriteString(c.w.source())
	if c.w.n > printedNodes || len(c.w.edges) > printedEdges {
		return b.String()
	}
	for f, m := range c.x {
		if m.Cols == 0 {
			continue
		}
		fmt.Fprintf(&b, "%s := %s\n", strings.ToLower(fieldNames[f]), matrixSource(m))
	}
	return b.String()
}

func matrixSource[T tensor.Float](m tensor.Dense[T]) string {
	if m.Rows == 0 {
		return fmt.Sprintf("tensor.NewDense[%s](0, %d)", typeName[T](), m.Cols)
	}
	var b strings.Builder
	for i := range m.Rows {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('{')
		for j, v := range m.Row(i) {
			if j > 0 {
				b.WriteString(", ")
			}
			b.WriteString(number(v))
		}
		b.WriteByte('}')
	}
	return fmt.Sprintf("tensor.FromRows([][]%s{%s})", typeName[T](), &b)
}

// number returns an expression with exactly this value.
func number[T tensor.Float](v T) string {
	x := float64(v)
	switch {
	case x != x:
		return typeName[T]() + "(math.NaN())"
	case math.IsInf(x, 1):
		return typeName[T]() + "(math.Inf(1))"
	case math.IsInf(x, -1):
		return typeName[T]() + "(math.Inf(-1))"
	case x == 0 && math.Signbit(x):
		return typeName[T]() + "(math.Copysign(0, -1))"
	}
	bits := 32
	if is64[T]() {
		bits = 64
	}
	return strconv.FormatFloat(x, 'g', -1, bits)
}
