package wl

import (
	"compress/gzip"
	"context"
	"fmt"
	"math/big"
	"math/bits"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"symbridge/graph"
	"symbridge/graph/graphio"
	"symbridge/internal/arcs"
	"symbridge/internal/testdata"
	"symbridge/symmetry"
)

var background = context.Background()

func canonicalOf(t testing.TB, g *graph.Graph, o CanonicalOptions) *Form {
	t.Helper()
	f, err := Canonical(background, g, o)
	require.NoError(t, err)
	require.True(t, f.Complete)
	return f
}

// sample draws a small multigraph with loops and labels, often symmetric.
func sample(rng *rand.Rand, most int) (*graph.Graph, CanonicalOptions) {
	n := rng.IntN(most + 1)
	var edges [][2]int32
	for range rng.IntN(2*n + 1) {
		edges = append(edges, [2]int32{rng.Int32N(int32(n)), rng.Int32N(int32(n))})
	}
	var g *graph.Graph
	if rng.IntN(2) == 0 {
		g = graph.Must(graph.New(n, edges))
	} else {
		g = graph.Must(graph.NewUndirected(n, edges))
	}
	draw := func(k int) []uint64 {
		if rng.IntN(2) == 0 {
			return nil
		}
		l := make([]uint64, k)
		for i := range l {
			l[i] = rng.Uint64N(2) * 1e18
		}
		return l
	}
	return g, CanonicalOptions{NodeLabels: draw(n), EdgeLabels: draw(g.NumEdges())}
}

func shuffle(rng *rand.Rand, g *graph.Graph, o CanonicalOptions) (*graph.Graph, CanonicalOptions, symmetry.Perm) {
	p, q := symmetry.Random(rng, g.NumNodes()), symmetry.Random(rng, g.NumEdges())
	h, moved := g.Relabel(p)
	h = h.ShuffleEdges(q)
	if o.NodeLabels != nil {
		o.NodeLabels = symmetry.Apply(p, o.NodeLabels)
	}
	if o.EdgeLabels != nil {
		o.EdgeLabels = symmetry.Apply(q, symmetry.Apply(moved, o.EdgeLabels))
	}
	return h, o, p
}

// rows is the graph as a sorted list of arcs with labels, nodes renamed by p.
func rows(g *graph.Graph, o CanonicalOptions, p []int32) []string {
	var list []string
	for k, e := range g.Edges() {
		var l uint64
		if o.EdgeLabels != nil {
			l = o.EdgeLabels[k]
		}
		list = append(list, fmt.Sprint("e", p[e[0]], p[e[1]], l))
	}
	for v, w := range p {
		var l uint64
		if o.NodeLabels != nil {
			l = o.NodeLabels[v]
		}
		list = append(list, fmt.Sprint("n", w, l))
	}
	slices.Sort(list)
	return list
}

func TestCanonicalIsIsomorphism(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	yes, no := 0, 0
	for range 500 {
		g, o := sample(rng, 5)
		f := canonicalOf(t, g, o)
		require.NoError(t, f.Verify(g, o))
		h, ho, _ := shuffle(rng, g, o)
		if rng.IntN(2) == 0 { // another graph of the same size
			h, ho = sample(rng, 5)
		}
		// By brute force.
		id := symmetry.Identity(g.NumNodes())
		want, group := false, 0
		if g.NumNodes() == h.NumNodes() {
			target, self := rows(h, ho, id), rows(g, o, id)
			for p := range symmetry.All(g.NumNodes()) {
				r := rows(g, o, p)
				want = want || slices.Equal(r, target)
				if slices.Equal(r, self) {
					group++
				}
			}
			require.Equal(t, big.NewInt(int64(group)).String(), f.Order().String())
		}
		p, ok, err := Isomorphism(background, g, h, o, ho)
		require.NoError(t, err)
		require.Equal(t, want, ok)
		require.Equal(t, want, f.Digest == canonicalOf(t, h, ho).Digest)
		if ok {
			yes++
			require.Equal(t, rows(h, ho, id), rows(g, o, p))
			fh := canonicalOf(t, h, ho)
			require.Equal(t, rows(g, o, f.Labelling), rows(h, ho, fh.Labelling), "the canonical graphs are equal")
			require.Equal(t, symmetry.Apply(f.Labelling, f.Orbits()), symmetry.Apply(fh.Labelling, fh.Orbits()))
		} else {
			no++
		}
	}
	require.Greater(t, yes, 100)
	require.Greater(t, no, 100)
}

