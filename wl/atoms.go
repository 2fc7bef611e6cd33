package wl

import (
	"cmp"
	"slices"

	"symbridge/graph"
)

// atoms are the first colours of pairs: whether the two are one node, their labels, and the labels of the edges between them and
// of the loops of each, with repeats.
type atoms struct {
	n    int
	of   []int32    // (n*n) rank of the type of a pair
	kind [][]uint64 // the content of each type, ascending
}

func newAtoms(g *graph.Graph, opts Options) *atoms {
	n := g.NumNodes()
	a := &atoms{n: n, of: make([]int32, n*n)}
	node, labels := nodeRanks(n, opts.NodeLabels)
	bundle, lists := bundles(g, opts.EdgeLabels)

	// Ranks of ranks, so that the keys fit: there are less than 2^31 pairs.
	key := make([]uint64, n*n)
	for v := range n {
		key[v] = uint64(node[v])<<32 | uint64(bundle[v*n+v])
	}
	ends := rankKeys(key[:n], node)
	for u := range n {
		for v := range n {
			key[u*n+v] = uint64(bundle[u*n+v])<<32 | uint64(bundle[v*n+u])
		}
	}
	ways := rankKeys(key, a.of)
	for u := range n {
		for v := range n {
			k := uint64(node[u])*uint64(len(ends)) + uint64(node[v])
			k = k*uint64(len(ways)) + uint64(a.of[u*n+v])
			if u != v {
				k |= 1 << 63
			}
			key[u*n+v] = k
		}
	}
	for _, k := range rankKeys(key, a.of) {
		content := []uint64{k >> 63}
		k = k << 1 >> 1
		way := ways[k%uint64(len(ways))]
		k /= uint64(len(ways))
		from, to := ends[k/uint64(len(ends))], ends[k%uint64(len(ends))]
		content = append(content, labels[from>>32], labels[to>>32])
		for _, r := range []uint64{from, to, way >> 32, way} {
			list := lists[r&(1<<32-1)]
			content = append(append(content, uint64(len(list))), list...)
		}
		a.kind = append(a.kind, content)
	}
	return a
}

// rankKeys sets rank to the ranks of the keys, and returns the different ones, ascending.
func rankKeys(key []uint64, rank []int32) []uint64 {
	seen := make(map[uint64]int32)
	last, lastRank := uint64(0), int32(-1)
	var list []uint64
	for i, k := range key { // in runs of equal keys, of which there are many
		if lastRank < 0 || k != last {
			r, ok := seen[k]
			if !ok {
				r = int32(len(list))
				seen[k] = r
				list = append(list, k)
			}
			last, lastRank = k, r
		}
		rank[i] = lastRank
	}
	sorted := slices.Sorted(slices.Values(list))
	place := make([]int32, len(list))
	for r, k := range sorted {
		place[seen[k]] = int32(r)
	}
	for i, r := range rank {
		rank[i] = place[r]
	}
	return sorted
}

// bundles returns, for each pair, the rank of the sorted labels of the edges from the first to the second, and the lists.
func bundles(g *graph.Graph, edgeLabels []uint64) (of []int32, lists [][]uint64) {
	n := int32(g.NumNodes())
	of = make([]int32, n*n)
	label := func(k int32) uint64 {
		if edgeLabels == nil {
			return 0
		}
		return edgeLabels[k]
	}
	edges := make([]int32, g.NumEdges())
	for k := range edges {
		edges[k] = int32(k)
	}
	from, to := g.From(), g.To()
	pair := func(k int32) int32 { return from[k]*n + to[k] }
	slices.SortFunc(edges, func(a, b int32) int { return cmp.Or(cmp.Compare(pair(a), pair(b)), cmp.Compare(label(a), label(b))) })

	type bundle struct {
		pair int32
		list []uint64
	}
	var all []bundle
	values := make([]uint64, len(edges))
	for i, k := range edges {
		values[i] = label(k)
		if i == 0 || pair(edges[i-1]) != pair(k) {
			all = append(all, bundle{pair(k), values[i:i]})
		}
		last := &all[len(all)-1]
		last.list = last.list[:len(last.list)+1]
	}
	slices.SortFunc(all, func(a, b bundle) int { return slices.Compare(a.list, b.list) })
	lists = [][]uint64{nil} // no edge
	for _, b := range all {
		if !slices.Equal(lists[len(lists)-1], b.list) {
			lists = append(lists, b.list)
		}
		of[b.pair] = int32(len(lists) - 1)
	}
	return of, lists
}

// triples returns the first colour of each triple: the ranks of the types of its pairs.
func (a *atoms) triples() []int32 {
	n := a.n
	kinds := uint64(len(a.kind)) // their product fits: see maxElements
	key, rank := make([]uint64, n*n*n), make([]int32, n*n*n)
	i := 0
	for u := range n {
		for v := range n {
			for w := range n {
				key[i] = (uint64(a.of[u*n+v])*kinds+uint64(a.of[u*n+w]))*kinds + uint64(a.of[v*n+w])
				i++
			}
		}
	}
	rankKeys(key, rank)
	return rank
}
