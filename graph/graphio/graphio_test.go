package graphio_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"symbridge/graph"
	"symbridge/graph/graphio"
	"symbridge/internal/testdata"
)

// small are limits under which a fuzzer cannot ask for much memory.
var small = graphio.Limits{Nodes: 500, Edges: 2000, LineBytes: 4000}

// edges draws a list of edges among n nodes, loops and parallel edges included.
func edges(t *rapid.T, n int) [][2]int32 {
	if n == 0 {
		return nil
	}
	node := rapid.Int32Range(0, int32(n-1))
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) [2]int32 {
		return [2]int32{node.Draw(t, "from"), node.Draw(t, "to")}
	}), 0, 20).Draw(t, "edges")
}

// multigraph draws a directed or undirected multigraph; the sizes dwell on powers of two, where sparse6 is delicate.
func multigraph(t *rapid.T, undirected bool) *graph.Graph {
	n := rapid.OneOf(rapid.IntRange(0, 18), rapid.SampledFrom([]int{31, 32, 33, 62, 63, 64, 65, 127})).Draw(t, "nodes")
	if undirected {
		return graph.Must(graph.NewUndirected(n, edges(t, n)))
	}
	return graph.Must(graph.New(n, edges(t, n)))
}

// simplified drops loops and parallel edges.
func simplified(g *graph.Graph, loops bool) *graph.Graph {
	seen := map[[2]int32]bool{}
	list := [][2]int32{}
	for _, e := range g.EdgeList() {
		k := e
		if g.Undirected() {
			k = [2]int32{min(e[0], e[1]), max(e[0], e[1])}
		}
		if !seen[k] && (loops || e[0] != e[1]) {
			seen[k] = true
			list = append(list, k)
		}
	}
	if g.Undirected() {
		return graph.Must(graph.NewUndirected(g.NumNodes(), list))
	}
	return graph.Must(graph.New(g.NumNodes(), list))
}

// weightsOf draws weights that are equal for the two arcs of an edge.
func weightsOf(t *rapid.T, g *graph.Graph, of *rapid.Generator[float64]) []float64 {
	w := rapid.SliceOfN(of, g.NumEdges(), g.NumEdges()).Draw(t, "weights")
	if g.Undirected() {
		pairs, err := g.Pairs()
		require.NoError(t, err)
		for _, p := range pairs {
			w[p[1]] = w[p[0]]
		}
	}
	return w
}

func finite() *rapid.Generator[float64] {
	return rapid.Float64().Filter(func(x float64) bool { return !math.IsInf(x, 0) && !math.IsNaN(x) })
}

// requireSameEdges compares nodes and multisets of edges.
func requireSameEdges(t require.TestingT, want, got *graph.Graph) {
	require.Equal(t, want.NumNodes(), got.NumNodes())
	require.Equal(t, want.Undirected(), got.Undirected())
	require.ElementsMatch(t, want.EdgeList(), got.EdgeList())
}

// requireFault checks that err is an Error of a reader that says what is wanted.
func requireFault(t *testing.T, err, sentinel error, parts ...string) {
	t.Helper()
	var fault *graphio.Error
	require.ErrorAs(t, err, &fault)
	require.ErrorIs(t, err, sentinel)
	for _, p := range parts {
		require.ErrorContains(t, err, p)
	}
}

// requireTyped checks what every reader promises of every error.
func requireTyped(t *testing.T, err error) {
	t.Helper()
	var fault *graphio.Error
	require.ErrorAs(t, err, &fault)
	require.True(t, errors.Is(err, graphio.ErrSyntax) || errors.Is(err, graphio.ErrLimit) || errors.Is(err, graph.ErrNodeRange) ||
		errors.Is(err, graph.ErrTooLarge), "%v", err)
	require.Less(t, len(err.Error()), 400)
}

