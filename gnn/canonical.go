package gnn

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"symbridge/graph"
	"symbridge/tensor"
	"symbridge/wl"
)

// Canonical returns the data with its nodes in a canonical order and its edge list by target and source, and where each node went:
// row v is row place[v]. Splits are listed in this order too. Data that differ only in how nodes, edges and splits are ordered come
// out equal, entry by entry, so that sums in the order of the rows ([autodiff.Tape.Plain]) are functions of the graph too. Features,
// coordinates, labels, targets, splits, weights and features of edges count; identities do not: nodes and edges are known by their places
// from then on, within the graph (of a batch, by its identity or place). A batch stays one, with each graph ordered within itself.
//
// The error is that of the context: finding a canonical order takes long for some graphs, see [wl.Canonical].
func (d *Data[T]) Canonical(ctx context.Context) (*Data[T], []int32, error) {
	node, edge := d.nodeLabels(), d.edgeLabels()
	place := make([]int32, d.Graph.NumNodes())
	nodes, edges := d.Graph.PartRows()
	first := int32(0)
	for b, part := range d.Graph.Parts() {
		f, err := wl.Canonical(ctx, part, wl.CanonicalOptions{NodeLabels: graph.Pick(node, nodes[b]), EdgeLabels: graph.Pick(edge, edges[b])})
		if err != nil {
			return nil, nil, fmt.Errorf("gnn: canonical order of graph %d of %d: %w", b, d.Graph.NumGraphs(), err)
		}
		for i, p := range f.Labelling {
			place[nodes[b][i]] = first + p
		}
		first += int32(len(nodes[b]))
	}
	g, q := d.Graph.Relabel(place)
	g, q = inOrder(g, q, edge)
	g, err := g.WithIDs(placesWithin(g), nil, g.GraphIDs())
	if err != nil { // the lengths are right by construction
		panic(err)
	}
	out := d.moved(g, place, q)
	for _, rows := range [][]int32{out.Train, out.Val, out.Test} {
		slices.Sort(rows)
	}
	return out, place, nil
}

// inOrder sorts parallel edges, which stand together, by their labels. q says where the edges of the data went.
func inOrder(g *graph.Graph, q []int32, label []uint64) (*graph.Graph, []int32) {
	if label == nil {
		return g, q
	}
	at := make([]uint64, len(q)) // the label at each place
	for k, p := range q {
		at[p] = label[k]
	}
	order := make([]int32, len(q))
	for k := range order {
		order[k] = int32(k)
	}
	from, to := g.From(), g.To()
	slices.SortStableFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(to[a], to[b]), cmp.Compare(from[a], from[b]), cmp.Compare(at[a], at[b]))
	})
	move := make([]int32, len(q))
	for k, p := range order {
		move[p] = int32(k)
	}
	out := make([]int32, len(q))
	for k, p := range q {
		out[k] = move[p]
	}
	return g.ShuffleEdges(move), out
}

// placesWithin returns identities of nodes: the identity of the graph, or its place, and the place of the node in the graph.
func placesWithin(g *graph.Graph) []uint64 {
	ids := make([]uint64, g.NumNodes())
	next := make([]uint64, g.NumGraphs())
	of, graphs := g.GraphOf(), g.GraphIDs()
	for v := range ids {
		var b int32
		if of != nil {
			b = of[v]
		}
		id := uint64(b)
		if graphs != nil {
			id = graphs[b]
		}
		ids[v] = id<<32 + next[b]
		next[b]++
	}
	return ids
}

// nodeLabels returns the ranks of all that is known of each node (N); nil: nothing is.
func (d *Data[T]) nodeLabels() []uint64 {
	rows := make([][]byte, d.Graph.NumNodes())
	known := false
	for _, m := range []tensor.Dense[T]{d.X, d.Pos, d.NodeTarget} {
		known = appendRows(rows, m) || known
	}
	if d.Sparse != nil {
		known = true
		for v := range rows {
			for k := d.Sparse.Ptr[v]; k < d.Sparse.Ptr[v+1]; k++ {
				rows[v] = binary.BigEndian.AppendUint32(rows[v], uint32(d.Sparse.Idx[k]))
				rows[v] = appendNumber(rows[v], d.Sparse.Val[k])
			}
		}
	}
	for v, l := range d.NodeLabel {
		known = true
		rows[v] = binary.BigEndian.AppendUint64(rows[v], l)
	}
	for v, y := range d.NodeClass {
		known = true
		rows[v] = binary.BigEndian.AppendUint32(rows[v], uint32(y))
	}
	for i, part := range [][]int32{d.Train, d.Val, d.Test} {
		for _, v := range part {
			known = true
			rows[v] = append(rows[v], byte('1'+i))
		}
	}
	if !known {
		return nil
	}
	return ranks(rows)
}

// edgeLabels returns the ranks of all that is known of each edge (E); nil: nothing is.
func (d *Data[T]) edgeLabels() []uint64 {
	rows := make([][]byte, d.Graph.NumEdges())
	attr, weight := appendRows(rows, d.EdgeAttr), appendRows(rows, d.EdgeWeight)
	if !attr && !weight && d.EdgeLabel == nil {
		return nil
	}
	for k, l := range d.EdgeLabel {
		rows[k] = binary.BigEndian.AppendUint64(rows[k], l)
	}
	return ranks(rows)
}

// appendRows appends the bits of each row and reports whether there are any.
func appendRows[T tensor.Float](rows [][]byte, m tensor.Dense[T]) bool {
	if m.Empty() {
		return false
	}
	for v := range rows {
		for _, x := range m.Row(v) {
			rows[v] = appendNumber(rows[v], x)
		}
	}
	return true
}

func appendNumber[T tensor.Float](b []byte, x T) []byte {
	return binary.BigEndian.AppendUint64(b, math.Float64bits(float64(x)))
}

// ranks numbers the rows by their order as strings.
func ranks(rows [][]byte) []uint64 {
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return slices.Compare(rows[a], rows[b]) })
	out := make([]uint64, len(rows))
	rank := uint64(0)
	for k, i := range order {
		if k > 0 && !slices.Equal(rows[order[k-1]], rows[i]) {
			rank++
		}
		out[i] = rank
	}
	return out
}