func TestOrbitsAreOrbits(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for range 200 {
		g, o := sample(rng, 6)
		f := canonicalOf(t, g, o)
		orbits := f.Orbits()
		self := rows(g, o, symmetry.Identity(g.NumNodes()))
		want := make([]map[int32]bool, g.NumNodes())
		for v := range want {
			want[v] = map[int32]bool{}
		}
		for p := range symmetry.All(g.NumNodes()) {
			if slices.Equal(rows(g, o, p), self) {
				for v, w := range p {
					want[v][w] = true
				}
			}
		}
		for v := range want {
			for w := range want {
				require.Equal(t, want[v][int32(w)], orbits[v] == orbits[w])
			}
		}
		for p := range f.Generators() {
			require.Equal(t, self, rows(g, o, p))
		}
	}
}

// The cube has 48 automorphisms, one orbit of nodes and of edges, and four of pairs: the distances.
func TestAutomorphisms(t *testing.T) {
	var edges [][2]int32
	for v := range int32(8) {
		for bit := int32(1); bit < 8; bit *= 2 {
			if v&bit == 0 {
				edges = append(edges, [2]int32{v, v | bit})
			}
		}
	}
	cube := undirected(8, edges...)
	group, err := Automorphisms(background, cube, CanonicalOptions{})
	require.NoError(t, err)
	require.Equal(t, "48", group.Order().String())
	_, count := group.Orbits()
	require.Equal(t, 1, count)
	_, count = group.PairOrbits()
	require.Equal(t, 4, count)
	_, count, err = group.EdgeOrbits(cube, nil)
	require.NoError(t, err)
	require.Equal(t, 1, count)
	// One labelled node leaves the symmetries of a corner.
	group, err = Automorphisms(background, cube, CanonicalOptions{NodeLabels: []uint64{1, 0, 0, 0, 0, 0, 0, 0}})
	require.NoError(t, err)
	require.Equal(t, "6", group.Order().String())
	require.False(t, group.Contains(symmetry.Perm{7, 6, 5, 4, 3, 2, 1, 0}))
}

func TestVerifyFindsFaults(t *testing.T) {
	g := ring(6)
	f := canonicalOf(t, g, CanonicalOptions{})
	require.Equal(t, "12", f.Order().String())
	require.NoError(t, f.Verify(g, CanonicalOptions{}))
	require.ErrorIs(t, f.Verify(path(6), CanonicalOptions{}), ErrVerify)
	require.ErrorIs(t, f.Verify(ring(7), CanonicalOptions{}), ErrVerify)
	require.ErrorIs(t, f.Verify(g, CanonicalOptions{NodeLabels: []uint64{1, 0, 0, 0, 0, 0}}), ErrVerify)
	bad := *f
	bad.gens = slices.Clone(f.gens)
	bad.gens[0].From, bad.gens[0].To = []int32{0, 1}, []int32{1, 0}
	require.ErrorIs(t, bad.Verify(g, CanonicalOptions{}), ErrVerify)
	bad.gens[0].To = []int32{1, 1}
	require.ErrorIs(t, bad.Verify(g, CanonicalOptions{}), ErrVerify)
	bad = *f
	bad.Labelling = slices.Clone(f.Labelling)
	bad.Labelling[0] = bad.Labelling[1]
	require.ErrorIs(t, bad.Verify(g, CanonicalOptions{}), ErrVerify)
}

// cubic is a random 3-regular graph: a pairing, whose loops and parallel edges are swapped with others until there are none.
func cubic(rng *rand.Rand, n int) *graph.Graph {
	ends := make([]int32, 0, 3*n)
	for v := range int32(n) {
		ends = append(ends, v, v, v)
	}
	rng.Shuffle(len(ends), func(i, j int) { ends[i], ends[j] = ends[j], ends[i] })
	for again := true; again; {
		again = false
		seen := map[[2]int32]bool{}
		for k := 0; k < len(ends); k += 2 {
			e := [2]int32{min(ends[k], ends[k+1]), max(ends[k], ends[k+1])}
			if e[0] == e[1] || seen[e] {
				j := rng.IntN(len(ends))
				ends[k], ends[j] = ends[j], ends[k]
				again = true
			}
			seen[e] = true
		}
	}
	var edges [][2]int32
	for k := 0; k < len(ends); k += 2 {
		edges = append(edges, [2]int32{ends[k], ends[k+1]})
	}
	return graph.Must(graph.NewUndirected(n, edges))
}

