package schreier

import (
	"math"
	"slices"
)

// partition holds the orbits under the elements of the pool that fix the first level base points.
type partition struct {
	Forest
	level int
	taken int // elements of the pool
	flat  bool
}

const none = -1

// How many random elements in a row must bring nothing new before a stabiliser counts as filled, a whole chain, and a whole
// chain that lacks something for certain since it was longer on another base.
const (
	tries        = 6
	triesWhole   = 24
	triesLacking = 1000
)

// herd is the number of random elements that go down the chain together.
const herd = 6

// join merges the orbits that q connects and reports whether there were any to merge.
func (p *partition) join(q []int32) bool {
	grew := false
	for v, w := range q {
		if int(w) != v && p.Union(int32(v), w) {
			grew = true
		}
	}
	p.flat = p.flat && !grew
	return grew
}

// partition returns the orbits under what is known to fix the first k base points, with what has come since.
func (c *Chain) partition(k int) *partition {
	if c.parts == nil {
		c.parts = make([]partition, max(4, min(64, (1<<18)/(c.n+1))))
		for i := range c.parts {
			c.parts[i].level = none
		}
	}
	p := &c.parts[k%len(c.parts)]
	if p.level != k {
		if p.Forest == nil {
			p.Forest = make(Forest, c.n)
		}
		p.Reset()
		p.level, p.taken, p.flat = k, 0, true
	}
	for ; p.taken < len(c.pool); p.taken++ {
		if e := &c.pool[p.taken]; e.fix >= k {
			p.join(e.to)
		}
	}
	return p
}

// Orbits returns the smallest point of the orbit of each point under the pointwise stabiliser of the first k base points,
// as far as that is known: it may leave an orbit in parts, but points that it merges are in one orbit. All base points
// count where k is larger than their number. The slice belongs to the chain and is valid until the next call of a method.
func (c *Chain) Orbits(k int) []int32 {
	if len(c.pool) == 0 {
		if c.identity == nil {
			c.identity = NewForest(c.n)
		}
		return c.identity
	}
	k = min(k, len(c.levels))
	if k > 0 {
		c.fill(k)
	}
	p := c.partition(k)
	if !p.flat {
		p.Flatten()
		p.flat = true
	}
	return p.Forest
}

// fill sifts random elements until the first depth levels, and the orbits below them, seem to be known.
func (c *Chain) fill(depth int) {
	if len(c.pool) == 0 || c.whole || depth <= c.filled || c.stopped() {
		return
	}
	whole := depth > len(c.levels)
	if !c.shown(depth) {
		c.cascade(depth)
	}
	if whole {
		c.cover()
	}
	limit := tries
	if whole {
		limit = triesWhole
		if c.log > 0 {
			limit = triesLacking
		}
		if !c.proved && c.boundReached() {
			limit, c.proved = 0, true
		}
	}
	for misses := 0; misses < limit && !c.shown(depth); {
		if c.stopped() {
			return
		}
		if c.siftRandom(depth) {
			misses = 0
		} else {
			misses++
		}
	}
	c.filled = min(depth, len(c.levels))
	if whole {
		c.whole = true
		if c.log > 0 && !c.shown(depth) {
			c.deterministic()
		}
		c.log = max(c.log, c.logOrder(len(c.levels)))
	}
}

// cover adds base points until no element of the pool fixes all of them.
func (c *Chain) cover() {
	for i := range c.pool {
		if c.pool[i].fix == len(c.levels) {
			c.extend(c.pool[i].to)
		}
	}
}

// cascade takes a few random elements down the levels together, each level using those that lengthen its orbit and handing
// on what fixes its point: random elements of the next stabiliser. So a long chain is nearly filled at a cost of few
// products for each level.
func (c *Chain) cascade(depth int) {
	if c.herd == nil {
		for range herd {
			c.herd = append(c.herd, make([]int32, c.n))
		}
	}
	for _, p := range c.herd {
		copy(p, c.random())
	}
	for k := 0; k < depth && !c.stopped(); k++ {
		if k == len(c.levels) {
			moved := slices.IndexFunc(c.herd, func(p []int32) bool { return !isIdentity(p) })
			if moved < 0 {
				return
			}
			c.extend(c.herd[moved])
		}
		b := c.levels[k].point
		used := false
		for _, p := range c.herd {
			if p[b] == b {
				continue
			}
			if c.grow(k); c.levels[k].label(p[b]) == outside {
				c.insert(append([]int32(nil), p...), derived)
				used = true
			}
		}
		if used || depth > len(c.levels) { // what was used would leave nothing, and in a long chain the herd would die out
			for range 2 {
				for i, p := range c.herd {
					j := c.rng.IntN(herd - 1)
					if j >= i {
						j++
					}
					c.times(p, c.herd[j])
				}
			}
		}
		for _, p := range c.herd {
			if c.sift(p, k, k+1) == k { // mixing has lengthened the orbit
				c.insert(append([]int32(nil), p...), derived)
				c.sift(p, k, k+1)
			}
		}
	}
	if depth <= len(c.levels) {
		for _, p := range c.herd {
			if c.partition(depth).join(p) {
				c.insert(append([]int32(nil), p...), derived)
			}
		}
	}
}

// shown reports whether the first depth levels alone have the largest order that was seen, so that there is nothing to look for.
func (c *Chain) shown(depth int) bool {
	return c.log > 0 && c.logOrder(min(depth, len(c.levels))) >= c.log-1e-9*(1+c.log)
}

// siftRandom sifts a random element through depth levels and keeps what is left where that is news; it reports whether it
// was. The bottom is met where depth is larger than the number of levels.
func (c *Chain) siftRandom(depth int) bool {
	copy(c.work, c.random())
	k := min(depth, len(c.levels))
	at := c.sift(c.work, 0, k)
	switch {
	case at < k:
	case isIdentity(c.work):
		return false
	case depth <= len(c.levels):
		if !c.partition(k).join(c.work) {
			return false
		}
	default:
		c.extend(c.work)
	}
	c.insert(append([]int32(nil), c.work...), derived)
	return true
}

// Complete sifts random elements to the bottom of the chain until confidence of them in a row, at least 1, are found to be
// in it. The probability that the order is still too small is then at most 2^-confidence for elements drawn uniformly, to
// which product replacement comes close.
func (c *Chain) Complete(confidence int) {
	if len(c.pool) == 0 {
		return
	}
	if !c.whole {
		c.cascade(math.MaxInt)
	}
	c.cover()
	for misses := 0; misses < confidence; {
		if c.stopped() {
			return
		}
		if c.siftRandom(math.MaxInt) {
			misses = 0
		} else {
			misses++
		}
	}
	c.whole, c.filled = true, len(c.levels)
	c.log = max(c.log, c.logOrder(len(c.levels)))
}
