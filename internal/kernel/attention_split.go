package kernel

import "sync"

// blockPositions is the number of positions of a shared segment that a worker takes at a time, a multiple of eight.
const blockPositions = 1024

// shared is a segment that several workers share: the whole of it, and what they merge.
type shared[T Float] struct {
	mu    sync.Mutex
	whole piece[T]
	n     int
	begun bool // m holds a maximum
}

// share returns segment i of s as one piece.
func (a *Attention[T]) share(s *Seg, i int) *shared[T] {
	p := borrow[shared[T]]()
	w := &p.whole
	w.set(i, int(s.Ptr[i]), int(s.Ptr[i+1]), a.Heads)
	p.n, p.begun = w.positions(), false
	n := p.n * a.Heads
	w.a, w.b, w.m = grow(w.a, n+pad)[:n], grow(w.b, n+pad)[:n], grow(w.m, a.Heads)
	clear(w.acc)
	return p
}

func (p *shared[T]) blocks() int { return (p.n + blockPositions - 1) / blockPositions }

// blocksIn calls f for blocks lo..hi-1, each as a piece whose sums are its own.
func (p *shared[T]) blocksIn(lo, hi, heads int, f func(w *piece[T])) {
	w := borrow[piece[T]]()
	defer giveBack(w)
	a, b, m, ptr := w.a, w.b, w.m, w.ptr
	for k := lo; k < hi; k++ {
		from, to := k*blockPositions, min(p.n, (k+1)*blockPositions)
		w.set(p.whole.first, p.whole.p0+from, p.whole.p0+to, heads)
		w.a, w.b, w.m = p.whole.a[from*heads:to*heads], p.whole.b[from*heads:to*heads], p.whole.m
		f(w)
	}
	w.a, w.b, w.m, w.ptr = a, b, m, ptr
}

// attendPart is a phase of the forward pass of a shared segment; its items are blocks.
type attendPart[T Float] struct {
	attend[T]
	p     *shared[T]
	phase int
}

// Run does blocks lo..hi-1.
func (t *attendPart[T]) Run(lo, hi int) {
	t.p.blocksIn(lo, hi, t.Heads, func(w *piece[T]) {
		switch t.phase {
		case 0:
			t.scores(w)
			leakyReLU(w.a, t.slope())
			t.p.mu.Lock()
			defer t.p.mu.Unlock()
			if !t.p.begun {
				t.p.begun = true
				copy(w.m, w.a)
			}
			maxRows(w.m, w.a)
		case 1:
			subtractRow(w.a, w.m)
			mapTo(fnExp, w.a, w.a)
			clear(w.acc)
			f := newExpSum[T](t.p.n)
			f.add(w.acc, w.a)
			t.p.mu.Lock()
			defer t.p.mu.Unlock()
			for c, v := range w.acc {
				t.p.whole.acc[c] += v
			}
		case 2:
			divideByRow(w.a, w.m)
			t.drop(w)
		}
	})
}

// split folds segment i with all workers.
func (t *attend[T]) split(i int) {
	p := t.share(&t.Seg, i)
	cost := p.n * t.Heads
	run(p.blocks(), 8*cost, attendPart[T]{*t, p, 0})
	run(p.blocks(), 12*cost, attendPart[T]{*t, p, 1})
	f := newExpSum[T](p.n)
	f.total(p.whole.m, p.whole.acc)
	run(p.blocks(), 6*cost, attendPart[T]{*t, p, 2})
	t.sharedSum(&p.whole, t.y, p.whole.a, t.V)
	giveBack(p)
}

// attendBackPart is a phase of the backward pass of a shared segment; its items are blocks.
type attendBackPart[T Float] struct {
	attendBack[T]
	p     *shared[T]
	phase int
}

// Run does blocks lo..hi-1.
func (t *attendBackPart[T]) Run(lo, hi int) {
	t.p.blocksIn(lo, hi, t.Heads, func(w *piece[T]) {
		if t.phase == 0 {
			t.coefficients(w)
		} else {
			timesDifference(w.b, w.a, w.m)
			t.scoresBack(w)
			t.rowsBack(w)
		}
	})
}

// split does segment i with all workers.
func (t *attendBack[T]) split(i int) {
	p := t.share(&t.Seg, i)
	run(p.blocks(), 2*p.n*t.D, attendBackPart[T]{*t, p, 0})
	SegmentWeightedSum(p.whole.m, p.whole.a, p.whole.b, t.Heads, t.Heads, Seg{Ptr: p.whole.ptr}, false)
	cost := 6 * p.n * t.Heads
	if t.g.Rows != nil {
		cost += 4 * p.n * t.D
	}
	run(p.blocks(), cost, attendBackPart[T]{*t, p, 1})
	t.foldDst(&p.whole)
	if t.g.Q != nil {
		t.sharedSum(&p.whole, t.g.Q, p.whole.b, t.K)
	}
	giveBack(p)
}

// attendSourcePart makes the weights of a shared segment of sources; its items are blocks.
type attendSourcePart[T Float] struct {
	attendSource[T]
	p *shared[T]
}

// Run does blocks lo..hi-1.
func (t *attendSourcePart[T]) Run(lo, hi int) { t.p.blocksIn(lo, hi, t.Heads, t.weights) }

// split does segment i of the sources with all workers.
func (t *attendSource[T]) split(i int) {
	p := t.share(&t.Back, i)
	run(p.blocks(), 4*p.n*t.Heads, attendSourcePart[T]{*t, p})
	t.fold(&p.whole)
	giveBack(p)
}
