package small

import "math/bits"

// partition is an ordered partition. A cell is named by its first place; sets of places are words as well.
type partition struct {
	cell   [64]uint64 // the vertices of a cell, by first place; other entries are unused
	starts uint64
	multi  uint64 // starts of cells of several vertices
	active uint64 // starts of cells that wait to split others
}

func (p *partition) load(q *partition, n int) {
	copy(p.cell[:n], q.cell[:n])
	p.starts, p.multi, p.active = q.starts, q.multi, q.active
}

// put makes a cell; there may be another at the place, of which it is a part.
func (p *partition) put(start int, set uint64) {
	bit := uint64(1) << (start & 63)
	p.cell[start&63] = set
	p.starts |= bit
	if set&(set-1) == 0 {
		p.multi &^= bit
	} else {
		p.multi |= bit
	}
}

// individualise parts v from its cell and puts it first.
func (p *partition) individualise(cell, v int) {
	bit := uint64(1) << (v & 63)
	rest := p.cell[cell&63] &^ bit
	p.put(cell, bit)
	p.put(cell+1, rest)
	p.active = 1 << (cell & 63)
}

// alike reports whether it is known that the cells of an equitable partition are orbits, and those of each finer one below it: there
// are at most 4 more vertices than cells, or all cells have one or two vertices and at most one has three (McKay 1981,
// lemma 2.25).
func (p *partition) alike(n int) bool {
	k := n - bits.OnesCount64(p.starts)
	return k <= 4 || k <= bits.OnesCount64(p.multi)+1
}

const scatter = 0x9e3779b97f4a7c15

func mix(h uint64, x int) uint64 { return (bits.RotateLeft64(h, 23) ^ uint64(x)) * scatter }

// refine makes the partition equitable and returns a hash of the way, which does not depend on the labelling.
func (e *Engine) refine(p *partition) (hash uint64) {
	for p.active != 0 && p.multi != 0 {
		a := p.active &^ p.multi
		if a == 0 {
			a = p.active
		}
		s := bits.TrailingZeros64(a) & 63
		p.active &^= 1 << s
		w := p.cell[s]
		if w&(w-1) == 0 {
			hash = p.byOne(e.rows[bits.TrailingZeros64(w)&63], mix(hash, s))
		} else {
			hash = e.byMany(p, w, mix(hash, s))
		}
	}
	return hash
}

// byOne splits all cells by one row.
func (p *partition) byOne(row, hash uint64) uint64 {
	for m := p.multi; m != 0; m &= m - 1 {
		c := bits.TrailingZeros64(m) & 63
		set := p.cell[c]
		in, out := set&row, set&^row
		if in == 0 || out == 0 {
			continue
		}
		nin, nout := bits.OnesCount64(in), bits.OnesCount64(out)
		d := (c + nout) & 63
		p.cell[c], p.cell[d] = out, in
		first, second := uint64(1)<<c, uint64(1)<<d
		p.starts |= second
		if nout == 1 {
			p.multi &^= first
		}
		if nin > 1 {
			p.multi |= second
		}
		if p.active&first != 0 || nin < nout {
			p.active |= second
		} else {
			p.active |= first
		}
		hash = mix(hash, c<<8|d)
	}
	return hash
}

// byMany splits all cells by the number of neighbours in w. The numbers of all vertices are added up in bit planes.
func (e *Engine) byMany(p *partition, w, hash uint64) uint64 {
	var plane [7]uint64
	planes := bits.Len(uint(bits.OnesCount64(w)))
	if planes <= 4 {
		var p0, p1, p2, p3 uint64
		for ; w != 0; w &= w - 1 {
			c0 := e.rows[bits.TrailingZeros64(w)&63]
			c1 := p0 & c0
			c2 := p1 & c1
			p0, p1, p2, p3 = p0^c0, p1^c1, p2^c2, p3^p2&c2
		}
		plane[0], plane[1], plane[2], plane[3] = p0, p1, p2, p3
	} else {
		for ; w != 0; w &= w - 1 {
			carry := e.rows[bits.TrailingZeros64(w)&63]
			for i := 0; carry != 0; i++ {
				plane[i], carry = plane[i]^carry, plane[i]&carry
			}
		}
	}
	for m := p.multi; m != 0; m &= m - 1 {
		c := bits.TrailingZeros64(m) & 63
		set := p.cell[c]
		for _, x := range plane[:planes] {
			if x &= set; x != 0 && x != set {
				hash = p.byPlanes(c, plane[:planes], hash)
				break
			}
		}
	}
	return hash
}

// byPlanes splits a cell by numbers, ascending.
func (p *partition) byPlanes(c int, plane []uint64, hash uint64) uint64 {
	first := uint64(1) << (c & 63)
	waits := p.active&first != 0
	var parts, largest uint64
	most := 0
	for rest := p.cell[c&63]; rest != 0; {
		part, number := rest, 0
		for i := len(plane) - 1; i >= 0; i-- {
			number <<= 1
			if less := part &^ plane[i]; less != 0 {
				part = less
			} else {
				number |= 1
			}
		}
		rest &^= part
		p.put(c, part)
		bit := uint64(1) << (c & 63)
		parts |= bit
		size := bits.OnesCount64(part)
		if size > most {
			most, largest = size, bit
		}
		hash = mix(hash, c<<8|number)
		c += size
	}
	if !waits {
		parts &^= largest
	}
	p.active |= parts
	return hash
}
