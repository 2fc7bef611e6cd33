package kernel

// HeadOuter sets y[r,h,c] = a[h,c] * w[r,h], or adds it to y: (1,d), (rows,heads) -> (rows,d). It is the backward pass of HeadDot.
func HeadOuter[T Float](y, a, w []T, rows, d, heads int, add bool) {
	if d > 0 {
		run(rows, rows*d, headOuter[T]{y, a, w, d, heads, add})
	}
}

type headOuter[T Float] struct {
	y, a, w  []T
	d, heads int
	add      bool
}

// Run does rows lo..hi-1.
func (t *headOuter[T]) Run(lo, hi int) {
	if fastOuter(t, lo, hi) {
		return
	}
	per := t.d / t.heads
	for r := lo; r < hi; r++ {
		for h, w := range row(t.w, r, t.heads) {
			y := t.y[r*t.d+h*per:][:per]
			for c, v := range t.a[h*per:][:per] {
				v = T(v * w)
				if t.add {
					v += y[c]
				}
				y[c] = v
			}
		}
	}
}
