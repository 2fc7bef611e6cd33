package arcs

import (
	"cmp"
	"slices"

	"symbridge/graph"
)

// labels are edge labels by their ranks.
type labels struct {
	values []uint64 // the distinct ones, ascending
	rank   []int32  // (E) nil: all 0
}

func newLabels(edge []uint64, edges int) labels {
	switch {
	case edges == 0:
		return labels{}
	case edge == nil:
		return labels{values: zero}
	}
	values, rank := ranks(edge)
	return labels{values, rank}
}

// ranks returns the distinct values of a list, ascending, and the rank of each entry; nil is all 0.
func ranks(list []uint64) (values []uint64, rank []int32) {
	first := map[uint64]int32{}
	rank = make([]int32, len(list))
	for k, x := range list {
		if k > 0 && x == list[k-1] {
			rank[k] = rank[k-1]
			continue
		}
		i, ok := first[x]
		if !ok {
			i = int32(len(values))
			first[x] = i
			values = append(values, x)
		}
		rank[k] = i
	}
	if len(values) <= 1 {
		return values, nil
	}
	slices.Sort(values)
	to := make([]int32, len(values))
	for k, x := range values {
		to[first[x]] = int32(k)
	}
	for k, i := range rank {
		rank[k] = to[i]
	}
	return values, rank
}

func (l labels) at(edge int32) int32 {
	if l.rank == nil {
		return 0
	}
	return l.rank[edge]
}

// pick returns the labels with the given ranks; nil where there are none.
func (l labels) pick(ranks []uint32) []uint64 {
	var out []uint64
	for _, r := range ranks {
		out = append(out, l.values[r])
	}
	return out
}

// loop is a loop of a node.
type loop struct{ node, rank int32 }

// loops returns the loops by node and rank.
func (l labels) loops(g *graph.Graph) []loop {
	var out []loop
	to := g.To()
	for k, u := range g.From() {
		if u == to[k] {
			out = append(out, loop{u, l.at(int32(k))})
		}
	}
	slices.SortFunc(out, func(a, b loop) int { return cmp.Or(cmp.Compare(a.node, b.node), cmp.Compare(a.rank, b.rank)) })
	return out
}

// book numbers lists by who comes first.
type book struct {
	words []uint32 // all lists, one after the other
	ends  []int    // of each list
	table []int32  // 1 + a number, by hash; 0 is empty. Its length is a power of two
}

func (b *book) list(id int32) []uint32 {
	start := 0
	if id > 0 {
		start = b.ends[id-1]
	}
	return b.words[start:b.ends[id]]
}

// id returns the number of a list.
func (b *book) id(list []uint32) int32 {
	if 2*len(b.ends) >= len(b.table) {
		b.table = make([]int32, max(64, 4*len(b.table)))
		for id := range int32(len(b.ends)) {
			b.table[b.slot(b.list(id))] = id + 1
		}
	}
	k := b.slot(list)
	if b.table[k] == 0 {
		b.words = append(b.words, list...)
		b.ends = append(b.ends, len(b.words))
		b.table[k] = int32(len(b.ends))
	}
	return b.table[k] - 1
}

// slot returns where a list stands in the table, or has room.
func (b *book) slot(list []uint32) int {
	h := uint64(len(list))
	for _, w := range list {
		h = (h ^ uint64(w)) * 0x9e3779b97f4a7c15
		h ^= h >> 32
	}
	mask := len(b.table) - 1
	for k := int(h>>1) & mask; ; k = (k + 1) & mask {
		if b.table[k] == 0 || slices.Equal(b.list(b.table[k]-1), list) {
			return k
		}
	}
}

// sort returns the numbers in the order that compare gives, and the rank of each.
func (b *book) sort(compare func(a, b []uint32) int) (order, rank []int32) {
	order, rank = make([]int32, len(b.ends)), make([]int32, len(b.ends))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(i, j int32) int { return compare(b.list(i), b.list(j)) })
	for k, i := range order {
		rank[i] = int32(k)
	}
	return order, rank
}
