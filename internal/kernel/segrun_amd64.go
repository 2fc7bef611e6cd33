//go:build amd64 && !purego

package kernel

import (
	"runtime"
	"sync/atomic"
)

// perTerm is what a term costs, in nanoseconds.
func (a *segArgs[T]) perTerm() float64 {
	switch {
	case hasAVX2 && a.edges != nil:
		return 0.5
	case hasAVX2 && a.centre == nil && a.key == nil:
		return 0.2
	}
	return 3
}

// visit is the number of values of x that are read before the next block of channels: they stay in the first cache.
const visit = 1 << 17

// fast folds segments from.. as far as the assembly goes, at most to segment to-1, and returns how many it did.
func (a *segSum32) fast(from, to int) int {
	if !a.assembled() {
		return 0
	}
	if a.edges != nil {
		return a.fastMade(from, to)
	}
	ptr := a.seg.Ptr
	if ptr == nil {
		a.ends = [2]int32{0, int32(a.rows)}
		ptr = a.ends[:]
	}
	positions := int32(min(max(32, visit/a.d), foldChunk))
	r := segRun{segSum32: a, limit: min(a.heavy, foldChunk), end: a.d}
	for i := from; i < to; {
		end := i + 1
		for end < to && end-i < foldChunk && ptr[end+1]-ptr[i] <= positions {
			end++
		}
		r.ptr, r.at = ptr[i:], i
		n := r.blocks(end - i)
		if i += n; i < end {
			return i - from
		}
	}
	return to - from
}

// segRun is a run of segments whose channels are done block by block.
type segRun struct {
	*segSum32
	ptr   []int32
	at    int // first segment
	limit int // terms of a segment
	begin int // first channel
	end   int // after the last channel
}

// blocks does the channels of n segments, and returns how many segments came to an end.
func (r *segRun) blocks(n int) int {
	switch {
	case r.w == nil:
		for c := r.begin; c < r.end && n > 0; {
			c, n = r.sums(c, n)
		}
	case r.heads == r.d:
		for c := r.begin; c < r.end && n > 0; {
			c, n = r.products(c, n)
		}
	default:
		per := r.d / r.heads
		for h := range r.heads {
			end := min(h*per+per, r.end)
			for c := max(h*per, r.begin); c < end && n > 0; {
				c, n = r.dots(c, end, h, n)
			}
		}
	}
	return n
}

func (r *segRun) divide() int {
	if r.mean {
		return 1
	}
	return 0
}

// first returns the address of the first element, nil where there is none.
func first[E any](s []E) *E {
	if len(s) == 0 {
		return nil
	}
	return &s[0]
}

// sums does the next block of channels of unweighted sums, and returns where it ends and how many segments it did.
func (r *segRun) sums(c, n int) (next, done int) {
	out, x, rest := &r.out[r.at*r.d+c], &r.x[c], r.end-c
	ptr, row := &r.ptr[0], first(r.seg.Row)
	switch {
	case hasAVX512 && rest >= 64:
		return c + 64, segSumWide64(out, x, r.d, ptr, n, row, r.limit, r.divide())
	case hasAVX512 && rest > 8:
		w := min(16, rest)
		return c + w, segSumWide16(out, x, r.d, ptr, n, row, r.limit, r.divide(), w)
	case rest >= 16:
		return c + 16, segSum16(out, x, r.d, ptr, n, row, r.limit, r.divide())
	}
	w := min(8, rest)
	return c + w, segSum8(out, x, r.d, ptr, n, row, r.limit, r.divide(), w)
}

// dots does the next block of channels of head h, which ends before channel end.
func (r *segRun) dots(c, end, h, n int) (next, done int) {
	out, x, rest := &r.out[r.at*r.d+c], &r.x[c], end-c
	ptr, row, edge := &r.ptr[0], first(r.seg.Row), first(r.seg.Edge)
	switch {
	case hasAVX512 && rest >= 64:
		return c + 64, segDotWide64(out, x, r.d, ptr, n, row, r.limit, r.divide(), &r.w[h], r.heads, edge)
	case hasAVX512 && rest > 8:
		w := min(16, rest)
		return c + w, segDotWide16(out, x, r.d, ptr, n, row, r.limit, r.divide(), &r.w[h], r.heads, edge, w)
	case rest >= 16:
		return c + 16, segDot16(out, x, r.d, ptr, n, row, r.limit, r.divide(), &r.w[h], r.heads, edge)
	}
	w := min(8, rest)
	return c + w, segDot8(out, x, r.d, ptr, n, row, r.limit, r.divide(), &r.w[h], r.heads, edge, w)
}

// products does the next block of channels with a weight each.
func (r *segRun) products(c, n int) (next, done int) {
	out, x, rest := &r.out[r.at*r.d+c], &r.x[c], r.end-c
	ptr, row, edge := &r.ptr[0], first(r.seg.Row), first(r.seg.Edge)
	switch {
	case hasAVX512 && rest > 8:
		w := min(16, rest)
		return c + w, segMulWide16(out, x, r.d, ptr, n, row, r.limit, r.divide(), &r.w[c], r.heads, edge, w)
	case rest >= 16:
		return c + 16, segMul16(out, x, r.d, ptr, n, row, r.limit, r.divide(), &r.w[c], r.heads, edge)
	}
	w := min(8, rest)
	return c + w, segMul8(out, x, r.d, ptr, n, row, r.limit, r.divide(), &r.w[c], r.heads, edge, w)
}

// columnBlock is the number of channels of an item of columns32: a cache line.
const columnBlock = 16

// columns32 is a sum over one segment whose channels are shared among workers; its items are blocks of them.
type columns32 struct {
	segSum32
	whole  [2]int32
	failed *atomic.Bool // the assembly stopped at one of the maxima
}

// Run does blocks lo..hi-1.
func (t *columns32) Run(lo, hi int) {
	r := segRun{segSum32: &t.segSum32, ptr: t.whole[:], limit: min(t.heavy, foldChunk), begin: lo * columnBlock, end: min(t.d, hi*columnBlock)}
	if r.blocks(1) == 0 {
		t.failed.Store(true)
	}
}

// columns folds a single segment channel by channel, and reports whether it did. It leaves alone what several workers would not do
// faster.
func (a *segArgs[T]) columns(positions int) bool {
	v, ok := any(a).(*segArgs[float32])
	work := int(float64(positions*a.d) * a.perTerm())
	if !ok || a.d < 2*columnBlock || positions > min(a.heavy, foldChunk) || work < 2*minCost || a.edges != nil || runtime.GOMAXPROCS(0) == 1 {
		return false
	}
	sum := segSum32{*v}
	if !sum.assembled() {
		return false
	}
	failed := borrow[atomic.Bool]()
	failed.Store(false)
	lo, hi := a.bounds(0)
	run((a.d+columnBlock-1)/columnBlock, work, columns32{sum, [2]int32{int32(lo), int32(hi)}, failed})
	done := !failed.Load()
	giveBack(failed)
	return done
}
