//go:build amd64 && !purego

package kernel

// foldChunk is the number of positions of one call: it bounds its time.
const foldChunk = 4096

// rowChunk is the number of channels of one call: it bounds its time too.
const rowChunk = 1 << 16

// identity is the row of each position where rows are not gathered.
var identity = func() (rows [foldChunk]int32) {
	for i := range rows {
		rows[i] = int32(i)
	}
	return rows
}()

// chunks calls f for pieces of positions p0..p1-1 of segment s: the offset into x and the rows, the offset into w and its edges.
func (a *segSum32) chunks(s, p0, p1 int, f func(x []float32, rows []int32, w []float32, edges []int32)) {
	size, b := foldChunk, (*messageRoom[float32])(nil)
	if a.edges != nil {
		size, b = messagesAtOnce(a.d), borrow[messageRoom[float32]]()
		defer giveBack(b)
	}
	for p := p0; p < p1; p += size {
		q := min(p1, p+size)
		x, rows, w, edges := a.x, identity[:q-p], a.w, identity[:q-p]
		if b != nil {
			x = a.makeTerms(b, s, p, q)
		} else if a.seg.Row != nil {
			rows = a.seg.Row[p:q]
		} else {
			x = x[p*a.d:]
		}
		if a.w != nil {
			if a.seg.Edge != nil {
				edges = a.seg.Edge[p:q]
			} else {
				w = w[p*a.heads:]
			}
		}
		f(x, rows, w, edges)
	}
}

// fastMaxima raises the maxima of the leading channels by whole blocks, and returns how many channels it did.
func (a *segSum32) fastMaxima(s, p0, p1 int, f *sums32) int {
	if a.d < 8 || !a.assembled() {
		return 0
	}
	done := 0
	a.chunks(s, p0, p1, func(x []float32, rows []int32, _ []float32, _ []int32) {
		done = foldMaxima(f.mx, x, a.d, rows)
	})
	return done
}

// fastAdd accumulates the leading channels by whole blocks, and returns how many channels it did.
func (a *segSum32) fastAdd(s, p0, p1 int, f *sums32) int {
	if a.d < 8 || !a.assembled() {
		return 0
	}
	done := 0
	if a.w == nil {
		a.chunks(s, p0, p1, func(x []float32, rows []int32, _ []float32, _ []int32) {
			done = foldSums(f.acc, f.m, x, a.d, rows)
		})
		return done
	}
	per := a.d / a.heads
	if a.heads > 1 && per%8 != 0 {
		return 0
	}
	a.chunks(s, p0, p1, func(x []float32, rows []int32, w []float32, edges []int32) {
		for h := range a.heads {
			c := h * per
			done = c + foldDots(f.acc[c:c+per], f.m[c:c+per], x[c:], a.d, rows, w[h:], a.heads, edges)
		}
	})
	return done
}

// fastGrids sets M for a segment of n terms, and reports whether it could: all maxima are normal or zero, and heads are multiples
// of four channels.
func (a *segSum32) fastGrids(excess int, f *sums32) bool {
	if !hasAVX2 || a.centre != nil || a.d%4 != 0 || a.d > rowChunk {
		return false
	}
	if a.w == nil {
		return foldGrid(&f.m[0], &f.mx[0], 1+excess, a.d/4) == 0
	}
	per := a.d / a.heads
	if per%4 != 0 {
		return false
	}
	for h := range a.heads {
		w := f.mw[h]
		if w != 0 && w < 1<<23 || w >= inf32 || foldGrid(&f.m[h*per], &f.mx[h*per], 1+excess+exponent32(w), per/4) != 0 {
			return false
		}
	}
	return true
}

// fastFinish rounds the sums of a segment of n terms.
func (a *segSum32) fastFinish(n int, f *sums32, out []float32) {
	div := 1.0
	if a.mean {
		div = float64(n)
	}
	foldFinish(&out[0], &f.acc[0], &f.m[0], n, div, a.d/4)
}

// centredVar does SegmentVar by writing the differences down, which the weighted sum takes as both of its factors; it reports
// whether it did.
func centredVar[T Float](out, x, mean []T, d int, seg Seg) bool {
	v, ok := any(x).([]float32)
	_, positions := seg.size()
	if !ok || !hasAVX2 || positions == 0 {
		return false
	}
	diff := free32.Get().(*[]float32)
	defer free32.Put(diff)
	*diff = grow(*diff, positions*d)
	items := min(positions, 64)
	run(items, cost[float32](positions*d), centre32{*diff, v, any(mean).([]float32), d, items, seg})
	SegmentWeightedSum(any(out).([]float32), *diff, *diff, d, d, Seg{Ptr: seg.Ptr}, true)
	return true
}

// centre32 sets y[p] = x[Row[p]] - mean[s] for the positions p of each segment s.
type centre32 struct {
	y, x, mean []float32
	d, items   int
	seg        Seg
}

// Run does items lo..hi-1, parts of the positions.
func (t *centre32) Run(lo, hi int) {
	t.seg.parts(t.items, lo, hi, func(s, p0, p1 int) {
		mean := t.mean[s*t.d : s*t.d+t.d]
		if t.seg.Row == nil {
			everyRow(Sub, t.y[p0*t.d:p1*t.d], t.x[p0*t.d:p1*t.d], mean)
			return
		}
		for p := p0; p < p1; p++ {
			x, y := t.x[int(t.seg.Row[p])*t.d:][:t.d], t.y[p*t.d:][:t.d]
			for c, m := range mean {
				y[c] = x[c] - m
			}
		}
	})
}
