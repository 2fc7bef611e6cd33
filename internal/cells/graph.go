package cells

import (
	"fmt"
	"math"
)

// Graph is a symmetric graph in the form that refinement reads: each edge {u,v} stands once with u and once with v. A loop
// is not held; it belongs into the colour of its vertex.
//
// Label[k] says how the edge looks from the vertex that lists it. What it looks like from one end determines what it
// looks like from the other, so that directions, kinds and multiplicities of arcs fit into it. The edges of a vertex
// ascend by label.
type Graph struct {
	N     int
	Ptr   []int32 // (N+1)
	Adj   []int32 // (A) the other end
	Label []int32 // (A) nil: all 0
}

// Degree returns the number of edges of v.
func (g *Graph) Degree(v int32) int32 { return g.Ptr[v+1] - g.Ptr[v] }

// Neighbours returns the other ends of the edges of v.
func (g *Graph) Neighbours(v int32) []int32 { return g.Adj[g.Ptr[v]:g.Ptr[v+1]] }

// Check returns an error where the slices do not fit together. It does not look for missing opposite edges.
func (g *Graph) Check() error {
	if len(g.Ptr) != g.N+1 || g.N > math.MaxInt32-2 || int(g.Ptr[g.N]) != len(g.Adj) || g.Label != nil && len(g.Label) != len(g.Adj) {
		return fmt.Errorf("cells: %d vertices, %d pointers, %d ends, %d labels do not fit together", g.N, len(g.Ptr), len(g.Adj), len(g.Label))
	}
	return nil
}
