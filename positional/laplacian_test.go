package positional

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"symbridge/graph"
	"symbridge/tensor"
)

const tolerance = 1e-8

func spaces(t require.TestingT, l Laplacian[float64], g *graph.Graph) (tensor.Dense[float64], [][]Eigenspace) {
	x, s, err := l.EncodeSpaces(g)
	require.NoError(t, err)
	require.Equal(t, [2]int{g.NumNodes(), l.K}, x.Shape())
	require.Len(t, s, g.NumGraphs())
	return x, s
}

// The eigenvalues of a ring are 1 - cos(2 pi j / n), all but the first and the last twice.
func TestLaplacianOfTheRing(t *testing.T) {
	_, s := spaces(t, Laplacian[float64]{K: 7}, ring(8))
	want := []Eigenspace{{1 - math.Sqrt2/2, 0, 2, 2}, {1, 2, 2, 2}, {1 + math.Sqrt2/2, 4, 2, 2}, {2, 6, 1, 1}}
	require.Len(t, s[0], len(want))
	for i, w := range want {
		got := s[0][i]
		require.InDelta(t, w.Value, got.Value, tolerance)
		require.Equal(t, [3]int{w.First, w.Len, w.Dim}, [3]int{got.First, got.Len, got.Dim})
	}
	require.Equal(t, Bases, s[0][0].Symmetry())
	require.Equal(t, Signs, s[0][3].Symmetry())
	require.Equal(t, Bases, Laplacian[float64]{}.Symmetry())
	require.Equal(t, []string{"none", "signs", "bases", "unknown"},
		[]string{None.String(), Signs.String(), Bases.String(), Ambiguity(7).String()})
}

func TestLaplacianCutsAnEigenspace(t *testing.T) {
	x, s := spaces(t, Laplacian[float64]{K: 3}, ring(8))
	require.Equal(t, [2]int{1, 2}, [2]int{s[0][1].Len, s[0][1].Dim})
	require.InDelta(t, 1, norm(x, 2), tolerance)
	x, s = spaces(t, Laplacian[float64]{K: 3, Whole: true}, ring(8))
	require.Equal(t, [2]int{0, 2}, [2]int{s[0][1].Len, s[0][1].Dim})
	require.Zero(t, norm(x, 2))
	require.InDelta(t, 1, norm(x, 1), tolerance)
}

func norm(x tensor.Dense[float64], column int) float64 {
	var sum float64
	for v := range x.Rows {
		sum += x.At(v, column) * x.At(v, column)
	}
	return math.Sqrt(sum)
}

func TestLaplacianKnownSpectra(t *testing.T) {
	path := undirected(3, [2]int32{0, 1}, [2]int32{1, 2})
	x, s := spaces(t, Laplacian[float64]{K: 4, Normalization: Unnormalized}, path)
	require.Len(t, s[0], 2)
	require.InDelta(t, 1, s[0][0].Value, tolerance)
	require.InDelta(t, 3, s[0][1].Value, tolerance)
	require.InDelta(t, 1/math.Sqrt2, math.Abs(x.At(0, 0)), tolerance)
	require.InDelta(t, 0, x.At(1, 0), tolerance)
	for v := range 3 { // padding
		require.Equal(t, []float64{0, 0}, x.Row(v)[2:])
	}
	_, s = spaces(t, Laplacian[float64]{K: 9}, complete(5))
	require.Len(t, s[0], 1)
	require.Equal(t, [3]int{0, 4, 4}, [3]int{s[0][0].First, s[0][0].Len, s[0][0].Dim})
	require.InDelta(t, 1.25, s[0][0].Value, tolerance)

	// Two edges and a node alone: three components, and 2 twice. Loops do not count, parallel edges change no ratio here.
	g := undirected(5, [2]int32{0, 1}, [2]int32{2, 3}, [2]int32{2, 3}, [2]int32{4, 4}, [2]int32{0, 0})
	x, s = spaces(t, Laplacian[float64]{K: 3}, g)
	require.Len(t, s[0], 1)
	require.InDelta(t, 2, s[0][0].Value, tolerance)
	require.Equal(t, 2, s[0][0].Dim)
	require.Equal(t, []float64{0, 0, 0}, x.Row(4))
}

