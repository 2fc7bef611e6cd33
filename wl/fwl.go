package wl

import (
	"cmp"
	"slices"

	"symbridge/internal/cells"
)

// Sums of the folklore methods are products of numbers that look random, one for each colour and place, added up over the nodes
// w modulo 2^64. For pairs that is the product of two matrices,
//
//	sum(u,v) = sum over w of a(c(u,w)) b(c(w,v)),
//
// of which one entry costs n multiplications; equal multisets have equal sums, whatever a and b are.

// pairView is what 2-FWL sees.
type pairView struct {
	n      int
	a, b   []uint64 // (n,n): a(c(u,w)) at u,w; b(c(w,v)) at v,w
	byDiag []int32  // nodes by the colour of (w,w)
	run    []int32  // where another such colour begins, and n
}

func newPairView(n int) *pairView {
	return &pairView{n: n, a: make([]uint64, n*n), b: make([]uint64, n*n), byDiag: make([]int32, n)}
}

func (v *pairView) all() bool                           { return true }
func (v *pairView) width() int                          { return v.n }
func (v *pairView) watchers(d []int32, _ int32) []int32 { return d }

const saltB, saltC = 0x5851f42d4c957f2d, 0xda942042e4dd58b5

func (v *pairView) begin(colour []int32) {
	n := v.n
	for u := range n {
		for w := range n {
			c := uint64(colour[u*n+w])
			v.a[u*n+w] = cells.Mix(c)
			v.b[w*n+u] = cells.Mix(c ^ saltB)
		}
	}
	v.run = diagonal(v.byDiag, v.run, func(w int32) int32 { return colour[w*int32(n)+w] })
}

// diagonal sorts the nodes by a colour and returns where the runs of equal colours begin, and their number.
func diagonal(nodes, run []int32, colour func(w int32) int32) []int32 {
	for w := range nodes {
		nodes[w] = int32(w)
	}
	slices.SortFunc(nodes, func(u, w int32) int { return cmp.Compare(colour(u), colour(w)) })
	run = run[:0]
	for k, w := range nodes {
		if k == 0 || colour(nodes[k-1]) != colour(w) {
			run = append(run, int32(k))
		}
	}
	return append(run, int32(len(nodes)))
}

func (v *pairView) sums(elements, _ []int32, sum []uint64) {
	n := int32(v.n)
	for _, p := range elements {
		row, col := v.a[p/n*n:][:n], v.b[p%n*n:][:n]
		var s, t uint64
		k := 0
		for ; k+1 < len(row) && k+1 < len(col); k += 2 {
			s += row[k] * col[k]
			t += row[k+1] * col[k+1]
		}
		for ; k < len(row) && k < len(col); k++ {
			s += row[k] * col[k]
		}
		sum[p] = s + t
	}
}

// sees lists the pairs of colours, sorted by that of (w,w) first, which is the same for all w of a run.
func (v *pairView) sees(dst []uint64, p int32, colour []int32) []uint64 {
	n := int32(v.n)
	row, col := colour[p/n*n:][:n], colour[p%n:]
	start := len(dst)
	for _, w := range v.byDiag {
		dst = append(dst, uint64(row[w])<<32|uint64(col[w*n]))
	}
	for i := 1; i < len(v.run); i++ {
		if from, to := v.run[i-1], v.run[i]; to-from > 1 {
			slices.Sort(dst[start+int(from) : start+int(to)])
		}
	}
	return dst
}

// tripleView is what 3-FWL sees.
type tripleView struct {
	n       int
	a, b, c []uint64 // (n,n,n): of c(x,v,w) at v,w,x; of c(u,x,w) at u,w,x; of c(u,v,x) at u,v,x
	byDiag  []int32
	run     []int32
	seen    [][3]int32
}

func newTripleView(n int) *tripleView {
	c := n * n * n
	return &tripleView{n: n, a: make([]uint64, c), b: make([]uint64, c), c: make([]uint64, c), byDiag: make([]int32, n),
		seen: make([][3]int32, n)}
}

func (v *tripleView) all() bool                           { return true }
func (v *tripleView) width() int                          { return v.n }
func (v *tripleView) watchers(d []int32, _ int32) []int32 { return d }

func (v *tripleView) begin(colour []int32) {
	n := v.n
	i := 0
	for u := range n {
		for y := range n {
			for w := range n {
				c := uint64(colour[i])
				v.c[i] = cells.Mix(c ^ saltC)
				v.b[(u*n+w)*n+y] = cells.Mix(c ^ saltB)
				v.a[(y*n+w)*n+u] = cells.Mix(c)
				i++
			}
		}
	}
	m := int32(n)
	v.run = diagonal(v.byDiag, v.run, func(w int32) int32 { return colour[(w*m+w)*m+w] })
}

func (v *tripleView) sums(elements, _ []int32, sum []uint64) {
	n := int32(v.n)
	for _, t := range elements {
		u, y, w := t/(n*n), t/n%n, t%n
		a, b, c := v.a[(y*n+w)*n:][:n], v.b[(u*n+w)*n:][:n], v.c[(u*n+y)*n:][:n]
		var s uint64
		for k, x := range a {
			s += x * b[k] * c[k]
		}
		sum[t] = s
	}
}

func (v *tripleView) sees(dst []uint64, t int32, colour []int32) []uint64 {
	n := int32(v.n)
	u, y, w := t/(n*n), t/n%n, t%n
	for k, x := range v.byDiag {
		v.seen[k] = [3]int32{colour[(x*n+y)*n+w], colour[(u*n+x)*n+w], colour[(u*n+y)*n+x]}
	}
	for i := 1; i < len(v.run); i++ {
		if from, to := v.run[i-1], v.run[i]; to-from > 1 {
			slices.SortFunc(v.seen[from:to], func(p, q [3]int32) int {
				return cmp.Or(cmp.Compare(p[0], q[0]), cmp.Compare(p[1], q[1]), cmp.Compare(p[2], q[2]))
			})
		}
	}
	for _, s := range v.seen {
		dst = append(dst, uint64(s[0])<<32|uint64(s[1]), uint64(s[2]))
	}
	return dst
}
