package schreier

import "math/rand/v2"

// cycles returns the permutation of 0..n-1 with the given cycles.
func cycles(n int, cs ...[]int32) []int32 {
	p := make([]int32, n)
	for i := range p {
		p[i] = int32(i)
	}
	for _, c := range cs {
		for i, v := range c {
			p[v] = c[(i+1)%len(c)]
		}
	}
	return p
}

func rotation(n int) []int32 {
	p := make([]int32, n)
	for i := range p {
		p[i] = int32((i + 1) % n)
	}
	return p
}

func symmetric(n int) [][]int32 { return [][]int32{rotation(n), cycles(n, []int32{0, 1})} }

func dihedral(n int) [][]int32 {
	p := make([]int32, n)
	for i := range p {
		p[i] = int32((n - i) % n)
	}
	return [][]int32{rotation(n), p}
}

// wreath returns generators of S_m wr S_k on m k points, the blocks being m points long.
func wreath(m, k int) [][]int32 {
	n := m * k
	one, two, turn, swap := cycles(n, []int32{0, 1}), cycles(n), cycles(n), cycles(n)
	for i := range m {
		two[i] = int32((i + 1) % m)
		swap[i], swap[m+i] = int32(m+i), int32(i)
	}
	for v := range n {
		turn[v] = int32((v + m) % n)
	}
	return [][]int32{one, two, turn, swap}
}

// cube returns generators of the automorphisms of the cube graph, whose vertices are three bits.
func cube() [][]int32 {
	a, b, c := make([]int32, 8), make([]int32, 8), make([]int32, 8)
	for v := range int32(8) {
		a[v], b[v], c[v] = v^1, v&4|(v&1)<<1|(v&2)>>1, (v<<1|v>>2)&7
	}
	return [][]int32{a, b, c}
}

// onPairs returns S_n on the pairs of n points; n = 5 is the group of the Petersen graph.
func onPairs(n int32) [][]int32 {
	index := map[[2]int32]int32{}
	var pairs [][2]int32
	for j := range n {
		for i := range j {
			index[[2]int32{i, j}] = int32(len(pairs))
			pairs = append(pairs, [2]int32{i, j})
		}
	}
	var gens [][]int32
	for _, p := range symmetric(int(n)) {
		q := make([]int32, len(pairs))
		for k, e := range pairs {
			i, j := p[e[0]], p[e[1]]
			q[k] = index[[2]int32{min(i, j), max(i, j)}]
		}
		gens = append(gens, q)
	}
	return gens
}

// twice returns what permutations do on two copies of their points at once, and on one more copy that stays.
func twice(gens [][]int32) [][]int32 {
	var out [][]int32
	for _, p := range gens {
		n := len(p)
		q := cycles(3 * n)
		for v, w := range p {
			q[v], q[n+v] = w, int32(n)+w
		}
		out = append(out, q)
	}
	return out
}

func m11() [][]int32 {
	return [][]int32{rotation(11), cycles(11, []int32{2, 6, 10, 7}, []int32{3, 9, 4, 5})}
}

func m12() [][]int32 {
	return [][]int32{append(rotation(11), 11), cycles(12, []int32{2, 6, 10, 7}, []int32{3, 9, 4, 5}),
		cycles(12, []int32{0, 11}, []int32{1, 10}, []int32{2, 5}, []int32{3, 7}, []int32{4, 8}, []int32{6, 9})}
}

// m24 acts on the projective line over 23 elements, infinity being 23: x+1, 2x, -1/x and, on squares x, x³/9, on others 9x³.
func m24() [][]int32 {
	power := func(x, e int) int {
		y := 1
		for range e {
			y = y * x % 23
		}
		return y
	}
	shift, double, invert, delta := make([]int32, 24), make([]int32, 24), make([]int32, 24), make([]int32, 24)
	shift[23], double[23], invert[23], invert[0], delta[23] = 23, 23, 0, 23, 23
	for x := range 23 {
		shift[x], double[x] = int32((x+1)%23), int32(2*x%23)
		if x > 0 {
			invert[x] = int32((23 - power(x, 21)) % 23)
		}
		if power(x, 11) == 1 {
			delta[x] = int32(power(x, 3) * power(9, 21) % 23)
		} else {
			delta[x] = int32(9 * power(x, 3) % 23)
		}
	}
	return [][]int32{shift, double, invert, delta}
}

func chain(gens [][]int32) *Chain {
	c := New(len(gens[0]))
	for _, g := range gens {
		c.Add(g)
	}
	return c
}

// closure returns all elements of a small group.
func closure(gens [][]int32) [][]int32 {
	n := len(gens[0])
	all := [][]int32{cycles(n)}
	seen := map[string]bool{key(all[0]): true}
	for i := 0; i < len(all); i++ {
		for _, g := range gens {
			p := make([]int32, n)
			for v, w := range all[i] {
				p[v] = g[w]
			}
			if k := key(p); !seen[k] {
				seen[k] = true
				all = append(all, p)
			}
		}
	}
	return all
}

func key(p []int32) string {
	b := make([]byte, len(p))
	for i, v := range p {
		b[i] = byte(v)
	}
	return string(b)
}

func shuffled(rng *rand.Rand, n int) []int32 {
	p := cycles(n)
	rng.Shuffle(n, func(i, j int) { p[i], p[j] = p[j], p[i] })
	return p
}

// orbitsOf returns what Orbits(k) has to be, from all elements.
func orbitsOf(all [][]int32, base []int32) []int32 {
	rep := cycles(len(all[0]))
	for _, p := range all {
		fixes := true
		for _, b := range base {
			fixes = fixes && p[b] == b
		}
		if fixes {
			for v, w := range p { // an element takes v to each point of its orbit
				rep[w] = min(rep[w], int32(v))
			}
		}
	}
	return rep
}
