package wlkernel

import (
	"cmp"
	"math/bits"
	"slices"
	"sync"
)

// table knows the graphs with a few nodes. A graph is a mask of edges: that of nodes i < j is bit below(j)+i.
type table struct {
	size   int
	types  []graphletType
	typeOf []uint8 // by mask
	left   [3]int  // the types with no edge, with one, and with two that do not meet; -1 where there is none
}

// graphletType is a graph up to isomorphism.
type graphletType struct {
	mask      uint16 // the smallest of its masks
	edges     int
	connected bool
}

// below returns the number of pairs of nodes below j.
func below(j int) int { return j * (j - 1) / 2 }

// tables are those of 3, 4 and 5 nodes.
var tables = [3]func() *table{
	sync.OnceValue(func() *table { return newTable(3) }),
	sync.OnceValue(func() *table { return newTable(4) }),
	sync.OnceValue(func() *table { return newTable(5) }),
}

func newTable(size int) *table {
	t := &table{size: size, typeOf: make([]uint8, 1<<below(size)), left: [3]int{-1, -1, -1}}
	orders := permutations(size)
	smallest := make([]uint16, len(t.typeOf))
	for m := range smallest {
		mask := uint16(m)
		smallest[m] = mask
		for _, p := range orders {
			smallest[m] = min(smallest[m], renamed(mask, p))
		}
		if smallest[m] == mask {
			t.types = append(t.types, graphletType{mask, bits.OnesCount16(mask), connected(mask, size)})
		}
	}
	slices.SortStableFunc(t.types, func(a, b graphletType) int { return cmp.Compare(a.edges, b.edges) })
	for j, typ := range t.types {
		if !typ.connected && (typ.edges < 2 || typ.edges == 2 && matching(typ.mask, size)) {
			t.left[typ.edges] = j
		}
		for m := range smallest {
			if smallest[m] == typ.mask {
				t.typeOf[m] = uint8(j)
			}
		}
	}
	return t
}

// permutations returns all orders of 0..n-1.
func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{nil}
	}
	var out [][]int
	for _, p := range permutations(n - 1) {
		for at := range n {
			out = append(out, slices.Insert(slices.Clone(p), at, n-1))
		}
	}
	return out
}

// renamed returns the graph in which node i is called p[i].
func renamed(mask uint16, p []int) (out uint16) {
	for j := range p {
		for i := range j {
			if mask>>(below(j)+i)&1 == 1 {
				a, b := min(p[i], p[j]), max(p[i], p[j])
				out |= 1 << (below(b) + a)
			}
		}
	}
	return out
}

// neighbours returns the neighbours of each node, as a set of bits.
func neighbours(mask uint16, size int) []uint8 {
	near := make([]uint8, size)
	for j := range size {
		for i := range j {
			if mask>>(below(j)+i)&1 == 1 {
				near[i], near[j] = near[i]|1<<j, near[j]|1<<i
			}
		}
	}
	return near
}

func connected(mask uint16, size int) bool {
	near, reached := neighbours(mask, size), uint8(1)
	for range size {
		for v := range size {
			if reached>>v&1 == 1 {
				reached |= near[v]
			}
		}
	}
	return reached == 1<<size-1
}

// matching reports whether no two edges meet.
func matching(mask uint16, size int) bool {
	return !slices.ContainsFunc(neighbours(mask, size), func(near uint8) bool { return bits.OnesCount8(near) > 1 })
}
