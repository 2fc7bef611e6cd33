package canon

import (
	"cmp"
	"math/big"
	"math/bits"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"symbridge/internal/cells"
)

// draw returns a small graph, often with symmetries: a few copies of random pieces, joined by chance, with labels and colours by chance.
func draw(rng *rand.Rand, most int) (*cells.Graph, []int32) {
	n := 1 + rng.IntN(most)
	type end struct{ label, to int32 }
	ends := make([]map[int32]int32, n)
	for v := range ends {
		ends[v] = map[int32]int32{}
	}
	labels := int32(1)
	if rng.IntN(3) == 0 {
		labels = 2
	}
	directed := labels > 1 && rng.IntN(2) == 0 // labels 2, 3 are the two sides of an arc
	add := func(u, v int) {
		l := rng.Int32N(labels)
		ends[u][int32(v)], ends[v][int32(u)] = l, l
		if directed && l == 1 {
			ends[u][int32(v)], ends[v][int32(u)] = 2, 3
		}
	}
	block := 1 + rng.IntN(n)
	density := rng.Float64()
	for u := range n { // the first block is drawn, the others copy it
		for v := range u {
			if u/block == v/block && u < block && rng.Float64() < density {
				add(u, v)
			}
		}
	}
	for u := block; u < n; u++ {
		for v := u / block * block; v < u; v++ {
			if l, ok := ends[u%block][int32(v%block)]; ok {
				ends[u][int32(v)], ends[v][int32(u)] = l, ends[v%block][int32(u%block)]
			}
		}
	}
	if rng.IntN(2) == 0 {
		for range rng.IntN(n + 1) {
			if u, v := rng.IntN(n), rng.IntN(n); u != v {
				add(u, v)
			}
		}
	}
	if rng.IntN(3) == 0 && labels == 1 { // the complement
		for u := range n {
			for v := range u {
				if _, ok := ends[u][int32(v)]; ok {
					delete(ends[u], int32(v))
					delete(ends[v], int32(u))
				} else {
					add(u, v)
				}
			}
		}
	}
	if rng.IntN(4) == 0 && n <= most/2 { // a chain in place of each edge, which points where the edge does
		whole, long := n, 1+rng.IntN(2)
		for u := range whole {
			for v := range u {
				l, ok := ends[u][int32(v)]
				if !ok {
					continue
				}
				back := ends[v][int32(u)]
				delete(ends[u], int32(v))
				delete(ends[v], int32(u))
				at := u
				for k := range long + 1 {
					next := v
					if k < long {
						next, n = n, n+1
						ends = append(ends, map[int32]int32{})
					}
					ends[at][int32(next)], ends[next][int32(at)] = l, back
					at = next
				}
			}
		}
	}
	g := &cells.Graph{N: n, Ptr: []int32{0}}
	if labels > 1 {
		g.Label = []int32{}
	}
	for v := range n {
		var list []end
		for u, l := range ends[v] {
			list = append(list, end{l, u})
		}
		slices.SortFunc(list, func(a, b end) int { return cmp.Or(cmp.Compare(a.label, b.label), cmp.Compare(a.to, b.to)) })
		for _, e := range list {
			g.Adj = append(g.Adj, e.to)
			if labels > 1 {
				g.Label = append(g.Label, e.label)
			}
		}
		g.Ptr = append(g.Ptr, int32(len(g.Adj)))
	}
	var colour []int32
	if rng.IntN(3) == 0 {
		colour = make([]int32, n)
		for v := range colour {
			colour[v] = rng.Int32N(2)
		}
	}
	return g, colour
}

func fromEdges(n int, edges [][2]int32) *cells.Graph {
	g := &cells.Graph{N: n, Ptr: make([]int32, n+1)}
	for _, e := range edges {
		g.Ptr[e[0]+1]++
		g.Ptr[e[1]+1]++
	}
	for v := range n {
		g.Ptr[v+1] += g.Ptr[v]
	}
	g.Adj = make([]int32, len(edges)*2)
	next := append([]int32(nil), g.Ptr...)
	for _, e := range edges {
		g.Adj[next[e[0]]] = e[1]
		next[e[0]]++
		g.Adj[next[e[1]]] = e[0]
		next[e[1]]++
	}
	return g
}

