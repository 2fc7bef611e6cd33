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

func readNodeLink(s string) (*graphio.File, error) {
	return graphio.ReadNodeLink(strings.NewReader(s), graphio.Limits{})
}

func TestReadNodeLink(t *testing.T) {
	// As networkx writes it, a multigraph with keys and attributes; the edges stand before the nodes.
	f, err := readNodeLink(`{"directed": true, "multigraph": true, "graph": {"name": [1, {"a": null}]},
		"edges": [{"source": "x", "target": 2, "key": 0, "weight": 0.5}, {"source": "x", "target": 2, "key": 1, "weight": 1e2}],
		"nodes": [{"id": "x", "colour": 4, "label": "l"}, {"colour": -1, "id": 2}, {"id": ["t", 1], "colour": 0}]}`)
	require.NoError(t, err)
	require.Equal(t, [][2]int32{{0, 1}, {0, 1}}, f.Graph.EdgeList())
	require.Equal(t, []string{"x", "2", `["t",1]`}, f.Names)
	require.Equal(t, []float64{0.5, 100}, f.Weights)
	require.Equal(t, []int32{4, -1, 0}, f.Colours)

	// As D3 has it: links, nothing said, undirected.
	f, err = readNodeLink(`{"nodes":[{"id":0},{"id":1,"colour":null}],"links":[{"source":1,"target":0}, {"source":1,"target":1}]}`)
	require.NoError(t, err)
	require.True(t, f.Graph.Undirected())
	require.Equal(t, [][2]int32{{1, 0}, {0, 1}, {1, 1}}, f.Graph.EdgeList())
	require.Nil(t, f.Names)
	require.Nil(t, f.Weights)
	require.Nil(t, f.Colours)

	// A number is not the string of its digits.
	f, err = readNodeLink(`{"nodes":[{"id":1},{"id":"1"}],"edges":[{"source":"1","target":1}],"directed":true}`)
	require.NoError(t, err)
	require.Equal(t, [][2]int32{{1, 0}}, f.Graph.EdgeList())
}

func TestNodeLinkErrors(t *testing.T) {
	for _, c := range []struct {
		in       string
		sentinel error
		want     string
	}{
		{"", graphio.ErrSyntax, "the file ends early"},
		{"[]", graphio.ErrSyntax, `document "[": want {`},
		{"{}", graphio.ErrSyntax, `no list "nodes"`},
		{`{"nodes": []}`, graphio.ErrSyntax, `no list "edges"`},
		{`{"nodes": 3}`, graphio.ErrSyntax, `nodes "3": want [`},
		{`{"nodes": [], "edges": []} x`, graphio.ErrSyntax, "invalid character"},
		{`{"nodes": [], "edges": []} 1`, graphio.ErrSyntax, "text after"},
		{`{"nodes": [], "edges": []`, graphio.ErrSyntax, "ends early"},
		{`{"nodes": [], "edges": [], "links": []}`, graphio.ErrSyntax, "stands twice"},
		{`{"nodes": [], "nodes": []}`, graphio.ErrSyntax, "stands twice"},
		{`{"directed": 1}`, graphio.ErrSyntax, `directed "1": want true or false`},
		{`{"x": }`, graphio.ErrSyntax, "invalid character"},
		{"{\"nodes\": [{\"id\": 0},\n{\"id\": 0}]}", graphio.ErrSyntax, `node-link line 2: nodes[1].id "0": is the id of nodes[0] too`},
		{`{"nodes": [{}]}`, graphio.ErrSyntax, "nodes[0].id: missing"},
		{`{"nodes": [3]}`, graphio.ErrSyntax, "nodes[0]"},
		{`{"nodes": [{"id": 0, "colour": 1}, {"id": 1}]}`, graphio.ErrSyntax, "nodes[1].colour: some nodes"},
		{`{"nodes": [{"id": 0, "colour": "red"}]}`, graphio.ErrSyntax, "not an integer"},
		{`{"nodes": [{"id": 0, "colour": 4294967296}]}`, graphio.ErrSyntax, "not an integer"},
		{"{\"nodes\": [],\n\"edges\": [\n{\"source\": 0, \"target\": 0}]}", graph.ErrNodeRange, `line 3: edges[0].source "0": no such node`},
		{`{"nodes": [{"id": 0}], "links": [{"source": 0}]}`, graphio.ErrSyntax, "links[0].target: missing"},
		{`{"nodes": [{"id": 0}], "links": [{"source": 0, "target": 0, "weight": "a"}]}`, graphio.ErrSyntax, "not a number"},
		{`{"nodes": [{"id": 0}], "links": [{"source": 0, "target": 0, "weight": 1}, {"source": 0, "target": 0}]}`,
			graphio.ErrSyntax, "links[1].weight: some edges"},
		{`{"multigraph": false, "nodes": [{"id": 0}, {"id": 1}], "edges": [{"source": 0, "target": 1}, {"source": 1, "target": 0}]}`,
			graphio.ErrSyntax, "edges[1]: parallel to edges[0]"},
	} {
		_, err := readNodeLink(c.in)
		requireFault(t, err, c.sentinel, c.want)
	}
	_, err := readNodeLink(`{"multigraph": false, "directed": true, "nodes": [{"id": 0}, {"id": 1}],
		"edges": [{"source": 0, "target": 1}, {"source": 1, "target": 0}]}`)
	require.NoError(t, err)

	many := `{"nodes": [` + strings.Repeat(`{"id":0},`, 9) + `{"id":9}], "edges": []}`
	many = numbered(many)
	_, err = graphio.ReadNodeLink(strings.NewReader(many), graphio.Limits{Nodes: 9})
	requireFault(t, err, graphio.ErrLimit, "nodes[9]: 10 nodes, the limit is 9")
	two := `{"nodes": [{"id": 0}], "edges": [{"source": 0, "target": 0}, {"source": 0, "target": 0}]}`
	_, err = graphio.ReadNodeLink(strings.NewReader(two), graphio.Limits{Edges: 1})
	requireFault(t, err, graphio.ErrLimit, "edges[1]: 2 edges")
}

