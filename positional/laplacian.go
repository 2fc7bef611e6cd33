package positional

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"symbridge/graph"
	"symbridge/tensor"
)

// Normalization says which Laplacian is meant, of the adjacency A and the degrees D.
type Normalization int

const (
	// Symmetric is I - D^-1/2 A D^-1/2, with a zero row for a node without neighbours.
	Symmetric Normalization = iota
	// Unnormalized is D - A.
	Unnormalized
)

// Laplacian encodes a node by its entries in the K eigenvectors of the graph's Laplacian with the smallest eigenvalues other
// than 0, ascending (Dwivedi et al. 2020, "Benchmarking graph neural networks"). The eigenvectors for 0 are left out, one
// for each connected component: they tell no more than which nodes are connected. Each eigenvector has length 1. Where a
// graph has fewer, columns of zeros follow.
//
// Edges must come in both directions, equally often; parallel edges add up and self loops are left out.
//
// # What is not determined
//
// The sign of each column; and where an eigenvalue is repeated, the basis of its eigenspace. Neither is fixed here: there
// is no rule that would do so for every graph and every labelling. Where column K stands amid an eigenspace, the
// columns before it span an arbitrary part of that space; [Laplacian.Whole] leaves such a space out. What is determined
// is the projector onto each whole eigenspace. [Laplacian.EncodeSpaces] reports the eigenspaces.
//
// The eigensolver is approximate: eigenvalues and projectors are right to about 1e-8, not in bits, and eigenvalues closer
// than Tolerance count as one. It is dense, O(n³) time and O(n²) memory for each graph with n nodes.
type Laplacian[T tensor.Float] struct {
	K             int           // columns, at least 1
	Normalization Normalization // Symmetric
	Whole         bool          // zeros in place of an eigenspace that does not fit in K columns whole
	MaxNodes      int           // largest graph of a batch; 0 is 4096
	Tolerance     float64       // in units of the largest eigenvalue, or 1 where that is less; 0 is 1e-8
}

// Eigenspace says which columns of an encoding belong to one eigenvalue of one graph.
type Eigenspace struct {
	Value float64 // the eigenvalue; where rounding parted a repeated one, the mean
	First int     // the first column
	Len   int     // the number of columns that are given; 0 where Whole left the space out
	Dim   int     // the dimension of the space; Len < Dim is a space that was cut at column K
}

// Symmetry returns Signs for an eigenspace of dimension 1, else Bases.
func (e Eigenspace) Symmetry() Ambiguity {
	if e.Dim > 1 {
		return Bases
	}
	return Signs
}

// Symmetry returns Bases.
func (l Laplacian[T]) Symmetry() Ambiguity { return Bases }

// Encode returns the encoding (N,K). It returns ErrSettings for K < 1, a negative limit or tolerance, or an unknown
// normalization; ErrTooLarge and ErrDirected, with the graph of the batch; and ErrSolver.
func (l Laplacian[T]) Encode(g *graph.Graph) (tensor.Dense[T], error) {
	out, _, err := l.EncodeSpaces(g)
	return out, err
}

// EncodeSpaces returns the encoding (N,K) and, for each graph of the batch (B), the eigenspaces that its columns are from,
// ascending. The errors are those of Encode.
func (l Laplacian[T]) EncodeSpaces(g *graph.Graph) (tensor.Dense[T], [][]Eigenspace, error) {
	if l.MaxNodes == 0 {
		l.MaxNodes = 4096
	}
	if l.Tolerance == 0 {
		l.Tolerance = 1e-8
	}
	if l.K < 1 || l.MaxNodes < 0 || !(l.Tolerance > 0) || l.Normalization < Symmetric || l.Normalization > Unnormalized {
		return tensor.Dense[T]{}, nil, fmt.Errorf("positional: Laplacian with K %d, normalization %d, limit %d, tolerance %v: %w",
			l.K, l.Normalization, l.MaxNodes, l.Tolerance, ErrSettings)
	}
	nodes, _ := g.PartRows()
	for b, rows := range nodes {
		if len(rows) > l.MaxNodes {
			return tensor.Dense[T]{}, nil, fmt.Errorf(
				"positional: graph %d has %d nodes, the limit is %d (set MaxNodes; time grows with the cube): %w",
				b, len(rows), l.MaxNodes, ErrTooLarge)
		}
	}
	out := tensor.NewDense[T](g.NumNodes(), l.K)
	spaces := make([][]Eigenspace, len(nodes))
	for b, part := range g.Parts() {
		var err error
		if spaces[b], err = l.part(out, part, nodes[b]); err != nil {
			return tensor.Dense[T]{}, nil, fmt.Errorf("positional: graph %d: %w", b, err)
		}
	}
	return out, spaces, nil
}

// part writes the encoding of one graph to the given rows of out.
func (l Laplacian[T]) part(out tensor.Dense[T], g *graph.Graph, rows []int32) ([]Eigenspace, error) {
	if g.NumNodes() == 0 {
		return nil, nil
	}
	m, err := l.matrix(g)
	if err != nil {
		return nil, err
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(m, true) {
		return nil, fmt.Errorf("%d nodes: %w", g.NumNodes(), ErrSolver)
	}
	values := eigen.Values(nil)
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)

	tolerance := l.Tolerance * max(1, values[len(values)-1])
	var spaces []Eigenspace
	column := 0
	for i := 0; i < len(values) && column < l.K; {
		end, sum := i+1, values[i]
		for end < len(values) && values[end]-values[end-1] <= tolerance {
			sum += values[end]
			end++
		}
		if values[i] <= tolerance { // connected components
			i = end
			continue
		}
		s := Eigenspace{Value: sum / float64(end-i), First: column, Len: min(end-i, l.K-column), Dim: end - i}
		column += s.Len
		if l.Whole && s.Len < s.Dim {
			s.Len = 0
		}
		for c := range s.Len {
			for v, row := range rows {
				out.Set(int(row), s.First+c, T(vectors.At(v, i+c)))
			}
		}
		spaces = append(spaces, s)
		i = end
	}
	return spaces, nil
}

// matrix returns the Laplacian (n,n) of one graph, or ErrDirected.
func (l Laplacian[T]) matrix(g *graph.Graph) (*mat.SymDense, error) {
	n := g.NumNodes()
	a := make([]float64, n*n)
	degree := make([]float64, n)
	for _, e := range g.Edges() {
		if e[0] != e[1] {
			a[int(e[0])*n+int(e[1])]++
			degree[e[1]]++
		}
	}
	for i := range n {
		for j := range i {
			if to, from := a[i*n+j], a[j*n+i]; to != from {
				return nil, fmt.Errorf("%v edges from node %d to %d and %v back: add the missing ones: %w", to, i, j, from, ErrDirected)
			}
		}
	}
	for i := range n {
		for j := range n {
			x := &a[i*n+j]
			switch {
			case *x != 0 && l.Normalization == Symmetric:
				*x = -*x / math.Sqrt(degree[i]*degree[j])
			case *x != 0:
				*x = -*x
			case i == j && l.Normalization == Symmetric:
				*x = min(degree[i], 1)
			case i == j:
				*x = degree[i]
			}
		}
	}
	return mat.NewSymDense(n, a), nil
}
