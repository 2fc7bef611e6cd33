package graphio_test

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"symbridge/graph"
	"symbridge/graph/graphio"
)

func atoi(t *testing.T, s string) int32 {
	t.Helper()
	v, err := strconv.ParseInt(s, 10, 32)
	require.NoError(t, err)
	return int32(v)
}

// The strings are those of nauty's formats.txt, and the smallest graphs.
func TestKnownStrings(t *testing.T) {
	for _, c := range []struct {
		s          string
		n          int
		undirected bool
		edges      [][2]int32
	}{
		{"DQc", 5, true, [][2]int32{{0, 2}, {1, 3}, {0, 4}, {3, 4}}},
		{":Fa@x^", 7, true, [][2]int32{{0, 1}, {0, 2}, {1, 2}, {5, 6}}},
		{"&DI?AO?", 5, false, [][2]int32{{0, 2}, {0, 4}, {3, 1}, {3, 4}}},
		{"?", 0, true, nil},
		{"@", 1, true, nil},
		{"A?", 2, true, nil},
		{"A_", 2, true, [][2]int32{{0, 1}}},
		{"C~", 4, true, [][2]int32{{0, 1}, {0, 2}, {1, 2}, {0, 3}, {1, 3}, {2, 3}}},
		{":?", 0, true, nil},
		{":@", 1, true, nil},
		{":An", 2, true, [][2]int32{{0, 1}}},
		{"&?", 0, false, nil},
		{"&@_", 1, false, [][2]int32{{0, 0}}},
	} {
		want := graph.Must(graph.New(c.n, c.edges))
		if c.undirected {
			want = graph.Must(graph.NewUndirected(c.n, c.edges))
		}
		for _, s := range []string{c.s, c.s + "\n", c.s + "\r\n", header(c.s) + c.s} {
			g, err := graphio.ParseGraph6(s, graphio.Limits{})
			require.NoError(t, err, s)
			require.Equal(t, want.EdgeList(), g.EdgeList(), s)
			require.Equal(t, c.n, g.NumNodes(), s)
			require.Equal(t, c.undirected, g.Undirected(), s)
		}
		write := graphio.AppendGraph6
		switch c.s[0] {
		case ':':
			write = graphio.AppendSparse6
		case '&':
			write = graphio.AppendDigraph6
		}
		s, err := write([]byte("x"), want)
		require.NoError(t, err)
		require.Equal(t, "x"+c.s, string(s))
	}
}

func header(s string) string {
	switch s[0] {
	case ':':
		return ">>sparse6<<"
	case '&':
		return ">>digraph6<<"
	}
	return ">>graph6<<"
}

// The sizes of formats.txt: 30, 12345, and 460175067, which is beyond what a test should set aside.
func TestSizes(t *testing.T) {
	for s, n := range map[string]int{":]": 30, ":~B?x": 12345, ":}": 62, ":~??~": 63, ":~}~~": 258047, ":~~???~??": 258048} {
		g, err := graphio.ParseGraph6(s, graphio.Limits{})
		require.NoError(t, err)
		require.Equal(t, n, g.NumNodes())
		back, err := graphio.AppendSparse6(nil, g)
		require.NoError(t, err)
		require.Equal(t, s, string(back))
	}
	_, err := graphio.ParseGraph6("~~?ZZZZZ", graphio.Limits{})
	requireFault(t, err, graphio.ErrLimit, "460175067 nodes")
	_, err = graphio.ParseGraph6(":~~~~~~~~", graphio.Limits{})
	requireFault(t, err, graphio.ErrLimit, "68719476735 nodes")
}

