package proptest

import (
	"math/rand/v2"

	"symbridge/symmetry"
	"symbridge/tensor"
)

// The fields of gnn.Features, in the order in which this package keeps them.
const (
	node = iota
	edge
	weight
	pooled // Features.Graph
	pos
	fields
)

var fieldNames = [fields]string{"Node", "Edge", "Weight", "Graph", "Pos"}

// A kind says what the rows of a field belong to.
type kind int

const (
	nodes kind = iota
	edges
	graphs
)

var kindOf = [fields]kind{nodes, edges, edges, graphs, nodes}

// instance is one case of a law: a graph with features, and the seed of all that is random in the check of the law.
type instance[T tensor.Float] struct {
	w    *written
	x    [fields]tensor.Dense[T] // without columns where absent
	seed uint64
	// tries is how many relabellings a check goes through: more than one where a case is cut down, so that a smaller one is
	// not passed over by chance.
	tries int
}

// widths returns the number of columns of each field.
func (c Config) widths() [fields]int {
	w := [fields]int{node: c.in(), edge: c.EdgeDim, pooled: c.GraphDim}
	if c.Weights {
		w[weight] = 1
	}
	if c.Pos {
		w[pos] = 3
	}
	return w
}

// rng returns the generator of the choices of a check; the same for the same instance and purpose.
func (c *instance[T]) rng(purpose uint64) *rand.Rand { return rand.New(rand.NewPCG(c.seed, purpose)) }

// attach draws features from a palette, with weights that are positive.
func attach[T tensor.Float](cfg Config, s source, w *written, p Palette) *instance[T] {
	c := &instance[T]{w: w}
	for f, cols := range cfg.widths() {
		rows := w.count(kindOf[f])
		if f == weight {
			c.x[f] = drawWeights[T](s, rows, cols, p)
			continue
		}
		c.x[f] = drawMatrix[T](s, rows, cols, p)
		if f == node && cfg.Sparse {
			for i := range c.x[f].Data {
				if s.intn(3) > 0 {
					c.x[f].Data[i] = 0
				}
			}
		}
	}
	return c
}

// drawWeights draws from the palette, but for Tame and Ties positive numbers: weights of which degrees have a root.
func drawWeights[T tensor.Float](s source, rows, cols int, p Palette) tensor.Dense[T] {
	m := tensor.NewDense[T](rows, cols)
	for i := range m.Data {
		switch p {
		case Tame:
			m.Data[i] = T(0.5 + float64(s.intn(1<<20))/(1<<20))
		case Ties:
			m.Data[i] = T(1 + s.intn(2))
		default:
			m.Data[i] = drawFloat[T](s, p)
			if s.intn(4) > 0 && m.Data[i] < 0 {
				m.Data[i] = -m.Data[i]
			}
		}
	}
	return m
}

// count returns how many rows a kind has.
func (w *written) count(k kind) int {
	switch k {
	case nodes:
		return w.n
	case edges:
		return len(w.edges)
	}
	return w.graphs
}

// ids returns the identities of a kind's rows.
func (w *written) ids(k kind) []uint64 {
	switch k {
	case nodes:
		return w.nodeID
	case edges:
		return w.edgeID
	}
	return w.graphID
}

// relabel moves all rows along.
func (c *instance[T]) relabel(p, q symmetry.Perm) *instance[T] {
	out := &instance[T]{w: c.w.relabel(p, q), seed: c.seed}
	for f, m := range c.x {
		switch {
		case m.Cols == 0 || kindOf[f] == graphs:
			out.x[f] = m
		case kindOf[f] == nodes:
			out.x[f] = m.PermuteRows(p)
		default:
			out.x[f] = m.PermuteRows(q)
		}
	}
	return out
}

// take returns the part with the listed rows.
func (c *instance[T]) take(rows [3][]int32) *instance[T] {
	out := &instance[T]{w: c.w.take(rows[nodes], rows[edges], rows[graphs]), seed: c.seed}
	for f, m := range c.x {
		out.x[f] = m.TakeRows(rows[kindOf[f]])
	}
	return out
}

// parts returns the graphs of the batch one by one, and the rows of each.
func (c *instance[T]) parts() (parts []*instance[T], rows [][3][]int32) {
	ns, es := c.w.rows()
	for b := range ns {
		r := [3][]int32{nodes: ns[b], edges: es[b], graphs: {int32(b)}}
		parts, rows = append(parts, c.take(r)), append(rows, r)
	}
	return parts, rows
}

// clone returns a copy that shares no features.
func (c *instance[T]) clone() *instance[T] {
	out := *c
	for f, m := range c.x {
		out.x[f] = m.Clone()
	}
	return &out
}
