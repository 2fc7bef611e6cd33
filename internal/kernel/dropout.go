package kernel

// Dropout sets y = x * scale where the noise of (key, operation, id of the row, channel) keeps an element, else 0. The mask
// does not depend on the index of a row where ids are given; without, the index is the identity.
func Dropout[T Float](y, x []T, ids []uint64, rows, d int, key NoiseKey, operation uint32, p float64) {
	run(rows, cost[T](4*rows*d), dropout[T]{y: y, x: x, ids: ids, d: d, key: key, operation: operation,
		threshold: Threshold(p), scale: T(1 / (1 - p))})
}

// CSRDropout sets y = x * scale for the values of a sparse matrix (rows by ptr, idx) whose noise keeps them, else 0: the
// mask of Dropout on the matrix with its zeros written out.
func CSRDropout[T Float](y, x []T, ptr, idx []int32, ids []uint64, key NoiseKey, operation uint32, p float64) {
	run(len(ptr)-1, cost[T](20*len(idx)), csrDropout[T]{dropout[T]{y: y, x: x, ids: ids, key: key, operation: operation,
		threshold: Threshold(p), scale: T(1 / (1 - p))}, ptr, idx})
}

type dropout[T Float] struct {
	y, x      []T
	ids       []uint64
	d         int
	key       NoiseKey
	operation uint32
	threshold uint32
	scale     T
}

// lanes are eight counters of noise at a time, and their words: word i of lane l is out[8*i+l].
type lanes struct {
	low, high, block [8]uint32
	out              [32]uint32
}

func (n *lanes) set(l int, id uint64, block uint32) {
	n.low[l], n.high[l], n.block[l] = uint32(id), uint32(id>>32), block
}

// draw computes the words of the first used lanes.
func (n *lanes) draw(key NoiseKey, operation uint32, used int) {
	if n.fast(key, operation) {
		return
	}
	for l := range used {
		for i, v := range key.Words(operation, uint64(n.high[l])<<32|uint64(n.low[l]), n.block[l]) {
			n.out[8*i+l] = v
		}
	}
}

func (t *dropout[T]) id(r int) uint64 {
	if t.ids == nil {
		return uint64(r)
	}
	return t.ids[r]
}

// Run does rows lo..hi-1, eight blocks of four channels at a time.
func (t *dropout[T]) Run(lo, hi int) {
	if t.fast(lo, hi) {
		return
	}
	var n lanes
	var row, first [8]int
	used := 0
	apply := func() {
		n.draw(t.key, t.operation, used)
		for l := range used {
			from := row[l]*t.d + first[l]
			x := t.x[from : from+min(4, t.d-first[l])]
			y := t.y[from:][:len(x)]
			for i, v := range x {
				y[i] = 0
				if n.out[8*i+l] >= t.threshold {
					y[i] = T(v * t.scale)
				}
			}
		}
		used = 0
	}
	for r := lo; r < hi; r++ {
		id := t.id(r)
		for c := 0; c < t.d; c += 4 {
			n.set(used, id, uint32(c/4))
			row[used], first[used] = r, c
			if used++; used == 8 {
				apply()
			}
		}
	}
	apply()
}

type csrDropout[T Float] struct {
	dropout[T]
	ptr, idx []int32
}

// Run does rows lo..hi-1, eight stored values at a time.
func (t *csrDropout[T]) Run(lo, hi int) {
	if t.fast(lo, hi) {
		return
	}
	var n lanes
	var at [8]int32
	used := 0
	apply := func() {
		n.draw(t.key, t.operation, used)
		for l := range used {
			k := at[l]
			t.y[k] = 0
			if n.out[8*(t.idx[k]%4)+int32(l)] >= t.threshold {
				t.y[k] = T(t.x[k] * t.scale)
			}
		}
		used = 0
	}
	for r := lo; r < hi; r++ {
		id := t.id(r)
		for k := t.ptr[r]; k < t.ptr[r+1]; k++ {
			n.set(used, id, uint32(t.idx[k])/4)
			at[used] = k
			if used++; used == 8 {
				apply()
			}
		}
	}
	apply()
}
