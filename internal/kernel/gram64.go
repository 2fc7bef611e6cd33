package kernel

import "math"

// gram64 is gram32 in float64: the two folds of the definition, element by element. It is for proofs, not for speed.
func gram64(c []float64, x *Columns[float64], a, b []float64, r, m, n int) {
	if r == 0 {
		clear(c[:m*n])
		return
	}
	g := grams.Get().(*gramState)
	g.ea, g.eb = grow(g.ea, m), grow(g.eb, n)
	if x == nil {
		g.columnExponents64(g.ea, a, r, m)
	} else {
		for j := range m {
			var mx uint64
			for p := x.Ptr[j]; p < x.Ptr[j+1]; p++ {
				mx = max(mx, math.Float64bits(x.Val[x.Pos[p]])&absMask64)
			}
			g.ea[j] = exponentOf64(mx)
		}
	}
	g.columnExponents64(g.eb, b, r, n)
	t := gramTask64{c: c, a: a, b: b, r: r, m: m, n: n, g: g}
	if x != nil {
		t.x = *x
	}
	run(m, 10*r*m*n, t)
	grams.Put(g)
}

func exponentOf64(abs uint64) int32 {
	switch {
	case abs >= inf64:
		return nonfinite
	case abs == 0:
		return zeroMax
	}
	return int32(exponent64(abs))
}

func (g *gramState) columnExponents64(e []int32, a []float64, rows, cols int) {
	g.u64 = grow(g.u64, cols)
	mx := g.u64
	clear(mx)
	for i := range rows {
		for j, v := range a[i*cols : i*cols+cols] {
			mx[j] = max(mx[j], math.Float64bits(v)&absMask64)
		}
	}
	for j, b := range mx {
		e[j] = exponentOf64(b)
	}
}

type gramTask64 struct {
	c, a, b []float64
	x       Columns[float64]
	r, m, n int
	g       *gramState
}

// Run does rows lo..hi-1 of C.
func (t *gramTask64) Run(lo, hi int) {
	fold := newFold64(t.r)
	z1, z2 := fold.split(0, 0)
	for i := lo; i < hi; i++ {
		for j := range t.n {
			out := &t.c[i*t.n+j]
			*out = 0
			ea, eb := t.g.ea[i], t.g.eb[j]
			if ea == nonfinite || eb == nonfinite {
				if k := t.class(i, j); k != (class{}) {
					*out = k.value()
					continue
				}
			}
			if ea >= nonfinite || eb >= nonfinite {
				continue
			}
			var acc1, acc2 int64
			terms := 0
			t.each(i, func(l int, v float64) {
				hi, lo := twoProd(scale64(v, -int(ea)), scale64(t.b[l*t.n+j], -int(eb)))
				k1, k2 := fold.split(hi, lo)
				acc1, acc2 = acc1+k1, acc2+k2
				terms++
			})
			rest := int64(t.r - terms) // implicit zeros
			*out = fold.total(acc1+rest*z1, acc2+rest*z2, t.r, int(ea+eb))
		}
	}
}

// each calls f with the row and the value of every stored element of column i of A.
func (t *gramTask64) each(i int, f func(l int, v float64)) {
	if t.a == nil {
		for p := t.x.Ptr[i]; p < t.x.Ptr[i+1]; p++ {
			f(int(t.x.Row[p]), t.x.Val[t.x.Pos[p]])
		}
		return
	}
	for l := range t.r {
		f(l, t.a[l*t.m+i])
	}
}

func (t *gramTask64) class(i, j int) class {
	if t.a == nil {
		return csrClass(t.x, t.b, i, j, t.r, t.n)
	}
	var k class
	for l := range t.r {
		k.add(classProduct(t.a[l*t.m+i], t.b[l*t.n+j]))
	}
	return k
}
