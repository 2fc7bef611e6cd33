package wl

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/graph"
	"symbridge/internal/testdata"
)

// graph6 decodes one line for at most 62 nodes.
func graph6(t *testing.T, line string) *graph.Graph {
	t.Helper()
	require.NotEmpty(t, line)
	n := int(line[0]) - 63
	require.Less(t, n, 63)
	var edges [][2]int32
	bit := 0
	for j := 1; j < n; j++ {
		for i := range j {
			if (line[1+bit/6]-63)>>(5-bit%6)&1 == 1 {
				edges = append(edges, [2]int32{int32(i), int32(j)})
			}
			bit++
		}
	}
	require.Len(t, line, 1+(bit+5)/6)
	return undirected(n, edges...)
}

// classes counts in three ways that must agree.
func classes(t *testing.T, gs []*graph.Graph) int {
	t.Helper()
	hashes := map[[32]byte]int{}
	r := Refine(graph.Union(gs...), Options{})
	class, count := r.GraphClasses()
	for i, g := range gs {
		h := Hash(g, Options{})
		if j, ok := hashes[h]; ok {
			require.Equal(t, class[j], class[i], "graphs %d and %d have one hash", j, i)
		} else {
			hashes[h] = i
		}
	}
	require.Len(t, hashes, count)
	return count
}

// The 11,117 connected graphs with 8 nodes: 1-WL sees 10,897 of them.
func TestConnectedGraphsWithEightNodes(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(testdata.Shared(t, "data/smallgraphs"), "graph8c.g6"))
	require.NoError(t, err)
	var gs []*graph.Graph
	for line := range strings.FieldsSeq(string(b)) {
		gs = append(gs, graph6(t, line))
	}
	require.Len(t, gs, 11117)
	require.Equal(t, 10897, classes(t, gs))
}

// All graphs with up to 7 nodes, from the Atlas.
func TestAllSmallGraphs(t *testing.T) {
	f, err := os.Open(filepath.Join(testdata.Shared(t, "data/smallgraphs"), "atlas.dat.gz"))
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)

	bySize := make([][]*graph.Graph, 8)
	n, edges := -1, [][2]int32(nil)
	flush := func() {
		if n >= 0 {
			bySize[n] = append(bySize[n], undirected(n, edges...))
		}
		n, edges = -1, nil
	}
	lines := bufio.NewScanner(z)
	for lines.Scan() {
		switch line := lines.Text(); {
		case strings.HasPrefix(line, "GRAPH"):
			flush()
		case strings.HasPrefix(line, "NODES"):
			_, err := fmt.Sscanf(line, "NODES %d", &n)
			require.NoError(t, err)
		default:
			var u, v int32
			_, err := fmt.Sscan(line, &u, &v)
			require.NoError(t, err, "%q", line)
			edges = append(edges, [2]int32{u, v})
		}
	}
	require.NoError(t, lines.Err())
	flush()

	graphs := []int{1, 1, 2, 4, 11, 34, 156, 1044}
	want := []int{1, 1, 2, 4, 11, 34, 152, 1022}
	for size, gs := range bySize {
		require.Len(t, gs, graphs[size])
		require.Equal(t, want[size], classes(t, gs), "%d nodes", size)
	}
}
