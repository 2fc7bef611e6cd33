package canon

import (
	"sync"

	"symbridge/internal/cells"
	"symbridge/internal/small"
)

var engines = sync.Pool{New: func() any { return new(small.Engine) }}

// little solves graphs whose sets of vertices are words; nil is for all others. Which they are depends on the graph alone.
func (s *solver) little(g *cells.Graph, colour []int32) *solution {
	if g.N > small.Quick || g.Label != nil || s.opts.Plain || s.over() {
		return nil
	}
	e := engines.Get().(*small.Engine)
	defer engines.Put(e)
	var rows [small.Quick]uint64
	for v := range int32(g.N) {
		for _, u := range g.Neighbours(v) {
			rows[v] |= 1 << u
		}
	}
	e.Canonise(g.N, rows[:g.N], colour)
	s.nodes += e.Nodes()
	sol := &solution{order: make([]int32, g.N)}
	for k, v := range e.Order() {
		sol.order[k] = int32(v)
	}
	if e.Generators() == 0 {
		return sol
	}
	if size, ok := e.Size(); ok {
		s.size.times(size)
	} else {
		s.size.timesBig(e.BigSize())
	}
	sol.gens = make([]Moves, e.Generators())
	moved := 0
	for i := range sol.gens {
		for v, w := range e.Generator(i) {
			if v != int(w) {
				moved++
			}
		}
	}
	list := make([]int32, 0, 2*moved)
	for i := range sol.gens {
		image, from := e.Generator(i), len(list)
		for v, w := range image {
			if v != int(w) {
				list = append(list, int32(v))
			}
		}
		to := len(list)
		for _, v := range list[from:to] {
			list = append(list, int32(image[v]))
		}
		sol.gens[i] = Moves{list[from:to:to], list[to:len(list):len(list)]}
	}
	return sol
}
