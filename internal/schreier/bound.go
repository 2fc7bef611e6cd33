package schreier

import (
	"math/big"
	"slices"
)

// bound returns an upper bound of the order, which products and wreath products of symmetric and other small groups attain:
//
//	|G| <= product of |G^O| over the orbits O, those left out that others determine;
//	|G| <= |G_B^B|^k |G^S| for a transitive group with a system S of k blocks like B;
//	|G| <= m!, or m!/2 where all generators are even, for a primitive group on m points.
//
// The groups on orbits and on blocks are smaller, and their orders are proved in turn.
func (c *Chain) bound() *big.Int {
	var gens [][]int32
	for i := range c.pool {
		if c.pool[i].kind == core {
			gens = append(gens, c.pool[i].to)
		}
	}
	part := c.partition(0)
	byRoot := make([][]int32, c.n)
	for v := range int32(c.n) {
		r := part.Find(v)
		byRoot[r] = append(byRoot[r], v)
	}
	orbits := slices.DeleteFunc(byRoot, func(o []int32) bool { return len(o) < 2 })
	slices.SortStableFunc(orbits, func(a, b []int32) int { return len(b) - len(a) })
	if len(orbits) == 1 && len(orbits[0]) == c.n {
		return transitiveBound(c.n, gens)
	}
	order := big.NewInt(1)
	var kept [][]int32
	for _, o := range orbits {
		if slices.ContainsFunc(kept, func(by []int32) bool { return determines(by, o, gens, c.n) }) {
			continue
		}
		kept = append(kept, o)
		order.Mul(order, orderOf(len(o), restrict(gens, o, c.n)))
	}
	return order
}

// orderOf proves the order of a group.
func orderOf(n int, gens [][]int32) *big.Int {
	c := New(n)
	for _, p := range gens {
		c.Add(p)
	}
	c.Verify()
	return c.Order()
}

// restrict returns what permutations do on a set that they keep, each once.
func restrict(gens [][]int32, set []int32, n int) [][]int32 {
	at := make([]int32, n)
	for i, v := range set {
		at[v] = int32(i)
	}
	out := make([][]int32, len(gens))
	for k, g := range gens {
		out[k] = make([]int32, len(set))
		for i, v := range set {
			out[k][i] = at[g[v]]
		}
	}
	return distinct(out)
}

func distinct(gens [][]int32) [][]int32 {
	slices.SortFunc(gens, slices.Compare)
	return slices.CompactFunc(gens, slices.Equal)
}

// determines reports whether there is a map f from orbit a to orbit b with f(g v) = g f(v): then what fixes a fixes b too.
func determines(a, b []int32, gens [][]int32, n int) bool {
	if len(a)%len(b) != 0 {
		return false
	}
	f := make([]int32, n)
	queue := make([]int32, 0, len(a))
candidates:
	for _, w := range b {
		for _, v := range a {
			f[v] = -1
		}
		queue = append(queue[:0], a[0])
		f[a[0]] = w
		for head := 0; head < len(queue); head++ {
			v := queue[head]
			for _, g := range gens {
				if x := g[v]; f[x] < 0 {
					f[x] = g[f[v]]
					queue = append(queue, x)
				} else if f[x] != g[f[v]] {
					continue candidates
				}
			}
		}
		return true
	}
	return false
}

// transitiveBound is the bound for a transitive group.
func transitiveBound(n int, gens [][]int32) *big.Int {
	block := smallestBlocks(n, gens)
	if block == nil {
		order := new(big.Int).MulRange(1, int64(n))
		if !slices.ContainsFunc(gens, odd) {
			order.Rsh(order, 1)
		}
		return order
	}
	number, members := make([]int32, n), [][]int32{}
	for v, r := range block { // the smallest point of the block
		if int(r) == v {
			number[v] = int32(len(members))
			members = append(members, nil)
		}
		number[v] = number[r]
		members[number[v]] = append(members[number[v]], int32(v))
	}
	k := len(members)
	onBlocks := make([][]int32, len(gens))
	for i, g := range gens {
		onBlocks[i] = make([]int32, k)
		for j, m := range members {
			onBlocks[i][j] = number[g[m[0]]]
		}
	}
	// to[j] takes block 0 to block j; the Schreier generators of the stabiliser of block 0 generate what it does there.
	to := make([][]int32, k)
	to[0] = members[0]
	for queue := []int{0}; len(queue) > 0; queue = queue[1:] {
		for i, g := range gens {
			if j := onBlocks[i][queue[0]]; to[j] == nil {
				for _, v := range to[queue[0]] {
					to[j] = append(to[j], g[v])
				}
				queue = append(queue, int(j))
			}
		}
	}
	var inBlock [][]int32
	at := make([]int32, n)
	for j := range to {
		for i, v := range to[j] {
			at[v] = int32(i)
		}
	}
	for j := range to {
		for _, g := range gens {
			p := make([]int32, len(members[0]))
			for i, v := range to[j] {
				p[i] = at[g[v]]
			}
			inBlock = append(inBlock, p)
		}
	}
	order := orderOf(len(members[0]), distinct(inBlock))
	order.Exp(order, big.NewInt(int64(k)), nil)
	return order.Mul(order, orderOf(k, distinct(onBlocks)))
}

func odd(p []int32) bool {
	seen := make([]bool, len(p))
	parity := false
	for v := range p {
		for w := int32(v); !seen[w]; w = p[w] {
			seen[w] = true
			if p[w] != int32(v) {
				parity = !parity
			}
		}
	}
	return parity
}

// smallestBlocks returns the smallest point of the block of each point, in a system of blocks of smallest size that are not
// single points, or nil where there is none but the whole (Atkinson 1975, "An algorithm for finding the blocks of a permutation
// group").
func smallestBlocks(n int, gens [][]int32) []int32 {
	var best []int32
	size := n
	p := make(Forest, n)
	var queue [][2]int32
	for v := int32(1); int(v) < n; v++ {
		p.Reset()
		p[v] = 0
		queue = append(queue[:0], [2]int32{0, v})
		merged := 1
		for head := 0; head < len(queue) && merged < n-1; head++ {
			for _, g := range gens {
				a, b := p.Find(g[queue[head][0]]), p.Find(g[queue[head][1]])
				if p.Union(a, b) {
					queue = append(queue, [2]int32{a, b})
					merged++
				}
			}
		}
		blocks := n - merged
		if blocks > 1 && n/blocks < size {
			size = n / blocks
			p.Flatten()
			best = slices.Clone(p)
		}
		if size == 2 {
			break
		}
	}
	return best
}
