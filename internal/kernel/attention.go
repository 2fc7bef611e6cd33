package kernel

import (
	"math"
	"reflect"
	"sync"
)

// Attention is a softmax over the positions of each segment whose weights fold rows: for segment i, position p of row r and edge e,
// head h and channel c of that head,
//
//	alpha[e,h] = exp(s[p,h] - max) / sum,   y[i,h,c] = sum_p drop(alpha[e,h]) * V[r,h,c],
//
// with either of two scores: s = leaky(Src[r,h] + Dst[i,h] + Edge[e,h]) (Velickovic et al. 2018) where Q is nil, and
// s = <Q[i,h], K[r,h]> * Scale (Vaswani et al. 2017) where it is not, in which case K[r,h] + Rows[e,h] and V[r,h] + Rows[e,h], rounded,
// may stand for K and V (Shi et al. 2021). Everything that belongs to one segment is done in one visit. No matrix with a row a position
// that is made has more than a column a head. The bits are those of Gather, Add, LeakyReLU or of SegmentDot and OpScale, then
// SegmentSoftmax, Dropout and SegmentWeightedSum.
type Attention[T Float] struct {
	Seg, Back Seg // with rows and edges, each edge in one position; Back is the transposed incidence
	D, Heads  int
	V         []T // (R,d)

	Src, Dst, Edge []T // (R,heads), (S,heads), (K,heads) or nil
	Slope          T   // of the leaky ReLU

	Q, K  []T // (S,d), (R,d)
	Rows  []T // (K,d) or nil
	Scale T

	P         float64 // probability of a drop; 0: no dropout
	IDs       []uint64
	Key       NoiseKey
	Operation uint32
}

// AttentionGrads are the gradients of the operands; those that are nil are not computed.
type AttentionGrads[T Float] struct {
	Score    []T // (K,heads) of the score before the leaky ReLU or the scale: the gradient of Edge; always wanted
	V        []T
	Src, Dst []T
	Q, K     []T
	Rows     []T
	AddRows  bool // the gradient of Rows is added to what is there
}

// Forward sets y (S,d). In kept (K,heads), where it is not nil, it leaves alpha for the backward pass, with the sign bit set where
// it was dropped.
func (a *Attention[T]) Forward(y, kept []T) {
	t := attend[T]{Attention: *a, y: y, kept: kept}
	if a.P > 0 {
		t.threshold, t.scale = Threshold(a.P), T(1/(1-a.P))
	}
	segments, positions := a.Seg.size()
	if segments == 0 {
		return
	}
	run(a.Seg.items(), cost[T](positions*(a.perPosition()+20*a.Heads)), t)
	a.Seg.heavy(a.D, t.split)
}

// Backward sets the gradients from dy (S,d) and what Forward has kept.
func (a *Attention[T]) Backward(g AttentionGrads[T], dy, kept []T) {
	t := attendBack[T]{Attention: *a, g: g, dy: dy, kept: kept, scale: 1}
	if a.P > 0 {
		t.scale = T(1 / (1 - a.P))
	}
	segments, positions := a.Seg.size()
	if segments > 0 {
		run(a.Seg.items(), cost[T](positions*(a.perPosition()+10*a.Heads)), t)
		a.Seg.heavy(a.D, t.split)
	}
	if segments, positions = a.Back.size(); segments > 0 && (g.V != nil || g.Src != nil || g.K != nil) {
		b := attendSource[T]{t}
		run(a.Back.items(), cost[T](positions*(3*a.D+5*a.Heads)), b)
		a.Back.heavy(a.D, b.split)
	}
}

// perPosition is what the channels of a position cost, in element operations.
func (a *Attention[T]) perPosition() int {
	if a.Rows != nil {
		return 6 * a.D
	}
	return 3 * a.D
}

func (s *Seg) size() (segments, positions int) {
	segments = max(0, len(s.Ptr)-1)
	if segments > 0 {
		positions = int(s.Ptr[segments])
	}
	return segments, positions
}

// pieceSize is the number of positions that are visited together, so that what is made of them stays in the cache.
const pieceSize = 256

// heavyPositions is the number of positions from which a segment is shared among workers.
func heavyPositions(d int) int { return max(pieceSize, splitSize/max(1, d)) }

// heavy calls f for the segments that are shared.
func (s *Seg) heavy(d int, f func(i int)) {
	segments, positions := s.size()
	limit := heavyPositions(d)
	if positions <= limit {
		return
	}
	for i := range segments {
		if int(s.Ptr[i+1]-s.Ptr[i]) > limit {
			f(i)
		}
	}
}

// pad is the room after what is computed eight at a time.
const pad = 7

