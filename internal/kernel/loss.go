package kernel

// CrossEntropyBack adds g * (p[k,:] - e) to row at[k] of dx, where e is 1 at the label of that row and 0 elsewhere: the gradient of
// -log softmax from the softmax p of the listed rows, (K,d) -> (N,d). at nil is the identity; a row that is listed twice counts twice.
func CrossEntropyBack[T Float](dx, p []T, labels, at []int32, count, d int, g T) {
	t := crossEntropyBack[T]{dx, p, labels, at, d, g}
	if at != nil {
		t.Run(0, count) // two workers might meet in a row
		return
	}
	run(count, cost[T](2*count*d), t)
}

type crossEntropyBack[T Float] struct {
	dx, p      []T
	labels, at []int32
	d          int
	g          T
}

// Run does listed rows lo..hi-1.
func (t *crossEntropyBack[T]) Run(lo, hi int) {
	for k := lo; k < hi; k++ {
		i := k
		if t.at != nil {
			i = int(t.at[k])
		}
		dx, p, label := t.dx[i*t.d:i*t.d+t.d], t.p[k*t.d:k*t.d+t.d], t.labels[i]
		own := dx[label] + T((p[label]-1)*t.g)
		addScaled(dx, p, t.g)
		dx[label] = own
	}
}

// addScaled sets y += x*a.
func addScaled[T Float](y, x []T, a T) {
	if fastAddScaled(y, x, a) {
		return
	}
	y = y[:len(x)]
	for i, v := range x {
		y[i] += T(v * a)
	}
}

// BCE sets loss[i] = max(x[i], 0) - x[i]*y[i] + log(1 + exp(-|x[i]|)): the binary cross-entropy of sigmoid(x) against y.
func BCE[T Float](loss, x, y []T) {
	run(len(x), cost[T](40*len(x)), bce[T]{loss, x, y})
}

type bce[T Float] struct{ loss, x, y []T }

// Run does elements lo..hi-1.
func (t *bce[T]) Run(lo, hi int) {
	x := t.x[lo:hi]
	loss, y := t.loss[lo:hi][:len(x)], t.y[lo:hi][:len(x)]
	for i, v := range x {
		loss[i] = -max(v, -v)
	}
	mapTo(fnExp, loss, loss)
	mapTo(fnLog1p, loss, loss)
	for i, v := range x {
		loss[i] = max(v, 0) - T(v*y[i]) + loss[i]
	}
}
