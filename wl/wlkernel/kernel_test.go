package wlkernel_test

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"symbridge/dataset"
	"symbridge/graph"
	"symbridge/internal/testdata"
	"symbridge/proptest"
	"symbridge/tensor"
	"symbridge/wl"
	"symbridge/wl/wlkernel"
)

var kernels = []wlkernel.Kernel{
	wlkernel.Subtree{}, wlkernel.Subtree{Rounds: 3}, wlkernel.ShortestPath{}, wlkernel.ShortestPath{Rounds: 2},
	wlkernel.OptimalAssignment{}, wlkernel.OptimalAssignment{Rounds: 3}, wlkernel.Graphlet{Size: 3}, wlkernel.Graphlet{},
	wlkernel.Graphlet{Size: 5}, wlkernel.Graphlet{Size: 4, Connected: true},
}

// randomData draws labelled graphs, undirected or not.
func randomData(rng *rand.Rand, graphs, nodes int, undirected bool) wlkernel.Data {
	var d wlkernel.Data
	for range graphs {
		n := rng.IntN(nodes + 1)
		var edges [][2]int32
		for range rng.IntN(2*n + 1) {
			edges = append(edges, [2]int32{int32(rng.IntN(n)), int32(rng.IntN(n))})
		}
		g := graph.Must(graph.New(n, edges))
		if undirected {
			g = graph.Must(graph.NewUndirected(n, edges))
		}
		d.Graphs = append(d.Graphs, g)
		node, edge := make([]uint64, n), make([]uint64, g.NumEdges())
		for v := range node {
			node[v] = rng.Uint64N(3)
		}
		for k := range edge {
			edge[k] = rng.Uint64N(2)
		}
		if undirected { // the two arcs of an edge have one label
			pairs, err := g.Pairs()
			if err != nil {
				panic(err)
			}
			for _, p := range pairs {
				edge[p[1]] = edge[p[0]]
			}
		}
		d.NodeLabels, d.EdgeLabels = append(d.NodeLabels, node), append(d.EdgeLabels, edge)
	}
	return d
}

func gramOf(t require.TestingT, k wlkernel.Kernel, d wlkernel.Data) *mat.SymDense {
	gram, err := k.Gram(context.Background(), d)
	require.NoError(t, err, k)
	return gram
}

// sameBits compares entry by entry; rows of b are at[i].
func sameBits(t require.TestingT, a, b *mat.SymDense, at []int, what any) {
	require.Equal(t, a.SymmetricDim(), b.SymmetricDim(), what)
	for i := range a.SymmetricDim() {
		for j := range a.SymmetricDim() {
			require.Equal(t, math.Float64bits(a.At(i, j)), math.Float64bits(b.At(at[i], at[j])), "%v: %d, %d", what, i, j)
		}
	}
}

// Relabelling the nodes, shuffling the edges and reordering the graphs changes no bit.
func TestLabelling(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		gs := rapid.SliceOfN(proptest.Graphs(), 1, 5).Draw(r, "graphs")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 0))
		order := rng.Perm(len(gs))
		var d wlkernel.Data
		other := wlkernel.Data{Graphs: make([]*graph.Graph, len(gs)), NodeLabels: make([][]uint64, len(gs)), EdgeLabels: make([][]uint64, len(gs))}
		for i, g := range gs {
			node, edge := make([]uint64, g.NumNodes()), make([]uint64, g.NumEdges())
			for v := range node {
				node[v] = rng.Uint64N(2)
			}
			for k := range edge {
				edge[k] = rng.Uint64N(2)
			}
			d.Graphs, d.NodeLabels, d.EdgeLabels = append(d.Graphs, g), append(d.NodeLabels, node), append(d.EdgeLabels, edge)
			p, q := perm(rng, len(node)), perm(rng, len(edge))
			h, q0 := g.Relabel(p)
			h = h.ShuffleEdges(q)
			node2, edge2 := make([]uint64, len(node)), make([]uint64, len(edge))
			for v := range node {
				node2[p[v]] = node[v]
			}
			for k := range edge {
				edge2[q[q0[k]]] = edge[k]
			}
			at := order[i]
			other.Graphs[at], other.NodeLabels[at], other.EdgeLabels[at] = h, node2, edge2
		}
		for _, k := range kernels {
			sameBits(r, gramOf(r, k, d), gramOf(r, k, other), order, k)
			f, err := k.Features(context.Background(), d)
			require.NoError(r, err)
			f2, err := k.Features(context.Background(), other)
			require.NoError(r, err)
			x, y := f.Dense(), f2.Dense()
			for i, at := range order {
				require.Equal(r, x.Row(i), y.Row(at), k)
			}
		}
	})
}

func perm(rng *rand.Rand, n int) []int32 {
	p := make([]int32, n)
	for i, v := range rng.Perm(n) {
		p[i] = int32(v)
	}
	return p
}

