package proptest

import (
	"fmt"
	"math"
	"slices"

	"symbridge/gnn"
	"symbridge/symmetry"
	"symbridge/tensor"
)

var (
	evaluation = mode{}
	training   = mode{train: true}
	modes      = []mode{evaluation, training}
)

// finite lists the palettes of the features of one case, the tame one most often.
var finite = []Palette{Tame, Tame, Tame, Ties, Ties, Wide, Cancellation, Subnormal, Huge, Mixed}

// drawCase draws a graph of any shape with features of any finite palette.
func drawCase[T tensor.Float](s *subject[T], src source) *instance[T] {
	return attach[T](s.cfg, src, drawGraph(src, s.cfg.graphs()), finite[src.intn(len(finite))])
}

// drawTameCase draws features away from each other and from the kinks at zero.
func drawTameCase[T tensor.Float](s *subject[T], src source) *instance[T] {
	o := s.cfg.graphs()
	o.MaxNodes = min(o.maxNodes(), 8)
	return attach[T](s.cfg, src, drawGraph(src, o), Tame)
}

// drawBatchCase draws a batch, in half of the cases with one graph full of infinities and NaN.
func drawBatchCase[T tensor.Float](s *subject[T], src source) *instance[T] {
	c := attach[T](s.cfg, src, drawBatch(src, s.cfg.graphs()), finite[src.intn(len(finite))])
	if src.intn(2) == 0 {
		_, rows := c.parts()
		c.overwrite(src, rows[src.intn(len(rows))], NonFinite)
	}
	return c
}

// drawLocalCase draws graphs that are wider than the layer looks.
func drawLocalCase[T tensor.Float](s *subject[T], src source) *instance[T] {
	o := s.cfg.graphs()
	if s.cfg.MaxNodes <= 0 {
		o.MaxNodes = 12 + 4*max(0, s.cfg.hops())
	}
	return attach[T](s.cfg, src, drawGraph(src, o), finite[src.intn(len(finite))])
}

// overwrite draws the listed rows anew.
func (c *instance[T]) overwrite(s source, rows [3][]int32, p Palette) {
	for f, m := range c.x {
		if m.Cols == 0 {
			continue
		}
		for _, r := range rows[kindOf[f]] {
			fresh := drawMatrix[T](s, 1, m.Cols, p)
			if f == weight {
				fresh = drawWeights[T](s, 1, m.Cols, p)
			}
			copy(m.Row(int(r)), fresh.Data)
		}
	}
}

// relabelled runs the layer before and after each of the instance's relabellings, and hands both outcomes to same, with rows in
// the order that they had before.
func relabelled[T tensor.Float](s *subject[T], l gnn.Layer[T], c *instance[T], modes []mode, edgesOnly bool,
	same func(got, want *outcome[T]) error) error {
	for _, m := range modes {
		want, err := s.run(l, c, m)
		if err != nil {
			return err
		}
		for try := range max(1, c.tries) {
			src := seeded{c.rng(uint64(try))}
			p, q := symmetry.Identity(c.w.n), drawPerm(src, len(c.w.edges))
			if !edgesOnly {
				p = drawPerm(src, c.w.n)
			}
			got, err := s.run(l, c.relabel(p, q), m)
			if err == nil {
				err = same(got.back(p, q), want)
			}
			if err != nil {
				return fmt.Errorf("%v, nodes called %v, edges put at %v: %w", m, []int32(p), []int32(q), err)
			}
		}
	}
	return nil
}

func equivariant[T tensor.Float](s *subject[T], l gnn.Layer[T], c *instance[T]) error {
	return relabelled(s, l, c, modes, false, func(got, want *outcome[T]) error { return got.sameOutputs(want, l) })
}

func edgeOrder[T tensor.Float](s *subject[T], l gnn.Layer[T], c *instance[T]) error {
	return relabelled(s, l, c, modes, true, func(got, want *outcome[T]) error { return got.sameOutputs(want, l) })
}

func gradientEquivariant[T tensor.Float](s *subject[T], l gnn.Layer[T], c *instance[T]) error {
	wild := []mode{{grad: true, wild: true}, {train: true, grad: true, wild: true}}
	return relabelled(s, l, c, wild, false, func(got, want *outcome[T]) error { return got.sameGradients(want, l) })
}

// independent lists the modes in which the graphs of a batch are strangers to each other.
func (c Config) independent() []mode {
	if c.BatchStatistics {
		return []mode{{grad: true}}
	}
	return []mode{{grad: true}, {train: true, grad: true}}
}