func relabel(g *cells.Graph, colour, p []int32) (*cells.Graph, []int32) {
	h := &cells.Graph{N: g.N, Ptr: []int32{0}}
	old := make([]int32, g.N)
	for v, w := range p {
		old[w] = int32(v)
	}
	if g.Label != nil {
		h.Label = []int32{}
	}
	for _, v := range old {
		for e := g.Ptr[v]; e < g.Ptr[v+1]; e++ {
			h.Adj = append(h.Adj, p[g.Adj[e]])
			if g.Label != nil {
				h.Label = append(h.Label, g.Label[e])
			}
		}
		h.Ptr = append(h.Ptr, int32(len(h.Adj)))
	}
	if colour == nil {
		return h, nil
	}
	c := make([]int32, g.N)
	for v, w := range p {
		c[w] = colour[v]
	}
	return h, c
}

func perm(rng *rand.Rand, n int) []int32 {
	p := make([]int32, n)
	for i, v := range rng.Perm(n) {
		p[i] = int32(v)
	}
	return p
}

// form is the canonical form as a list.
func form(g *cells.Graph, colour []int32, r *Result) []int32 {
	if colour == nil {
		colour = make([]int32, g.N)
	}
	return formOf(g, colour, r.Order)
}

func requireAutomorphisms(t *testing.T, g *cells.Graph, colour []int32, gens []Moves) {
	t.Helper()
	require.Equal(t, -1, Check(g, colour, gens, nil))
	for _, m := range gens { // again, in another way
		image := make([]int32, g.N)
		for v := range image {
			image[v] = int32(v)
		}
		for i, v := range m.From {
			image[v] = m.To[i]
		}
		h, c := relabel(g, colour, image)
		given := make([]int32, g.N)
		for v := range given {
			given[v] = int32(v)
		}
		require.Equal(t, formOf(g, orZero(colour, g.N), given), formOf(h, orZero(c, g.N), given))
	}
}

// permutations calls each with every permutation of 0..n-1.
func permutations(n int, each func([]int32)) {
	p := make([]int32, 0, n)
	used := make([]bool, n)
	var rec func()
	rec = func() {
		if len(p) == n {
			each(p)
			return
		}
		for v := range int32(n) {
			if !used[v] {
				used[v] = true
				p = append(p, v)
				rec()
				p = p[:len(p)-1]
				used[v] = false
			}
		}
	}
	rec()
}

// The form, the group and its order against brute force over all relabellings.
func TestAllRelabellings(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	rounds := 400
	if testing.Short() {
		rounds = 60
	}
	for range rounds {
		g, colour := draw(rng, 6)
		require.NoError(t, g.Check())
		r := Canonise(g, colour, Options{})
		require.True(t, r.Complete)
		require.True(t, r.Proved)
		want := form(g, colour, r)
		requireAutomorphisms(t, g, colour, r.Generators)
		same := int64(0)
		given := make([]int32, g.N)
		for v := range given {
			given[v] = int32(v)
		}
		id := formOf(g, orZero(colour, g.N), given)
		permutations(g.N, func(p []int32) {
			h, c := relabel(g, colour, p)
			if slices.Equal(id, formOf(h, orZero(c, g.N), given)) {
				same++
			}
			require.Equal(t, want, form(h, c, Canonise(h, c, Options{})))
		})
		require.Equal(t, big.NewInt(same).String(), r.Size.String())
		require.Equal(t, r.Size.String(), Canonise(g, colour, Options{Plain: true}).Size.String())
	}
}

func orZero(c []int32, n int) []int32 {
	if c == nil {
		return make([]int32, n)
	}
	return c
}

