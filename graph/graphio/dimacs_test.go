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

func TestReadDIMACS(t *testing.T) {
	f, err := graphio.ReadDIMACS(strings.NewReader("c a comment\r\n\np col 4 3\nn 2 7\ne 1 2\r\ne 3 3\ne 2 1\n"), graphio.Limits{})
	require.NoError(t, err)
	require.Equal(t, 4, f.Graph.NumNodes())
	require.Equal(t, [][2]int32{{0, 1}, {1, 0}, {2, 2}, {1, 0}, {0, 1}}, f.Graph.EdgeList())
	require.Equal(t, []int32{0, 7, 0, 0}, f.Colours)

	var b bytes.Buffer
	require.NoError(t, graphio.WriteDIMACS(&b, f))
	require.Equal(t, "p edge 4 3\nn 1 0\nn 2 7\nn 3 0\nn 4 0\ne 1 2\ne 3 3\ne 2 1\n", b.String())
}

func TestDIMACSErrors(t *testing.T) {
	tight := graphio.Limits{Nodes: 5, Edges: 2}
	for _, c := range []struct {
		in       string
		limits   graphio.Limits
		sentinel error
		want     string
	}{
		{"", graphio.Limits{}, graphio.ErrSyntax, "no line"},
		{"e 1 2\n", graphio.Limits{}, graphio.ErrSyntax, "DIMACS line 1: line \"e 1 2\": comes before the p line"},
		{"p edge 2 1\n", graphio.Limits{}, graphio.ErrSyntax, "0 edges, the p line says 1"},
		{"p edge 2 0\ne 1 2\n", graphio.Limits{}, graphio.ErrSyntax, "line 2"},
		{"p edge 2 1\ne 1 3\n", graphio.Limits{}, graph.ErrNodeRange, "line 2: target \"3\": nodes are 1..2"},
		{"p edge 2 1\ne 0 1\n", graphio.Limits{}, graph.ErrNodeRange, "source \"0\""},
		{"p edge 2 1\ne x 1\n", graphio.Limits{}, graphio.ErrSyntax, "not a node number"},
		{"p edge 2 1\ne 1 2 3\n", graphio.Limits{}, graphio.ErrSyntax, "4 fields"},
		{"p edge 2 1\np edge 2 1\n", graphio.Limits{}, graphio.ErrSyntax, "second p line"},
		{"p sp 2 1\n", graphio.Limits{}, graphio.ErrSyntax, "want \"p edge N M\""},
		{"p edge -2 1\n", graphio.Limits{}, graphio.ErrSyntax, "nodes \"-2\""},
		{"p edge 6 1\n", tight, graphio.ErrLimit, "6 nodes"},
		{"p edge 5 3\n", tight, graphio.ErrLimit, "3 edges"},
		{"p edge 2 0\nx\n", graphio.Limits{}, graphio.ErrSyntax, "want c, p, n or e"},
		{"p edge 2 0\nn 3 1\n", graphio.Limits{}, graph.ErrNodeRange, "node \"3\""},
		{"p edge 2 0\nn 1 -1\n", graphio.Limits{}, graphio.ErrSyntax, "colour \"-1\""},
		{"p edge 2 0\nn 1 1\nn 1 2\n", graphio.Limits{}, graphio.ErrSyntax, "a second colour"},
	} {
		_, err := graphio.ReadDIMACS(strings.NewReader(c.in), c.limits)
		requireFault(t, err, c.sentinel, c.want)
	}
}

func TestDIMACSRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := &graphio.File{Graph: multigraph(t, true)}
		if n := f.Graph.NumNodes(); n > 0 && rapid.Bool().Draw(t, "coloured") {
			f.Colours = rapid.SliceOfN(rapid.Int32Min(0), n, n).Draw(t, "colours")
		}
		var b bytes.Buffer
		require.NoError(t, graphio.WriteDIMACS(&b, f))
		back, err := graphio.ReadDIMACS(&b, graphio.Limits{})
		require.NoError(t, err)
		require.Equal(t, f.Graph.NumNodes(), back.Graph.NumNodes())
		require.Equal(t, f.Graph.EdgeList(), back.Graph.EdgeList())
		require.Equal(t, f.Colours, back.Colours)
	})
}

func FuzzDIMACS(f *testing.F) {
	for _, s := range []string{"c x\np edge 3 2\nn 1 4\ne 1 2\ne 3 3\n", "p col 1 0", "p edge 4000000000 1\n", "e 1 1"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := graphio.ReadDIMACS(bytes.NewReader(in), small)
		if err != nil {
			requireTyped(t, err)
			return
		}
		var b bytes.Buffer
		require.NoError(t, graphio.WriteDIMACS(&b, got))
		back, err := graphio.ReadDIMACS(&b, graphio.Limits{})
		require.NoError(t, err)
		require.Equal(t, got.Graph.EdgeList(), back.Graph.EdgeList())
		require.Equal(t, got.Colours, back.Colours)
	})
}
