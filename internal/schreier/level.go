package schreier

import "math/bits"

// level is the orbit of a base point under the elements of the pool that fix the base points before it.
type level struct {
	point int32
	orbit []int32 // in the order of the search; the point first, then by depth
	by    []int32 // by which element orbit[i] was reached
	dense []int32 // the same by point, for orbits longer than short
	taken int     // elements of the pool that the orbit is closed under
	depth int
	near  int // place in orbit of the last point not deeper than a stride
}

const (
	outside = -1 << 31 // the label of a point that is not in the orbit
	root    = outside + 1
	short   = 24
	stride  = 16
)

func (l *level) reset(b int32) {
	l.clear()
	l.point, l.taken, l.depth, l.near = b, 0, 0, 0
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
	if !c.closed(k) {
		c.search(k)
		for l.depth > 4+2*bits.Len(uint(len(l.orbit))) { // a shortcut divides a large depth by nearly a stride
			p, before := make([]int32, c.n), l.depth
			c.take(p, k, l.orbit[l.near])
			c.insert(p, shortcut)
			c.search(k)
			if l.depth >= before {
				break
			}
		}
	}
	l.taken = len(c.pool)
}

// closed reports whether the orbit of level k is closed under the elements that it has not taken yet.
func (c *Chain) closed(k int) bool {
	l := &c.levels[k]
	if len(l.orbit) == c.n-k && k == 0 {
		return true
	}
	for i := l.taken; i < len(c.pool); i++ {
		e := &c.pool[i]
		if e.fix < k {
			continue
		}
		for _, v := range l.orbit {
			if w := e.to[v]; w != v && l.label(w) == outside {
				return false
			}
		}
	}
	return true
}

// search finds the orbit of level k again, breadth first.
func (c *Chain) search(k int) {
	l := &c.levels[k]
	l.clear()
	l.orbit, l.by, l.depth = append(l.orbit[:0], l.point), append(l.by[:0], root), 0
	l.near = 0
	c.ticket++
	seen := c.stamp
	seen[l.point] = c.ticket
	end := 1 // of the points of the depth that is being left
	for head := 0; head < len(l.orbit); head++ {
		if head == end {
			l.depth++
			end = len(l.orbit)
			if l.depth <= stride {
				l.near = end - 1
			}
		}
		v := l.orbit[head]
		for i := range c.pool {
			e := &c.pool[i]
			if e.fix < k {
				continue
			}
			if w := e.to[v]; seen[w] != c.ticket {
				seen[w] = c.ticket
				l.orbit, l.by = append(l.orbit, w), append(l.by, int32(i))
			}
			if w := e.from[v]; seen[w] != c.ticket {
				seen[w] = c.ticket
				l.orbit, l.by = append(l.orbit, w), append(l.by, ^int32(i))
			}
		}
	}
	if len(l.orbit) > short {
		if l.dense == nil {
			l.dense = make([]int32, c.n)
			for i := range l.dense {
				l.dense[i] = outside
			}
		}
		for i, v := range l.orbit {
			l.dense[v] = l.by[i]
		}
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
