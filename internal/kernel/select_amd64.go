//go:build amd64 && !purego

package kernel

import "math"

// pieces calls f for pieces of positions p0..p1-1, at most size: x from the row that rows counts from, and the rows.
func (s *Seg) pieces(x []float32, d, p0, p1, size int, f func(x []float32, rows []int32)) {
	for p := p0; p < p1; p += size {
		q := min(p1, p+size)
		if s.Row != nil {
			f(x, s.Row[p:q])
		} else {
			f(x[p*d:], identity[:q-p])
		}
	}
}

// maxima sets out to the maxima of positions p0..p1-1, p0 < p1, or to the minima where sign is the sign bit.
func (s *Seg) maxima(out, x []float32, p0, p1 int, sign uint32) {
	d := len(out)
	copy(out, x[s.row(int32(p0))*d:][:d])
	s.pieces(x, d, p0, p1, foldChunk, func(x []float32, rows []int32) { raise(out, x, rows, sign) })
}

// raise raises out to the maxima of it and the rows of x, or lowers it to the minima where sign is the sign bit.
func raise(out, x []float32, rows []int32, sign uint32) {
	d, c := len(out), 0
	for ; c+32 <= d; c += 32 {
		gatherMax32(&out[c], sign, &x[c], d, &rows[0], len(rows))
	}
	for ; c < d; c += 8 {
		gatherMax8(&out[c], sign, &x[c], d, &rows[0], len(rows), min(8, d-c))
	}
}

// ties adds to share the number of rows of x that equal out, channel by channel.
func ties(share, out, x []float32, rows []int32) {
	d, c := len(out), 0
	for ; c+32 <= d; c += 32 {
		gatherTies32(&share[c], &out[c], &x[c], d, &rows[0], len(rows))
	}
	for ; c < d; c += 8 {
		gatherTies8(&share[c], &out[c], &x[c], d, &rows[0], len(rows), min(8, d-c))
	}
}

// fast does segments lo..hi-1 by assembly, and reports whether it did.
func (t *segMax[T]) fast(lo, hi int) bool {
	v, ok := any(t).(*segMax[float32])
	if !ok || !hasAVX2 || v.d == 0 {
		return false
	}
	sign := uint32(0)
	if v.minimum {
		sign = 1 << 31
	}
	for s := lo; s < hi; s++ {
		out, p0, p1 := v.out[s*v.d:s*v.d+v.d], int(v.seg.Ptr[s]), int(v.seg.Ptr[s+1])
		if p0 == p1 {
			clear(out)
			continue
		}
		if p1-p0 > v.heavy {
			continue
		}
		v.seg.maxima(out, v.x, p0, p1, sign)
	}
	return true
}

// fast does segments lo..hi-1 by assembly, and reports whether it did.
func (t *segShare[T]) fast(lo, hi int) bool {
	v, ok := any(t).(*segShare[float32])
	if !ok || !hasAVX2 || v.d == 0 {
		return false
	}
	d := v.d
	clear(v.share[lo*d : hi*d])
	for s := lo; s < hi; s++ {
		share, out := v.share[s*d:s*d+d], v.out[s*v.step:s*v.step+d]
		if int(v.seg.Ptr[s+1]-v.seg.Ptr[s]) > v.heavy {
			continue
		}
		v.seg.pieces(v.x, d, int(v.seg.Ptr[s]), int(v.seg.Ptr[s+1]), foldChunk, func(x []float32, rows []int32) {
			ties(share, out, x, rows)
		})
	}
	if v.dout == nil {
		return true
	}
	share, dout := v.share[lo*d:hi*d], v.dout[lo*d:hi*d]
	steps(len(share), 1, callSize, func(lo, hi int) { shares32(&share[lo], &dout[lo], hi-lo) })
	return true
}

// fast does segments lo..hi-1 by assembly, and reports whether it did.
func (t *segDot[T]) fast(lo, hi int) bool {
	v, ok := any(t).(*segDot[float32])
	if !ok || !hasAVX2 || v.d == 0 || v.d > rowChunk || v.d%v.heads != 0 {
		return false
	}
	size := max(1, min(foldChunk, callSize/v.d))
	v.seg.parts(v.items, lo, hi, func(s, p, p1 int) {
		a := v.a[s*v.d : s*v.d+v.d]
		v.seg.pieces(v.b, v.d, p, p1, size, func(b []float32, rows []int32) {
			out, edges := v.out, identity[:len(rows)]
			if v.seg.Edge != nil {
				edges = v.seg.Edge[p : p+len(rows)]
			} else {
				out = out[p*v.heads:]
			}
			headDots(&out[0], &a[0], -v.d, &b[0], &rows[0], &edges[0], len(rows), v.heads, v.d/v.heads)
			p += len(rows)
		})
	})
	return true
}

