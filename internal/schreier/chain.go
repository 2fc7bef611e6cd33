package schreier

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"sync/atomic"
)

// Chain is a stabiliser chain of the group that the permutations added to it generate. It is not safe for concurrent use.
type Chain struct {
	// Stop ends what takes long soon after it becomes true; nil: never. What is known stays true, but may be less than promised.
	Stop *atomic.Bool

	n      int
	levels []level
	pool   []element
	cores  int // elements of the pool that came as generators

	rng   *rand.Rand
	slots [][]int32 // product replacement; they generate the group
	acc   []int32
	stale int // steps of product replacement still to do before an element counts as random

	parts    []partition // orbits under a stabiliser, by level modulo the number of places
	identity []int32
	work     []int32 // what is being sifted
	herd     [][]int32
	spare    []int32
	stamp    []int32 // for short tests of membership of orbits in the making
	ticket   int32
	listed   []int32 // elements that a level may use

	cells    []int32 // lengths of the orbits of the group, by smallest point, when it had cellsFor generators
	cellsFor int

	filled int     // levels that have seen enough random elements since the group last grew or the base changed
	log    float64 // logarithm of the largest order that a full chain of this group has shown
	whole  bool    // random elements have been sifted to the bottom since the group last grew or the base changed
	proved bool    // the order has been proved since the group last grew
}

// element is an element of the group, both ways round.
type element struct {
	to, from []int32
	fix      int // base points that it fixes before the first that it moves; the length of the base where it fixes all
	kind     kind
}

type kind uint8

const (
	core     kind = iota // a generator as it was added
	derived              // found by sifting
	shortcut             // a product of others, to make a tree shallow
)

// New returns the chain of the trivial group on 0..n-1.
func New(n int) *Chain {
	return &Chain{n: n, rng: rand.New(rand.NewPCG(0x5c4e1e125135, uint64(n)))}
}

func (c *Chain) stopped() bool { return c.Stop != nil && c.Stop.Load() }

// Degree returns the number of points.
func (c *Chain) Degree() int { return c.n }

// Trivial reports whether the group has one element.
func (c *Chain) Trivial() bool { return len(c.pool) == 0 }

// Base returns the base points, at least those asked for last. The slice is new.
func (c *Chain) Base() []int32 {
	b := make([]int32, len(c.levels))
	for i := range c.levels {
		b[i] = c.levels[i].point
	}
	return b
}

// Add adds the generator p, which takes v to p[v], and reports whether the group grew as far as sifting shows. False is
// certain: p was in the group. True is certain once the chain is proved, see [Chain.Verify], and almost certain before.
// The chain keeps a copy.
func (c *Chain) Add(p []int32) bool {
	if len(p) != c.n {
		panic(fmt.Sprintf("schreier: a generator of %d points for a group on %d", len(p), c.n))
	}
	if isIdentity(p) {
		return false
	}
	c.buffers()
	if len(c.pool) > 0 && !c.merges(p) {
		copy(c.work, p)
		at := c.sift(c.work, 0, len(c.levels))
		if at == len(c.levels) && isIdentity(c.work) {
			return false
		}
		if !c.whole {
			c.fill(math.MaxInt)
			copy(c.work, p)
			at = c.sift(c.work, 0, len(c.levels))
			if at == len(c.levels) && isIdentity(c.work) {
				return false
			}
		}
	}
	copy(c.work, p)
	c.sift(c.work, 0, len(c.levels))
	if !equal(c.work, p) {
		residue := append([]int32(nil), c.work...)
		c.insert(append([]int32(nil), p...), core)
		c.insert(residue, derived)
	} else {
		c.insert(append([]int32(nil), p...), core)
	}
	c.feed(p)
	c.filled, c.whole, c.proved, c.log = 0, false, false, 0
	return true
}

// Contains reports whether sifting shows that p is in the group. True is certain; false is once the chain is proved.
func (c *Chain) Contains(p []int32) bool {
	if len(p) != c.n {
		return false
	}
	if len(c.pool) == 0 || isIdentity(p) {
		return isIdentity(p)
	}
	c.fill(math.MaxInt)
	copy(c.work, p)
	return c.sift(c.work, 0, len(c.levels)) == len(c.levels) && isIdentity(c.work)
}

// merges reports whether p takes a point out of its orbit under what is known to fix the base points that p fixes.
func (c *Chain) merges(p []int32) bool {
	part := c.partition(c.fixed(p))
	for v, w := range p {
		if part.Find(int32(v)) != part.Find(w) {
			return true
		}
	}
	return false
}

// fixed returns the number of base points that p fixes before the first that it moves.
func (c *Chain) fixed(p []int32) int {
	for k := range c.levels {
		if b := c.levels[k].point; p[b] != b {
			return k
		}
	}
	return len(c.levels)
}

