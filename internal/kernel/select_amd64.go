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
	s.pieces(x, d, p0, p1, foldChunk, func(x []float32, rows []int32) {
		c := 0
		for ; c+32 <= d; c += 32 {
			gatherMax32(&out[c], sign, &x[c], d, &rows[0], len(rows))
		}
		for ; c < d; c += 8 {
			gatherMax8(&out[c], sign, &x[c], d, &rows[0], len(rows), min(8, d-c))
		}
	})
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
		share, out := v.share[s*d:s*d+d], v.out[s*d:s*d+d]
		v.seg.pieces(v.x, d, int(v.seg.Ptr[s]), int(v.seg.Ptr[s+1]), foldChunk, func(x []float32, rows []int32) {
			c := 0
			for ; c+32 <= d; c += 32 {
				gatherTies32(&share[c], &out[c], &x[c], d, &rows[0], len(rows))
			}
			for ; c < d; c += 8 {
				gatherTies8(&share[c], &out[c], &x[c], d, &rows[0], len(rows), min(8, d-c))
			}
		})
	}
	share, dout := v.share[lo*d:hi*d], v.dout[lo*d:hi*d]
	steps(len(share), 1, callSize, func(lo, hi int) { shares32(&share[lo], &dout[lo], hi-lo) })
	return true
}

// fast does segments lo..hi-1 by assembly, and reports whether it did.
func (t *segDot[T]) fast(lo, hi int) bool {
	v, ok := any(t).(*segDot[float32])
	if !ok || !hasAVX2 || v.d == 0 || v.d%v.heads != 0 {
		return false
	}
	size := max(1, min(foldChunk, callSize/v.d))
	for s := lo; s < hi; s++ {
		a, p := v.a[s*v.d:s*v.d+v.d], int(v.seg.Ptr[s])
		v.seg.pieces(v.b, v.d, p, int(v.seg.Ptr[s+1]), size, func(b []float32, rows []int32) {
			out, edges := v.out, identity[:len(rows)]
			if v.seg.Edge != nil {
				edges = v.seg.Edge[p : p+len(rows)]
			} else {
				out = out[p*v.heads:]
			}
			headDots(&out[0], &a[0], -v.d, &b[0], &rows[0], &edges[0], len(rows), v.heads, v.d/v.heads)
			p += len(rows)
		})
	}
	return true
}

// fast does segments lo..hi-1 by assembly, and reports whether it did. The rows of a piece of a segment are brought together; where d
// divides eight, each eight of their values are treated as one row of eight channels, repeated as often as d goes into them.
func (t *segSoftmax[T]) fast(lo, hi int) bool {
	v, ok := any(t).(*segSoftmax[float32])
	if !ok || !hasAVX2 || v.d == 0 {
		return false
	}
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	width := v.d
	if 8%v.d == 0 {
		width = 8
	}
	size := max(1, min(foldChunk, blockSize/v.d))
	s.f32, s.f64, s.acc = grow(s.f32, 2*width+size*v.d), grow(s.f64, width), grow(s.acc, width)
	top, total, room := s.f32[:width], s.f32[width:2*width], s.f32[2*width:]
	m, acc := s.f64, s.acc
	for i := lo; i < hi; i++ {
		p0, p1 := int(v.seg.Ptr[i]), int(v.seg.Ptr[i+1])
		n := p1 - p0
		if n == 0 {
			continue
		}
		v.seg.maxima(top[:v.d], v.x, p0, p1, 0)
		repeat(top, v.d)
		clear(acc)
		magic := magic32(1, excess(n))
		for c := range m {
			m[c] = magic
		}
		var y []float32
		for p := p0; p < p1; p += size {
			q := min(p1, p+size)
			var x []float32
			x, y = v.piece(v.x, p, q, room)
			everyRow(Sub, y, x, top)
			fastMap(fnExp, y, y)
			foldRows(acc, m, y)
			if n > size {
				v.put(y, p, q)
			}
		}
		for c := range v.d {
			for k := c + v.d; k < width; k += v.d {
				acc[c] += acc[k]
			}
			total[c] = float32(total32(acc[c], n, 1, excess(n)))
			if top[c]-top[c] != 0 { // NaN or infinite
				total[c] = float32(math.NaN())
			}
		}
		repeat(total, v.d)
		if n <= size {
			everyRow(div, y, y, total)
			v.put(y, p0, p1)
			continue
		}
		for p := p0; p < p1; p += size {
			q := min(p1, p+size)
			_, y = v.piece(v.y, p, q, room)
			everyRow(div, y, y, total)
			v.put(y, p, q)
		}
	}
	return true
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

// repeat fills x with its first d values.
func repeat(x []float32, d int) {
	for i := d; i < len(x); i++ {
		x[i] = x[i-d]
	}
}

// everyRow sets y = a op b, where b serves each len(b) values.
func everyRow(op Binary, y, a, b []float32) {
	whole := len(y) - len(y)%len(b)
	rows32(op, y, a, b, whole/len(b), len(b), 0)
	rows32(op, y[whole:], a[whole:], b, min(1, len(y)-whole), len(y)-whole, 0)
}

// foldRows adds the values of y to acc, which serves each len(acc) values, on the grid of m.
func foldRows(acc []int64, m []float64, y []float32) {
	d := len(acc)
	n, c := len(y)/d, 0
	if n > 0 {
		for ; c+32 <= d; c += 32 {
			foldSum32(&acc[c], &m[c], &y[c], d, &identity[0], n)
		}
		for ; c+16 <= d; c += 16 {
			foldSum16(&acc[c], &m[c], &y[c], d, &identity[0], n)
		}
		for ; c+8 <= d; c += 8 {
			foldSum8(&acc[c], &m[c], &y[c], d, &identity[0], n)
		}
	}
	for k := range n {
		for j, v := range y[k*d+c : k*d+d] {
			acc[c+j] += int64(math.Float64bits(float64(v) + m[c+j]))
		}
	}
	for j, v := range y[n*d:] {
		acc[j] += int64(math.Float64bits(float64(v) + m[j]))
	}
}
