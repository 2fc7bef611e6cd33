package symmetry

import (
	"fmt"
	"iter"
	"math/big"
	"math/rand/v2"
	"slices"

	"symbridge/tensor"
)

// Perm is a permutation of 0..n-1: place i goes to place p[i]. It can be handed to whatever takes a []int32, such as
// graph.Graph.Relabel. The methods other than [Perm.Valid] take it for granted that it is valid.
type Perm []int32

// MaxAll is the largest n for which [All] goes through S_n; 10! is 3,628,800.
const MaxAll = 10

// Identity returns the permutation of 0..n-1 that moves nothing.
func Identity(n int) Perm {
	p := make(Perm, n)
	for i := range p {
		p[i] = int32(i)
	}
	return p
}

// Random returns a permutation of 0..n-1, each with the same probability.
func Random(rng *rand.Rand, n int) Perm {
	p := Identity(n)
	for i := n - 1; i > 0; i-- {
		j := rng.Int32N(int32(i + 1))
		p[i], p[j] = p[j], p[i]
	}
	return p
}

// All yields every permutation of 0..n-1 once, in lexicographic order, so the identity first. Each is a slice of its own.
// It panics for n > MaxAll.
func All(n int) iter.Seq[Perm] {
	if n < 0 || n > MaxAll {
		panic(fmt.Errorf("symmetry: All(%d): want 0 <= n <= %d", n, MaxAll))
	}
	return func(yield func(Perm) bool) {
		p := Identity(n)
		for yield(slices.Clone(p)) {
			i := n - 2 // the last ascent; behind it the places descend
			for i >= 0 && p[i] > p[i+1] {
				i--
			}
			if i < 0 {
				return
			}
			j := n - 1
			for p[j] < p[i] {
				j--
			}
			p[i], p[j] = p[j], p[i]
			slices.Reverse(p[i+1:])
		}
	}
}

// Valid reports whether p has every number in 0..len(p)-1 exactly once.
func (p Perm) Valid() bool {
	seen := make([]bool, len(p))
	for _, v := range p {
		if v < 0 || int(v) >= len(p) || seen[v] {
			return false
		}
		seen[v] = true
	}
	return true
}

// Inverse returns the permutation that undoes p.
func (p Perm) Inverse() Perm {
	inv := make(Perm, len(p))
	for i, v := range p {
		inv[v] = int32(i)
	}
	return inv
}

// Compose returns p after q: place i goes to p[q[i]]. It panics with a [tensor.ShapeError] where the lengths differ.
func (p Perm) Compose(q Perm) Perm {
	mustLen("symmetry.Perm.Compose", "second permutation", len(p), len(q))
	r := make(Perm, len(p))
	for i, v := range q {
		r[i] = p[v]
	}
	return r
}

// IsIdentity reports whether p moves nothing.
func (p Perm) IsIdentity() bool {
	for i, v := range p {
		if int(v) != i {
			return false
		}
	}
	return true
}

// Cycles returns the cycles of p, fixed points too, each from its smallest place, in the order of those.
func (p Perm) Cycles() [][]int32 {
	var cycles [][]int32
	seen := make([]bool, len(p))
	for i := range p {
		if seen[i] {
			continue
		}
		var c []int32
		for v := int32(i); !seen[v]; v = p[v] {
			seen[v] = true
			c = append(c, v)
		}
		cycles = append(cycles, c)
	}
	return cycles
}

// Order returns the order of p in the group: the least k > 0 with p^k the identity, the least common multiple of the
// lengths of its cycles. It does not fit in 64 bits in general.
func (p Perm) Order() *big.Int {
	order := big.NewInt(1)
	done := map[int]bool{} // lengths; only ever asked, never ranged over
	for _, c := range p.Cycles() {
		if done[len(c)] {
			continue
		}
		done[len(c)] = true
		l := big.NewInt(int64(len(c)))
		order.Mul(order, l.Div(l, new(big.Int).GCD(nil, nil, order, l)))
	}
	return order
}

// Sign returns 1 for an even permutation and -1 for an odd one.
func (p Perm) Sign() int {
	if (len(p)-len(p.Cycles()))%2 == 0 {
		return 1
	}
	return -1
}

// Map returns p of each listed place: how a list of nodes changes under a relabelling. Nil stays nil.
func (p Perm) Map(places []int32) []int32 {
	if places == nil {
		return nil
	}
	out := make([]int32, len(places))
	for i, v := range places {
		out[i] = p[v]
	}
	return out
}

// Apply returns the slice whose element p[i] is element i of s: how values that belong to places, such as the classes of
// nodes, move under a relabelling. It panics with a [tensor.ShapeError] where the lengths differ.
func Apply[E any](p Perm, s []E) []E {
	mustLen("symmetry.Apply", "slice", len(p), len(s))
	out := make([]E, len(s))
	for i, v := range p {
		out[v] = s[i]
	}
	return out
}

func mustLen(op, what string, want, got int) {
	if want != got {
		panic(tensor.ShapeError{Op: op, What: what, Want: [2]int{want, 1}, Got: [2]int{got, 1}})
	}
}
