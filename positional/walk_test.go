package positional

import (
	"math"
	"math/big"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"symbridge/graph"
	"symbridge/tensor"
)

var (
	_ Encoder[float32] = RandomWalk[float32]{}
	_ Encoder[float64] = Laplacian[float64]{}
)

func undirected(n int, edges ...[2]int32) *graph.Graph {
	return graph.Must(graph.NewUndirected(n, edges))
}

func directed(n int, edges ...[2]int32) *graph.Graph { return graph.Must(graph.New(n, edges)) }

func ring(n int) *graph.Graph {
	var edges [][2]int32
	for i := range n {
		edges = append(edges, [2]int32{int32(i), int32((i + 1) % n)})
	}
	return undirected(n, edges...)
}

func complete(n int) *graph.Graph {
	var edges [][2]int32
	for j := range n {
		for i := range j {
			edges = append(edges, [2]int32{int32(i), int32(j)})
		}
	}
	return undirected(n, edges...)
}

func encode[T tensor.Float](t require.TestingT, e Encoder[T], g *graph.Graph) tensor.Dense[T] {
	x, err := e.Encode(g)
	require.NoError(t, err)
	return x
}

func TestRandomWalkOnRings(t *testing.T) {
	require.Equal(t, None, RandomWalk[float32]{}.Symmetry())
	x := encode(t, RandomWalk[float64]{Steps: 6}, ring(8))
	require.Equal(t, [2]int{8, 6}, x.Shape())
	for v := range 8 { // binomial(k, k/2) / 2^k before the walk can go round
		require.Equal(t, []float64{0, 1. / 2, 0, 6. / 16, 0, 20. / 64}, x.Row(v))
	}
	y := encode(t, RandomWalk[float32]{Steps: 5}, ring(5))
	require.Equal(t, []float32{0, 0.5, 0, 0.375, 2. / 32}, y.Row(3)) // once round, either way

	triangles := undirected(6, [2]int32{0, 1}, [2]int32{1, 2}, [2]int32{2, 0}, [2]int32{3, 4}, [2]int32{4, 5}, [2]int32{5, 3})
	require.Equal(t, 0.25, encode(t, RandomWalk[float64]{Steps: 3}, triangles).At(0, 2)) // what 1-WL does not see
	require.Equal(t, 0.0, encode(t, RandomWalk[float64]{Steps: 3}, ring(6)).At(0, 2))
}

func TestRandomWalkOnCompleteGraphs(t *testing.T) {
	for _, n := range []int{2, 3, 7, 70} { // 70: more than one block
		x := encode(t, RandomWalk[float64]{Steps: 8}, complete(n))
		for k := range 8 {
			want := (1 + float64(n-1)*math.Pow(-1/float64(n-1), float64(k+1))) / float64(n)
			for v := range n {
				require.InDelta(t, want, x.At(v, k), 1e-15)
			}
		}
	}
}

func TestRandomWalkDirected(t *testing.T) {
	x := encode(t, RandomWalk[float64]{Steps: 3}, directed(3, [2]int32{0, 1}, [2]int32{1, 2}, [2]int32{2, 0}))
	require.Equal(t, []float64{0, 0, 1}, x.Row(0))
	// Node 1 is a dead end; node 0 has a loop and two edges to 1.
	x = encode(t, RandomWalk[float64]{Steps: 2}, directed(2, [2]int32{0, 0}, [2]int32{0, 1}, [2]int32{0, 1}))
	require.Equal(t, []float64{1. / 3, float64(1./3) * float64(1./3)}, x.Row(0))
	require.Equal(t, []float64{0, 0}, x.Row(1))
	// Parallel edges.
	x = encode(t, RandomWalk[float64]{Steps: 2}, undirected(3, [2]int32{0, 1}, [2]int32{0, 1}, [2]int32{0, 1}, [2]int32{0, 2}))
	require.Equal(t, []float64{0, 0.75}, x.Row(1))
}

func TestRandomWalkWeights(t *testing.T) {
	g := directed(3, [2]int32{0, 1}, [2]int32{0, 2}, [2]int32{1, 0}, [2]int32{2, 2})
	x, err := RandomWalk[float32]{Steps: 2}.EncodeWeighted(g, []float32{3, 1, 5, 0})
	require.NoError(t, err)
	require.Equal(t, []float32{0, 0.75}, x.Row(0))
	require.Equal(t, []float32{0, 0}, x.Row(2)) // its only edge has weight 0

	ones, err := RandomWalk[float32]{Steps: 4}.EncodeWeighted(g, []float32{1, 1, 1, 1})
	require.NoError(t, err)
	require.Equal(t, encode(t, RandomWalk[float32]{Steps: 4}, g), ones)

	for _, bad := range []float64{-1, math.NaN(), math.Inf(1)} {
		_, err := RandomWalk[float64]{Steps: 2}.EncodeWeighted(g, []float64{1, bad, 1, 1})
		require.ErrorIs(t, err, ErrWeight)
		require.ErrorContains(t, err, "edge 1 (0,2)")
	}
	_, err = RandomWalk[float64]{Steps: 2}.EncodeWeighted(g, []float64{1})
	require.ErrorIs(t, err, ErrWeight)
	_, err = RandomWalk[float64]{Steps: 2}.EncodeWeighted(g, []float64{math.MaxFloat64, math.MaxFloat64, 1, 1})
	require.ErrorIs(t, err, ErrWeight)
	_, err = RandomWalk[float64]{}.Encode(g)
	require.ErrorIs(t, err, ErrSettings)
}

