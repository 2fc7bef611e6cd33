package dataset

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"symbridge/graph"
	"symbridge/internal/testdata"
	"symbridge/tensor"
)

func load[T tensor.Float](t testing.TB, name, format string) *Set[T] {
	t.Helper()
	s, err := Load[T](testdata.Shared(t, "data/"+name), format, Limits{})
	require.NoError(t, err)
	require.NoError(t, s.Validate())
	return s
}

// counts adds up the nodes and the edges of a set and checks its identities.
func counts[T tensor.Float](t testing.TB, s *Set[T]) (nodes, edges int) {
	t.Helper()
	for i, d := range s.Data {
		require.Equal(t, []uint64{uint64(i)}, d.Graph.GraphIDs())
		for _, id := range d.Graph.NodeIDs() {
			require.EqualValues(t, nodes, id)
			nodes++
		}
		for _, id := range d.Graph.EdgeIDs() {
			require.EqualValues(t, edges, id)
			edges++
		}
		require.True(t, d.Graph.Undirected())
	}
	return nodes, edges
}

func histogram(classes []int32, c int) []int {
	h := make([]int, c)
	for _, y := range classes {
		if y >= 0 {
			h[y]++
		}
	}
	return h
}

func TestCitationNetworks(t *testing.T) {
	for _, c := range []struct {
		name                                                string
		nodes, pairs, features, nonzeros, train, unlabelled int
		labels                                              []int
	}{
		{"cora", 2708, 5278, 1433, 49216, 140, 0, []int{351, 217, 418, 818, 426, 298, 180}},
		{"citeseer", 3327, 4552, 3703, 105165, 120, 15, []int{249, 590, 668, 701, 596, 508}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := load[float64](t, c.name, "")
			d := s.Data[0]
			nodes, edges := counts(t, s)
			require.Equal(t, c.nodes, nodes)
			require.Equal(t, 2*c.pairs, edges)
			require.True(t, d.Graph.IsSimple())
			require.Equal(t, c.name, s.Name)
			require.Equal(t, NodeClassification, s.Task)
			require.Equal(t, c.features, s.Features())
			require.Len(t, d.Sparse.Idx, c.nonzeros)
			for _, v := range d.Sparse.Val {
				require.Equal(t, 1.0, v)
			}
			require.Equal(t, len(c.labels), s.Classes)
			require.Equal(t, c.labels, histogram(d.NodeClass, s.Classes))
			unknown := 0
			for v, y := range d.NodeClass {
				if y < 0 {
					unknown++
					require.Equal(t, d.Sparse.Ptr[v], d.Sparse.Ptr[v+1])
				}
			}
			require.Equal(t, c.unlabelled, unknown)
			require.Len(t, d.Train, c.train)
			require.Len(t, d.Val, 500)
			require.Len(t, d.Test, 1000)
			require.EqualValues(t, c.train-1, d.Train[len(d.Train)-1])
			require.EqualValues(t, c.train, d.Val[0])
			require.EqualValues(t, c.nodes-1, d.Test[999])
			for _, n := range histogram(d.NodeClass[:c.train], s.Classes) {
				require.Equal(t, 20, n)
			}
			for _, v := range d.Test {
				require.GreaterOrEqual(t, d.NodeClass[v], int32(0))
			}

			n := s.Map(NormalizeRows).Data[0].Sparse
			for i := range n.Rows {
				sum := 0.0
				for _, v := range n.Val[n.Ptr[i]:n.Ptr[i+1]] {
					sum += v
				}
				if n.Ptr[i] < n.Ptr[i+1] {
					require.InDelta(t, 1, sum, 1e-12)
				}
			}
			requireSame(t, s, s.Relabel(rand.New(rand.NewPCG(1, 2))))
		})
	}
}

