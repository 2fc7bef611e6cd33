package gnn_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/autodiff"
	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/tensor"
)

func rng() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

func randomData(r *rand.Rand, n, e, width int) *gnn.Data[float32] {
	edges := make([][2]int32, e)
	for k := range edges {
		edges[k] = [2]int32{int32(r.IntN(n)), int32(r.IntN(n))}
	}
	d := &gnn.Data[float32]{Graph: graph.Must(graph.New(n, edges)), X: tensor.NewDense[float32](n, width),
		EdgeAttr: tensor.NewDense[float32](e, 2), EdgeWeight: tensor.NewDense[float32](e, 1), Pos: tensor.NewDense[float32](n, 3),
		NodeTarget: tensor.NewDense[float32](n, 1), GraphTarget: tensor.NewDense[float32](1, 1), GraphClass: []int32{0},
		Train: []int32{0, 1}, Val: []int32{2}, Test: []int32{3}}
	for i := range n {
		d.NodeClass = append(d.NodeClass, int32(i%3))
	}
	for _, m := range []tensor.Dense[float32]{d.X, d.EdgeAttr, d.EdgeWeight, d.Pos} {
		for i := range m.Data {
			m.Data[i] = float32(r.NormFloat64())
		}
	}
	return d
}

func names[T tensor.Float](l gnn.Layer[T]) []string {
	var s []string
	for name := range l.Params {
		s = append(s, name)
	}
	return s
}

// The names of PyTorch Geometric's models are the names in a checkpoint.
func TestParameterNames(t *testing.T) {
	for _, c := range []struct {
		config gnn.Config
		want   string
	}{
		{gnn.Config{Model: "gcn", Task: "node", In: 3, Hidden: 4, Out: 2, Layers: 2}, "convs.0.bias convs.0.lin.weight convs.1.bias convs.1.lin.weight"},
		{gnn.Config{Model: "sage", Task: "node", In: 3, Hidden: 4, Out: 2, Layers: 1, Aggr: "softmax"}, "convs.0.aggr_module.t convs.0.lin_l.weight convs.0.lin_l.bias convs.0.lin_r.weight"},
		{gnn.Config{Model: "gat", Task: "node", In: 3, Hidden: 4, Out: 2, Layers: 1, EdgeDim: 2},
			"convs.0.att_src convs.0.att_dst convs.0.att_edge convs.0.bias convs.0.lin.weight convs.0.lin_edge.weight"},
		{gnn.Config{Model: "gine", Task: "node", In: 3, Hidden: 4, Out: 2, Layers: 1, EdgeDim: 2},
			"convs.0.eps convs.0.nn.lins.0.weight convs.0.nn.lins.0.bias convs.0.nn.lins.1.weight convs.0.nn.lins.1.bias " +
				"convs.0.lin.weight convs.0.lin.bias"},
		{gnn.Config{Model: "transformer", Task: "node", In: 3, Hidden: 4, Out: 2, Layers: 1, EdgeDim: 2},
			"convs.0.lin_key.weight convs.0.lin_key.bias convs.0.lin_query.weight convs.0.lin_query.bias " +
				"convs.0.lin_value.weight convs.0.lin_value.bias convs.0.lin_edge.weight convs.0.lin_skip.weight convs.0.lin_skip.bias"},
		{gnn.Config{Model: "gin", Task: "graph", In: 3, Hidden: 4, Out: 2, Layers: 1, Norm: "batch"},
			"convs.0.eps convs.0.nn.lins.0.weight convs.0.nn.lins.0.bias convs.0.nn.lins.1.weight convs.0.nn.lins.1.bias " +
				"convs.0.nn.norms.0.module.weight convs.0.nn.norms.0.module.bias convs.0.nn.norms.0.module.running_mean convs.0.nn.norms.0.module.running_var " +
				"norms.0.module.weight norms.0.module.bias norms.0.module.running_mean norms.0.module.running_var lin.weight lin.bias"},
		{gnn.Config{Model: "gcn", Task: "graph", In: 3, Hidden: 4, Out: 2, Layers: 1, Norm: "graph", Pool: "softmax"},
			"convs.0.bias convs.0.lin.weight norms.0.weight norms.0.bias norms.0.mean_scale pool.t lin.weight lin.bias"},
		{gnn.Config{Model: "gcn", Task: "graph", In: 3, Hidden: 4, Out: 2, Layers: 1, Norm: "layer"},
			"convs.0.bias convs.0.lin.weight norms.0.weight norms.0.bias lin.weight lin.bias"},
	} {
		m, err := gnn.NewModel[float32](c.config, rng())
		require.NoError(t, err)
		require.Equal(t, c.want, strings.Join(names(m), " "))
		stopped := 0
		m.Params(func(string, *autodiff.Param[float32]) bool { stopped++; return false })
		require.Equal(t, 1, stopped, "the iterator stops when told")
	}
}

