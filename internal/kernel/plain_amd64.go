//go:build amd64 && !purego

package kernel

// fast sets out to the chains of segments, and reports whether it did.
func (a *plain[T]) fast(out []T, ptr []int32) bool {
	p, ok := any(a).(*plain[float32])
	if !ok || !hasAVX2 || len(a.x) == 0 || a.w != nil && len(a.w) == 0 {
		return false
	}
	o := any(out).([]float32)
	if p.w == nil {
		for c := 0; c < p.d; {
			c = plainBlock(p, o, ptr, c, p.d, 0)
		}
		return true
	}
	per := p.d / p.heads
	for h := range p.heads {
		for c := h * per; c < h*per+per; {
			c = plainBlock(p, o, ptr, c, h*per+per, h)
		}
	}
	return true
}

// plainBlock does channels from c, at most to end-1, of head h, and returns where it stopped.
func plainBlock(p *plain[float32], o []float32, ptr []int32, c, end, h int) int {
	out, x, q, n, row, rest := &o[c], &p.x[c], &ptr[0], len(ptr)-1, first(p.seg.Row), end-c
	if p.w == nil {
		switch {
		case hasAVX512 && rest >= 256:
			plainSumWide256(out, x, p.d, q, n, row)
			return c + 256
		case hasAVX512 && rest > 8 && (rest < 64 || rest%64 != 0):
			w := min(16, rest)
			plainSumWide16(out, x, p.d, q, n, row, w)
			return c + w
		case rest >= 64:
			plainSum64(out, x, p.d, q, n, row)
			return c + 64
		}
		w := min(8, rest)
		plainSum8(out, x, p.d, q, n, row, w)
		return c + w
	}
	w, edge := &p.w[h], first(p.seg.Edge)
	switch {
	case hasAVX512 && rest >= 256:
		plainDotWide256(out, x, p.d, q, n, row, w, p.heads, edge)
		return c + 256
	case hasAVX512 && rest > 8 && (rest < 64 || rest%64 != 0):
		cols := min(16, rest)
		plainDotWide16(out, x, p.d, q, n, row, w, p.heads, edge, cols)
		return c + cols
	case rest >= 64:
		plainDot64(out, x, p.d, q, n, row, w, p.heads, edge)
		return c + 64
	}
	cols := min(8, rest)
	plainDot8(out, x, p.d, q, n, row, w, p.heads, edge, cols)
	return c + cols
}

// fastChains continues m rows of chains of C by k rows of B, from +0 unless load, and reports whether it did: A has its terms side by
// side, a row of length ld for each row of C.
func fastChains[T Float](c, a []T, ld int, b []T, m, k, n int, load bool) bool {
	out, ok := any(c).([]float32)
	if !ok || !hasAVX2 {
		return false
	}
	at, rows, from := any(a).([]float32), any(b).([]float32), 0
	if load {
		from = 1
	}
	if !hasAVX512 {
		narrowChains(out, at, ld, rows, m, k, n, from)
		return true
	}
	for j := 0; j < n; j += wideCols {
		for i := 0; i < m; {
			i += wideTile(m-i, out[i*n+j:], n, at[i*ld:], ld, rows[j:], n, k, from, min(wideCols, n-j), 0)
		}
	}
	return true
}

func narrowChains(c, a []float32, ld int, b []float32, m, k, n, load int) {
	whole := n / panelCols * panelCols
	for j := 0; j < whole; j += panelCols {
		for i := 0; i < m; i += 6 {
			tile(min(6, m-i), c[i*n+j:], n, a[i*ld:], ld, b[j:], n, k, load)
		}
	}
	if whole == n {
		return
	}
	for i := range m {
		c := c[i*n+whole : i*n+n]
		if load == 0 {
			clear(c)
		}
		for l := range k {
			axpy32(c, a[i*ld+l], b[l*n+whole:l*n+n])
		}
		positive(c)
	}
}
