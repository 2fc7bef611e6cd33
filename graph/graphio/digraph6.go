package graphio

import (
	"fmt"
	"io"

	"symbridge/graph"
)

// digraph6 reads the whole adjacency matrix, row by row.
func (p *parser6) digraph6(n int, s []byte) (*graph.Graph, error) {
	ones, err := p.matrix(s, uint64(n)*uint64(n))
	if err != nil {
		return nil, err
	}
	edges := make([][2]int32, 0, ones)
	ones6(s, func(place int) {
		edges = append(edges, [2]int32{int32(place / n), int32(place % n)})
	})
	g, err := graph.New(n, edges)
	if err != nil {
		return nil, p.fault("matrix", "", err)
	}
	return g, nil
}

// AppendDigraph6 appends g in digraph6, without end of line: every edge as an arc, self loops too. It returns ErrUnsupported
// for parallel edges.
func AppendDigraph6(dst []byte, g *graph.Graph) ([]byte, error) {
	n := uint64(g.NumNodes())
	dst = appendSize(append(dst, '&'), g.NumNodes())
	start := len(dst)
	dst = appendZeros(dst, n*n)
	for k, e := range g.Edges() {
		if !setBit(dst[start:], uint64(e[0])*n+uint64(e[1])) {
			return dst[:start], fmt.Errorf("graphio: digraph6: edge %d (%d,%d) is parallel: %w", k, e[0], e[1], ErrUnsupported)
		}
	}
	return dst, nil
}

// WriteDigraph6 writes each graph as a line of digraph6. See [AppendDigraph6].
func WriteDigraph6(w io.Writer, gs ...*graph.Graph) error { return writeLines(w, AppendDigraph6, gs) }
