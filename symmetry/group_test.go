package symmetry

import (
	"math/big"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"symbridge/graph"
	"symbridge/tensor"
)

// perm returns the permutation of 0..n-1 that takes v to f(v).
func perm(n int, f func(v int) int) Perm {
	p := make(Perm, n)
	for v := range p {
		p[v] = int32(f(v))
	}
	return p
}

func cyclic(n int) *Group { return NewGroup(n, perm(n, func(v int) int { return (v + 1) % n })) }

func dihedral(n int) *Group {
	return NewGroup(n, perm(n, func(v int) int { return (v + 1) % n }), perm(n, func(v int) int { return (n - v) % n }))
}

func symmetric(n int) *Group {
	swap := Identity(n)
	swap[0], swap[n-1] = swap[n-1], swap[0]
	return NewGroup(n, perm(n, func(v int) int { return (v + 1) % n }), swap)
}

// cube has the automorphisms of the cube graph, whose vertices are three bits.
func cube() *Group {
	return NewGroup(8, perm(8, func(v int) int { return v ^ 1 }), perm(8, func(v int) int { return v&4 | v&1<<1 | v&2>>1 }),
		perm(8, func(v int) int { return (v<<1 | v>>2) & 7 }))
}

// torus has the translations of a grid of m by m that wraps around, quarter turns from two on and reflections from three on.
func torus(m, kinds int) *Group {
	at := func(x, y int) int { return (y+m)%m*m + (x+m)%m }
	gens := []Perm{perm(m*m, func(v int) int { return at(v%m+1, v/m) }), perm(m*m, func(v int) int { return at(v%m, v/m+1) }),
		perm(m*m, func(v int) int { return at(-(v / m), v%m) }), perm(m*m, func(v int) int { return at(-(v % m), v/m) })}
	return NewGroup(m*m, gens[:kinds+1]...)
}

func petersen() (*Group, *graph.Graph) {
	var pairs [][2]int32
	for j := range int32(5) {
		for i := range j {
			pairs = append(pairs, [2]int32{i, j})
		}
	}
	var gens []Perm
	for p := range symmetric(5).Generators() {
		gens = append(gens, perm(10, func(v int) int {
			i, j := p[pairs[v][0]], p[pairs[v][1]]
			return slices.Index(pairs, [2]int32{min(i, j), max(i, j)})
		}))
	}
	var edges [][2]int32
	for v, a := range pairs {
		for w, b := range pairs {
			if a[0] != b[0] && a[0] != b[1] && a[1] != b[0] && a[1] != b[1] {
				edges = append(edges, [2]int32{int32(v), int32(w)})
			}
		}
	}
	return NewGroup(10, gens...), graph.Must(graph.New(10, edges))
}

func groups() map[string]*Group {
	p, _ := petersen()
	product := NewGroupMoves(9, Moves{[]int32{7, 1}, []int32{1, 7}}, Moves{[]int32{1, 2}, []int32{2, 1}},
		Moves{[]int32{8, 0, 3}, []int32{0, 3, 8}})
	return map[string]*Group{"trivial": NewGroup(4), "none": NewGroup(0), "C12": cyclic(12), "D12": dihedral(12), "S5": symmetric(5),
		"cube": cube(), "torus": torus(3, 3), "petersen": p, "product": product}
}

func TestOrdersAndPairOrbits(t *testing.T) {
	p, _ := petersen()
	for _, c := range []struct {
		name  string
		g     *Group
		order int64
		pairs int
	}{
		{"C12", cyclic(12), 12, 12}, {"D12", dihedral(12), 24, 7}, {"cube", cube(), 48, 4}, {"torus", torus(5, 1), 25, 25},
		{"torus p4", torus(5, 2), 100, 7}, {"torus p4m", torus(5, 3), 200, 6}, {"petersen", p, 120, 3},
		{"S2", symmetric(2), 2, 2}, {"S7", symmetric(7), 5040, 2},
		{"trivial", NewGroup(4), 1, 16}, {"one", NewGroup(1), 1, 1}, {"none", NewGroup(0), 1, 0},
	} {
		require.Equal(t, c.order, c.g.Order().Int64(), c.name)
		_, pairs := c.g.PairOrbits()
		require.Equal(t, c.pairs, pairs, c.name)
	}
}