// requireSame checks that b is a relabelling of a, by identity.
func requireSame[T tensor.Float](t testing.TB, a, b *Set[T]) {
	t.Helper()
	require.NoError(t, b.Validate())
	require.Len(t, b.Data, len(a.Data))
	moved := false
	for i, d := range a.Data {
		e := b.Data[i]
		require.Equal(t, d.Graph.GraphIDs(), e.Graph.GraphIDs())
		require.Equal(t, d.GraphClass, e.GraphClass)
		at := map[uint64]int{}
		for v, id := range e.Graph.NodeIDs() {
			at[id] = v
		}
		require.Len(t, at, d.Graph.NumNodes())
		p := make([]int32, d.Graph.NumNodes())
		for v, id := range d.Graph.NodeIDs() {
			w := at[id]
			p[v] = int32(w)
			moved = moved || v != w
			if d.NodeClass != nil {
				require.Equal(t, d.NodeClass[v], e.NodeClass[w])
			}
			if !d.X.Empty() {
				require.Equal(t, d.X.Row(v), e.X.Row(w))
			}
		}
		if d.Sparse != nil {
			require.Equal(t, d.Sparse.PermuteRows(p).Val, e.Sparse.Val)
			require.Equal(t, d.Sparse.PermuteRows(p).Idx, e.Sparse.Idx)
		}
		for k, v := range d.Test {
			require.Equal(t, p[v], e.Test[k])
		}
		place := map[uint64]int{}
		for k, id := range e.Graph.EdgeIDs() {
			place[id] = k
		}
		require.Len(t, place, d.Graph.NumEdges())
		for k, id := range d.Graph.EdgeIDs() {
			l := place[id]
			moved = moved || k != l
			require.Equal(t, p[d.Graph.From()[k]], e.Graph.From()[l])
			require.Equal(t, p[d.Graph.To()[k]], e.Graph.To()[l])
			if !d.EdgeAttr.Empty() {
				require.Equal(t, d.EdgeAttr.Row(k), e.EdgeAttr.Row(l))
			}
		}
	}
	require.True(t, moved)
}

func TestTUSets(t *testing.T) {
	for _, c := range []struct {
		folder, name                                       string
		graphs, nodes, edges, most, features, edgeFeatures int
		classes                                            []string
		sizes                                              []int
	}{
		{"mutag", "MUTAG", 188, 3371, 7442, 28, 7, 4, []string{"-1", "1"}, []int{63, 125}},
		{"proteins", "PROTEINS", 1113, 43471, 162088, 620, 3 + 1, 0, []string{"1", "2"}, []int{663, 450}},
		{"cuneiform", "Cuneiform", 267, 5680, 23922, 36, 7 + 3, 2 + 2, nil, nil},
	} {
		t.Run(c.folder, func(t *testing.T) {
			s := load[float32](t, c.folder, "")
			nodes, edges := counts(t, s)
			require.Equal(t, [3]int{c.graphs, c.nodes, c.edges}, [3]int{len(s.Data), nodes, edges})
			require.Equal(t, c.name, s.Name)
			require.Equal(t, GraphClassification, s.Task)
			require.Equal(t, c.features, s.Features())
			require.Equal(t, c.edgeFeatures, s.EdgeFeatures())
			most := 0
			var y []int32
			for _, d := range s.Data {
				most = max(most, d.Graph.NumNodes())
				y = append(y, d.GraphClass...)
			}
			require.Equal(t, c.most, most)
			if c.classes != nil {
				require.Equal(t, c.classes, s.ClassNames)
				require.Equal(t, c.sizes, histogram(y, s.Classes))
			} else {
				require.Equal(t, 30, s.Classes)
				require.Equal(t, []string{"0", "1", "29"}, []string{s.ClassNames[0], s.ClassNames[1], s.ClassNames[29]})
				require.Equal(t, 9, histogram(y, 30)[26])
				require.Equal(t, 8, histogram(y, 30)[27])
			}
			requireSame(t, s, s.Relabel(rand.New(rand.NewPCG(1, 2))))
		})
	}
}

// Single rows of the files, worked out by hand.
func TestTURows(t *testing.T) {
	s := load[float64](t, "cuneiform", "tu")
	d := s.Data[0]
	require.Equal(t, []float64{1, 0, 0, 0, 1, 0, 0, 3.6595633181952874, 2.6287972093083667, -13.3789}, d.X.Row(0))
	require.Equal(t, []float64{0, 1, 0, 0, 1, 0, 0}, d.X.Row(1)[:7])
	require.Equal(t, []float64{1, 0, 0, 0}, d.EdgeAttr.Row(0))
	require.Equal(t, [2]int32{0, 1}, d.Graph.EdgeList()[0])

	m := load[float64](t, "mutag", "tu").Data[0]
	require.Equal(t, [2]int32{1, 0}, m.Graph.EdgeList()[0])
	require.Equal(t, []float64{1, 0, 0, 0, 0, 0, 0}, m.X.Row(0))
	require.Equal(t, []float64{1, 0, 0, 0}, m.EdgeAttr.Row(0))
}

