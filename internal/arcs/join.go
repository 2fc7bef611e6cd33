package arcs

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"symbridge/graph"
	"symbridge/internal/cells"
)

// colours sets Colour and Kinds for n nodes; loops ascend by node.
func (f *Form) colours(n int, node []uint64, l labels, loops []loop) {
	if n == 0 {
		return
	}
	if node == nil && len(loops) == 0 {
		f.Kinds = plainKinds
		return
	}
	values, rank := zero, []int32(nil)
	if node != nil {
		values, rank = ranks(node)
	}
	if len(loops) == 0 {
		f.Colour = rank
		for _, x := range values {
			f.Kinds = append(f.Kinds, Kind{Label: x})
		}
		return
	}
	f.Colour = make([]int32, n)
	var b book
	var list []uint32
	for v := range int32(n) {
		list = append(list[:0], 0)
		if rank != nil {
			list[0] = uint32(rank[v])
		}
		for len(loops) > 0 && loops[0].node == v {
			list = append(list, uint32(loops[0].rank))
			loops = loops[1:]
		}
		f.Colour[v] = b.id(list)
	}
	order, to := b.sort(slices.Compare)
	for _, id := range order {
		x := b.list(id)
		f.Kinds = append(f.Kinds, Kind{values[x[0]], l.pick(x[1:])})
	}
	for v, id := range f.Colour {
		f.Colour[v] = to[id]
	}
	if len(f.Kinds) == 1 {
		f.Colour = nil
	}
}

// fits panics where so many ends of edges are too many for cells.Graph.
func fits(ends int) {
	if ends > math.MaxInt32 {
		panic(fmt.Errorf("arcs: %d ends of edges: %w", ends, graph.ErrTooLarge))
	}
}

const enters = 1 << 31 // marks an arc that enters the node that lists it; ranks are smaller

// join sets the graph and Sights to what Pairs says.
func (f *Form) join(g *graph.Graph, l labels) {
	n := g.NumNodes()
	from, to := g.From(), g.To()
	ptr := make([]int, n+1)
	for k, u := range from {
		if v := to[k]; u != v {
			ptr[u+1]++
			ptr[v+1]++
		}
	}
	for v := range n {
		ptr[v+1] += ptr[v]
	}
	fits(ptr[n])
	ends := make([]uint64, ptr[n]) // the other end, then how the arc looks
	next := slices.Clone(ptr[:n])
	for k, u := range from {
		if v := to[k]; u != v {
			r := uint64(l.at(int32(k)))
			ends[next[u]] = uint64(v)<<32 | r
			ends[next[v]] = uint64(u)<<32 | r | enters
			next[u]++
			next[v]++
		}
	}

	var b book
	var list []uint32
	f.Graph = cells.Graph{N: n, Ptr: make([]int32, n+1), Adj: make([]int32, 0, len(ends)/2)}
	sight := make([]int32, 0, len(ends)/2)
	for v := range n {
		mine := ends[ptr[v]:ptr[v+1]]
		slices.Sort(mine)
		for i := 0; i < len(mine); {
			list = append(list[:0], 0)
			j := i
			for ; j < len(mine) && mine[j]>>32 == mine[i]>>32; j++ {
				x := uint32(mine[j])
				if x < enters {
					list[0]++ // arcs that leave come first
				}
				list = append(list, x&^enters)
			}
			f.Adj, sight = append(f.Adj, int32(mine[i]>>32)), append(sight, b.id(list))
			i = j
		}
		f.Ptr[v+1] = int32(len(f.Adj))
	}
	order, rank := b.sort(func(x, y []uint32) int {
		i, j := 1+x[0], 1+y[0]
		return cmp.Or(slices.Compare(x[1:i], y[1:j]), slices.Compare(x[i:], y[j:]))
	})
	for _, id := range order {
		x := b.list(id)
		f.Sights = append(f.Sights, Sight{l.pick(x[1 : 1+x[0]]), l.pick(x[1+x[0]:])})
	}
	if len(order) <= 1 {
		return
	}
	f.Label = sight
	for v := range n {
		i, k := f.Ptr[v], f.Ptr[v+1]
		mine := ends[:0]
		for ; i < k; i++ {
			mine = append(mine, uint64(rank[sight[i]])<<32|uint64(f.Adj[i]))
		}
		slices.Sort(mine)
		for j, x := range mine {
			i := int(f.Ptr[v]) + j
			f.Label[i], f.Adj[i] = int32(x>>32), int32(uint32(x))
		}
	}
}
