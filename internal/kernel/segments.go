package kernel

import (
	"runtime"
	"sort"
	"sync"
)

// Seg is an incidence of rows and segments: position k of segment s, Ptr[s] <= k < Ptr[s+1], stands for row Row[k] and for
// edge Edge[k]; nil slices stand for the identity.
type Seg struct{ Ptr, Row, Edge []int32 }

// SegmentSum sets out[s,c] = sum_k x[Row[k],c] over the positions of each segment: (R,d) -> (S,d), order-free. With mean,
// the sum is divided by the size of the segment in float64 before it is rounded. Empty segments give 0.
func SegmentSum[T Float](out, x []T, d int, seg Seg, mean bool) {
	segmentSum(segArgs[T]{out: out, x: x, seg: seg, d: d, mean: mean})
}

// SegmentWeightedSum sets out[s,c] = sum_k w[Edge[k],h] * x[Row[k],c], h = c / (d/heads): (K,heads), (R,d) -> (S,d),
// order-free with exact products. With mean, the sum is divided by the size of the segment before it is rounded.
func SegmentWeightedSum[T Float](out, w, x []T, d, heads int, seg Seg, mean bool) {
	segmentSum(segArgs[T]{out: out, x: x, w: w, seg: seg, d: d, heads: heads, mean: mean})
}

// SegmentVar sets out[s,c] = (1/n) sum_k (x[Row[k],c] - mean[s,c])^2: the second pass of a variance. The difference is
// rounded, its square is exact.
func SegmentVar[T Float](out, x, mean []T, d int, seg Seg) {
	if centredVar(out, x, mean, d, seg) {
		return
	}
	segmentSum(segArgs[T]{out: out, x: x, seg: seg, d: d, mean: true, centre: mean})
}

// SegmentSumWhere sets out[s,c] = sum_k x[Row[k],c] over the positions whose keys agree, key[Row[k],c] == own[s,c]; the
// other terms count as zeros. It is the backward pass of max and min.
func SegmentSumWhere[T Float](out, x, own, key []T, d int, seg Seg) {
	segmentSum(segArgs[T]{out: out, x: x, seg: seg, d: d, own: own, key: key})
}

// ColSum sets out[c] = sum_r x[r,c], order-free: (R,d) -> (1,d).
func ColSum[T Float](out, x []T, rows, d int) {
	segmentSum(segArgs[T]{out: out, x: x, d: d, rows: rows})
}

// ColDot sets out[c] = sum_r a[r,c]*b[r,c], order-free with exact products: (R,d), (R,d) -> (1,d).
func ColDot[T Float](out, a, b []T, rows, d int) {
	ColWeightedSum(out, b, a, rows, d, d)
}

// ColWeightedSum sets out[c] = sum_r w[r,h] * x[r,c], h = c / (d/heads), order-free with exact products: (R,heads), (R,d) ->
// (1,d).
func ColWeightedSum[T Float](out, w, x []T, rows, d, heads int) {
	segmentSum(segArgs[T]{out: out, x: x, w: w, d: d, heads: heads, rows: rows})
}

// segArgs are the operands of a segment reduction; see the functions above for the forms.
type segArgs[T Float] struct {
	out, x, w []T
	seg       Seg
	d, heads  int
	rows      int // without Ptr: one segment of this many rows
	mean      bool
	centre    []T
	own, key  []T
	edges     []T     // rows of edges that are added to those of x: the terms are messages
	at        []int32 // the edge of each position
	relu      bool
	ends      [2]int32 // the ends of that segment
	heavy     int      // segments with more positions are left to the split road
}

// size returns the numbers of segments and of positions.
func (a *segArgs[T]) size() (segments, positions int) {
	if a.seg.Ptr == nil {
		return 1, a.rows
	}
	return a.seg.size()
}

// bounds returns the positions of segment s.
func (a *segArgs[T]) bounds(s int) (lo, hi int) {
	if a.seg.Ptr == nil {
		return 0, a.rows
	}
	return int(a.seg.Ptr[s]), int(a.seg.Ptr[s+1])
}

func (a *segArgs[T]) row(p int) int {
	if a.seg.Row == nil {
		return p
	}
	return int(a.seg.Row[p])
}