// The Gram matrix is the product of the features, positive semi-definite, and 1 on the diagonal once it is normalised.
func TestGramIsProduct(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	for _, undirected := range []bool{true, false} {
		d := randomData(rng, 12, 9, undirected)
		for _, k := range kernels {
			f, err := k.Features(context.Background(), d)
			require.NoError(t, err)
			require.NoError(t, f.Validate())
			x := f.Dense()
			gram := gramOf(t, k, d)
			for i := range x.Rows {
				for j := range x.Rows {
					sum := 0.0
					for c, v := range x.Row(i) {
						require.Equal(t, math.Trunc(v), v)
						sum += v * x.At(j, c)
					}
					require.Equal(t, sum, gram.At(i, j), "%v: %d, %d", k, i, j)
				}
			}
			var eigen mat.EigenSym
			n := wlkernel.Normalise(gram)
			require.True(t, eigen.Factorize(n, false))
			require.Greater(t, slices.Min(eigen.Values(nil)), -1e-9, k)
			for i := range x.Rows {
				if gram.At(i, i) > 0 {
					require.Equal(t, 1.0, n.At(i, i))
				} else {
					require.Zero(t, n.At(i, i))
				}
			}
		}
	}
}

// colours returns the refined colours of each graph after a round.
func colours(d wlkernel.Data, round int) [][]int32 {
	var node, edge []uint64
	for i := range d.Graphs {
		node, edge = append(node, d.NodeLabels[i]...), append(edge, d.EdgeLabels[i]...)
	}
	all := wl.Rounds(graph.Union(d.Graphs...), wl.Options{NodeLabels: node, EdgeLabels: edge}).ColoursAt(round)
	var out [][]int32
	for _, g := range d.Graphs {
		out = append(out, all[:g.NumNodes()])
		all = all[g.NumNodes():]
	}
	return out
}

// The subtree kernel counts pairs of nodes of one colour, the shortest-path kernel pairs of pairs.
func TestPairsOfNodes(t *testing.T) {
	const rounds = 2
	for _, undirected := range []bool{true, false} {
		d := randomData(rand.New(rand.NewPCG(2, 0)), 8, 7, undirected)
		subtree, path := gramOf(t, wlkernel.Subtree{Rounds: rounds}, d), gramOf(t, wlkernel.ShortestPath{Rounds: rounds}, d)
		for i, g := range d.Graphs {
			for j, h := range d.Graphs {
				nodes, pairs := 0, 0
				dg, dh := distances(g), distances(h)
				for round := range rounds + 1 {
					c := colours(d, round)
					for u := range c[i] {
						for v := range c[j] {
							if c[i][u] == c[j][v] {
								nodes++
							}
							for u2 := range c[i] {
								for v2 := range c[j] {
									if u == u2 || v == v2 || dg[u][u2] != dh[v][v2] || dg[u][u2] < 0 || undirected && (u > u2 || v > v2) {
										continue
									}
									a, b := [2]int32{c[i][u], c[i][u2]}, [2]int32{c[j][v], c[j][v2]}
									if undirected {
										slices.Sort(a[:])
										slices.Sort(b[:])
									}
									if a == b {
										pairs++
									}
								}
							}
						}
					}
				}
				require.Equal(t, float64(nodes), subtree.At(i, j))
				require.Equal(t, float64(pairs), path.At(i, j))
			}
		}
	}
}

// distances by Floyd and Warshall, -1 where there is no path.
func distances(g *graph.Graph) [][]int {
	n := g.NumNodes()
	const far = 1 << 20
	d := make([][]int, n)
	for u := range d {
		d[u] = slices.Repeat([]int{far}, n)
		d[u][u] = 0
	}
	for _, e := range g.Edges() {
		d[e[0]][e[1]] = min(d[e[0]][e[1]], 1)
	}
	for k := range n {
		for u := range n {
			for v := range n {
				d[u][v] = min(d[u][v], d[u][k]+d[k][v])
			}
		}
	}
	for u := range d {
		for v := range d {
			if d[u][v] == far {
				d[u][v] = -1
			}
		}
	}
	return d
}

// The optimal assignment kernel is the value of the best matching of nodes, found by trying all.
func TestBestMatching(t *testing.T) {
	const rounds = 3
	d := randomData(rand.New(rand.NewPCG(3, 0)), 10, 6, true)
	gram := gramOf(t, wlkernel.OptimalAssignment{Rounds: rounds}, d)
	byRound := make([][][]int32, rounds+1)
	for round := range byRound {
		byRound[round] = colours(d, round)
	}
	for i := range d.Graphs {
		for j := range d.Graphs {
			worth := func(u, v int) (sum int) {
				for _, c := range byRound {
					if c[i][u] == c[j][v] {
						sum++
					}
				}
				return sum
			}
			n, m := d.Graphs[i].NumNodes(), d.Graphs[j].NumNodes()
			taken := make([]bool, m)
			var best func(u int) int
			best = func(u int) int {
				if u == n {
					return 0
				}
				out := best(u + 1)
				for v := range m {
					if !taken[v] {
						taken[v] = true
						out = max(out, worth(u, v)+best(u+1))
						taken[v] = false
					}
				}
				return out
			}
			require.Equal(t, float64(best(0)), gram.At(i, j), "%d, %d", i, j)
		}
	}
}