func TestContextAndBudgetEndTheSearch(t *testing.T) {
	g := cubic(rand.New(rand.NewPCG(3, 3)), 30_000)
	ctx, cancel := context.WithCancel(background)
	cancel()
	_, err := Canonical(ctx, g, CanonicalOptions{})
	require.ErrorIs(t, err, context.Canceled)
	ctx, cancel = context.WithTimeout(background, 1e6) // a millisecond, too little
	defer cancel()
	f, err := Canonical(ctx, g, CanonicalOptions{})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.True(t, f == nil || !f.Complete)
	_, _, err = Isomorphism(ctx, g, g, CanonicalOptions{}, CanonicalOptions{})
	require.ErrorIs(t, err, context.DeadlineExceeded)

	g = circulant(3000, 1, 7, 31)
	f, err = Canonical(background, g, CanonicalOptions{Budget: 2})
	require.NoError(t, err)
	require.False(t, f.Complete)
	require.False(t, f.Proved)
	require.Zero(t, f.Digest)
	require.True(t, f.Labelling.Valid())
	require.NoError(t, f.Verify(g, CanonicalOptions{}))
}

// Wherever a search is stopped, what is returned is true.
func TestStoppedAnywhere(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	var pairs, pieces [][2]int32
	for v := int32(0); v < 3000; v += 2 {
		pairs = append(pairs, [2]int32{v, v + 1})
		for k := range int32(3) {
			pieces = append(pieces, [2]int32{v / 40 * 40, v}, [2]int32{v, v/40*40 + (v+7*k+1)%40})
		}
	}
	complete, stopped := 0, 0
	for _, g := range []*graph.Graph{undirected(3000), undirected(3000, pairs...), undirected(3000, pieces...), ring(2000), cubic(rng, 2000),
		circulant(3000, 1, 7, 31), graph.Must(graph.New(3000, pieces))} {
		start := time.Now()
		want := canonicalOf(t, g, CanonicalOptions{})
		whole := time.Since(start)
		for range 40 {
			var stop atomic.Bool
			timer := time.AfterFunc(time.Duration(rng.Float64()*float64(whole)), func() { stop.Store(true) })
			f := canonical(arcs.Pairs(g, nil, nil), 0, &stop)
			timer.Stop()
			require.True(t, f.Labelling.Valid())
			require.NoError(t, f.Verify(g, CanonicalOptions{}))
			require.LessOrEqual(t, f.Order().Cmp(want.Order()), 0)
			require.Equal(t, f.Complete, f.Digest != [32]byte{})
			if !f.Complete {
				stopped++
				require.False(t, f.Proved)
				continue
			}
			complete++
			require.Equal(t, want.Digest, f.Digest)
			require.Zero(t, f.Order().Cmp(want.Order()))
		}
	}
	require.Positive(t, stopped, "of %d", complete+stopped)
}

