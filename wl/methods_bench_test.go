package wl

import (
	"compress/gzip"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/graph"
	"symbridge/graph/graphio"
	"symbridge/internal/testdata"
)

func dimacs(t testing.TB, name string) *graph.Graph {
	f, err := os.Open(testdata.Shared(t, name))
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	file, err := graphio.ReadDIMACS(z, graphio.Limits{})
	require.NoError(t, err)
	return file.Graph
}

func BenchmarkColour(b *testing.B) {
	for _, c := range []struct {
		name    string
		methods []Method
	}{
		{"cfi_K6", []Method{OneWL, ShortestPath, OneMark, RandomWalk(16), DeltaTwoLWL, TwoFWL, TwoMarks}},
		{"latin_rand10", []Method{OneWL, OneMark, TwoFWL, TwoMarks}},
		{"mz_10", []Method{TwoFWL, TwoMarks}},
		{"gnp_n400_p50", []Method{OneWL, TwoFWL}},
		{"rook_4", []Method{ThreeFWL}},
		{"triangular_8", []Method{ThreeFWL}},
	} {
		g := dimacs(b, "data/iso-bench/"+c.name+".col.gz")
		for _, m := range c.methods {
			b.Run(c.name+"/"+m.String(), func(b *testing.B) {
				b.ReportMetric(float64(g.NumNodes()), "nodes")
				for b.Loop() {
					_, err := Colour(b.Context(), g, m, Options{})
					require.NoError(b, err)
				}
			})
		}
	}
}

// All pairs of the shared parts of BREC, 420 graphs with at most 19 nodes.
func BenchmarkBREC(b *testing.B) {
	var gs []*graph.Graph
	for _, part := range []string{"basic", "regular", "extension"} {
		gs = append(gs, brec(b, part)...)
	}
	for _, m := range []Method{OneWL, ShortestPath, OneMark, RandomWalk(16), DeltaTwoLWL, TwoFWL, TwoMarks, ThreeFWL} {
		b.Run(m.String(), func(b *testing.B) {
			for b.Loop() {
				countOf(b, gs, m)
			}
		})
	}
}
