package dataset_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/dataset"
	"symbridge/internal/testdata"
)

// Colours move with the nodes and do not change, behind features that stay.
func TestColourFeatures(t *testing.T) {
	sets := []*dataset.Set[float32]{dataset.Karate[float32]()}
	for _, name := range []string{"mutag", "cora"} {
		s, err := dataset.Load[float32](testdata.Shared(t, "data/"+name), "", dataset.Limits{})
		require.NoError(t, err)
		sets = append(sets, s)
	}
	for _, s := range sets {
		coloured := dataset.ColourFeatures(s, 2)
		require.Greater(t, coloured.Features(), s.Features())
		require.LessOrEqual(t, coloured.Features(), s.Features()+dataset.MaxColours)
		again := dataset.ColourFeatures(s.Relabel(rand.New(rand.NewPCG(1, 1))), 2)
		want := coloured.Relabel(rand.New(rand.NewPCG(1, 1)))
		for i, d := range want.Data {
			require.NoError(t, d.Validate())
			require.Equal(t, d.X, again.Data[i].X, s.Name)
			require.Equal(t, d.Sparse, again.Data[i].Sparse, s.Name)
		}
		for i, d := range s.Data {
			for v := range d.Graph.NumNodes() {
				if d.Sparse == nil && d.Features() > 0 {
					require.Equal(t, d.X.Row(v), coloured.Data[i].X.Row(v)[:d.Features()])
				}
			}
		}
	}
	club := sets[0] // 27 roles after two rounds
	require.Equal(t, club.Features()+27, dataset.ColourFeatures(club, 2).Features())
}
