package canon

import (
	"cmp"
	"slices"

	"symbridge/internal/cells"
)

// part is a piece of a graph that stands for itself: no other piece, and no vertex that is alone in its cell, tells its
// vertices apart.
type part struct {
	vertices []int32
	graph    *cells.Graph // nil where there is one vertex
	cell     []int32      // (n) cell of each vertex in the whole
	form     []int32
	sol      *solution
}

// takeApart parts the vertices of an equitable partition. Between two cells, or inside of one, there may be no edges, all of
// them with one label, or something between. All and none say nothing that the cells do not say, so such edges are left
// out; and where there are more edges than gaps, gaps take their place (in graphs without labels). Neither changes the
// automorphisms, nor which relabellings give equal graphs. What is then not connected is independent: components,
// components of the complement, and more. It reports whether anything was left out.
func takeApart(g *cells.Graph, p *cells.Partition) (parts []*part, progress bool) {
	f := flip(g, p)
	n := g.N
	of := make([]int32, n)
	for v := range of {
		of[v] = -1
	}
	local := make([]int32, n)
	var queue []int32
	for _, root := range p.Lab() {
		if of[root] >= 0 || p.Size(p.Cell(root)) == 1 {
			continue
		}
		id := int32(len(parts))
		start := len(queue)
		queue = append(queue, root)
		of[root], local[root] = id, 0
		for k := start; k < len(queue); k++ {
			for e := f.Ptr[queue[k]]; e < f.Ptr[queue[k]+1]; e++ {
				if u := f.Adj[e]; of[u] < 0 {
					of[u], local[u] = id, int32(len(queue)-start)
					queue = append(queue, u)
				}
			}
		}
		parts = append(parts, &part{vertices: queue[start:len(queue):len(queue)]})
	}
	if len(parts) == 1 && len(queue) == n && len(f.Adj) == len(g.Adj) && !f.flipped {
		return nil, false
	}
	cell := make([]int32, len(queue))
	for i, v := range queue {
		cell[i] = p.Cell(v)
	}
	for _, q := range parts {
		k := len(q.vertices)
		q.cell, cell = cell[:k:k], cell[k:]
		if len(q.vertices) > 1 {
			q.graph = induced(&f.Graph, q.vertices, local)
		}
	}
	return parts, true
}

// induced returns the graph on the vertices of a component; local is the place of each in the list.
func induced(f *cells.Graph, vertices, local []int32) *cells.Graph {
	h := &cells.Graph{N: len(vertices), Ptr: make([]int32, len(vertices)+1)}
	var m int32
	for i, v := range vertices {
		m += f.Degree(v)
		h.Ptr[i+1] = m
	}
	h.Adj = make([]int32, 0, m)
	if f.Label != nil {
		h.Label = make([]int32, 0, m)
	}
	for _, v := range vertices {
		for e := f.Ptr[v]; e < f.Ptr[v+1]; e++ {
			h.Adj = append(h.Adj, local[f.Adj[e]])
			if f.Label != nil {
				h.Label = append(h.Label, f.Label[e])
			}
		}
	}
	return h
}

type flippedGraph struct {
	cells.Graph
	flipped bool // some gaps became edges
}

