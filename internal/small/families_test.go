package small

import (
	"compress/gzip"
	"fmt"
	"math/big"
	"math/bits"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/graph/graphio"
	"symbridge/internal/testdata"
)

type named struct {
	name string
	rows []uint64
}

func where(n int, joined func(u, v int) bool) []uint64 {
	rows := make([]uint64, n)
	for v := range n {
		for u := range v {
			if joined(u, v) || joined(v, u) {
				rows[u] |= 1 << v
				rows[v] |= 1 << u
			}
		}
	}
	return rows
}

func complement(rows []uint64) []uint64 {
	return where(len(rows), func(u, v int) bool { return rows[u]>>v&1 == 0 })
}

func union(parts ...[]uint64) (rows []uint64) {
	for _, p := range parts {
		k := len(rows)
		for _, r := range p {
			rows = append(rows, r<<k)
		}
	}
	return rows
}

func copies(k int, rows []uint64) []uint64 { return union(slices.Repeat([][]uint64{rows}, k)...) }

func circulant(n int, steps ...int) []uint64 {
	return where(n, func(u, v int) bool { return slices.Contains(steps, (v-u+n)%n) })
}

func cube(d int) []uint64 {
	return where(1<<d, func(u, v int) bool { return bits.OnesCount(uint(u^v)) == 1 })
}

// latin is the Latin square graph of a square of order k.
func latin(k int, square []int) []uint64 {
	return where(k*k, func(u, v int) bool { return u/k == v/k || u%k == v%k || square[u] == square[v] })
}

// shuffledSquare walks from the cyclic square by exchanges of symbols along cycles of two rows, columns or symbols.
func shuffledSquare(k int, rng *rand.Rand) []int {
	s := make([]int, k*k)
	for i := range s {
		s[i] = (i/k + i%k) % k
	}
	for range 20 * k {
		a, b := rng.IntN(k), rng.IntN(k)
		if a != b {
			start := rng.IntN(k)
			for c := start; ; {
				s[a*k+c], s[b*k+c] = s[b*k+c], s[a*k+c]
				want := s[a*k+c]
				next := -1
				for d := range k {
					if d != c && s[a*k+d] == want {
						next = d
					}
				}
				if next < 0 {
					break
				}
				c = next
			}
		}
		t := make([]int, k*k)
		for r := range k {
			for c := range k {
				t[c*k+s[r*k+c]] = r
			}
		}
		s = t
	}
	return s
}

func regular(n, d int, rng *rand.Rand) []uint64 {
	var ends []int
	for v := range n {
		ends = append(ends, slices.Repeat([]int{v}, d)...)
	}
	rows := make([]uint64, n)
	for {
		rng.Shuffle(len(ends), func(i, j int) { ends[i], ends[j] = ends[j], ends[i] })
		clear(rows)
		ok := true
		for i := 0; i < len(ends) && ok; i += 2 {
			u, v := ends[i], ends[i+1]
			ok = u != v && rows[u]>>v&1 == 0
			rows[u] |= 1 << v
			rows[v] |= 1 << u
		}
		if ok {
			return rows
		}
	}
}

// cfi is the graph of Cai, Fürer and Immerman 1992 without the middle vertices: for each vertex of the base the even
// sets of its edges; two sets at the ends of an edge are joined if they agree on it, or, on a twisted first edge, if they do not.
func cfi(base []uint64, twisted bool) []uint64 {
	type node struct {
		v   int
		set uint64
	}
	var nodes []node
	for v, row := range base {
		for set := uint64(0); ; set = (set - row) & row {
			if bits.OnesCount64(set)%2 == 0 {
				nodes = append(nodes, node{v, set})
			}
			if set == row {
				break
			}
		}
	}
	return where(len(nodes), func(a, b int) bool {
		x, y := nodes[a], nodes[b]
		if base[x.v]>>y.v&1 == 0 {
			return false
		}
		differ := x.set>>y.v&1 != y.set>>x.v&1
		first := x.v+y.v == bits.TrailingZeros64(base[0]) && x.v*y.v == 0
		return differ == (twisted && first)
	})
}

func paley(q int) []uint64 {
	square := make([]bool, q)
	for x := 1; x < q; x++ {
		square[x*x%q] = true
	}
	return where(q, func(u, v int) bool { return square[(v-u+q)%q] })
}

