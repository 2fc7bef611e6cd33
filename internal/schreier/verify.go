package schreier

import (
	"math"
)

// Verify proves the chain, adding what was missing: afterwards [Chain.Order], [Chain.Contains] and, until the base changes, [Chain.Orbits]
// are exact for the group that the generators generate, whatever the random elements did.
//
// Where the order reaches an upper bound that the orbits and blocks of the generators give there is nothing else to do. If
// not, Schreier generators of each level, from the last to the first, are sifted through the levels below (Schreier's lemma;
// Seress 2003, section 4.2): those of a few elements that generate the level, which are known to when the chain of what they
// generate reaches the order that is proved already.
func (c *Chain) Verify() {
	if len(c.pool) == 0 {
		return
	}
	if c.fill(math.MaxInt); c.proved {
		return
	}
	c.Complete(triesWhole)
	if !c.boundReached() && (c.work64() < 1e8 || c.Order().Cmp(c.bound()) != 0) {
		c.deterministic()
	}
	if c.stopped() {
		return
	}
	c.proved, c.whole, c.filled, c.laid = true, true, len(c.levels), len(c.levels)
	c.log = c.logOrder(len(c.levels))
}

// Proved reports whether the chain has been proved since the group last grew or the base changed.
func (c *Chain) Proved() bool { return len(c.pool) == 0 || c.proved && c.whole }

// work64 estimates the steps of deterministic.
func (c *Chain) work64() float64 {
	var sum float64
	for k := range c.levels {
		sum += float64(len(c.levels[k].orbit)) * float64(len(c.levels)-k+3)
	}
	return sum * fewEnough / 2 * float64(c.n)
}

// fewEnough is how many generators a level may have before fewer are looked for.
const fewEnough = 6

// deterministic sifts Schreier generators until the chain is proved.
func (c *Chain) deterministic() {
	var gens [][]int32 // they generate the stabiliser that is level k
	for k := len(c.levels) - 1; k >= 0 && !c.stopped(); k-- {
		for i := range c.pool {
			if e := &c.pool[i]; e.fix == k && e.kind != shortcut {
				gens = append(gens, e.to)
			}
		}
		if k == 0 && c.cores < len(gens) {
			gens = gens[:0]
			for i := range c.pool {
				if e := &c.pool[i]; e.kind == core {
					gens = append(gens, e.to)
				}
			}
		}
		if !c.verifyLevel(k, gens) { // all levels from this one to the one of what is new have to be looked at again
			k, gens = len(c.levels), nil
			continue
		}
		if k > 0 && len(gens) > fewEnough {
			gens = c.fewer(k, gens)
		}
	}
}

// verifyLevel sifts the Schreier generators of level k that come from gens. Where one leaves something it goes into the pool,
// and the answer is false.
func (c *Chain) verifyLevel(k int, gens [][]int32) bool {
	c.grow(k)
	u := make([]int32, c.n)
	for i := len(c.levels[k].orbit) - 1; i >= 0; i-- {
		if c.stopped() {
			return true
		}
		c.take(u, k, c.levels[k].orbit[i])
		for _, g := range gens {
			for v, w := range u {
				c.work[v] = g[w]
			}
			if at := c.sift(c.work, k, len(c.levels)); at == len(c.levels) {
				if isIdentity(c.work) {
					continue
				}
				c.extend(c.work)
			}
			c.insert(append([]int32(nil), c.work...), derived)
			return false
		}
	}
	return true
}

// fewer returns a few elements that generate level k, which is proved from there on, or gens, which do, where it finds none.
func (c *Chain) fewer(k int, gens [][]int32) [][]int32 {
	want := c.logOrder(len(c.levels)) - c.logOrder(k)
	sub := New(c.n)
	sub.Rebase(c.Base()[k:])
	var found [][]int32
	for range fewEnough - 1 {
		p := make([]int32, c.n)
		for i := range p {
			p[i] = int32(i)
		}
		for j := k; j < len(c.levels); j++ {
			orbit := c.BasicOrbit(j)
			c.Times(p, j, orbit[c.rng.IntN(len(orbit))])
		}
		if !sub.Add(p) {
			continue
		}
		found = append(found, p)
		if len(found) > 1 {
			sub.fill(math.MaxInt)
			if sub.log > want-1e-9*(1+want) {
				return found
			}
		}
	}
	return gens
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