// shared opens a shared file, unpacked where it ends in .gz.
func shared(t *testing.T, name string) io.Reader {
	t.Helper()
	raw, err := os.ReadFile(testdata.Shared(t, filepath.Join("data", name)))
	require.NoError(t, err)
	if !strings.HasSuffix(name, ".gz") {
		return bytes.NewReader(raw)
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	require.NoError(t, err)
	return z
}

func all6(t *testing.T, r io.Reader) []*graph.Graph {
	t.Helper()
	var gs []*graph.Graph
	for g, err := range graphio.Graph6(r, graphio.Limits{}) {
		require.NoError(t, err)
		gs = append(gs, g)
	}
	return gs
}

// Every reader passes on the error of its io.Reader and enforces the limit of a line, without end too.
func TestReadersStop(t *testing.T) {
	broken := errors.New("broken pipe")
	for name, read := range map[string]func(io.Reader, graphio.Limits) error{
		"edge list": func(r io.Reader, l graphio.Limits) error {
			_, err := graphio.ReadEdgeList(r, graphio.EdgeList{Limits: l})
			return err
		},
		"graph6": func(r io.Reader, l graphio.Limits) (last error) {
			for _, err := range graphio.Graph6(r, l) {
				last = err
			}
			return last
		},
		"DIMACS":    func(r io.Reader, l graphio.Limits) error { _, err := graphio.ReadDIMACS(r, l); return err },
		"node-link": func(r io.Reader, l graphio.Limits) error { _, err := graphio.ReadNodeLink(r, l); return err },
	} {
		requireFault(t, read(iotest.ErrReader(broken), graphio.Limits{}), broken, name)
		requireFault(t, read(endless(`{`, ' '), graphio.Limits{LineBytes: 1000}), graphio.ErrLimit, name, "1000")
		requireFault(t, read(endless(`{"`, 'x'), graphio.Limits{LineBytes: 200000}), graphio.ErrLimit, name)
	}
}

// endless is a text and then a byte for ever.
func endless(first string, then byte) io.Reader {
	return io.MultiReader(strings.NewReader(first), repeat(then))
}

type repeat byte

func (r repeat) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(r)
	}
	return len(p), nil
}

// A line of exactly the limit passes, with either end of line or none.
func TestLineLimit(t *testing.T) {
	for _, end := range []string{"\n", "\r\n", ""} {
		for _, size := range []int{9, 70000} {
			line := "%" + strings.Repeat("x", size-1) + end
			_, err := graphio.ReadEdgeList(strings.NewReader(line), graphio.EdgeList{Limits: graphio.Limits{LineBytes: size}})
			require.NoError(t, err)
			_, err = graphio.ReadEdgeList(strings.NewReader(line), graphio.EdgeList{Limits: graphio.Limits{LineBytes: size - 1}})
			require.ErrorIs(t, err, graphio.ErrLimit)
		}
	}
}

