package graphio

import (
	"cmp"
	"io"
	"math/bits"
	"slices"

	"symbridge/graph"
)

// sparse6 reads a list of edges {u,v}, u <= v, in the order of v: a bit that steps v, and k bits that are u or, where
// larger than v, the new v.
func (p *parser6) sparse6(n int, s []byte) (*graph.Graph, error) {
	k := bits.Len(uint(max(n-1, 0)))
	total, at := 6*len(s), 0
	read := func(width int) (x int) {
		for range width {
			x = x<<1 | int((s[at/6]-63)>>(5-at%6)&1)
			at++
		}
		return x
	}
	var edges [][2]int32
	v := 0
	for total-at >= 1+k {
		start := at
		v += read(1)
		u := read(k)
		if v >= n || u >= n { // the filling of the last byte
			if total-start > 5 {
				return nil, p.fault("edge", "", syntax("edge %d is (%d,%d), nodes are 0..%d", len(edges), u, v, n-1))
			}
			at = total
			break
		}
		if u > v {
			v = u
			continue
		}
		if len(edges) >= p.Edges {
			return nil, p.fault("edge", "", over("edges", uint64(len(edges)+1), p.Edges))
		}
		edges = append(edges, [2]int32{int32(u), int32(v)})
	}
	if total-at > 5 {
		return nil, p.fault("edge", "", syntax("%d bits after edge %d, too few for another", total-at, len(edges)-1))
	}
	g, err := graph.NewUndirected(n, edges)
	if err != nil {
		return nil, p.fault("edge", "", err)
	}
	return g, nil
}

// AppendSparse6 appends g in sparse6, without end of line; self loops and parallel edges stay. It returns ErrUnsupported
// where g is not symmetric.
func AppendSparse6(dst []byte, g *graph.Graph) ([]byte, error) {
	list, err := (&File{Graph: g}).edges("sparse6", true)
	if err != nil {
		return dst, err
	}
	for i, e := range list {
		list[i].from, list[i].to = min(e.from, e.to), max(e.from, e.to)
	}
	slices.SortFunc(list, func(a, b edge) int { return cmp.Or(cmp.Compare(a.to, b.to), cmp.Compare(a.from, b.from)) })
	n := g.NumNodes()
	dst = appendSize(append(dst, ':'), n)
	k := bits.Len(uint(max(n-1, 0)))
	var x byte
	free := 6 // bits of x that are not yet written
	write := func(value, width int) {
		for i := width - 1; i >= 0; i-- {
			x = x<<1 | byte(value>>i&1)
			if free--; free == 0 {
				dst, x, free = append(dst, x+63), 0, 6
			}
		}
	}
	v := 0
	for _, e := range list {
		switch to := int(e.to); {
		case to == v:
			write(0, 1)
		case to == v+1:
			write(1, 1)
		default:
			write(1, 1)
			write(to, k)
			write(0, 1)
		}
		v = int(e.to)
		write(int(e.from), k)
	}
	if free < 6 {
		// Ones would be read as a loop at node n-1 where they step v to it and have room for its number.
		if free > k && n == 1<<k && v == n-2 {
			write(0, 1)
		}
		for free < 6 {
			write(1, 1)
		}
	}
	return dst, nil
}

// WriteSparse6 writes each graph as a line of sparse6. See [AppendSparse6].
func WriteSparse6(w io.Writer, gs ...*graph.Graph) error { return writeLines(w, AppendSparse6, gs) }
