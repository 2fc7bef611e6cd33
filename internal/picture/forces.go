package picture

import "math"

// forces settles a large connected sketch: an edge pulls with the square of its length, and all nodes push apart with the
// inverse square of their distance, which keeps the density even. (Fruchterman and Reingold 1991 with the weaker far push
// of Hu 2005, Efficient and high quality force-directed graph drawing.) Far nodes push as one (Barnes and Hut 1986).
func (s *sketch) forces(at []point) {
	n := len(at)
	rounds := max(80, min(500, 1_500_000/n))
	spread := math.Sqrt(float64(n))
	var size float64
	for _, p := range at {
		size += (p.x*p.x + p.y*p.y) / float64(n)
	}
	for i := range at {
		at[i] = at[i].times(0.7 * spread / math.Sqrt(size))
	}
	move := make([]point, n)
	var t tree
	for r := range rounds {
		t.build(at)
		for i := range at {
			move[i] = t.push(at[i], int32(i))
			for _, v := range s.nbr[i] {
				gap := at[i].minus(at[v])
				move[i] = move[i].minus(gap.times(gap.length()))
			}
		}
		// A node may go at most this far in a round, less from round to round.
		left := 1 - float64(r)/float64(rounds)
		most := 0.1 * spread * left * left
		for i, step := range move {
			if l := step.length(); l > most {
				step = step.times(most / l)
			}
			at[i] = at[i].plus(step)
		}
	}
}

// tree is a quadtree of points.
type tree struct {
	cells []cell
	at    []point
	next  []int32 // the points of a leaf are a list
}

type cell struct {
	centre point   // of gravity, once built
	weight float64 // the number of points in it
	middle point
	half   float64  // half its side
	child  [4]int32 // 0: none
	first  int32    // the first point of a leaf; -1: none
	leaf   bool
	depth  int8
}

// deepest bounds the tree where points coincide; such points share a leaf.
const deepest = 24

func (t *tree) build(at []point) {
	low, high := at[0], at[0]
	for _, p := range at {
		low, high = point{min(low.x, p.x), min(low.y, p.y)}, point{max(high.x, p.x), max(high.y, p.y)}
	}
	half := max(high.x-low.x, high.y-low.y)/2 + 1e-9
	t.at, t.cells = at, append(t.cells[:0], cell{middle: low.plus(high).times(0.5), half: half, first: -1, leaf: true})
	if t.next == nil {
		t.next = make([]int32, len(at))
	}
	for i := range at {
		t.insert(int32(i))
	}
	for i := range t.cells {
		if c := &t.cells[i]; c.weight > 0 {
			c.centre = c.centre.times(1 / c.weight)
		}
	}
}

// insert adds point i; until the tree is built, centre holds the sum of points.
func (t *tree) insert(i int32) {
	for c := int32(0); ; {
		p := &t.cells[c]
		if p.leaf && (p.first < 0 || p.depth == deepest) {
			p.add(t.at[i])
			t.next[i], p.first = p.first, i
			return
		}
		if p.leaf { // its one point moves down
			old := p.first
			p.leaf, p.first = false, -1
			d := t.descend(c, t.at[old])
			q := &t.cells[d]
			q.add(t.at[old])
			q.first, t.next[old] = old, -1
		}
		t.cells[c].add(t.at[i])
		c = t.descend(c, t.at[i])
	}
}

func (c *cell) add(p point) {
	c.centre, c.weight = c.centre.plus(p), c.weight+1
}

// descend returns the child of a cell that holds p, and makes it where there is none.
func (t *tree) descend(c int32, p point) int32 {
	quarter := 0
	at := t.cells[c]
	middle, half := at.middle, at.half/2
	offset := point{-half, -half}
	if p.x > middle.x {
		quarter, offset.x = 1, half
	}
	if p.y > middle.y {
		quarter, offset.y = quarter+2, half
	}
	if at.child[quarter] == 0 {
		t.cells[c].child[quarter] = int32(len(t.cells))
		t.cells = append(t.cells, cell{middle: middle.plus(offset), half: half, first: -1, leaf: true, depth: at.depth + 1})
	}
	return t.cells[c].child[quarter]
}

// push returns the sum of (p - q) / |p - q|^3 over the other points q, far cells taken as one point.
func (t *tree) push(p point, self int32) point {
	var sum point
	var stack [4 * (deepest + 1)]int32
	for top := 1; top > 0; {
		top--
		c := &t.cells[stack[top]]
		gap := p.minus(c.centre)
		square := gap.x*gap.x + gap.y*gap.y
		switch {
		case c.leaf && c.first == self && t.next[self] < 0: // alone
		case c.leaf && c.depth < deepest || 4*c.half*c.half < square: // one point, or a side below the distance
			sum = sum.plus(gap.times(c.weight / (square*math.Sqrt(square) + 1e-3)))
		case c.leaf: // points that coincide do not push
		default:
			for _, d := range c.child {
				if d != 0 {
					stack[top] = d
					top++
				}
			}
		}
	}
	return sum
}