// Orbits and orbits of pairs against all elements, in labels and by the Cauchy-Frobenius count.
func TestAgainstAllElements(t *testing.T) {
	for name, g := range groups() {
		n := g.Degree()
		of, count := g.Orbits()
		pairOf, pairs := g.PairOrbits()
		seen := map[string]bool{}
		fixed, fixedPairs := 0, 0
		first := make([]int32, n*n)
		for i := range first {
			first[i] = int32(i)
		}
		for p := range g.Elements() {
			if len(seen) == 0 {
				require.True(t, p.IsIdentity())
			}
			require.True(t, p.Valid())
			require.True(t, g.Contains(p), name)
			seen[string(keyOf(p))] = true
			fix := 0
			for x, y := range p {
				require.Equal(t, of[x], of[y])
				if int(y) == x {
					fix++
				}
			}
			fixed, fixedPairs = fixed+fix, fixedPairs+fix*fix
			for i := range first {
				j := int(p[i/n])*n + int(p[i%n])
				require.Equal(t, pairOf[i], pairOf[j], name)
				first[j] = min(first[j], int32(i))
			}
		}
		require.Equal(t, g.Order().Int64(), int64(len(seen)), name)
		require.Equal(t, fixed, count*len(seen), name)
		require.Equal(t, fixedPairs, pairs*len(seen), name)
		next := int32(0)
		for i, f := range first {
			if int(f) == i {
				require.Equal(t, next, pairOf[i])
				next++
			}
		}
	}
}

func keyOf(p Perm) []byte {
	b := make([]byte, len(p))
	for i, v := range p {
		b[i] = byte(v)
	}
	return b
}

func TestStabilizer(t *testing.T) {
	for name, g := range groups() {
		rapid.Check(t, func(t *rapid.T) {
			if g.Degree() == 0 {
				return
			}
			places := rapid.SliceOfN(rapid.Int32Range(0, int32(g.Degree()-1)), 0, 4).Draw(t, "places")
			h := g.Stabilizer(places...)
			want := 0
			for p := range g.Elements() {
				fixes := !slices.ContainsFunc(places, func(v int32) bool { return p[v] != v })
				require.Equal(t, fixes, h.Contains(p), "%s %v", name, places)
				if fixes {
					want++
				}
			}
			require.Equal(t, int64(want), h.Order().Int64())
			again := NewGroupMoves(h.Degree(), h.Moves()...)
			require.Equal(t, int64(want), again.Order().Int64(), "%s %v: the generators generate it", name, places)
		})
	}
	require.Panics(t, func() { cube().Stabilizer(8) })
}

func TestRandomIsUniformOnAGroup(t *testing.T) {
	for name, g := range groups() {
		if g.Order().Int64() > 60 {
			continue
		}
		r, count := rng(), map[string]int{}
		draws := 200 * int(g.Order().Int64())
		for range draws {
			count[string(keyOf(g.Random(r)))]++
		}
		require.Len(t, count, int(g.Order().Int64()), name)
		for _, c := range count {
			require.InDelta(t, 200, c, 90, name) // six standard deviations
		}
	}
}

func TestContains(t *testing.T) {
	g := groups()["product"]
	for p := range All(9) {
		in := p[4] == 4 && p[5] == 5 && p[6] == 6 // and 0, 8, 3 turn, and 1, 2, 7 change places in any way
		turned := [3]int32{p[0], p[8], p[3]}
		in = in && (turned == [3]int32{0, 8, 3} || turned == [3]int32{8, 3, 0} || turned == [3]int32{3, 0, 8})
		if in != g.Contains(p) {
			t.Fatalf("%v: %v", p, in)
		}
	}
	require.False(t, g.Contains(Perm{0, 0, 2, 3, 4, 5, 6, 7, 8}))
	require.False(t, g.Contains(Perm{-1, 0, 2, 3, 4, 5, 6, 7, 8}))
	require.Panics(t, func() { g.Contains(Perm{0}) })
}

// Many sparse generators: 20,000 swaps of disjoint pairs, and a wreath product whose order is given.
func TestManySparseGenerators(t *testing.T) {
	const n = 40000
	var gens []Moves
	for v := int32(0); v < n; v += 2 {
		gens = append(gens, Moves{[]int32{v, v + 1}, []int32{v + 1, v}})
	}
	g := NewGroupMoves(n, gens...)
	require.Equal(t, 0, g.Order().Cmp(new(big.Int).Lsh(big.NewInt(1), n/2)))
	_, count := g.Orbits()
	require.Equal(t, n/2, count)
	p := g.Random(rng())
	require.True(t, g.Contains(p))
	p[0], p[2] = p[2], p[0]
	require.False(t, g.Contains(p))
	require.Equal(t, n/2-1, g.Stabilizer(7).Order().BitLen()-1)

	turn := Moves{}
	for v := int32(0); v < n; v++ {
		turn.From, turn.To = append(turn.From, v), append(turn.To, (v+2)%n)
	}
	order := new(big.Int).Lsh(big.NewInt(n/2), n/2)
	h := NewGroupMoves(n, append(gens, turn)...).WithOrder(order)
	require.Equal(t, 0, h.Order().Cmp(order))
	_, count = h.Orbits()
	require.Equal(t, 1, count)
	_, edges, err := h.EdgeOrbits(graph.Must(graph.New(n, [][2]int32{})), nil)
	require.NoError(t, err)
	require.Zero(t, edges)
}

