package dataset

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"symbridge/tensor"
)

// isData reports whether an error is one of those that bad data may give.
func isData(err error) bool {
	for _, e := range []error{ErrFormat, ErrLimit, ErrUnknown, fs.ErrNotExist} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

func files(m map[string]string) fstest.MapFS {
	f := fstest.MapFS{}
	for name, text := range m {
		f[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return f
}

// pair is a TU set of a path of 3 nodes, listed both ways and out of order, and a node with a one-way edge to another.
func pair() map[string]string {
	return map[string]string{
		"DS_graph_indicator.txt": "1\n1\n1\n2\n2\n",
		"DS_graph_labels.txt":    "5\n-3\n",
		"DS_A.txt":               "1,2\n4, 5\n2,1\n2,3\n3,2\n",
		"DS_node_labels.txt":     "7,0\n9,0\n7,1\n7,0\n7,0\n",
		"DS_node_attributes.txt": "0.5\n1.5\n2.5\n-1e3\n4\n",
		"DS_edge_labels.txt":     "1\n0\n1\n2\n2\n",
		"DS_edge_attributes.txt": "1,-1\n2,-2\n3,-3\n4,-4\n5,-5\n",
	}
}

func TestTUSmall(t *testing.T) {
	s, err := Open[float64](files(pair()), "", Limits{})
	require.NoError(t, err)
	require.NoError(t, s.Validate())
	require.Equal(t, "DS", s.Name)
	require.Equal(t, []string{"-3", "5"}, s.ClassNames)
	a, b := s.Data[0], s.Data[1]
	require.Equal(t, []int32{1}, a.GraphClass)
	require.Equal(t, []int32{0}, b.GraphClass)
	require.Equal(t, [][2]int32{{0, 1}, {1, 0}, {1, 2}, {2, 1}}, a.Graph.EdgeList())
	require.Equal(t, [][2]int32{{0, 1}}, b.Graph.EdgeList())
	require.True(t, a.Graph.Undirected())
	require.False(t, b.Graph.Undirected())
	require.Equal(t, tensor.FromRows([][]float64{{1, 0, 1, 0, 0.5}, {0, 1, 1, 0, 1.5}, {1, 0, 0, 1, 2.5}}), a.X)
	require.Equal(t, []float64{1, 0, 1, 0, -1000}, b.X.Row(0))
	require.Equal(t, tensor.FromRows([][]float64{
		{0, 1, 0, 1, -1}, {0, 1, 0, 3, -3}, {0, 0, 1, 4, -4}, {0, 0, 1, 5, -5}}), a.EdgeAttr)
	require.Equal(t, []float64{1, 0, 0, 2, -2}, b.EdgeAttr.Row(0))
	require.Equal(t, []uint64{3, 4}, b.Graph.NodeIDs())
	require.Equal(t, []uint64{4}, b.Graph.EdgeIDs())
	require.Equal(t, []uint64{1}, b.Graph.GraphIDs())
	ids, classes := s.Labels()
	require.Equal(t, []uint64{0, 1}, ids)
	require.Equal(t, []int32{1, 0}, classes)

	bare := pair()
	for name := range bare {
		if strings.Contains(name, "attributes") || strings.Contains(name, "node_l") || strings.Contains(name, "edge_l") {
			delete(bare, name)
		}
	}
	s, err = Open[float64](files(bare), "tu:DS", Limits{})
	require.NoError(t, err)
	require.True(t, s.Data[0].X.Empty() && s.Data[0].EdgeAttr.Empty())
	require.Zero(t, s.Features())

	bare["DS_A.txt"] = "" // graphs without edges, and an edge file without lines
	bare["DS_edge_labels.txt"] = "\n"
	s, err = Open[float64](files(bare), "tu", Limits{})
	require.NoError(t, err)
	require.NoError(t, s.Validate())
	require.Zero(t, s.Data[1].Graph.NumEdges())
}

func TestHostileTU(t *testing.T) {
	for name, c := range map[string]struct{ file, text, want string }{
		"indicator descends": {"graph_indicator", "1\n2\n1\n2\n2",
			"DS_graph_indicator.txt:3: field 1 (graph): graph 1 after graph 2"},
		"indicator jumps": {"graph_indicator", "1\n1\n3\n2\n2",
			"DS_graph_indicator.txt:3: field 1 (graph): graph 3 after graph 1"},
		"indicator from 0": {"graph_indicator", "0\n0\n0\n1\n1",
			"DS_graph_indicator.txt:1: field 1 (graph): 0 is not in 1.."},
		"indicator huge":  {"graph_indicator", "99999999999999999999", "is no integer"},
		"indicator empty": {"graph_indicator", " \n\r\n", "DS_graph_indicator.txt has no lines"},
		"indicator two":   {"graph_indicator", "1,1\n1\n1\n2\n2", `DS_graph_indicator.txt:1: field 2 (surplus): "1"`},
		"labels short": {"graph_labels", "5\n",
			"DS_graph_labels.txt:1: the file ends after 1 lines, want one for each of the 2 graphs"},
		"labels none":        {"graph_labels", "", "DS_graph_labels.txt:1: the file ends after 0 lines"},
		"labels long":        {"graph_labels", "5\n6\n7", "DS_graph_labels.txt:3: more lines than the 2 graphs"},
		"labels wide":        {"graph_labels", "5,1\n6,1", "DS_graph_labels.txt:1: 2 fields, want the one label"},
		"label is text":      {"graph_labels", "5\nabc", `DS_graph_labels.txt:2: field 1 (label): "abc" is no integer`},
		"label is long text": {"graph_labels", strings.Repeat("a", 999) + "\n5", `aaa"... is no integer`},
		"node 0":             {"A", "1,2\n0,1", "DS_A.txt:2: field 1 (source): 0 is not in 1..5"},
		"node 6":             {"A", "1,2\n1,6", "DS_A.txt:2: field 2 (target): 6 is not in 1..5"},
		"node is text":       {"A", "1,2\n1,b", `DS_A.txt:2: field 2 (target): "b" is no integer`},
		"one field":          {"A", "1,2\n1", `DS_A.txt:2: field 2 (target): "" is no integer`},
		"three fields":       {"A", "1,2\n1,2,1", `DS_A.txt:2: field 3 (surplus): "1" after the last field`},
		"trailing comma":     {"A", "1,2,", `DS_A.txt:1: field 3 (surplus): ""`},
		"blank line":         {"A", "1,2\n\n2,1", `DS_A.txt:2: field 1 (source): "" is no integer`},
		"across graphs": {"A", "1,2\n3,4",
			"DS_A.txt:2: field 2 (target): node 4 is in graph 2, and the source 3 in graph 1"},
		"node labels short": {"node_labels", "1,1\n1,1",
			"DS_node_labels.txt:2: the file ends after 2 lines, want one for each of the 5 nodes"},
		"node labels ragged": {"node_labels", "1,1\n1",
			"DS_node_labels.txt:2: field 2 (label): missing, line 1 has 2 fields"},
		"node labels wide": {"node_labels", "1\n1,1",
			"DS_node_labels.txt:2: field 2 (label): more fields than the 1 of line 1"},
		"node attribute text": {"node_attributes", "1\nx",
			`DS_node_attributes.txt:2: field 1 (attribute): "x" is no number`},
		"node attribute NaN": {"node_attributes", "1\nNaN",
			`DS_node_attributes.txt:2: field 1 (attribute): "NaN" is not finite`},
		"node attribute large": {"node_attributes", "1\n1e99", `"1e99" is no number that fits in 32 bits`},
		"edge labels long":     {"edge_labels", "1\n1\n1\n1\n1\n1", "DS_edge_labels.txt:6: more lines than the 5 edges"},
		"edge attributes": {"edge_attributes", "1,1\n1,1\n1,1\n1,1\n1,-",
			`DS_edge_attributes.txt:5: field 2 (attribute): "-" is no number`},
	} {
		t.Run(name, func(t *testing.T) {
			m := pair()
			m["DS_"+c.file+".txt"] = c.text
			_, err := TU[float32](files(m), "DS", Limits{})
			require.ErrorIs(t, err, ErrFormat)
			require.ErrorContains(t, err, "dataset: DS_"+c.file+".txt")
			require.ErrorContains(t, err, c.want)
		})
	}
	for _, file := range []string{"A", "graph_indicator", "graph_labels"} {
		m := pair()
		delete(m, "DS_"+file+".txt")
		_, err := TU[float32](files(m), "DS", Limits{})
		require.ErrorIs(t, err, fs.ErrNotExist)
		require.ErrorContains(t, err, "DS_"+file+".txt")
	}
	for _, l := range []Limits{{FileBytes: 8}, {Nodes: 4}, {Edges: 4}, {Features: 1}, {Features: 3}, {Values: 9}, {Values: 20}} {
		_, err := TU[float32](files(pair()), "DS", l)
		require.ErrorIs(t, err, ErrLimit, "%+v", l)
	}
	_, err := TU[float32](files(pair()), "DS", Limits{Graphs: 1})
	require.ErrorContains(t, err, "2 is not in 1..1")
}

func TestGzip(t *testing.T) {
	m := files(pair())
	m["DS_A.txt.gz"] = &fstest.MapFile{Data: zipped([]byte(strings.Repeat("1,2\n", 1<<20)))}
	delete(m, "DS_A.txt")
	_, err := TU[float32](m, "DS", Limits{FileBytes: 1 << 16}) // a bomb: 4 MiB in 4 kB
	require.ErrorIs(t, err, ErrLimit)
	require.ErrorContains(t, err, "DS_A.txt.gz has more than Limits.FileBytes = 65536 bytes")

	good := zipped([]byte(pair()["DS_A.txt"]))
	for _, damaged := range [][]byte{nil, good[:5], good[:len(good)-3], []byte("1,2\n")} {
		m["DS_A.txt.gz"].Data = damaged
		_, err = TU[float32](m, "DS", Limits{})
		require.ErrorIs(t, err, ErrFormat)
		require.ErrorContains(t, err, "dataset: DS_A.txt.gz: ")
	}
	delete(m, "DS_node_labels.txt") // an optional file that is damaged is no file that is absent
	m["DS_A.txt.gz"].Data = good
	m["DS_node_labels.txt.gz"] = &fstest.MapFile{Data: []byte("x")}
	_, err = TU[float32](m, "DS", Limits{})
	require.ErrorContains(t, err, "DS_node_labels.txt.gz")
	delete(m, "DS_node_labels.txt.gz")
	m["DS_edge_attributes.txt.gz"] = &fstest.MapFile{Data: []byte("x")}
	delete(m, "DS_edge_attributes.txt")
	_, err = TU[float32](m, "DS", Limits{})
	require.ErrorContains(t, err, "DS_edge_attributes.txt.gz")
	m["DS_edge_attributes.txt"] = &fstest.MapFile{Mode: fs.ModeDir}
	_, err = TU[float32](m, "DS", Limits{})
	require.ErrorContains(t, err, "DS_edge_attributes.txt")
}

const twoGraphs = "2\n3 1\n4 1 1\n5 2 0 2\n4 2 1 2 \n0 0\n"

func TestGINSmall(t *testing.T) {
	s, err := Open[float64](files(map[string]string{"G.txt": twoGraphs, "README.txt": "a text"}), "", Limits{})
	require.NoError(t, err)
	require.NoError(t, s.Validate())
	a := s.Data[0]
	require.Equal(t, [][2]int32{{0, 1}, {1, 0}, {1, 2}, {2, 1}, {2, 2}}, a.Graph.EdgeList()) // the self loop stays
	require.Equal(t, []float64{1, 0, 0, 1, 1, 0}, a.X.Data)
	require.Zero(t, s.Data[1].Graph.NumNodes())
	require.Equal(t, []string{"0", "1"}, s.ClassNames)

	s, err = GIN[float64](files(map[string]string{"G.txt": "1\n2 1\n4 1 1 0.5 -1\n4 1 0 1e2 2"}), "G", Limits{})
	require.NoError(t, err)
	require.Equal(t, []float64{1, 0.5, -1, 1, 100, 2}, s.Data[0].X.Data)

	// Tags are kept where there are two of them, and left out where there is one.
	s, err = GIN[float64](files(map[string]string{"G.txt": "1\n2 1\n4 1 1\n4 1 0"}), "G", Limits{})
	require.NoError(t, err)
	require.True(t, s.Data[0].X.Empty())
	s, err = GIN[float64](files(map[string]string{"G.txt": "1\n0 1"}), "G", Limits{})
	require.NoError(t, err)
	require.True(t, s.Data[0].X.Empty())
}

func TestHostileGIN(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"empty":             {"", "G.txt is empty"},
		"no count":          {"x", `G.txt:1: field 1 (number of graphs): "x" is no integer`},
		"no graphs":         {"0", "G.txt:1: field 1 (number of graphs): 0 is not in 1.."},
		"two counts":        {"1 2", "G.txt:1: field 2 (surplus)"},
		"huge count":        {"99999999999", "G.txt:1: field 1 (number of graphs): 99999999999 is not in 1..2147483647"},
		"ends at once":      {"3", "G.txt:1: the file ends before graph 0 of 0..2"},
		"ends later":        {"2\n1 1\n0 0", "G.txt:3: the file ends before graph 1 of 0..1"},
		"ends in a graph":   {"1\n3 1\n0 0", "G.txt:3: the file ends in graph 0, before node 1 of 0..2"},
		"goes on":           {"1\n1 1\n0 0\n1 1", "G.txt:4: a line after the last of the 1 graphs"},
		"no label":          {"1\n1\n0 0", `G.txt:2: field 2 (graph label): "" is no integer`},
		"bad nodes":         {"1\n-1 1", "G.txt:2: field 1 (number of nodes): -1 is not in 0.."},
		"three numbers":     {"1\n1 1 1\n0 0", "G.txt:2: field 3 (surplus)"},
		"no tag":            {"1\n1 1\n\n0 0", `G.txt:3: field 1 (tag): "" is no integer`},
		"no degree":         {"1\n1 1\n0", `G.txt:3: field 2 (number of neighbours): "" is no integer`},
		"negative degree":   {"1\n1 1\n0 -1", "G.txt:3: field 2 (number of neighbours): -1 is not in 0.."},
		"too few":           {"1\n2 1\n0 2 1\n0 0", `G.txt:3: field 4 (neighbour): "" is no integer`},
		"neighbour beyond":  {"1\n2 1\n0 1 2\n0 0", "G.txt:3: field 3 (neighbour): 2 is not in 0..1"},
		"neighbour is text": {"1\n2 1\n0 1 a\n0 0", `G.txt:3: field 3 (neighbour): "a" is no integer`},
		"attribute is text": {"1\n2 1\n0 1 1 a\n0 0", `G.txt:3: field 4 (attribute): "a" is no number`},
		"attributes differ": {"1\n2 1\n0 1 1 0.5\n0 1 0",
			"G.txt:4: field 3 (attribute): the node has 0 attributes, the first node of the file 1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := GIN[float32](files(map[string]string{"G.txt": c.text}), "G", Limits{})
			require.ErrorIs(t, err, ErrFormat)
			require.ErrorContains(t, err, "dataset: "+c.want)
		})
	}
	attrs := "2\n1 1\n0 0 1 2 3\n1 1\n1 0 1 2 3"
	for _, c := range []struct {
		text string
		l    Limits
	}{{twoGraphs, Limits{Graphs: 1}}, {twoGraphs, Limits{Nodes: 2}}, {"1\n1000000000 1\n", Limits{}},
		{"1\n3 1\n0 1000000000 1", Limits{}},
		{twoGraphs, Limits{Edges: 4}}, {twoGraphs, Limits{Features: 1}}, {twoGraphs, Limits{Values: 5}}, {attrs, Limits{Features: 2}},
		{attrs, Limits{Values: 4}}, {attrs, Limits{Values: 6}}, {"9999999\n", Limits{}}} {
		_, err := GIN[float32](files(map[string]string{"G.txt": c.text}), "G", c.l)
		require.ErrorIs(t, err, ErrLimit, "%q %+v", c.text, c.l)
	}
}

func TestOpen(t *testing.T) {
	both := pair()
	both["G.txt"] = twoGraphs
	for format, name := range map[string]string{"": "DS", "tu": "DS", "gin": "G", "gin:G": "G", "tu:DS": "DS"} {
		s, err := Open[float32](files(both), format, Limits{})
		require.NoError(t, err)
		require.Equal(t, name, s.Name)
	}
	for _, c := range []struct {
		m            map[string]string
		format, want string
	}{
		{map[string]string{}, "", "found no files; known formats are tu (NAME_A.txt), planetoid (ind.NAME.x), gin ("},
		{map[string]string{"a.csv": "", "b.txt": "hello"}, "", "no data set is here: found a.csv, b.txt; known"},
		{pair(), "gin", "no data set of format gin is here: found DS_A.txt"},
		{pair(), "gml", `unknown format "gml", want one of tu, planetoid, gin`},
		{pair(), ":DS", `unknown format ""`},
		{map[string]string{"a_A.txt": "", "b_A.txt": ""}, "",
			"several data sets of format tu: a, b; choose one with format tu:a"},
		{map[string]string{"ind.a.x": "", "ind.b.x.gz": "", "ind.c": ""}, "",
			"several data sets of format planetoid: a, b;"},
		{map[string]string{"one.txt": "1\n1 1", "two.txt": "1\n1 1", "three.txt": "1\n1 1 1", "four.txt": "1",
			"five.txt":   "1 1\n1 1",
			"bad.txt.gz": "x"}, "", "several data sets of format gin: one, two;"},
		{map[string]string{"1": "", "2": "", "3": "", "4": "", "5": "", "6": "", "7": "", "8": "", "9": ""}, "",
			"7, 8, ...;"},
	} {
		_, err := Open[float32](files(c.m), c.format, Limits{})
		require.ErrorIs(t, err, ErrUnknown)
		require.ErrorContains(t, err, c.want)
	}
	_, err := Open[float32](os.DirFS("no such folder"), "", Limits{})
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.Equal(t, []string{"tu", "planetoid", "gin"}, Formats())

	for want, m := range map[string]map[string]string{"[tu gin]": both, "[]": {"b.txt": "hello"}, "[tu]": {"a_A.txt": "", "b_A.txt": ""}} {
		found, err := FormatsIn(files(m))
		require.NoError(t, err)
		require.Equal(t, want, fmt.Sprint(found))
	}
	_, err = FormatsIn(os.DirFS("no such folder"))
	require.ErrorIs(t, err, fs.ErrNotExist)
}

func TestLoad(t *testing.T) {
	s, err := Load[float32]("karate", "", Limits{})
	require.NoError(t, err)
	require.Equal(t, "karate", s.Name)
	_, err = Load[float32]("karate", "tu", Limits{})
	require.ErrorIs(t, err, ErrUnknown)
	_, err = Load[float32]("corra", "", Limits{})
	require.ErrorIs(t, err, ErrUnknown)
	require.ErrorContains(t, err, `"corra" is not a folder, and the only data set that is built in is karate`)
	_, err = Load[float32]("text_test.go", "", Limits{})
	require.ErrorIs(t, err, ErrUnknown)
	dir := t.TempDir()
	_, err = Load[float32](dir, "", Limits{})
	require.ErrorIs(t, err, ErrUnknown)
	require.ErrorContains(t, err, dir)
	for name, text := range pair() {
		require.NoError(t, os.WriteFile(dir+"/"+name, []byte(text), 0o600))
	}
	s, err = Load[float32](dir, "", Limits{})
	require.NoError(t, err)
	require.Len(t, s.Data, 2)
}
