package tensor

// Arena is scratch memory of one worker: slices are taken from it and given back all at once by Reset. After one step of
// the same size it allocates nothing. The zero value is ready; it is not safe for concurrent use.
//
// A slice taken before a Reset must not be used after it. With the build tag symdebug, Reset fills all slices with NaN,
// so that a row that was kept shows.
type Arena[T Float] struct {
	blocks [][]T
	block  int // the block that is being cut
	used   int // elements of it that are taken
	free   [][]T
}

const (
	arenaBlock = 1 << 16 // elements of the smallest block
	arenaFree  = 64      // slices that are remembered after Give
	arenaSmall = 1 << 10 // elements from which that is worth the search
)

// Give takes back a slice that came from Take, before the next Reset: a later Take of its length may return it.
func (a *Arena[T]) Give(s []T) {
	if poison {
		fillNaN(s)
	}
	if len(s) < arenaSmall || len(a.free) == arenaFree {
		return
	}
	a.free = append(a.free, s)
}

// given returns a slice of n elements that was given back, or nil.
func (a *Arena[T]) given(n int) []T {
	for i := len(a.free) - 1; i >= 0; i-- {
		if s := a.free[i]; len(s) == n {
			last := len(a.free) - 1
			a.free[i] = a.free[last]
			a.free = a.free[:last]
			return s
		}
	}
	return nil
}

// Take returns n elements with arbitrary content.
func (a *Arena[T]) Take(n int) []T {
	if n >= arenaSmall && len(a.free) > 0 {
		if s := a.given(n); s != nil {
			return s
		}
	}
	for {
		if a.block < len(a.blocks) {
			b := a.blocks[a.block]
			if a.used+n <= len(b) {
				s := b[a.used : a.used+n : a.used+n]
				a.used += n
				return s
			}
			if a.used == 0 { // an untouched block that is too small: put a larger one in its place
				a.blocks[a.block] = make([]T, max(n, 2*len(b)))
				continue
			}
			a.block, a.used = a.block+1, 0
			continue
		}
		a.blocks = append(a.blocks, make([]T, max(n, arenaBlock)))
	}
}

// Zeros returns n elements that are zero.
func (a *Arena[T]) Zeros(n int) []T {
	s := a.Take(n)
	clear(s)
	return s
}

// Dense returns a matrix with arbitrary content.
func (a *Arena[T]) Dense(rows, cols int) Dense[T] { return Dense[T]{rows, cols, a.Take(rows * cols)} }

// Reset gives everything back.
func (a *Arena[T]) Reset() {
	if poison {
		for _, b := range a.blocks {
			fillNaN(b)
		}
	}
	a.block, a.used = 0, 0
	clear(a.free)
	a.free = a.free[:0]
}

// Size returns the elements held, taken or not.
func (a *Arena[T]) Size() int {
	var n int
	for _, b := range a.blocks {
		n += len(b)
	}
	return n
}

func fillNaN[T Float](s []T) {
	var zero T
	for i := range s {
		s[i] = zero / zero
	}
}
