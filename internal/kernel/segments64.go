package kernel

import "math"

type segSum64 struct{ segArgs[float64] }

// sums64 is the state of one segment while it is folded; see sums32.
type sums64 struct {
	mx, mw     []uint64
	acc1, acc2 []int64
	tmp        []float64
}

func (a *segArgs[T]) sums64(s *scratch) sums64 {
	d, h := a.d, max(1, a.heads)
	s.u64, s.acc, s.f64 = grow(s.u64, d+h), grow(s.acc, 2*d), grow(s.f64, d)
	return sums64{s.u64[:d], s.u64[d : d+h], s.acc[:d], s.acc[d : 2*d], s.f64}
}

// Run folds the segments of items lo..hi-1.
func (a *segSum64) Run(lo, hi int) {
	from, to := a.seg.span(lo, hi)
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	f := a.sums64(s)
	for i := from; i < to; i++ {
		p0, p1 := a.bounds(i)
		out := a.out[i*a.d : i*a.d+a.d]
		switch {
		case p0 == p1:
			clear(out)
		case p1-p0 > a.heavy:
		default:
			clear(f.mx)
			clear(f.mw)
			clear(f.acc1)
			clear(f.acc2)
			a.maxima(i, p0, p1, &f)
			a.add(i, p0, p1, p1-p0, &f)
			a.finish(i, p0, p1, &f, out)
		}
	}
}

func (a *segSum64) maxima(s, p0, p1 int, f *sums64) {
	for p := p0; p < p1; p++ {
		for c, v := range a.load(s, p, f.tmp) {
			f.mx[c] = max(f.mx[c], math.Float64bits(v)&absMask64)
		}
		if a.w != nil {
			for h, v := range a.weights(p) {
				f.mw[h] = max(f.mw[h], math.Float64bits(v)&absMask64)
			}
		}
	}
}

// exponents returns e_x and e_w of channel c, and whether all its factors are finite.
func (a *segSum64) exponents(c int, f *sums64) (ex, ew int, finite bool) {
	ex, finite = exponent64(f.mx[c]), f.mx[c] < inf64
	switch {
	case a.w != nil:
		w := f.mw[c/(a.d/a.heads)]
		return ex, exponent64(w), finite && w < inf64
	case a.centre != nil:
		return ex, ex, finite
	}
	return ex, 0, finite
}

// add accumulates the terms of positions p0..p1-1 of segment s, which has n terms in all.
func (a *segSum64) add(s, p0, p1, n int, f *sums64) {
	fold := newFold64(n)
	for p := p0; p < p1; p++ {
		for c, v := range a.load(s, p, f.tmp) {
			ex, ew, _ := a.exponents(c, f)
			hi, lo := scale64(v, -ex), 0.0
			if a.w != nil {
				hi, lo = twoProd(scale64(a.weights(p)[c/(a.d/a.heads)], -ew), hi)
			} else if a.centre != nil {
				hi, lo = twoProd(hi, hi)
			}
			k1, k2 := fold.split(hi, lo)
			f.acc1[c] += k1
			f.acc2[c] += k2
		}
	}
}

func (a *segSum64) finish(s, p0, p1 int, f *sums64, out []float64) {
	n := p1 - p0
	fold := newFold64(n)
	for c := range out {
		ex, ew, finite := a.exponents(c, f)
		if !finite {
			var k class
			for p := p0; p < p1; p++ {
				v := a.load(s, p, f.tmp)[c]
				if a.w != nil {
					v = classProduct(v, a.weights(p)[c/(a.d/a.heads)])
				} else if a.centre != nil {
					v = classProduct(v, v)
				}
				k.add(v)
			}
			if k != (class{}) {
				out[c] = k.value()
				continue
			}
		}
		out[c] = fold.total(f.acc1[c], f.acc2[c], n, ex+ew)
		if a.mean {
			out[c] /= float64(n)
		}
	}
}

// classProduct returns a*b where a factor is NaN or infinite, and 0 where the product is finite, also if it overflows.
func classProduct(a, b float64) float64 {
	if math.IsNaN(a) || math.IsNaN(b) || math.IsInf(a, 0) || math.IsInf(b, 0) {
		return a * b
	}
	return 0
}

// part64 is a heavy segment that is shared; see part32.
type part64 struct {
	segSum64
	s, p0, p1, block int
	state            *splitState
}

func (a *part64) Run(lo, hi int) {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	f := a.sums64(s)
	from, to := a.p0+lo*a.block, min(a.p1, a.p0+hi*a.block)
	if !a.state.finished {
		clear(f.mx)
		clear(f.mw)
		a.maxima(a.s, from, to, &f)
		a.state.mu.Lock()
		defer a.state.mu.Unlock()
		for c, v := range f.mx {
			a.state.mx[c] = max(a.state.mx[c], v)
		}
		for h, v := range f.mw {
			a.state.mw[h] = max(a.state.mw[h], v)
		}
		return
	}
	copy(f.mx, a.state.mx)
	copy(f.mw, a.state.mw)
	clear(f.acc1)
	clear(f.acc2)
	a.add(a.s, from, to, a.p1-a.p0, &f)
	a.state.mu.Lock()
	defer a.state.mu.Unlock()
	for c := range f.acc1 {
		a.state.acc1[c] += f.acc1[c]
		a.state.acc2[c] += f.acc2[c]
	}
}

func split64(a segArgs[float64], s int) {
	p0, p1 := a.bounds(s)
	state := splitStates.Get().(*splitState)
	state.reset(a.d, max(1, a.heads))
	part := part64{segSum64{segArgs: a}, s, p0, p1, max(1, splitSize/8/a.d), state}
	items := (p1 - p0 + part.block - 1) / part.block
	run(items, (p1-p0)*a.d, part)
	state.finished = true
	run(items, 2*(p1-p0)*a.d, part)
	f := sums64{mx: state.mx, mw: state.mw, acc1: state.acc1, acc2: state.acc2}
	sc := scratches.Get().(*scratch)
	defer scratches.Put(sc)
	sc.f64 = grow(sc.f64, a.d)
	f.tmp = sc.f64
	part.finish(s, p0, p1, &f, a.out[s*a.d:s*a.d+a.d])
	splitStates.Put(state)
}
