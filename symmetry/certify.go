package symmetry

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"symbridge/tensor"
)

// Rows says what the rows of an output belong to, and so how they move under a relabelling.
type Rows int

const (
	// Nodes: row p[v] of the relabelled output is compared with row v.
	Nodes Rows = iota
	// Edges: row q[k] is compared with row k.
	Edges
	// Graphs: the rows stay; the output is invariant.
	Graphs
)

// Output is what a model returns: a matrix, (N,d), (E,d) or (B,d), and what its rows belong to.
type Output[T tensor.Float] struct {
	Values tensor.Dense[T]
	Rows   Rows
}

// ErrOutput is returned where the outputs of a model cannot be compared: a shape that does not fit the nodes or edges,
// or that changes with the relabelling.
var ErrOutput = errors.New("outputs cannot be compared")

// exhaustive is the largest number of nodes for which all relabelings are gone through where as many are asked for.
const exhaustive = 5

// Certify runs a model on relabelled data and compares the outputs, bit by bit, with those on the data as it stands.
//
// run must return the outputs on the data in which node v is called p[v] and edge k stands at place q[k] of the edge
// list, in the order of the relabelled data; it may keep p and q. It is called once with identities and then once for
// each relabeling. Permutations are random, but for nodes <= 5 and relabelings >= nodes! all nodes! of them are gone
// through, each once, with a random order of the edges; the certificate then counts nodes! relabelings.
//
// layers are the message-passing layers of the model and parameters is the number of its own parameters. A progress
// function is called after each relabeling with the number done and the number to do.
//
// It returns an error where relabelings < 1, where run returns one, with ErrOutput where outputs cannot be compared, and
// with ctx.Err() once ctx is done. It panics for negative counts.
func Certify[T tensor.Float](ctx context.Context, run func(p, q Perm) (Output[T], error), nodes, edges, relabelings int,
	rng *rand.Rand, layers []LayerShape, parameters int, progress ...func(done, total int)) (*Certificate, error) {
	c := newCertificate(nodes, layers, parameters)
	if relabelings < 1 {
		return nil, fmt.Errorf("symmetry: %d relabelings asked for, want at least 1", relabelings)
	}
	base, err := run(Identity(nodes), Identity(edges))
	if err != nil {
		return nil, fmt.Errorf("symmetry: the data as it stands: %w", err)
	}
	if err := base.check(nodes, edges); err != nil {
		return nil, fmt.Errorf("symmetry: the data as it stands: %w", err)
	}

	total := relabelings
	next := func() Perm { return Random(rng, nodes) }
	if all := factorial(min(nodes, exhaustive)); nodes <= exhaustive && relabelings >= all {
		c.Exhaustive, total = true, all
		var list []Perm
		for p := range All(nodes) {
			list = append(list, p)
		}
		next = func() Perm { return list[c.Relabelings] }
	}

	sum := Difference{First: -1}
	for c.Relabelings < total {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("symmetry: stopped after %d of %d relabelings: %w", c.Relabelings, total, err)
		}
		p, q := next(), Random(rng, edges)
		keepP, keepQ := append(Perm(nil), p...), append(Perm(nil), q...) // run may write to what it is given
		out, err := run(p, q)
		if err == nil {
			err = out.fits(base)
		}
		if err != nil {
			return nil, fmt.Errorf("symmetry: relabeling %d: %w", c.Relabelings, err)
		}
		d := Compare(base.Values.Data, out.back(keepP, keepQ).Data)
		if sum.Equal() && !d.Equal() {
			was, is := base.Values.Data[d.First], out.back(keepP, keepQ).Data[d.First]
			c.FirstDifference = fmt.Sprintf("relabeling %d, row %d, column %d: %v became %v",
				c.Relabelings, d.First/base.Values.Cols, d.First%base.Values.Cols, was, is)
		}
		sum = sum.Join(d)
		c.Relabelings++
		for _, report := range progress {
			report(c.Relabelings, total)
		}
	}
	c.Entries, c.DifferingEntries, c.DifferingBits = sum.Entries, sum.Differing, sum.Bits
	c.MaxULP, c.MaxAbs = sum.MaxULP, min(sum.MaxAbs, math.MaxFloat64)
	return c, nil
}

func factorial(n int) int {
	f := 1
	for i := 2; i <= n; i++ {
		f *= i
	}
	return f
}

// check returns ErrOutput where the output does not have a row for each node or edge.
func (o Output[T]) check(nodes, edges int) error {
	rows := o.Values.Rows
	switch o.Rows {
	case Nodes:
		rows = nodes
	case Edges:
		rows = edges
	case Graphs:
	default:
		return fmt.Errorf("rows belong to %d, want Nodes, Edges or Graphs: %w", o.Rows, ErrOutput)
	}
	if o.Values.Rows != rows || len(o.Values.Data) != o.Values.Rows*o.Values.Cols {
		return fmt.Errorf("output is (%d,%d) with %d elements, want %d rows: %w",
			o.Values.Rows, o.Values.Cols, len(o.Values.Data), rows, ErrOutput)
	}
	return nil
}

// fits returns ErrOutput where the output does not have the shape of base.
func (o Output[T]) fits(base Output[T]) error {
	if o.Rows != base.Rows || o.Values.Shape() != base.Values.Shape() || len(o.Values.Data) != len(base.Values.Data) {
		return fmt.Errorf("output is (%d,%d) with %d elements, was (%d,%d): %w", o.Values.Rows, o.Values.Cols,
			len(o.Values.Data), base.Values.Rows, base.Values.Cols, ErrOutput)
	}
	return nil
}

// back returns the output in the order of the data as it stands.
func (o Output[T]) back(p, q Perm) tensor.Dense[T] {
	switch o.Rows {
	case Nodes:
		return o.Values.TakeRows(p)
	case Edges:
		return o.Values.TakeRows(q)
	default:
		return o.Values
	}
}
