package graphio_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"symbridge/graph"
	"symbridge/graph/graphio"
	"symbridge/internal/testdata"
)

func zipped(t testing.TB, s string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(s))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return b.Bytes()
}

func TestOpenRecognises(t *testing.T) {
	array := npyOf("{'descr': '|S3', 'fortran_order': False, 'shape': (2,), }", "C~\x00DQc")
	for _, c := range []struct {
		name, content, sizes string
	}{
		{"a.g6", "C~\nDQc\n", "4/12 5/8"},
		{"a.txt", "C~\r\nDQc", "4/12 5/8"},
		{"a", ">>graph6<<C~\n", "4/12"},
		{"a", ">>sparse6<<:Fa@x^\n", "7/8"},
		{"a", ":Fa@x^\n", "7/8"},
		{"a", "&B`?\n", "3/2"},
		{"a", "\n\nC~\n", "4/12"},
		{"a.s6", "", ""},
		{"a", "", ""},
		{"a.csv", "", "0/0"},
		{"a", "\n", "0/0"},
		{"a.col", "p edge 3 1\ne 1 2\n", "3/2"},
		{"a", "p  col 3 1\ne 1 2\n", "3/2"},
		{"a", "c a comment\np edge 3 1\ne 1 2\n", "3/2"},
		{"a", "c\np edge 3 1\ne 1 2\n", "3/2"},
		{"a.dmc", "\np edge 1 0\n", "1/0"},
		{"a", "0 1\n1 2\n", "3/2"},
		{"a", "\xef\xbb\xbf0 1\n1 2\n", "3/2"},
		{"a", "source,target\n0,1\n", "2/1"},
		{"a.csv", "# nodes 9\n# undirected\n0,1\n", "9/2"},
		{"a", `{"nodes": [{"id": 0}], "edges": []}`, "1/0"},
		{"a", "{\n\"nodes\": [{\"id\": 0}], \"edges\": []}", "1/0"},
		{"a.json", `{"nodes":[],"edges":[]}`, "0/0"},
		{"a.npy", array, "4/12 5/8"},
		{"a.g6", array, "4/12 5/8"},
	} {
		for _, zip := range []bool{false, true} {
			name, content := c.name, []byte(c.content)
			if zip {
				name, content = name+".gz", zipped(t, c.content)
			}
			m := fstest.MapFS{name: {Data: content}, "no ending": {Data: content}}
			require.Equal(t, c.sizes, sizes(t, graphio.Open(m, name, graphio.Reading{})), "%s: %q", name, c.content)
			path := filepath.Join(t.TempDir(), name)
			require.NoError(t, os.WriteFile(path, content, 0o644))
			require.Equal(t, c.sizes, sizes(t, graphio.OpenFile(path, graphio.Reading{})), "%s: %q", name, c.content)
		}
	}
	require.Equal(t, "2/2", sizes(t, graphio.Read(strings.NewReader("1 2\n"), "a.g6",
		graphio.Reading{Format: graphio.FormatEdgeList, EdgeList: graphio.EdgeList{Undirected: true, First: 1}})))
}

// sizes lists nodes/edges of each graph.
func sizes(t *testing.T, fs func(func(*graphio.File, error) bool)) string {
	t.Helper()
	var b []string
	for f, err := range fs {
		require.NoError(t, err)
		b = append(b, strconv.Itoa(f.Graph.NumNodes())+"/"+strconv.Itoa(f.Graph.NumEdges()))
	}
	return strings.Join(b, " ")
}

