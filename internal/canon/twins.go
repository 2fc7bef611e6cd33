package canon

import (
	"cmp"
	"slices"

	"symbridge/internal/cells"
)

// twins is a graph with one vertex for each class of twins: vertices of one cell that have the same other neighbours, with
// the same labels.
type twins struct {
	g        *cells.Graph
	p        *cells.Partition
	vertices []int32   // one of each class
	class    [][]int32 // the members of each
	kind     []int32   // 2*size for twins without an edge between them, 2*size+1 for those with one
}

// mergeTwins returns nil where there are none.
func mergeTwins(g *cells.Graph, p *cells.Partition) reduction {
	n := g.N
	sum := make([]uint64, n)
	for v := range n {
		for e := g.Ptr[v]; e < g.Ptr[v+1]; e++ {
			sum[v] += cells.Mix(uint64(labelOf(g, e))<<32 | uint64(g.Adj[e]))
		}
	}
	t := &twins{g: g, p: p}
	found := make([]bool, n)
	t.collect(sum, found, false)
	if g.Label == nil {
		for v := range n {
			sum[v] += cells.Mix(uint64(v))
		}
		t.collect(sum, found, true)
	}
	if len(t.class) == 0 {
		return nil
	}
	for _, c := range t.class {
		t.vertices = append(t.vertices, c[0])
	}
	for v := range int32(n) {
		if !found[v] {
			t.vertices, t.class, t.kind = append(t.vertices, v), append(t.class, []int32{v}), append(t.kind, 2)
		}
	}
	return t
}

// collect adds the classes of at least two vertices, with equal sums and then with equal neighbours.
func (t *twins) collect(sum []uint64, found []bool, joined bool) {
	var order []int32
	for v := range int32(t.g.N) {
		if !found[v] && t.p.Size(t.p.Cell(v)) > 1 {
			order = append(order, v)
		}
	}
	if !t.anyEqual(order, sum) {
		return
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(t.p.Cell(a), t.p.Cell(b)), cmp.Compare(sum[a], sum[b]))
	})
	for i := 0; i < len(order); {
		class := []int32{order[i]}
		var rest []int32 // a sum that collides: seen to in the next round
		j := i + 1
		for ; j < len(order) && sum[order[j]] == sum[order[i]] && t.p.Cell(order[j]) == t.p.Cell(order[i]); j++ {
			if t.same(order[i], order[j], joined) {
				class = append(class, order[j])
			} else {
				rest = append(rest, order[j])
			}
		}
		if len(class) > 1 {
			for _, v := range class {
				found[v] = true
			}
			kind := int32(2 * len(class))
			if joined {
				kind++
			}
			t.class, t.kind = append(t.class, class), append(t.kind, kind)
		}
		i = j - copy(order[j-len(rest):j], rest)
	}
}

// anyEqual reports whether two of the vertices seem to be of one cell with equal sums.
func (t *twins) anyEqual(vs []int32, sum []uint64) bool {
	keys := make([]uint64, len(vs))
	for i, v := range vs {
		keys[i] = sum[v] ^ cells.Mix(uint64(t.p.Cell(v)))
	}
	slices.Sort(keys)
	for i := 1; i < len(keys); i++ {
		if keys[i] == keys[i-1] {
			return true
		}
	}
	return false
}

// same reports whether two vertices have the same neighbours, each other aside.
func (t *twins) same(a, b int32, joined bool) bool {
	if t.g.Degree(a) != t.g.Degree(b) {
		return false
	}
	x, y := t.sorted(a, joined), t.sorted(b, joined)
	return slices.Equal(x, y)
}

func (t *twins) sorted(v int32, joined bool) []uint64 {
	list := make([]uint64, 0, t.g.Degree(v)+1)
	for e := t.g.Ptr[v]; e < t.g.Ptr[v+1]; e++ {
		list = append(list, uint64(labelOf(t.g, e))<<32|uint64(t.g.Adj[e]))
	}
	if joined {
		list = append(list, uint64(v))
	}
	slices.Sort(list)
	return list
}

func (t *twins) core() (*cells.Graph, []int32) { return restrict(t.g, t.p, t.vertices, t.kind) }

func (t *twins) expand(s *solver, sol *solution) *solution {
	out := &solution{order: make([]int32, 0, t.g.N)}
	for _, i := range sol.order {
		out.order = append(out.order, t.class[i]...)
	}
	for _, m := range sol.gens {
		if s.stopped() {
			return out
		}
		var w Moves
		for i := range m.From {
			w.From = append(w.From, t.class[m.From[i]]...)
			w.To = append(w.To, t.class[m.To[i]]...)
		}
		out.gens = append(out.gens, w)
	}
	for _, c := range t.class {
		if s.stopped() {
			return out
		}
		s.size.exchanged(len(c))
		for k := 1; k < len(c); k++ {
			out.gens = append(out.gens, Moves{[]int32{c[k-1], c[k]}, []int32{c[k], c[k-1]}})
		}
	}
	return out
}
