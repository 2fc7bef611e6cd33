package dataset

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/tensor"
)

// labelled draws rows with different identities, and the same rows in another order.
func labelled(t *rapid.T) (ids []uint64, classes, order []int32) {
	ids = rapid.SliceOfNDistinct(rapid.Uint64(), 2, 60, func(v uint64) uint64 { return v }).Draw(t, "ids")
	for range ids {
		classes = append(classes, rapid.Int32Range(-1, 3).Draw(t, "class"))
	}
	order = permutation(len(ids), rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "order"), 0)))
	return ids, classes, order
}

func take[V any](v []V, order []int32) []V {
	out := make([]V, len(order))
	for i, o := range order {
		out[i] = v[o]
	}
	return out
}

func TestStratifiedFolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids, classes, order := labelled(t)
		k := rapid.IntRange(2, len(ids)).Draw(t, "k")
		seed := rapid.Uint64().Draw(t, "seed")
		folds, err := StratifiedFolds(ids, classes, k, rand.New(rand.NewPCG(seed, 1)))
		require.NoError(t, err)
		require.Len(t, folds, k)
		seen := make([]int, len(ids))
		sizes := map[int32][]int{-2: make([]int, k)} // of the classes, and of all rows
		for f, rows := range folds {
			for _, r := range rows {
				seen[r]++
				if sizes[classes[r]] == nil {
					sizes[classes[r]] = make([]int, k)
				}
				sizes[classes[r]][f]++
				sizes[-2][f]++
			}
		}
		for _, n := range seen {
			require.Equal(t, 1, n)
		}
		for c, s := range sizes {
			require.LessOrEqual(t, slices.Max(s)-slices.Min(s), 1, "class %d: %v", c, s)
		}

		again, err := StratifiedFolds(take(ids, order), take(classes, order), k, rand.New(rand.NewPCG(seed, 1)))
		require.NoError(t, err)
		for f := range folds {
			require.Equal(t, take(ids, folds[f]), take(take(ids, order), again[f]))
		}
	})
	other := map[bool]int{}
	ids, classes := make([]uint64, 40), make([]int32, 40)
	for i := range ids {
		ids[i], classes[i] = uint64(i), int32(i%2)
	}
	first, err := StratifiedFolds(ids, classes, 4, rand.New(rand.NewPCG(1, 1)))
	require.NoError(t, err)
	for seed := range uint64(8) {
		f, err := StratifiedFolds(ids, classes, 4, rand.New(rand.NewPCG(seed, 1)))
		require.NoError(t, err)
		other[slices.Equal(f[0], first[0])]++
	}
	require.Equal(t, map[bool]int{true: 1, false: 7}, other) // the seed matters
}

func TestStratifiedSplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids, classes, order := labelled(t)
		fraction := rapid.Float64Range(0.01, 0.99).Draw(t, "fraction")
		seed := rapid.Uint64().Draw(t, "seed")
		rest, part, err := StratifiedSplit(ids, classes, fraction, rand.New(rand.NewPCG(seed, 1)))
		if err != nil {
			require.ErrorIs(t, err, ErrSplit)
			return
		}
		require.Len(t, slices.Compact(slices.Sorted(slices.Values(slices.Concat(rest, part)))), len(ids))
		require.InDelta(t, fraction*float64(len(ids)), float64(len(part)), 0.5+1e-9)
		for c := int32(-1); c <= 3; c++ {
			n, m := 0, 0
			for _, y := range classes {
				if y == c {
					n++
				}
			}
			for _, r := range part {
				if classes[r] == c {
					m++
				}
			}
			require.InDelta(t, fraction*float64(n), float64(m), 1+1e-9)
		}
		rest2, part2, err := StratifiedSplit(take(ids, order), take(classes, order), fraction, rand.New(rand.NewPCG(seed, 1)))
		require.NoError(t, err)
		require.Equal(t, take(ids, part), take(take(ids, order), part2))
		require.Equal(t, take(ids, rest), take(take(ids, order), rest2))
	})
}

