package main

import (
	"context"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every graph is tested once a seed, and no part of a split meets another.
func TestSplits(t *testing.T) {
	dir := t.TempDir()
	tiny(t, dir)
	for _, folds := range []int{0, 3, 4} {
		for _, val := range []float64{0, 0.3} {
			o := &options{data: dir, seeds: 2, folds: folds, validation: val, set: map[string]bool{"val": true, "folds": folds > 0}}
			e, err := newExperiment(o)
			require.NoError(t, err)
			require.Equal(t, 2*max(1, folds), e.runs())
			tested := map[int32]int{}
			for k := range max(1, folds) {
				fold := k
				if folds == 0 {
					fold = -1
				}
				s, err := e.split(0, fold)
				require.NoError(t, err)
				again, err := e.split(0, fold)
				require.NoError(t, err)
				require.Equal(t, s, again)
				all := slices.Concat(s.Train, s.Val, s.Test)
				slices.Sort(all)
				require.Len(t, slices.Compact(all), 12)
				require.Equal(t, val > 0, len(s.Val) > 0)
				for _, g := range s.Test {
					tested[g]++
				}
			}
			for _, times := range tested {
				require.Equal(t, 1, times)
			}
			if folds > 0 {
				require.Len(t, tested, 12)
			}
			a, err := e.split(0, min(folds-1, 0))
			require.NoError(t, err)
			b, err := e.split(1, min(folds-1, 0))
			require.NoError(t, err)
			require.NotEqual(t, a, b, "another seed, another split")
		}
	}
}

func TestMeanStd(t *testing.T) {
	m, s := meanStd([]float64{1, 2, 3, 4})
	require.InDelta(t, 2.5, m, 1e-15)
	require.InDelta(t, 1.2909944487358056, s, 1e-15)
	m, s = meanStd([]float64{7})
	require.Equal(t, []float64{7, 0}, []float64{m, s})
	m, s = meanStd(nil)
	require.Equal(t, []float64{0, 0}, []float64{m, s})
}

func Example() {
	run(context.Background(), []string{"certify", "-data", "karate", "-model", "gin"}, nil, os.Stdout, os.Stderr)
	// Output:
	// data         karate: node classification, 34 nodes, 156 arcs, 34 features, 2 classes; 2 nodes for training, 0 for validation, 32 for the test
	// model        gin, 2 layers, hidden 16, random weights
	// certificate  S_34, |G| = 2.952e+38: EXACT
	// outputs      0 of 24120 entries differ over 20 random relabelings and edge orders
	//              0 differing bits, max 0 ulp, max abs 0
	// weights      665856 in dense maps, 1152 equivariant ones among them: a factor 578, not |G|
	// parameters   1138 of the model
	// gradients    22760 of the entries are gradients of a training step
}
