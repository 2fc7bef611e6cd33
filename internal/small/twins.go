package small

import "math/bits"

// twinClass is a set of vertices of one cell with the same other neighbours.
type twinClass struct {
	set uint64
	key int // twice their number, and 1 more if there are edges between them
}

// twins numbers the vertices of each class of twins and splits the cells by key and number. Any way to number them is as
// good as any other, as all exchanges of twins are automorphisms. The others are those that keep the numbers.
// It reports whether there are twins.
func (e *Engine) twins(p *partition) bool {
	e.classes = e.classes[:0]
	before := 0
	for m := p.multi; m != 0; m &= m - 1 {
		c := bits.TrailingZeros64(m) & 63
		cell := p.cell[c]
		single, last := uint64(0), 0
		for rest := cell; rest != 0; {
			v := bits.TrailingZeros64(rest) & 63
			row := e.rows[v]
			rest &= rest - 1
			class := uint64(1) << v
			for r := rest; r != 0; r &= r - 1 {
				u := bits.TrailingZeros64(r) & 63
				if (row^e.rows[u])&^(1<<u|1<<v) == 0 {
					class |= 1 << u
				}
			}
			if class&(class-1) == 0 {
				single |= class
				continue
			}
			rest &^= class
			key := 2 * bits.OnesCount64(class)
			if row&class != 0 {
				key++
			}
			last = max(last, key)
			e.classes = append(e.classes, twinClass{class, key})
		}
		if len(e.classes) == before {
			continue
		}
		found := e.classes[before:]
		before = len(e.classes)
		if len(found) == 1 && found[0].set == cell { // no other cell can see this split
			for ; cell != 0; cell &= cell - 1 {
				p.put(c, cell&-cell)
				c++
			}
			continue
		}
		if single != 0 {
			p.active |= 1 << c
			p.put(c, single)
			c += bits.OnesCount64(single)
		}
		for key := 4; key <= last; key++ {
			for number := range key >> 1 {
				var set uint64
				for _, t := range found {
					if t.key != key {
						continue
					}
					for range number {
						t.set &= t.set - 1
					}
					set |= t.set & -t.set
				}
				if set == 0 {
					break
				}
				p.active |= 1 << (c & 63)
				p.put(c, set)
				c += bits.OnesCount64(set)
			}
		}
	}
	return len(e.classes) > 0
}

// exchange adds the exchanges of twins to the group.
func (e *Engine) exchange() {
	for _, t := range e.classes {
		e.orbits.join(t.set)
		v := bits.TrailingZeros64(t.set)
		for size, rest := uint8(2), t.set&(t.set-1); rest != 0; size, rest = size+1, rest&(rest-1) {
			e.factors = append(e.factors, size)
			u := bits.TrailingZeros64(rest)
			if !e.WithoutGenerators {
				e.gens = append(e.gens, automorphism{fixed: ^(1<<u | 1<<v)})
				image := &e.gens[len(e.gens)-1].image
				for w := range e.n {
					image[w] = uint8(w)
				}
				image[u], image[v] = uint8(v), uint8(u)
			}
			v = u
		}
	}
}
