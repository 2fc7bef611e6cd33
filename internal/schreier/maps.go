package schreier

// Maps reports whether an element of the group is known that takes the first base points to the given points, one by one. True is
// certain.
func (c *Chain) Maps(points []int32) bool {
	k := min(len(points), len(c.levels))
	if len(c.pool) > 0 {
		c.fill(k)
	}
	w := append([]int32(nil), points...)
	for i := range k {
		l := &c.levels[i]
		if w[i] == l.point {
			continue
		}
		if len(c.pool) == 0 {
			return false
		}
		c.grow(i)
		v := w[i]
		t := l.label(v)
		if t == outside {
			return false
		}
		for v != l.point {
			q := c.back(t)
			for j := i; j < k; j++ {
				w[j] = q[w[j]]
			}
			v = w[i]
			t = l.label(v)
		}
	}
	return k == len(points)
}