func TestConfigErrors(t *testing.T) {
	good := gnn.Config{Model: "gcn", Task: "node", In: 3, Hidden: 4, Out: 2, Layers: 2}
	for want, change := range map[string]func(c *gnn.Config){
		`unknown model "cnn"`:        func(c *gnn.Config) { c.Model = "cnn" },
		`unknown task "edge"`:        func(c *gnn.Config) { c.Task = "edge" },
		`unknown norm "weight"`:      func(c *gnn.Config) { c.Norm = "weight" },
		`unknown activation "step"`:  func(c *gnn.Config) { c.Activation = "step" },
		"in is 0, want 1":            func(c *gnn.Config) { c.In = 0 },
		"layers is -1":               func(c *gnn.Config) { c.Layers = -1 },
		"hidden is 1048577":          func(c *gnn.Config) { c.Hidden = 1<<20 + 1 },
		"over the limit":             func(c *gnn.Config) { c.Hidden, c.Heads = 1<<20, 1024 },
		"of about":                   func(c *gnn.Config) { c.Model, c.EdgeDim, c.Hidden = "gat", 1<<20, 1<<12 },
		"a model of about":           func(c *gnn.Config) { c.Model, c.EdgeDim, c.In = "gine", 1<<20, 1<<12 },
		"edge_dim is 0, want at lea": func(c *gnn.Config) { c.Model = "gine" },
		"dropout is 1":               func(c *gnn.Config) { c.Dropout = 1 },
		"attention is NaN":           func(c *gnn.Config) { c.Attention = math.NaN() },
		`unknown aggregator "best"`:  func(c *gnn.Config) { c.Model, c.Aggr = "sage", "best" },
		`pool: aggregate: unknown`:   func(c *gnn.Config) { c.Task, c.Pool = "graph", "top" },
	} {
		c := good
		change(&c)
		_, err := gnn.NewModel[float32](c, rng())
		require.ErrorContains(t, err, want)
	}
}

func TestModelShapes(t *testing.T) {
	d := randomData(rng(), 9, 20, 5)
	b := gnn.Batch(d, randomData(rng(), 4, 6, 5))
	for _, model := range []string{"gcn", "sage", "gat", "gin", "gine", "transformer"} {
		for _, train := range []bool{false, true} {
			node, err := gnn.NewModel[float32](gnn.Config{Model: model, Task: "node", In: 5, Hidden: 4, Out: 3, Layers: 3, EdgeDim: 2, Heads: 2, OutHeads: 2, Dropout: 0.5, Attention: 0.3, Norm: "batch"}, rng())
			require.NoError(t, err)
			tp := autodiff.NewTape[float32]()
			tp.Train = train
			require.Equal(t, [2]int{13, 3}, node.Forward(tp, b.Graph, b.On(tp)).Node.Value.Shape())
			pool, err := gnn.NewModel[float32](gnn.Config{Model: model, Task: "graph", In: 5, Hidden: 4, Out: 3, Layers: 2, EdgeDim: 2, Heads: 2, Dropout: 0.5, Norm: "graph"}, rng())
			require.NoError(t, err)
			require.Equal(t, [2]int{2, 3}, pool.Forward(tp, b.Graph, b.On(tp)).Graph.Value.Shape())
			shapes := node.Shapes(13)
			require.Len(t, shapes, 3)
			require.Equal(t, 5, shapes[0].In)
			require.Equal(t, 3, shapes[2].Out)
			first := 0
			for _, p := range node.Params {
				if node.FirstLayer(p) {
					first++
				}
			}
			require.Positive(t, first)
		}
	}
}

