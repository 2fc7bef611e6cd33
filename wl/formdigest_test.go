package wl

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
	"slices"
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

// plainByDefinition is the digest of a simple graph without labels, as Canonical defines it, for a labelling.
func plainByDefinition(rows []uint64, place []int32) [32]byte {
	var b []byte
	put := func(numbers ...uint32) {
		for _, x := range numbers {
			b = binary.LittleEndian.AppendUint32(b, x)
		}
	}
	n, at := len(rows), make([]int, len(rows))
	for v, k := range place {
		at[k] = v
	}
	put(uint32(len(CanonicalVersion)))
	b = append(b, CanonicalVersion...)
	if put(uint32(n)); n == 0 {
		put(0)
	} else {
		put(1, 0, 0, 0) // a colour: its label, and no loops
	}
	if slices.Max(append(slices.Clone(rows), 0)) == 0 {
		put(0)
	} else {
		put(1, 1, 0, 0, 1, 0, 0) // a colour: an arc that leaves, an arc that enters
	}
	put(make([]uint32, n)...)
	for k, v := range at {
		var smaller []uint32
		for j, u := range at[:k] {
			if rows[v]>>u&1 != 0 {
				smaller = append(smaller, uint32(j), 0)
			}
		}
		put(uint32(len(smaller) / 2))
		put(smaller...)
	}
	return sha256.Sum256(b)
}

func TestRowsDigest(t *testing.T) {
	same := func(rows []uint64) {
		t.Helper()
		f, err := Canonical(context.Background(), fromRows(rows), CanonicalOptions{})
		require.NoError(t, err)
		require.Equal(t, plainByDefinition(rows, f.Labelling), f.Digest, "%x", rows)
		if len(rows) <= RowsNodes {
			require.Equal(t, f.Digest, RowsDigest(rows), "%x", rows)
		}
	}
	for n := range 8 {
		for rows := range enumerate.Rows(n, false) {
			same(rows)
		}
	}
	rng := rand.New(rand.NewPCG(3, 3))
	for range 2000 {
		n := 1 + rng.IntN(64)
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