func TestGraph6Errors(t *testing.T) {
	tight := graphio.Limits{Nodes: 10, Edges: 2}
	for _, c := range []struct {
		s        string
		limits   graphio.Limits
		sentinel error
		want     string
	}{
		{"", graphio.Limits{}, graphio.ErrSyntax, "graph6: size: missing"},
		{":", graphio.Limits{}, graphio.ErrSyntax, "sparse6: size: missing"},
		{"~?", graphio.Limits{}, graphio.ErrSyntax, "2 bytes, want 4"},
		{"&~~???", graphio.Limits{}, graphio.ErrSyntax, "digraph6: size \"~~???\": 5 bytes, want 8"},
		{"DQ", graphio.Limits{}, graphio.ErrSyntax, "1 bytes, want 2"},
		{"DQcc", graphio.Limits{}, graphio.ErrSyntax, "3 bytes, want 2"},
		{"D c", graphio.Limits{}, graphio.ErrSyntax, "byte 1 \" \""},
		{"A`", graphio.Limits{}, graphio.ErrSyntax, "not 0"},
		{"J", tight, graphio.ErrLimit, "11 nodes, the limit is 10"},
		{"C~", tight, graphio.ErrLimit, "6 edges, the limit is 2"},
		{":Fa@x^", tight, graphio.ErrLimit, "edges"},
		{"&DI?AO?", tight, graphio.ErrLimit, "4 edges"},
		{":?~", graphio.Limits{}, graphio.ErrSyntax, "edge 0 is"},
		{":D~~~", graphio.Limits{}, graphio.ErrSyntax, "nodes are 0..4"},
		{":~B?x@@", graphio.Limits{}, graphio.ErrSyntax, "12 bits"},
	} {
		_, err := graphio.ParseGraph6(c.s, c.limits)
		requireFault(t, err, c.sentinel, c.want)
	}
}

// After a bad line the next can be read; the error names the line.
func TestGraph6Stream(t *testing.T) {
	in := ">>graph6<<A_\r\n\nA\n:An\n&@_"
	var sizes []int
	var faults []string
	for g, err := range graphio.Graph6(strings.NewReader(in), graphio.Limits{}) {
		if err != nil {
			faults = append(faults, err.Error())
			continue
		}
		sizes = append(sizes, g.NumNodes())
	}
	require.Equal(t, []int{2, 2, 1}, sizes)
	require.Equal(t, []string{"graphio: graph6 line 3: matrix: 0 bytes, want 1: syntax error"}, faults)
	for range graphio.Graph6(strings.NewReader(in), graphio.Limits{}) {
		break
	}
}

func TestGraph6RoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := multigraph(t, true)
		s, err := graphio.AppendSparse6(nil, g)
		require.NoError(t, err)
		back, err := graphio.ParseGraph6(string(s), graphio.Limits{})
		require.NoError(t, err)
		requireSameEdges(t, g, back)

		if _, err := graphio.AppendGraph6(nil, g); !g.IsSimple() {
			require.ErrorIs(t, err, graphio.ErrUnsupported)
			g = simplified(g, false)
		}
		s, err = graphio.AppendGraph6(nil, g)
		require.NoError(t, err)
		back, err = graphio.ParseGraph6(string(s), graphio.Limits{})
		require.NoError(t, err)
		requireSameEdges(t, g, back)
	})
}

func TestDigraph6RoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := multigraph(t, false)
		clean := simplified(g, true)
		if clean.NumEdges() < g.NumEdges() {
			_, err := graphio.AppendDigraph6(nil, g)
			require.ErrorIs(t, err, graphio.ErrUnsupported)
		}
		if !clean.IsSymmetric() {
			_, err := graphio.AppendGraph6(nil, clean)
			require.ErrorIs(t, err, graphio.ErrUnsupported)
			_, err = graphio.AppendSparse6(nil, clean)
			require.ErrorIs(t, err, graph.ErrNotSymmetric)
		}
		s, err := graphio.AppendDigraph6(nil, clean)
		require.NoError(t, err)
		back, err := graphio.ParseGraph6(string(s), graphio.Limits{})
		require.NoError(t, err)
		requireSameEdges(t, clean, back)
	})
}

