package kernel

import "math"

// Sums over channels: eight lanes, lane = k mod 8, each ascending in k from +0, then the tree
// ((l0+l4)+(l2+l6)) + ((l1+l5)+(l3+l7)), whatever the vector width. Products are rounded before they are added.

func tree[T Float](l *[8]T) T {
	return ((l[0] + l[4]) + (l[2] + l[6])) + ((l[1] + l[5]) + (l[3] + l[7]))
}

// RowSum returns the sum of the channels of x.
func RowSum[T Float](x []T) T {
	var l [8]T
	for k, v := range x {
		l[k&7] += v
	}
	return tree(&l)
}

// RowDot returns the sum of the products of the channels of a and b.
func RowDot[T Float](a, b []T) T {
	var l [8]T
	b = b[:len(a)]
	for k, v := range a {
		l[k&7] += T(v * b[k])
	}
	return tree(&l)
}

// HeadDot sets out[r,h] = sum_c z[r,h,c] * a[r,h,c], where a is (rows,d), or (1,d) where aRows is 1: -> (rows,heads).
func HeadDot[T Float](out, z, a []T, rows, d, heads, aRows int) {
	run(rows, cost[T](2*rows*d), headDot[T]{out, z, a, d, heads, aRows})
}

type headDot[T Float] struct {
	out, z, a       []T
	d, heads, aRows int
}

// Run does rows lo..hi-1.
func (t *headDot[T]) Run(lo, hi int) {
	if t.fast(lo, hi) {
		return
	}
	per := t.d / t.heads
	for r := lo; r < hi; r++ {
		a := t.a
		if t.aRows != 1 {
			a = t.a[r*t.d : r*t.d+t.d]
		}
		z := t.z[r*t.d : r*t.d+t.d]
		for h := range t.heads {
			t.out[r*t.heads+h] = RowDot(z[h*per:h*per+per], a[h*per:h*per+per])
		}
	}
}

// LayerNorm sets y = (x - mean) / sqrt(var + eps) over the channels of each row, and keeps 1/sqrt(var + eps) in rstd (rows).
func LayerNorm[T Float](y, rstd, x []T, rows, d int, eps T) {
	run(rows, cost[T](6*rows*d), layerNorm[T]{y, rstd, x, d, eps})
}

type layerNorm[T Float] struct {
	y, rstd, x []T
	d          int
	eps        T
}

func (t *layerNorm[T]) Run(lo, hi int) {
	if t.fast(lo, hi) {
		return
	}
	for r := lo; r < hi; r++ {
		x, y := t.x[r*t.d:r*t.d+t.d], t.y[r*t.d:r*t.d+t.d]
		mean := RowSum(x) / T(t.d)
		for c, v := range x {
			y[c] = v - mean
		}
		s := T(1 / math.Sqrt(float64(RowDot(y, y)/T(t.d)+t.eps)))
		t.rstd[r] = s
		for c := range y {
			y[c] = T(y[c] * s)
		}
	}
}

// LayerNormBack sets dx = rstd * (dy - mean(dy) - y * mean(dy*y)), means over the channels.
func LayerNormBack[T Float](dx, dy, y, rstd []T, rows, d int) {
	run(rows, cost[T](6*rows*d), layerNormBack[T]{dx, dy, y, rstd, d})
}

type layerNormBack[T Float] struct {
	dx, dy, y, rstd []T
	d               int
}

func (t *layerNormBack[T]) Run(lo, hi int) {
	if t.fast(lo, hi) {
		return
	}
	for r := lo; r < hi; r++ {
		dx, dy, y := t.dx[r*t.d:r*t.d+t.d], t.dy[r*t.d:r*t.d+t.d], t.y[r*t.d:r*t.d+t.d]
		m, p := RowSum(dy)/T(t.d), RowDot(dy, y)/T(t.d)
		for c := range dx {
			dx[c] = T((dy[c] - m - T(y[c]*p)) * t.rstd[r])
		}
	}
}

// Normalize sets y = x / max(|x|, eps) for each row, with the Euclidean norm, and keeps max(|x|, eps) in norm (rows).
func Normalize[T Float](y, norm, x []T, rows, d int, eps T) {
	run(rows, cost[T](4*rows*d), normalize[T]{y, norm, x, d, eps})
}

type normalize[T Float] struct {
	y, norm, x []T
	d          int
	eps        T
}

func (t *normalize[T]) Run(lo, hi int) {
	if t.fast(lo, hi) {
		return
	}
	for r := lo; r < hi; r++ {
		x, y := t.x[r*t.d:r*t.d+t.d], t.y[r*t.d:r*t.d+t.d]
		n := max(T(math.Sqrt(float64(RowDot(x, x)))), t.eps)
		t.norm[r] = n
		for c, v := range x {
			y[c] = v / n
		}
	}
}

// NormalizeBack sets dx = (dy - y * (dy.y)) / norm, and dy/eps where the norm was clamped.
func NormalizeBack[T Float](dx, dy, y, norm []T, rows, d int, eps T) {
	run(rows, cost[T](4*rows*d), normalizeBack[T]{dx, dy, y, norm, d, eps})
}

type normalizeBack[T Float] struct {
	dx, dy, y, norm []T
	d               int
	eps             T
}

func (t *normalizeBack[T]) Run(lo, hi int) {
	if t.fast(lo, hi) {
		return
	}
	for r := lo; r < hi; r++ {
		dx, dy, y := t.dx[r*t.d:r*t.d+t.d], t.dy[r*t.d:r*t.d+t.d], t.y[r*t.d:r*t.d+t.d]
		var p T
		if t.norm[r] > t.eps {
			p = RowDot(dy, y)
		}
		for c := range dx {
			dx[c] = (dy[c] - T(y[c]*p)) / t.norm[r]
		}
	}
}

// Softmax sets row k of p (rows,d) to the softmax of row at[k] of x, and logSum[k] to its log sum exp. at nil is the identity.
func Softmax[T Float](p, logSum, x []T, at []int32, rows, d int) {
	run(rows, cost[T](12*rows*d), softmax[T]{p, logSum, x, at, d})
}

type softmax[T Float] struct {
	p, logSum, x []T
	at           []int32
	d            int
}

func (t *softmax[T]) Run(lo, hi int) {
	if t.fast(lo, hi) {
		return
	}
	for r := lo; r < hi; r++ {
		from := r
		if t.at != nil {
			from = int(t.at[r])
		}
		x, p := t.x[from*t.d:from*t.d+t.d], t.p[r*t.d:r*t.d+t.d]
		if len(x) == 0 {
			continue
		}
		m := x[0]
		for _, v := range x {
			m = max(m, v)
		}
		for c, v := range x {
			p[c] = v - m
		}
		mapTo(fnExp, p, p)
		s := RowSum(p)
		for c := range p {
			p[c] /= s
		}
		t.logSum[r] = m + Log(s)
	}
}