func TestPlanetoidSplit(t *testing.T) {
	ids, classes := make([]uint64, 100), make([]int32, 100)
	for i := range ids {
		ids[i], classes[i] = uint64(1000-i), int32(i%4)-1
	}
	rng := func() *rand.Rand { return rand.New(rand.NewPCG(3, 3)) }
	train, val, test, err := PlanetoidSplit(ids, classes, 5, 20, 30, rng())
	require.NoError(t, err)
	require.Equal(t, []int{15, 20, 30}, []int{len(train), len(val), len(test)})
	require.Len(t, slices.Compact(slices.Sorted(slices.Values(slices.Concat(train, val, test)))), 65)
	require.Equal(t, []int{5, 5, 5}, histogram(take(classes, train), 3))
	require.NotContains(t, take(classes, slices.Concat(train, val, test)), int32(-1))

	order := permutation(100, rng())
	train2, val2, test2, err := PlanetoidSplit(take(ids, order), take(classes, order), 5, 20, 30, rng())
	require.NoError(t, err)
	for i, rows := range [][]int32{train, val, test} {
		require.Equal(t, take(ids, rows), take(take(ids, order), [][]int32{train2, val2, test2}[i]))
	}
	_, _, test, err = PlanetoidSplit(ids, classes, 5, 20, 0, rng())
	require.NoError(t, err)
	require.Len(t, test, 75-15-20)
}

func TestSplitErrors(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	ids, classes := []uint64{1, 2, 3}, []int32{0, 0, 1}
	twice := []uint64{1, 2, 1}
	for _, k := range []int{-1, 0, 1, 4} {
		_, err := StratifiedFolds(ids, classes, k, rng)
		require.ErrorIs(t, err, ErrSplit)
	}
	_, err := StratifiedFolds(ids, classes[:2], 2, rng)
	require.ErrorContains(t, err, "3 identities and 2 classes")
	_, err = StratifiedFolds(twice, classes, 2, rng)
	require.ErrorContains(t, err, "both have identity 1")
	for _, f := range []float64{0, 1, -1, 0.01, 0.99} {
		_, _, err = StratifiedSplit(ids, classes, f, rng)
		require.ErrorIs(t, err, ErrSplit)
	}
	_, _, err = StratifiedSplit(twice, classes, 0.5, rng)
	require.ErrorIs(t, err, ErrSplit)
	for _, c := range [][3]int{{0, 0, 0}, {2, 0, 0}, {1, -1, 0}, {1, 2, 0}, {1, 1, 1}} {
		_, _, _, err = PlanetoidSplit(ids, classes, c[0], c[1], c[2], rng)
		require.ErrorIs(t, err, ErrSplit, c)
	}
	_, _, _, err = PlanetoidSplit(twice, classes, 1, 0, 0, rng)
	require.ErrorIs(t, err, ErrSplit)
}

func TestNormalizeRows(t *testing.T) {
	x := tensor.FromRows([][]float32{{1, 3, 0}, {0, 0, 0}, {0.1, 0.2, 0.3}, {1, -1, 0}})
	g := graph.Must(graph.New(4, nil))
	third := float64(float32(0.1)) + float64(float32(0.2)) + float64(float32(0.3))
	share := func(v float32) float32 { return float32(float64(v) / third) }
	want := tensor.FromRows([][]float32{{0.25, 0.75, 0}, {0, 0, 0},
		{share(0.1), share(0.2), share(0.3)}, {1, -1, 0}})
	dense := NormalizeRows(&gnn.Data[float32]{Graph: g, X: x})
	require.Equal(t, want, dense.X)
	sparse := &gnn.Data[float32]{Graph: g, Sparse: tensor.CSRFromDense(x)}
	require.Equal(t, want, NormalizeRows(sparse).Sparse.Dense())
	require.Equal(t, float32(3), x.At(0, 1)) // the input is not written
	require.Equal(t, float32(3), sparse.Sparse.Dense().At(0, 1))
	require.True(t, NormalizeRows(&gnn.Data[float32]{Graph: g}).X.Empty())
}