// numbered replaces each id 0 by the next number.
func numbered(s string) string {
	for i := 0; strings.Contains(s, `"id":0`); i++ {
		s = strings.Replace(s, `"id":0`, `"id":"`+string(rune('a'+i))+`"`, 1)
	}
	return s
}

// The limit on a line is one on an element: a long file of short elements passes, and errors name the right line.
func TestNodeLinkLong(t *testing.T) {
	var b strings.Builder
	b.WriteString("{\"nodes\": [{\"id\": 0}],\n\"edges\": [\n")
	for range 20000 {
		b.WriteString("{\"source\": 0, \"target\": 0},\n\n")
	}
	_, err := graphio.ReadNodeLink(strings.NewReader(b.String()+"{\"source\": 0, \"target\": 0}]}"), graphio.Limits{LineBytes: 100})
	require.NoError(t, err)
	_, err = graphio.ReadNodeLink(strings.NewReader(b.String()+"{\"source\": 0, \"target\": 1}]}"), graphio.Limits{LineBytes: 100})
	requireFault(t, err, graph.ErrNodeRange, "line 40003: edges[20000].target")
}

func TestNodeLinkRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := multigraph(t, rapid.Bool().Draw(t, "undirected"))
		f := &graphio.File{Graph: g}
		n := g.NumNodes()
		if g.NumEdges() > 0 && rapid.Bool().Draw(t, "weighted") {
			f.Weights = weightsOf(t, g, finite())
		}
		if n > 0 && rapid.Bool().Draw(t, "coloured") {
			f.Colours = rapid.SliceOfN(rapid.Int32(), n, n).Draw(t, "colours")
		}
		if n > 0 && rapid.Bool().Draw(t, "named") {
			f.Names = rapid.SliceOfNDistinct(rapid.String(), n, n, rapid.ID[string]).Draw(t, "names")
		}
		var b bytes.Buffer
		require.NoError(t, graphio.WriteNodeLink(&b, f))
		back, err := graphio.ReadNodeLink(&b, graphio.Limits{})
		require.NoError(t, err)
		require.Equal(t, n, back.Graph.NumNodes())
		require.Equal(t, g.EdgeList(), back.Graph.EdgeList())
		require.Equal(t, g.Undirected(), back.Graph.Undirected())
		require.Equal(t, f.Weights, back.Weights)
		require.Equal(t, f.Colours, back.Colours)
		require.Equal(t, f.Names, back.Names)
	})
}

func FuzzNodeLink(f *testing.F) {
	for _, s := range []string{`{"directed": true, "nodes": [{"id": "a", "colour": 1}], "links": [{"source": "a", "target": "a", "weight": 2}]}`,
		`{"multigraph": false, "edges": [{"source": [1], "target": 1.5}], "nodes": [{"id": [1]}, {"id": 1.5}]}`, `{"x": [[[[`, `{}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := graphio.ReadNodeLink(bytes.NewReader(in), small)
		if err != nil {
			requireTyped(t, err)
			return
		}
		got.Names = nil // ids of two kinds may have one name
		var b bytes.Buffer
		require.NoError(t, graphio.WriteNodeLink(&b, got))
		back, err := graphio.ReadNodeLink(&b, graphio.Limits{})
		require.NoError(t, err)
		require.Equal(t, got.Graph.EdgeList(), back.Graph.EdgeList())
		require.Equal(t, got.Weights, back.Weights)
		require.Equal(t, got.Colours, back.Colours)
	})
}
