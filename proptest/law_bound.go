package proptest

import (
	"fmt"
	"math"

	"symbridge/gnn"
	"symbridge/tensor"
	"symbridge/wl"
)

// drawBoundCase draws a batch in which 1-WL sees alike what is not the same: a pair that it cannot part, or a graph twice, with
// features of at most two kinds.
func drawBoundCase[T tensor.Float](s *subject[T], src source) *instance[T] {
	w := &written{undirected: true}
	if src.intn(3) > 0 && s.cfg.MaxNodes <= 0 {
		a, b := drawPair(src)
		w.append(a)
		w.append(b)
	} else {
		o := s.cfg.graphs()
		o.Single = true
		g := drawSingle(src, o)
		w.append(g)
		w.append(g)
	}
	w.number(uint64(1 + src.intn(1<<16)))
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
	g := c.w.build()
	perNode := labels(c.x[node], c.x[pos])
	perGraph := labels(c.x[pooled])
	for v, b := range c.w.graphOf {
		perNode[v] = mix(perNode[v] ^ mix(perGraph[b]))
	}
	r := wl.Refine(g, wl.Options{NodeLabels: perNode, EdgeLabels: labels(c.x[edge], c.x[weight])})
	class, _ := r.GraphClasses()
	colours := r.Colours()

	nodeLike := make(map[[2]int32]int) // class of the graph and colour: the first such node
	for v, b := range c.w.graphOf {
		key := [2]int32{class[b], colours[v]}
		u, ok := nodeLike[key]
		if !ok {
			nodeLike[key] = v
			continue
		}
		for _, f := range []int{node, pos} {
			if m := o.out[f]; m.Cols > 0 {
				if err := compare(fmt.Sprintf("output %s of nodes %d and %d, which 1-WL cannot tell apart", fieldNames[f], u, v),
					m.TakeRows([]int32{int32(v)}), m.TakeRows([]int32{int32(u)})); err != nil {
					return err
				}
			}
		}
	}
	graphLike := make(map[int32]int)
	for b, k := range class {
		a, ok := graphLike[k]
		if !ok {
			graphLike[k] = b
			continue
		}
		if m := o.out[pooled]; m.Cols > 0 {
			if err := compare(fmt.Sprintf("output Graph of graphs %d and %d, which 1-WL cannot tell apart", a, b),
				m.TakeRows([]int32{int32(b)}), m.TakeRows([]int32{int32(a)})); err != nil {
				return err
			}
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