func TestNoNodes(t *testing.T) {
	for _, g := range []*graph.Graph{{}, directed(0), graph.Union(directed(0), directed(0))} {
		require.Equal(t, [2]int{0, 3}, encode(t, RandomWalk[float32]{Steps: 3}, g).Shape())
		require.Equal(t, [2]int{0, 3}, encode(t, Laplacian[float32]{K: 3}, g).Shape())
	}
	require.Equal(t, []float32{0, 0}, encode(t, RandomWalk[float32]{Steps: 2}, directed(1)).Row(0))
}

// draw returns a small multigraph with weights.
func draw(t *rapid.T, label string) (*graph.Graph, []float64) {
	n := rapid.IntRange(1, 9).Draw(t, label+": nodes")
	node := rapid.Int32Range(0, int32(n-1))
	edges := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) [2]int32 {
		return [2]int32{node.Draw(t, "u"), node.Draw(t, "v")}
	}), 0, 25).Draw(t, label+": edges")
	g := directed(n, edges...)
	if rapid.Bool().Draw(t, label+": undirected") {
		g = undirected(n, edges...)
	}
	e := g.NumEdges()
	return g, rapid.SliceOfN(rapid.Float64Range(0, 1e3), e, e).Draw(t, label+": weights")
}

func shuffled(t *rapid.T, n int, label string) []int32 {
	p := make([]int32, n)
	for i := range p {
		p[i] = int32(i)
	}
	return append([]int32{}, rapid.Permutation(p).Draw(t, label)...)
}

func requireBits(t require.TestingT, want, got tensor.Dense[float64]) {
	require.Equal(t, want.Shape(), got.Shape())
	for i, w := range want.Data {
		require.Equal(t, math.Float64bits(w), math.Float64bits(got.Data[i]), "element %d: %v and %v", i, w, got.Data[i])
	}
}

// Relabelling and shuffling edges moves the rows and changes no bit; nor does the batch.
func TestRandomWalkBits(t *testing.T) {
	walk := RandomWalk[float64]{Steps: 7}
	rapid.Check(t, func(t *rapid.T) {
		g, w := draw(t, "g")
		x, err := walk.EncodeWeighted(g, w)
		require.NoError(t, err)
		p, q := shuffled(t, g.NumNodes(), "p"), shuffled(t, g.NumEdges(), "q")
		h, sorted := g.Relabel(p)
		moved := make([]float64, len(w))
		for k, v := range w {
			moved[q[sorted[k]]] = v
		}
		y, err := walk.EncodeWeighted(h.ShuffleEdges(q), moved)
		require.NoError(t, err)
		requireBits(t, x.PermuteRows(p), y)
		requireBits(t, encode(t, walk, g).PermuteRows(p), encode(t, walk, h))

		other, w2 := draw(t, "other")
		u := graph.Union(g, other)
		z, err := walk.EncodeWeighted(u, append(w[:len(w):len(w)], w2...))
		require.NoError(t, err)
		requireBits(t, x, tensor.Dense[float64]{Rows: g.NumNodes(), Cols: 7, Data: z.Data[:g.NumNodes()*7]})

		r := shuffled(t, u.NumNodes(), "r") // the nodes of one graph need not stand together
		v, _ := u.Relabel(r)
		requireBits(t, encode(t, walk, u).PermuteRows(r), encode(t, walk, v))
	})
}

// Against the powers of P in rational numbers.
func TestRandomWalkIsThePower(t *testing.T) {
	const steps = 6
	rapid.Check(t, func(t *rapid.T) {
		g, _ := draw(t, "g")
		n := g.NumNodes()
		x := encode(t, RandomWalk[float64]{Steps: steps}, g)
		p := make([][]*big.Rat, n)
		for i := range p {
			p[i] = make([]*big.Rat, n)
			for j := range p[i] {
				p[i][j] = new(big.Rat)
			}
		}
		for _, e := range g.Edges() {
			c := p[e[0]][e[1]]
			c.Add(c, big.NewRat(1, int64(g.OutDegree(e[0]))))
		}
		power := p
		for k := range steps {
			for v := range n {
				want, _ := power[v][v].Float64()
				require.InDelta(t, want, x.At(v, k), want*1e-14)
			}
			next := make([][]*big.Rat, n)
			for i := range n {
				next[i] = make([]*big.Rat, n)
				for j := range n {
					sum := new(big.Rat)
					for l := range n {
						sum.Add(sum, new(big.Rat).Mul(power[i][l], p[l][j]))
					}
					next[i][j] = sum
				}
			}
			power = next
		}
	})
}

// random returns an undirected graph with n nodes and m edges.
func random(n, m int) *graph.Graph {
	rng := rand.New(rand.NewPCG(1, 1))
	edges := make([][2]int32, m)
	for k := range edges {
		edges[k] = [2]int32{rng.Int32N(int32(n)), rng.Int32N(int32(n))}
	}
	return undirected(n, edges...)
}

func TestRandomWalkWorkers(t *testing.T) {
	g := random(300, 2000)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	want := encode(t, RandomWalk[float64]{Steps: 5}, g)
	for _, workers := range []int{2, 8} {
		runtime.GOMAXPROCS(workers)
		requireBits(t, want, encode(t, RandomWalk[float64]{Steps: 5}, g))
	}
}

func BenchmarkRandomWalk(b *testing.B) {
	g := random(500, 1000)
	for b.Loop() {
		encode(b, RandomWalk[float32]{Steps: 16}, g)
	}
}
