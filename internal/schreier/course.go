package schreier

// course is a base and what is known along it. A chain has two, since a search goes to and fro between nodes.
type course struct {
	levels []level
	parts  []partition // orbits under a stabiliser, by level modulo the number of places
	laid   int         // levels that have been filled on this base, for the group as it was then
	filled int         // those of them that have been since the group last grew

	herd  [][]int32 // random elements that fix the first below base points
	below int       // none, or no herd: there are none yet
	known int       // elements of the pool when the course was left
}

// common returns the number of points that the base and another one have in common from the first on.
func (r *course) common(base []int32) int {
	k := 0
	for k < len(base) && k < len(r.levels) && r.levels[k].point == base[k] {
		k++
	}
	return k
}

// cost returns the number of levels that a change to another base takes away or adds. Those of a base that is longer by more than a
// point are not missed: they were there for the order.
func (r *course) cost(base []int32) int {
	k := r.common(base)
	if k == len(base) {
		return 0
	}
	if len(r.levels) > len(base)+1 {
		return len(base) - k
	}
	return max(0, r.laid-k) + len(base) - k
}

// cut leaves the first k levels.
func (r *course) cut(k int) {
	r.levels = r.levels[:k]
	for i := range r.parts {
		if r.parts[i].level > k {
			r.parts[i].level = none
		}
	}
	r.laid, r.filled = min(r.laid, k), min(r.filled, k)
	if r.below > k {
		r.below = none
	}
}

// outgrown notes that p is a new generator. What it may bring to the stabilisers of the points that it moves, and of those after
// them, is not known.
func (r *course) outgrown(p []int32) {
	r.filled = 0
	if r.below > r.fixed(p) {
		r.below = none
	}
}

// forget leaves the base alone and what is known along it out.
func (r *course) forget() {
	for k := range r.levels {
		r.levels[k].reset(r.levels[k].point)
	}
	for i := range r.parts {
		r.parts[i].level = none
	}
	r.laid, r.filled, r.below, r.known = 0, 0, none, 0
}

// fixed returns the number of base points that p fixes before the first that it moves.
func (r *course) fixed(p []int32) int {
	for k := range r.levels {
		if b := r.levels[k].point; p[b] != b {
			return k
		}
	}
	return len(r.levels)
}

// swap goes to the other course. How many base points the elements of the pool fix is still to be said.
func (c *Chain) swap() {
	c.course.known = len(c.pool)
	c.course, c.other = c.other, c.course
	for i := c.known; i < len(c.pool); i++ {
		if e := &c.pool[i]; e.kind != shortcut {
			c.feedHerd(e.to, c.fixed(e.to))
		}
	}
}

// feedHerd tells the herd of an element of the stabiliser that it is of.
func (c *Chain) feedHerd(p []int32, fix int) {
	if c.below != none && fix >= c.below && c.herd != nil {
		c.times(c.herd[c.rng.IntN(herd)], p)
	}
}
