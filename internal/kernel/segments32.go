package kernel

import "math"

type segSum32 struct{ segArgs[float32] }

// sums32 is the state of one segment while it is folded, an entry a channel (weights: an entry a head).
type sums32 struct {
	mx, mw []uint32  // largest absolute bit pattern
	m      []float64 // M
	e      []int64   // exponent
	acc    []int64
	tmp    []float32
	fast   bool // m was set by assembly, and e is not
}

func (a *segArgs[T]) sums32(s *scratch) sums32 {
	d, h := a.d, max(1, a.heads)
	s.u32 = grow(s.u32, d+h)
	s.f32 = grow(s.f32, d)
	s.f64 = grow(s.f64, d+d)
	s.acc = grow(s.acc, 2*d)
	return sums32{mx: s.u32[:d], mw: s.u32[d : d+h], m: s.f64[:d], e: s.acc[d:], acc: s.acc[:d],
		tmp: s.f32}
}

// Run folds the segments of items lo..hi-1.
func (a *segSum32) Run(lo, hi int) {
	from, to := a.seg.span(lo, hi)
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	var f sums32
	for i := from; i < to; i++ {
		if i += a.fast(i, to); i == to {
			return
		}
		if f.mx == nil {
			f = a.sums32(s)
		}
		a.one(i, &f)
	}
}

// one folds segment i, unless it is heavy.
func (a *segSum32) one(i int, f *sums32) {
	p0, p1 := a.bounds(i)
	out := a.out[i*a.d : i*a.d+a.d]
	switch {
	case p0 == p1:
		clear(out)
	case p1-p0 > a.heavy:
	case p1-p0 == 1 && a.w == nil && a.centre == nil: // the sum of one value is that value, and +0 for -0
		for c, v := range a.load(i, p0, f.tmp) {
			out[c] = v + 0
		}
	default:
		clear(f.mx)
		clear(f.mw)
		a.maxima(i, p0, p1, f)
		nonfinite := a.grids(p1-p0, f)
		clear(f.acc)
		a.add(i, p0, p1, f)
		a.finish(i, p0, p1, f, out, nonfinite)
	}
}

// maxima raises the maxima by positions p0..p1-1 of segment s.
func (a *segSum32) maxima(s, p0, p1 int, f *sums32) {
	if done := a.fastMaxima(s, p0, p1, f); done < a.d {
		for p := p0; p < p1; p++ {
			x := a.load(s, p, f.tmp)[done:]
			mx := f.mx[done:][:len(x)]
			for c, v := range x {
				mx[c] = max(mx[c], math.Float32bits(v)&absMask32)
			}
		}
	}
	if a.w == nil {
		return
	}
	for p := p0; p < p1; p++ {
		w := a.weights(p)
		mw := f.mw[:len(w)]
		for h, v := range w {
			mw[h] = max(mw[h], math.Float32bits(v)&absMask32)
		}
	}
}

// grids sets exponents and M for a segment of n terms, and reports whether a NaN or an infinity is present.
func (a *segSum32) grids(n int, f *sums32) (nonfinite bool) {
	x := excess(n)
	if f.fast = a.fastGrids(x, f); f.fast {
		return false
	}
	per := a.d
	if a.w != nil {
		per = a.d / a.heads
	}
	for c, b := range f.mx {
		e := exponent32(b)
		switch {
		case a.w != nil:
			w := f.mw[c/per]
			e += exponent32(w)
			nonfinite = nonfinite || w >= inf32
			if b == 0 || w == 0 {
				e = 0
			}
		case a.centre != nil:
			e *= 2
		}
		nonfinite = nonfinite || b >= inf32
		f.e[c], f.m[c] = int64(e), magic32(e, x)
	}
	return nonfinite
}

