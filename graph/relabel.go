package graph

import (
	"fmt"
	"math"
	"slices"
)

// Union returns the disjoint union: the batch of the given graphs, which may be batches themselves. Nodes, edges and
// graphs keep their order and their identities; a graph without identities contributes its own indices where another has
// some, and the union has none where none has. It panics with ErrTooLarge beyond int32.
func Union(gs ...*Graph) *Graph {
	u := &Graph{undirected: len(gs) > 0, memo: new(memo)}
	var e int
	var nodeIDs, edgeIDs, graphIDs bool
	for _, g := range gs {
		u.n, u.graphs, e = u.n+g.n, u.graphs+g.NumGraphs(), e+g.NumEdges()
		u.undirected = u.undirected && g.undirected
		nodeIDs, edgeIDs, graphIDs = nodeIDs || g.nodeID != nil, edgeIDs || g.edgeID != nil, graphIDs || g.graphID != nil
	}
	if u.n > math.MaxInt32-1 || e > math.MaxInt32-1 {
		panic(fmt.Errorf("graph: union of %d nodes and %d edges: %w", u.n, e, ErrTooLarge))
	}
	u.from, u.to = make([]int32, 0, e), make([]int32, 0, e)
	u.ptr, u.src, u.eid = make([]int32, 1, u.n+1), make([]int32, 0, e), make([]int32, 0, e)
	u.graphOf = make([]int32, 0, u.n)
	var graphs int32
	for _, g := range gs {
		node, edge := int32(len(u.graphOf)), int32(len(u.from))
		for k := range g.from {
			u.from, u.to = append(u.from, g.from[k]+node), append(u.to, g.to[k]+node)
			u.src, u.eid = append(u.src, g.src[k]+node), append(u.eid, g.eid[k]+edge)
		}
		for i := range g.n {
			u.ptr = append(u.ptr, g.ptr[i+1]+edge)
			if g.graphOf == nil {
				u.graphOf = append(u.graphOf, graphs)
			} else {
				u.graphOf = append(u.graphOf, graphs+g.graphOf[i])
			}
		}
		if nodeIDs {
			u.nodeID = append(u.nodeID, identities(g.nodeID, g.n)...)
		}
		if edgeIDs {
			u.edgeID = append(u.edgeID, identities(g.edgeID, g.NumEdges())...)
		}
		if graphIDs {
			u.graphID = append(u.graphID, identities(g.graphID, g.NumGraphs())...)
		}
		graphs += int32(g.NumGraphs())
	}
	return u
}

// Parts returns the graphs of a batch, each with one graph and nodes and edges in their order in g: the inverse of
// Union. Feature rows follow by [Graph.PartRows].
func (g *Graph) Parts() []*Graph {
	nodes, edges := g.PartRows()
	parts := make([]*Graph, g.NumGraphs())
	place := make([]int32, g.n)
	for b := range parts {
		for i, v := range nodes[b] {
			place[v] = int32(i)
		}
		h := &Graph{n: len(nodes[b]), undirected: g.undirected, graphs: 1, memo: new(memo)}
		h.from, h.to = make([]int32, 0, len(edges[b])), make([]int32, 0, len(edges[b]))
		for _, k := range edges[b] {
			h.from, h.to = append(h.from, place[g.from[k]]), append(h.to, place[g.to[k]])
		}
		h.nodeID, h.edgeID = Pick(g.nodeID, nodes[b]), Pick(g.edgeID, edges[b])
		if g.graphID != nil {
			h.graphID = g.graphID[b : b+1 : b+1]
		}
		h.index()
		parts[b] = h
	}
	return parts
}

// PartRows returns, for each graph of a batch, the rows of its nodes and of its edges in the batch, ascending.
func (g *Graph) PartRows() (nodes, edges [][]int32) {
	nodes, edges = make([][]int32, g.NumGraphs()), make([][]int32, g.NumGraphs())
	of := func(v int32) int32 {
		if g.graphOf == nil {
			return 0
		}
		return g.graphOf[v]
	}
	for i := range g.n {
		b := of(int32(i))
		nodes[b] = append(nodes[b], int32(i))
	}
	for k, v := range g.to {
		b := of(v)
		edges[b] = append(edges[b], int32(k))
	}
	return nodes, edges
}