func TestOpenErrors(t *testing.T) {
	good := zipped(t, strings.Repeat("C~\n", 10000))
	flipped := append(bytes.Clone(good[:len(good)-8]), 1, 2, 3, 4, 5, 6, 7, 8)
	for _, c := range []struct {
		name, content string
		how           graphio.Reading
		sentinel      error
		want          string
	}{
		{"x.g6", "C~\nC\n", graphio.Reading{}, graphio.ErrSyntax, "graphio: x.g6: graph6 line 2: matrix"},
		{"x.col", "p edge 2 1\ne 1 3\n", graphio.Reading{}, nil, `graphio: x.col: DIMACS line 2: target "3"`},
		{"x.gz", string(good[:len(good)/2]), graphio.Reading{}, graphio.ErrSyntax, "x.gz: "},
		{"x.gz", "\x1f\x8bnothing", graphio.Reading{}, graphio.ErrSyntax, "gzip"},
		{"x.gz", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff", graphio.Reading{}, graphio.ErrSyntax, "gzip"},
		{"x.gz", string(flipped), graphio.Reading{}, graphio.ErrSyntax, "checksum"},
		{"x.gz", string(good), graphio.Reading{Limits: graphio.Limits{Unzipped: 29_999}}, graphio.ErrLimit, "29999 bytes"},
		{"x", "C~\n", graphio.Reading{Format: "gml"}, graphio.ErrSyntax, "want one of graph6, dimacs"},
	} {
		var last error
		for f, err := range graphio.Open(fstest.MapFS{c.name: {Data: []byte(c.content)}}, c.name, c.how) {
			require.Equal(t, err == nil, f != nil)
			last = err
		}
		var typed *graphio.Error
		require.ErrorAs(t, last, &typed)
		require.Equal(t, c.name, typed.File)
		require.ErrorContains(t, last, c.want)
		if c.sentinel != nil {
			require.ErrorIs(t, last, c.sentinel)
		}
	}
	require.Equal(t, 10000, strings.Count(sizes(t, graphio.Read(bytes.NewReader(good), "", graphio.Reading{Limits: graphio.Limits{Unzipped: 30_000}})), "/"))

	for _, err := range graphio.Open(fstest.MapFS{}, "none.g6", graphio.Reading{}) {
		require.ErrorIs(t, err, fs.ErrNotExist)
		require.ErrorContains(t, err, "graphio: none.g6: ")
	}
	broken := errors.New("broken pipe")
	for _, err := range graphio.Read(iotest.ErrReader(broken), "pipe", graphio.Reading{}) {
		require.ErrorIs(t, err, broken)
	}
}

// A stream without end is read graph by graph, and may be left.
func TestReadStreams(t *testing.T) {
	n := 0
	for f, err := range graphio.Read(io.MultiReader(strings.NewReader(">>graph6<<"), cycle("C~\n")), "", graphio.Reading{}) {
		require.NoError(t, err)
		require.Equal(t, 4, f.Graph.NumNodes())
		if n++; n == 100_000 {
			break
		}
	}
}

// cycle is a text again and again.
type cycle string

func (c cycle) Read(p []byte) (int, error) {
	n := 0
	for len(p)-n >= len(c) {
		n += copy(p[n:], c)
	}
	return n, nil
}

// Lines that the quick road takes and lines that it does not read alike.
func TestQuickAndCarefulRoad(t *testing.T) {
	want, err := graphio.ReadDIMACS(strings.NewReader("p edge 12 4\ne 1 12\ne 3 3\ne 2 1\ne 12 1\n"), graphio.Limits{})
	require.NoError(t, err)
	for _, s := range []string{"p edge 12 4\ne  1 12\n e 3\t3\ne 2 1 \ne 12 1", "p col 12 4\r\ne 1 12\r\ne 003 3\r\ne 2 1\r\ne 12 1\r\n",
		"p edge 12 4\ne 0000000000001 12\ne 3 +3\ne 2 1\n\ne 12 1\n"} {
		got, err := graphio.ReadDIMACS(strings.NewReader(s), graphio.Limits{})
		require.NoError(t, err, s)
		require.Equal(t, want.Graph.EdgeList(), got.Graph.EdgeList(), s)
	}
	for _, weight := range []string{"", "0.5"} {
		var want *graphio.File
		for i, s := range []string{"0\t11W\n3\t3W\n2\t1W\n", "0,11W\n3,3W\n2,1W", "0 , 11W\n3,  3W\n2,1W \n", "0 11W\n 3   3W\n2 \t1W",
			"0;11W\n\"3\";3W\n2;0000000000001W\n"} {
			sep := s[1:2]
			if i == 2 {
				sep = ","
			}
			if s = strings.ReplaceAll(s, "W", sep+weight); weight == "" {
				s = strings.ReplaceAll(s+"\n", sep+"\n", "\n")
				s = strings.ReplaceAll(s, sep+" \n", "\n")
			}
			got, err := graphio.ReadEdgeList(strings.NewReader(s), graphio.EdgeList{})
			require.NoError(t, err, s)
			if want == nil {
				want = got
			}
			require.Equal(t, want.Graph.EdgeList(), got.Graph.EdgeList(), s)
			require.Equal(t, want.Weights, got.Weights, s)
		}
	}
}

// The shared isomorphism instances have the sizes that their tables say.
func TestIsomorphismBench(t *testing.T) {
	dir := testdata.Shared(t, "data/iso-bench")
	table, err := os.Open(filepath.Join(dir, "EXPECTED.tsv"))
	require.NoError(t, err)
	defer table.Close()
	graphs := 0
	for lines := bufio.NewScanner(table); lines.Scan(); {
		f := strings.Split(lines.Text(), "\t")
		if f[0] != "graph" {
			continue
		}
		n := 0
		for g, err := range graphio.Open(os.DirFS(dir), f[1]+".col.gz", graphio.Reading{}) {
			require.NoError(t, err)
			require.Equal(t, f[3], strconv.Itoa(g.Graph.NumNodes()), f[1])
			require.Equal(t, f[4], strconv.Itoa(g.Graph.NumEdges()/2), f[1])
			distinct := map[uint64]bool{}
			for _, c := range g.Labels() {
				distinct[c] = true
			}
			require.Equal(t, f[5] != "0", len(distinct) > 0, "%s has %s colours", f[1], f[5])
			n++
		}
		require.Equal(t, 1, n)
		graphs++
	}
	require.Equal(t, 87, graphs)
	require.Equal(t, 40, countFiles(t, testdata.Shared(t, "data/iso/sat_cfi"), "*.dmc"))
}

// countFiles returns the number of graphs in the files of a pattern.
func countFiles(t *testing.T, dir, pattern string) (n int) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, pattern))
	require.NoError(t, err)
	for _, name := range names {
		for _, err := range graphio.OpenFile(name, graphio.Reading{}) {
			require.NoError(t, err)
			n++
		}
	}
	return n
}

