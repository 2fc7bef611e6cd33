package schreier

import (
	"math/bits"
	"slices"
)

// level is the orbit of a base point under the elements of the pool that fix the base points before it.
type level struct {
	n      int
	point  int32
	orbit  []int32 // in the order of the search; the point first, then by depth
	by     []int32 // by which element orbit[i] was reached
	dense  []int32 // the same by point, for orbits longer than short
	taken  int     // elements of the pool that the orbit is closed under
	depth  int
	near   int // place in orbit of the last point not deeper than a stride
	full   int // the number of generators for which the orbit is all that room leaves
	most   int // what room returned for so many generators as mostOf says
	mostOf int
}

const (
	outside = -1 << 31 // the label of a point that is not in the orbit
	root    = outside + 1
	short   = 24
	stride  = 16
)

func (l *level) reset(b int32) {
	l.clear()
	l.point, l.taken, l.depth, l.near, l.full, l.mostOf = b, 0, 0, 0, 0, 0
	l.orbit, l.by = append(l.orbit[:0], b), append(l.by[:0], root)
}

// clear takes the orbit out of the dense vector.
func (l *level) clear() {
	if l.dense != nil {
		for _, v := range l.orbit {
			l.dense[v] = outside
		}
	}
}

// label says how a point is reached: t >= 0 from pool[t].from of it, t < 0 from pool[^t].to of it.
func (l *level) label(v int32) int32 {
	if len(l.orbit) > short {
		return l.dense[v]
	}
	for i, w := range l.orbit {
		if w == v {
			return l.by[i]
		}
	}
	return outside
}

// back returns the permutation that takes a point with label t one step towards the base point.
func (c *Chain) back(t int32) []int32 {
	if t < 0 {
		return c.pool[^t].to
	}
	return c.pool[t].from
}

// grow closes the orbit of level k under what has come into the pool.
func (c *Chain) grow(k int) {
	l := &c.levels[k]
	if l.taken == len(c.pool) {
		return
	}
	if l.full != c.cores {
		c.widen(k)
		if l.depth > l.tolerable() {
			c.search(k)
		}
		for l.depth > l.tolerable() { // a shortcut divides a large depth by nearly a stride
			p, before := make([]int32, c.n), l.depth
			c.take(p, k, l.orbit[l.near])
			c.insert(p, shortcut)
			if c.search(k); l.depth >= before {
				break
			}
		}
	}
	l.taken = len(c.pool)
	if l.full != c.cores && len(l.orbit) == c.room(k) {
		l.full = c.cores
	}
}

// room returns the number of points that the orbit of level k can have at most: the orbit of its point under the whole group
// without the base points before.
func (c *Chain) room(k int) int {
	l := &c.levels[k]
	if l.mostOf == c.cores {
		return l.most
	}
	part := c.count()
	r := part.Find(c.levels[k].point)
	room := int(c.cells[r])
	for i := range k {
		if part.Find(c.levels[i].point) == r {
			room--
		}
	}
	l.most, l.mostOf = room, c.cores
	return room
}

// count brings the lengths of the orbits of the group up to date and returns the orbits.
func (c *Chain) count() *partition {
	part := c.partition(0)
	if c.cellsFor != c.cores {
		if c.cells == nil {
			c.cells = make([]int32, c.n)
		}
		clear(c.cells)
		for v := range c.cells {
			c.cells[part.Find(int32(v))]++
		}
		c.cellsFor = c.cores
	}
	return part
}

// tolerable is the depth from which a tree is made shallower.
func (l *level) tolerable() int { return 4 + 2*bits.Len(uint(len(l.orbit))) }

// search finds the orbit of level k again, breadth first.
func (c *Chain) search(k int) {
	l := &c.levels[k]
	l.clear()
	l.orbit, l.by, l.depth = append(l.orbit[:0], l.point), append(l.by[:0], root), 0
	c.list(k)
	c.ticket++
	c.stamp[l.point] = c.ticket
	c.spread(k, 0, 0)
	l.index(0)
}

// widen adds to the orbit of level k what the elements that it has not taken yet bring.
func (c *Chain) widen(k int) {
	l := &c.levels[k]
	old, room := len(l.orbit), c.room(k)
	if old == room || !c.leaves(k) {
		return
	}
	c.ticket++
	for _, v := range l.orbit {
		c.stamp[v] = c.ticket
	}
	c.list(k)
	first, _ := slices.BinarySearch(c.listed, int32(l.taken))
	for i := first; i < len(c.listed) && len(l.orbit) < room; i++ {
		before := len(l.orbit)
		for _, v := range l.orbit[:before] {
			c.reach(k, v, c.listed[i:i+1])
		}
		if before < len(l.orbit) {
			l.depth++
			c.spread(k, before, l.depth)
		}
	}
	if old <= short {
		old = 0
	}
	l.index(old)
}

// leaves reports whether an element that level k has not taken yet takes a point out of its orbit. Then l.taken is moved to it.
func (c *Chain) leaves(k int) bool {
	l := &c.levels[k]
	for ; l.taken < len(c.pool); l.taken++ {
		e := &c.pool[l.taken]
		if e.fix < k {
			continue
		}
		for _, v := range l.orbit {
			if w := e.to[v]; w != v && l.label(w) == outside {
				return true
			}
		}
	}
	return false
}

// spread visits the points of the orbit of level k from place head on, those at head being depth steps away.
func (c *Chain) spread(k, head, depth int) {
	l := &c.levels[k]
	room := c.room(k)
	for end := len(l.orbit); head < len(l.orbit) && len(l.orbit) < room; head++ {
		if head == end {
			depth++
			end = len(l.orbit)
			if depth <= stride {
				l.near = end - 1
			}
		}
		c.reach(k, l.orbit[head], c.listed)
		l.depth = max(l.depth, depth+1)
	}
}

// reach adds to the orbit of level k where the listed elements and their inverses take v.
func (c *Chain) reach(k int, v int32, elements []int32) {
	l := &c.levels[k]
	for _, i := range elements {
		e := &c.pool[i]
		if w := e.to[v]; c.stamp[w] != c.ticket {
			c.stamp[w] = c.ticket
			l.orbit, l.by = append(l.orbit, w), append(l.by, i)
		}
		if w := e.from[v]; c.stamp[w] != c.ticket {
			c.stamp[w] = c.ticket
			l.orbit, l.by = append(l.orbit, w), append(l.by, ^i)
		}
	}
}

// list lists the elements that fix the first k base points.
func (c *Chain) list(k int) {
	c.listed = c.listed[:0]
	for i := range c.pool {
		if c.pool[i].fix >= k {
			c.listed = append(c.listed, int32(i))
		}
	}
}

// index enters the orbit from place first on into the dense vector, where it is long.
func (l *level) index(first int) {
	if len(l.orbit) <= short {
		return
	}
	if l.dense == nil {
		l.dense = make([]int32, l.n)
		for i := range l.dense {
			l.dense[i] = outside
		}
	}
	for i := first; i < len(l.orbit); i++ {
		l.dense[l.orbit[i]] = l.by[i]
	}
}

// take writes the element of level k, by its tree, that takes the base point to v.
func (c *Chain) take(p []int32, k int, v int32) {
	for i := range p {
		p[i] = int32(i)
	}
	l := &c.levels[k]
	for v != l.point {
		t := l.label(v)
		q := c.back(t)
		for i, w := range p { // what takes v back
			p[i] = q[w]
		}
		v = q[v]
	}
	for i, w := range p {
		c.spare[w] = int32(i)
	}
	copy(p, c.spare)
}
