package wl

import (
	"cmp"
	"context"
	"slices"
)

// view is what the elements of a colouring (nodes, pairs or triples) see of each other's colours.
type view interface {
	// begin is called before a round, with the colours of the round before.
	begin(colour []int32)
	// sums sets sum[x] for each of the elements to a number that is equal where the multisets are that they see, and seldom else.
	sums(elements, colour []int32, sum []uint64)
	// sees appends the multiset itself, sorted.
	sees(dst []uint64, x int32, colour []int32) []uint64
	// watchers appends the elements that see x; it is not called where all see all.
	watchers(dst []int32, x int32) []int32
	all() bool
	// width is about how many elements one of them sees.
	width() int
}

// blocks is a partition into classes that are runs of places, numbered in an order that no labelling shows in: what each
// round does depends on the numbers of the classes and on what their elements see, and on nothing else. So if two graphs
// cannot be told apart, they get the same numbers; and if their classes have the same sizes, the same first colours and see the
// same, then the common colouring is stable on the union of the graphs, and they cannot be told apart. That is why a digest of
// the last partition is a name of the equivalence class.
//
// Rounds compare sums, which may coincide by chance where multisets differ. A partition is taken to be stable only after a round
// that compares the multisets themselves has found nothing to split; so chance costs time and changes no result.
type blocks struct {
	order  []int32 // elements by class
	colour []int32 // of an element: the first place of its class
	end    []int32 // of a class, at its first place
	count  int
	rounds int

	touched []bool // at the first place of a class
	todo    []int32
	sum     []uint64
	cuts    []cut
	changed []int32
	seers   []int32
	first   []uint64
	other   []uint64
	known   multiset
	work    int    // since the last look at the context
	mask    uint64 // of the sums of rounds that are not exact: all ones, but for tests
}

type cut struct{ class, at int32 }

// newBlocks returns the partition by ranks 0, 1, ...
func newBlocks(rank []int32) *blocks {
	n := len(rank)
	b := &blocks{order: make([]int32, n), colour: make([]int32, n), end: make([]int32, n), touched: make([]bool, n),
		sum: make([]uint64, n), mask: sumMask}
	ptr := []int32{0}
	for _, r := range rank {
		for int(r)+1 >= len(ptr) {
			ptr = append(ptr, 0)
		}
		ptr[r+1]++
	}
	for r := 1; r < len(ptr); r++ {
		if ptr[r] > 0 {
			b.todo = append(b.todo, ptr[r-1])
			b.touched[ptr[r-1]] = true
			b.end[ptr[r-1]] = ptr[r-1] + ptr[r]
			b.count++
		}
		ptr[r] += ptr[r-1]
	}
	next := slices.Clone(ptr)
	for x, r := range rank {
		b.order[next[r]] = int32(x)
		next[r]++
		b.colour[x] = ptr[r]
	}
	return b
}

// sumMask is narrowed by tests, to see that sums which coincide change nothing.
var sumMask = ^uint64(0)

// copyFrom makes b the partition that a is.
func (b *blocks) copyFrom(a *blocks) {
	b.order, b.colour, b.end = append(b.order[:0], a.order...), append(b.colour[:0], a.colour...), append(b.end[:0], a.end...)
	b.touched, b.todo = append(b.touched[:0], a.touched...), append(b.todo[:0], a.todo...)
	b.sum = slices.Grow(b.sum[:0], len(a.order))[:len(a.order)]
	b.count, b.rounds, b.mask = a.count, a.rounds, a.mask
}

// individualise gives x a class of its own, behind the rest of its class.
func (b *blocks) individualise(x int32, v view) {
	first := b.colour[x]
	last := b.end[first] - 1
	if first == last {
		return
	}
	at := first + int32(slices.Index(b.order[first:last+1], x))
	b.order[at], b.order[last] = b.order[last], x
	b.end[first], b.end[last] = last, last+1
	b.colour[x] = last
	b.count++
	b.changed = append(b.changed[:0], x)
	b.touch(v)
}

// refine goes on until the partition is stable.
func (b *blocks) refine(ctx context.Context, v view) error {
	for exact := false; ; {
		before := b.count
		if err := b.round(ctx, v, exact); err != nil {
			return err
		}
		if b.count == before && exact {
			return nil
		}
		if b.count > before {
			b.rounds++
		}
		exact = b.count == before
	}
}

// workUnit is about how many elements are looked at between two looks at the context.
const workUnit = 1 << 20

// worked counts what has been looked at, over rounds, and looks at the context now and then.
func (b *blocks) worked(ctx context.Context, elements int) error {
	if b.work += elements; b.work < workUnit {
		return nil
	}
	b.work = 0
	return ctx.Err()
}

