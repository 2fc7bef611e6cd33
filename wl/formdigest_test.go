package wl

import (
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
func plainByDefinition(g *graph.Graph, place []int32) [32]byte {
	var b []byte
	put := func(numbers ...uint32) {
		for _, x := range numbers {
			b = binary.LittleEndian.AppendUint32(b, x)
		}
	}
	n := g.NumNodes()
	smaller := make([][]uint32, n) // places of neighbours, by place
	for e, u := range g.From() {
		if k, j := place[g.To()[e]], place[u]; j < k {
			smaller[k] = append(smaller[k], uint32(j))
		}
	}
	put(uint32(len(CanonicalVersion)))
	b = append(b, CanonicalVersion...)
	if put(uint32(n)); n == 0 {
		put(0)
	} else {
		put(1, 0, 0, 0) // a colour: its label, and no loops
	}
	if g.NumEdges() == 0 {
		put(0)
	} else {
		put(1, 1, 0, 0, 1, 0, 0) // a colour: an arc that leaves, an arc that enters
	}
	put(make([]uint32, n)...)
	for _, row := range smaller {
		slices.Sort(row)
		put(uint32(len(row)))
		for _, j := range row {
			put(j, 0)
		}
	}
	return sha256.Sum256(b)
}

func TestRowsDigest(t *testing.T) {
	same := func(rows []uint64) {
		t.Helper()
		g := fromRows(rows)
		f := canonicalOf(t, g, CanonicalOptions{})
		require.Equal(t, plainByDefinition(g, f.Labelling), f.Digest, "%x", rows)
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
	for _, rows := range [][]uint64{{1}, {2}, {2, 0}, {0, 1}, {2, 5, 0}, {2, 0, 1}, {3, 1}, {2, 1, 8}, {0, 3}, {1 << 63}, make([]uint64, RowsNodes+1)} {
		require.Panics(t, func() { RowsDigest(rows) }, "%x", rows)
	}
}

// A digest of more than a buffer holds is that of the definition too.
func TestDigestOfLargeGraph(t *testing.T) {
	for _, n := range []int{65, 2000, 2100, 9000} { // a buffer holds a cycle of about 2040 nodes
		var edges [][2]int32
		for v := range int32(n) {
			edges = append(edges, [2]int32{v, (v + 1) % int32(n)})
		}
		g := undirected(n, edges...)
		f := canonicalOf(t, g, CanonicalOptions{})
		require.Equal(t, plainByDefinition(g, f.Labelling), f.Digest, "%d nodes", n)
	}
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
