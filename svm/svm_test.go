package svm_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"symbridge/dataset"
	"symbridge/svm"
	"symbridge/tensor"
)

// clouds draws points around a centre a class, and returns the products of the points, with 1 added.
func clouds(rng *rand.Rand, n, classes int, spread float64) (*mat.SymDense, []int32) {
	x, y := mat.NewDense(n, 3, nil), make([]int32, n)
	for i := range n {
		y[i] = int32(rng.IntN(classes))
		for j := range 3 {
			v := spread * rng.NormFloat64()
			if int(y[i])%3 == j {
				v += 1 + float64(y[i]/3)
			}
			x.Set(i, j, v)
		}
	}
	gram := mat.NewSymDense(n, nil)
	gram.SymOuterK(1, x)
	return gram, y
}

func count(n int) []int32 {
	rows := make([]int32, n)
	for i := range rows {
		rows[i] = int32(i)
	}
	return rows
}

// The dual is optimal: its value is that of the primal.
func TestDualityGap(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	for _, spread := range []float64{0.1, 1, 0} {
		for _, c := range []float64{1e-3, 1, 100, 1e4} {
			gram, y := clouds(rng, 80, 2, spread)
			m, err := svm.Train(context.Background(), gram, y, count(80), svm.Config{C: c, Tolerance: 1e-6})
			require.NoError(t, err)
			require.True(t, m.Converged)
			square, dual, hinge, sum := 0.0, 0.0, 0.0, 0.0
			for i, f := range m.Decide(gram, count(80)) {
				b, sign := m.Coef[0][i], float64(2*y[i]-1)
				require.GreaterOrEqual(t, sign*b, 0.0)
				require.LessOrEqual(t, sign*b, c)
				square += b * (f[0] - m.Bias[0])
				dual, hinge, sum = dual+sign*b, hinge+max(0, 1-sign*f[0]), sum+b
			}
			primal := square/2 + c*hinge
			require.InDelta(t, 0, sum, 1e-9*c*80)
			require.InDelta(t, 1, (dual-square/2)/primal, 1e-4, "C %v, spread %v", c, spread)
		}
	}
}

// Rows in another order give the same functions, up to the tolerance.
func TestOrderOfRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 0))
	gram, y := clouds(rng, 60, 4, 0.5)
	rows := count(60)
	a, err := svm.Train(context.Background(), gram, y, rows, svm.Config{})
	require.NoError(t, err)
	rng.Shuffle(60, func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	b, err := svm.Train(context.Background(), gram, y, rows, svm.Config{})
	require.NoError(t, err)
	require.Equal(t, []int32{0, 1, 2, 3}, a.Classes)
	for i, f := range a.Decide(gram, count(60)) {
		for c, g := range b.Decide(gram, []int32{int32(i)})[0] {
			require.InDelta(t, f[c], g, 0.01)
		}
	}
}

func TestManyClasses(t *testing.T) {
	gram, y := clouds(rand.New(rand.NewPCG(3, 0)), 90, 3, 0.1)
	folds, err := svm.Evaluate(context.Background(), []*mat.SymDense{gram}, identities(90), y, svm.Protocol{}, nil)
	require.NoError(t, err)
	require.Len(t, folds, 10)
	seen := map[int32]bool{}
	for _, f := range folds {
		require.Equal(t, 1.0, f.Accuracy())
		require.Equal(t, 1.0, f.Inner)
		require.True(t, f.Converged)
		for _, r := range f.Test {
			require.False(t, seen[r])
			seen[r] = true
		}
	}
	require.Len(t, seen, 90)
}

func identities(n int) []uint64 {
	ids := make([]uint64, n)
	for i := range ids {
		ids[i] = uint64(i) * 7
	}
	return ids
}

