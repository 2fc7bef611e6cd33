package bench

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"

	"symbridge/dataset"
	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/tensor"
)

// size is that of a random graph.
type size struct{ nodes, pairs int }

// largeGraph has the size of ogbn-arxiv with both directions of each edge.
var largeGraph = size{169_343, 1_160_000}

func (s size) String() string {
	return fmt.Sprintf("power-law graph of %d nodes and about %d directed edges", s.nodes, 2*s.pairs)
}

func generator(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

// uniform returns n numbers from [-1, 1).
func uniform(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = 2*rng.Float32() - 1
	}
	return x
}

// powerLaw returns an undirected graph without loops and parallel edges: the ends of each of the given number of pairs are
// drawn apart, node of rank r with a probability that falls as r^-1/2, so that degrees fall as a power law with exponent 3,
// and a pair that was drawn before is dropped (a few in a hundred). Names of nodes say nothing about their ranks.
func powerLaw(rng *rand.Rand, s size) *graph.Graph {
	name := rng.Perm(s.nodes)
	end := func() int {
		u := rng.Uint64N(1 << 32)
		return name[(u*u>>32)*uint64(s.nodes)>>32]
	}
	pairs := make([]int64, 0, s.pairs)
	for range s.pairs {
		if u, v := end(), end(); u != v {
			pairs = append(pairs, int64(min(u, v))<<32|int64(max(u, v)))
		}
	}
	slices.Sort(pairs)
	pairs = slices.Compact(pairs)
	edges := make([][2]int32, len(pairs))
	for k, p := range pairs {
		edges[k] = [2]int32{int32(p >> 32), int32(p & 0x7fffffff)}
	}
	return graph.Must(graph.NewUndirected(s.nodes, edges))
}

// endpoints returns the edges of a graph as arrays from and to.
func endpoints(g *graph.Graph) map[string]Array {
	e := g.NumEdges()
	return map[string]Array{"from": ints(g.From(), e), "to": ints(g.To(), e)}
}

// cora is a citation graph with bags of words: 2708 nodes, 1433 words, 7 classes, 140 training nodes.
func cora(data Data) (*gnn.Data[float32], string, error) {
	if dir, ok := data.folder("cora"); ok {
		s, err := dataset.Load[float32](dir, dataset.FormatPlanetoid, dataset.Limits{})
		if err != nil {
			return nil, "", err
		}
		return dataset.NormalizeRows(s.Data[0]), "Cora, public split", nil
	}
	const nodes, words, classes = 2708, 1433, 7
	rng := generator(1)
	ptr, idx, val := []int32{0}, []int32(nil), []float32(nil)
	for range nodes {
		bag := make([]int32, 18)
		for i := range bag {
			bag[i] = int32(rng.IntN(words))
		}
		slices.Sort(bag)
		bag = slices.Compact(bag)
		for _, w := range bag {
			idx, val = append(idx, w), append(val, 1/float32(len(bag)))
		}
		ptr = append(ptr, int32(len(idx)))
	}
	x, err := tensor.NewCSR(nodes, words, ptr, idx, val)
	if err != nil {
		return nil, "", err
	}
	d := &gnn.Data[float32]{Graph: powerLaw(rng, size{nodes, 5278}), Sparse: x, NodeClass: classesOf(nodes, classes)}
	for v := range int32(140) {
		d.Train = append(d.Train, v*19)
	}
	return d, "synthetic, of the size of Cora", nil
}

// classesOf returns classes that follow from nothing that a model sees.
func classesOf(n, classes int) []int32 {
	rng, y := generator(2), make([]int32, n)
	for i := range y {
		y[i] = int32(rng.IntN(classes))
	}
	return y
}

// data is a power-law graph with 128 features and 40 classes, all nodes for training.
func (s size) data(Data) (*gnn.Data[float32], string, error) {
	return powerLawData(s, 128, 40), s.String(), nil
}

func powerLawData(s size, features, classes int) *gnn.Data[float32] {
	rng := generator(3)
	return &gnn.Data[float32]{Graph: powerLaw(rng, s), NodeClass: classesOf(s.nodes, classes),
		X: tensor.Dense[float32]{Rows: s.nodes, Cols: features, Data: uniform(rng, s.nodes*features)}}
}

// molecules returns 188 small graphs of two classes.
func molecules(data Data) (ds []*gnn.Data[float32], source string, err error) {
	if dir, ok := data.folder("mutag"); ok {
		s, err := dataset.Load[float32](dir, dataset.FormatTU, dataset.Limits{})
		if err != nil {
			return nil, "", err
		}
		for _, d := range s.Data {
			lean := &gnn.Data[float32]{Graph: d.Graph, X: d.X, GraphClass: d.GraphClass}
			if d.Sparse != nil {
				lean.X = d.Sparse.Dense()
			}
			ds = append(ds, lean)
		}
		return ds, "MUTAG", nil
	}
	rng := generator(4)
	for i := range 188 {
		d := atoms(rng, 10+rng.IntN(17))
		d.GraphClass = []int32{int32(i % 2)}
		ds = append(ds, d)
	}
	return ds, "synthetic, of the size of MUTAG", nil
}

// molecule is one molecule of 20 nodes.
func molecule(Data) (*gnn.Data[float32], string, error) {
	d := atoms(generator(5), 20)
	d.GraphClass = []int32{1}
	return d, "synthetic", nil
}

// atoms returns a graph like a molecule: a tree of short branches with rings, 7 kinds of nodes.
func atoms(rng *rand.Rand, n int) *gnn.Data[float32] {
	var bonds [][2]int32
	for v := 1; v < n; v++ {
		bonds = append(bonds, [2]int32{int32(max(0, v-1-rng.IntN(2))), int32(v)})
	}
	for v := 5; v < n; v += 6 {
		bonds = append(bonds, [2]int32{int32(v - 5), int32(v)})
	}
	x := tensor.NewDense[float32](n, 7)
	for v := range n {
		x.Set(v, rng.IntN(7), 1)
	}
	return &gnn.Data[float32]{Graph: graph.Must(graph.NewUndirected(n, bonds)), X: x}
}

// folder returns the folder of a data set, where there is one.
func (d Data) folder(name string) (string, bool) {
	dir := filepath.Join(string(d), name)
	info, err := os.Stat(dir)
	return dir, d != "" && err == nil && info.IsDir()
}