// piece is some segments, or a part of one, with room for what is made of them.
type piece[T Float] struct {
	first, p0 int     // first segment, first position
	ptr       []int32 // bounds of the segments, counted from p0
	a, b, m   []T     // (n,heads), (n,heads), (segments,heads); a and b have room for whole blocks of eight
	acc       []int64 // 2*heads
	words     []uint32
	made      messageRoom[T] // messages
	order     []int32        // 0, 1, ..
	head      []int32        // head of each channel, for whole blocks of eight
	one       [2]int32
}

func (w *piece[T]) positions() int { return int(w.ptr[len(w.ptr)-1]) }

func (w *piece[T]) segments() int { return len(w.ptr) - 1 }

// set makes w positions p0..p1-1 of segment i.
func (w *piece[T]) set(i, p0, p1, heads int) {
	w.one = [2]int32{0, int32(p1 - p0)}
	w.first, w.p0, w.ptr = i, p0, w.one[:]
	w.acc = grow(w.acc, 2*heads)
}

// edges returns the edge of each position of a piece of s.
func (w *piece[T]) edges(s *Seg) []int32 { return s.Edge[w.p0 : w.p0+w.positions()] }

// local is a piece of s as an incidence whose edges are its positions.
func (w *piece[T]) local(s *Seg) Seg {
	return Seg{Ptr: w.ptr, Row: s.Row[w.p0 : w.p0+w.positions()]}
}

// of returns the rows of segment s of x.
func (w *piece[T]) of(x []T, s, h int) []T { return x[int(w.ptr[s])*h : int(w.ptr[s+1])*h] }

// rowsOf returns the rows of x, with d columns, of the segments of a piece.
func rowsOf[T Float](x []T, w *piece[T], d int) []T { return x[w.first*d : (w.first+w.segments())*d] }

// row returns row r of x, which has h columns.
func row[T Float, I int | int32](x []T, r I, h int) []T { return x[int(r)*h:][:h] }

// pieces calls f for segments lo..hi-1 in pieces, without those that are shared.
func (a *Attention[T]) pieces(s *Seg, lo, hi int, f func(w *piece[T])) {
	w := borrow[piece[T]]()
	defer giveBack(w)
	limit := heavyPositions(a.D)
	ptr := w.ptr
	for i := lo; i < hi; {
		p0 := s.Ptr[i]
		ptr = append(ptr[:0], 0)
		for j := i; j < hi; j++ {
			n := int(s.Ptr[j+1] - p0)
			if n > pieceSize && j > i || n > limit || j-i == pieceSize {
				break
			}
			ptr = append(ptr, int32(n))
		}
		w.first, w.p0, w.ptr = i, int(p0), ptr
		if w.segments() == 0 {
			i++ // it is shared
			continue
		}
		n := w.positions() * a.Heads
		w.a, w.b = grow(w.a, n+pad)[:n], grow(w.b, n+pad)[:n]
		w.m, w.acc = grow(w.m, w.segments()*a.Heads), grow(w.acc, 2*a.Heads)
		f(w)
		i += w.segments()
	}
	w.ptr = ptr
}

// borrow takes a value from the free list of its type; it goes back by giveBack.
func borrow[W any]() *W { return freeList[W]().Get().(*W) }

func giveBack[W any](w *W) { freeList[W]().Put(w) }

func freeList[W any]() *sync.Pool {
	key := reflect.TypeFor[W]()
	v, ok := pools.Load(key)
	if !ok {
		v, _ = pools.LoadOrStore(key, &sync.Pool{New: func() any { return new(W) }})
	}
	return v.(*sync.Pool)
}

// attend is the forward pass; its items are segments.
type attend[T Float] struct {
	Attention[T]
	y, kept   []T
	threshold uint32
	scale     T
}

// Run does segments lo..hi-1.
func (t *attend[T]) Run(lo, hi int) {
	lo, hi = t.Seg.span(lo, hi)
	t.pieces(&t.Seg, lo, hi, func(w *piece[T]) {
		t.scores(w)
		w.shift(t.slope(), t.Heads)
		mapTo(fnExp, w.a, w.a)
		w.normalize(t.Heads)
		t.drop(w)
		t.weightedSum(w, t.y, w.a, t.V)
	})
}

// scores sets w.a to the scores of a piece, before the leaky ReLU.
func (t *Attention[T]) scores(w *piece[T]) {
	if t.Q == nil {
		t.sums(w)
		return
	}
	x, seg := t.carried(w, t.K)
	SegmentDot(w.a, t.Q[w.first*t.D:], x, t.D, t.Heads, seg)
	for k, v := range w.a {
		w.a[k] = T(v * t.Scale)
	}
}

// slope is that of the leaky ReLU; dot products have none.
func (t *Attention[T]) slope() T {
	if t.Q != nil {
		return 1
	}
	return t.Slope
}