// Sparse features give the same model outputs as dense ones, up to the order of mapping and summing.
func TestSparseFeatures(t *testing.T) {
	d := randomData(rng(), 12, 40, 30)
	s := *d
	s.X, s.Sparse = tensor.Dense[float32]{}, tensor.CSRFromDense(d.X)
	require.NoError(t, s.Validate())
	require.Equal(t, 30, s.Features())
	for _, model := range []string{"gcn", "sage", "gat", "gin", "gine", "transformer"} {
		m, err := gnn.NewModel[float32](gnn.Config{Model: model, Task: "node", In: 30, Hidden: 4, Out: 3, Layers: 2, EdgeDim: 2}, rng())
		require.NoError(t, err)
		var tp autodiff.Tape[float32]
		a, b := m.Forward(&tp, d.Graph, d.On(&tp)).Node.Value, m.Forward(&tp, s.Graph, s.On(&tp)).Node.Value
		require.InDeltaSlice(t, a.Data, b.Data, 1e-4, model)
	}
	for _, l := range []gnn.Layer[float32]{gnn.NewMLP[float32](rng(), false, 30, 4), gnn.Activation[float32]{}, gnn.NewBatchNorm[float32](30),
		gnn.NewLayerNorm[float32](30), gnn.NewGraphNorm[float32](30), gnn.NewLinear[float32](rng(), 30, 3, true)} {
		var tp autodiff.Tape[float32]
		a, b := l.Forward(&tp, d.Graph, d.On(&tp)).Node.Value, l.Forward(&tp, s.Graph, s.On(&tp)).Node.Value
		require.Equal(t, a.Data, b.Data)
	}
}

// Plain sums give about the same, and follow the order of the edge list: the control without which the laws would prove nothing.
func TestPlainSums(t *testing.T) {
	r := rng()
	d := randomData(r, 60, 400, 16)
	d.EdgeWeight = tensor.Dense[float32]{} // it draws negative ones, whose roots are NaN
	h := d.Relabel(perm(r, 60), perm(r, 400))
	gradients := func(d *gnn.Data[float32], plain bool) []float32 {
		m, err := gnn.NewModel[float32](gnn.Config{Model: "gcn", Task: "node", In: 16, Hidden: 8, Out: 3, Layers: 2}, rng())
		require.NoError(t, err)
		tp := autodiff.NewTape[float32]()
		tp.Plain = plain
		tp.Backward(autodiff.CrossEntropy(tp, m.Forward(tp, d.Graph, d.On(tp)).Node, make([]int32, 60), nil))
		var all []float32
		for _, p := range m.Params {
			all = append(all, tp.Grad(p).Data...)
		}
		return all
	}
	exact := gradients(d, false)
	require.Equal(t, exact, gradients(h, false))
	require.InDeltaSlice(t, exact, gradients(d, true), 1e-5)
	require.NotEqual(t, gradients(d, true), gradients(h, true))
}

func TestBatchNormStatistics(t *testing.T) {
	n := gnn.NewBatchNorm[float64](1)
	g := graph.Must(graph.New(4, nil))
	tp := autodiff.NewTape[float64]()
	tp.Train = true
	x := gnn.Features[float64]{Node: tp.Const(tensor.FromRows([][]float64{{1}, {2}, {3}, {6}}))}
	y := n.Forward(tp, g, x).Node.Value
	require.InDelta(t, -2/math.Sqrt(3.5+1e-5), y.Data[0], 1e-12)
	require.Equal(t, 0.0, n.RunningMean.Value.Data[0], "a forward pass writes nothing")
	tp.Commit()
	require.InDelta(t, 0.3, n.RunningMean.Value.Data[0], 1e-12)
	require.InDelta(t, 0.9+0.1*14.0/3, n.RunningVar.Value.Data[0], 1e-12)
	tp.Reset()
	tp.Train = false
	x = gnn.Features[float64]{Node: tp.Const(tensor.FromRows([][]float64{{1}, {2}, {3}, {6}}))}
	y = n.Forward(tp, g, x).Node.Value
	require.InDelta(t, (1-0.3)/math.Sqrt(0.9+0.1*14.0/3+1e-5), y.Data[0], 1e-12)
}