func TestWriteGraph6NamesGraph(t *testing.T) {
	ok, loop := graph.Must(graph.New(1, nil)), graph.Must(graph.New(1, [][2]int32{{0, 0}}))
	var b bytes.Buffer
	err := graphio.WriteGraph6(&b, ok, loop)
	require.ErrorIs(t, err, graphio.ErrUnsupported)
	require.ErrorContains(t, err, "graph 1")
	require.ErrorContains(t, err, "edge 0 (0,0)")
}

// All connected graphs of 2 to 8 nodes: the literature's counts, and the same bytes when written again.
func TestSmallGraphs(t *testing.T) {
	for n, c := range map[int]struct{ graphs, least, most int }{2: {1, 1, 1}, 3: {2, 2, 3}, 4: {6, 3, 6}, 5: {21, 4, 10},
		6: {112, 5, 15}, 7: {853, 6, 21}, 8: {11117, 7, 28}} {
		raw, err := io.ReadAll(shared(t, fmt.Sprintf("smallgraphs/graph%dc.g6", n)))
		require.NoError(t, err)
		gs := all6(t, bytes.NewReader(raw))
		require.Len(t, gs, c.graphs)
		least, most := n*n, 0
		for _, g := range gs {
			require.Equal(t, n, g.NumNodes())
			least, most = min(least, g.NumEdges()/2), max(most, g.NumEdges()/2)
		}
		require.Equal(t, []int{c.least, c.most}, []int{least, most})
		_, count := graph.Union(gs...).Components()
		require.Equal(t, len(gs), count, "connected")
		var b bytes.Buffer
		require.NoError(t, graphio.WriteGraph6(&b, gs...))
		require.Equal(t, string(raw), b.String())
	}
}

// The atlas of all graphs up to 7 nodes goes through the three formats.
func TestAtlas(t *testing.T) {
	var gs []*graph.Graph
	var list [][2]int32
	n := -1
	flush := func() {
		if n >= 0 {
			gs = append(gs, graph.Must(graph.NewUndirected(n, list)))
		}
		n, list = -1, nil
	}
	in := bufio.NewScanner(shared(t, "smallgraphs/atlas.dat.gz"))
	for in.Scan() {
		switch f := strings.Fields(in.Text()); f[0] {
		case "GRAPH":
			flush()
		case "NODES":
			n = int(atoi(t, f[1]))
		default:
			list = append(list, [2]int32{atoi(t, f[0]), atoi(t, f[1])})
		}
	}
	require.NoError(t, in.Err())
	flush()
	require.Len(t, gs, 1253)
	bySize := map[int]int{}
	for _, g := range gs {
		bySize[g.NumNodes()]++
	}
	require.Equal(t, map[int]int{0: 1, 1: 1, 2: 2, 3: 4, 4: 11, 5: 34, 6: 156, 7: 1044}, bySize)
	var b bytes.Buffer
	for _, write := range []func(io.Writer, ...*graph.Graph) error{graphio.WriteGraph6, graphio.WriteSparse6} {
		require.NoError(t, write(&b, gs...))
		back := all6(t, &b)
		require.Len(t, back, len(gs))
		for i, g := range gs {
			requireSameEdges(t, g, back[i])
		}
	}
}

// Strongly regular graphs: degree and common neighbours of every pair.
func TestStronglyRegular(t *testing.T) {
	for file, c := range map[string]struct{ graphs, n, k, lambda, mu int }{
		"sr25/sr251256.g6": {15, 25, 12, 5, 6}, "sr25/sr16622.g6": {2, 16, 6, 2, 2}} {
		gs := all6(t, shared(t, file))
		require.Len(t, gs, c.graphs)
		for _, g := range gs {
			require.Equal(t, c.n, g.NumNodes())
			require.True(t, g.IsSimple())
			for u := range int32(c.n) {
				require.Equal(t, c.k, g.InDegree(u))
				for v := range u {
					common := 0
					for _, w := range g.Sources(u) {
						if g.HasEdge(w, v) {
							common++
						}
					}
					want := c.mu
					if g.HasEdge(u, v) {
						want = c.lambda
					}
					require.Equal(t, want, common)
				}
			}
		}
	}
}