// Writers take files whose lists fit the graph, and say what a format cannot hold.
func TestWritersRefuse(t *testing.T) {
	g := graph.Must(graph.NewUndirected(2, [][2]int32{{0, 1}}))
	type writer = func(io.Writer, *graphio.File) error
	list := func(w io.Writer, f *graphio.File) error { return graphio.WriteEdgeList(w, f, graphio.EdgeList{}) }
	dot := func(w io.Writer, f *graphio.File) error { return graphio.WriteDOT(w, f, graphio.DOT{}) }
	for _, c := range []struct {
		write writer
		file  *graphio.File
		want  error
	}{
		{list, nil, graphio.ErrUnsupported},
		{dot, &graphio.File{}, graphio.ErrUnsupported},
		{list, &graphio.File{Graph: g, Colours: []int32{1, 2}}, graphio.ErrUnsupported},
		{graphio.WriteDIMACS, &graphio.File{Graph: g, Weights: []float64{1, 1}}, graphio.ErrUnsupported},
		{graphio.WriteDIMACS, &graphio.File{Graph: g, Names: []string{"a", "b"}}, graphio.ErrUnsupported},
		{graphio.WriteDIMACS, &graphio.File{Graph: g, Colours: []int32{1, -2}}, graphio.ErrUnsupported},
		{graphio.WriteDIMACS, &graphio.File{Graph: graph.Must(graph.New(2, [][2]int32{{0, 1}}))}, graph.ErrNotSymmetric},
		{graphio.WriteDIMACS, &graphio.File{Graph: g, Colours: []int32{1}}, graph.ErrLength},
		{list, &graphio.File{Graph: g, Weights: []float64{1}}, graph.ErrLength},
		{list, &graphio.File{Graph: g, Weights: []float64{1, 2}}, graphio.ErrUnsupported},
		{dot, &graphio.File{Graph: g, Weights: []float64{1, 2}}, graphio.ErrUnsupported},
		{graphio.WriteNodeLink, &graphio.File{Graph: g, Weights: []float64{1, 2}}, graphio.ErrUnsupported},
		{graphio.WriteNodeLink, &graphio.File{Graph: g, Names: []string{"a"}}, graph.ErrLength},
		{graphio.WriteNodeLink, &graphio.File{Graph: g, Names: []string{"a", "a"}}, graphio.ErrUnsupported},
		{graphio.WriteNodeLink, &graphio.File{Graph: g, Names: []string{"a", "\xff"}}, graphio.ErrUnsupported},
		{graphio.WriteNodeLink, &graphio.File{Graph: g, Weights: []float64{math.Inf(1), math.Inf(1)}}, graphio.ErrUnsupported},
	} {
		var b bytes.Buffer
		require.ErrorIs(t, c.write(&b, c.file), c.want)
		require.Empty(t, b.String(), "nothing is written")
	}
	for _, write := range []writer{list, dot, graphio.WriteDIMACS, graphio.WriteNodeLink,
		func(w io.Writer, f *graphio.File) error { return graphio.WriteSparse6(w, f.Graph) }} {
		require.ErrorIs(t, write(failing{}, &graphio.File{Graph: g}), io.ErrClosedPipe)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// gml reads the edges of the GML files of the social networks: enough for those, and no more.
func gml(t *testing.T, r io.Reader) *graphio.File {
	t.Helper()
	f := &graphio.File{}
	var list [][2]int32
	var from int32
	in := bufio.NewScanner(r)
	for in.Scan() {
		key, value, _ := strings.Cut(strings.TrimSpace(in.Text()), " ")
		switch key {
		case "label":
			f.Names = append(f.Names, strings.Trim(value, `"`))
		case "source":
			from = atoi(t, value)
		case "target":
			list = append(list, [2]int32{from, atoi(t, value)})
		}
	}
	require.NoError(t, in.Err())
	f.Graph = graph.Must(graph.NewUndirected(len(f.Names), list))
	return f
}

// Real networks go through every format and come back.
func TestSocialNetworks(t *testing.T) {
	for _, c := range []struct {
		file         string
		nodes, edges int
	}{{"karate_club.gml", 34, 78}, {"polbooks.gml", 105, 441}} {
		f := gml(t, shared(t, "social/"+c.file))
		require.Equal(t, c.nodes, f.Graph.NumNodes())
		require.Equal(t, 2*c.edges, f.Graph.NumEdges())
		_, count := f.Graph.Components()
		require.Equal(t, 1, count)
		plain := &graphio.File{Graph: f.Graph}

		var b bytes.Buffer
		require.NoError(t, graphio.WriteEdgeList(&b, plain, graphio.EdgeList{}))
		back, err := graphio.ReadEdgeList(&b, graphio.EdgeList{})
		require.NoError(t, err)
		require.Equal(t, f.Graph.EdgeList(), back.Graph.EdgeList())

		require.NoError(t, graphio.WriteEdgeList(&b, f, graphio.EdgeList{Separator: ',', Heading: true}))
		back, err = graphio.ReadEdgeList(&b, graphio.EdgeList{Named: true, Heading: true})
		require.NoError(t, err)
		require.ElementsMatch(t, f.Names, back.Names)
		require.Equal(t, f.Graph.NumEdges(), back.Graph.NumEdges())

		require.NoError(t, graphio.WriteDIMACS(&b, plain))
		back, err = graphio.ReadDIMACS(&b, graphio.Limits{})
		require.NoError(t, err)
		require.Equal(t, f.Graph.EdgeList(), back.Graph.EdgeList())

		require.NoError(t, graphio.WriteNodeLink(&b, f))
		back, err = graphio.ReadNodeLink(&b, graphio.Limits{})
		require.NoError(t, err)
		require.Equal(t, f.Names, back.Names)
		require.Equal(t, f.Graph.EdgeList(), back.Graph.EdgeList())

		require.NoError(t, graphio.WriteGraph6(&b, f.Graph))
		require.NoError(t, graphio.WriteSparse6(&b, f.Graph))
		require.NoError(t, graphio.WriteDigraph6(&b, f.Graph))
		gs := all6(t, &b)
		require.Len(t, gs, 3)
		requireSameEdges(t, f.Graph, gs[0])
		requireSameEdges(t, f.Graph, gs[1])
		requireSameEdges(t, f.Graph, graph.Must(gs[2].AsUndirected()))
	}
}
