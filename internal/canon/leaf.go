package canon

import (
	"slices"

	"symbridge/internal/cells"
)

// maxLeaves bounds the entries of the leaves that are kept to find automorphisms. Tests make it small.
var maxLeaves = 1 << 22

// compare compares a leaf with the best, which is the only node of the last level, and keeps the smaller: by the hash of the graph
// in the order of the leaf, then by that graph. Equal graphs are an automorphism; the best is always looked at, so that all of
// them are found that take it to a leaf.
func (x *search) compare(child *node, f *frontier) (same bool) {
	h := x.leafHash(child.lab)
	if len(f.nodes) > 0 && h == x.best && x.automorphism(f.nodes[0].lab, child.lab) || x.knows(h, child.lab) {
		x.add()
		return true
	}
	x.remember(h, child.lab)
	if len(f.nodes) == 0 || h < x.best || h == x.best && slices.Compare(x.formAt(child.lab), x.formAt(f.nodes[0].lab)) < 0 {
		x.best = h
		f.nodes = append(f.nodes[:0], child)
	}
	return false
}

// knows reports whether a leaf of this level gave the same graph as lab, and leaves the automorphism in x.image.
func (x *search) knows(h uint64, lab []int32) bool {
	old, ok := x.leaves[h]
	return ok && x.automorphism(old, lab)
}

// remember keeps a leaf, where there is room.
func (x *search) remember(h uint64, lab []int32) {
	if (len(x.leaves)+1)*x.g.N <= maxLeaves {
		x.leaves[h] = lab
	}
}

func (x *search) formAt(lab []int32) []int32 { return formOf(x.g, make([]int32, x.g.N), lab) }

// leafHash is a sum over the edges of the graph in the order of a leaf.
func (x *search) leafHash(lab []int32) uint64 {
	place := x.image
	for k, v := range lab {
		place[v] = int32(k)
	}
	var h uint64
	for v := range int32(x.g.N) {
		for e := x.g.Ptr[v]; e < x.g.Ptr[v+1]; e++ {
			k := uint64(place[v])<<32 | uint64(place[x.g.Adj[e]])
			if x.g.Label != nil {
				k ^= cells.Mix(uint64(x.g.Label[e]))
			}
			h += cells.Mix(k)
		}
	}
	return h
}

// automorphism reports whether the map from one leaf to another keeps all edges, and leaves it in x.image.
func (x *search) automorphism(from, to []int32) bool {
	for k, v := range from {
		x.image[v] = to[k]
	}
	return x.keepsEdges()
}

// keepsEdges reports whether the permutation x.image keeps all edges.
func (x *search) keepsEdges() bool {
	for v := range int32(x.g.N) {
		if !row(x.g, x.g, v, x.image, x.mark) {
			return false
		}
	}
	return true
}

// add takes the automorphism in x.image into the group and reports whether that grew.
func (x *search) add() bool {
	if !x.chain.Add(x.image) {
		return false
	}
	moved := 0
	for v, w := range x.image {
		if int32(v) != w {
			moved++
		}
	}
	m := Moves{make([]int32, 0, moved), make([]int32, 0, moved)}
	for v, w := range x.image {
		if int32(v) != w {
			m.From, m.To = append(m.From, int32(v)), append(m.To, w)
		}
	}
	x.found = append(x.found, m)
	return true
}
