package dataset

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"symbridge/internal/testdata"
)

var small = Limits{FileBytes: 1 << 20, Nodes: 1000, Edges: 5000, Graphs: 100, Features: 200, Values: 100000}

// checkRead fails unless a reader gave either an error of data, or a set that is valid and can be relabelled.
func checkRead(t *testing.T, s *Set[float32], err error) {
	t.Helper()
	if err != nil {
		if !isData(err) || !strings.HasPrefix(err.Error(), "dataset: ") {
			t.Fatalf("not an error about data: %v", err)
		}
		return
	}
	for _, s := range []*Set[float32]{s, s.Relabel(rand.New(rand.NewPCG(1, 1))), FillFeatures(s).Map(NormalizeRows)} {
		if err := s.Validate(); err != nil {
			t.Fatal(err)
		}
	}
	nodes, edges := 0, 0
	for _, d := range s.Data {
		nodes, edges = nodes+d.Graph.NumNodes(), edges+d.Graph.NumEdges()
	}
	if nodes > small.Nodes || edges > 2*small.Edges || len(s.Data) > small.Graphs || s.Features() > small.Features {
		t.Fatalf("%d graphs, %d nodes, %d edges, %d features are over the limits", len(s.Data), nodes, edges, s.Features())
	}
}

// seeds adds the start of some files of a shared folder, where it is there.
func seeds(f *testing.F, add func([]byte), folder string, names ...string) {
	for _, name := range names {
		if b, err := os.ReadFile(filepath.Join(testdata.Root(), "data", folder, name)); err == nil {
			add(b[:min(len(b), 4000)])
		}
	}
}

func FuzzPickle(f *testing.F) {
	for name, file := range tiny() {
		for i, part := range planetoidParts[:7] {
			if strings.HasSuffix(name, "."+part) {
				f.Add(i, file.Data)
			}
		}
	}
	seeds(f, func(b []byte) { f.Add(0, b) }, "cora", "ind.cora.y", "ind.cora.graph")
	f.Fuzz(func(t *testing.T, part int, b []byte) {
		m := tiny()
		m["ind.tiny."+planetoidParts[uint(part)%7]] = &fstest.MapFile{Data: b}
		s, err := Planetoid[float32](m, "tiny", small)
		checkRead(t, s, err)
	})
}

func FuzzTU(f *testing.F) {
	m := pair()
	for _, zip := range []bool{false, true} {
		f.Add(m["DS_graph_indicator.txt"], m["DS_graph_labels.txt"], m["DS_A.txt"], m["DS_node_labels.txt"],
			m["DS_node_attributes.txt"], m["DS_edge_labels.txt"], zip)
	}
	f.Add("1\r\n1\n", "1", "1,2\n2,1", "", "1,1e3\n-0,.5", "", false)
	f.Fuzz(func(t *testing.T, indicator, labels, a, nodeLabels, nodeAttributes, edgeLabels string, zip bool) {
		m := fstest.MapFS{}
		for name, text := range map[string]string{"graph_indicator": indicator, "graph_labels": labels, "A": a,
			"node_labels":     nodeLabels,
			"node_attributes": nodeAttributes, "edge_labels": edgeLabels} {
			if text == "" {
				continue
			}
			if zip {
				m["DS_"+name+".txt.gz"] = &fstest.MapFile{Data: zipped([]byte(text))}
			} else {
				m["DS_"+name+".txt"] = &fstest.MapFile{Data: []byte(text)}
			}
		}
		s, err := Open[float32](m, "tu:DS", small)
		checkRead(t, s, err)
	})
}

func FuzzFolds(f *testing.F) {
	f.Add([]byte("0\n3\n"), []byte("1\n2\n"))
	f.Add([]byte("0\r\n\n"), []byte("0"))
	seeds(f, func(b []byte) { f.Add(b, []byte("7\n")) }, "mutag/10fold_idx", "test_idx-1.txt", "test_idx-2.txt")
	f.Fuzz(func(t *testing.T, a, b []byte) {
		folds, err := ReadFolds(fstest.MapFS{"test_idx-1.txt": {Data: a}, "test_idx-2.txt": {Data: b}}, 200, small)
		if err != nil {
			if !isData(err) {
				t.Fatalf("not an error about data: %v", err)
			}
			return
		}
		if len(folds) != 2 || len(folds[0])+len(folds[1]) > 200 {
			t.Fatalf("%d folds of 200 graphs", len(folds))
		}
	})
}

func FuzzGIN(f *testing.F) {
	f.Add([]byte(twoGraphs))
	f.Add([]byte("1\r\n2 1\r\n4 1 1 0.5 -1\r\n4 1 0 1e2 2"))
	seeds(f, func(b []byte) { f.Add(b) }, "mutag", "MUTAG.txt")
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := GIN[float32](fstest.MapFS{"G.txt": {Data: b}}, "G", small)
		checkRead(t, s, err)
	})
}