func TestGINSets(t *testing.T) {
	for _, c := range []struct {
		folder                         string
		graphs, nodes, edges, features int
		classes                        []string
		sizes                          []int
	}{
		{"mutag", 188, 3371, 7442, 7, []string{"0", "2"}, []int{63, 125}},
		{"proteins", 1113, 43471, 162088, 3, []string{"0", "1"}, []int{663, 450}},
		{"imdb-binary", 1000, 19773, 193062, 0, []string{"0", "1"}, []int{500, 500}},
		{"exp", 1200, -1, 2 * 72530, 2, []string{"0", "1"}, []int{600, 600}},
	} {
		t.Run(c.folder, func(t *testing.T) {
			s := load[float32](t, c.folder, "gin")
			nodes, edges := counts(t, s)
			require.Equal(t, [2]int{c.graphs, c.edges}, [2]int{len(s.Data), edges})
			if c.nodes >= 0 {
				require.Equal(t, c.nodes, nodes)
			}
			require.Equal(t, c.features, s.Features())
			require.Equal(t, c.classes, s.ClassNames)
			_, y := s.Labels()
			require.Equal(t, c.sizes, histogram(y, 2))
			requireSame(t, s, s.Relabel(rand.New(rand.NewPCG(1, 2))))

			full := FillFeatures(s)
			require.NoError(t, full.Validate())
			if c.features > 0 {
				require.Same(t, s, full)
				return
			}
			require.True(t, s.Data[0].X.Empty())
			require.Equal(t, 136, full.Features()) // degrees up to 135
			for v, k := range full.Data[0].Graph.InDegrees() {
				require.Equal(t, float32(1), full.Data[0].X.At(v, int(k)))
			}
		})
	}
}

// PROTEINS is there in both formats, with the graphs in one order.
func TestFormatsAgree(t *testing.T) {
	tu, gin := load[float64](t, "proteins", "tu"), load[float64](t, "proteins", "gin")
	for i, d := range tu.Data {
		e := gin.Data[i]
		require.Equal(t, d.GraphClass, e.GraphClass)
		require.Equal(t, d.Graph.NumNodes(), e.Graph.NumNodes())
		require.Equal(t, arcs(d.Graph), arcs(e.Graph), "graph %d", i)
		for v := range d.Graph.NumNodes() {
			require.Equal(t, d.X.Row(v)[:3], e.X.Row(v), "graph %d, node %d", i, v)
		}
	}
}

// arcs counts the edges of a graph by their ends.
func arcs(g *graph.Graph) map[[2]int32]int {
	h := map[[2]int32]int{}
	for _, e := range g.Edges() {
		h[e]++
	}
	return h
}

func TestKarate(t *testing.T) {
	s := Karate[float64]()
	require.NoError(t, s.Validate())
	d := s.Data[0]
	require.Equal(t, 34, d.Graph.NumNodes())
	require.Equal(t, 156, d.Graph.NumEdges())
	require.True(t, d.Graph.Undirected() && d.Graph.IsSimple())
	require.Equal(t, []int{17, 17}, histogram(d.NodeClass, 2))
	require.Equal(t, []int32{0, 33}, d.Train)
	require.Empty(t, d.Val)
	require.Len(t, d.Test, 32)
	require.Equal(t, 34, s.Features())
	x := d.Sparse.Dense()
	for i := range 34 {
		for j := range 34 {
			require.Equal(t, i == j, x.At(i, j) == 1)
		}
	}

	b, err := os.ReadFile(filepath.Join(testdata.Shared(t, "data/social"), "karate_club.gml"))
	require.NoError(t, err)
	seen := 0
	for _, m := range regexp.MustCompile(`source (\d+)\s+target (\d+)`).FindAllStringSubmatch(string(b), -1) {
		u, _ := strconv.Atoi(m[1])
		v, _ := strconv.Atoi(m[2])
		require.True(t, d.Graph.HasEdge(int32(u), int32(v)), "%d-%d", u, v)
		seen++
	}
	require.Equal(t, 78, seen)
	for v, m := range regexp.MustCompile(`club "([^"]*)"`).FindAllStringSubmatch(string(b), -1) {
		require.Equal(t, m[1], s.ClassNames[d.NodeClass[v]], "node %d", v)
	}
}