// Pick returns the listed entries, or nil where there are none to choose from: what a part of a batch (PartRows) has of a list of labels
// or of features.
func Pick[E any](list []E, rows []int32) []E {
	if list == nil {
		return nil
	}
	out := make([]E, len(rows))
	for i, r := range rows {
		out[i] = list[r]
	}
	return out
}

// Relabel returns the graph in which node v is called p[v], with its edges listed by target and source, and the induced
// edge permutation: edge k of g is edge q[k] of the result. Parallel edges keep their order. Identities and the graph of
// each node move along. It takes time linear in nodes and edges, and panics where p is not a permutation of 0..N-1.
func (g *Graph) Relabel(p []int32) (h *Graph, q []int32) {
	mustPermute("Relabel", p, g.n)
	e := g.NumEdges()
	h = &Graph{n: g.n, undirected: g.undirected, graphs: g.NumGraphs(), graphID: g.graphID, memo: new(memo)}
	h.nodeID, h.edgeID = make([]uint64, g.n), make([]uint64, e)
	h.ptr = make([]int32, g.n+1)
	old := make([]int32, g.n)
	for v, w := range p {
		old[w] = int32(v)
		h.nodeID[w] = identity(g.nodeID, int32(v))
		h.ptr[w+1] = int32(g.InDegree(int32(v)))
	}
	for i := range g.n {
		h.ptr[i+1] += h.ptr[i]
	}
	if g.graphOf != nil {
		h.graphOf = make([]int32, g.n)
		for v, b := range g.graphOf {
			h.graphOf[p[v]] = b
		}
	}
	// Edges taken by new source and dealt out by new target are in order of target, then source, then old id.
	q = make([]int32, e)
	h.from, h.to, h.eid = make([]int32, e), make([]int32, e), make([]int32, e)
	next := slices.Clone(h.ptr[:g.n])
	out := g.Out()
	for u, v := range old {
		for pos := out.Ptr[v]; pos < out.Ptr[v+1]; pos++ {
			w, k := p[out.Row[pos]], out.Edge[pos]
			at := next[w]
			next[w]++
			q[k] = at
			h.from[at], h.to[at], h.eid[at] = int32(u), w, at
			h.edgeID[at] = identity(g.edgeID, k)
		}
	}
	h.src = h.from // edge ids are positions
	return h, q
}

// ShuffleEdges returns the same graph with its edge list in another order: edge k of g is edge q[k] of the result.
// It panics where q is not a permutation of 0..E-1.
func (g *Graph) ShuffleEdges(q []int32) *Graph {
	e := g.NumEdges()
	mustPermute("ShuffleEdges", q, e)
	h := g.copy()
	h.from, h.to, h.edgeID = make([]int32, e), make([]int32, e), make([]uint64, e)
	for k, id := range identities(g.edgeID, e) {
		h.from[q[k]], h.to[q[k]], h.edgeID[q[k]] = g.from[k], g.to[k], id
	}
	h.index()
	return h
}

// Reverse returns the graph with every edge turned round; edge ids and identities stay.
func (g *Graph) Reverse() *Graph {
	h := g.copy()
	h.from, h.to = g.to, g.from
	h.index()
	return h
}

func mustPermute(op string, p []int32, n int) {
	if len(p) != n {
		panic(fmt.Errorf("graph: %s: permutation of length %d for %d: %w", op, len(p), n, ErrLength))
	}
	seen := make([]bool, n)
	for i, v := range p {
		if v < 0 || int(v) >= n || seen[v] {
			panic(fmt.Errorf("graph: %s: entry %d is %d, which is out of 0..%d or repeated: %w", op, i, v, n-1, ErrPermutation))
		}
		seen[v] = true
	}
}
