package wlkernel

import (
	"context"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"

	"symbridge/tensor"
)

// Subtree is the Weisfeiler-Leman subtree kernel: with n(i,c,G) nodes of colour c after round i,
//
//	k(G,H) = sum over rounds i = 0..Rounds and colours c of n(i,c,G) n(i,c,H).
//
// The zero value compares the histograms of the node labels. The colours include the edge labels where there are some.
// (Shervashidze, Schweitzer, van Leeuwen, Mehlhorn, Borgwardt 2011, "Weisfeiler-Lehman graph kernels".)
type Subtree struct {
	Rounds int // of refinement; rounds after the colours are stable count once more each
}

// String names the kernel and its settings.
func (k Subtree) String() string { return fmt.Sprintf("WL subtree, %d rounds", k.Rounds) }

// Features returns the number of nodes of each round and colour: (B,D), D the number of colours of all rounds.
func (k Subtree) Features(ctx context.Context, d Data) (*tensor.CSR[float64], error) {
	c, out := refine("wlkernel.Subtree", d, k.Rounds), newRows(len(d.Graphs))
	var sorted []int32
	for round := range k.Rounds + 1 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		colours := c.ColoursAt(round)
		first, err := out.widen(c.NumColoursAt(round))
		if err != nil {
			return nil, err
		}
		for i := range d.Graphs {
			sorted = append(sorted[:0], c.of(i, colours)...)
			slices.Sort(sorted)
			for a, b := 0, 0; a < len(sorted); a = b {
				for b = a; b < len(sorted) && sorted[b] == sorted[a]; b++ {
				}
				out.add(i, first+int(sorted[a]), float64(b-a))
			}
		}
	}
	return out.csr()
}

// Gram returns the matrix of all k(G,H): (B,B).
func (k Subtree) Gram(ctx context.Context, d Data) (*mat.SymDense, error) { return product(ctx, k, d) }

// OptimalAssignment is the Weisfeiler-Leman optimal assignment kernel, the largest sum that a matching of the nodes of G to
// those of H can have where a pair of nodes counts the rounds in which both have the same colour:
//
//	k(G,H) = sum over rounds i = 0..Rounds and colours c of min(n(i,c,G), n(i,c,H)),
//
// with n as in [Subtree]: colours of later rounds refine those of earlier ones, so that the histogram intersection is the
// best matching. (Kriege, Giscard, Wilson 2016, "On valid optimal assignment kernels and applications to graph
// classification".)
type OptimalAssignment struct {
	Rounds int // of refinement
}

// String names the kernel and its settings.
func (k OptimalAssignment) String() string {
	return fmt.Sprintf("WL optimal assignment, %d rounds", k.Rounds)
}

// Features returns counts in unary, so that products are minima: (B,D) with as many columns for a round and colour as a
// graph has nodes of it at most, the first n(i,c,G) of which are 1.
func (k OptimalAssignment) Features(ctx context.Context, d Data) (*tensor.CSR[float64], error) {
	counts, err := Subtree(k).Features(ctx, d)
	if err != nil {
		return nil, err
	}
	most := make([]int, counts.Cols)
	for p, j := range counts.Idx {
		most[j] = max(most[j], int(counts.Val[p]))
	}
	out, first := newRows(counts.Rows), make([]int, counts.Cols)
	for j, n := range most {
		if first[j], err = out.widen(n); err != nil {
			return nil, err
		}
	}
	for i := range counts.Rows {
		for p := counts.Ptr[i]; p < counts.Ptr[i+1]; p++ {
			for n := range int(counts.Val[p]) {
				out.add(i, first[counts.Idx[p]]+n, 1)
			}
		}
	}
	return out.csr()
}

// Gram returns the matrix of all k(G,H): (B,B).
func (k OptimalAssignment) Gram(ctx context.Context, d Data) (*mat.SymDense, error) {
	counts, err := Subtree(k).Features(ctx, d)
	if err != nil {
		return nil, err
	}
	return gram(ctx, counts, true)
}