// The digest does not change between releases, while the version is the same.
func TestGoldenDigests(t *testing.T) {
	petersen := undirected(10, [][2]int32{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 0}, {0, 5}, {1, 6}, {2, 7}, {3, 8}, {4, 9}, {5, 7}, {7, 9}, {9, 6}, {6, 8}, {8, 5}}...)
	f := canonicalOf(t, petersen, CanonicalOptions{})
	require.Equal(t, "120", f.Order().String())
	for _, c := range []struct {
		name, want string
		got        [32]byte
	}{
		{"no nodes", "6dfe8f623957132a1324949cf1c246ed8deabb2e11da766f1471bb9343d48a1b", canonicalOf(t, new(graph.Graph), CanonicalOptions{}).Digest},
		{"Petersen", "84bc6b000ad7dd5996823ca12ed776bb5e4f840e00b54bbbcb2cbc9686b77272", f.Digest},
		{"labels", "d4daa9cead472aa0c4d26e24b678505f11cf4f10e0dfd1fa5036eae479162ebf", canonicalOf(t, directed(3, [][2]int32{{0, 1}, {1, 2}, {2, 2}}...), CanonicalOptions{NodeLabels: []uint64{1, 2, 2}, EdgeLabels: []uint64{1, 1, 5}}).Digest},
	} {
		if got := fmt.Sprintf("%x", c.got); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// Each way to a form: its digest is the same on every machine and in every release.
func TestGoldenDigestsByWay(t *testing.T) {
	complete := func(n int32) (edges [][2]int32) {
		for v := range n {
			for u := range v {
				edges = append(edges, [2]int32{u, v})
			}
		}
		return edges
	}
	cfi5, _ := cfi(5, complete(5), true)
	var crown, rook, sylvester [][2]int32
	for i := range int32(100) {
		for j := range int32(100) {
			if i != j {
				crown = append(crown, [2]int32{i, 100 + j})
			}
			if i%10 == j%10 && i < j || i/10 == j/10 && i < j {
				rook = append(rook, [2]int32{i, j})
			}
		}
	}
	for r := range int32(32) {
		for c := range int32(32) {
			sign := int32(bits.OnesCount32(uint32(r&c)) % 2)
			sylvester = append(sylvester, [2]int32{r, 64 + c + 32*sign}, [2]int32{32 + r, 96 + c - 32*sign})
		}
	}
	for _, c := range []struct {
		name, want string
		g          *graph.Graph
	}{
		{"words of bits", "66469af275bcf73c2e42c86dc1d10e3e02b10357e7a86d608cfe8905f409634b", undirected(8, complete(8)[3:]...)},
		{"a ring", "54a2561af30c77228cba5d5d14602030ccba33961316c39067c57621577a5476", torus(1, 100)},
		{"chains", "b1758d8f07c0ab7f5085c173c0f2a9f9baa5c3f94242a2e5f6f80f2e0099f90c", chained(torus(6, 6), 2)},
		{"twins and a tree", "86f3a380141fdb2bea24d5928767e744a53993815a498a9bf5401e718765dc8d", undirected(40, append(complete(20), [2]int32{0, 20}, [2]int32{20, 21}, [2]int32{20, 22})...)},
		{"balls", "8cf45aaa0eefa658f30304464c711cfe3eddece24e18066cf6143059c1562099", cubic(rand.New(rand.NewPCG(7, 7)), 600)},
		{"comes apart below the first level", "cb385da5e3a983d4f7ee7892b7babdc096fa4d68d19479c317b9c1e2c220745f", undirected(200, crown...)},
		{"dense search", "dd0439ff104dbdf0aaaf0c0e696c19c333d0318e72eea6b21e978a7517e9708c", undirected(100, rook...)},
		{"sparse search", "cabdd5d08e4e10c4d721c5fafcd9d42f809840d7f40e17bc7c279b520ea8211a", torus(20, 21)},
		{"four rows", "36bbfa4895684b2805dbc242cac7b4a195c72ba6fc62785f2c46959fe99ba54c", undirected(128, sylvester...)},
		{"Cai, Fuerer, Immerman", "3a36d23925abceb8ae1701d10c8e7c433897f8db1dbf8376afab0c6b7bb7dc24", cfi5},
	} {
		if got := fmt.Sprintf("%x", canonicalOf(t, c.g, CanonicalOptions{}).Digest); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// expected is a line of EXPECTED.tsv: the order of the group, perhaps as d.dddeX.
func requireOrder(t *testing.T, want string, got *big.Int, name string) {
	t.Helper()
	if !strings.Contains(want, "e") {
		require.Equal(t, want, got.String(), name)
		return
	}
	w, _, err := big.ParseFloat(want, 10, 128, big.ToNearestEven)
	require.NoError(t, err)
	q, _ := w.Quo(w, new(big.Float).SetInt(got)).Float64()
	require.InDelta(t, 1, q, 1e-9, name)
}

// relabellings says how many relabellings of each instance are compared: 100 with SYMBRIDGE_LONG.
func relabellings() int {
	if os.Getenv("SYMBRIDGE_LONG") != "" {
		return 100
	}
	return 1
}

func TestIsoBench(t *testing.T) {
	dir := testdata.Shared(t, "data/iso-bench")
	b, err := os.ReadFile(filepath.Join(dir, "EXPECTED.tsv"))
	require.NoError(t, err)
	digests := map[string][32]byte{}
	rng := rand.New(rand.NewPCG(4, 4))
	for line := range strings.Lines(string(b)) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		switch f[0] {
		case "graph":
			file := readDIMACS(t, filepath.Join(dir, f[1]+".col.gz"))
			o := CanonicalOptions{}
			for _, c := range file.Colours {
				o.NodeLabels = append(o.NodeLabels, uint64(c))
			}
			form := canonicalOf(t, file.Graph, o)
			requireOrder(t, f[6], form.Order(), f[1])
			digests[f[1]] = form.Digest
			if file.Graph.NumNodes() > 20_000 && testing.Short() {
				continue
			}
			for range relabellings() {
				h, ho, _ := shuffle(rng, file.Graph, o)
				require.Equal(t, form.Digest, canonicalOf(t, h, ho).Digest, "%s relabelled", f[1])
			}
		case "pair":
			require.Equal(t, f[3] == "isomorphic", digests[f[1]] == digests[f[2]], "%s and %s", f[1], f[2])
		}
	}
	require.Len(t, digests, 87)
}

func readDIMACS(t testing.TB, path string) *graphio.File {
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	in, err := gzip.NewReader(f)
	require.NoError(t, err)
	file, err := graphio.ReadDIMACS(in, graphio.Limits{})
	require.NoError(t, err, path)
	return file
}

func TestIso(t *testing.T) {
	dir := testdata.Shared(t, "data/iso")
	b, err := os.ReadFile(filepath.Join(dir, "EXPECTED.tsv"))
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(5, 5))
	files := map[string][]*graph.Graph{}
	count := 0
	for line := range strings.Lines(string(b)) {
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(f) < 5 || f[0] == "file" {
			continue
		}
		gs, ok := files[f[0]]
		if !ok {
			gs = readAll(t, filepath.Join(dir, f[0]))
			files[f[0]] = gs
		}
		var k int
		fmt.Sscan(f[1], &k)
		g := gs[k-1]
		form := canonicalOf(t, g, CanonicalOptions{})
		if f[4] != "" {
			require.Equal(t, f[4], form.Order().String(), "%s %d", f[0], k)
		}
		count++
		for i := range relabellings() {
			if i == 0 && k%4 != 0 && relabellings() == 1 {
				continue
			}
			h, _, _ := shuffle(rng, g, CanonicalOptions{})
			require.Equal(t, form.Digest, canonicalOf(t, h, CanonicalOptions{}).Digest, "%s %d relabelled", f[0], k)
		}
	}
	require.Equal(t, 335, count)
}

func readAll(t *testing.T, path string) []*graph.Graph {
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	if strings.HasSuffix(path, ".dmc") {
		file, err := graphio.ReadDIMACS(f, graphio.Limits{})
		require.NoError(t, err, path)
		return []*graph.Graph{file.Graph}
	}
	in, err := gzip.NewReader(f)
	require.NoError(t, err)
	var gs []*graph.Graph
	for g, err := range graphio.Graph6(in, graphio.Limits{}) {
		require.NoError(t, err, path)
		gs = append(gs, g)
	}
	return gs
}

// Strongly regular graphs, which 2-FWL cannot tell apart, and all graphs with up to 7 nodes.
func TestCanonicalClasses(t *testing.T) {
	count := func(gs []*graph.Graph) int {
		seen := map[[32]byte]bool{}
		for _, g := range gs {
			seen[canonicalOf(t, g, CanonicalOptions{}).Digest] = true
		}
		return len(seen)
	}
	dir := testdata.Shared(t, "data/sr25")
	for name, want := range map[string]int{"sr251256.g6": 15, "sr16622.g6": 2} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		var gs []*graph.Graph
		for line := range strings.Lines(string(b)) {
			gs = append(gs, graph6(t, strings.TrimPrefix(strings.TrimSpace(line), ">>graph6<<")))
		}
		require.Equal(t, want, count(gs), name)
	}
	var csl []*graph.Graph
	for _, skip := range []int{2, 3, 4, 5, 6, 9, 11, 12, 13, 16} {
		csl = append(csl, circulant(41, 1, skip))
	}
	require.Equal(t, 10, count(csl))
	small := testdata.Shared(t, "data/smallgraphs")
	for n, want := range map[int]int{2: 1, 3: 2, 4: 6, 5: 21, 6: 112, 7: 853, 8: 11117} {
		b, err := os.ReadFile(filepath.Join(small, fmt.Sprintf("graph%dc.g6", n)))
		require.NoError(t, err)
		var gs []*graph.Graph
		for line := range strings.Lines(string(b)) {
			gs = append(gs, graph6(t, strings.TrimSpace(line)))
		}
		require.Equal(t, want, count(gs))
	}
}

func ExampleCanonical() {
	g := graph.Must(graph.NewUndirected(5, [][2]int32{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 0}}))
	h := graph.Must(graph.NewUndirected(5, [][2]int32{{0, 2}, {2, 4}, {4, 1}, {1, 3}, {3, 0}}))
	f, _ := Canonical(context.Background(), g, CanonicalOptions{})
	e, _ := Canonical(context.Background(), h, CanonicalOptions{})
	fmt.Println(f.Digest == e.Digest, f.Order(), f.Orbits())
	// Output: true 10 [0 0 0 0 0]
}

func ExampleIsomorphism() {
	g := graph.Must(graph.NewUndirected(3, [][2]int32{{0, 1}, {1, 2}}))
	h := graph.Must(graph.NewUndirected(3, [][2]int32{{0, 1}, {0, 2}}))
	p, ok, _ := Isomorphism(context.Background(), g, h, CanonicalOptions{}, CanonicalOptions{})
	fmt.Println(ok, p[1])
	// Output: true 0
}
