package gonumgraph

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/graph/multi"
	"gonum.org/v1/gonum/graph/simple"

	"symbridge/graph"
)

// ErrUnsupported is returned for a graph that the gonum type cannot hold.
var ErrUnsupported = errors.New("not possible in this gonum graph")

// ToDirected returns g as a simple directed graph, with weights (E) by edge id, or 1 where weights is nil; the weight of an
// absent edge is +Inf, of a node to itself 0, as gonum's shortest paths want. It returns ErrUnsupported for a self loop or
// a parallel edge ([ToMultiDirected] holds them), and graph.ErrLength where weights does not have one entry an edge.
func ToDirected(g *graph.Graph, weights []float64) (*simple.WeightedDirectedGraph, error) {
	if err := checkLength(g, weights); err != nil {
		return nil, err
	}
	out := simple.NewWeightedDirectedGraph(0, math.Inf(1))
	for i := range g.NumNodes() {
		out.AddNode(simple.Node(i))
	}
	for k, e := range g.Edges() {
		u, v := simple.Node(e[0]), simple.Node(e[1])
		if u == v || out.HasEdgeFromTo(u.ID(), v.ID()) {
			return nil, unsupported(k, e)
		}
		out.SetWeightedEdge(simple.WeightedEdge{F: u, T: v, W: weight(weights, k)})
	}
	return out, nil
}

// ToUndirected returns g as a simple undirected graph, one edge for each pair of opposite arcs. Beside the errors of
// [ToDirected] it returns graph.ErrNotSymmetric for an arc without opposite and ErrUnsupported for a pair with two weights.
func ToUndirected(g *graph.Graph, weights []float64) (*simple.WeightedUndirectedGraph, error) {
	pairs, err := pairs(g, weights)
	if err != nil {
		return nil, err
	}
	out := simple.NewWeightedUndirectedGraph(0, math.Inf(1))
	for i := range g.NumNodes() {
		out.AddNode(simple.Node(i))
	}
	from, to := g.From(), g.To()
	for _, p := range pairs {
		k := p[0]
		u, v := simple.Node(from[k]), simple.Node(to[k])
		if u == v || out.HasEdgeBetween(u.ID(), v.ID()) {
			return nil, unsupported(k, [2]int32{from[k], to[k]})
		}
		out.SetWeightedEdge(simple.WeightedEdge{F: u, T: v, W: weight(weights, k)})
	}
	return out, nil
}

// ToMultiDirected returns g as a directed multigraph, with weights (E) by edge id, or 1 where weights is nil. The line of an
// edge has the edge's id; self loops and parallel edges stay. It returns graph.ErrLength where weights does not have one
// entry an edge.
func ToMultiDirected(g *graph.Graph, weights []float64) (*multi.WeightedDirectedGraph, error) {
	if err := checkLength(g, weights); err != nil {
		return nil, err
	}
	out := multi.NewWeightedDirectedGraph()
	for i := range g.NumNodes() {
		out.AddNode(multi.Node(i))
	}
	for k, e := range g.Edges() {
		out.SetWeightedLine(multi.WeightedLine{F: multi.Node(e[0]), T: multi.Node(e[1]), W: weight(weights, k), UID: int64(k)})
	}
	return out, nil
}

// ToMultiUndirected returns g as an undirected multigraph, one line for each pair of opposite arcs, with the id of the
// first arc; self loops and parallel edges stay. It returns graph.ErrNotSymmetric for an arc without opposite,
// ErrUnsupported for a pair with two weights, and graph.ErrLength where weights does not have one entry an edge.
func ToMultiUndirected(g *graph.Graph, weights []float64) (*multi.WeightedUndirectedGraph, error) {
	pairs, err := pairs(g, weights)
	if err != nil {
		return nil, err
	}
	out := multi.NewWeightedUndirectedGraph()
	for i := range g.NumNodes() {
		out.AddNode(multi.Node(i))
	}
	from, to := g.From(), g.To()
	for _, p := range pairs {
		k := p[0]
		out.SetWeightedLine(multi.WeightedLine{F: multi.Node(from[k]), T: multi.Node(to[k]), W: weight(weights, k), UID: int64(k)})
	}
	return out, nil
}

// pairs returns the pairs of opposite arcs, once both arcs of each are known to weigh the same.
func pairs(g *graph.Graph, weights []float64) ([][2]int32, error) {
	if err := checkLength(g, weights); err != nil {
		return nil, err
	}
	pairs, err := g.Pairs()
	if err != nil {
		return nil, fmt.Errorf("gonumgraph: an undirected graph is wanted: %w", err)
	}
	for _, p := range pairs {
		if a, b := weight(weights, p[0]), weight(weights, p[1]); a != b && (a == a || b == b) {
			return nil, fmt.Errorf("gonumgraph: opposite edges %d and %d weigh %g and %g: %w", p[0], p[1], a, b, ErrUnsupported)
		}
	}
	return pairs, nil
}

func checkLength(g *graph.Graph, weights []float64) error {
	if weights != nil && len(weights) != g.NumEdges() {
		return fmt.Errorf("gonumgraph: %d weights for %d edges: %w", len(weights), g.NumEdges(), graph.ErrLength)
	}
	return nil
}

func weight(weights []float64, k int32) float64 {
	if weights == nil {
		return 1
	}
	return weights[k]
}

func unsupported(k int32, e [2]int32) error {
	return fmt.Errorf("gonumgraph: edge %d (%d,%d) is a self loop or parallel, use a multigraph: %w", k, e[0], e[1],
		ErrUnsupported)
}
