package dataset

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/graph/graphio"
	"symbridge/internal/testdata"
)

func entries(t *testing.T, name, format string) (all []*Entry) {
	t.Helper()
	for e, err := range Graphs(name, format, Limits{}, graphio.Reading{}) {
		require.NoError(t, err, name)
		all = append(all, e)
	}
	return all
}

func TestEntry(t *testing.T) {
	s, err := Open[float64](files(pair()), "", Limits{})
	require.NoError(t, err)
	check := func(s *Set[float64]) {
		a, b := s.Entry(0), s.Entry(1)
		require.Equal(t, "5", a.Class)
		require.Equal(t, "-3", b.Class)
		for _, e := range []*Entry{a, b} {
			for v, id := range e.Graph.NodeIDs() {
				require.Equal(t, a.NodeLabels[slices.Index(a.Graph.NodeIDs(), 0)] == e.NodeLabels[v], id == 0 || id >= 3, "labels 7,0")
			}
			for k, id := range e.Graph.EdgeIDs() {
				require.Equal(t, []uint64{1, 1, 2, 2, 0}[id], e.EdgeLabels[k])
			}
		}
	}
	check(s)
	check(s.Relabel(rand.New(rand.NewPCG(1, 1))))
	check(DegreeFeatures(s, 0).Map(NormalizeRows[float64]).Relabel(rand.New(rand.NewPCG(2, 1))))
	require.Nil(t, Karate[float32]().Entry(0).NodeLabels)
}

func TestGraphs(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		return path
	}
	for name, text := range pair() {
		write("tu/"+name, text)
	}
	gin := write("gin/G.txt", twoGraphs)
	require.Len(t, entries(t, filepath.Join(dir, "tu"), ""), 2)
	require.Len(t, entries(t, "karate", ""), 1)
	for _, all := range [][]*Entry{entries(t, gin, ""), entries(t, filepath.Dir(gin), ""), entries(t, gin, FormatGIN)} {
		require.Len(t, all, 2)
		require.NotEmpty(t, all[0].Class)
		require.NotEmpty(t, all[0].NodeLabels)
	}
	require.Len(t, entries(t, write("list.txt", "0 1\n1 2\n"), ""), 1)
	require.Len(t, entries(t, write("g.txt", "C~\nC~\n"), ""), 2)
	require.Len(t, entries(t, write("g", "1 2\n"), graphio.FormatEdgeList), 1)
	for _, c := range [][2]string{{"missing", ""}, {"g.txt", "tu"}, {"tu", "graph6"}, {"list.txt", "gin"}} {
		n := 0
		for e, err := range Graphs(filepath.Join(dir, c[0]), c[1], Limits{}, graphio.Reading{}) {
			require.Error(t, err)
			require.Nil(t, e)
			n++
		}
		require.Equal(t, 1, n, c)
	}
}

// The two encodings of MUTAG hold the same labels.
func TestGraphsOfMUTAG(t *testing.T) {
	dir := testdata.Shared(t, "data/mutag")
	histograms := map[string]map[uint64]int{}
	for _, format := range []string{FormatTU, FormatGIN} {
		all := entries(t, dir, format)
		require.Len(t, all, 188)
		nodes, edges := map[uint64]int{}, map[uint64]int{}
		for _, e := range all {
			for _, l := range e.NodeLabels {
				nodes[l]++
			}
			for _, l := range e.EdgeLabels {
				edges[l]++
			}
		}
		require.Len(t, nodes, 7)
		histograms[format] = nodes
		if format == FormatTU {
			require.Len(t, edges, 4)
		}
	}
	byCount := func(h map[uint64]int) (counts []int) {
		for _, c := range h {
			counts = append(counts, c)
		}
		slices.Sort(counts)
		return counts
	}
	require.Equal(t, byCount(histograms[FormatTU]), byCount(histograms[FormatGIN]))

	folds, err := ReadFolds(os.DirFS(filepath.Join(dir, "10fold_idx")), 188, Limits{})
	require.NoError(t, err)
	require.Len(t, folds, 10)
	for _, f := range folds {
		require.Len(t, f, 18)
	}
}

func TestReadFoldsErrors(t *testing.T) {
	for _, c := range []struct {
		files map[string]string
		want  string
	}{
		{nil, "want two folds"},
		{map[string]string{"test_idx-1.txt": "1", "test_idx-3.txt": "2"}, "test_idx-2.txt is missing"},
		{map[string]string{"test_idx-1.txt": "1\n2\n", "test_idx-2.txt": "2"}, "2 is in test_idx-1.txt too"},
		{map[string]string{"test_idx-1.txt": "1\n5\n", "test_idx-2.txt": "2"}, "5 is not in 0..4"},
		{map[string]string{"test_idx-1.txt": "1 3\n", "test_idx-2.txt": "2"}, "surplus"},
	} {
		_, err := ReadFolds(files(c.files), 5, Limits{})
		require.ErrorContains(t, err, c.want)
		require.True(t, isData(err))
	}
}
