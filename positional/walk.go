package positional

import (
	"fmt"
	"math"

	"symbridge/graph"
	"symbridge/internal/kernel"
	"symbridge/tensor"
)

// RandomWalk encodes a node by the probabilities that a random walk from it is back after 1, 2, ... Steps steps: the
// diagonals of P, P², ... with P = D^-1 A (Dwivedi et al. 2022, "Graph neural networks with learnable structural and
// positional representations"; AddRandomWalkPE of PyTorch Geometric on simple graphs).
//
// A walk follows the edges from source to target, each of k parallel ones with a probability of its own, and a self loop
// as one edge. From a node without out-edges it goes nowhere: all its probabilities are 0.
//
// The encoding is computed in float64 by order-free sums and rounded once: no bit depends on the labelling, the batch or
// the number of workers. Each step is rounded, so Steps steps carry a relative error of about Steps 2^-52. The cost is
// Steps n m for each graph with n nodes and m edges, in O(n) memory.
type RandomWalk[T tensor.Float] struct {
	Steps int // K, at least 1
}

// Symmetry returns None.
func (r RandomWalk[T]) Symmetry() Ambiguity { return None }

// Encode returns the encoding (N,Steps). It returns ErrSettings for Steps < 1.
func (r RandomWalk[T]) Encode(g *graph.Graph) (tensor.Dense[T], error) {
	return r.EncodeWeighted(g, nil)
}

// EncodeWeighted returns the encoding (N,Steps) of walks that take an edge with a probability in proportion to its weight
// (E), by edge id; nil is all 1. From a node whose out-edges all have weight 0 a walk goes nowhere. It returns
// ErrWeight, with the edge, for weights that are negative or not finite, and for a list that does not have one an edge.
func (r RandomWalk[T]) EncodeWeighted(g *graph.Graph, weights []T) (tensor.Dense[T], error) {
	if r.Steps < 1 {
		return tensor.Dense[T]{}, fmt.Errorf("positional: random walk of %d steps, want at least 1: %w", r.Steps, ErrSettings)
	}
	p, err := transitions(g, weights)
	if err != nil {
		return tensor.Dense[T]{}, err
	}
	out := tensor.NewDense[T](g.NumNodes(), r.Steps)
	nodes, edges := g.PartRows()
	for b, part := range g.Parts() {
		local := make([]float64, len(edges[b]))
		for k, e := range edges[b] {
			local[k] = p[e]
		}
		for s, row := range returns(part, local, r.Steps) {
			for k, x := range row {
				out.Set(int(nodes[b][s]), k, T(x))
			}
		}
	}
	return out, nil
}

// transitions returns the probability of each edge (E), given that the walk is at its source.
func transitions[T tensor.Float](g *graph.Graph, weights []T) ([]float64, error) {
	if weights != nil && len(weights) != g.NumEdges() {
		return nil, fmt.Errorf("positional: %d weights for %d edges: %w", len(weights), g.NumEdges(), ErrWeight)
	}
	p := make([]float64, g.NumEdges())
	for k := range p {
		p[k] = 1
		if weights != nil {
			p[k] = float64(weights[k])
		}
		if !(p[k] >= 0 && p[k] <= math.MaxFloat64) {
			return nil, fmt.Errorf("positional: weight of edge %d (%d,%d) is %v, want a finite number, at least 0: %w",
				k, g.From()[k], g.To()[k], p[k], ErrWeight)
		}
	}
	total := make([]float64, g.NumNodes())
	out := g.OutEdges()
	kernel.SegmentSum(total, p, 1, kernel.Seg{Ptr: out.Ptr, Row: out.Row}, false)
	for k, v := range g.From() {
		switch {
		case total[v] > math.MaxFloat64:
			return nil, fmt.Errorf("positional: the weights of the out-edges of node %d overflow: %w", v, ErrWeight)
		case total[v] > 0:
			p[k] /= total[v]
		}
	}
	return p, nil
}

// walkBlock is how many walks are followed at a time: the columns of a matrix. No bit depends on it.
const walkBlock = 64

// returns gives, for each node (n), its probabilities of return (steps), of one graph with edge probabilities p (m).
func returns(g *graph.Graph, p []float64, steps int) [][]float64 {
	n := g.NumNodes()
	back := make([][]float64, n)
	width := min(n, walkBlock)
	at, next := make([]float64, n*width), make([]float64, n*width) // (n,width): where the walks from the block are
	in := g.In()
	seg := kernel.Seg{Ptr: in.Ptr, Row: in.Row, Edge: in.Edge}
	for first := 0; first < n; first += width {
		d := min(width, n-first)
		at, next = at[:n*d], next[:n*d]
		clear(at)
		for c := range d {
			at[(first+c)*d+c] = 1
			back[first+c] = make([]float64, steps)
		}
		for k := range steps {
			kernel.SegmentWeightedSum(next, p, at, d, 1, seg, false)
			at, next = next, at
			for c := range d {
				back[first+c][k] = at[(first+c)*d+c]
			}
		}
	}
	return back
}
