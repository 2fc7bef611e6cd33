package gnn_test

import (
	"slices"
	"testing"

	"symbridge/autodiff"
	"symbridge/gnn"
	"symbridge/tensor"
)

// BenchmarkGATStep is a training step of the network of Velickovic et al. (2018) for Cora, on a random graph of its size: eight heads
// of eight channels and a head of seven classes, bags of 18 words of 1433, dropout 0.6 of features and of coefficients.
func BenchmarkGATStep(b *testing.B) {
	const n, words = 2708, 1433
	r := rng()
	d := randomData(r, n, 10556, 0)
	ptr, idx, val := []int32{0}, []int32{}, []float32{}
	for range n {
		row := r.Perm(words)[:18]
		slices.Sort(row)
		for _, c := range row {
			idx, val = append(idx, int32(c)), append(val, 1./18)
		}
		ptr = append(ptr, int32(len(idx)))
	}
	s, err := tensor.NewCSR(n, words, ptr, idx, val)
	if err != nil {
		b.Fatal(err)
	}
	d.Sparse = s
	for i := range d.NodeClass {
		d.NodeClass[i] = int32(i % 7)
	}
	m, err := gnn.NewModel[float32](gnn.Config{Model: "gat", Task: "node", In: words, Hidden: 8, Out: 7, Layers: 2, Heads: 8,
		Activation: "elu", Dropout: 0.6, Attention: 0.6}, r)
	if err != nil {
		b.Fatal(err)
	}
	var params []*autodiff.Param[float32]
	for _, p := range m.Params {
		params = append(params, p)
	}
	tp := autodiff.NewTape[float32]()
	tp.Train = true
	step := func() {
		tp.Reset()
		tp.Step++
		y := m.Forward(tp, d.Graph, d.On(tp)).Node
		tp.Backward(autodiff.CrossEntropy(tp, y, d.NodeClass, nil))
		for _, p := range params {
			tp.Grad(p)
		}
	}
	step()
	step()
	b.ReportAllocs()
	for b.Loop() {
		step()
	}
}
