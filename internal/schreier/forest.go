package schreier

// Forest is a union-find in which the root of a set is its smallest number: parents are smaller than children.
type Forest []int32

// NewForest returns the forest of n sets of one.
func NewForest(n int) Forest {
	f := make(Forest, n)
	f.Reset()
	return f
}

// Reset parts all sets.
func (f Forest) Reset() {
	for v := range f {
		f[v] = int32(v)
	}
}

// Find returns the smallest number of the set of v.
func (f Forest) Find(v int32) int32 {
	for f[v] != v {
		f[v] = f[f[v]]
		v = f[v]
	}
	return v
}

// Union merges the sets of v and w and reports whether they were two.
func (f Forest) Union(v, w int32) bool {
	v, w = f.Find(v), f.Find(w)
	f[max(v, w)] = min(v, w)
	return v != w
}

// Flatten makes the root of each number its parent.
func (f Forest) Flatten() {
	for v, r := range f {
		f[v] = f[r] // r is smaller than v, and flat already
	}
}