// Every instance of the isomorphism collection has the vertices and edges that its table says.
func TestIsomorphismInstances(t *testing.T) {
	rows := csv.NewReader(shared(t, "iso/EXPECTED.tsv"))
	rows.Comma = '\t'
	table, err := rows.ReadAll()
	require.NoError(t, err)
	files := map[string][]*graph.Graph{}
	read := 0
	for _, row := range table[1:] {
		name := row[0]
		gs, ok := files[name]
		if !ok {
			if strings.HasSuffix(name, ".dmc") {
				f, err := graphio.ReadDIMACS(shared(t, "iso/"+name), graphio.Limits{})
				require.NoError(t, err, name)
				gs = []*graph.Graph{f.Graph}
			} else {
				gs = all6(t, shared(t, "iso/"+name))
			}
			files[name] = gs
		}
		g := gs[atoi(t, row[1])-1]
		require.Equal(t, int(atoi(t, row[2])), g.NumNodes(), row)
		require.Equal(t, 2*int(atoi(t, row[3])), g.NumEdges(), row)
		require.True(t, g.IsSimple(), row)
		read++
	}
	require.Equal(t, 99+39+29+25+25+53+25+20+20, read)
	for name, count := range map[string]int{"k.g6.gz": 99, "grid.s6.gz": 39, "latin.g6.gz": 29, "mz.s6.gz": 25,
		"mz-aug.s6.gz": 25, "paley.g6.gz": 53, "sts.g6.gz": 25} {
		require.Len(t, files[name], count, name)
	}
	// What nauty wrote is what is written here, up to the order of edges that the format fixes.
	raw, err := io.ReadAll(shared(t, "iso/mz.s6.gz"))
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, graphio.WriteSparse6(&b, files["mz.s6.gz"]...))
	require.Equal(t, string(raw), b.String())
}

func FuzzGraph6(f *testing.F) {
	for _, s := range []string{"DQc", ":Fa@x^", "&DI?AO?", "?", ":?", "&?", ">>graph6<<A_\r\n:An\n\n&@_", ":~B?x@@", "~~?ZZZZZ", ":C~"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		for g, err := range graphio.Graph6(bytes.NewReader(in), small) {
			if err != nil {
				requireTyped(t, err)
				continue
			}
			require.LessOrEqual(t, g.NumNodes(), small.Nodes)
			require.LessOrEqual(t, g.NumEdges(), 2*small.Edges)
			write := graphio.AppendSparse6
			if !g.Undirected() {
				write = graphio.AppendDigraph6
			}
			s, err := write(nil, g)
			require.NoError(t, err)
			back, err := graphio.ParseGraph6(string(s), small)
			require.NoError(t, err)
			requireSameEdges(t, g, back)
		}
	})
}

func BenchmarkSparse6(b *testing.B) {
	n := int32(100000)
	list := make([][2]int32, 0, 4*n)
	for i := range 4 * n {
		list = append(list, [2]int32{i % n, (i*7919 + i/n) % n})
	}
	g := graph.Must(graph.NewUndirected(int(n), list))
	s, err := graphio.AppendSparse6(nil, g)
	require.NoError(b, err)
	b.Run("write", func(b *testing.B) {
		b.SetBytes(int64(len(s)))
		for b.Loop() {
			_, _ = graphio.AppendSparse6(s[:0:0], g)
		}
	})
	b.Run("read", func(b *testing.B) {
		b.SetBytes(int64(len(s)))
		for b.Loop() {
			_, _ = graphio.ParseGraph6(string(s), graphio.Limits{})
		}
	})
}