// add accumulates the terms of positions p0..p1-1 of segment s.
func (a *segSum32) add(s, p0, p1 int, f *sums32) {
	done := a.fastAdd(s, p0, p1, f)
	if done == a.d {
		return
	}
	switch {
	case a.w != nil && a.heads == a.d:
		for p := p0; p < p1; p++ {
			x, w := a.load(s, p, f.tmp), a.weights(p)
			acc, m := f.acc[:len(x)], f.m[:len(x)]
			w = w[:len(x)]
			for c, v := range x {
				acc[c] += int64(math.Float64bits(float64(float64(v)*float64(w[c])) + m[c]))
			}
		}
	case a.w != nil: // done > 0 only with one head
		per := a.d / a.heads
		for p := p0; p < p1; p++ {
			x := a.load(s, p, f.tmp)
			for h, w := range a.weights(p) {
				from := max(h*per, done)
				x := x[from : h*per+per]
				acc, m, w := f.acc[from:][:len(x)], f.m[from:][:len(x)], float64(w)
				for c, v := range x {
					acc[c] += int64(math.Float64bits(float64(float64(v)*w) + m[c]))
				}
			}
		}
	case a.centre != nil:
		for p := p0; p < p1; p++ {
			x := a.load(s, p, f.tmp)
			acc, m := f.acc[:len(x)], f.m[:len(x)]
			for c, v := range x {
				acc[c] += int64(math.Float64bits(float64(float64(v)*float64(v)) + m[c]))
			}
		}
	default:
		for p := p0; p < p1; p++ {
			x := a.load(s, p, f.tmp)[done:]
			acc, m := f.acc[done:][:len(x)], f.m[done:][:len(x)]
			for c, v := range x {
				acc[c] += int64(math.Float64bits(float64(v) + m[c]))
			}
		}
	}
}

// finish rounds the sums of segment s into out.
func (a *segSum32) finish(s, p0, p1 int, f *sums32, out []float32, nonfinite bool) {
	n := p1 - p0
	if f.fast {
		a.fastFinish(n, f, out)
		return
	}
	x := excess(n)
	for c := range out {
		sum := total32(f.acc[c], n, int(f.e[c]), x)
		if a.mean {
			sum /= float64(n)
		}
		out[c] = float32(sum)
	}
	if !nonfinite {
		return
	}
	for c := range out {
		var k class
		per := 0
		if a.w != nil {
			per = a.d / a.heads
		}
		if f.mx[c] < inf32 && (a.w == nil || f.mw[c/per] < inf32) {
			continue
		}
		for p := p0; p < p1; p++ {
			v := float64(a.load(s, p, f.tmp)[c])
			if a.w != nil {
				v *= float64(a.weights(p)[c/per])
			} else if a.centre != nil {
				v *= v
			}
			k.add(v)
		}
		if k != (class{}) {
			out[c] = float32(k.value())
		}
	}
}

// part32 is a heavy segment that is shared: its items are blocks of positions.
type part32 struct {
	segSum32
	s, p0, p1, block int
	state            *splitState
}

func (a *part32) Run(lo, hi int) {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	f := a.sums32(s)
	from, to := a.p0+lo*a.block, min(a.p1, a.p0+hi*a.block)
	if !a.state.finished {
		clear(f.mx)
		clear(f.mw)
		a.maxima(a.s, from, to, &f)
		a.state.mu.Lock()
		defer a.state.mu.Unlock()
		for c, v := range f.mx {
			a.state.mx[c] = max(a.state.mx[c], uint64(v))
		}
		for h, v := range f.mw {
			a.state.mw[h] = max(a.state.mw[h], uint64(v))
		}
		return
	}
	a.state.copyMaxima(&f)
	a.grids(a.p1-a.p0, &f)
	clear(f.acc)
	a.add(a.s, from, to, &f)
	a.state.mu.Lock()
	defer a.state.mu.Unlock()
	for c, v := range f.acc {
		a.state.acc1[c] += v
	}
}

func (s *splitState) copyMaxima(f *sums32) {
	for c := range f.mx {
		f.mx[c] = uint32(s.mx[c])
	}
	for h := range f.mw {
		f.mw[h] = uint32(s.mw[h])
	}
}

// split32 folds the heavy segment s with all workers: maxima, then sums; both merge by operations without an order.
func split32(a segArgs[float32], s int) {
	p0, p1 := a.bounds(s)
	state := splitStates.Get().(*splitState)
	state.reset(a.d, max(1, a.heads))
	part := part32{segSum32{segArgs: a}, s, p0, p1, max(1, splitSize/8/a.d), state}
	items := (p1 - p0 + part.block - 1) / part.block
	run(items, (p1-p0)*a.d, part)
	state.finished = true
	run(items, 2*(p1-p0)*a.d, part)

	sc := scratches.Get().(*scratch)
	defer scratches.Put(sc)
	f := a.sums32(sc)
	state.copyMaxima(&f)
	nonfinite := part.grids(p1-p0, &f)
	copy(f.acc, state.acc1)
	part.finish(s, p0, p1, &f, a.out[s*a.d:s*a.d+a.d], nonfinite)
	splitStates.Put(state)
}