// plane is the incidence graph of the projective plane of a prime order.
func plane(q int) []uint64 {
	var points [][3]int
	for x := range q {
		for y := range q {
			points = append(points, [3]int{1, x, y})
		}
		points = append(points, [3]int{0, 1, x})
	}
	points = append(points, [3]int{0, 0, 1})
	n := len(points)
	return where(2*n, func(u, v int) bool {
		if u >= n || v < n {
			return false
		}
		a, b := points[u], points[v-n]
		return (a[0]*b[0]+a[1]*b[1]+a[2]*b[2])%q == 0
	})
}

// hadamard is the graph of a Hadamard matrix: rows and columns and their negatives.
func hadamard(n int, entry func(i, j int) bool) []uint64 {
	return where(4*n, func(u, v int) bool {
		if u >= 2*n || v < 2*n {
			return false
		}
		v -= 2 * n
		return entry(u/2, v/2) == (u%2 == v%2)
	})
}

func families() (list []named) {
	add := func(rows []uint64, name string, args ...any) {
		if len(rows) <= 64 {
			list = append(list, named{fmt.Sprintf(name, args...), rows}, named{fmt.Sprintf("co-"+name, args...), complement(rows)})
		}
	}
	rng := rand.New(rand.NewPCG(5, 6))
	for _, n := range []int{1, 2, 3, 8, 16, 24, 32, 48, 64} {
		add(make([]uint64, n), "empty %d", n)
		for k := 2; k*n <= 64; k++ {
			add(copies(k, circulant(n, 1)), "%d rings of %d", k, n)
			add(copies(k, complement(make([]uint64, n))), "%d complete %d", k, n)
		}
		add(circulant(n, 1, 3), "circulant %d(1,3)", n)
		add(circulant(n, 1, 2), "circulant %d(1,2)", n)
		add(circulant(n, 1, 4, 5), "circulant %d(1,4,5)", n)
	}
	shrikhande := where(16, func(u, v int) bool {
		d := [2]int{(v/4 - u/4 + 4) % 4, (v%4 - u%4 + 4) % 4}
		return slices.Contains([][2]int{{1, 0}, {3, 0}, {0, 1}, {0, 3}, {1, 1}, {3, 3}}, d)
	})
	rook := where(16, func(u, v int) bool { return u/4 == v/4 || u%4 == v%4 })
	petersen := where(10, func(u, v int) bool {
		pair := func(k int) uint64 {
			for a := range 5 {
				for b := range a {
					if k == 0 {
						return 1<<a | 1<<b
					}
					k--
				}
			}
			panic(k)
		}
		return pair(u)&pair(v) == 0
	})
	for k := 1; k <= 6; k++ {
		add(copies(k, shrikhande), "%d Shrikhande", k)
		add(copies(k, rook), "%d rook", k)
		add(copies(k, petersen), "%d Petersen", k)
		add(union(shrikhande, rook, make([]uint64, k)), "Shrikhande + rook + %d", k)
		add(union(copies(2, shrikhande), copies(k, rook)), "2 Shrikhande + %d rook", k)
		add(cube(k), "cube %d", k)
		add(copies(k, cube(3)), "%d cube 3", k)
		add(copies(k, cube(4)), "%d cube 4", k)
		add(copies(k, plane(2)), "%d plane 2", k)
		for _, q := range []int{5, 13, 17} {
			add(copies(k, paley(q)), "%d Paley %d", k, q)
		}
	}
	for _, q := range []int{29, 37, 41, 53, 61} {
		add(paley(q), "Paley %d", q)
	}
	add(plane(3), "plane 3")
	add(plane(5), "plane 5")
	for d := 1; d <= 4; d++ {
		add(hadamard(1<<d, func(i, j int) bool { return bits.OnesCount(uint(i&j))%2 == 0 }), "Sylvester %d", 1<<d)
	}
	squares := map[int]bool{1: true, 3: true, 4: true, 5: true, 9: true}
	add(hadamard(12, func(i, j int) bool { return i == 0 || j == 0 || i != j && squares[(i-j+11)%11] }), "Hadamard 12")
	for k := 3; k <= 8; k++ {
		for i := range 6 {
			add(latin(k, shuffledSquare(k, rng)), "Latin %d #%d", k, i)
			if k <= 5 {
				add(union(latin(k, shuffledSquare(k, rng)), latin(k, shuffledSquare(k, rng))), "2 Latin %d #%d", k, i)
			}
		}
	}
	k4, k33 := complement(make([]uint64, 4)), where(6, func(u, v int) bool { return u < 3 && v >= 3 })
	for _, twisted := range []bool{false, true} {
		add(cfi(k4, twisted), "CFI K4 %v", twisted)
		add(copies(2, cfi(k4, twisted)), "2 CFI K4 %v", twisted)
		add(copies(4, cfi(k4, twisted)), "4 CFI K4 %v", twisted)
		add(cfi(k33, twisted), "CFI K33 %v", twisted)
		add(copies(2, cfi(k33, twisted)), "2 CFI K33 %v", twisted)
		add(cfi(cube(3), twisted), "CFI cube 3 %v", twisted)
		add(copies(2, cfi(cube(3), twisted)), "2 CFI cube 3 %v", twisted)
		add(cfi(petersen, twisted), "CFI Petersen %v", twisted)
		add(cfi(complement(make([]uint64, 5)), twisted), "CFI K5 %v", twisted)
		add(cfi(circulant(12, 1, 6), twisted), "CFI Möbius 12 %v", twisted)
		add(cfi(circulant(14, 1, 7), twisted), "CFI Möbius 14 %v", twisted)
		add(cfi(circulant(16, 1, 8), twisted), "CFI Möbius 16 %v", twisted)
		add(cfi(regular(12, 3, rng), twisted), "CFI random 12 %v", twisted)
		add(cfi(regular(16, 3, rng), twisted), "CFI random 16 %v", twisted)
		add(cfi(regular(8, 4, rng), twisted), "CFI random 8, 4 %v", twisted)
	}
	add(union(cfi(k4, false), cfi(k4, true)), "CFI K4 both")
	add(union(cfi(k4, false), cfi(k4, true), cfi(k4, false), cfi(k4, true)), "CFI K4 both twice")
	add(union(cfi(cube(3), false), cfi(cube(3), true)), "CFI cube 3 both")
	for n := 8; n <= 64; n += 4 {
		for d := 3; d <= 6; d++ {
			add(regular(n, d, rng), "random %d, degree %d", n, d)
			if n <= 20 {
				one, two, three := regular(n, d, rng), regular(n, d, rng), regular(n, d, rng)
				add(union(one, two), "2 random %d, degree %d", n, d)
				add(union(one, two, three), "3 random %d, degree %d", n, d)
				add(union(one, one, two), "1+2 random %d, degree %d", n, d)
				add(copies(64/n, one), "%d of random %d, degree %d", 64/n, n, d)
			}
		}
	}
	return list
}