func TestFeatureTransforms(t *testing.T) {
	star := graph.Must(graph.NewUndirected(4, [][2]int32{{0, 1}, {0, 2}, {0, 3}}))
	s := &Set[float64]{Task: GraphClassification, Data: []*gnn.Data[float64]{{Graph: star}}}
	require.Equal(t, []float64{0, 0, 0, 1}, DegreeFeatures(s, 0).Data[0].X.Row(0))
	require.Equal(t, []float64{0, 1, 0, 0}, DegreeFeatures(s, 0).Data[0].X.Row(3))
	require.Equal(t, []float64{0, 0, 1}, DegreeFeatures(s, 2).Data[0].X.Row(0))
	require.Equal(t, 4, FillFeatures(s).Features())
	require.Zero(t, s.Features())
	k := Karate[float64]()
	require.Same(t, k, FillFeatures(k))
	require.Equal(t, 18, DegreeFeatures(k, 0).Data[0].Sparse.Cols)
	one := ConstantFeatures(k)
	require.NoError(t, one.Validate())
	require.Equal(t, 1, one.Features())
	require.Equal(t, 1.0, one.Data[0].X.At(33, 0))

	big := make([][2]int32, 300)
	for i := range big {
		big[i] = [2]int32{int32(i), 300}
	}
	s.Data[0] = &gnn.Data[float64]{Graph: graph.Must(graph.New(301, big))}
	require.Equal(t, 256, DegreeFeatures(s, 0).Features())
	require.Equal(t, 1.0, DegreeFeatures(s, 0).Data[0].X.At(300, 255))
}

func TestSetValidate(t *testing.T) {
	good := func() *Set[float64] {
		s := Karate[float64]()
		d := *s.Data[0]
		s.Data[0] = &d
		return s
	}
	graphs, err := Open[float64](files(pair()), "", Limits{})
	require.NoError(t, err)
	bareSecond, names := *graphs.Data[1], graphs.ClassNames
	bareSecond.X = tensor.Dense[float64]{}
	uneven := []*gnn.Data[float64]{graphs.Data[0], &bareSecond}
	for want, broken := range map[string]*Set[float64]{
		"on 2 graphs":               {Data: graphs.Data},
		"1 class names for 2":       {Task: GraphClassification, Classes: 2, ClassNames: []string{"a"}},
		"graph 0: gnn: data":        {Task: GraphClassification, Data: []*gnn.Data[float64]{{}}},
		"graph 1 has 0 node and 5":  {Task: GraphClassification, Data: uneven, Classes: 2, ClassNames: names},
		"graph 0 has 0 classes":     {Task: GraphClassification, Data: []*gnn.Data[float64]{{Graph: graphs.Data[1].Graph}}},
		"row 0: class 1 is not in ": {Task: GraphClassification, Data: graphs.Data, Classes: 1, ClassNames: []string{"a"}},
	} {
		require.ErrorContains(t, broken.Validate(), want)
	}
	s := good()
	s.Data[0].NodeClass = nil
	require.ErrorContains(t, s.Validate(), "graph 0 has 0 classes, want 34")
	require.NoError(t, good().Validate())
	require.Zero(t, new(Set[float32]).Features())
	require.Zero(t, new(Set[float32]).EdgeFeatures())

	bare := &Set[float64]{Data: []*gnn.Data[float64]{{Graph: graph.Must(graph.New(2, nil)), NodeClass: []int32{1, 0}}}}
	ids, _ := bare.Labels()
	require.Equal(t, []uint64{0, 1}, ids)
	bare.Task = GraphClassification
	two := graph.Must(graph.New(2, nil))
	bare.Data = []*gnn.Data[float64]{{Graph: two, GraphClass: []int32{1}}, {Graph: two, GraphClass: []int32{0}}}
	ids, _ = bare.Labels()
	require.Equal(t, []uint64{0, 1}, ids)

	require.Equal(t, "node classification", NodeClassification.String())
	require.Equal(t, "graph classification", GraphClassification.String())
	require.Equal(t, "Task(7)", Task(7).String())
}