// Reordering the rows of everything, and the number of cores, change no bit.
func TestEvaluateInAnyOrder(t *testing.T) {
	const n = 70
	rng := rand.New(rand.NewPCG(4, 0))
	gram, y := clouds(rng, n, 2, 1.2)
	noise, _ := clouds(rng, n, 2, 1)
	y[5] = -1
	p := svm.Protocol{Folds: 5, Inner: 3, C: []float64{0.1, 1, 10}, Seed: 9}
	ids := identities(n)
	a, err := svm.Evaluate(context.Background(), []*mat.SymDense{noise, gram}, ids, y, p, nil)
	require.NoError(t, err)

	to := rng.Perm(n)
	moved := func(g *mat.SymDense) *mat.SymDense {
		out := mat.NewSymDense(n, nil)
		for i := range n {
			for j := range n {
				out.SetSym(to[i], to[j], g.At(i, j))
			}
		}
		return out
	}
	ids2, y2 := make([]uint64, n), make([]int32, n)
	for i, at := range to {
		ids2[at], y2[at] = ids[i], y[i]
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	calls := 0
	b, err := svm.Evaluate(context.Background(), []*mat.SymDense{moved(noise), moved(gram)}, ids2, y2, p, func(done int) { calls++ })
	require.NoError(t, err)
	require.Equal(t, 5, calls)
	tested := 0
	for k := range a {
		for i, r := range a[k].Test {
			require.Equal(t, int32(to[r]), b[k].Test[i])
		}
		tested += len(a[k].Test)
		b[k].Test = a[k].Test
		require.Equal(t, a[k], b[k])
	}
	require.Equal(t, n-1, tested, "the row without a class is left out")
	require.Greater(t, a[0].Correct+a[1].Correct+a[2].Correct+a[3].Correct+a[4].Correct, n*6/10)
}

// The test rows have no part in the choice: their classes turned round leave the predictions as they are.
func TestChoiceWithoutTestRows(t *testing.T) {
	const n = 40
	gram, y := clouds(rand.New(rand.NewPCG(5, 0)), n, 2, 1)
	m, err := svm.Train(context.Background(), gram, y, count(n)[:30], svm.Config{})
	require.NoError(t, err)
	turned := append([]int32(nil), y...)
	for i := 30; i < n; i++ {
		turned[i] = 1 - turned[i]
	}
	o, err := svm.Train(context.Background(), gram, turned, count(n)[:30], svm.Config{})
	require.NoError(t, err)
	require.Equal(t, m, o)
}

func TestErrors(t *testing.T) {
	ctx := context.Background()
	gram, y := clouds(rand.New(rand.NewPCG(6, 0)), 20, 2, 1)
	one := make([]int32, 20)
	_, err := svm.Train(ctx, gram, one, count(20), svm.Config{})
	require.ErrorIs(t, err, svm.ErrClasses)
	_, err = svm.Evaluate(ctx, []*mat.SymDense{gram}, identities(20), one, svm.Protocol{}, nil)
	require.ErrorIs(t, err, svm.ErrClasses)
	_, err = svm.Evaluate(ctx, []*mat.SymDense{gram}, identities(20), y, svm.Protocol{Folds: 21}, nil)
	require.ErrorIs(t, err, dataset.ErrSplit)
	stopped, stop := context.WithCancel(ctx)
	stop()
	_, err = svm.Train(stopped, gram, y, count(20), svm.Config{})
	require.ErrorIs(t, err, context.Canceled)
	_, err = svm.Evaluate(stopped, []*mat.SymDense{gram}, identities(20), y, svm.Protocol{}, nil)
	require.ErrorIs(t, err, context.Canceled)
	m, err := svm.Train(ctx, gram, y, count(20), svm.Config{C: 1000, Steps: 3})
	require.NoError(t, err)
	require.False(t, m.Converged)

	for _, f := range []func(){
		func() { _, _ = svm.Train(ctx, gram, y, count(20), svm.Config{C: -1}) },
		func() {
			_, _ = svm.Evaluate(ctx, []*mat.SymDense{gram}, identities(20), y, svm.Protocol{C: []float64{1, 1}}, nil)
		},
		func() { _, _ = svm.Evaluate(ctx, nil, identities(20), y, svm.Protocol{}, nil) },
	} {
		var value tensor.ValueError
		require.ErrorAs(t, panicked(f), &value)
	}
	var shape tensor.ShapeError
	require.ErrorAs(t, panicked(func() { _, _ = svm.Train(ctx, gram, y[1:], count(19), svm.Config{}) }), &shape)
}

func panicked(f func()) (err error) {
	defer func() { err, _ = recover().(error) }()
	f()
	return nil
}
