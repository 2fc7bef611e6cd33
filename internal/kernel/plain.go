package kernel

// The plain sums: what the order-free ones cost more can be measured against them, and where rows already stand in a canonical order
// they are all that is needed. Their bits depend on the order of the rows, never on workers or on the implementation. Each channel is
// one chain over the positions, ascending from +0: s += x, or s = fma(w, x, s); a segment of more than plainChunk positions is cut
// there, and the chains of its pieces are added in order. The gradient of a weight is one chain over all rows where the features are
// dense. In float64 as in float32.

// plainChunk is the length of a chain.
const plainChunk = 4096

// PlainSum is SegmentSum by chains.
func PlainSum[T Float](out, x []T, d int, seg Seg, mean bool) {
	plainSum(segArgs[T]{out: out, x: x, seg: seg, d: d, mean: mean})
}

// PlainWeightedSum is SegmentWeightedSum by chains.
func PlainWeightedSum[T Float](out, w, x []T, d, heads int, seg Seg, mean bool) {
	plainSum(segArgs[T]{out: out, x: x, w: w, seg: seg, d: d, heads: heads, mean: mean})
}

// PlainColSum is ColSum by chains.
func PlainColSum[T Float](out, x []T, rows, d int) {
	plainSum(segArgs[T]{out: out, x: x, d: d, rows: rows})
}

func plainSum[T Float](a segArgs[T]) {
	segments, positions := a.size()
	if a.d == 0 || segments <= 0 {
		return
	}
	run(a.seg.items(), positions*a.d/8, plain[T]{a})
}

type plain[T Float] struct{ segArgs[T] }

// Run does the segments of items lo..hi-1.
func (a *plain[T]) Run(lo, hi int) {
	from, to := a.seg.span(lo, hi)
	if a.seg.Ptr == nil {
		a.ends = [2]int32{0, int32(a.rows)}
		a.seg.Ptr = a.ends[:]
	}
	a.sums(from, to)
}

// sums does segments from..to-1.
func (a *plain[T]) sums(from, to int) {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	var tmp []T
	switch t := any(&tmp).(type) {
	case *[]float32:
		s.f32 = grow(s.f32, a.d)
		*t = s.f32
	case *[]float64:
		s.f64 = grow(s.f64, a.d)
		*t = s.f64
	}
	for i := from; i < to; {
		end := i
		for end < to && end-i < plainChunk && a.seg.Ptr[end+1]-a.seg.Ptr[i] <= plainChunk {
			end++
		}
		if end > i {
			a.chains(a.out[i*a.d:end*a.d], a.seg.Ptr[i:end+1])
			i = end
			continue
		}
		out := a.out[i*a.d : i*a.d+a.d]
		for p, stop := a.seg.Ptr[i], a.seg.Ptr[i+1]; p < stop; p += plainChunk {
			ends := [2]int32{p, min(stop, p+plainChunk)}
			if p == a.seg.Ptr[i] {
				a.chains(out, ends[:])
				continue
			}
			a.chains(tmp, ends[:])
			for c, v := range tmp {
				out[c] += v
			}
		}
		i++
	}
	if !a.mean {
		return
	}
	for i := from; i < to; i++ {
		if n := T(a.seg.Ptr[i+1] - a.seg.Ptr[i]); n > 1 {
			for c := range a.d {
				a.out[i*a.d+c] /= n
			}
		}
	}
}

// chains sets out to the chains of segments of at most plainChunk positions.
func (a *plain[T]) chains(out []T, ptr []int32) {
	if a.fast(out, ptr) {
		return
	}
	clear(out)
	for i := range len(ptr) - 1 {
		out := out[i*a.d : i*a.d+a.d]
		for p := int(ptr[i]); p < int(ptr[i+1]); p++ {
			x := a.load(0, p, nil)
			if a.w == nil {
				for c, v := range x {
					out[c] += v
				}
				continue
			}
			per := a.d / a.heads
			for h, w := range a.weights(p) {
				axpy(out[h*per:h*per+per], w, x[h*per:h*per+per])
			}
		}
	}
}

// axpy is: for j, b := range b { c[j] = fma(a, b, c[j]) }.
func axpy[T Float](c []T, a T, b []T) {
	switch c := any(c).(type) {
	case []float32:
		axpy32(c, float32(a), any(b).([]float32))
	case []float64:
		axpy64(c, float64(a), any(b).([]float64))
	}
}

// PlainMatMulTN is MatMulTN by chains, c[i,j] = fma(a[l,i], b[l,j], c[i,j]) over all rows l ascending from +0.
func PlainMatMulTN[T Float](c, a, b []T, r, m, n int) {
	const panel = 48
	if m == 0 || n == 0 {
		return
	}
	cost := r * m * n
	if hasAVX2 {
		cost /= 24
	}
	run((m+panel-1)/panel, cost, plainTN[T]{c, a, b, r, m, n, panel})
}

type plainTN[T Float] struct {
	c, a, b        []T
	r, m, n, panel int
}

// Run does rows of C lo*panel..hi*panel-1: columns of A, which are transposed block by block.
func (t *plainTN[T]) Run(lo, hi int) {
	const block = 256
	if t.r == 0 {
		clear(t.c[lo*t.panel*t.n : min(t.m, hi*t.panel)*t.n])
	}
	at := transposed[T](nil, 0, 0)
	defer release(at)
	*at = grow(*at, t.panel*block)
	for i0 := lo * t.panel; i0 < min(t.m, hi*t.panel); i0 += t.panel {
		i1 := min(t.m, i0+t.panel)
		for l0 := 0; l0 < t.r; l0 += block {
			l1 := min(t.r, l0+block)
			for l := l0; l < l1; l++ {
				for i, v := range t.a[l*t.m+i0 : l*t.m+i1] {
					(*at)[i*block+l-l0] = v
				}
			}
			t.add(t.c[i0*t.n:i1*t.n], *at, block, t.b[l0*t.n:l1*t.n], l1-l0, l0 > 0)
		}
	}
}

// add continues the chains of C by the rows of B, from +0 unless load.
func (t *plainTN[T]) add(c, at []T, ld int, b []T, k int, load bool) {
	if fastChains(c, at, ld, b, len(c)/t.n, k, t.n, load) {
		return
	}
	if !load {
		clear(c)
	}
	for i := range len(c) / t.n {
		for l := range k {
			axpy(c[i*t.n:i*t.n+t.n], at[i*ld+l], b[l*t.n:l*t.n+t.n])
		}
		positive(c[i*t.n : i*t.n+t.n])
	}
}

// PlainCSRMatMulTN is CSRMatMulTN by chains over the stored entries, ascending by row.
func PlainCSRMatMulTN[T Float](c []T, x Columns[T], b []T, m, n int) {
	cost := len(x.Row) * n
	if hasAVX2 {
		cost /= 8
	}
	run(m, cost, plainCSR[T]{c, x, b, n})
}

type plainCSR[T Float] struct {
	c []T
	x Columns[T]
	b []T
	n int
}

// Run does rows lo..hi-1 of C, columns of X.
func (t *plainCSR[T]) Run(lo, hi int) {
	a := plain[T]{segArgs[T]{x: t.b, w: t.x.Val, d: t.n, heads: 1, seg: Seg{Ptr: t.x.Ptr[lo : hi+1], Row: t.x.Row, Edge: t.x.Pos}}}
	a.out = t.c[lo*t.n : hi*t.n]
	if t.n > 0 {
		a.sums(0, hi-lo)
	}
}