// weights returns the weights of position p, one a head.
func (a *segArgs[T]) weights(p int) []T {
	if a.seg.Edge != nil {
		p = int(a.seg.Edge[p])
	}
	return a.w[p*a.heads : p*a.heads+a.heads]
}

// load returns the values of position p of segment s: a row of x, or tmp where they have to be made.
func (a *segArgs[T]) load(s, p int, tmp []T) []T {
	r := a.row(p)
	x := a.x[r*a.d : r*a.d+a.d]
	if a.edges != nil {
		return a.message(s, p, x, tmp)
	}
	if a.centre != nil {
		tmp = tmp[:len(x)]
		for c, m := range a.centre[s*a.d : s*a.d+a.d] {
			tmp[c] = x[c] - m
		}
		return tmp
	}
	if a.key != nil {
		tmp = tmp[:len(x)]
		own := a.own[s*a.d : s*a.d+a.d]
		for c, k := range a.key[r*a.d : r*a.d+a.d] {
			tmp[c] = 0
			if own[c] == k {
				tmp[c] = x[c]
			}
		}
		return tmp
	}
	return x
}

// items returns into how many runs of segments the work is cut, which have about as many segments and positions each: a few large
// segments do not keep one worker while the others wait. Without Ptr there is one segment.
func (s *Seg) items() int {
	if s.Ptr == nil {
		return 1
	}
	return min(len(s.Ptr)-1, 64)
}

// span returns the segments of items lo..hi-1.
func (s *Seg) span(lo, hi int) (from, to int) {
	if s.Ptr == nil {
		return lo, hi
	}
	return s.first(lo), s.first(hi)
}

// first returns the first segment of an item.
func (s *Seg) first(item int) int {
	n, items := len(s.Ptr)-1, s.items()
	if item == items {
		return n
	}
	at := (n + int(s.Ptr[n])) / items * item
	return sort.Search(n, func(k int) bool { return k+int(s.Ptr[k]) >= at })
}

// parts cuts the positions into items of the same size, wherever segments end, and calls f for the segments, or parts of them, of
// items lo..hi-1, with their positions.
func (s *Seg) parts(items, lo, hi int, f func(i, p0, p1 int)) {
	segments, positions := s.size()
	p, end := positions*lo/items, positions*hi/items
	for i := sort.Search(segments, func(k int) bool { return int(s.Ptr[k+1]) > p }); p < end; i++ {
		if q := min(end, int(s.Ptr[i+1])); p < q {
			f(i, p, q)
			p = q
		}
	}
}

// splitSize is the number of elements from which a single segment is shared among workers.
const splitSize = 1 << 17

func segmentSum[T Float](a segArgs[T]) {
	segments, positions := a.size()
	if a.d == 0 || segments <= 0 {
		return
	}
	a.heavy = int(^uint(0) >> 1)
	if runtime.GOMAXPROCS(0) > 1 {
		a.heavy = splitSize / a.d
	}
	switch v := any(a).(type) {
	case segArgs[float32]:
		if segments == 1 && v.columns(positions) {
			return
		}
		run(a.seg.items(), int(float64(positions*a.d)*a.perTerm()), segSum32{v})
	case segArgs[float64]:
		run(a.seg.items(), 8*positions*a.d, segSum64{v})
	}
	if positions <= a.heavy {
		return
	}
	for s := range segments {
		if lo, hi := a.bounds(s); hi-lo > a.heavy {
			switch v := any(a).(type) {
			case segArgs[float32]:
				split32(v, s)
			case segArgs[float64]:
				split64(v, s)
			}
		}
	}
}

// splitState is what the workers of one heavy segment share.
type splitState struct {
	mu       sync.Mutex
	mx, mw   []uint64
	acc1     []int64
	acc2     []int64
	finished bool // the maxima are known: the second pass
}

var splitStates = sync.Pool{New: func() any { return new(splitState) }}

func (s *splitState) reset(d, heads int) {
	s.mx, s.mw = grow(s.mx, d), grow(s.mw, heads)
	s.acc1, s.acc2 = grow(s.acc1, d), grow(s.acc2, d)
	clear(s.mx)
	clear(s.mw)
	clear(s.acc1)
	clear(s.acc2)
	s.finished = false
}