// round splits the classes that may split, all by the colours of the round before.
func (b *blocks) round(ctx context.Context, v view, exact bool) error {
	if exact {
		b.todo = b.todo[:0]
		for first := int32(0); int(first) < len(b.order); first = b.end[first] {
			b.todo = append(b.todo, first)
		}
	}
	v.begin(b.colour)
	b.cuts = b.cuts[:0]
	width := max(1, v.width())
	chunk := max(1, workUnit/width)
	if err := b.worked(ctx, len(b.todo)); err != nil {
		return err
	}
	for _, first := range b.todo {
		b.touched[first] = false
		members := b.order[first:b.end[first]]
		if len(members) < 2 {
			continue
		}
		for from := 0; from < len(members); from += chunk {
			part := members[from:min(from+chunk, len(members))]
			if exact {
				break
			}
			if err := b.worked(ctx, len(part)*width); err != nil {
				return err
			}
			v.sums(part, b.colour, b.sum)
			if b.mask != ^uint64(0) {
				for _, x := range part {
					b.sum[x] &= b.mask
				}
			}
		}
		if exact {
			if err := b.rankExactly(ctx, members, v, width); err != nil {
				return err
			}
		}
		if b.sortBySum(members) {
			for k := 1; k < len(members); k++ {
				if b.sum[members[k-1]] != b.sum[members[k]] {
					b.cuts = append(b.cuts, cut{first, first + int32(k)})
				}
			}
		}
	}
	b.todo = b.todo[:0]
	b.apply()
	b.touch(v)
	return nil
}

// sortBySum sorts the members of a class and reports whether there are two sums.
func (b *blocks) sortBySum(members []int32) bool {
	same := true
	for _, x := range members {
		same = same && b.sum[x] == b.sum[members[0]]
	}
	if same {
		return false
	}
	slices.SortFunc(members, func(x, y int32) int { return cmp.Compare(b.sum[x], b.sum[y]) })
	return true
}

// rankExactly sets the sums of the members to the ranks of what they see.
func (b *blocks) rankExactly(ctx context.Context, members []int32, v view, width int) error {
	same := true
	quick := false
	fast, isMatcher := v.(matcher)
	if isMatcher {
		if b.first, quick = fast.keys(b.first[:0], members[0], b.colour); quick {
			b.known.learn(b.first)
		}
	}
	if !quick {
		b.first = v.sees(b.first[:0], members[0], b.colour)
	}
	for _, x := range members[1:] {
		if err := b.worked(ctx, 4*width); err != nil {
			return err
		}
		if quick {
			b.other, _ = fast.keys(b.other[:0], x, b.colour)
			same = b.known.equals(b.other)
		} else {
			b.other = v.sees(b.other[:0], x, b.colour)
			same = slices.Equal(b.first, b.other)
		}
		if !same {
			break
		}
	}
	if same {
		for _, x := range members {
			b.sum[x] = 0
		}
		return nil
	}
	tuples := make(map[int32][]uint64, len(members))
	for _, x := range members {
		if err := b.worked(ctx, 4*width); err != nil {
			return err
		}
		tuples[x] = v.sees(nil, x, b.colour)
	}
	sorted := slices.SortedFunc(slices.Values(members), func(x, y int32) int { return slices.Compare(tuples[x], tuples[y]) })
	var rank uint64
	for k, x := range sorted {
		if k > 0 && !slices.Equal(tuples[sorted[k-1]], tuples[x]) {
			rank++
		}
		b.sum[x] = rank
	}
	return nil
}

// apply makes the cuts.
func (b *blocks) apply() {
	b.changed = b.changed[:0]
	for i, c := range b.cuts {
		end := b.end[c.class]
		if i+1 < len(b.cuts) && b.cuts[i+1].class == c.class {
			end = b.cuts[i+1].at
		}
		b.end[c.at] = end
		for _, x := range b.order[c.at:end] {
			b.colour[x] = c.at
			b.changed = append(b.changed, x)
		}
	}
	for i, c := range b.cuts {
		if i == 0 || b.cuts[i-1].class != c.class {
			b.end[c.class] = c.at
		}
	}
	b.count += len(b.cuts)
}

// touch lists the classes that may split because of what has changed.
func (b *blocks) touch(v view) {
	if len(b.changed) == 0 {
		return
	}
	if v.all() {
		for first := int32(0); int(first) < len(b.order); first = b.end[first] {
			if b.end[first]-first > 1 && !b.touched[first] {
				b.touched[first] = true
				b.todo = append(b.todo, first)
			}
		}
		return
	}
	for _, x := range b.changed {
		b.seers = v.watchers(b.seers[:0], x)
		for _, y := range b.seers {
			if first := b.colour[y]; !b.touched[first] {
				b.touched[first] = true
				b.todo = append(b.todo, first)
			}
		}
	}
}

// numbers returns the colour of each element as a number 0..count-1.
func (b *blocks) numbers() []int32 {
	out := make([]int32, len(b.order))
	number := int32(-1)
	for k, x := range b.order {
		if int(b.colour[x]) == k {
			number++
		}
		out[x] = number
	}
	return out
}
