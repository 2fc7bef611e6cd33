package canon

import (
	"cmp"
	"slices"

	"symbridge/internal/cells"
)

// forest is a graph without its hanging trees. Vertices of one cell of an equitable partition have equal hanging trees, so
// the cells are colours enough.
type forest struct {
	g        *cells.Graph
	p        *cells.Partition
	vertices []int32 // of the core
	kids     []child // by parent, then label and cell
	ptr      []int32 // (N+1) the kids of a vertex
	list     []int32 // the vertices in depth-first order, one core vertex after the other
	at, size []int32 // (N) where the tree below a vertex stands in the list, and its length
}

type child struct{ label, cell, v int32 }

// stripTrees takes away vertices with one neighbour until there are none, or there is one edge. Nil: there were none.
func stripTrees(g *cells.Graph, p *cells.Partition) reduction {
	n := g.N
	degree := make([]int32, n)
	var leaves []int32
	for v := range int32(n) {
		if degree[v] = g.Degree(v); degree[v] == 1 {
			leaves = append(leaves, v)
		}
	}
	if len(leaves) == 0 {
		return nil
	}
	parent := make([]int32, n)
	for v := range parent {
		parent[v] = -1
	}
	f := &forest{g: g, p: p, ptr: make([]int32, n+1)}
	var next []int32
	for len(leaves) > 0 { // a round at a time, so that the middle is left
		next = next[:0]
		for _, v := range leaves {
			for _, u := range g.Neighbours(v) {
				if parent[u] < 0 {
					parent[v] = u
				}
			}
			if u := parent[v]; u < 0 || degree[u] == 1 { // the last vertex, or the last edge
				parent[v] = -1
			}
		}
		for _, v := range leaves {
			if u := parent[v]; u >= 0 {
				if degree[u]--; degree[u] == 1 {
					next = append(next, u)
				}
			}
		}
		leaves, next = next, leaves
	}
	for v, u := range parent {
		if u >= 0 {
			f.ptr[u+1]++
		} else {
			f.vertices = append(f.vertices, int32(v))
		}
	}
	if len(f.vertices) == n {
		return nil
	}
	for v := range n {
		f.ptr[v+1] += f.ptr[v]
	}
	f.kids = make([]child, f.ptr[n])
	fill := slices.Clone(f.ptr)
	for v := range int32(n) {
		for e := g.Ptr[v]; e < g.Ptr[v+1]; e++ {
			if u := g.Adj[e]; parent[u] == v {
				f.kids[fill[v]] = child{labelOf(g, e), p.Cell(u), u}
				fill[v]++
			}
		}
		slices.SortFunc(f.below(v), func(a, b child) int { return cmp.Or(cmp.Compare(a.label, b.label), cmp.Compare(a.cell, b.cell)) })
	}
	f.walk()
	return f
}

func (f *forest) below(v int32) []child { return f.kids[f.ptr[v]:f.ptr[v+1]] }

// walk lists the trees.
func (f *forest) walk() {
	n := f.g.N
	f.list, f.at, f.size = make([]int32, 0, n), make([]int32, n), make([]int32, n)
	type step struct{ v, next int32 }
	var stack []step
	for _, root := range f.vertices {
		stack = append(stack, step{root, 0})
		for len(stack) > 0 {
			s := &stack[len(stack)-1]
			if s.next == 0 {
				f.at[s.v] = int32(len(f.list))
				f.list = append(f.list, s.v)
			}
			if kids := f.below(s.v); int(s.next) < len(kids) {
				s.next++
				stack = append(stack, step{kids[s.next-1].v, 0})
				continue
			}
			f.size[s.v] = int32(len(f.list)) - f.at[s.v]
			stack = stack[:len(stack)-1]
		}
	}
}

// tree returns the vertices of the tree below v, v first.
func (f *forest) tree(v int32) []int32 { return f.list[f.at[v] : f.at[v]+f.size[v]] }

func (f *forest) core() (*cells.Graph, []int32) { return restrict(f.g, f.p, f.vertices, nil) }

func (f *forest) expand(s *solver, sol *solution) *solution {
	out := &solution{order: make([]int32, 0, f.g.N)}
	for _, i := range sol.order {
		out.order = append(out.order, f.tree(f.vertices[i])...)
	}
	for _, m := range sol.gens {
		if s.stopped() {
			return out
		}
		var w Moves
		for i := range m.From {
			w.From = append(w.From, f.tree(f.vertices[m.From[i]])...)
			w.To = append(w.To, f.tree(f.vertices[m.To[i]])...)
		}
		out.gens = append(out.gens, w)
	}
	for v := range int32(f.g.N) {
		if s.stopped() {
			return out
		}
		kids := f.below(v)
		run := 1
		for k := 1; k < len(kids); k++ {
			a, b := kids[k-1], kids[k]
			if a.label != b.label || a.cell != b.cell {
				s.size.exchanged(run)
				run = 1
				continue
			}
			run++
			out.gens = append(out.gens, swap(f.tree(a.v), f.tree(b.v)))
		}
		s.size.exchanged(run)
	}
	return out
}

// swap returns the permutation that exchanges two lists.
func swap(a, b []int32) Moves {
	return Moves{slices.Concat(a, b), slices.Concat(b, a)}
}

// restrict returns the graph on some of the vertices, and the ranks of their (cell, extra) as colours; nil is no extra.
func restrict(g *cells.Graph, p *cells.Partition, vertices []int32, extra []int32) (*cells.Graph, []int32) {
	local := make([]int32, g.N)
	for v := range local {
		local[v] = -1
	}
	keys := make([]uint64, len(vertices))
	for i, v := range vertices {
		local[v] = int32(i)
		keys[i] = uint64(p.Cell(v)) << 32
		if extra != nil {
			keys[i] |= uint64(extra[i])
		}
	}
	h := &cells.Graph{N: len(vertices), Ptr: make([]int32, 1, len(vertices)+1)}
	for _, v := range vertices {
		for e := g.Ptr[v]; e < g.Ptr[v+1]; e++ {
			if u := local[g.Adj[e]]; u >= 0 {
				h.Adj = append(h.Adj, u)
				if g.Label != nil {
					h.Label = append(h.Label, g.Label[e])
				}
			}
		}
		h.Ptr = append(h.Ptr, int32(len(h.Adj)))
	}
	if g.Label != nil && h.Label == nil {
		h.Label = []int32{}
	}
	_, colour := ranked(keys)
	return h, colour
}

// ranked returns the keys that differ, ascending, and the rank of each among them.
func ranked(keys []uint64) (distinct []uint64, rank []int32) {
	distinct = slices.Compact(slices.Sorted(slices.Values(keys)))
	rank = make([]int32, len(keys))
	for i, k := range keys {
		r, _ := slices.BinarySearch(distinct, k)
		rank[i] = int32(r)
	}
	return distinct, rank
}
