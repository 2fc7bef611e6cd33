package picture

import "math"

// forces settles a large connected sketch: edges pull with their length, all nodes push apart with the product of their
// weights, degree + 1, over the distance, and clusters come out as clumps. (Noack 2009, Modularity clustering is
// force-directed layout; Jacomy et al. 2014, ForceAtlas2.) Far nodes push as one (Barnes and Hut 1986).
func (s *sketch) forces(at []point) {
	n := len(at)
	weight := make([]float64, n)
	for i, nbr := range s.nbr {
		weight[i] = float64(len(nbr) + 1)
	}
	rounds := max(60, min(400, 1_000_000/n))
	push := make([]point, n)
	spread := math.Sqrt(float64(n))
	for i := range at {
		at[i] = at[i].times(spread / 10)
	}
	var t tree
	for r := range rounds {
		t.build(at, weight)
		for i := range at {
			push[i] = t.push(at[i], int32(i)).times(weight[i])
		}
		for u, nbr := range s.nbr {
			for _, v := range nbr {
				push[u] = push[u].minus(at[u].minus(at[v]))
			}
		}
		// A node may go at most this far in a round, less from round to round.
		most := 0.3 * spread * (1 - float64(r)/float64(rounds)) / float64(1+r/8)
		for i := range at {
			step := push[i].times(1 / weight[i])
			if l := step.length(); l > most {
				step = step.times(most / l)
			}
			at[i] = at[i].plus(step.times(0.5))
		}
	}
}

// tree is a quadtree of weighted points.
type tree struct {
	cells []cell
	at    []point
	next  []int32 // the points of a leaf are a list
}

type cell struct {
	centre point   // of gravity, once built
	weight float64 // of all points in it
	middle point
	half   float64  // half its side
	child  [4]int32 // 0: none
	first  int32    // the first point of a leaf; -1: none
	leaf   bool
	depth  int8
}

// deepest bounds the tree where points coincide; such points share a leaf.
const deepest = 24

func (t *tree) build(at []point, weight []float64) {
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
		t.insert(int32(i), weight)
	}
	for i := range t.cells {
		if c := &t.cells[i]; c.weight > 0 {
			c.centre = c.centre.times(1 / c.weight)
		}
	}
}

// insert adds point i; until the tree is built, centre holds the sum of weighted points.
func (t *tree) insert(i int32, weight []float64) {
	for c := int32(0); ; {
		p := &t.cells[c]
		if p.leaf && (p.first < 0 || p.depth == deepest) {
			p.add(t.at[i], weight[i])
			t.next[i], p.first = p.first, i
			return
		}
		if p.leaf { // its one point moves down
			old := p.first
			p.leaf, p.first = false, -1
			d := t.descend(c, t.at[old])
			q := &t.cells[d]
			q.add(t.at[old], weight[old])
			q.first, t.next[old] = old, -1
		}
		t.cells[c].add(t.at[i], weight[i])
		c = t.descend(c, t.at[i])
	}
}

func (c *cell) add(p point, w float64) {
	c.centre, c.weight = c.centre.plus(p.times(w)), c.weight+w
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

// push returns the sum of w (p - q) / |p - q|^2 over the other points q of weight w, far cells taken as one point.
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
			sum = sum.plus(gap.times(c.weight / (square + 1e-6)))
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