// BenchmarkRead reads a million edges among a hundred thousand nodes.
func BenchmarkRead(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	var col, list bytes.Buffer
	const n, m = 100_000, 1_000_000
	fmt.Fprintf(&col, "p edge %d %d\n", n, m)
	list.WriteString("# undirected\n")
	for range m {
		u, v := rng.IntN(n), rng.IntN(n)
		fmt.Fprintf(&col, "e %d %d\n", u+1, v+1)
		fmt.Fprintf(&list, "%d\t%d\n", u, v)
	}
	for name, in := range map[string][]byte{"big.col": col.Bytes(), "big.txt": list.Bytes(), "big.col.gz": zipped(b, col.String())} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(in)))
			for b.Loop() {
				for _, err := range graphio.Read(bytes.NewReader(in), name, graphio.Reading{}) {
					require.NoError(b, err)
				}
			}
		})
	}
}

// requireSameAsRows says that a graph that was read as rows, or not, is what is read without them.
func requireSameAsRows(t *testing.T, want *graphio.File, wantErr error, got *graphio.File, err error) {
	t.Helper()
	if wantErr != nil {
		require.Error(t, err)
		require.Equal(t, wantErr.Error(), err.Error())
		return
	}
	require.NoError(t, err)
	require.True(t, (got.Graph == nil) == (got.Rows != nil))
	if got.Graph != nil {
		require.Equal(t, want.Graph.EdgeList(), got.Graph.EdgeList())
		return
	}
	g := want.Graph
	require.True(t, g.Undirected() && g.NumNodes() <= 64 && g.NumNodes() == len(got.Rows))
	rows := make([]uint64, g.NumNodes())
	for k, u := range g.From() {
		rows[u] |= 1 << g.To()[k]
	}
	require.Equal(t, rows, got.Rows)
}

func TestReadRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var text []byte
	for n := range 70 {
		var edges [][2]int32
		for v := range int32(n) {
			for u := range v {
				if rng.IntN(3) == 0 {
					edges = append(edges, [2]int32{u, v})
				}
			}
		}
		g := graph.Must(graph.NewUndirected(n, edges))
		for _, write := range []func([]byte, *graph.Graph) ([]byte, error){graphio.AppendGraph6, graphio.AppendSparse6, graphio.AppendDigraph6} {
			var err error
			text, err = write(text, g)
			require.NoError(t, err)
			text = append(text, '\n')
		}
	}
	for _, most := range []int{0, 9, 32, 64, 99} {
		var want []*graphio.File
		for f, err := range graphio.Read(bytes.NewReader(text), "", graphio.Reading{}) {
			require.NoError(t, err)
			want = append(want, f)
		}
		k, asRows := 0, 0
		for f, err := range graphio.Read(bytes.NewReader(text), "", graphio.Reading{Rows: most}) {
			requireSameAsRows(t, want[k], nil, f, err)
			if f.Rows != nil {
				asRows++
			}
			k++
		}
		require.Equal(t, len(want), k)
		require.Equal(t, map[int]int{0: 0, 9: 10, 32: 33, 64: 65, 99: 65}[most], asRows)
	}
	array := npyOf("{'descr': '|S2', 'fortran_order': False, 'shape': (3,), }", "C~Ch?\x00")
	var got [][]uint64
	for f, err := range graphio.Read(strings.NewReader(array), "", graphio.Reading{Rows: 9}) {
		require.NoError(t, err)
		require.Nil(t, f.Graph)
		got = append(got, slices.Clone(f.Rows))
	}
	require.Equal(t, [][]uint64{{14, 13, 11, 7}, {2, 5, 10, 4}, {}}, got)
	in := []byte(strings.Repeat("H?AFBo]\n", 1000)) // nine nodes
	require.Less(t, testing.AllocsPerRun(10, func() {
		for _, err := range graphio.Read(bytes.NewReader(in), "", graphio.Reading{Rows: 9}) {
			require.NoError(t, err)
		}
	}), 50.0)
}

// BenchmarkReadSmall reads a thousand graphs with nine nodes.
func BenchmarkReadSmall(b *testing.B) {
	in := []byte(strings.Repeat("H?AFBo]\n", 1000))
	for _, rows := range []int{0, 9} {
		b.Run(map[int]string{0: "graphs", 9: "rows"}[rows], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, err := range graphio.Read(bytes.NewReader(in), "", graphio.Reading{Rows: rows}) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"C~\n", ":Fa@x^\n", "&B`?\n", "p edge 2 1\ne 1 2\n", "0 1\n", `{"nodes": [], "edges": []}`,
		npyOf("{'descr': '<U2', 'fortran_order': False, 'shape': (1,), }", "C\x00\x00\x00~\x00\x00\x00")} {
		for _, name := range []string{"", "x.g6", "x.col", "x.csv", "x.json"} {
			f.Add(name, []byte(s))
			f.Add(name, zipped(f, s))
		}
	}
	f.Add("", []byte("C~\n?\n@\nB\n~??C~\n:An\nDQc\nDQd\n"))
	f.Add("bomb.gz", zipped(f, strings.Repeat("0 1\n", 100_000)))
	f.Fuzz(func(t *testing.T, name string, in []byte) {
		name = name[:min(len(name), 100)] // errors say it as it is
		limits := small
		limits.Unzipped = 1 << 16
		graphs := 0
		nextRows, stop := iter.Pull2(graphio.Read(bytes.NewReader(in), name, graphio.Reading{Limits: limits, Rows: 64}))
		defer stop()
		for got, err := range graphio.Read(bytes.NewReader(in), name, graphio.Reading{Limits: limits}) {
			rows, rowsErr, ok := nextRows()
			require.True(t, ok)
			requireSameAsRows(t, got, err, rows, rowsErr)
			if graphs++; err != nil {
				requireTyped(t, err)
				continue
			}
			require.LessOrEqual(t, got.Graph.NumNodes(), limits.Nodes)
			require.LessOrEqual(t, got.Graph.NumEdges(), 2*limits.Edges)
		}
		require.LessOrEqual(t, graphs, max(len(in), 1<<16)+1)
	})
}
