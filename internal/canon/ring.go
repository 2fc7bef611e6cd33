package canon

import (
	"cmp"
	"slices"

	"symbridge/internal/cells"
)

// ring solves a connected graph in which every vertex has degree 2; nil is for all others. Refinement sees all there is to see: two
// vertices of one cell read the same colours and labels on their ways round, so the cells are the orbits, and the way round from
// a vertex of the first cell, towards the neighbour that looks less, is the form.
func (s *solver) ring(g *cells.Graph, p *cells.Partition) *solution {
	for v := range int32(g.N) {
		if g.Degree(v) != 2 {
			return nil
		}
	}
	k := p.Size(0)
	way := round(g, p, p.Members(0)[0], false)
	sol := &solution{order: way}
	s.size.times(uint64(k))
	if e := g.Ptr[way[0]]; looks(g, p, e, e+1) == 0 { // the other way round is as good
		s.size.times(2)
		sol.gens = append(sol.gens, between(way, round(g, p, way[0], true)))
	}
	// The ways from the next vertices of the cell on the way: a turn, or a reflection and a turn.
	for i := 1; i < g.N; i++ {
		if p.Cell(way[i]) != 0 {
			continue
		}
		next := round(g, p, way[i], false)
		turn := next[1] == way[(i+1)%g.N]
		sol.gens = append(sol.gens, between(way, next))
		if turn || len(sol.gens) == 2 {
			break
		}
	}
	return sol
}

// round returns the vertices on the way from v towards the neighbour that looks less, or away from it.
func round(g *cells.Graph, p *cells.Partition, v int32, away bool) []int32 {
	way := make([]int32, 1, g.N)
	way[0] = v
	e := g.Ptr[v]
	if (looks(g, p, e, e+1) > 0) != away {
		e++
	}
	for before, at := v, g.Adj[e]; at != v; {
		way = append(way, at)
		next := g.Adj[g.Ptr[at]]
		if next == before {
			next = g.Adj[g.Ptr[at]+1]
		}
		before, at = at, next
	}
	return way
}

// looks compares two edges of one vertex.
func looks(g *cells.Graph, p *cells.Partition, a, b int32) int {
	return cmp.Or(cmp.Compare(labelOf(g, a), labelOf(g, b)), cmp.Compare(p.Cell(g.Adj[a]), p.Cell(g.Adj[b])))
}

// between returns the permutation that takes one list of all vertices to another one, whose storage it uses.
func between(from, to []int32) Moves {
	return Moves{slices.Clone(from), to}.proper()
}