// Graphlets counted by looking at every set of nodes.
func TestGraphletsBySets(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 0))
	d := randomData(rng, 25, 10, false)
	d.Graphs = append(d.Graphs, randomData(rng, 25, 10, true).Graphs...)
	for n := range 9 { // dense ones
		var edges [][2]int32
		for u := range int32(n) {
			for v := range u {
				if rng.IntN(4) > 0 {
					edges = append(edges, [2]int32{u, v})
				}
			}
		}
		d.Graphs = append(d.Graphs, graph.Must(graph.NewUndirected(n, edges)))
	}
	for size, types := range map[int][2]int{3: {4, 2}, 4: {11, 6}, 5: {34, 21}} {
		for which, connected := range []bool{false, true} {
			f, err := wlkernel.Graphlet{Size: size, Connected: connected}.Features(context.Background(), wlkernel.Data{Graphs: d.Graphs})
			require.NoError(t, err)
			require.Equal(t, types[which], f.Cols)
			column := map[string]int{} // columns of the library, as the sets show them
			x := f.Dense()
			byGraph := make([]map[string]int, len(d.Graphs))
			kinds := map[string]bool{}
			for i, g := range d.Graphs {
				byGraph[i] = sets(g, size, connected)
				for kind := range byGraph[i] {
					kinds[kind] = true
				}
			}
			for kind := range kinds { // a kind is the column with the same counts
				for j := range f.Cols {
					same := true
					for i := range d.Graphs {
						same = same && x.At(i, j) == float64(byGraph[i][kind])
					}
					if same {
						column[kind] = j
					}
				}
				require.Contains(t, column, kind, "size %d: no column counts the sets of kind %s", size, kind)
			}
			used := map[int]bool{}
			for _, j := range column {
				used[j] = true
			}
			require.Len(t, used, len(kinds))
			for j := range f.Cols {
				for i := range d.Graphs {
					require.True(t, used[j] || x.At(i, j) == 0, "size %d: column %d counts what is not there", size, j)
				}
			}
			require.Greater(t, len(kinds), types[which]*2/3)
		}
	}
}

// sets counts the sets of nodes of a size by the graph that they induce.
func sets(g *graph.Graph, size int, connected bool) map[string]int {
	out := map[string]int{}
	adjacent := func(u, v int32) bool { return u != v && (g.HasEdge(u, v) || g.HasEdge(v, u)) }
	var set []int32
	var choose func(from int)
	choose = func(from int) {
		if len(set) == size {
			if kind, whole := shape(set, adjacent); whole || !connected {
				out[kind]++
			}
			return
		}
		for v := from; v < g.NumNodes(); v++ {
			set = append(set, int32(v))
			choose(v + 1)
			set = set[:len(set)-1]
		}
	}
	choose(0)
	return out
}

// shape names a graph of at most five nodes: for each node its degree, component and the degrees of its neighbours, and the
// number of triangles; that tells all graphs with so few nodes apart.
func shape(set []int32, adjacent func(u, v int32) bool) (kind string, whole bool) {
	degree, triangles := map[int32]int{}, 0
	component := map[int32]int32{}
	for _, u := range set {
		component[u] = u
	}
	for range set {
		for i, u := range set {
			for _, v := range set[:i] {
				if adjacent(u, v) {
					c := min(component[u], component[v])
					component[u], component[v] = c, c
				}
			}
		}
	}
	sizes := map[int32]int{}
	for i, u := range set {
		sizes[component[u]]++
		for j, v := range set[:i] {
			if !adjacent(u, v) {
				continue
			}
			degree[u], degree[v] = degree[u]+1, degree[v]+1
			for _, w := range set[:j] {
				if adjacent(u, w) && adjacent(v, w) {
					triangles++
				}
			}
		}
	}
	var names []string
	for _, u := range set {
		var near []int
		for _, v := range set {
			if adjacent(u, v) {
				near = append(near, degree[v])
			}
		}
		slices.Sort(near)
		names = append(names, fmt.Sprint(sizes[component[u]], near))
	}
	slices.SortFunc(names, cmp.Compare[string])
	return fmt.Sprint(triangles, names), len(sizes) == 1
}