// insert puts an element that is not the identity into the pool, which keeps it.
func (c *Chain) insert(p []int32, k kind) {
	from := make([]int32, c.n)
	for v, w := range p {
		from[w] = int32(v)
	}
	if k == core {
		c.cores++
	}
	fix := c.fixed(p)
	c.pool = append(c.pool, element{p, from, fix, k})
}

// extend adds a base point that p moves.
func (c *Chain) extend(p []int32) {
	b := int32(0)
	for p[b] == b {
		b++
	}
	k := len(c.levels)
	c.push(b)
	for i := range c.pool {
		if e := &c.pool[i]; e.fix == k && e.to[b] == b {
			e.fix = k + 1
		}
	}
}

// push appends a level; the pool still has to learn of it.
func (c *Chain) push(b int32) {
	k := len(c.levels)
	if k < cap(c.levels) {
		c.levels = c.levels[:k+1]
	} else {
		c.levels = append(c.levels, level{})
	}
	c.levels[k].n = c.n
	c.levels[k].reset(b)
}

// sift divides p by elements of the levels from first on, down to depth, in place, and returns the level at which it
// stopped: depth, or the one whose orbit, as far as it is known, does not have the image of its point.
func (c *Chain) sift(p []int32, first, depth int) int {
	for k := first; k < depth; k++ {
		l := &c.levels[k]
		v := p[l.point]
		if v == l.point {
			continue
		}
		c.grow(k)
		t := l.label(v)
		if t == outside {
			return k
		}
		for v != l.point {
			q := c.back(t)
			for i, w := range p {
				p[i] = q[w]
			}
			v = q[v]
			t = l.label(v)
		}
	}
	return depth
}

// Rebase makes base the first base points. Levels that agree from the top are kept; the others are built again when they
// are asked for, from the generators and from random elements.
func (c *Chain) Rebase(base []int32) {
	k := 0
	for k < len(base) && k < len(c.levels) && c.levels[k].point == base[k] {
		k++
	}
	if k == len(base) {
		return
	}
	if c.whole {
		c.log = max(c.log, c.logOrder(len(c.levels)))
	}
	c.levels = c.levels[:k]
	for _, b := range base[k:] {
		c.push(b)
	}
	for i := range c.parts {
		if c.parts[i].level > k {
			c.parts[i].level = none
		}
	}
	c.filled, c.whole = min(c.filled, k), false
	if len(c.pool) > 64+3*c.cores+2*len(c.levels) {
		c.collect()
	}
	for i := range c.pool {
		if e := &c.pool[i]; e.fix >= k {
			e.fix = c.fixed(e.to)
		}
	}
}

// collect drops all elements but the generators, and with them what the levels know.
func (c *Chain) collect() {
	kept := c.pool[:0]
	for _, e := range c.pool {
		if e.kind == core {
			kept = append(kept, e)
		}
	}
	clear(c.pool[len(kept):])
	c.pool = kept
	for k := range c.levels {
		c.levels[k].reset(c.levels[k].point)
	}
	for i := range c.parts {
		c.parts[i].level = none
	}
	c.filled = 0
}

// Order returns the product of the known lengths of the basic orbits, a lower bound of the order of the group: equal to it
// after [Chain.Verify], and almost certainly after [Chain.Complete].
func (c *Chain) Order() *big.Int {
	c.fill(math.MaxInt)
	sizes := make([]int32, len(c.levels))
	for k := range c.levels {
		c.grow(k)
		sizes[k] = int32(max(1, len(c.levels[k].orbit)))
	}
	return product(sizes)
}

// product multiplies by halves, so that large numbers meet large ones.
func product(x []int32) *big.Int {
	if len(x) <= 8 {
		p := big.NewInt(1)
		for _, v := range x {
			p.Mul(p, big.NewInt(int64(v)))
		}
		return p
	}
	h := len(x) / 2
	return new(big.Int).Mul(product(x[:h]), product(x[h:]))
}

func (c *Chain) logOrder(depth int) float64 {
	var s float64
	for k := range depth {
		c.grow(k)
		if m := len(c.levels[k].orbit); m > 1 {
			s += math.Log(float64(m))
		}
	}
	return s
}

func (c *Chain) buffers() {
	if c.work == nil {
		c.work, c.spare, c.stamp = make([]int32, c.n), make([]int32, c.n), make([]int32, c.n)
	}
}

func isIdentity(p []int32) bool {
	for i, v := range p {
		if int(v) != i {
			return false
		}
	}
	return true
}

func equal(p, q []int32) bool {
	for i, v := range p {
		if v != q[i] {
			return false
		}
	}
	return true
}
