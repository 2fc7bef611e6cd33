package schreier

const (
	slotsMin = 10
	slotsMax = 48
	warmUp   = 40
)

// feed tells the product replacement of a new generator.
func (c *Chain) feed(p []int32) {
	if len(c.slots) < slotsMax {
		c.slots = append(c.slots, append([]int32(nil), p...))
	} else { // not one of the slots generates alone; their products with the generators do
		c.times(c.slots[c.rng.IntN(len(c.slots))], p)
	}
	if c.acc == nil {
		c.acc = append([]int32(nil), p...)
	}
	c.times(c.acc, p)
	c.stale = warmUp + len(c.slots)
}

// times makes p into p after q.
func (c *Chain) times(p, q []int32) {
	for i, w := range q {
		c.spare[i] = p[w]
	}
	copy(p, c.spare)
}

// divide makes p into p after the inverse of q.
func (c *Chain) divide(p, q []int32) {
	for i, w := range q {
		c.spare[w] = p[i]
	}
	copy(p, c.spare)
}

// random returns the next element of product replacement with an accumulator, which belongs to the chain.
func (c *Chain) random() []int32 {
	for len(c.slots) < slotsMin {
		c.slots = append(c.slots, append([]int32(nil), c.slots[c.rng.IntN(len(c.slots))]...))
	}
	for ; c.stale > 0; c.stale-- {
		c.step()
	}
	c.step()
	return c.acc
}

// draft returns an element that is random enough to look for what a chain lacks, where that may be missed: the last generator
// times what was mixed before.
func (c *Chain) draft() []int32 {
	if c.cores <= 4 { // nothing has been mixed yet
		return c.random()
	}
	c.step()
	c.stale = max(0, c.stale-1)
	return c.acc
}

func (c *Chain) step() {
	i, j := c.rng.IntN(len(c.slots)), c.rng.IntN(len(c.slots)-1)
	if j >= i {
		j++
	}
	if c.rng.IntN(2) == 0 {
		c.times(c.slots[i], c.slots[j])
	} else {
		c.divide(c.slots[i], c.slots[j])
	}
	c.times(c.acc, c.slots[i])
	if c.cores > slotsMax {
		for {
			if e := &c.pool[c.rng.IntN(len(c.pool))]; e.kind == core {
				c.times(c.acc, e.to)
				break
			}
		}
	}
}
