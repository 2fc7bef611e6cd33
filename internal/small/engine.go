package small

import (
	"fmt"
	"math/big"
	"math/bits"
)

// Quick is a number of vertices up to which no graph is known that takes longer than a few tens of microseconds. Beyond it,
// unions of graphs with little symmetry of their own are better taken apart first.
const Quick = 32

// Engine finds canonical forms, one after the other. Slices that its methods return are valid until the next Canonise.
// The zero value is ready.
type Engine struct {
	// WithoutGenerators leaves generators out where orbits and order are known without them.
	WithoutGenerators bool

	n       int
	rows    [64]uint64
	order   [64]uint8
	form    [64]uint64
	orbits  orbits
	rep     [64]uint8
	factors []uint8 // whose product is the order of the group
	gens    []automorphism
	search
}

// automorphism takes v to image[v]. The set fixed is of vertices that it does not move.
type automorphism struct {
	image [64]uint8
	fixed uint64
}

// Canonise finds the canonical form of the graph of n vertices with the given rows: bit u of rows[v] is set if there is an
// edge between u and v. Rows are symmetric and without loops. Colours are numbers below 64; nil is one colour. It
// panics where there are more than 64 vertices, or a colour is another number.
func (e *Engine) Canonise(n int, rows []uint64, colour []int32) {
	if n > 64 {
		panic(fmt.Errorf("small: %d vertices, at most 64 fit", n))
	}
	e.n = n
	copy(e.rows[:n], rows)
	e.factors, e.gens = e.factors[:0], e.gens[:0]
	e.orbits.reset(n)
	e.nodes = 0
	if n == 0 {
		return
	}
	p := &e.level[0]
	e.begin(p, colour)
	e.refine(p)
	if p.multi == 0 {
		e.take(p)
		return
	}
	twins := e.twins(p)
	e.refine(p)
	switch {
	case p.multi == 0:
		e.take(p)
	case e.WithoutGenerators && p.alike(n):
		e.dive(p)
	default:
		e.run()
	}
	if twins {
		e.exchange()
	}
}

// begin makes the partition by colours.
func (e *Engine) begin(p *partition, colour []int32) {
	p.starts, p.multi = 0, 0
	if colour == nil {
		p.put(0, ^uint64(0)>>(64-e.n))
		p.active = 1
		return
	}
	var of [64]uint64
	var used uint64
	for v, c := range colour[:e.n] {
		if c < 0 || c > 63 {
			panic(fmt.Errorf("small: colour %d of vertex %d is not below 64", c, v))
		}
		of[c] |= 1 << (v & 63)
		used |= 1 << c
	}
	for place := 0; used != 0; used &= used - 1 {
		set := of[bits.TrailingZeros64(used)&63]
		p.put(place, set)
		place += bits.OnesCount64(set)
	}
	p.active = p.starts
}

// take makes a discrete partition the form.
func (e *Engine) take(p *partition) {
	for k := range e.n {
		e.order[k&63] = uint8(bits.TrailingZeros64(p.cell[k&63]))
	}
}

// dive goes to any leaf below a partition whose cells are orbits.
func (e *Engine) dive(p *partition) {
	for m := p.multi; m != 0; m &= m - 1 {
		e.orbits.join(p.cell[bits.TrailingZeros64(m)&63])
	}
	for p.multi != 0 {
		c := p.target()
		e.factors = append(e.factors, uint8(bits.OnesCount64(p.cell[c&63])))
		p.individualise(c, bits.TrailingZeros64(p.cell[c&63]))
		e.refine(p)
	}
	e.take(p)
}

// Order returns the vertices by canonical place, ascending by colour.
func (e *Engine) Order() []uint8 { return e.order[:e.n] }

// Form returns the rows of the graph in canonical order. They are equal exactly for isomorphic graphs, if their numbers of vertices
// of each colour are equal too.
func (e *Engine) Form() []uint64 {
	for k := range e.n {
		row := e.rows[e.order[k&63]&63]
		var r uint64
		for j := e.n - 1; j >= 0; j-- {
			r = r<<1 | row>>(e.order[j&63]&63)&1
		}
		e.form[k&63] = r
	}
	return e.form[:e.n]
}

// Nodes returns the number of nodes of the search tree that were visited, without the root.
func (e *Engine) Nodes() int { return e.nodes }

// Generators returns the number of generators of the automorphism group.
func (e *Engine) Generators() int { return len(e.gens) }

// Generator returns generator i as the image of each vertex.
func (e *Engine) Generator(i int) []uint8 { return e.gens[i].image[:e.n] }

// Orbits returns for each vertex the least one in its orbit.
func (e *Engine) Orbits() []uint8 {
	for v := range e.n {
		e.rep[v&63] = uint8(bits.TrailingZeros64(e.orbits.of(v)))
	}
	return e.rep[:e.n]
}

// Orbit returns the set of vertices in the orbit of v.
func (e *Engine) Orbit(v int) uint64 { return e.orbits.of(v) }

// Size returns the order of the automorphism group, and false where it has more than 64 bits.
func (e *Engine) Size() (uint64, bool) {
	size := uint64(1)
	for _, f := range e.factors {
		hi, lo := bits.Mul64(size, uint64(f))
		if hi != 0 {
			return 0, false
		}
		size = lo
	}
	return size, true
}

// BigSize returns the order of the automorphism group.
func (e *Engine) BigSize() *big.Int {
	size, factor := big.NewInt(1), new(big.Int)
	for _, f := range e.factors {
		size.Mul(size, factor.SetUint64(uint64(f)))
	}
	return size
}

// orbits are disjoint sets of vertices.
type orbits struct {
	name [64]uint8 // the set of each vertex
	set  [64]uint64
}

func (o *orbits) reset(n int) {
	for v := range n {
		o.name[v&63], o.set[v&63] = uint8(v), 1<<(v&63)
	}
}

func (o *orbits) of(v int) uint64 { return o.set[o.name[v&63]&63] }

// join makes one set of all that meet the given one.
func (o *orbits) join(set uint64) {
	to := o.name[bits.TrailingZeros64(set)&63] & 63
	for m := set &^ o.set[to]; m != 0; m &^= o.set[to] {
		from := o.set[o.name[bits.TrailingZeros64(m)&63]&63]
		o.set[to] |= from
		for ; from != 0; from &= from - 1 {
			o.name[bits.TrailingZeros64(from)&63] = to
		}
	}
}

// apply joins what an automorphism takes to each other, and reports whether anything was apart.
func (o *orbits) apply(a *automorphism, n int) (joined bool) {
	for moved := ^a.fixed & (^uint64(0) >> (64 - n)); moved != 0; moved &= moved - 1 {
		v := bits.TrailingZeros64(moved) & 63
		if w := a.image[v] & 63; o.name[v] != o.name[w] {
			o.join(1<<v | 1<<w)
			joined = true
		}
	}
	return joined
}
