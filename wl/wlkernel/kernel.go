package wlkernel

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"symbridge/graph"
	"symbridge/tensor"
	"symbridge/wl"
)

// ErrTooLarge is wrapped by the error for features that int32 positions cannot hold.
var ErrTooLarge = errors.New("too many features for int32 positions")

// Data is a data set of B graphs. A batch counts as one graph.
type Data struct {
	Graphs     []*graph.Graph
	NodeLabels [][]uint64 // (B) lists of (N), the label of each node; nil, here or for a graph: all 0
	EdgeLabels [][]uint64 // (B) lists of (E), by edge id; likewise
}

// Kernel is a similarity of graphs, k(G,H) = <f(G), f(H)>.
type Kernel interface {
	// Features returns the feature map of every graph (B,D): counts, all of them integers.
	Features(ctx context.Context, d Data) (*tensor.CSR[float64], error)
	// Gram returns the matrix of all k(G,H) (B,B), the zero value where there are no graphs.
	Gram(ctx context.Context, d Data) (*mat.SymDense, error)
	// String names the kernel and its settings.
	String() string
}

// Normalise returns the kernel of the normalised features, k(G,H) / sqrt(k(G,G) k(H,H)): (B,B) -> (B,B). The row of a graph
// without features is 0.
func Normalise(gram *mat.SymDense) *mat.SymDense {
	if gram.IsEmpty() {
		return new(mat.SymDense)
	}
	n := gram.SymmetricDim()
	out := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			if k := gram.At(i, j); k != 0 {
				out.SetSym(i, j, k/math.Sqrt(gram.At(i, i)*gram.At(j, j)))
			}
		}
	}
	return out
}

// labels returns the labels of all graphs as one list; nil where there are none.
func labels(what string, lists [][]uint64, graphs []*graph.Graph, size func(*graph.Graph) int) []uint64 {
	if lists == nil {
		return nil
	}
	if len(lists) != len(graphs) {
		panic(fmt.Errorf("wlkernel: %d lists of %s labels for %d graphs: %w", len(lists), what, len(graphs), graph.ErrLength))
	}
	var all []uint64
	for i, g := range graphs {
		n := size(g)
		switch l := lists[i]; {
		case l == nil:
			all = append(all, make([]uint64, n)...)
		case len(l) == n:
			all = append(all, l...)
		default:
			panic(fmt.Errorf("wlkernel: graph %d: %d %s labels for %d: %w", i, len(l), what, n, graph.ErrLength))
		}
	}
	return all
}

// colouring is the refinement of all graphs together, so that their colours mean the same.
type colouring struct {
	*wl.History
	first []int // (B+1) the nodes of graph i are first[i]..first[i+1]-1
}

func refine(op string, d Data, rounds int) *colouring {
	if rounds < 0 {
		panic(tensor.ValueError{Op: op, What: "rounds, want at least 0", Got: float64(rounds)})
	}
	c := &colouring{first: make([]int, 1, len(d.Graphs)+1)}
	for _, g := range d.Graphs {
		c.first = append(c.first, c.first[len(c.first)-1]+g.NumNodes())
	}
	opts := wl.Options{Rounds: max(rounds, 1), // for the refinement, 0 is until stable
		NodeLabels: labels("node", d.NodeLabels, d.Graphs, (*graph.Graph).NumNodes),
		EdgeLabels: labels("edge", d.EdgeLabels, d.Graphs, (*graph.Graph).NumEdges)}
	c.History = wl.Rounds(graph.Union(d.Graphs...), opts)
	return c
}

// of returns the part of a list over all nodes that belongs to graph i.
func (c *colouring) of(i int, colours []int32) []int32 { return colours[c.first[i]:c.first[i+1]] }

// rows collects a sparse matrix, a block of columns after the other.
type rows struct {
	idx   [][]int32
	val   [][]float64
	width int
}

func newRows(n int) *rows { return &rows{idx: make([][]int32, n), val: make([][]float64, n)} }

// add appends an element to row i; columns of a row come ascending.
func (r *rows) add(i, column int, v float64) {
	r.idx[i], r.val[i] = append(r.idx[i], int32(column)), append(r.val[i], v)
}

// widen makes room for columns, and returns the first of them.
func (r *rows) widen(columns int) (int, error) {
	first := r.width
	if columns > math.MaxInt32-first {
		return 0, fmt.Errorf("wlkernel: %d columns and %d more: %w", first, columns, ErrTooLarge)
	}
	r.width += columns
	return first, nil
}

func (r *rows) csr() (*tensor.CSR[float64], error) {
	total := 0
	for _, idx := range r.idx {
		total += len(idx)
	}
	if total > math.MaxInt32 {
		return nil, fmt.Errorf("wlkernel: %d elements that are not zero: %w", total, ErrTooLarge)
	}
	ptr, idx, val := make([]int32, 1, len(r.idx)+1), make([]int32, 0, total), make([]float64, 0, total)
	for i := range r.idx {
		idx, val = append(idx, r.idx[i]...), append(val, r.val[i]...)
		ptr = append(ptr, int32(len(idx)))
		r.idx[i], r.val[i] = nil, nil
	}
	return tensor.NewCSR(len(r.idx), r.width, ptr, idx, val)
}

// gram returns the matrix of the products of rows, or of the sums of the minima of their elements, column by column.
func gram(ctx context.Context, s *tensor.CSR[float64], minima bool) (*mat.SymDense, error) {
	n := s.Rows
	if n == 0 {
		return new(mat.SymDense), ctx.Err()
	}
	out := make([]float64, n*n)
	ptr, row, position := s.Columns()
	for j := range s.Cols {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		graphs, at := row[ptr[j]:ptr[j+1]], position[ptr[j]:ptr[j+1]]
		for a, i := range graphs {
			x, to := s.Val[at[a]], out[int(i)*n:(int(i)+1)*n]
			if minima {
				for b := a; b < len(graphs); b++ {
					to[graphs[b]] += min(x, s.Val[at[b]])
				}
				continue
			}
			for b := a; b < len(graphs); b++ {
				to[graphs[b]] += float64(x * s.Val[at[b]])
			}
		}
	}
	return mat.NewSymDense(n, out), nil
}

// product returns the Gram matrix of a kernel's features.
func product(ctx context.Context, k Kernel, d Data) (*mat.SymDense, error) {
	s, err := k.Features(ctx, d)
	if err != nil {
		return nil, err
	}
	return gram(ctx, s, false)
}