// fast does segments lo..hi-1 by assembly, and reports whether it did. Segments that together fit into a block go through each step
// together; a larger one goes through in pieces.
func (t *segSoftmax[T]) fast(lo, hi int) bool {
	v, ok := any(t).(*segSoftmax[float32])
	if !ok || !hasAVX2 || v.d == 0 {
		return false
	}
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	size := max(1, blockSize/v.d)
	s.f32, s.f64, s.acc = grow(s.f32, (2+size)*v.d), grow(s.f64, v.d), grow(s.acc, v.d)
	top, sum, room := s.f32[:v.d], s.f32[v.d:2*v.d], s.f32[2*v.d:]
	g := grid{m: s.f64, acc: s.acc}
	ptr := v.seg.Ptr
	for i := lo; i < hi; {
		first, p0 := i, int(ptr[i])
		for i < hi && int(ptr[i+1])-p0 <= size {
			i++
		}
		if i == first {
			if int(ptr[i+1])-p0 <= v.heavy {
				v.large(p0, int(ptr[i+1]), size, top, sum, room, g)
			}
			i++
			continue
		}
		x, y := v.piece(v.x, p0, int(ptr[i]), room)
		for k := first; k < i; k++ {
			if a, b := (int(ptr[k])-p0)*v.d, (int(ptr[k+1])-p0)*v.d; a < b {
				shift(y[a:b], x[a:b], top)
			}
		}
		fastMap(fnExp, y, y)
		for k := first; k < i; k++ {
			if a, b := (int(ptr[k])-p0)*v.d, (int(ptr[k+1])-p0)*v.d; a < b {
				g.start(int(ptr[k+1] - ptr[k]))
				g.add(y[a:b])
				g.total(sum)
				everyRow(div, y[a:b], y[a:b], sum)
			}
		}
		v.put(y, p0, int(ptr[i]))
	}
	return true
}

// large does one segment in pieces.
func (t *segSoftmax[T]) large(p0, p1, size int, top, sum, room []float32, g grid) {
	from, to := any(t.x).([]float32), any(t.y).([]float32)
	t.seg.maxima(top, from, p0, p1, 0)
	orNaN(top)
	g.start(p1 - p0)
	for p := p0; p < p1; p += size {
		x, y := t.piece(from, p, min(p1, p+size), room)
		everyRow(Sub, y, x, top)
		fastMap(fnExp, y, y)
		g.add(y)
		t.put(y, p, min(p1, p+size))
	}
	g.total(sum)
	for p := p0; p < p1; p += size {
		x, y := t.piece(to, p, min(p1, p+size), room)
		everyRow(div, y, x, sum)
		t.put(y, p, min(p1, p+size))
	}
}

// shift sets y = x - max, channel by channel; top is room for the maxima.
func shift(y, x, top []float32) {
	d := len(top)
	if d >= 8 {
		s := Seg{}
		s.maxima(top, x, 0, len(x)/d, 0)
		orNaN(top)
		everyRow(Sub, y, x, top)
		return
	}
	for c := range d {
		m := x[c]
		for k := c + d; k < len(x); k += d {
			m = max(m, x[k])
		}
		m += m - m
		for k := c; k < len(x); k += d {
			y[k] = x[k] - m
		}
	}
}

// orNaN turns infinite maxima into NaN, which makes all weights NaN, whatever their sum.
func orNaN(top []float32) {
	for c, m := range top {
		top[c] = m + (m - m)
	}
}

// grid sums weights, which are at most 1, channel by channel on the fixed grid.
type grid struct {
	n, excess int
	m         []float64
	acc       []int64
}

// start begins a sum of n terms.
func (g *grid) start(n int) {
	g.n, g.excess = n, excess(n)
	clear(g.acc)
	magic := magic32(1, g.excess)
	for c := range g.m {
		g.m[c] = magic
	}
}

// add adds rows of weights.
func (g *grid) add(y []float32) {
	d := len(g.acc)
	for c := foldSums(g.acc, g.m, y, d, identity[:len(y)/d]); c < d; c++ {
		acc, m := g.acc[c], g.m[c]
		for k := c; k < len(y); k += d {
			acc += int64(math.Float64bits(float64(y[k]) + m))
		}
		g.acc[c] = acc
	}
}

// total sets the sums.
func (g *grid) total(sum []float32) {
	whole := len(sum) / 4
	if whole > 0 {
		foldFinish(&sum[0], &g.acc[0], &g.m[0], g.n, 1, whole)
	}
	for c := 4 * whole; c < len(sum); c++ {
		sum[c] = float32(total32(g.acc[c], g.n, 1, g.excess))
	}
}

// piece returns the rows of src at positions p..q-1 together, and where their results go: their place in y, or room.
func (t *segSoftmax[T]) piece(src []float32, p, q int, room []float32) (x, y []float32) {
	if t.seg.Row == nil {
		return src[p*t.d : q*t.d], any(t.y).([]float32)[p*t.d : q*t.d]
	}
	room = room[:(q-p)*t.d]
	gather32(room, src, t.seg.Row[p:q], t.d)
	return room, room
}

// put brings the results of positions p..q-1 to their rows.
func (t *segSoftmax[T]) put(y []float32, p, q int) {
	if t.seg.Row == nil {
		return
	}
	to := any(t.y).([]float32)
	for k, r := range t.seg.Row[p:q] {
		copy(to[int(r)*t.d:int(r)*t.d+t.d], y[k*t.d:])
	}
}
