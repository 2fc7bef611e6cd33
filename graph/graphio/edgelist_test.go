package graphio_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"symbridge/graph"
	"symbridge/graph/graphio"
)

func TestReadEdgeList(t *testing.T) {
	for name, c := range map[string]struct {
		in      string
		format  graphio.EdgeList
		n       int
		edges   [][2]int32
		weights []float64
		names   []string
	}{
		"tabs":         {in: "0\t1\n1\t2\n", n: 3, edges: [][2]int32{{0, 1}, {1, 2}}},
		"blanks, CRLF": {in: "  0   1 \r\n\r\n1 1\r\n", n: 2, edges: [][2]int32{{0, 1}, {1, 1}}},
		"comments":     {in: "% a\n# b\n# Nodes: 7 Edges: 1\n#\n0 1", n: 2, edges: [][2]int32{{0, 1}}},
		"heading":      {in: "id1,id2\n0, 1\n", n: 2, edges: [][2]int32{{0, 1}}},
		"weights":      {in: "u;v;w\n0;1;0.5\n1;0;-2e3\n", n: 2, edges: [][2]int32{{0, 1}, {1, 0}}, weights: []float64{0.5, -2000}},
		"isolated":     {in: "# nodes 5\n0 1\n", n: 5, edges: [][2]int32{{0, 1}}},
		"nodes later":  {in: "0 1\n# nodes 3\n", n: 3, edges: [][2]int32{{0, 1}}},
		"empty":        {in: "", n: 0, edges: [][2]int32{}},
		"from one":     {in: "1 2\n", format: graphio.EdgeList{First: 1}, n: 2, edges: [][2]int32{{0, 1}}},
		"undirected":   {in: "0 1 3\n1 1 4\n", format: graphio.EdgeList{Undirected: true}, n: 2, edges: [][2]int32{{0, 1}, {1, 0}, {1, 1}}, weights: []float64{3, 3, 4}},
		"says so":      {in: "# undirected\n0 1\n", n: 2, edges: [][2]int32{{0, 1}, {1, 0}}},
		"names": {in: "ann,\"b,\"\"b\"\"\"\n\"b,\"\"b\"\"\" , ann\n", format: graphio.EdgeList{Named: true}, n: 2,
			edges: [][2]int32{{0, 1}, {1, 0}}, names: []string{"ann", `b,"b"`}},
		"named heading": {in: "source target\nx y\n", format: graphio.EdgeList{Named: true, Heading: true}, n: 2,
			edges: [][2]int32{{0, 1}}, names: []string{"x", "y"}},
		"quoted comma": {in: "\"a,b\" c\n", format: graphio.EdgeList{Named: true}, n: 2, edges: [][2]int32{{0, 1}},
			names: []string{`"a,b"`, "c"}},
	} {
		f, err := graphio.ReadEdgeList(strings.NewReader(c.in), c.format)
		require.NoError(t, err, name)
		require.Equal(t, c.n, f.Graph.NumNodes(), name)
		require.Equal(t, c.edges, f.Graph.EdgeList(), name)
		require.Equal(t, c.weights, f.Weights, name)
		require.Equal(t, c.names, f.Names, name)
		require.Nil(t, f.Colours)
	}
}

func TestEdgeListErrors(t *testing.T) {
	tight := graphio.Limits{Nodes: 3, Edges: 1}
	for _, c := range []struct {
		in       string
		format   graphio.EdgeList
		sentinel error
		want     string
	}{
		{"0 1\n1 x\n", graphio.EdgeList{}, graphio.ErrSyntax, `edge list line 2: target "x": not a node number`},
		{"0 1\n-1 0\n", graphio.EdgeList{}, graph.ErrNodeRange, `line 2: source "-1"`},
		{"0 1\n", graphio.EdgeList{First: 1}, graph.ErrNodeRange, "nodes start at 1"},
		{"# nodes 2\n0 2\n", graphio.EdgeList{}, graph.ErrNodeRange, `line 2: target "2": the header says 2 nodes`},
		{"0 2\n# nodes 2\n", graphio.EdgeList{}, graphio.ErrSyntax, `nodes "2": the edges name 3 nodes`},
		{"a b\n# nodes 3\n", graphio.EdgeList{Named: true}, graphio.ErrSyntax, "the edges name only 2 nodes"},
		{"# nodes x\n", graphio.EdgeList{}, graphio.ErrSyntax, `line 1: nodes "x"`},
		{"# nodes 4\n", graphio.EdgeList{Limits: tight}, graphio.ErrLimit, "4 nodes, the limit is 3"},
		{"0 3\n", graphio.EdgeList{Limits: tight}, graphio.ErrLimit, "4 nodes, the limit is 3"},
		{"a b\nc d\n", graphio.EdgeList{Named: true, Limits: graphio.Limits{Nodes: 3}}, graphio.ErrLimit, "line 2: target \"d\": 4 nodes"},
		{"0 1\n0 1\n", graphio.EdgeList{Limits: tight}, graphio.ErrLimit, "2 edges, the limit is 1"},
		{"0\n", graphio.EdgeList{}, graphio.ErrSyntax, "1 fields"},
		{"0 1 2 3\n", graphio.EdgeList{}, graphio.ErrSyntax, "4 fields"},
		{"0 1\n0 1 2\n", graphio.EdgeList{}, graphio.ErrSyntax, "3 fields, the first edge has 2"},
		{"0 1 x\n", graphio.EdgeList{}, graphio.ErrSyntax, `weight "x": not a number`},
		{"\"a,b\n", graphio.EdgeList{}, graphio.ErrSyntax, "1 fields"},
		{"a,\"b\n", graphio.EdgeList{Named: true, Separator: ','}, graphio.ErrSyntax, "not closed"},
		{"a,\"b\"c\n", graphio.EdgeList{Named: true}, graphio.ErrSyntax, "after a closing quote"},
		{"99999999999999999999 1\n", graphio.EdgeList{}, graphio.ErrSyntax, "line 1: source"},
		{"9223372036854775807 1\n", graphio.EdgeList{}, graphio.ErrLimit, "line 1: source"},
		{strings.Repeat("x", 100) + " 1\n", graphio.EdgeList{}, graphio.ErrSyntax, `xxxx"...`},
	} {
		_, err := graphio.ReadEdgeList(strings.NewReader(c.in), c.format)
		requireFault(t, err, c.sentinel, c.want)
	}
}

func TestEdgeListRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := &graphio.File{Graph: multigraph(t, rapid.Bool().Draw(t, "undirected"))}
		if f.Graph.NumEdges() > 0 && rapid.Bool().Draw(t, "weighted") {
			f.Weights = weightsOf(t, f.Graph, rapid.Float64())
		}
		format := graphio.EdgeList{Separator: rapid.SampledFrom([]byte{0, ',', ';', '\t', ' '}).Draw(t, "separator"),
			Heading: rapid.Bool().Draw(t, "heading"), First: rapid.IntRange(0, 1).Draw(t, "first")}
		var b bytes.Buffer
		require.NoError(t, graphio.WriteEdgeList(&b, f, format))
		format.Heading, format.Separator = false, 0 // both can be told from the file
		back, err := graphio.ReadEdgeList(&b, format)
		require.NoError(t, err)
		require.Equal(t, f.Graph.NumNodes(), back.Graph.NumNodes())
		require.Equal(t, f.Graph.EdgeList(), back.Graph.EdgeList())
		require.Equal(t, f.Graph.Undirected(), back.Graph.Undirected())
		require.Equal(t, f.Weights, back.Weights)
	})
}

// Names come back whatever they hold, or are refused.
func TestEdgeListNames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := multigraph(t, rapid.Bool().Draw(t, "undirected"))
		name := rapid.OneOf(rapid.String(), rapid.StringMatching("[a\",;# \t%]{0,4}"))
		f := &graphio.File{Graph: g, Names: rapid.SliceOfN(name, g.NumNodes(), g.NumNodes()).Draw(t, "names")}
		format := graphio.EdgeList{Separator: rapid.SampledFrom([]byte{0, ',', ';', '\t', ' '}).Draw(t, "separator"), Named: true}
		var b bytes.Buffer
		if err := graphio.WriteEdgeList(&b, f, format); err != nil {
			require.ErrorIs(t, err, graphio.ErrUnsupported)
			return
		}
		if rapid.Bool().Draw(t, "guess") {
			format.Separator = 0
		}
		back, err := graphio.ReadEdgeList(bytes.NewReader(b.Bytes()), format)
		require.NoError(t, err, b.String())
		named := func(f *graphio.File) (l [][2]string) {
			for _, e := range f.Graph.EdgeList() {
				l = append(l, [2]string{f.Names[e[0]], f.Names[e[1]]})
			}
			return l
		}
		require.Equal(t, named(f), named(back), b.String())
		require.ElementsMatch(t, f.Names, back.Names)
	})
}

// The web graph has the counts of its source: a heading, CSV, loops.
func TestChameleon(t *testing.T) {
	f, err := graphio.ReadEdgeList(shared(t, "chameleon/chameleon_edges.csv"), graphio.EdgeList{})
	require.NoError(t, err)
	g := f.Graph
	require.Equal(t, 2277, g.NumNodes())
	require.Equal(t, 36101, g.NumEdges())
	require.Nil(t, f.Weights)
	loops, distinct, undirected := 0, map[[2]int32]bool{}, map[[2]int32]bool{}
	for _, e := range g.Edges() {
		distinct[e] = true
		if e[0] == e[1] {
			loops++
		} else {
			undirected[[2]int32{min(e[0], e[1]), max(e[0], e[1])}] = true
		}
	}
	require.Equal(t, 50, loops)
	require.Len(t, distinct, 36101)
	require.Len(t, undirected, 31371)
}

func FuzzEdgeList(f *testing.F) {
	for _, s := range []string{"0\t1\n1\t2\n", "id1,id2\r\n0,1\r\n", "# nodes 5\n# undirected\n0 1 0.5\n", "a,\"b,\"\"b\"\n", "%\n;;\n", "9 9 nan"} {
		f.Add([]byte(s), false, byte(0))
		f.Add([]byte(s), true, byte(','))
	}
	f.Fuzz(func(t *testing.T, in []byte, named bool, separator byte) {
		format := graphio.EdgeList{Named: named, Separator: separator, Limits: small}
		got, err := graphio.ReadEdgeList(bytes.NewReader(in), format)
		if err != nil {
			requireTyped(t, err)
			return
		}
		require.LessOrEqual(t, got.Graph.NumNodes(), small.Nodes)
		if named {
			require.Len(t, got.Names, got.Graph.NumNodes())
			return
		}
		var b bytes.Buffer
		require.NoError(t, graphio.WriteEdgeList(&b, got, graphio.EdgeList{}))
		back, err := graphio.ReadEdgeList(&b, graphio.EdgeList{})
		require.NoError(t, err)
		require.Equal(t, got.Graph.EdgeList(), back.Graph.EdgeList())
		require.Equal(t, got.Graph.NumNodes(), back.Graph.NumNodes())
	})
}
