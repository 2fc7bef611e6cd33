package kernel

import (
	"fmt"
	"math/bits"
)

// The random numbers of noise (dropout and its like) come from a counter-based generator: a word is a function of who
// asks, (seed, step, operation, ID, channel), and of nothing else: not of the row, the batch, the worker or of what was
// drawn before. A relabelling carries the IDs along, and so the noise.
//
// All definitions in this file are frozen: a change of any would change every training run with noise.

const (
	philoxM0 = 0xd2511f53
	philoxM1 = 0xcd9e8d57
	philoxW0 = 0x9e3779b9 // golden ratio
	philoxW1 = 0xbb67ae85 // sqrt(3) - 1
)

// Philox4x32 is the bijection Philox4x32-10 of the counter ctr under key: Salmon, Moraes, Dror and Shaw, Parallel random
// numbers: as easy as 1, 2, 3, SC 2011.
func Philox4x32(ctr [4]uint32, key [2]uint32) [4]uint32 {
	c0, c1, c2, c3 := ctr[0], ctr[1], ctr[2], ctr[3]
	k0, k1 := key[0], key[1]
	for range 10 {
		h0, l0 := bits.Mul32(philoxM0, c0)
		h1, l1 := bits.Mul32(philoxM1, c2)
		c0, c1, c2, c3 = h1^c1^k0, l1, h0^c3^k1, l0
		k0 += philoxW0
		k1 += philoxW1
	}
	return [4]uint32{c0, c1, c2, c3}
}

// NoiseKey is the key of all noise of one step of one run. It is a small value: copy it freely.
type NoiseKey struct{ key [2]uint32 }

// KeyOf returns the key of a step under a seed: the first two words of Philox4x32 of the counter (step low, step high, 0, 0)
// under the key (seed low, seed high).
func KeyOf(seed, step uint64) NoiseKey {
	w := Philox4x32([4]uint32{uint32(step), uint32(step >> 32)}, [2]uint32{uint32(seed), uint32(seed >> 32)})
	return NoiseKey{[2]uint32{w[0], w[1]}}
}

// Words returns the words of the channels 4*block to 4*block+3 of the row with that ID in that operation: Philox4x32 of the
// counter (id low, id high, block, operation). An operation is the number of a use of noise within a step; two uses that
// are to be independent need different numbers.
func (k NoiseKey) Words(operation uint32, id uint64, block uint32) [4]uint32 {
	return Philox4x32([4]uint32{uint32(id), uint32(id >> 32), block, operation}, k.key)
}

// ProbabilityError is the panic value of Threshold for what is not a probability below 1.
type ProbabilityError struct{ P float64 }

// Error says what the probability is.
func (e ProbabilityError) Error() string {
	return fmt.Sprintf("kernel: the probability of a drop is %v, want 0 <= p < 1", e.P)
}

// Threshold returns the bound of a drop with probability p, 0 <= p < 1: a word is kept where word >= Threshold(p). It is
// p * 2^32 rounded down. The product is exact, so a drop has the probability Threshold(p) / 2^32, at most p and less than
// 2^-32 below it; p = 0 keeps every word. It panics with a ProbabilityError for another p, NaN among them.
func Threshold(p float64) uint32 {
	if !(p >= 0 && p < 1) {
		panic(ProbabilityError{p})
	}
	return uint32(p * 0x1p32)
}