func TestEdgeOrbits(t *testing.T) {
	g, p := petersen()
	orbit, count, err := g.EdgeOrbits(p, nil)
	require.NoError(t, err)
	require.Equal(t, 1, count)
	require.Len(t, orbit, 30)

	path := graph.Must(graph.New(3, [][2]int32{{0, 1}, {1, 0}, {1, 2}, {2, 1}, {1, 1}, {1, 0}, {1, 2}}))
	flip := NewGroup(3, Perm{2, 1, 0})
	orbit, count, err = flip.EdgeOrbits(path, nil)
	require.NoError(t, err)
	require.Equal(t, 3, count)
	require.Equal(t, []int32{0, 1, 1, 0, 2, 1, 1}, orbit)
	orbit, _, err = flip.EdgeOrbits(path, []int32{0, 5, 6, 0, 0, 6, 5}) // parallel edges of two kinds
	require.NoError(t, err)
	require.Equal(t, []int32{0, 1, 2, 0, 3, 2, 1}, orbit)
	_, _, err = flip.EdgeOrbits(path, []int32{0, 5, 5, 1, 0, 5, 5})
	require.ErrorIs(t, err, ErrNotAutomorphism)
	_, _, err = NewGroup(3, Perm{1, 2, 0}).EdgeOrbits(path, nil)
	require.ErrorIs(t, err, ErrNotAutomorphism)
	require.Panics(t, func() { _, _, _ = flip.EdgeOrbits(p, nil) })
	require.Panics(t, func() { _, _, _ = flip.EdgeOrbits(path, []int32{1}) })
}

// The orbits of the edges of a complete graph with loops are those of pairs.
func TestEdgeOrbitsArePairOrbits(t *testing.T) {
	for name, g := range groups() {
		n := int32(g.Degree())
		var edges [][2]int32
		for x := range n {
			for y := range n {
				edges = append(edges, [2]int32{x, y})
			}
		}
		want, pairs := g.PairOrbits()
		got, count, err := g.EdgeOrbits(graph.Must(graph.New(int(n), edges)), nil)
		require.NoError(t, err)
		require.Equal(t, pairs, count, name)
		require.Equal(t, want, got, name)
	}
}

func TestGroupPanics(t *testing.T) {
	var shape tensor.ShapeError
	var value tensor.ValueError
	check := func(target any, f func()) {
		t.Helper()
		defer func() { require.ErrorAs(t, recover().(error), target) }()
		f()
	}
	check(&value, func() { NewGroup(-1) })
	check(&shape, func() { NewGroup(3, Perm{0, 1}) })
	check(&value, func() { NewGroup(2, Perm{0, 0}) })
	check(&shape, func() { NewGroupMoves(3, Moves{[]int32{1}, nil}) })
	check(&value, func() { NewGroupMoves(3, Moves{[]int32{0, 1}, []int32{1, 2}}) })
	check(&value, func() { NewGroupMoves(3, Moves{[]int32{1, 1}, []int32{1, 1}}) })
	check(&value, func() { NewGroupMoves(3, Moves{[]int32{1, 3}, []int32{3, 1}}) })
	check(&value, func() { symmetric(20).Elements() })
	check(&value, func() { cube().WithOrder(new(big.Int)) })
	check(&value, func() { NewGroup(MaxPairPlaces + 1).PairOrbits() })
	require.True(t, NewGroup(3, Identity(3)).IsTrivial())
	require.Equal(t, 1, NewGroupMoves(3, Moves{[]int32{2, 0, 1}, []int32{0, 2, 1}}).NumGenerators())
}

func TestGroupIsSafeForConcurrentUse(t *testing.T) {
	g := torus(4, 3)
	var wait sync.WaitGroup
	first := g.Random(rng())
	for v := range int32(8) {
		wait.Go(func() {
			if got := g.Stabilizer(v).Order().Int64(); got != 8 {
				t.Errorf("order %d", got)
			}
			if !g.Contains(first) || !slices.Equal(first, g.Random(rng())) {
				t.Error("stabilisers changed the group")
			}
		})
	}
	wait.Wait()
}

func BenchmarkGroupOrder(b *testing.B) {
	for name, g := range map[string]*Group{"S100": symmetric(100), "torus20p4m": torus(20, 3), "cube": cube()} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				NewGroupMoves(g.Degree(), g.Moves()...).Order()
			}
		})
	}
}

func BenchmarkPairOrbits(b *testing.B) {
	g := torus(20, 3)
	for b.Loop() {
		g.PairOrbits()
	}
}