// folder returns the files of a folder, with the names that keep accepts.
func folder(t testing.TB, name string, keep func(string) bool) fstest.MapFS {
	dir := testdata.Shared(t, "data/"+name)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	m := fstest.MapFS{}
	for _, e := range entries {
		if !e.IsDir() && keep(e.Name()) {
			b, err := os.ReadFile(filepath.Join(dir, e.Name()))
			require.NoError(t, err)
			m[e.Name()] = &fstest.MapFile{Data: b}
		}
	}
	return m
}

func zipped(b []byte) []byte {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	_, _ = w.Write(b)
	_ = w.Close()
	return z.Bytes()
}

// Gzip, CR LF, a byte order mark and blank lines at the end do not change what is read.
func TestVariants(t *testing.T) {
	for _, name := range []string{"mutag", "cora"} {
		t.Run(name, func(t *testing.T) {
			plain := folder(t, name, func(string) bool { return true })
			want, err := Open[float64](plain, "", Limits{})
			require.NoError(t, err)
			odd := fstest.MapFS{}
			for file, f := range plain {
				b := f.Data
				if strings.HasSuffix(file, ".txt") || strings.HasSuffix(file, "index") {
					b = append(bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")), "\r\n\n"...)
				}
				if strings.HasSuffix(file, "_A.txt") {
					b = append([]byte("\xef\xbb\xbf"), b...)
				}
				odd[file+".gz"] = &fstest.MapFile{Data: zipped(b)}
			}
			got, err := Open[float64](odd, "", Limits{})
			require.NoError(t, err)
			require.Equal(t, describe(want), describe(got))
			if name == "mutag" {
				want, err = Open[float64](plain, "gin", Limits{})
				require.NoError(t, err)
				got, err = Open[float64](odd, "gin", Limits{})
				require.NoError(t, err)
				require.Equal(t, describe(want), describe(got))
			}
		})
	}
}

// describe writes a set out, for comparisons.
func describe[T tensor.Float](s *Set[T]) string {
	var b strings.Builder
	fmt.Fprintln(&b, s.Name, s.Task, s.Classes, s.ClassNames)
	for _, d := range s.Data {
		fmt.Fprintln(&b, d.Graph.NodeIDs(), d.Graph.EdgeIDs(), d.Graph.GraphIDs(), d.Graph.EdgeList(), d.X, d.EdgeAttr, d.NodeClass,
			d.GraphClass, d.Train, d.Val, d.Test)
		if d.Sparse != nil {
			fmt.Fprintln(&b, d.Sparse.Ptr, d.Sparse.Idx, d.Sparse.Val)
		}
	}
	return b.String()
}

// A truncated file is an error wherever it ends: no prefix of a pickle is one.
func TestTruncatedPickles(t *testing.T) {
	full := folder(t, "cora", func(n string) bool { return strings.HasPrefix(n, "ind.") })
	rng := rand.New(rand.NewPCG(5, 5))
	for _, part := range []string{"x", "y", "graph"} {
		b := full["ind.cora."+part].Data
		for range 200 {
			n := rng.IntN(len(b))
			_, err := unpickle("f", b[:n], 1<<30)
			require.ErrorIs(t, err, ErrFormat, "%s cut at %d", part, n)
		}
	}
	full["ind.cora.tx"].Data = full["ind.cora.tx"].Data[:1000]
	_, err := Open[float32](full, "", Limits{})
	require.ErrorIs(t, err, ErrFormat)
	require.ErrorContains(t, err, "ind.cora.tx: byte ")
}

func BenchmarkLoad(b *testing.B) {
	for _, name := range []string{"cora", "citeseer", "mutag", "proteins", "imdb-binary"} {
		b.Run(name, func(b *testing.B) {
			dir := testdata.Shared(b, "data/"+name)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Load[float32](dir, "", Limits{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