// sums sets w.a to the additive scores of a piece before the leaky ReLU.
func (t *Attention[T]) sums(w *piece[T]) {
	h := t.Heads
	takeRows(w.a, t.Src, w.local(&t.Seg).Row, h)
	dst := t.Dst[w.first*h:]
	if !fastAdd(w.a, dst, w.ptr, h) {
		for s := range w.segments() {
			d := row(dst, s, h)
			for x := w.of(w.a, s, h); len(x) > 0; x = x[h:] {
				for c, v := range d {
					x[c] += v
				}
			}
		}
	}
	if t.Edge == nil {
		return
	}
	for k, e := range w.edges(&t.Seg) {
		y := row(w.a, k, h)
		for c, v := range row(t.Edge, e, h) {
			y[c] += v
		}
	}
}

// takeRows sets row k of out to row at[k] of x.
func takeRows[T Float](out, x []T, at []int32, h int) {
	switch {
	case fastGather(out, x, at, h):
	case h == 1:
		out = out[:len(at)]
		for k, r := range at {
			out[k] = x[r]
		}
	default:
		for k, r := range at {
			copy(row(out, k, h), row(x, r, h))
		}
	}
}

// scatterRows sets row at[k] of out to row k of x.
func scatterRows[T Float](out, x []T, at []int32, h int) {
	switch {
	case fastScatter(out, x, at, h):
	case h == 1:
		x = x[:len(at)]
		for k, r := range at {
			out[r] = x[k]
		}
	default:
		for k, r := range at {
			copy(row(out, r, h), row(x, k, h))
		}
	}
}

// shift puts the scores w.a through the leaky ReLU, and subtracts the maximum of each segment, which it may leave in w.m.
func (w *piece[T]) shift(slope T, h int) {
	for s := 0; s < w.segments(); {
		n, ok := fastShift(w.a[int(w.ptr[s])*h:], w.ptr[s:], h, slope)
		var to int
		for s, to = w.after(s+n, ok); s < to; s++ {
			if x, mx := w.of(w.a, s, h), row(w.m, s, h); len(x) > 0 {
				leakyReLU(x, slope)
				copy(mx, x)
				maxRows(mx, x)
				subtractRow(x, mx)
			}
		}
	}
}

// normalize divides the exponentials w.a by their sum over each segment. Where one is NaN, w.m has the maxima of the segment.
func (w *piece[T]) normalize(h int) {
	for s := 0; s < w.segments(); {
		n, ok := fastNormalize(w.a[int(w.ptr[s])*h:], w.ptr[s:], h)
		var to int
		for s, to = w.after(s+n, ok); s < to; s++ {
			if x, mx := w.of(w.a, s, h), row(w.m, s, h); len(x) > 0 {
				f := newExpSum[T](len(x) / h)
				clear(w.acc)
				f.add(w.acc, x)
				f.total(mx, w.acc)
				divideByRow(x, mx)
			}
		}
	}
}

func leakyReLU[T Float](x []T, slope T) {
	for k, v := range x {
		if v <= 0 {
			x[k] = T(v * slope)
		}
	}
}

// maxRows raises mx to the rows of x.
func maxRows[T Float](mx, x []T) {
	for ; len(x) > 0; x = x[len(mx):] {
		for c, v := range x[:len(mx)] {
			mx[c] = max(mx[c], v)
		}
	}
}

func subtractRow[T Float](x, row []T) {
	for ; len(x) > 0; x = x[len(row):] {
		for c, v := range row {
			x[c] -= v
		}
	}
}

func divideByRow[T Float](x, row []T) {
	for ; len(x) > 0; x = x[len(row):] {
		for c, v := range row {
			x[c] /= v
		}
	}
}

// expSum is the order-free sum of n terms between 0 and 1 on a fixed grid.
type expSum[T Float] struct {
	n      int
	single bool
	magic  float64
	fold   fold64
}

func newExpSum[T Float](n int) expSum[T] {
	var zero T
	if _, ok := any(zero).(float32); ok {
		return expSum[T]{n: n, single: true, magic: magic32(1, excess(n))}
	}
	return expSum[T]{n: n, fold: newFold64(n)}
}

// add accumulates the rows of x: acc has two integers a column.
func (f *expSum[T]) add(acc []int64, x []T) {
	h := len(acc) / 2
	acc1, acc2 := acc[:h], acc[h:]
	for ; len(x) > 0; x = x[h:] {
		if f.single {
			for c, e := range x[:h] {
				acc1[c] += int64(math.Float64bits(float64(e) + f.magic))
			}
			continue
		}
		for c, e := range x[:h] {
			k1, k2 := f.fold.split(float64(e)*0.5, 0)
			acc1[c], acc2[c] = acc1[c]+k1, acc2[c]+k2
		}
	}
}