// Larger graphs: forms of relabelled graphs agree, the plain search finds the same order, and what is changed has another
// form.
func TestRandomGraphs(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for range 1500 {
		g, colour := draw(rng, 40)
		r := Canonise(g, colour, Options{})
		requireAutomorphisms(t, g, colour, r.Generators)
		h, c := relabel(g, colour, perm(rng, g.N))
		require.Equal(t, form(g, colour, r), form(h, c, Canonise(h, c, Options{})))
		plain := Canonise(g, colour, Options{Plain: true})
		require.Equal(t, plain.Size.String(), r.Size.String())
		require.Equal(t, form(g, colour, plain), form(h, c, Canonise(h, c, Options{Plain: true})))
	}
}

// Where leaves cannot be remembered the group is found all the same: the best leaf is at hand.
func TestFewLeavesRemembered(t *testing.T) {
	defer func(most int) { maxLeaves = most }(maxLeaves)
	rng := rand.New(rand.NewPCG(3, 3))
	for range 300 {
		g, colour := draw(rng, 30)
		maxLeaves = 1 << 22
		want := Canonise(g, colour, Options{Plain: true})
		maxLeaves = rng.IntN(2) * g.N
		r := Canonise(g, colour, Options{Plain: true})
		require.Equal(t, want.Size.String(), r.Size.String())
		require.Equal(t, form(g, colour, want), form(g, colour, r))
	}
}

// Many vertices that may be exchanged: sizes are multiplied by halves, and only when they are asked for.
func TestManyExchanges(t *testing.T) {
	const n = 100_000
	var star, book, chains [][2]int32
	for v := int32(2); v < n; v++ {
		star = append(star, [2]int32{0, v})
		book = append(book, [2]int32{0, v}, [2]int32{1, v})
		chains = append(chains, [2]int32{v % 2, v}) // 0 - 2 - 3 - 1, 0 - 4 - 5 - 1, ...
		if v%2 == 1 {
			chains = append(chains, [2]int32{v - 1, v})
		}
	}
	for _, c := range []struct {
		edges     [][2]int32
		exchanged int64
		times     int64
		labels    bool
	}{{nil, n, 1, false}, {star, n - 2, 1, false}, {book, n - 2, 2, false}, {chains, n/2 - 1, 2, false}, {chains, n/2 - 1, 2, true}} {
		g := fromEdges(n, c.edges)
		if c.labels {
			g.Label = make([]int32, len(g.Adj))
		}
		r := Canonise(g, nil, Options{})
		require.True(t, r.Proved)
		require.Equal(t, -1, Check(g, nil, r.Generators, nil))
		want := new(big.Int).MulRange(1, c.exchanged)
		require.Zero(t, want.Mul(want, big.NewInt(c.times)).Cmp(r.Size.Int()))
	}
}

// Chains: k equal ones between two anchors are k! automorphisms, a loop turns round, and what the anchors allow remains.
func TestChains(t *testing.T) {
	var edges [][2]int32
	n := int32(0)
	vertex := func() int32 { n++; return n - 1 }
	chain := func(from, to, inner int32) {
		for range inner {
			v := vertex()
			edges = append(edges, [2]int32{from, v})
			from = v
		}
		edges = append(edges, [2]int32{from, to})
	}
	factorial := func(k int64) *big.Int { return new(big.Int).MulRange(1, k) }
	power := func(k uint) *big.Int { return new(big.Int).Lsh(big.NewInt(1), k) }
	for _, c := range []struct {
		name string
		make func()
		want *big.Int
	}{
		{"Petersen graph, two chains for each edge", func() {
			n = 10
			for v := range int32(5) {
				for _, e := range [][2]int32{{v, (v + 1) % 5}, {v, v + 5}, {v + 5, (v+2)%5 + 5}} {
					chain(e[0], e[1], 3)
					chain(e[1], e[0], 3)
				}
			}
		}, new(big.Int).Mul(big.NewInt(120), power(15))},
		{"1000 equal chains", func() {
			u, w := vertex(), vertex()
			for range 1000 {
				chain(u, w, 4)
			}
		}, new(big.Int).Mul(big.NewInt(2), factorial(1000))},
		{"20 loops at a vertex", func() {
			u := vertex()
			for range 20 {
				chain(u, u, 3)
			}
		}, new(big.Int).Mul(factorial(20), power(20))},
		{"loops of five lengths on the corners of a clique", func() {
			n = 40
			for v := range int32(40) {
				for u := range v {
					chain(u, v, 1)
				}
				for k := range int32(5) {
					chain(v, v, 2+k)
				}
			}
		}, new(big.Int).Mul(factorial(40), power(200))},
	} {
		n, edges = 0, nil
		c.make()
		g := fromEdges(int(n), edges)
		r := Canonise(g, nil, Options{})
		require.True(t, r.Complete, c.name)
		require.Equal(t, -1, Check(g, nil, r.Generators, nil), c.name)
		require.Equal(t, c.want.String(), r.Size.String(), c.name)
		h, _ := relabel(g, nil, perm(rand.New(rand.NewPCG(5, 5)), g.N))
		require.Equal(t, form(g, nil, r), form(h, nil, Canonise(h, nil, Options{})), c.name)
	}
}

