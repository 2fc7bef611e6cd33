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

// How many random elements in a row must bring nothing new before a whole chain counts as filled, and one that lacks something for
// certain since it was longer on another base.
const (
	triesWhole   = 24
	triesLacking = 1000
)

// herd is the number of random elements that go down the chain together.
const herd = 6

// surprises is how many random elements may lengthen orbits of a chain that was filled before the group grew, one by one, before
// the chain is filled anew.
const surprises = 4

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
	switch {
	case len(c.pool) == 0 || c.whole || depth <= c.filled || c.stopped():
		return
	case depth > len(c.levels):
		c.fillWhole()
		return
	case !c.shown(depth):
		if c.laid < depth {
			c.cascade(depth)
		}
		c.check(depth)
	}
	if !c.stopped() {
		c.filled, c.laid = depth, max(c.laid, depth)
	}
}

// fillWhole sifts random elements to the bottom until enough of them in a row are found in the chain.
func (c *Chain) fillWhole() {
	if !c.shown(math.MaxInt) {
		if c.filled < c.laid {
			c.check(c.laid)
		}
		if c.cover(); c.laid < len(c.levels) {
			c.cascade(math.MaxInt)
		}
		c.cover()
	}
	limit := triesWhole
	if c.log > 0 {
		limit = triesLacking
	}
	if !c.proved && c.boundReached() {
		limit, c.proved = 0, true
	}
	for c.streak < limit && !c.shown(math.MaxInt) {
		if c.stopped() {
			return
		}
		c.siftRandom(math.MaxInt)
	}
	c.filled, c.laid = len(c.levels), len(c.levels)
	c.whole = true
	if c.log > 0 && !c.shown(math.MaxInt) {
		c.deterministic()
	}
	c.log = max(c.log, c.logOrder(len(c.levels)))
}

// tries says how many random elements in a row must bring nothing new before the first levels count as filled. Each takes
// a product for each level that is not trivial, and what a long chain lacks shows when it is asked again.
func (c *Chain) tries(depth int) int {
	moving := 0
	for k := range depth {
		if c.grow(k); len(c.levels[k].orbit) > 1 {
			moving++
		}
	}
	return max(1, min(6, 24/(1+moving)))
}

// check sifts random elements through the first levels.
func (c *Chain) check(depth int) {
	tries, news := c.tries(depth), 0
	for misses := 0; misses < tries && !c.stopped(); {
		if !c.siftRandom(depth) {
			misses++
			continue
		}
		misses = 0
		if news++; news == surprises {
			c.laid, c.below = 0, none
			c.cascade(depth)
			c.laid = depth
			return
		}
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

// gather makes the herd elements of the stabiliser where the levels that have been laid end.
func (c *Chain) gather() {
	if c.below == c.laid && c.herd != nil {
		c.list(c.laid)
		for i := 0; i < herd && len(c.listed) > 0; i++ { // the herd may have become smaller than the stabiliser
			c.times(c.herd[i], c.pool[c.listed[c.rng.IntN(len(c.listed))]].to)
		}
		return
	}
	c.below = none
	for len(c.herd) < herd {
		c.herd = append(c.herd, make([]int32, c.n))
	}
	for _, p := range c.herd {
		copy(p, c.draft())
	}
	c.mix()
	for _, p := range c.herd {
		for c.sift(p, 0, c.laid) < c.laid {
			c.insert(append([]int32(nil), p...), derived)
		}
	}
}

// stir multiplies an element of the herd by another one.
func (c *Chain) stir(i int) {
	j := c.rng.IntN(herd - 1)
	if j >= i {
		j++
	}
	c.times(c.herd[i], c.herd[j])
}

// mix multiplies all elements of the herd by others, twice.
func (c *Chain) mix() {
	for i := range 2 * herd {
		c.stir(i % herd)
	}
}

// cascade takes a few random elements down the levels together, each level using those that lengthen its orbit and handing
// on what fixes its point: random elements of the next stabiliser. So a long chain is nearly filled at a cost of few
// products for each level. It begins where the levels that have been laid end, and the next one goes on from its end.
func (c *Chain) cascade(depth int) {
	c.gather()
	c.below = none
	k := c.laid
	for ; k < depth && !c.stopped(); k++ {
		if k == len(c.levels) {
			moved := slices.IndexFunc(c.herd, func(p []int32) bool { return !isIdentity(p) })
			if moved < 0 {
				break
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
			c.mix()
		}
		for _, p := range c.herd {
			if c.sift(p, k, k+1) == k { // mixing has lengthened the orbit
				c.insert(append([]int32(nil), p...), derived)
				c.sift(p, k, k+1)
			}
		}
	}
	for i, misses := 0, 0; misses < herd/2 && k == depth; i = (i + 1) % herd {
		if c.stir(i); c.partition(depth).join(c.herd[i]) {
			c.insert(append([]int32(nil), c.herd[i]...), derived)
			misses = 0
		} else {
			misses++
		}
	}
	c.below = k
}

// shown reports whether the first depth levels alone have the largest order that was seen, or that there can be, so that there is
// nothing to look for.
func (c *Chain) shown(depth int) bool {
	if c.log == 0 && c.most == 0 {
		return false
	}
	order := c.logOrder(min(depth, len(c.levels)))
	reaches := func(want float64) bool { return want > 0 && order >= want-1e-9*(1+want) }
	return reaches(c.log) || reaches(c.most)
}

// siftRandom sifts a random element through depth levels and keeps what is left where that is news; it reports whether it
// was. The bottom is met where depth is larger than the number of levels.
func (c *Chain) siftRandom(depth int) bool {
	whole := depth > len(c.levels)
	if whole {
		copy(c.work, c.random())
	} else {
		copy(c.work, c.draft())
	}
	k := min(depth, len(c.levels))
	at := c.sift(c.work, 0, k)
	switch {
	case at < k:
	case isIdentity(c.work):
		if whole {
			c.streak++
		}
		return false
	case !whole:
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
// in it since it last changed, or the order is proved. The probability that the order is still too small is then at most 2^-confidence for elements drawn uniformly, to
// which product replacement comes close.
func (c *Chain) Complete(confidence int) {
	if len(c.pool) == 0 {
		return
	}
	c.fill(math.MaxInt)
	for c.streak < confidence && !c.Proved() {
		if c.stopped() {
			return
		}
		c.siftRandom(math.MaxInt)
	}
	c.whole, c.filled, c.laid = true, len(c.levels), len(c.levels)
	c.log = max(c.log, c.logOrder(len(c.levels)))
}
