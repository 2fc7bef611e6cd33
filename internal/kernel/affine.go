package kernel

// Affine is (x - Mean) * Scale * Weight, channel by channel, and then what follows, each step rounded on its own. Steps that are nil
// are left out.
type Affine[T Float] struct {
	Mean, Scale []T // (1,d)
	Weight      []T // (1,d) or (1,1)
	Then[T]
	Kept []T // (rows,d) for (x - Mean) * Scale, or nil
}

// Apply sets y from x: (rows,d) -> (rows,d). The steps go over some rows while they are in the cache.
func (e *Affine[T]) Apply(y, x []T, rows, d int) {
	if d > 0 {
		run(rows, cost[T](3*rows*d)+e.cost(rows*d), affine[T]{*e, y, x, d})
	}
}

type affine[T Float] struct {
	Affine[T]
	y, x []T
	d    int
}

// affineRoom is the number of elements that go through each step together.
const affineRoom = 1 << 11

// Run does rows lo..hi-1.
func (t *affine[T]) Run(lo, hi int) {
	for step := max(1, affineRoom/t.d); lo < hi; lo += step {
		t.rows(lo, min(hi, lo+step))
	}
}

// rows does rows lo..hi-1.
func (t *affine[T]) rows(lo, hi int) {
	if t.fast(lo, hi) {
		return
	}
	x, y := t.x, t.y
	step := func(op Binary, b []T) {
		s := broadcast[T]{op: op, y: y, a: x, b: b, d: t.d, bRows: 1, bCols: len(b)}
		s.Run(lo, hi)
		x = y
	}
	if t.Kept != nil {
		y = t.Kept
	}
	if t.Mean != nil {
		step(Sub, t.Mean)
	}
	if t.Scale != nil {
		step(Mul, t.Scale)
	}
	y = t.y
	if t.Weight != nil {
		step(Mul, t.Weight)
	}
	t.Then.rows(y, x, lo, hi, t.d)
}
