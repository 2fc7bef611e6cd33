package ybgraph

import (
	"cmp"
	"fmt"
	"slices"

	yb "github.com/yourbasic/graph"

	"symbridge/graph"
)

// From returns the directed graph that it describes, with the cost of each edge (E). Self loops and parallel edges stay.
// Edges are listed by source, target and cost, since an Iterator may visit in any order. An undirected graph comes as
// both of its arcs; declare it with [graph.Graph.AsUndirected]. It returns graph.ErrNodeRange for a neighbour outside
// 0..Order-1 and graph.ErrTooLarge for counts beyond int32.
func From(it yb.Iterator) (g *graph.Graph, costs []int64, err error) {
	n := it.Order()
	type half struct {
		w int
		c int64
	}
	var (
		edges [][2]int32
		row   []half
	)
	costs = []int64{}
	for v := range n {
		row = row[:0]
		it.Visit(v, func(w int, c int64) bool {
			row = append(row, half{w, c})
			return false
		})
		slices.SortFunc(row, func(a, b half) int { return cmp.Or(cmp.Compare(a.w, b.w), cmp.Compare(a.c, b.c)) })
		for _, h := range row {
			if h.w < 0 || h.w >= n || int64(int32(h.w)) != int64(h.w) {
				return nil, nil, fmt.Errorf("ybgraph: neighbour of vertex %d is %d, vertices are 0..%d: %w", v, h.w, n-1,
					graph.ErrNodeRange)
			}
			edges, costs = append(edges, [2]int32{int32(v), int32(h.w)}), append(costs, h.c)
		}
	}
	if g, err = graph.New(n, edges); err != nil {
		return nil, nil, fmt.Errorf("ybgraph: %w", err)
	}
	return g, costs, nil
}

// view is a graph.Graph as an Iterator.
type view struct {
	n     int
	out   *graph.Segments
	costs []int64
}

// To returns g as an Iterator, without a copy; costs (E), by edge id, may be nil for costs of 0. Self loops and parallel
// edges stay, and a vertex visits its neighbours in the order of the edge list. It is safe for concurrent use. It
// returns graph.ErrLength where costs does not have one entry an edge.
func To(g *graph.Graph, costs []int64) (yb.Iterator, error) {
	if costs != nil && len(costs) != g.NumEdges() {
		return nil, fmt.Errorf("ybgraph: %d costs for %d edges: %w", len(costs), g.NumEdges(), graph.ErrLength)
	}
	return view{g.NumNodes(), g.Out(), costs}, nil
}

// Order returns the number of vertices.
func (i view) Order() int { return i.n }

// Visit calls do for each out-edge of v until it returns true.
func (i view) Visit(v int, do func(w int, c int64) (skip bool)) (aborted bool) {
	for p := i.out.Ptr[v]; p < i.out.Ptr[v+1]; p++ {
		var c int64
		if i.costs != nil {
			c = i.costs[i.out.Edge[p]]
		}
		if do(int(i.out.Row[p]), c) {
			return true
		}
	}
	return false
}
