package wlkernel

import (
	"context"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"

	"symbridge/graph"
	"symbridge/tensor"
)

// ShortestPath is the Weisfeiler-Leman shortest-path kernel: with n(i,a,b,d,G) pairs of different nodes that have colours a
// and b after round i and are d edges apart,
//
//	k(G,H) = sum over rounds i = 0..Rounds, colours a, b and distances d of n(i,a,b,d,G) n(i,a,b,d,H).
//
// The zero value is the shortest-path kernel on the node labels. Pairs without a path do not count. A pair counts once where
// all graphs are undirected; else the distance is along the edges, and every pair counts in both orders. (Borgwardt,
// Kriegel 2005, "Shortest-path kernels on graphs"; with colours, Shervashidze et al. 2011.)
//
// A graph of N nodes and E edges takes O(N(N+E)) time and may have N^2/2 features a round.
type ShortestPath struct {
	Rounds int // of refinement
}

// String names the kernel and its settings.
func (k ShortestPath) String() string { return fmt.Sprintf("WL shortest path, %d rounds", k.Rounds) }

// Gram returns the matrix of all k(G,H): (B,B).
func (k ShortestPath) Gram(ctx context.Context, d Data) (*mat.SymDense, error) {
	return product(ctx, k, d)
}

// pairs is the number of pairs of nodes with one pair of colours.
type pairs struct {
	colours uint64 // the first in the upper half
	count   int
}

// Features returns the number of pairs of each round, distance and pair of colours: (B,D), with a column for each of them
// that occurs.
func (k ShortestPath) Features(ctx context.Context, d Data) (*tensor.CSR[float64], error) {
	c, out := refine("wlkernel.ShortestPath", d, k.Rounds), newRows(len(d.Graphs))
	w := walker{both: slices.ContainsFunc(d.Graphs, func(g *graph.Graph) bool { return !g.Undirected() })}
	for round := range k.Rounds + 1 {
		colours := c.ColoursAt(round)
		found := make([][][]pairs, len(d.Graphs)) // by graph and distance - 1
		var known [][]uint64                      // by distance - 1
		for i, g := range d.Graphs {
			var err error
			if found[i], err = w.pairs(ctx, g, c.of(i, colours)); err != nil {
				return nil, err
			}
			for at, list := range found[i] {
				if at == len(known) {
					known = append(known, nil)
				}
				for _, p := range list {
					known[at] = append(known[at], p.colours)
				}
			}
		}
		first := make([]int, len(known))
		for at := range known {
			slices.Sort(known[at])
			known[at] = slices.Compact(known[at])
			var err error
			if first[at], err = out.widen(len(known[at])); err != nil {
				return nil, err
			}
		}
		for i := range found {
			for at, list := range found[i] {
				column := 0 // both lists ascend
				for _, p := range list {
					step, _ := slices.BinarySearch(known[at][column:], p.colours)
					column += step
					out.add(i, first[at]+column, float64(p.count))
				}
			}
			found[i] = nil
		}
	}
	return out.csr()
}

// walker finds shortest paths, breadth first.
type walker struct {
	both    bool // pairs count in both orders
	seen    []int32
	queue   []int32
	buckets [][]uint64 // by distance - 1
}

// pairs returns the pairs of a graph by distance - 1, by colours ascending.
func (w *walker) pairs(ctx context.Context, g *graph.Graph, colours []int32) ([][]pairs, error) {
	n := g.NumNodes()
	w.seen = slices.Grow(w.seen[:0], n)[:n]
	for v := range w.seen {
		w.seen[v] = -1
	}
	for at := range w.buckets {
		w.buckets[at] = w.buckets[at][:0]
	}
	for source := range int32(n) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		w.from(g, source, colours)
	}
	var out [][]pairs
	for _, bucket := range w.buckets {
		if len(bucket) == 0 {
			break // where there is a distance, there are all smaller ones
		}
		slices.Sort(bucket)
		var list []pairs
		for a, b := 0, 0; a < len(bucket); a = b {
			for b = a; b < len(bucket) && bucket[b] == bucket[a]; b++ {
			}
			list = append(list, pairs{bucket[a], b - a})
		}
		out = append(out, list)
	}
	return out, nil
}

// from puts the pairs of a source into the buckets.
func (w *walker) from(g *graph.Graph, source int32, colours []int32) {
	w.queue = append(w.queue[:0], source)
	w.seen[source] = source
	for start, distance := 0, 0; start < len(w.queue); distance++ {
		end := len(w.queue)
		if distance > len(w.buckets) {
			w.buckets = append(w.buckets, nil)
		}
		for _, v := range w.queue[start:end] {
			if distance > 0 && (w.both || source < v) {
				a, b := uint64(colours[source]), uint64(colours[v])
				if !w.both && a > b {
					a, b = b, a
				}
				w.buckets[distance-1] = append(w.buckets[distance-1], a<<32|b)
			}
			for _, u := range g.Targets(v) {
				if w.seen[u] != source {
					w.seen[u] = source
					w.queue = append(w.queue, u)
				}
			}
		}
		start = end
	}
}