// Counts beyond 2^64: a graph without edges has its sets counted by formulas alone.
func TestManySets(t *testing.T) {
	n := 100_000
	f, err := wlkernel.Graphlet{Size: 5}.Features(context.Background(), wlkernel.Data{Graphs: []*graph.Graph{
		graph.Must(graph.New(n, nil)), graph.Must(graph.New(n, [][2]int32{{7, 8}}))}})
	require.NoError(t, err)
	x := f.Dense()
	require.Equal(t, 83325000291662500020000.0, x.At(0, 0)) // n choose 5
	require.Equal(t, 166651667099996.0, x.At(1, 1))         // n-2 choose 3
}

func TestDegenerate(t *testing.T) {
	ctx := context.Background()
	none := graph.Must(graph.New(0, nil))
	stopped, stop := context.WithCancel(ctx)
	stop()
	var edges [][2]int32
	for v := range int32(2000) {
		edges = append(edges, [2]int32{v, v + 1})
	}
	path := graph.Must(graph.NewUndirected(2001, edges))
	for _, k := range kernels {
		require.NotEmpty(t, k.String())
		f, err := k.Features(ctx, wlkernel.Data{})
		require.NoError(t, err)
		require.Zero(t, f.Rows)
		require.True(t, gramOf(t, k, wlkernel.Data{}).IsEmpty())
		require.True(t, wlkernel.Normalise(new(mat.SymDense)).IsEmpty())
		gram := gramOf(t, k, wlkernel.Data{Graphs: []*graph.Graph{none, none}})
		require.Zero(t, mat.Max(gram))
		require.Zero(t, mat.Max(wlkernel.Normalise(gram)))

		_, err = k.Gram(stopped, wlkernel.Data{Graphs: []*graph.Graph{path}})
		require.ErrorIs(t, err, context.Canceled, k)
	}
	batch := graph.Union(graph.Must(graph.New(2, nil)), graph.Must(graph.New(1, nil)))
	require.Equal(t, 9.0, gramOf(t, wlkernel.Subtree{}, wlkernel.Data{Graphs: []*graph.Graph{batch, none}}).At(0, 0), "a batch is one graph")
	partly := wlkernel.Data{Graphs: []*graph.Graph{batch, batch}, NodeLabels: [][]uint64{nil, {0, 1, 0}}}
	require.Equal(t, 6.0, gramOf(t, wlkernel.Subtree{}, partly).At(0, 1))
}

func TestMisuse(t *testing.T) {
	d := wlkernel.Data{Graphs: []*graph.Graph{graph.Must(graph.New(2, nil))}}
	for _, labels := range [][][]uint64{{}, {{1}}, {{1, 2}, nil}} {
		wrong := d
		wrong.NodeLabels = labels
		require.ErrorIs(t, panicError(func() { _, _ = wlkernel.Subtree{}.Gram(context.Background(), wrong) }), graph.ErrLength)
	}
	var value tensor.ValueError
	require.ErrorAs(t, panicError(func() { _, _ = wlkernel.Graphlet{Size: 6}.Gram(context.Background(), d) }), &value)
	require.ErrorAs(t, panicError(func() { _, _ = wlkernel.ShortestPath{Rounds: -1}.Gram(context.Background(), d) }), &value)
	d.EdgeLabels = [][]uint64{{1}}
	require.ErrorIs(t, panicError(func() { _, _ = wlkernel.Subtree{}.Gram(context.Background(), d) }), graph.ErrLength)
}

func panicError(f func()) (err error) {
	defer func() { err, _ = recover().(error) }()
	f()
	return nil
}

// The kernels of MUTAG under a relabelling, bit for bit, and a few numbers that are known of the set.
func TestMUTAG(t *testing.T) {
	s, err := dataset.Load[float32](testdata.Shared(t, "data/mutag"), "tu", dataset.Limits{})
	require.NoError(t, err)
	data := func(s *dataset.Set[float32]) (d wlkernel.Data) {
		for _, g := range s.Data {
			labels := make([]uint64, g.Graph.NumNodes())
			for v := range labels {
				labels[v] = uint64(slices.Index(g.X.Row(v), 1))
			}
			d.Graphs, d.NodeLabels = append(d.Graphs, g.Graph), append(d.NodeLabels, labels)
		}
		return d
	}
	d := data(s)
	other := data(s.Relabel(rand.New(rand.NewPCG(5, 0))))
	same := make([]int, len(d.Graphs))
	for i := range same {
		same[i] = i
	}
	for _, k := range kernels {
		sameBits(t, gramOf(t, k, d), gramOf(t, k, other), same, k)
	}
	f, err := wlkernel.Subtree{}.Features(context.Background(), d)
	require.NoError(t, err)
	require.Equal(t, 7, f.Cols, "node labels")
	sum := 0.0
	for _, v := range f.Val {
		sum += v
	}
	require.Equal(t, 3371.0, sum, "nodes")
}