// petersens returns a ring of Petersen graphs.
func petersens(pieces int32) (edges [][2]int32) {
	for k := range pieces {
		for v := range int32(5) {
			for _, e := range [][2]int32{{v, (v + 1) % 5}, {v, v + 5}, {v + 5, (v+2)%5 + 5}} {
				edges = append(edges, [2]int32{10*k + e[0], 10*k + e[1]})
			}
		}
		edges = append(edges, [2]int32{10 * k, 10 * ((k + 1) % pieces)})
	}
	return edges
}

// crown returns the complete bipartite graph less a matching.
func crown(side int32) (edges [][2]int32) {
	for i := range side {
		for j := range side {
			if i != j {
				edges = append(edges, [2]int32{i, side + j})
			}
		}
	}
	return edges
}

// Graphs that come apart once a vertex is individualised: rings of pieces, and complete bipartite graphs less a matching.
func TestBelow(t *testing.T) {
	const pieces, side = 200, 150
	for _, c := range []struct {
		n     int
		edges [][2]int32
		want  *big.Int
	}{
		{10 * pieces, petersens(pieces), new(big.Int).Mul(big.NewInt(2*pieces), new(big.Int).Exp(big.NewInt(12), big.NewInt(pieces), nil))},
		{2 * side, crown(side), new(big.Int).Mul(big.NewInt(2), new(big.Int).MulRange(1, side))},
	} {
		g := fromEdges(c.n, c.edges)
		r := Canonise(g, nil, Options{})
		require.True(t, r.Proved)
		require.Equal(t, -1, Check(g, nil, r.Generators, nil))
		require.Equal(t, c.want.String(), r.Size.String())
		require.Less(t, r.Nodes, 20_000)
		h, _ := relabel(g, nil, perm(rand.New(rand.NewPCG(8, 8)), g.N))
		require.Equal(t, form(g, nil, r), form(h, nil, Canonise(h, nil, Options{})))
	}
}