func TestLaplacianErrors(t *testing.T) {
	for _, l := range []Laplacian[float32]{{}, {K: -1}, {K: 1, MaxNodes: -1}, {K: 1, Tolerance: math.NaN()},
		{K: 1, Tolerance: -1}, {K: 1, Normalization: 2}, {K: 1, Normalization: -1}} {
		_, err := l.Encode(ring(3))
		require.ErrorIs(t, err, ErrSettings)
	}
	_, err := Laplacian[float32]{K: 1, MaxNodes: 4}.Encode(graph.Union(ring(3), ring(5)))
	require.ErrorIs(t, err, ErrTooLarge)
	require.ErrorContains(t, err, "graph 1 has 5 nodes")
	_, err = Laplacian[float32]{K: 1}.Encode(graph.Union(ring(3), directed(2, [2]int32{0, 1})))
	require.ErrorIs(t, err, ErrDirected)
	require.ErrorContains(t, err, "graph 1")
	_, err = Laplacian[float32]{K: 1}.Encode(directed(2, [2]int32{0, 1}, [2]int32{1, 0}, [2]int32{1, 0}))
	require.ErrorIs(t, err, ErrDirected)
	_, err = Laplacian[float32]{K: 1}.Encode(directed(1 << 13))
	require.ErrorIs(t, err, ErrTooLarge)
}

// project returns the projector onto an eigenspace (n,n), of the graph whose nodes are the given rows.
func project(x tensor.Dense[float64], s Eigenspace, rows []int32) tensor.Dense[float64] {
	p := tensor.NewDense[float64](len(rows), len(rows))
	for i, u := range rows {
		for j, v := range rows {
			var sum float64
			for c := s.First; c < s.First+s.Len; c++ {
				sum += x.At(int(u), c) * x.At(int(v), c)
			}
			p.Set(i, j, sum)
		}
	}
	return p
}

// The vectors are what they are said to be, and the projectors onto whole eigenspaces move with the nodes.
func TestLaplacianProjectors(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 9).Draw(t, "n")
		node := rapid.Int32Range(0, int32(n-1))
		edges := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) [2]int32 {
			return [2]int32{node.Draw(t, "u"), node.Draw(t, "v")}
		}), 0, 20).Draw(t, "edges")
		g := undirected(n, edges...)
		l := Laplacian[float64]{K: n, Whole: true, Normalization: rapid.SampledFrom([]Normalization{Symmetric, Unnormalized}).Draw(t, "normalization")}
		x, s := spaces(t, l, g)
		m, err := l.matrix(g)
		require.NoError(t, err)
		all := make([]int32, n)
		for i := range all {
			all[i] = int32(i)
		}
		for _, e := range s[0] {
			for c := e.First; c < e.First+e.Len; c++ {
				require.InDelta(t, 1, norm(x, c), tolerance)
				for i := range n {
					var y float64
					for j := range n {
						y += m.At(i, j) * x.At(j, c)
					}
					require.InDelta(t, e.Value*x.At(i, c), y, tolerance)
				}
			}
		}

		p := shuffled(t, n, "p")
		h, _ := g.Relabel(p)
		y, r := spaces(t, l, h)
		require.Len(t, r[0], len(s[0]))
		for k, e := range s[0] {
			require.InDelta(t, e.Value, r[0][k].Value, tolerance)
			require.Equal(t, [3]int{e.First, e.Len, e.Dim}, [3]int{r[0][k].First, r[0][k].Len, r[0][k].Dim})
			want, got := project(x, e, all), project(y, r[0][k], all)
			for i := range n {
				for j := range n {
					require.InDelta(t, want.At(i, j), got.At(int(p[i]), int(p[j])), tolerance)
				}
			}
		}
	})
}

// A graph has the same bits alone and in a batch.
func TestLaplacianBatch(t *testing.T) {
	gs := []*graph.Graph{ring(8), complete(3), random(20, 40), directed(1)}
	l := Laplacian[float64]{K: 5}
	x, s := spaces(t, l, graph.Union(gs...))
	row := 0
	for b, g := range gs {
		alone, spacesAlone := spaces(t, l, g)
		n := g.NumNodes()
		requireBits(t, alone, tensor.Dense[float64]{Rows: n, Cols: 5, Data: x.Data[row*5 : (row+n)*5]})
		require.Equal(t, spacesAlone[0], s[b])
		row += n
	}
}

func BenchmarkLaplacian(b *testing.B) {
	g := random(200, 600)
	for b.Loop() {
		encode(b, Laplacian[float32]{K: 8}, g)
	}
}
