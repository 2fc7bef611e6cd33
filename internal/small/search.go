package small

import "math/bits"

// search is the state of a search. A node is a sequence of vertices that are individualised; its code is an invariant. The
// form is at the leaf with the largest sequence of codes and then the largest graph.
type search struct {
	level   [65]partition // of the nodes on the way to the current one
	path    [64]uint8
	classes []twinClass

	first, best leaf
	now         leaf
	spare       []automorphism // that join no orbits, to skip children
	finds       int            // automorphisms found so far
	depth       int            // of the last common node of the current path and the first
	nodes       int            // visited, without the root
}

type leaf struct {
	order [64]uint8
	graph [64]uint64 // row k up to column k
	path  [64]uint8
	code  [65]uint64
}

const maxSpare = 32

// run searches below the root.
func (e *Engine) run() {
	e.spare, e.finds = e.spare[:0], 0
	e.along(0)
	e.order = e.best.order
}

// along visits a node on the first path.
func (e *Engine) along(k int) {
	p := &e.level[k]
	c := p.target()
	set := p.cell[c&63]
	v := bits.TrailingZeros64(set)
	code := e.child(k, c, v)
	e.first.code[k+1], e.best.code[k+1] = code, code
	if code&1 != 0 {
		e.read(&e.level[k+1], &e.first)
		e.first.write(e)
		copy(e.first.path[:], e.path[:k+1])
		e.best = e.first
	} else {
		e.along(k + 1)
	}
	e.depth = k
	tried := uint64(1) << v
	for rest := set & (set - 1); rest != 0; rest &= rest - 1 {
		u := bits.TrailingZeros64(rest)
		if e.orbits.of(u)&tried == 0 {
			tried |= 1 << u
			e.visit(k, c, u, true, 0)
		}
	}
	if size := bits.OnesCount64(e.orbits.of(v)); size > 1 {
		e.factors = append(e.factors, uint8(size))
	}
}

// child makes the node below the one at level k and returns its code, which is odd for leaves.
func (e *Engine) child(k, c, v int) uint64 {
	e.nodes++
	p := &e.level[k+1]
	p.load(&e.level[k], e.n)
	p.individualise(c, v)
	e.path[k] = uint8(v)
	h := mix(e.refine(p)^p.starts, 0)
	if p.multi == 0 {
		return h | 1
	}
	return h &^ 1
}

// visit visits the child v of the node at level k, which is not on the first path, and returns the level at which the search
// goes on. The arguments say whether the codes so far are those of the first path, and how they compare with the best.
func (e *Engine) visit(k, c, v int, asFirst bool, sign int) int {
	code := e.child(k, c, v)
	at := k + 1
	asFirst = asFirst && code == e.first.code[at]
	if sign == 0 && code != e.best.code[at] {
		sign = 1
		if code < e.best.code[at] {
			sign = -1
		}
	}
	if sign < 0 && !asFirst {
		return k
	}
	if sign > 0 { // the next leaf is the best
		e.best.code[at] = code
	}
	if code&1 != 0 {
		return e.leaf(at, asFirst, sign)
	}
	p := &e.level[at]
	c = p.target()
	set := p.cell[c&63]
	alike := p.alike(e.n)
	var tried uint64
	var local orbits
	known := -1
	for ; set != 0; set &= set - 1 {
		u := bits.TrailingZeros64(set)
		if tried != 0 {
			if known != e.finds {
				known = e.finds
				e.around(at, &local)
			}
			if local.of(u)&tried != 0 {
				continue
			}
		}
		tried |= 1 << u
		if back := e.visit(at, c, u, asFirst, sign); back < at {
			return back
		}
		if alike {
			break
		}
		sign = min(sign, 0)
	}
	return k
}

// around makes orbits under known automorphisms that fix the path to the node at level k.
func (e *Engine) around(k int, o *orbits) {
	o.reset(e.n)
	var path uint64
	for _, v := range e.path[:k] {
		path |= 1 << v
	}
	for _, list := range [2][]automorphism{e.gens, e.spare} {
		for i := range list {
			if path&^list[i].fixed == 0 {
				o.apply(&list[i], e.n)
			}
		}
	}
}

// leaf compares the leaf at level k with the first and with the best.
func (e *Engine) leaf(k int, asFirst bool, sign int) int {
	e.read(&e.level[k], &e.now)
	if asFirst && e.now.compare(e, &e.first) == 0 {
		e.found(&e.first)
		return e.depth
	}
	if sign == 0 {
		sign = e.now.compare(e, &e.best)
		if sign == 0 {
			e.found(&e.best)
			common := 0
			for e.path[common] == e.best.path[common] {
				common++
			}
			return common
		}
	}
	if sign > 0 {
		e.best.order = e.now.order
		e.best.write(e)
		copy(e.best.path[:], e.path[:k])
	}
	return k - 1
}

func (e *Engine) read(p *partition, l *leaf) {
	for k := range e.n {
		l.order[k&63] = uint8(bits.TrailingZeros64(p.cell[k&63]))
	}
}

// row returns row k of the graph in the order of the leaf, up to column k.
func (l *leaf) row(e *Engine, k int) uint64 {
	row := e.rows[l.order[k&63]&63]
	var r uint64
	for j := k - 1; j >= 0; j-- {
		r = r<<1 | row>>(l.order[j&63]&63)&1
	}
	return r
}

func (l *leaf) write(e *Engine) {
	for k := range e.n {
		l.graph[k&63] = l.row(e, k)
	}
}

func (l *leaf) compare(e *Engine, to *leaf) int {
	for k := range e.n {
		if r := l.row(e, k); r != to.graph[k&63] {
			if r < to.graph[k&63] {
				return -1
			}
			return 1
		}
	}
	return 0
}

// found adds the automorphism from another leaf to the current one.
func (e *Engine) found(from *leaf) {
	e.finds++
	e.gens = append(e.gens, automorphism{})
	a := &e.gens[len(e.gens)-1]
	for k := range e.n {
		v, w := from.order[k&63]&63, e.now.order[k&63]
		a.image[v] = w
		if v == w {
			a.fixed |= 1 << v
		}
	}
	if e.orbits.apply(a, e.n) {
		return
	}
	if len(e.spare) < maxSpare {
		e.spare = append(e.spare, *a)
	} else {
		e.spare[e.finds%maxSpare] = *a
	}
	e.gens = e.gens[:len(e.gens)-1]
}

// target selects the cell to individualise in: the first of the largest.
func (p *partition) target() (cell int) {
	most := 0
	for m := p.multi; m != 0; m &= m - 1 {
		c := bits.TrailingZeros64(m) & 63
		if size := bits.OnesCount64(p.cell[c]); size > most {
			most, cell = size, c
		}
	}
	return cell
}