func TestActivations(t *testing.T) {
	g := graph.Must(graph.New(1, nil))
	for name, want := range map[string]float64{"": 0, "relu": 0, "leaky_relu": -0.01, "elu": math.Expm1(-1), "tanh": math.Tanh(-1),
		"sigmoid": 1 / (1 + math.E), "gelu": -0.15865525393145707, "silu": -1 / (1 + math.E), "identity": -1} {
		a, err := gnn.ParseActivation[float64](name)
		require.NoError(t, err)
		var tp autodiff.Tape[float64]
		y := a.Forward(&tp, g, gnn.Features[float64]{Node: tp.Const(tensor.FromRows([][]float64{{-1}}))})
		require.InDelta(t, want, y.Node.Value.Data[0], 1e-12, name)
	}
	require.Panics(t, func() {
		var tp autodiff.Tape[float64]
		gnn.Activation[float64]{Name: "step"}.Apply(&tp, tp.Const(tensor.NewDense[float64](1, 1)))
	})
}

func TestDataRelabel(t *testing.T) {
	r := rng()
	d := randomData(r, 6, 11, 2)
	require.NoError(t, d.Validate())
	p, q := perm(r, 6), perm(r, 11)
	h := d.Relabel(p, q)
	require.NoError(t, h.Validate())
	for v := range int32(6) {
		require.Equal(t, d.X.Row(int(v)), h.X.Row(int(p[v])))
		require.Equal(t, d.Pos.Row(int(v)), h.Pos.Row(int(p[v])))
		require.Equal(t, d.NodeClass[v], h.NodeClass[p[v]])
		require.Equal(t, uint64(v), h.Graph.NodeIDs()[p[v]])
	}
	for k := range int32(11) {
		require.Equal(t, p[d.Graph.From()[k]], h.Graph.From()[q[k]])
		require.Equal(t, p[d.Graph.To()[k]], h.Graph.To()[q[k]])
		require.Equal(t, d.EdgeAttr.Row(int(k)), h.EdgeAttr.Row(int(q[k])))
		require.Equal(t, d.EdgeWeight.Row(int(k)), h.EdgeWeight.Row(int(q[k])))
		require.Equal(t, uint64(k), h.Graph.EdgeIDs()[q[k]])
	}
	require.Equal(t, []int32{p[0], p[1]}, h.Train)
	require.Equal(t, []int32{p[3]}, h.Test)
	empty := &gnn.Data[float32]{Graph: d.Graph}
	require.NoError(t, empty.Relabel(p, q).Validate())
}

func perm(r *rand.Rand, n int) []int32 {
	p := make([]int32, n)
	for i, v := range r.Perm(n) {
		p[i] = int32(v)
	}
	return p
}

