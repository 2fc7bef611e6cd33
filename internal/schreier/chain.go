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

	n int
	course
	other course // the one that was left last
	pool  []element
	cores int // elements of the pool that came as generators

	rng   *rand.Rand
	slots [][]int32 // product replacement; they generate the group
	acc   []int32
	stale int // steps of product replacement still to do before an element counts as random

	identity []int32
	work     []int32 // what is being sifted
	spare    []int32
	stamp    []int32 // for short tests of membership of orbits in the making
	ticket   int32
	listed   []int32 // elements that a level may use

	cells    []int32 // lengths of the orbits of the group, by smallest point, when it had cellsFor generators
	cellsFor int

	log    float64 // logarithm of the largest order that a full chain of this group has shown
	most   float64 // logarithm of an upper bound of the order; 0: not known
	streak int     // random elements that have been found in the chain, in a row, since it last changed
	whole  bool    // enough of them, or the order, say that the chain is complete on this base
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
	in := c.divides(p)
	if !in && !c.whole && len(c.pool) > 0 && !c.merges(p) {
		c.fill(math.MaxInt)
		in = c.divides(p)
	}
	if in {
		return false
	}
	if !equal(c.work, p) { // what is left of p is a new element too
		residue := append([]int32(nil), c.work...)
		c.insert(append([]int32(nil), p...), core)
		c.insert(residue, derived)
	} else {
		c.insert(append([]int32(nil), p...), core)
	}
	c.feed(p)
	c.course.outgrown(p)
	c.other.outgrown(p)
	c.whole, c.proved, c.log = false, false, 0
	return true
}

// divides sifts p, leaving in c.work what remains, and reports whether that is nothing.
func (c *Chain) divides(p []int32) bool {
	copy(c.work, p)
	return c.sift(c.work, 0, len(c.levels)) == len(c.levels) && isIdentity(c.work)
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
	return c.divides(p)
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
	if k != shortcut {
		c.streak = 0
		c.feedHerd(p, fix)
	}
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
	var held []int32 // a factor that p is still to be followed by: two of them go through p together
	for k := first; k < depth; k++ {
		l := &c.levels[k]
		v := p[l.point]
		if held != nil {
			v = held[v]
		}
		if v == l.point {
			continue
		}
		c.grow(k)
		t := l.label(v)
		if t == outside {
			depth = k
			break
		}
		for v != l.point {
			q := c.back(t)
			if held == nil {
				held = q
			} else {
				for i, w := range p {
					p[i] = q[held[w]]
				}
				held = nil
			}
			v = q[v]
			t = l.label(v)
		}
	}
	if held != nil {
		for i, w := range p {
			p[i] = held[w]
		}
	}
	return depth
}

// Rebase makes base the first base points. Levels that agree from the top are kept, of the base that was left last too where
// it has more of them; the others are built again when they are asked for, from the generators and from random elements.
func (c *Chain) Rebase(base []int32) {
	k := c.common(base)
	if k == len(base) {
		return
	}
	if c.whole {
		c.log = max(c.log, c.logOrder(len(c.levels)))
	}
	c.whole, c.streak = false, 0
	stale := k // elements that fix fewer base points keep them
	if len(c.pool) > 0 && c.other.cost(base) < c.cost(base) {
		c.swap()
		k, stale = c.common(base), 0
	}
	if k < len(base) {
		c.course.cut(k)
		for _, b := range base[k:] {
			c.push(b)
		}
	}
	if len(c.pool) > 64+3*c.cores+2*(len(c.levels)+len(c.other.levels)) {
		c.collect()
	}
	for i := range c.pool {
		if e := &c.pool[i]; e.fix >= stale {
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
	c.course.forget()
	c.other.forget()
}

// Order returns the product of the known lengths of the basic orbits, a lower bound of the order of the group: equal to it
// after [Chain.Verify], and almost certainly after [Chain.Complete].
func (c *Chain) Order() *big.Int {
	c.fill(math.MaxInt)
	return c.shows()
}

// OrderUpTo is [Chain.Order] for a caller who knows an upper bound: where the chain shows so much random elements need not
// confirm it.
func (c *Chain) OrderUpTo(most *big.Int) *big.Int {
	c.most = logOf(most)
	c.fill(math.MaxInt)
	c.most = 0
	return c.shows()
}

func logOf(x *big.Int) float64 {
	mantissa := new(big.Float)
	exponent := new(big.Float).SetInt(x).MantExp(mantissa)
	m, _ := mantissa.Float64()
	return math.Log(m) + float64(exponent)*math.Ln2
}

// shows returns the product of the lengths of the basic orbits.
func (c *Chain) shows() *big.Int {
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
