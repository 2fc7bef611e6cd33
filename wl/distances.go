package wl

import (
	"context"
	"math"
	"slices"

	"symbridge/graph"
	"symbridge/internal/cells"
)

// distanceView is what SPD-WL sees: of every node, its relation and its colour.
type distanceView struct {
	n    int
	of   []int32 // (n,n) rank of the relation of v to u
	kind [][]uint64
}

func newDistanceView(ctx context.Context, g *graph.Graph, a *atoms) (*distanceView, error) {
	n := a.n
	d, err := distances(ctx, g)
	if err != nil {
		return nil, err
	}
	v := &distanceView{n: n, of: make([]int32, n*n)}
	key := make([]uint64, n*n)
	m := uint64(n + 1) // distances are below n, none is n
	for x := range n {
		for y := range n {
			key[x*n+y] = (uint64(a.of[x*n+y])*m+uint64(d[x*n+y]))*m + uint64(d[y*n+x])
		}
	}
	for _, k := range rankKeys(key, v.of) {
		there, back := k/m%m, k%m
		for _, d := range []*uint64{&there, &back} {
			if *d == uint64(n) {
				*d = math.MaxUint64
			}
		}
		v.kind = append(v.kind, []uint64{k / m / m, there, back})
	}
	return v, nil
}

// distances returns the lengths of shortest directed paths (n,n), n where there is none.
func distances(ctx context.Context, g *graph.Graph) ([]int32, error) {
	n := g.NumNodes()
	d := make([]int32, n*n)
	for i := range d {
		d[i] = int32(n)
	}
	var queue []int32
	for s := range n {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		row := d[s*n : s*n+n]
		row[s] = 0
		queue = append(queue[:0], int32(s))
		for i := 0; i < len(queue); i++ {
			for _, u := range g.Targets(queue[i]) {
				if int(row[u]) == n {
					row[u] = row[queue[i]] + 1
					queue = append(queue, u)
				}
			}
		}
	}
	return d, nil
}

func (v *distanceView) begin([]int32)                         {}
func (v *distanceView) all() bool                             { return true }
func (v *distanceView) width() int                            { return v.n }
func (v *distanceView) watchers(dst []int32, _ int32) []int32 { return dst }
func (v *distanceView) sums(elements, colour []int32, sum []uint64) {
	for _, x := range elements {
		var s uint64
		for u, relation := range v.of[int(x)*v.n:][:v.n] {
			s += cells.Mix(uint64(relation)<<32 | uint64(colour[u]))
		}
		sum[x] = s
	}
}

func (v *distanceView) sees(dst []uint64, x int32, colour []int32) []uint64 {
	start := len(dst)
	for u, relation := range v.of[int(x)*v.n:][:v.n] {
		dst = append(dst, uint64(relation)<<32|uint64(colour[u]))
	}
	slices.Sort(dst[start:])
	return dst
}