// flip leaves out the edges between cells that are all there with one label, and turns edges and gaps round where there are
// more edges.
func flip(g *cells.Graph, p *cells.Partition) *flippedGraph {
	if untouched(g, p) {
		return &flippedGraph{Graph: *g}
	}
	n := g.N
	f := &flippedGraph{Graph: cells.Graph{N: n, Ptr: make([]int32, n+1), Adj: make([]int32, 0, len(g.Adj))}}
	if g.Label != nil {
		f.Label = make([]int32, 0, len(g.Adj))
	}
	// What happens to the edges between a cell and another is read from one vertex.
	count := make([]int32, n) // edges into a cell, by its name
	first := make([]int32, n) // the label of the first of them
	mixed := make([]bool, n)
	turn := make([]int8, n)
	var into []int32
	mark := make([]int32, n) // mark[u] = v+1: u is a neighbour of v
	for s := int32(0); int(s) < n; s += p.Size(s) {
		members := p.Members(s)
		if len(members) == 1 {
			continue
		}
		v := members[0]
		into = into[:0]
		for e := g.Ptr[v]; e < g.Ptr[v+1]; e++ {
			c, l := p.Cell(g.Adj[e]), labelOf(g, e)
			if count[c] == 0 {
				into = append(into, c)
				first[c] = l
			}
			count[c]++
			mixed[c] = mixed[c] || first[c] != l
		}
		var gaps []int32 // cells whose gaps become edges
		for _, c := range into {
			if turn[c] = turnOf(g, p, s, c, count[c], mixed[c]); turn[c] == invert {
				gaps = append(gaps, c)
				f.flipped = true
			}
		}
		slices.Sort(gaps)
		for _, v := range members {
			f.Ptr[v+1] = int32(len(f.Adj)) // the end, put right below
			for e := g.Ptr[v]; e < g.Ptr[v+1]; e++ {
				u := g.Adj[e]
				switch turn[p.Cell(u)] {
				case keep:
					f.Adj = append(f.Adj, u)
					if g.Label != nil {
						f.Label = append(f.Label, g.Label[e])
					}
				case invert:
					mark[u] = v + 1
				}
			}
			for _, c := range gaps {
				for _, u := range p.Members(c) {
					if u != v && mark[u] != v+1 {
						f.Adj = append(f.Adj, u)
					}
				}
			}
		}
		for _, c := range into {
			count[c], mixed[c] = 0, false
		}
	}
	f.order(p)
	return f
}

const (
	keep int8 = iota
	drop
	invert
)

// turnOf says what flip does to the edges of the vertices of cell s into cell c, count of each, with labels that differ where they are mixed.
func turnOf(g *cells.Graph, p *cells.Partition, s, c, count int32, mixed bool) int8 {
	full := p.Size(c)
	if c == s {
		full--
	}
	switch {
	case p.Size(c) == 1, count == full && !mixed:
		return drop
	case g.Label == nil && 2*count > full:
		return invert
	}
	return keep
}

// untouched reports whether flip leaves all edges as they are, as of most graphs that have been flipped once. Of labels it takes the worse.
func untouched(g *cells.Graph, p *cells.Partition) bool {
	count := make([]int32, g.N) // edges of one vertex into a cell, by its name
	for s := int32(0); int(s) < g.N; s += p.Size(s) {
		if p.Size(s) == 1 {
			return false
		}
		near := g.Neighbours(p.Members(s)[0])
		for _, u := range near {
			count[p.Cell(u)]++
		}
		for _, u := range near {
			if c := p.Cell(u); turnOf(g, p, s, c, count[c], false) != keep {
				return false
			}
		}
		for _, u := range near {
			count[p.Cell(u)] = 0
		}
	}
	return true
}

// order brings the lists, which stand in the order of the places with their beginning at Ptr[v+1], into that of the vertices.
func (f *flippedGraph) order(p *cells.Partition) {
	begin := make([]int32, f.N)
	end := make([]int32, f.N)
	last := int32(-1)
	for _, v := range p.Lab() {
		if p.Size(p.Cell(v)) == 1 {
			continue
		}
		begin[v] = f.Ptr[v+1]
		if last >= 0 {
			end[last] = begin[v]
		}
		last = v
	}
	if last >= 0 {
		end[last] = int32(len(f.Adj))
	}
	adj := make([]int32, 0, len(f.Adj))
	var label []int32
	if f.Label != nil {
		label = make([]int32, 0, len(f.Adj))
	}
	for v := range f.N {
		adj = append(adj, f.Adj[begin[v]:end[v]]...)
		if label != nil {
			label = append(label, f.Label[begin[v]:end[v]]...)
		}
		f.Ptr[v+1] = int32(len(adj))
	}
	f.Adj, f.Label = adj, label
}

