package proptest

import (
	"context"
	"fmt"
	"math"
	"sync"

	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/tensor"
	"symbridge/wl"
)

// drawAlike draws a batch in which a method sees alike what is not the same: a pair that it cannot part, or a graph twice.
func drawAlike(src source, cfg Config) *written {
	w := &written{undirected: true}
	pairs := tied(cfg.bound())
	if src.intn(3) > 0 && cfg.MaxNodes <= 0 && len(pairs) > 0 {
		a, b := messUp(src, pairs[src.intn(len(pairs))])
		w.append(a)
		w.append(b)
	} else {
		o := cfg.graphs()
		o.Single = true
		g := drawSingle(src, o)
		w.append(g)
		w.append(g)
	}
	w.number(uint64(1 + src.intn(1<<16)))
	return w
}

var tiedBy sync.Map // of methods: the pairs

// tied returns those of Pairs, and for methods that see more than 1-WL of HardPairs, that a method cannot part.
func tied(m wl.Method) []Pair {
	if list, ok := tiedBy.Load(m); ok {
		return list.([]Pair)
	}
	all := Pairs()
	if m != wl.OneWL {
		all = append(all, HardPairs()...)
	}
	var list []Pair
	for _, p := range all {
		// A method that takes too long for a pair is not tried on it; a name that is none has been refused before.
		if _, count, err := wl.Classes(context.Background(), []*graph.Graph{p.A, p.B}, m); err == nil && count == 1 {
			list = append(list, p)
		}
	}
	tiedBy.Store(m, list)
	return list
}

// drawBoundCase draws such a batch, with features of at most two kinds.
func drawBoundCase[T tensor.Float](s *subject[T], src source) *instance[T] {
	w := drawAlike(src, s.cfg)
	half := w.n / 2 // both halves are the same graph, or regular for the colours' sake
	c := attach[T](s.cfg, src, w, finite[src.intn(len(finite))])
	for f, m := range c.x {
		for r := 1; r < m.Rows; r++ {
			copy(m.Row(r), m.Row(0))
		}
		if f == node && src.intn(3) == 0 && half > 0 { // another row in both halves, for node 0 and its likeness
			copy(m.Row(half), drawMatrix[T](src, 1, m.Cols, Tame).Data)
			copy(m.Row(0), m.Row(half))
		}
	}
	p, q := drawPerm(src, w.n), drawPerm(src, len(w.edges))
	return c.relabel(p, q)
}

func bound[T tensor.Float](s *subject[T], l gnn.Layer[T], c *instance[T]) error {
	o, err := s.run(l, c, evaluation)
	if err != nil {
		return err
	}
	perNode := labels(c.x[node], c.x[pos])
	perGraph := labels(c.x[pooled])
	for v, b := range c.w.graphOf {
		perNode[v] = mix(perNode[v] ^ mix(perGraph[b]))
	}
	a, err := likeness(c.w, s.cfg.bound(), wl.Options{NodeLabels: perNode, EdgeLabels: labels(c.x[edge], c.x[weight])})
	if err != nil {
		return err
	}
	for _, f := range []int{node, pos} {
		if err := sameRows(a, "output "+fieldNames[f], o.out[f]); err != nil {
			return err
		}
	}
	graphLike := make(map[int32]int)
	for b, k := range a.class {
		first, ok := graphLike[k]
		if !ok {
			graphLike[k] = b
			continue
		}
		if m := o.out[pooled]; m.Cols > 0 {
			if err := compare(fmt.Sprintf("output Graph of graphs %d and %d, which %v cannot tell apart", first, b, s.cfg.bound()),
				m.TakeRows([]int32{int32(b)}), m.TakeRows([]int32{int32(first)})); err != nil {
				return err
			}
		}
	}
	return nil
}

// alikeness is what a method sees of a batch.
type alikeness struct {
	method  wl.Method
	graphOf []int32
	class   []int32 // of each graph
	colour  []int32 // of each node
}

func likeness(w *written, m wl.Method, o wl.Options) (a alikeness, err error) {
	a = alikeness{method: m, graphOf: w.graphOf}
	a.class, a.colour, err = wl.BatchColours(context.Background(), w.build(), m, o)
	return a, err
}

// sameRows compares the rows of nodes that have one colour in graphs of one class.
func sameRows[T tensor.Float](a alikeness, what string, m tensor.Dense[T]) error {
	if m.Cols == 0 {
		return nil
	}
	like := make(map[[2]int32]int) // class of the graph and colour: the first such node
	for v, b := range a.graphOf {
		key := [2]int32{a.class[b], a.colour[v]}
		u, ok := like[key]
		if !ok {
			like[key] = v
			continue
		}
		if err := compare(fmt.Sprintf("%s of nodes %d and %d, which %v cannot tell apart", what, u, v, a.method),
			m.TakeRows([]int32{int32(v)}), m.TakeRows([]int32{int32(u)})); err != nil {
			return err
		}
	}
	return nil
}

// labels numbers rows by their bits: equal rows have equal labels.
func labels[T tensor.Float](ms ...tensor.Dense[T]) []uint64 {
	var out []uint64
	for _, m := range ms {
		if m.Rows > len(out) {
			out = append(out, make([]uint64, m.Rows-len(out))...)
		}
		for i := range m.Rows {
			for _, v := range m.Row(i) {
				bits := math.Float64bits(float64(v)) // exact, and -0 is another row than +0
				out[i] = mix(out[i] ^ bits)
			}
		}
	}
	return out
}
