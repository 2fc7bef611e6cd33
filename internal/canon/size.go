package canon

import (
	"maps"
	"math/big"
	"slices"
	"sync"
)

// Size is the order of a group as a product that is multiplied out when it is asked for: a million leaves of a star have an
// order of 18 million bits. It is safe for concurrent use, and 1 as the zero value.
type Size struct {
	factorials map[int64]int64  // k! so often
	small      map[uint64]int64 // k so often
	large      []*big.Int
	once       sync.Once
	product    *big.Int
}

// Int returns the number, which must not be changed.
func (s *Size) Int() *big.Int {
	s.once.Do(func() {
		factors := s.large
		for _, k := range slices.Sorted(maps.Keys(s.factorials)) {
			factors = append(factors, power(new(big.Int).MulRange(1, k), s.factorials[k]))
		}
		for _, k := range slices.Sorted(maps.Keys(s.small)) {
			factors = append(factors, power(new(big.Int).SetUint64(k), s.small[k]))
		}
		slices.SortFunc(factors, func(a, b *big.Int) int { return a.BitLen() - b.BitLen() })
		s.product = product(factors)
		s.factorials, s.small, s.large = nil, nil, nil
	})
	return s.product
}

// String returns the number in decimal digits.
func (s *Size) String() string { return s.Int().String() }

func power(x *big.Int, k int64) *big.Int { return x.Exp(x, big.NewInt(k), nil) }

// product multiplies by halves, so that large numbers meet large ones.
func product(x []*big.Int) *big.Int {
	switch len(x) {
	case 0:
		return big.NewInt(1)
	case 1:
		return x[0]
	}
	h := len(x) / 2
	return new(big.Int).Mul(product(x[:h]), product(x[h:]))
}

// exchanged multiplies by k!.
func (s *Size) exchanged(k int) {
	if k < 2 {
		return
	}
	tally(&s.factorials, int64(k), 1)
}

// times multiplies by k.
func (s *Size) times(k uint64) {
	if k == 1 {
		return
	}
	tally(&s.small, k, 1)
}

// timesBig multiplies by k.
func (s *Size) timesBig(k *big.Int) {
	if k.IsUint64() {
		s.times(k.Uint64())
		return
	}
	s.large = append(s.large, k)
}

// multiply multiplies by another size, which was not asked for yet.
func (s *Size) multiply(o *Size) {
	for k, often := range o.factorials {
		tally(&s.factorials, k, often)
	}
	for k, often := range o.small {
		tally(&s.small, k, often)
	}
	s.large = append(s.large, o.large...)
}

// tally adds to a count in a map that may not be there yet.
func tally[K comparable](counts *map[K]int64, k K, often int64) {
	if *counts == nil {
		*counts = map[K]int64{}
	}
	(*counts)[k] += often
}
