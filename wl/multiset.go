package wl

import "math/bits"

// multiset holds one multiset of keys and compares others of the same size with it, in time linear in their size.
type multiset struct {
	slots []slot // open addressing, at most half full
	shift int
	epoch uint32
}

type slot struct {
	key        uint64
	want, left int32 // how often the key is there; 0: the slot is empty
	epoch      uint32
}

// learn makes it the multiset of the keys.
func (m *multiset) learn(keys []uint64) {
	if size := 2 << bits.Len(uint(len(keys))); len(m.slots) < size {
		m.slots = make([]slot, size)
		m.shift = 64 - bits.Len(uint(size-1))
	} else {
		clear(m.slots)
	}
	m.epoch = 0
	for _, k := range keys {
		s := m.find(k)
		s.key = k
		s.want++
	}
}

// find returns the slot of a key, or the empty one where it would go.
func (m *multiset) find(key uint64) *slot {
	mask := uint64(len(m.slots) - 1)
	at := key * 0x9e3779b97f4a7c15 >> m.shift
	for {
		s := &m.slots[at&mask]
		if s.want == 0 || s.key == key {
			return s
		}
		at++
	}
}

// equals compares with as many keys as were learned.
func (m *multiset) equals(keys []uint64) bool {
	m.epoch++
	for _, k := range keys {
		s := m.find(k)
		if s.epoch != m.epoch {
			s.left, s.epoch = s.want, m.epoch
		}
		if s.left == 0 {
			return false
		}
		s.left--
	}
	return true
}

// matcher is a view that compares without sorting: a key for each element that is seen.
type matcher interface {
	// keys appends them, or returns ok false where the colours do not fit into one word.
	keys(dst []uint64, x int32, colour []int32) (keys []uint64, ok bool)
}

func (v *pairView) keys(dst []uint64, p int32, colour []int32) ([]uint64, bool) {
	n := int32(v.n)
	row, col := colour[p/n*n:][:n], colour[p%n:]
	for w, c := range row {
		dst = append(dst, uint64(c)<<32|uint64(col[int32(w)*n]))
	}
	return dst, true
}

func (v *tripleView) keys(dst []uint64, t int32, colour []int32) ([]uint64, bool) {
	const width = 21
	if len(colour) > 1<<width {
		return dst, false
	}
	n := int32(v.n)
	u, y, w := t/(n*n), t/n%n, t%n
	for x := range n {
		dst = append(dst, uint64(colour[(x*n+y)*n+w])<<(2*width)|uint64(colour[(u*n+x)*n+w])<<width|uint64(colour[(u*n+y)*n+x]))
	}
	return dst, true
}