func batch[T tensor.Float](s *subject[T], l gnn.Layer[T], c *instance[T]) error {
	parts, rows := c.parts()
	for _, m := range s.cfg.independent() {
		whole, err := s.run(l, c, m)
		if err != nil {
			return err
		}
		for b, part := range parts {
			alone, err := s.run(l, part, m)
			if err == nil {
				alone.params, alone.buffers = nil, nil // sums over the batch
				got := whole.take(rows[b])
				if err = got.sameOutputs(alone, l); err == nil {
					err = got.sameGradients(alone, l)
				}
			}
			if err != nil {
				return fmt.Errorf("%v, graph %d alone and in the batch: %w", m, b, err)
			}
		}
	}
	return nil
}

// change is what the Local law does to an instance.
type change[T tensor.Float] struct {
	what    string
	changed *instance[T]
	edges   []int32 // the edges that are left, by their rows before
	from    []int32 // the nodes at which the change is
	whole   int     // the graph that the change may reach
}

func local[T tensor.Float](s *subject[T], l gnn.Layer[T], c *instance[T]) error {
	for try := range max(1, c.tries) {
		ch := c.change(seeded{c.rng(uint64(try))})
		if ch == nil {
			return nil
		}
		far := c.beyond(ch, s.cfg.hops())
		for _, m := range s.cfg.independent() {
			m.grad = false
			before, err := s.run(l, c, m)
			if err != nil {
				return err
			}
			after, err := s.run(l, ch.changed, m)
			if err != nil {
				return err
			}
			if err := after.take(ch.rows(far)).sameOutputs(before.take(far), l); err != nil {
				return fmt.Errorf("%v, after %s, rows %v of nodes, %v of edges and %v of graphs, beyond its reach: %w",
					m, ch.what, far[nodes], far[edges], far[graphs], err)
			}
		}
	}
	return nil
}

// change draws a change of one node's or edge's features, or takes an edge away; nil where there is nothing to change.
func (c *instance[T]) change(src source) *change[T] {
	if c.w.n == 0 {
		return nil
	}
	all := symmetry.Identity(len(c.w.edges))
	palette := []Palette{Tame, Wide, NonFinite}[src.intn(3)]
	if len(c.w.edges) == 0 || src.intn(2) == 0 {
		v := int32(src.intn(c.w.n))
		ch := &change[T]{fmt.Sprintf("a change of node %d", v), c.clone(), all, []int32{v}, int(c.w.graphOf[v])}
		ch.changed.overwrite(src, [3][]int32{nodes: {v}}, palette)
		return ch
	}
	k := int32(src.intn(len(c.w.edges)))
	e := c.w.edges[k]
	ch := &change[T]{fmt.Sprintf("a change of edge %d", k), c.clone(), all, e[:], int(c.w.graphOf[e[0]])}
	if c.x[edge].Cols+c.x[weight].Cols > 0 && src.intn(2) == 0 {
		ch.changed.overwrite(src, [3][]int32{edges: {k}}, palette)
		return ch
	}
	ch.what = fmt.Sprintf("the loss of edge %d", k)
	ch.edges = slices.Delete(all, int(k), int(k)+1)
	ch.changed = c.take([3][]int32{symmetry.Identity(c.w.n), ch.edges, symmetry.Identity(c.w.graphs)})
	return ch
}

// rows returns where rows of the instance are after the change.
func (ch *change[T]) rows(rows [3][]int32) [3][]int32 {
	place := make(map[int32]int32, len(ch.edges))
	for i, k := range ch.edges {
		place[k] = int32(i)
	}
	out := rows
	out[edges] = nil
	for _, k := range rows[edges] {
		out[edges] = append(out[edges], place[k])
	}
	return out
}

// beyond returns the rows that a change cannot reach in a number of hops, in either direction; negative: other graphs only.
func (c *instance[T]) beyond(ch *change[T], hops int) [3][]int32 {
	distance := make([]int, c.w.n)
	for v := range distance {
		distance[v] = math.MaxInt
	}
	for _, v := range ch.from {
		distance[v] = 0
	}
	for d := 0; d < hops; d++ {
		for _, e := range c.w.edges {
			for _, e := range [][2]int32{e, {e[1], e[0]}} {
				if distance[e[0]] == d && distance[e[1]] > d+1 {
					distance[e[1]] = d + 1
				}
			}
		}
	}
	reached := func(v int32) bool {
		return int(c.w.graphOf[v]) == ch.whole && (hops < 0 || distance[v] != math.MaxInt)
	}
	var far [3][]int32
	for v := range int32(c.w.n) {
		if !reached(v) {
			far[nodes] = append(far[nodes], v)
		}
	}
	for _, k := range ch.edges {
		if e := c.w.edges[k]; !reached(e[0]) && !reached(e[1]) {
			far[edges] = append(far[edges], k)
		}
	}
	for b := range int32(c.w.graphs) {
		if int(b) != ch.whole {
			far[graphs] = append(far[graphs], b)
		}
	}
	return far
}
