package graphio_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/graph"
	"symbridge/graph/graphio"
	"symbridge/internal/testdata"
)

// npyOf returns a version 1 file.
func npyOf(header, data string) string {
	return "\x93NUMPY\x01\x00" + string([]byte{byte(len(header)), byte(len(header) >> 8)}) + header + data
}

// wide writes a text as UCS-4.
func wide(s string, big bool) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if big {
			b.Write([]byte{0, 0, 0, c})
		} else {
			b.Write([]byte{c, 0, 0, 0})
		}
	}
	return b.String()
}

func TestNPY(t *testing.T) {
	for _, c := range []struct{ descr, shape, data string }{
		{"|S3", "(2,)", "C~\x00DQc"},
		{"S3", "(1, 2)", "C~\x00DQc"},
		{"<U3", "(2, 1)", wide("C~\x00DQc", false)},
		{">U3", "(2,)", wide("C~\x00DQc", true)},
	} {
		for _, header := range []string{"{'descr': '" + c.descr + "', 'fortran_order': False, 'shape': " + c.shape + ", }   \n",
			`{"shape":` + c.shape + `,"fortran_order":False,"descr":"` + c.descr + `"}`} {
			var got []string
			for g, err := range graphio.NPY(strings.NewReader(npyOf(header, c.data)), graphio.Limits{}) {
				require.NoError(t, err)
				got = append(got, g.String())
			}
			require.Equal(t, []string{"graph(4 nodes, 12 edges, 1 graphs)", "graph(5 nodes, 8 edges, 1 graphs)"}, got)
		}
	}
	// Versions 2 and 3 have four bytes for the length of the header.
	long := "\x93NUMPY\x02\x00\x3a\x00\x00\x00{'descr': '|S2', 'fortran_order': True, 'shape': (1,), }  C~"
	for _, err := range graphio.NPY(strings.NewReader(long), graphio.Limits{}) {
		require.NoError(t, err)
	}
}

func TestNPYErrors(t *testing.T) {
	header := func(descr, order, shape string) string {
		return "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }"
	}
	for _, c := range []struct {
		in       string
		sentinel error
		want     string
	}{
		{"", graphio.ErrSyntax, "ends early"},
		{"\x93NUMPX\x01\x00", graphio.ErrSyntax, "header"},
		{"\x93NUMPY\x04\x00", graphio.ErrSyntax, `version "4"`},
		{"\x93NUMPY\x01\x00\xff", graphio.ErrSyntax, "ends early"},
		{"\x93NUMPY\x01\x00\xff\xff{", graphio.ErrSyntax, "ends early"},
		{"\x93NUMPY\x02\x00\xff\xff\xff\xff{", graphio.ErrLimit, "4294967295 bytes"},
		{npyOf("nothing", ""), graphio.ErrSyntax, "want descr"},
		{npyOf(header("<f8", "False", "(1,)"), "12345678"), graphio.ErrSyntax, `descr "<f8": want strings`},
		{npyOf(header("|S0", "False", "(1000000000000,)"), ""), graphio.ErrSyntax, "without letters"},
		{npyOf(header("<U100000000", "False", "(1,)"), ""), graphio.ErrLimit, "400000000 bytes of an entry"},
		{npyOf(header("|S2", "False", "(1,1,1)"), "C~"), graphio.ErrSyntax, "shape"},
		{npyOf(header("|S2", "False", "(5000000000,)"), "C~"), graphio.ErrSyntax, "shape"},
		{npyOf(header("|S2", "True", "(1,2)"), "C~C~"), graphio.ErrSyntax, "fortran_order"},
		{npyOf(header("|S2", "False", "(4000000000,4000000000)"), "C~"), graphio.ErrSyntax, "entry 1 of 16000000000000000000"},
		{npyOf(header("|S2", "False", "(2,)"), "C~C\x00"), graphio.ErrSyntax, "entry 1: graph6 matrix"},
		{npyOf(header("|S2", "False", "(1,)"), "C~C"), graphio.ErrSyntax, "after the last of 1"},
		{npyOf(header("<U2", "False", "(1,)"), "C\x00\x00\x00\x00\x01\x00\x00"), graphio.ErrSyntax, "U+0100"},
		{npyOf(header("|S1", "False", "(1,)"), "\x00"), graphio.ErrSyntax, "entry 0: graph6 size"},
	} {
		var last error
		for _, err := range graphio.NPY(strings.NewReader(c.in), graphio.Limits{}) {
			if err != nil {
				last = err
			}
		}
		requireFault(t, last, c.sentinel, c.want)
	}
}

// The BREC pairs have the counts that their page says.
func TestBREC(t *testing.T) {
	dir := testdata.Shared(t, "data/brec")
	for name, want := range map[string][5]int{"basic": {120, 10, 10, 13, 38}, "regular": {100, 7, 10, 12, 35}, "extension": {200, 10, 19, 11, 36}} {
		var gs []*graph.Graph
		for f, err := range graphio.OpenFile(filepath.Join(dir, name+".npy"), graphio.Reading{}) {
			require.NoError(t, err)
			g := f.Graph
			require.True(t, g.IsSimple())
			gs = append(gs, g)
			require.GreaterOrEqual(t, g.NumNodes(), want[1])
			require.LessOrEqual(t, g.NumNodes(), want[2])
			require.GreaterOrEqual(t, g.NumEdges(), 2*want[3])
			require.LessOrEqual(t, g.NumEdges(), 2*want[4])
		}
		require.Len(t, gs, want[0])
		for i := 0; i < len(gs); i += 2 {
			require.Equal(t, gs[i].NumNodes(), gs[i+1].NumNodes(), "%s pair %d", name, i/2)
			require.Equal(t, gs[i].NumEdges(), gs[i+1].NumEdges(), "%s pair %d", name, i/2)
		}
	}
}

func FuzzNPY(f *testing.F) {
	for _, s := range []string{npyOf("{'descr': '|S3', 'fortran_order': False, 'shape': (2,), }", "C~\x00DQc"),
		npyOf("{'descr': '<U3', 'fortran_order': False, 'shape': (1, 2), }", wide("C~\x00DQc", false)),
		npyOf("{'descr': '>U9', 'fortran_order': True, 'shape': (99,), }", "C")} {
		f.Add([]byte(s))
	}
	for _, name := range []string{"basic", "regular", "extension"} {
		if b, err := os.ReadFile(filepath.Join(testdata.Root(), "data", "brec", name+".npy")); err == nil {
			f.Add(b[:min(len(b), 600)])
		}
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		for g, err := range graphio.NPY(bytes.NewReader(in), small) {
			if err != nil {
				requireTyped(t, err)
				continue
			}
			require.LessOrEqual(t, g.NumNodes(), small.Nodes)
		}
	})
}
