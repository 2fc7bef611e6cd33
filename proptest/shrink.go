package proptest

import (
	"cmp"
	"math"
	"slices"

	"symbridge/symmetry"
	"symbridge/tensor"
)

// shrink cuts an instance down as long as it fails: it drops graphs, nodes and edges, many at a time and then one by one, puts
// batches in order, and makes numbers plain. It is deterministic. The error is that of the smallest instance, or nil where the
// first does not fail.
func shrink[T tensor.Float](c *instance[T], fails func(*instance[T]) error, large, keepUndirected bool) (*instance[T], error) {
	s := &shrinker[T]{best: c, fails: fails, left: 2000, keepUndirected: keepUndirected}
	if large {
		s.left = 60
	}
	if !s.try(c) {
		return c, nil
	}
	for progress := true; progress; {
		progress = s.dropGraphs()
		progress = s.drop(nodes) || progress
		progress = s.drop(edges) || progress
		progress = s.tidy() || progress
		if !progress {
			progress = s.simplify()
		}
	}
	return s.best, s.why
}

type shrinker[T tensor.Float] struct {
	best           *instance[T]
	why            error
	fails          func(*instance[T]) error
	left           int // attempts
	keepUndirected bool
}

// try keeps the instance if it fails.
func (s *shrinker[T]) try(c *instance[T]) bool {
	if s.left == 0 {
		return false
	}
	s.left--
	c.seed, c.tries = s.best.seed, s.best.tries
	err := s.fails(c)
	if err == nil {
		return false
	}
	s.best, s.why = c, err
	return true
}

func (s *shrinker[T]) dropGraphs() (progress bool) {
	for b := s.best.w.graphs - 1; b >= 0 && s.best.w.graphs > 1; b-- {
		keep := func(g int32) bool { return int(g) != b }
		progress = s.try(s.best.without(func(v int32) bool { return keep(s.best.w.graphOf[v]) }, nil, keep)) || progress
	}
	return progress
}

// drop takes away runs of nodes with their edges, or runs of edges, half of them first, in the end one by one.
func (s *shrinker[T]) drop(what kind) (progress bool) {
	units := func() [][]int32 { return s.best.w.units(what) }
	for size := (len(units()) + 1) / 2; size > 0; size /= 2 {
		for from := len(units()) - size; from > -size && len(units()) > 0; from -= size {
			us := units()
			gone := make(map[int32]bool)
			for _, u := range us[min(max(from, 0), len(us)-1):min(max(from+size, 0), len(us))] {
				for _, r := range u {
					gone[r] = true
				}
			}
			keep := func(r int32) bool { return !gone[r] }
			if what == nodes {
				progress = s.try(s.best.without(keep, nil, nil)) || progress
			} else {
				progress = s.try(s.best.without(nil, keep, nil)) || progress
			}
		}
	}
	return progress
}

// units lists what is dropped as one: a node, an edge, or the two arcs of an undirected edge.
func (w *written) units(what kind) [][]int32 {
	var us [][]int32
	if what == edges && w.undirected {
		pairs, err := w.build().Pairs()
		if err != nil {
			return nil
		}
		for _, p := range pairs {
			us = append(us, p[:])
		}
		return us
	}
	for r := range int32(w.count(what)) {
		us = append(us, []int32{r})
	}
	return us
}

// without returns the part that is kept; nil keeps all. Edges go with their nodes.
func (c *instance[T]) without(node, edge, graph func(int32) bool) *instance[T] {
	var rows [3][]int32
	kept := make([]bool, c.w.n)
	for v := range int32(c.w.n) {
		if kept[v] = node == nil || node(v); kept[v] {
			rows[nodes] = append(rows[nodes], v)
		}
	}
	for k, e := range c.w.edges {
		if kept[e[0]] && kept[e[1]] && (edge == nil || edge(int32(k))) {
			rows[edges] = append(rows[edges], int32(k))
		}
	}
	for b := range int32(c.w.graphs) {
		if graph == nil || graph(b) {
			rows[graphs] = append(rows[graphs], b)
		}
	}
	return c.take(rows)
}

// tidy puts a batch in order, gives plain identities, and forgets that a graph is undirected.
func (s *shrinker[T]) tidy() (progress bool) {
	w := s.best.w
	if _, p, _ := w.places(); w.graphs > 1 && p != nil {
		nodeRows, edgeRows := w.rows()
		p, q := symmetry.Perm(slices.Concat(nodeRows...)), symmetry.Perm(slices.Concat(edgeRows...))
		progress = s.try(s.best.relabel(p.Inverse(), q.Inverse()))
	}
	w = s.best.w
	numbered := *w
	numbered.number(0)
	if !slices.Equal(numbered.nodeID, w.nodeID) || !slices.Equal(numbered.edgeID, w.edgeID) ||
		!slices.Equal(numbered.graphID, w.graphID) {
		c := *s.best
		c.w = &numbered
		progress = s.try(&c) || progress
	}
	if s.best.w.undirected && !s.keepUndirected {
		c, directed := *s.best, *s.best.w
		directed.undirected = false
		c.w = &directed
		progress = s.try(&c) || progress
	}
	return progress
}

// simplify makes numbers plain: a whole field ones, then entry by entry.
func (s *shrinker[T]) simplify() (progress bool) {
	for f := range s.best.x {
		if slices.ContainsFunc(s.best.x[f].Data, func(v T) bool { return effort(v) > 1 }) {
			c := s.best.clone()
			for i := range c.x[f].Data {
				c.x[f].Data[i] = 1
			}
			progress = s.try(c) || progress
		}
		for i := range s.best.x[f].Data {
			for _, v := range plainer(s.best.x[f].Data[i]) {
				c := s.best.clone()
				c.x[f].Data[i] = v
				if s.try(c) {
					progress = true
					break
				}
			}
		}
	}
	return progress
}

// effort says how hard a number is to read.
func effort[T tensor.Float](v T) int {
	x := math.Abs(float64(v))
	switch {
	case x == 0 && !math.Signbit(float64(v)):
		return 0
	case v == 1:
		return 1
	case x == math.Trunc(x) && x <= 16:
		return 2
	case x*8 == math.Trunc(x*8) && x <= 16:
		return 3
	}
	return 4
}

// plainer lists numbers near v, or far from it, that are easier to read, the easiest first.
func plainer[T tensor.Float](v T) []T {
	var list []T
	for _, c := range []T{0, 1, T(math.Round(float64(v))), T(math.Round(float64(v)*8) / 8)} {
		if effort(c) < effort(v) {
			list = append(list, c)
		}
	}
	slices.SortStableFunc(list, func(a, b T) int { return cmp.Compare(effort(a), effort(b)) })
	return list
}