// total replaces the maxima of the columns by their sums, and by NaN where a maximum is NaN or infinite.
func (f *expSum[T]) total(mx []T, acc []int64) {
	for c, m := range mx {
		switch {
		case m-m != 0:
			mx[c] = T(math.NaN())
		case f.single:
			mx[c] = T(total32(acc[c], f.n, 1, excess(f.n)))
		default:
			mx[c] = T(f.fold.total(acc[c], acc[len(mx)+c], f.n, 1))
		}
	}
}

// sum sets the rows of the segments of the piece, of out, to the order-free sums of the rows of x.
func (w *piece[T]) sum(out, x []T, h int) {
	out = rowsOf(out, w, h)
	clear(out)
	for s := 0; s < w.segments(); {
		n, ok := fastSum(out[s*h:], x[int(w.ptr[s])*h:], w.ptr[s:], h)
		from, to := w.after(s+n, ok)
		SegmentSum(out[from*h:to*h], x, h, Seg{Ptr: w.ptr[from : to+1]}, false)
		s = to
	}
}

// weightedSum sets the rows of the segments of the piece, of out, to the order-free sums of weights * x. seg is the piece on its own.
func (w *piece[T]) weightedSum(out, weights, x []T, d, h int, seg Seg) {
	if d == 0 {
		return
	}
	out = rowsOf(out, w, d)
	w.head = headsOf(w.head, d, h)
	for s := 0; s < w.segments(); {
		p := int(w.ptr[s])
		n, ok := fastFold(out[s*d:], weights[p*h:], x, seg.Row[p:], w.ptr[s:], w.head, h, d)
		from, to := w.after(s+n, ok)
		SegmentWeightedSum(out[from*d:to*d], weights, x, d, h, Seg{Ptr: w.ptr[from : to+1], Row: seg.Row}, false)
		s = to
	}
}

// headsOf returns the head of each of d channels, for whole blocks of eight, in the memory of list.
func headsOf(list []int32, d, heads int) []int32 {
	list = grow(list, d+pad)
	clear(list[d:])
	for c := range d {
		list[c] = int32(c / (d / heads))
	}
	return list
}

// after returns the segments from..to-1 that portable code does where assembly has stopped before one: that one, or all that are left
// where there is no assembly.
func (w *piece[T]) after(stop int, assembly bool) (from, to int) {
	if assembly {
		return stop, min(stop+1, w.segments())
	}
	return stop, w.segments()
}

// drop turns the coefficients w.a of a piece into weights, and keeps the coefficients with their signs.
func (t *attend[T]) drop(w *piece[T]) {
	h, edges := t.Heads, w.edges(&t.Seg)
	kept := w.a
	if t.P > 0 {
		t.draw(w, edges)
		kept = w.b
		mask(w.a, w.b, w.words, t.threshold, t.scale)
	}
	if t.kept != nil {
		scatterRows(t.kept, kept, edges, h)
	}
}

// mask sets x to x * scale, and kept to |x|, where a word is at least the threshold; to 0 and -|x| elsewhere.
func mask[T Float](x, kept []T, words []uint32, threshold uint32, scale T) {
	if fastDrop(x, kept, words, threshold, scale) {
		return
	}
	for k, v := range x {
		x[k] = 0
		sign := -1.0
		if words[k] >= threshold {
			x[k], sign = T(v*scale), 1
		}
		kept[k] = T(math.Copysign(float64(v), sign))
	}
}

// draw sets w.words to the noise of the coefficients.
func (t *attend[T]) draw(w *piece[T], edges []int32) {
	h := t.Heads
	w.words = grow(w.words, len(w.a)+pad)
	var n lanes
	var at [8]int // where the words of a lane go
	used := 0
	for k, e := range edges {
		id := uint64(e)
		if t.IDs != nil {
			id = t.IDs[e]
		}
		for c := 0; c < h; c += 4 {
			n.set(used, id, uint32(c/4))
			at[used] = k*h + c
			if used++; used == 8 {
				n.draw(t.Key, t.Operation, used)
				n.scatter(w.words, &at, used, h)
				used = 0
			}
		}
	}
	if used > 0 {
		n.draw(t.Key, t.Operation, used)
		n.scatter(w.words, &at, used, h)
	}
}

// scatter puts the words of lane l to at[l] and the places after it, as many as a row of h channels has there.
func (n *lanes) scatter(words []uint32, at *[8]int, used, h int) {
	for l := range used {
		to := words[at[l]:][:min(4, h-at[l]%h)]
		for i := range to {
			to[i] = n.out[8*i+l]
		}
	}
}
