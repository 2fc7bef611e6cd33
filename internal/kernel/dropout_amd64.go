//go:build amd64 && !purego

package kernel

// fast computes the words of all eight lanes by assembly, and reports whether it did.
func (n *lanes) fast(key NoiseKey, operation uint32) bool {
	if hasAVX2 {
		philox8(&n.out, &n.low, &n.high, &n.block, operation, key.key[0], key.key[1])
	}
	return hasAVX2
}

// counterBatch is the number of counters of one call of the assembly, a multiple of eight.
const counterBatch = 512

// counters are what the noise of a run of blocks or values is keyed by.
type counters struct{ low, high, block []uint32 }

func newCounters(s *scratch) counters {
	s.u32 = grow(s.u32, 3*counterBatch)
	return counters{s.u32[:counterBatch], s.u32[counterBatch : 2*counterBatch], s.u32[2*counterBatch : 3*counterBatch]}
}

// fast does rows lo..hi-1 by assembly, and reports whether it did. Rows of a multiple of four channels are one run of blocks;
// other rows are runs of their own, which pays if they are long.
func (t *dropout[T]) fast(lo, hi int) bool {
	x, ok := any(t.x).([]float32)
	if !ok || !hasAVX2 || t.d == 0 || t.d%4 != 0 && t.d < 32 {
		return false
	}
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	k, y := newCounters(s), any(t.y).([]float32)
	x, y = x[lo*t.d:hi*t.d], y[lo*t.d:hi*t.d]
	per, used := (t.d+3)/4, 0
	for r := lo; r < hi; r++ {
		id := t.id(r)
		for b := range per {
			k.low[used], k.high[used], k.block[used] = uint32(id), uint32(id>>32), uint32(b)
			if used++; used == counterBatch || b == per-1 && (t.d%4 != 0 || r == hi-1) {
				n := 4 * used
				if b == per-1 {
					n += t.d - 4*per
				}
				t.apply(y[:n], x[:n], k)
				x, y, used = x[n:], y[n:], 0
			}
		}
	}
	return true
}

// apply does one run of channels.
func (t *dropout[T]) apply(y, x []float32, k counters) {
	groups, key, scale := len(x)/32, t.key.key, float32(t.scale)
	if groups > 0 {
		dropout32(&y[0], &x[0], &k.low[0], &k.high[0], &k.block[0], groups, t.operation, key[0], key[1], t.threshold, scale)
	}
	if rest := x[32*groups:]; len(rest) > 0 {
		var b [32]float32
		copy(b[:], rest)
		at := 8 * groups
		dropout32(&b[0], &b[0], &k.low[at], &k.high[at], &k.block[at], 1, t.operation, key[0], key[1], t.threshold, scale)
		copy(y[32*groups:], b[:len(rest)])
	}
}

// fast does rows lo..hi-1 by assembly, and reports whether it did.
func (t *csrDropout[T]) fast(lo, hi int) bool {
	x, ok := any(t.x).([]float32)
	if !ok || !hasAVX2 {
		return false
	}
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	k, y, used := newCounters(s), any(t.y).([]float32), 0
	for r := lo; r < hi; r++ {
		id, end := t.id(r), int(t.ptr[r+1])
		for at := int(t.ptr[r]); at < end; at++ {
			k.low[used], k.high[used] = uint32(id), uint32(id>>32)
			if used++; used == counterBatch || at == int(t.ptr[hi])-1 {
				from := at + 1 - used
				t.apply(y[from:at+1], x[from:at+1], t.idx[from:at+1], k)
				used = 0
			}
		}
	}
	return true
}

// apply does one run of values.
func (t *csrDropout[T]) apply(y, x []float32, idx []int32, k counters) {
	groups, key, scale := len(x)/8, t.key.key, float32(t.scale)
	if groups > 0 {
		sparseDropout32(&y[0], &x[0], &idx[0], &k.low[0], &k.high[0], groups, t.operation, key[0], key[1], t.threshold, scale)
	}
	if rest := x[8*groups:]; len(rest) > 0 {
		var b [8]float32
		var i [8]int32
		copy(b[:], rest)
		copy(i[:], idx[8*groups:])
		at := 8 * groups
		sparseDropout32(&b[0], &b[0], &i[0], &k.low[at], &k.high[at], 1, t.operation, key[0], key[1], t.threshold, scale)
		copy(y[8*groups:], b[:len(rest)])
	}
}
