package cells

// Trace is what a refinement did, word by word: a function of the graph and the ordered partition alone, not of the
// labelling. Two refinements are compared by the first word in which they differ.
type Trace struct {
	Words []uint64 // of the best refinement so far
	mode  mode
	at    int
	sign  int
}

type mode uint8

const (
	recording mode = iota
	comparing
	matching
	idle
)

// Record begins a refinement that becomes the best.
func (t *Trace) Record() { t.Words, t.mode, t.sign = t.Words[:0], recording, 0 }

// Compare begins a refinement that is compared with the best: it is left at the first word that is smaller, and becomes the
// best from the first word on that is larger.
func (t *Trace) Compare() { t.mode, t.at, t.sign = comparing, 0, 0 }

// Match begins a refinement that is left at the first word that differs from the best, which stays.
func (t *Trace) Match() { t.mode, t.at, t.sign = matching, 0, 0 }

// Ignore begins a refinement that is neither kept nor compared.
func (t *Trace) Ignore() { t.mode, t.sign = idle, 0 }

// End says how the refinement compares with the best before it: -1, 0 or 1. A refinement that stopped short of it is smaller.
func (t *Trace) End() int {
	if (t.mode == comparing || t.mode == matching) && t.at < len(t.Words) {
		t.sign = -1
	}
	return t.sign
}

// add reports whether the refinement goes on.
func (t *Trace) add(w uint64) bool {
	switch t.mode {
	case recording:
		t.Words = append(t.Words, w)
	case matching:
		if t.at == len(t.Words) || t.Words[t.at] != w {
			t.sign = -1
			return false
		}
		t.at++
	case comparing:
		if t.at < len(t.Words) && t.Words[t.at] == w {
			t.at++
			return true
		}
		if t.at < len(t.Words) && w < t.Words[t.at] {
			t.sign = -1
			return false
		}
		t.Words, t.mode, t.sign = append(t.Words[:t.at], w), recording, 1
	}
	return true
}

// Mix is a bijection of 64 bits that scatters them (the finaliser of SplitMix64; Steele, Lea, Flood 2014).
func Mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
