package schreier

import "math"

// Verify proves the chain, adding what was missing: afterwards [Chain.Order], [Chain.Contains] and [Chain.Orbits] are
// exact for the group that the generators generate, whatever the random elements did.
//
// Where the order reaches an upper bound that can be read off the generators there is nothing else to do. If not, the
// Schreier generators of each level, from the last to the first, are sifted through the levels below (Schreier's lemma;
// Seress 2003, section 4.2).
func (c *Chain) Verify() {
	if len(c.pool) == 0 {
		return
	}
	if c.fill(math.MaxInt); c.proved {
		return
	}
	c.Complete(triesWhole)
	if !c.boundReached() {
		c.deterministic()
	}
	c.proved, c.whole, c.filled = true, true, len(c.levels)
	c.log = c.logOrder(len(c.levels))
}

// deterministic sifts all Schreier generators.
func (c *Chain) deterministic() {
	for k := len(c.levels) - 1; k >= 0; k-- {
		if at := c.verifyLevel(k); at > k {
			k = at + 1 // the levels up to at have a new element
		}
	}
}

// Proved reports whether the chain has been proved since the group last grew or the base changed.
func (c *Chain) Proved() bool { return len(c.pool) == 0 || c.proved && c.whole }

// verifyLevel sifts the Schreier generators of level k. Where one leaves something it goes into the pool, and the level at
// which it belongs is returned, larger than k; otherwise k.
func (c *Chain) verifyLevel(k int) int {
	c.grow(k)
	l := &c.levels[k]
	u := make([]int32, c.n)
	for i := len(l.orbit) - 1; i >= 0; i-- {
		c.take(u, k, l.orbit[i])
		for j := 0; j < len(c.pool); j++ {
			e := &c.pool[j]
			if e.fix < k || e.kind == shortcut {
				continue
			}
			if t := l.label(e.to[l.orbit[i]]); t == int32(j) { // an edge of the tree
				continue
			}
			for v, w := range u {
				c.work[v] = e.to[w]
			}
			at := c.sift(c.work, k, len(c.levels))
			if at == len(c.levels) {
				if isIdentity(c.work) {
					continue
				}
				c.extend(c.work)
			}
			c.insert(append([]int32(nil), c.work...), derived)
			return at
		}
	}
	return k
}

// boundReached reports whether the group is the product of the symmetric groups on its orbits. The basic orbits of an orbit
// of m points have at most m, m-1, ..., 2 points, so it is enough to add up their lengths less one.
func (c *Chain) boundReached() bool {
	c.count()
	missing := 0
	for _, m := range c.cells {
		missing += int(m) * (int(m) - 1) / 2
	}
	for k := range c.levels {
		c.grow(k)
		missing -= len(c.levels[k].orbit) - 1
	}
	return missing == 0
}
