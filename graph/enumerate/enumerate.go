package enumerate

import (
	"fmt"
	"iter"
	"math/bits"

	"symbridge/graph"
	"symbridge/internal/schreier"
	"symbridge/internal/small"
)

// MaxNodes bounds the nodes of a graph; the number of graphs is the bound that is felt.
const MaxNodes = 16

// Graphs yields the undirected graphs with n nodes, without loops and parallel edges, one of each isomorphism class, in an
// order that is always the same. It panics where n is negative or more than [MaxNodes].
func Graphs(n int) iter.Seq[*graph.Graph] { return graphs(n, false) }

// Connected yields the connected graphs among [Graphs]. The graph without nodes is not one of them.
func Connected(n int) iter.Seq[*graph.Graph] { return graphs(n, true) }

func graphs(n int, connected bool) iter.Seq[*graph.Graph] {
	rows := Rows(n, connected)
	return func(yield func(*graph.Graph) bool) {
		var edges [][2]int32
		for r := range rows {
			edges = edges[:0]
			for v, row := range r {
				for row &= 1<<v - 1; row != 0; row &= row - 1 {
					edges = append(edges, [2]int32{int32(bits.TrailingZeros64(row)), int32(v)})
				}
			}
			if !yield(graph.Must(graph.NewUndirected(n, edges))) {
				return
			}
		}
	}
}

// Rows yields what [Graphs] or [Connected] does as adjacency matrices: bit u of row v is set if there is an edge between u and v.
// The rows are valid until the next graph and may not be written to. It is several times as fast.
func Rows(n int, connected bool) iter.Seq[[]uint64] {
	if n < 0 || n > MaxNodes {
		panic(fmt.Errorf("enumerate: graphs with %d nodes, not between 0 and %d", n, MaxNodes))
	}
	return func(yield func([]uint64) bool) {
		if n == 0 {
			if !connected {
				yield(nil)
			}
			return
		}
		g := &growth{n: n, yield: yield, connected: connected, level: make([]level, n+1)}
		g.level[1].engine.Canonise(1, g.level[1].rows[:1], nil)
		g.grow(1)
	}
}

// growth is the state of an enumeration.
type growth struct {
	n         int
	connected bool
	yield     func([]uint64) bool
	level     []level // by number of nodes
	image     []uint32
}

type level struct {
	rows   [MaxNodes]uint64
	engine small.Engine
	root   schreier.Forest // for each set of nodes, a set in its orbit that is not larger as a number; itself for the least
}

// grow visits all graphs that come of the one at level k, and reports whether more are wanted.
func (g *growth) grow(k int) bool {
	at := &g.level[k]
	if k == g.n {
		return g.connected && !connected(at.rows[:k]) || g.yield(at.rows[:k])
	}
	most, full := 0, uint32(0) // the largest degree, and the nodes that have it
	for v, row := range at.rows[:k] {
		d := bits.OnesCount64(row)
		if d > most {
			most, full = d, 0
		}
		if d == most {
			full |= 1 << v
		}
	}
	symmetric := at.engine.Generators() > 0
	if symmetric {
		g.orbits(k)
	}
	for set := uint32(1)<<most - 1; set < 1<<k; set++ {
		if symmetric && at.root[set] != int32(set) {
			continue
		}
		d := bits.OnesCount32(set)
		if d < most || d == most && set&full != 0 {
			continue
		}
		if g.join(k, set) && !g.grow(k+1) {
			return false
		}
	}
	return true
}

// join makes the graph with a new node joined to a set, whose degree is the largest, and reports whether it is taken: if the
// new node can be the last one. The last one has the largest degree, among those the largest weight, and among those the
// last canonical place.
func (g *growth) join(k int, set uint32) bool {
	next := &g.level[k+1]
	rows := next.rows[:k+1]
	copy(rows, g.level[k].rows[:k])
	rows[k] = uint64(set)
	for m := set; m != 0; m &= m - 1 {
		rows[bits.TrailingZeros32(m)] |= 1 << k
	}
	next.engine.WithoutGenerators = k+1 == g.n
	canonised := false
	d := bits.OnesCount32(set)
	mine, rivals := -1, uint64(0)
	for v, row := range rows[:k] {
		if bits.OnesCount64(row) == d {
			if mine < 0 {
				mine = weight(rows, k)
			}
			switch w := weight(rows, v); {
			case w > mine:
				return false
			case w == mine:
				rivals |= 1 << v
			}
		}
	}
	if rivals != 0 {
		next.engine.Canonise(k+1, rows, nil)
		canonised = true
		orbit := next.engine.Orbit(k)
		if rivals&^orbit != 0 {
			rivals |= orbit
			order := next.engine.Order()
			last := k
			for rivals>>order[last]&1 == 0 {
				last--
			}
			if orbit>>order[last]&1 == 0 {
				return false
			}
		}
	}
	if !canonised && k+1 < g.n {
		next.engine.Canonise(k+1, rows, nil)
	}
	return true
}

// weight is an invariant of a node: the degrees of its neighbours and the triangles that it is in.
func weight(rows []uint64, v int) (w int) {
	mine := rows[v]
	for m := mine; m != 0; m &= m - 1 {
		row := rows[bits.TrailingZeros64(m)]
		d := bits.OnesCount64(row)
		w += d*d<<10 + bits.OnesCount64(row&mine)
	}
	return w
}

// orbits finds the orbits of the sets of nodes of the graph at level k.
func (g *growth) orbits(k int) {
	at := &g.level[k]
	if at.root == nil {
		at.root = make(schreier.Forest, 1<<k)
	}
	if len(g.image) < 1<<k {
		g.image = make([]uint32, 1<<g.n)
	}
	at.root.Reset()
	for i := range at.engine.Generators() {
		image := at.engine.Generator(i)
		for s := uint32(1); s < 1<<k; s++ {
			t := g.image[s&(s-1)] | 1<<image[bits.TrailingZeros32(s)]
			g.image[s] = t
			at.root.Union(int32(s), int32(t))
		}
	}
}

func connected(rows []uint64) bool {
	reached := uint64(1)
	for todo := reached; todo != 0; {
		v := bits.TrailingZeros64(todo)
		fresh := rows[v] &^ reached
		reached |= fresh
		todo = todo&(todo-1) | fresh
	}
	return bits.OnesCount64(reached) == len(rows)
}