// published reads the graphs of the public benchmark with at most 64 vertices, and the orders of their groups.
func published(t testing.TB) (list []named, order []*big.Int) {
	dir := testdata.Shared(t, "data/iso")
	b, err := os.ReadFile(filepath.Join(dir, "EXPECTED.tsv"))
	require.NoError(t, err)
	want := map[string]string{}
	for line := range strings.Lines(string(b)) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) >= 5 {
			want[f[0]+" "+f[1]] = f[4]
		}
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.gz"))
	for _, file := range files {
		f, err := os.Open(file)
		require.NoError(t, err)
		z, err := gzip.NewReader(f)
		require.NoError(t, err)
		k := 0
		for g, err := range graphio.Graph6(z, graphio.Limits{}) {
			require.NoError(t, err)
			k++
			if g.NumNodes() > 64 {
				continue
			}
			name := fmt.Sprintf("%s %d", filepath.Base(file), k)
			size, _ := new(big.Int).SetString(want[name], 10)
			if size == nil {
				continue
			}
			rows := make([]uint64, g.NumNodes())
			for _, e := range g.EdgeList() {
				rows[e[0]] |= 1 << e[1]
				rows[e[1]] |= 1 << e[0]
			}
			list, order = append(list, named{name, rows}), append(order, size)
		}
	}
	return list, order
}

// Canonical forms and groups of graphs that are known to be hard or very symmetric, and the size of their search trees.
func TestFamilies(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	list, order := published(t)
	most := 0 // nodes of a quick graph
	e := &Engine{}
	for i, f := range append(list, families()...) {
		n := len(f.rows)
		e.Canonise(n, f.rows, nil)
		checkGroup(t, e, f.rows, nil)
		if i < len(order) {
			require.Equal(t, order[i], e.BigSize(), f.name)
		}
		form, size := slices.Clone(e.Form()), e.BigSize()
		for range 2 {
			r, _ := relabel(f.rows, nil, rng.Perm(n))
			e.Canonise(n, r, nil)
			require.Equal(t, form, e.Form(), f.name)
			require.Equal(t, size, e.BigSize(), f.name)
			require.Less(t, e.Nodes(), 10000, f.name)
			if n <= Quick {
				most = max(most, e.Nodes())
			}
		}
	}
	require.Less(t, most, 400)
}
