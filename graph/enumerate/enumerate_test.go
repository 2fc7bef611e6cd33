package enumerate

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/graph/graphio"
	"symbridge/internal/small"
	"symbridge/internal/testdata"
)

// Counts by number of nodes: OEIS A000088, A001349, A003400.
var (
	allGraphs       = []int{1, 1, 2, 4, 11, 34, 156, 1044, 12346, 274668}
	connectedGraphs = []int{0, 1, 1, 2, 6, 21, 112, 853, 11117, 261080}
	asymmetric      = []int{1, 1, 0, 0, 0, 0, 8, 152, 3696, 135004}
)

func count(n int, connected bool) (c int) {
	for range Rows(n, connected) {
		c++
	}
	return c
}

func relabel(rows []uint64, rng *rand.Rand) []uint64 {
	p := rng.Perm(len(rows))
	r := make([]uint64, len(rows))
	for v, row := range rows {
		for u := range rows {
			r[p[v]] |= row >> u & 1 << p[u]
		}
	}
	return r
}

type form [9]uint64

func formOf(e *small.Engine, rows []uint64) (f form) {
	e.Canonise(len(rows), rows, nil)
	copy(f[:], e.Form())
	return f
}

// check counts the graphs, sees that no two have one form, that another labelling has the same form, and that all labelled
// copies together are all labelled graphs.
func check(t *testing.T, n int) {
	rng := rand.New(rand.NewPCG(3, uint64(n)))
	factorial := uint64(1)
	for k := range uint64(n) {
		factorial *= k + 1
	}
	seen := map[form]bool{}
	var labelled uint64
	rigid := 0
	e := &small.Engine{}
	for rows := range Rows(n, false) {
		f := formOf(e, rows)
		if seen[f] {
			t.Fatalf("%x has the form of another", rows)
		}
		seen[f] = true
		size, _ := e.Size()
		labelled += factorial / size
		if size == 1 {
			rigid++
		}
		e.WithoutGenerators = !e.WithoutGenerators
		if f != formOf(e, relabel(rows, rng)) {
			t.Fatalf("%x has two forms", rows)
		}
		if other, _ := e.Size(); size != other {
			t.Fatalf("%x has two orders", rows)
		}
	}
	require.Len(t, seen, allGraphs[n])
	require.Equal(t, connectedGraphs[n], count(n, true))
	require.Equal(t, asymmetric[n], rigid)
	require.Equal(t, uint64(1)<<(n*(n-1)/2), labelled)
}

func TestGraphs(t *testing.T) {
	for n := range 9 {
		check(t, n)
	}
}

func TestGraphsWithNineNodes(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: 274,668 graphs in -short mode")
	}
	check(t, 9)
}

// The connected graphs are those that geng made.
func TestPublishedGraphs(t *testing.T) {
	dir := testdata.Shared(t, "data/smallgraphs")
	e := &small.Engine{WithoutGenerators: true}
	for n := 2; n <= 8; n++ {
		published := map[form]bool{}
		f, err := os.Open(filepath.Join(dir, fmt.Sprintf("graph%dc.g6", n)))
		require.NoError(t, err)
		for g, err := range graphio.Graph6(f, graphio.Limits{}) {
			require.NoError(t, err)
			rows := make([]uint64, n)
			for _, e := range g.EdgeList() {
				rows[e[0]] |= 1 << e[1]
				rows[e[1]] |= 1 << e[0]
			}
			published[formOf(e, rows)] = true
		}
		f.Close()
		require.Len(t, published, connectedGraphs[n])
		for rows := range Rows(n, true) {
			if !published[formOf(e, rows)] {
				t.Fatalf("%x was not published", rows)
			}
		}
	}
}

func TestGraphsAreTheRows(t *testing.T) {
	var lists [][]uint64
	for rows := range Rows(5, true) {
		lists = append(lists, append([]uint64(nil), rows...))
	}
	i := 0
	for g := range Connected(5) {
		require.Equal(t, 5, g.NumNodes())
		require.True(t, g.Undirected())
		rows := make([]uint64, 5)
		for _, e := range g.EdgeList() {
			rows[e[0]] |= 1 << e[1]
			rows[e[1]] |= 1 << e[0]
		}
		require.Equal(t, lists[i], rows)
		i++
	}
	require.Equal(t, len(lists), i)
}

func TestEnd(t *testing.T) {
	seen := 0
	for range Graphs(12) {
		if seen++; seen == 100 {
			break
		}
	}
	require.Equal(t, 100, seen)
	require.Panics(t, func() { Rows(-1, false) })
	require.Panics(t, func() { Rows(MaxNodes+1, false) })
}
