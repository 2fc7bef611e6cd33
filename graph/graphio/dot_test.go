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

func TestWriteDOT(t *testing.T) {
	for _, c := range []struct {
		file  *graphio.File
		style graphio.DOT
		want  string
	}{
		{&graphio.File{Graph: graph.Must(graph.New(3, [][2]int32{{0, 1}, {1, 0}, {1, 1}}))}, graphio.DOT{},
			"digraph {\n\t0;\n\t1;\n\t2;\n\t0 -> 1;\n\t1 -> 0;\n\t1 -> 1;\n}\n"},
		{&graphio.File{Graph: graph.Must(graph.NewUndirected(2, [][2]int32{{1, 0}, {1, 1}})), Weights: []float64{0.5, 0.5, 2},
			Colours: []int32{-1, 12}, Names: []string{"a \"b\"\\\n", "c"}}, graphio.DOT{Name: "G 1"},
			"graph \"G 1\" {\n" +
				"\t0 [\"label\"=\"a \\\"b\\\"\\\\\\n\", \"style\"=\"filled\", \"fillcolor\"=\"/set312/12\"];\n" +
				"\t1 [\"label\"=\"c\", \"style\"=\"filled\", \"fillcolor\"=\"/set312/1\"];\n" +
				"\t1 -- 0 [\"label\"=\"0.5\"];\n\t1 -- 1 [\"label\"=\"2\"];\n}\n"},
		{&graphio.File{Graph: graph.Must(graph.NewUndirected(2, [][2]int32{{0, 1}})), Colours: []int32{1, 1}}, graphio.DOT{
			Node: func(v int32) []graphio.Attribute {
				return [][]graphio.Attribute{nil, {{Key: "color", Value: "red"}}}[v]
			},
			Edge: func(id int32) []graphio.Attribute {
				return []graphio.Attribute{{Key: "penwidth", Value: "2"}}
			}},
			"graph {\n\t0;\n\t1 [\"color\"=\"red\"];\n\t0 -- 1 [\"penwidth\"=\"2\"];\n}\n"},
	} {
		var b bytes.Buffer
		require.NoError(t, graphio.WriteDOT(&b, c.file, c.style))
		require.Equal(t, c.want, b.String())
	}
}

// One line a node and one a pair of arcs, or an arc.
func TestDOTLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := multigraph(t, rapid.Bool().Draw(t, "undirected"))
		edges, arrow := g.NumEdges(), " -> "
		if g.Undirected() {
			pairs, err := g.Pairs()
			require.NoError(t, err)
			edges, arrow = len(pairs), " -- "
		}
		var b bytes.Buffer
		require.NoError(t, graphio.WriteDOT(&b, &graphio.File{Graph: g}, graphio.DOT{}))
		require.Equal(t, 2+g.NumNodes()+edges, strings.Count(b.String(), "\n"))
		require.Equal(t, edges, strings.Count(b.String(), arrow))
	})
}