// assemble solves the parts and puts them in order: first the vertices that are alone in their cells, then the parts by
// their cells and forms. Parts of one form may be exchanged.
func (s *solver) assemble(p *cells.Partition, parts []*part) *solution {
	sol := &solution{order: make([]int32, 0, p.Len())}
	for c := int32(0); int(c) < p.Len(); c += p.Size(c) {
		if p.Size(c) == 1 {
			sol.order = append(sol.order, p.Lab()[c])
		}
	}
	for _, q := range parts {
		if s.stopped() {
			return &solution{order: slices.Clone(p.Lab()), gens: sol.gens}
		}
		s.solvePart(q)
		for _, m := range q.sol.gens {
			sol.gens = append(sol.gens, m.rename(q.vertices))
		}
	}
	slices.SortFunc(parts, func(a, b *part) int {
		if s.stopped() { // the order no longer matters
			return 0
		}
		return slices.Compare(a.form, b.form)
	})
	run := 1
	for k, q := range parts {
		if s.stopped() {
			return &solution{order: slices.Clone(p.Lab()), gens: sol.gens}
		}
		for _, i := range q.sol.order {
			sol.order = append(sol.order, q.vertices[i])
		}
		if k > 0 && slices.Equal(parts[k-1].form, q.form) {
			run++
			sol.gens = append(sol.gens, exchange(parts[k-1], q))
		} else {
			s.size.exchanged(run)
			run = 1
		}
	}
	s.size.exchanged(run)
	return sol
}

var single = &solution{order: []int32{0}}

func (s *solver) solvePart(q *part) {
	if q.graph == nil {
		q.sol, q.form = single, q.cell
		return
	}
	distinct := slices.Compact(slices.Sorted(slices.Values(q.cell)))
	colour := make([]int32, len(q.cell))
	for i, c := range q.cell {
		k, _ := slices.BinarySearch(distinct, c)
		colour[i] = int32(k)
	}
	q.sol = s.solve(q.graph, colour)
	q.form = formOf(q.graph, q.cell, q.sol.order)
}

// formOf returns the graph as it looks in the given order: the number of vertices, their colours, and for each its
// neighbours before it, with labels.
func formOf(g *cells.Graph, colour, order []int32) []int32 {
	place := make([]int32, g.N)
	for k, v := range order {
		place[v] = int32(k)
	}
	form := make([]int32, 0, 1+2*g.N+len(g.Adj))
	form = append(form, int32(g.N))
	for _, v := range order {
		form = append(form, colour[v])
	}
	var row [][2]int32
	for k, v := range order {
		row = row[:0]
		for e := g.Ptr[v]; e < g.Ptr[v+1]; e++ {
			if u := place[g.Adj[e]]; int(u) < k {
				row = append(row, [2]int32{u, labelOf(g, e)})
			}
		}
		slices.SortFunc(row, func(a, b [2]int32) int { return cmp.Compare(a[0], b[0]) })
		form = append(form, int32(len(row)))
		for _, r := range row {
			form = append(form, r[0])
			if g.Label != nil {
				form = append(form, r[1])
			}
		}
	}
	return form
}

// exchange returns the permutation that swaps two parts of one form.
func exchange(a, b *part) Moves {
	n := len(a.vertices)
	m := Moves{make([]int32, 0, 2*n), make([]int32, 0, 2*n)}
	for k := range n {
		u, v := a.vertices[a.sol.order[k]], b.vertices[b.sol.order[k]]
		m.From, m.To = append(m.From, u, v), append(m.To, v, u)
	}
	return m
}

// rename returns the same permutation on other names.
func (m Moves) rename(names []int32) Moves {
	r := Moves{make([]int32, len(m.From)), make([]int32, len(m.To))}
	for i := range m.From {
		r.From[i], r.To[i] = names[m.From[i]], names[m.To[i]]
	}
	return r
}