// A ring of strongly regular graphs, by chance one or the other: the nodes of the first level look alike, few of them are. Generators of
// all that were solved would be thousands.
func TestBelowSolvesMany(t *testing.T) {
	const pieces, period = 24, 12
	rng := rand.New(rand.NewPCG(10, 10))
	var edges [][2]int32
	kinds := [period]bool{0: true, 1: true, 3: true} // no reflection keeps them
	want := big.NewInt(pieces / period)
	for k := range int32(pieces) {
		for a := range int32(16) {
			for b := range a {
				x, y := (a/4-b/4+4)%4, (a%4-b%4+4)%4
				rook := x == 0 || y == 0
				shrikhande := x%2 == 1 && (y == 0 || y == x) || x == 0 && y%2 == 1
				if kinds[k%period] && rook || !kinds[k%period] && shrikhande {
					edges = append(edges, [2]int32{16*k + a, 16*k + b})
				}
			}
		}
		edges = append(edges, [2]int32{16 * k, 16 * ((k + 1) % pieces)})
		stabiliser := int64(12)
		if kinds[k%period] {
			stabiliser = 72
		}
		want.Mul(want, big.NewInt(stabiliser))
	}
	g := fromEdges(16*pieces, edges)
	r := Canonise(g, nil, Options{})
	require.True(t, r.Proved)
	requireAutomorphisms(t, g, nil, r.Generators)
	require.Equal(t, want.String(), r.Size.String())
	require.Less(t, len(r.Generators), 10*pieces)
	h, _ := relabel(g, nil, perm(rng, g.N))
	require.Equal(t, form(g, nil, r), form(h, nil, Canonise(h, nil, Options{})))
	for budget := 1; budget < r.Nodes; budget += r.Nodes / 40 {
		part := Canonise(g, nil, Options{Budget: budget})
		require.Equal(t, -1, Check(g, nil, part.Generators, nil))
		require.LessOrEqual(t, part.Size.Int().Cmp(want), 0)
	}
}

// A search that is ended at any time gives a labelling, automorphisms and a lower bound.
func TestEnded(t *testing.T) {
	defer func(below, balls int) { minBelow, minBalls = below, balls }(minBelow, minBalls)
	minBelow, minBalls = 0, 4
	rng := rand.New(rand.NewPCG(12, 12))
	ended := 0
	for range 1000 {
		g, colour := draw(rng, 60)
		r := Canonise(g, colour, Options{})
		h, c := relabel(g, colour, perm(rng, g.N))
		require.Equal(t, form(g, colour, r), form(h, c, Canonise(h, c, Options{})))
		stop := new(atomic.Bool)
		opts := Options{Budget: 1 + rng.IntN(1+r.Nodes)}
		if rng.IntN(2) == 0 {
			opts = Options{Stop: stop}
			time.AfterFunc(time.Duration(rng.IntN(1000*g.N)), func() { stop.Store(true) })
		}
		part := Canonise(g, colour, opts)
		require.Equal(t, -1, Check(g, colour, part.Generators, nil))
		require.LessOrEqual(t, part.Size.Int().Cmp(r.Size.Int()), 0)
		require.Equal(t, len(part.Order), len(slices.Compact(slices.Sorted(slices.Values(part.Order)))))
		require.Len(t, part.Order, g.N)
		if part.Complete {
			require.Equal(t, form(g, colour, r), form(g, colour, part))
		} else {
			require.False(t, part.Proved)
			ended++
		}
	}
	require.Positive(t, ended)
}

// Hadamard matrices as graphs: what pairs of rows have in common says nothing, what four rows have in common does.
func TestHadamard(t *testing.T) {
	const size = 32
	rng := rand.New(rand.NewPCG(9, 9))
	for _, switches := range [][][2]int{nil, {{0, 0}}, {{0, 0}, {4, 1}, {12, 3}}} { // in the four rows from the first number, columns that are the second modulo 4
		sign := func(r, c int) int {
			k := bits.OnesCount(uint(r & c))
			for _, s := range switches {
				if r/4 == s[0]/4 && c%4 == s[1] {
					k++
				}
			}
			return k % 2
		}
		var edges [][2]int32
		for r := range size {
			for c := range size {
				k := sign(r, c)
				edges = append(edges, [2]int32{int32(r), int32(2*size + c + size*k)}, [2]int32{int32(size + r), int32(3*size + c - size*k)})
			}
		}
		g := fromEdges(4*size, edges)
		require.Contains(t, choose(g), fours)
		r := Canonise(g, nil, Options{})
		requireAutomorphisms(t, g, nil, r.Generators)
		require.Equal(t, Canonise(g, nil, Options{Plain: true}).Size.String(), r.Size.String())
		h, _ := relabel(g, nil, perm(rng, g.N))
		require.Equal(t, form(g, nil, r), form(h, nil, Canonise(h, nil, Options{})))
	}
}
