package schreier

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Trust takes it from the caller that the order is the one that the chain shows now.
func (c *Chain) Trust() {
	c.fill(math.MaxInt)
	c.proved, c.log = true, c.logOrder(len(c.levels))
}

// Clone returns a chain of the same group, on the same base and with the same proof, that shares nothing that changes.
func (c *Chain) Clone() *Chain {
	d := New(c.n)
	d.pool, d.cores, d.proved, d.log = slices.Clone(c.pool), c.cores, c.proved, c.log
	if c.whole {
		d.log = c.logOrder(len(c.levels))
	}
	for k := range c.levels {
		d.push(c.levels[k].point)
	}
	d.acc, d.stale = slices.Clone(c.acc), c.stale
	for _, s := range c.slots {
		d.slots = append(d.slots, slices.Clone(s))
	}
	if c.work != nil {
		d.buffers()
	}
	return d
}

// Levels returns the number of base points, all of which together only the identity fixes, as far as is known.
func (c *Chain) Levels() int {
	c.fill(math.MaxInt)
	return len(c.levels)
}

// BasicOrbit returns the orbit of base point k under the stabiliser of those before, the point first. The slice belongs to the
// chain and is valid until the next call of a method other than Times.
func (c *Chain) BasicOrbit(k int) []int32 {
	c.grow(k)
	return c.levels[k].orbit
}

// Times makes p into p after the element that takes base point k to v, a point of its basic orbit, and fixes those before. Each
// element of the group is the product of one such element for each level, first levels to the left, in one way.
func (c *Chain) Times(p []int32, k int, v int32) {
	if v == c.levels[k].point {
		return
	}
	c.take(c.work, k, v)
	c.times(p, c.work)
}

// Draw makes p into p after a random element, each with the same probability where the chain is complete.
func (c *Chain) Draw(rng *rand.Rand, p []int32) {
	for k := range c.Levels() {
		orbit := c.BasicOrbit(k)
		c.Times(p, k, orbit[rng.IntN(len(orbit))])
	}
}

// Stabiliser returns the elements known to fix the first k base points that generate their stabiliser where the chain is
// complete. They belong to the chain.
func (c *Chain) Stabiliser(k int) [][]int32 {
	c.fill(math.MaxInt)
	var gens [][]int32
	for i := range c.pool {
		if e := &c.pool[i]; e.fix >= k && e.kind != shortcut {
			gens = append(gens, e.to)
		}
	}
	return gens
}