func TestDataValidate(t *testing.T) {
	for want, change := range map[string]func(d *gnn.Data[float32]){
		"without a graph":                 func(d *gnn.Data[float32]) { d.Graph = nil },
		"X has 5 rows":                    func(d *gnn.Data[float32]) { d.X.Rows = 5 },
		"EdgeAttr has 1 rows":             func(d *gnn.Data[float32]) { d.EdgeAttr = tensor.NewDense[float32](1, 2) },
		"Sparse has 2 rows":               func(d *gnn.Data[float32]) { d.Sparse = tensor.CSRFromDense(tensor.NewDense[float32](2, 2)) },
		"both X and Sparse":               func(d *gnn.Data[float32]) { d.Sparse = tensor.CSRFromDense(d.X) },
		"NodeClass has 1 entries, want 6": func(d *gnn.Data[float32]) { d.NodeClass = d.NodeClass[:1] },
		"GraphClass[0] is -2":             func(d *gnn.Data[float32]) { d.GraphClass = []int32{-2} },
		"EdgeWeight has 2 columns":        func(d *gnn.Data[float32]) { d.EdgeWeight = tensor.NewDense[float32](11, 2) },
		"Sparse: tensor: CSR":             func(d *gnn.Data[float32]) { d.Sparse, d.X = badCSR(d.X), tensor.Dense[float32]{} },
		"X[1,0] is NaN":                   func(d *gnn.Data[float32]) { d.X.Set(1, 0, float32(math.NaN())) },
		"stored value 2 of Sparse": func(d *gnn.Data[float32]) {
			d.X.Set(1, 0, float32(math.Inf(1)))
			d.Sparse, d.X = tensor.CSRFromDense(d.X), tensor.Dense[float32]{}
		},
		"Train[1] is node 6": func(d *gnn.Data[float32]) { d.Train = []int32{0, 6} },
	} {
		d := randomData(rng(), 6, 11, 2)
		change(d)
		require.ErrorContains(t, d.Validate(), want)
	}
}

// badCSR returns a pattern that someone has written to.
func badCSR(m tensor.Dense[float32]) *tensor.CSR[float32] {
	s := tensor.CSRFromDense(m)
	s.Idx[0] = 4096
	return s
}

func TestBatch(t *testing.T) {
	a, b := randomData(rng(), 4, 6, 2), randomData(rng(), 4, 2, 2)
	s := *b
	s.Sparse, s.X = tensor.CSRFromDense(b.X), tensor.Dense[float32]{}
	c := gnn.Batch(a, &s)
	require.NoError(t, c.Validate())
	require.Equal(t, 8, c.Graph.NumNodes())
	require.Equal(t, b.X.Data, c.X.Data[8:])
	require.Equal(t, []int32{0, 1, 4, 5}, c.Train)
	require.Equal(t, []int32{0, 0}, c.GraphClass)
	unlabelled := *a
	unlabelled.GraphClass = nil
	require.PanicsWithError(t, "gnn.Batch: GraphClass of graph 1, present in some graphs only, is (0,0), want (any,1)", func() { gnn.Batch(a, &unlabelled) })
	require.PanicsWithError(t, "gnn.Batch: X of graph 1 is (3,5), want (any,2)", func() { gnn.Batch(a, randomData(rng(), 3, 2, 5)) })
}

func TestWrongFeaturesPanic(t *testing.T) {
	g := graph.Must(graph.New(2, [][2]int32{{0, 1}}))
	var tp autodiff.Tape[float32]
	l := gnn.NewGCN[float32](rng(), 3, 2, gnn.GCNOptions{})
	require.PanicsWithError(t, "gnn.GCN: node features is (2,4), want (2,3)", func() {
		l.Forward(&tp, g, gnn.Features[float32]{Node: tp.Const(tensor.NewDense[float32](2, 4))})
	})
	require.PanicsWithError(t, "gnn.GCN: node features is (0,0), want (2,3)", func() { l.Forward(&tp, g, gnn.Features[float32]{}) })
	a := gnn.NewGAT[float32](rng(), 3, 2, gnn.GATOptions{EdgeDim: 4})
	require.PanicsWithError(t, "gnn.GAT: edge features is (0,0), want (1,4)", func() {
		a.Forward(&tp, g, gnn.Features[float32]{Node: tp.Const(tensor.NewDense[float32](2, 3))})
	})
	model, err := gnn.NewModel[float32](gnn.Config{Model: "gcn", Task: "node", In: 3, Hidden: 2, Out: 2, Layers: 1, Dropout: 0.5}, rng())
	require.NoError(t, err)
	require.PanicsWithError(t, "gnn.Model: node features is (0,0), want (2,3)", func() { model.Forward(&tp, g, gnn.Features[float32]{}) })
	require.Panics(t, func() { gnn.NewMLP[float32](rng(), false, 3) })
	_, err = gnn.NewSAGE[float32](rng(), 2, 2, gnn.SAGEOptions{Aggr: "most"})
	require.Error(t, err)
}

