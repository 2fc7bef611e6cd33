package graph

import (
	"fmt"
	"slices"
)

// Subgraph returns the subgraph that the given nodes induce: node i of the result is nodes[i], and its edges are those of
// g between the nodes, in their order; edges lists their ids in g, so that row k of the result's edge features is row
// edges[k]. Identities are carried along. A subgraph of a batch is a batch of as many graphs, some perhaps without nodes.
// It returns ErrNodeRange or ErrRepeated for a node that does not exist or is listed twice.
func (g *Graph) Subgraph(nodes []int32) (h *Graph, edges []int32, err error) {
	place := make([]int32, g.n) // 1 + index in nodes, 0: not listed
	positions := 0
	for i, v := range nodes {
		if v < 0 || int(v) >= g.n {
			return nil, nil, fmt.Errorf("graph: subgraph: nodes[%d] is %d, nodes are 0..%d: %w", i, v, g.n-1, ErrNodeRange)
		}
		if place[v] != 0 {
			return nil, nil, fmt.Errorf("graph: subgraph: nodes[%d] is %d, as is nodes[%d]: %w", i, v, place[v]-1, ErrRepeated)
		}
		place[v] = int32(i) + 1
		positions += g.InDegree(v)
	}
	edges = []int32{}
	if positions < g.NumEdges()/8 { // a small part: its rows, then sorted; else one pass over the list
		for _, v := range nodes {
			for p := g.ptr[v]; p < g.ptr[v+1]; p++ {
				if place[g.src[p]] != 0 {
					edges = append(edges, g.eid[p])
				}
			}
		}
		slices.Sort(edges)
	} else {
		for k, v := range g.to {
			if place[v] != 0 && place[g.from[k]] != 0 {
				edges = append(edges, int32(k))
			}
		}
	}
	h = &Graph{n: len(nodes), undirected: g.undirected, graphs: g.NumGraphs(), graphID: g.graphID, memo: new(memo)}
	h.from, h.to, h.edgeID = make([]int32, len(edges)), make([]int32, len(edges)), make([]uint64, len(edges))
	for i, k := range edges {
		h.from[i], h.to[i], h.edgeID[i] = place[g.from[k]]-1, place[g.to[k]]-1, identity(g.edgeID, k)
	}
	h.nodeID = make([]uint64, len(nodes))
	for i, v := range nodes {
		h.nodeID[i] = identity(g.nodeID, v)
	}
	if g.graphOf != nil {
		h.graphOf = make([]int32, len(nodes))
		for i, v := range nodes {
			h.graphOf[i] = g.graphOf[v]
		}
	}
	h.index()
	return h, edges, nil
}

// KHop returns, ascending, the nodes from which a seed can be reached by at most k edges, the seeds included: the nodes
// whose features can reach the seeds in k layers. A seed may be listed twice. It returns ErrNodeRange for a seed that
// does not exist and for a negative k.
func (g *Graph) KHop(seeds []int32, k int) ([]int32, error) {
	if k < 0 {
		return nil, fmt.Errorf("graph: k-hop: k is %d, want 0 or more: %w", k, ErrNodeRange)
	}
	seen := make([]bool, g.n)
	nodes := []int32{}
	for i, v := range seeds {
		if v < 0 || int(v) >= g.n {
			return nil, fmt.Errorf("graph: k-hop: seeds[%d] is %d, nodes are 0..%d: %w", i, v, g.n-1, ErrNodeRange)
		}
		if !seen[v] {
			seen[v] = true
			nodes = append(nodes, v)
		}
	}
	for done := 0; k > 0 && done < len(nodes); k-- {
		frontier := nodes[done:]
		done = len(nodes)
		for _, v := range frontier {
			for _, u := range g.Sources(v) {
				if !seen[u] {
					seen[u] = true
					nodes = append(nodes, u)
				}
			}
		}
	}
	slices.Sort(nodes)
	return nodes, nil
}

// Components returns the weakly connected component of each node (N) and their number. Components are numbered in the
// order of their smallest nodes.
func (g *Graph) Components() (component []int32, count int) {
	component = make([]int32, g.n)
	for i := range component {
		component[i] = -1
	}
	var stack []int32
	for i := range component {
		if component[i] >= 0 {
			continue
		}
		c := int32(count)
		count++
		component[i] = c
		stack = append(stack[:0], int32(i))
		for len(stack) > 0 {
			v := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			for _, around := range [2][]int32{g.Sources(v), g.Targets(v)} {
				for _, u := range around {
					if component[u] < 0 {
						component[u] = c
						stack = append(stack, u)
					}
				}
			}
		}
	}
	return component, count
}
