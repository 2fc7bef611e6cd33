package wl

import (
	"context"
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/graph"
	"symbridge/graph/enumerate"
)

// fromRows returns the graph of an adjacency matrix.
func fromRows(rows []uint64) *graph.Graph {
	var edges [][2]int32
	for v, row := range rows {
		for row &= 1<<v - 1; row != 0; row &= row - 1 {
			edges = append(edges, [2]int32{int32(v), int32(bits.TrailingZeros64(row))})
		}
	}
	return undirected(len(rows), edges...)
}

func TestRowsDigest(t *testing.T) {
	same := func(rows []uint64) {
		t.Helper()
		f, err := Canonical(context.Background(), fromRows(rows), CanonicalOptions{})
		require.NoError(t, err)
		require.Equal(t, f.Digest, RowsDigest(rows), "%x", rows)
	}
	for n := range 8 {
		for rows := range enumerate.Rows(n, false) {
			same(rows)
		}
	}
	rng := rand.New(rand.NewPCG(3, 3))
	for range 2000 {
		n := 1 + rng.IntN(RowsNodes)
		rows := make([]uint64, n)
		for k := rng.IntN(1 + n*n/2); k > 0; k-- {
			if u, v := rng.IntN(n), rng.IntN(n); u != v {
				rows[u] |= 1 << v
				rows[v] |= 1 << u
			}
		}
		same(rows)
	}
	for _, rows := range [][]uint64{{1}, {2}, {2, 0}, {0, 1}, {2, 5, 0}, make([]uint64, RowsNodes+1)} {
		require.Panics(t, func() { RowsDigest(rows) }, "%x", rows)
	}
	rows := []uint64{6, 5, 3}
	require.Zero(t, testing.AllocsPerRun(100, func() { RowsDigest(rows) }))
}

// BenchmarkSmall is the time of a canonical digest of each of the graphs with 9 nodes.
func BenchmarkSmall(b *testing.B) {
	var rows [][]uint64
	var graphs []*graph.Graph
	for r := range enumerate.Rows(9, false) {
		rows, graphs = append(rows, append([]uint64(nil), r...)), append(graphs, fromRows(r))
	}
	b.Run("RowsDigest", func(b *testing.B) {
		for i := 0; b.Loop(); i = (i + 1) % len(rows) {
			RowsDigest(rows[i])
		}
	})
	b.Run("Canonical", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i = (i + 1) % len(rows) {
			canonicalOf(b, graphs[i], CanonicalOptions{})
		}
	})
}