// Batching keeps sparse features sparse, and with them the road that a layer takes.
func TestSparseBatch(t *testing.T) {
	var ds []*gnn.Data[float32]
	for _, n := range []int{7, 5} {
		d := randomData(rng(), n, 3*n, 30)
		d.Sparse, d.X = tensor.CSRFromDense(d.X), tensor.Dense[float32]{}
		d.EdgeWeight = tensor.Dense[float32]{}
		ds = append(ds, d)
	}
	b := gnn.Batch(ds...)
	require.NoError(t, b.Validate())
	for _, model := range []string{"gcn", "sage", "gat", "gin", "gine", "transformer"} {
		m, err := gnn.NewModel[float32](gnn.Config{Model: model, Task: "node", In: 30, Hidden: 32, Out: 3, Layers: 2, EdgeDim: 2}, rng())
		require.NoError(t, err)
		var tp autodiff.Tape[float32]
		all := m.Forward(&tp, b.Graph, b.On(&tp)).Node.Value.Data
		first := m.Forward(&tp, ds[0].Graph, ds[0].On(&tp)).Node.Value.Data
		require.Equal(t, first, all[:len(first)], model)
	}
	require.Panics(t, func() { tensor.StackCSR(b.Sparse, tensor.CSRFromDense(tensor.NewDense[float32](1, 2))) })
}

// One model may predict in many goroutines, each with its own tape.
func TestConcurrentPrediction(t *testing.T) {
	d := randomData(rng(), 50, 300, 8)
	m, err := gnn.NewModel[float32](gnn.Config{Model: "gat", Task: "node", In: 8, Hidden: 8, Out: 3, Layers: 2, Heads: 4}, rng())
	require.NoError(t, err)
	var tp autodiff.Tape[float32]
	want := m.Forward(&tp, d.Graph, d.On(&tp)).Node.Value
	done := make(chan []float32)
	for range 8 {
		go func() {
			var tp autodiff.Tape[float32]
			for range 3 {
				tp.Reset()
				m.Forward(&tp, d.Graph, d.On(&tp))
			}
			tp.Reset()
			done <- m.Forward(&tp, d.Graph, d.On(&tp)).Node.Value.Data
		}()
	}
	for range 8 {
		require.Equal(t, want.Data, <-done)
	}
}

func TestStack(t *testing.T) {
	s := gnn.Stack[float32]{{Name: "conv", Layer: gnn.NewGCN[float32](rng(), 2, 4, gnn.GCNOptions{})}, {Layer: gnn.Activation[float32]{}},
		{Layer: gnn.Dropout[float32]{P: 0.5}}, {Name: "out", Layer: gnn.NewLinear[float32](rng(), 4, 3, false)}}
	require.Equal(t, []string{"conv.bias", "conv.lin.weight", "out.weight"}, names[float32](s))
	d := randomData(rng(), 5, 8, 2)
	var tp autodiff.Tape[float32]
	require.Equal(t, [2]int{5, 3}, s.Forward(&tp, d.Graph, d.On(&tp)).Node.Value.Shape())
}

func BenchmarkGCNStep(b *testing.B) {
	d := randomData(rng(), 2708, 10556, 64)
	d.EdgeWeight = tensor.Dense[float32]{} // those are of both signs, and their degrees have no root
	m, _ := gnn.NewModel[float32](gnn.Config{Model: "gcn", Task: "node", In: 64, Hidden: 16, Out: 7, Layers: 2, Dropout: 0.5}, rng())
	tp := autodiff.NewTape[float32]()
	tp.Train = true
	b.ReportAllocs()
	for b.Loop() {
		tp.Reset()
		y := m.Forward(tp, d.Graph, d.On(tp)).Node
		tp.Backward(autodiff.CrossEntropy(tp, y, d.NodeClass, nil))
	}
}
