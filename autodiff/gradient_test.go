package autodiff_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/autodiff"
	"symbridge/graph"
	"symbridge/tensor"
)

type (
	tape   = autodiff.Tape[float64]
	value  = autodiff.Var[float64]
	matrix = tensor.Dense[float64]
)

// operation is a function of matrices of the given shapes whose gradients are checked.
type operation struct {
	name   string
	shapes [][2]int
	f      func(t *tape, x []*value) *value
	draw   func(r *rand.Rand) float64 // nil: normal, away from kinks at 0
}

func away(r *rand.Rand) float64 {
	v := r.NormFloat64()
	return v + math.Copysign(0.1, v)
}

func positive(r *rand.Rand) float64 { return 0.5 + r.Float64() }

// testGraph has a self loop, parallel edges and an isolated node.
func testGraph() *graph.Graph {
	return graph.Must(graph.New(5, [][2]int32{{0, 1}, {0, 1}, {2, 1}, {2, 2}, {1, 3}, {3, 0}, {1, 0}}))
}

func operations() []operation {
	g := testGraph()
	batch := graph.Union(testGraph(), graph.Must(graph.New(2, nil)), graph.Must(graph.New(0, nil)))
	u := func(name string, f func(*tape, *value) *value) operation {
		return operation{name: name, shapes: [][2]int{{4, 3}}, f: func(t *tape, x []*value) *value { return f(t, x[0]) }}
	}
	seg := func(name string, s *graph.Segments, rows int, f func(*tape, *graph.Segments, *value) *value) operation {
		return operation{name: name, shapes: [][2]int{{rows, 3}}, f: func(t *tape, x []*value) *value { return f(t, s, x[0]) }}
	}
	two := func(name string, b [2]int, f func(*tape, *value, *value) *value) operation {
		return operation{name: name, shapes: [][2]int{{4, 6}, b}, f: func(t *tape, x []*value) *value { return f(t, x[0], x[1]) }}
	}
	target := matrix{Rows: 4, Cols: 3, Data: []float64{1, 0, 1, math.NaN(), 0, 0, 1, 0.5, 0, 0, 1, 1}}
	labels := []int32{2, 0, 1, -1}
	ids := []uint64{9, 8, 7, 6}
	ops := []operation{
		{name: "Linear", shapes: [][2]int{{4, 3}, {2, 3}, {1, 2}}, f: func(t *tape, x []*value) *value { return autodiff.Linear(t, x[0], x[1], x[2]) }},
		{name: "Linear without bias", shapes: [][2]int{{4, 3}, {2, 3}}, f: func(t *tape, x []*value) *value { return autodiff.Linear(t, x[0], x[1], nil) }},
		{name: "GroupLinear", shapes: [][2]int{{6, 3}, {6, 3}}, f: func(t *tape, x []*value) *value {
			return autodiff.GroupLinear(t, x[0], x[1], []int32{0, 2, 2, 6})
		}},
		{name: "MatMul", shapes: [][2]int{{4, 3}, {3, 2}}, f: func(t *tape, x []*value) *value { return autodiff.MatMul(t, x[0], x[1]) }},
		{name: "used twice", shapes: [][2]int{{3, 3}}, f: func(t *tape, x []*value) *value {
			return autodiff.Add(t, autodiff.MatMul(t, x[0], x[0]), autodiff.Mul(t, x[0], x[0]))
		}},
		{name: "added to itself", shapes: [][2]int{{3, 3}}, f: func(t *tape, x []*value) *value {
			y := autodiff.Add(t, x[0], x[0])
			return autodiff.Add(t, y, autodiff.Tanh(t, y))
		}},
		two("Add", [2]int{4, 6}, autodiff.Add), two("Add row", [2]int{1, 6}, autodiff.Add),
		two("Sub", [2]int{4, 6}, autodiff.Sub), two("Sub row", [2]int{1, 6}, autodiff.Sub),
		two("Mul", [2]int{4, 6}, autodiff.Mul), two("Mul row", [2]int{1, 6}, autodiff.Mul),
		two("Mul heads", [2]int{4, 2}, autodiff.Mul), two("Mul column", [2]int{4, 1}, autodiff.Mul), two("Mul scalar", [2]int{1, 1}, autodiff.Mul),
		two("HeadDot row", [2]int{1, 6}, func(t *tape, a, b *value) *value { return autodiff.HeadDot(t, a, b, 2) }),
		two("HeadDot rows", [2]int{4, 6}, func(t *tape, a, b *value) *value { return autodiff.HeadDot(t, a, b, 3) }),
		{name: "WeightedMean", shapes: [][2]int{{7, 3}, {7, 3}}, f: func(t *tape, x []*value) *value {
			return autodiff.WeightedMean(t, batch.Nodes(), x[0], x[1], 3)
		}},
		{name: "mean of squares", shapes: [][2]int{{7, 3}}, f: func(t *tape, x []*value) *value {
			return autodiff.WeightedMean(t, batch.Nodes(), x[0], x[0], 3)
		}},
		{name: "SegmentDot", shapes: [][2]int{{5, 4}, {5, 4}}, f: func(t *tape, x []*value) *value {
			return autodiff.SegmentDot(t, g.In(), x[0], x[1], 2)
		}},
		{name: "MessageMax of edges alone", shapes: [][2]int{{7, 3}}, f: func(t *tape, x []*value) *value {
			return autodiff.MessageMax(t, g.In(), t.Full(5, 3, 0.5), x[0], true)
		}},
		{name: "AdditiveAttention", shapes: [][2]int{{5, 2}, {5, 2}, {5, 4}}, f: func(t *tape, x []*value) *value {
			return autodiff.AdditiveAttention(t, g.In(), x[0], x[1], nil, x[2], 0.2, autodiff.AttentionOptions{Heads: 2})
		}},
		{name: "AdditiveAttention with edges and dropout", shapes: [][2]int{{5, 2}, {5, 2}, {7, 2}, {5, 4}}, f: func(t *tape, x []*value) *value {
			t.Train, t.Seed = true, 4
			return autodiff.AdditiveAttention(t, g.Out(), x[0], x[1], x[2], x[3], 0.2, autodiff.AttentionOptions{Heads: 2, Dropout: 0.4})
		}},
		{name: "DotAttention", shapes: [][2]int{{5, 6}, {5, 6}, {5, 6}}, f: func(t *tape, x []*value) *value {
			return autodiff.DotAttention(t, g.In(), x[0], x[1], nil, x[2], 0.7, autodiff.AttentionOptions{Heads: 2})
		}},
		{name: "DotAttention of one matrix with dropout", shapes: [][2]int{{5, 6}}, f: func(t *tape, x []*value) *value {
			t.Train, t.Seed = true, 4
			return autodiff.DotAttention(t, g.In(), x[0], x[0], nil, x[0], 0.7, autodiff.AttentionOptions{Heads: 3, Dropout: 0.4})
		}},
		{name: "DotAttention with edges", shapes: [][2]int{{5, 6}, {5, 6}, {7, 6}, {5, 6}}, f: func(t *tape, x []*value) *value {
			return autodiff.DotAttention(t, g.In(), x[0], x[1], x[2], x[3], 0.7, autodiff.AttentionOptions{Heads: 2})
		}},
		{name: "DotAttention with edges used twice and dropout", shapes: [][2]int{{5, 6}, {7, 6}}, f: func(t *tape, x []*value) *value {
			t.Train, t.Seed = true, 4
			o := autodiff.AttentionOptions{Heads: 3, Dropout: 0.4}
			y := autodiff.DotAttention(t, g.Out(), x[0], x[0], x[1], x[0], 0.7, o)
			return autodiff.DotAttention(t, g.In(), y, x[0], x[1], y, 0.7, o)
		}},
		two("Concat", [2]int{4, 2}, func(t *tape, a, b *value) *value { return autodiff.Concat(t, a, b, a) }),
		two("ConcatRows", [2]int{2, 6}, autodiff.ConcatRows),
		u("Slice", func(t *tape, x *value) *value { return autodiff.Slice(t, x, 1, 3) }),
		u("ReLU", autodiff.ReLU), u("Tanh", autodiff.Tanh), u("Sigmoid", autodiff.Sigmoid), u("GELU", autodiff.GELU),
		u("SiLU", autodiff.SiLU), u("Exp", autodiff.Exp), u("Square", autodiff.Square),
		u("LeakyReLU", func(t *tape, x *value) *value { return autodiff.LeakyReLU(t, x, 0.2) }),
		u("ELU", func(t *tape, x *value) *value { return autodiff.ELU(t, x, 0.7) }),
		u("Scale", func(t *tape, x *value) *value { return autodiff.Scale(t, x, -1.5) }),
		u("Shift", func(t *tape, x *value) *value { return autodiff.Mul(t, x, autodiff.Shift(t, x, 2)) }),
		{name: "Log", shapes: [][2]int{{4, 3}}, draw: positive, f: func(t *tape, x []*value) *value { return autodiff.Log(t, x[0]) }},
		{name: "Sqrt", shapes: [][2]int{{4, 3}}, draw: positive, f: func(t *tape, x []*value) *value { return autodiff.Sqrt(t, x[0], 0.1) }},
		{name: "Sqrt below the floor", shapes: [][2]int{{4, 3}}, draw: positive, f: func(t *tape, x []*value) *value { return autodiff.Sqrt(t, x[0], 9) }},
		{name: "RSqrt", shapes: [][2]int{{4, 3}}, draw: positive, f: func(t *tape, x []*value) *value { return autodiff.RSqrt(t, x[0], 0.1) }},
		u("Dropout", func(t *tape, x *value) *value {
			t.Train, t.Seed = true, 4
			return autodiff.Dropout(t, x, ids, 0.4)
		}),
		u("LayerNorm", func(t *tape, x *value) *value { return autodiff.LayerNorm(t, x, 1e-5) }),
		u("Normalize", func(t *tape, x *value) *value { return autodiff.Normalize(t, x, 1e-12) }),
		u("Normalize clamped", func(t *tape, x *value) *value { return autodiff.Normalize(t, x, 100) }),
		seg("SegmentNorm", batch.Nodes(), 7, func(t *tape, s *graph.Segments, x *value) *value {
			y, _, _ := autodiff.SegmentNorm(t, s, x, 0.1)
			return y
		}),
		{name: "CrossEntropy", shapes: [][2]int{{4, 3}}, f: func(t *tape, x []*value) *value {
			return autodiff.CrossEntropy(t, x[0], labels, []int32{0, 2, 2, 1})
		}},
		{name: "CrossEntropy all rows", shapes: [][2]int{{3, 3}}, f: func(t *tape, x []*value) *value {
			return autodiff.CrossEntropy(t, x[0], labels[:3], nil)
		}},
		u("BCE", func(t *tape, x *value) *value { return autodiff.BCE(t, x, target, nil) }),
		u("BCE rows", func(t *tape, x *value) *value { return autodiff.BCE(t, x, target, []int32{1, 3}) }),
		u("MSE", func(t *tape, x *value) *value { return autodiff.MSE(t, x, target, []int32{0, 1}) }),
	}
	for _, m := range []struct {
		name string
		of   func(*tape, *graph.Segments, *value, *value, bool) *value
	}{{"Sum", autodiff.MessageSum[float64]}, {"Mean", autodiff.MessageMean[float64]}, {"Max", autodiff.MessageMax[float64]},
		{"Min", autodiff.MessageMin[float64]}} {
		for _, relu := range []bool{false, true} {
			name := fmt.Sprintf("Message%s relu %v", m.name, relu)
			ops = append(ops,
				operation{name: name, shapes: [][2]int{{5, 3}, {7, 3}}, f: func(t *tape, x []*value) *value {
					return m.of(t, g.Out(), x[0], x[1], relu)
				}},
				operation{name: name + " of rows alone", shapes: [][2]int{{5, 3}}, f: func(t *tape, x []*value) *value {
					return m.of(t, g.In(), x[0], t.Full(7, 3, 0.25), relu)
				}})
		}
	}
	for _, s := range []struct {
		name string
		seg  *graph.Segments
		rows int
	}{{"In", g.In(), 5}, {"Out", g.Out(), 5}, {"InEdges", g.InEdges(), 7}, {"Nodes", batch.Nodes(), 7}, {"Whole", graph.OneSegment(4), 4},
		{"Others", g.WithLoops().Others, 7}} {
		ops = append(ops, seg("SegmentSum "+s.name, s.seg, s.rows, autodiff.SegmentSum), seg("SegmentMean "+s.name, s.seg, s.rows, autodiff.SegmentMean),
			seg("SegmentMax "+s.name, s.seg, s.rows, autodiff.SegmentMax), seg("SegmentMin "+s.name, s.seg, s.rows, autodiff.SegmentMin))
		if s.seg.Of != nil {
			ops = append(ops, seg("SegmentVar "+s.name, s.seg, s.rows, autodiff.SegmentVar),
				seg("SegmentSoftmax "+s.name, s.seg, s.rows, autodiff.SegmentSoftmax),
				seg("Expand "+s.name, s.seg, s.seg.Len(), autodiff.Expand))
		}
		if s.name != "Others" {
			ops = append(ops, operation{name: "WeightedSum " + s.name, shapes: [][2]int{{max(s.rows, s.seg.Positions()), 2}, {s.rows, 4}},
				f: func(t *tape, x []*value) *value { return autodiff.WeightedSum(t, s.seg, x[0], x[1], 2) }})
		}
	}
	return ops
}

// Every operation's gradient against central differences in float64, for a random cotangent.
func TestGradients(t *testing.T) {
	for _, op := range operations() {
		t.Run(op.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			draw := op.draw
			if draw == nil {
				draw = away
			}
			inputs := make([]matrix, len(op.shapes))
			for i, s := range op.shapes {
				inputs[i] = tensor.NewDense[float64](s[0], s[1])
				for k := range inputs[i].Data {
					inputs[i].Data[k] = draw(r)
				}
			}
			forward := func(t *tape) (*value, []*value) {
				vars := make([]*value, len(inputs))
				for i, m := range inputs {
					vars[i] = t.Input(m)
				}
				return op.f(t, vars), vars
			}
			tp := autodiff.NewTape[float64]()
			out, vars := forward(tp)
			cotangent := tensor.NewDense[float64](out.Rows(), out.Cols())
			for k := range cotangent.Data {
				cotangent.Data[k] = r.NormFloat64()
			}
			tp.BackwardFrom(out, cotangent)
			scalar := func() float64 {
				var plain tape
				out, _ := forward(&plain)
				s := 0.0
				for k, v := range out.Value.Data {
					s += v * cotangent.Data[k]
				}
				return s
			}
			for i, m := range inputs {
				for k := range m.Data {
					const h = 1e-5
					old := m.Data[k]
					m.Data[k] = old + h
					up := scalar()
					m.Data[k] = old - h
					down := scalar()
					m.Data[k] = old
					want, got := (up-down)/(2*h), 0.0
					if vars[i].Grad.Data != nil {
						got = vars[i].Grad.Data[k]
					}
					require.InDelta(t, want, got, 2e-8*(1+math.Abs(want)), fmt.Sprintf("operand %d entry %d", i, k))
				}
			}
			chains := autodiff.NewTape[float64]()
			chains.Plain = true
			out2, vars2 := forward(chains)
			chains.BackwardFrom(out2, cotangent)
			require.InDeltaSlice(t, out.Value.Data, out2.Value.Data, 1e-12, "plain sums")
			for i := range vars {
				require.InDeltaSlice(t, vars[i].Grad.Data, vars2[i].Grad.Data, 1e-11, "gradient of operand %d by plain sums", i)
			}
		})
	}
}

func TestSparseIsDense(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	m := tensor.NewDense[float32](20, 9)
	for k := range m.Data {
		if r.IntN(4) == 0 {
			m.Data[k] = float32(r.NormFloat64())
		}
	}
	w := &autodiff.Param[float32]{Value: tensor.NewDense[float32](5, 9)}
	for k := range w.Value.Data {
		w.Value.Data[k] = float32(r.NormFloat64())
	}
	run := func(sparse bool) ([]float32, []float32) {
		tp := autodiff.NewTape[float32]()
		tp.Train, tp.Seed = true, 3
		x := tp.Const(m)
		if sparse {
			x = tp.Sparse(tensor.CSRFromDense(m))
			require.Equal(t, m, tp.Dense(x).Value)
		}
		y := autodiff.Linear(tp, autodiff.Dropout(tp, x, nil, 0.5), tp.Param(w), nil)
		tp.BackwardFrom(y, y.Value)
		return y.Value.Data, tp.Grad(w).Data
	}
	y0, g0 := run(false)
	y1, g1 := run(true)
	require.Equal(t, y0, y1)
	require.Equal(t, g0, g1)
}

// Equal maxima share their gradient equally, whatever their order.
func TestTiesShare(t *testing.T) {
	tp := autodiff.NewTape[float32]()
	x := tp.Input(tensor.FromRows([][]float32{{2}, {1}, {2}, {2}}))
	y := autodiff.SegmentMax(tp, graph.OneSegment(4), x)
	tp.BackwardFrom(y, tensor.FromRows([][]float32{{3}}))
	require.Equal(t, []float32{1, 0, 1, 1}, x.Grad.Data)
}

// A mean loss is float32(S / float64(n)) over the entries that are present.
func TestLossIsOneMean(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	for range 50 {
		n := 1 + r.IntN(30)
		x, y := tensor.NewDense[float32](n, 2), tensor.NewDense[float32](n, 2)
		var squares []float32
		for i := range x.Data {
			x.Data[i], y.Data[i] = float32(r.NormFloat64()), float32(r.NormFloat64())
			if i > 0 && r.IntN(4) == 0 {
				y.Data[i] = float32(math.NaN())
				continue
			}
			e := x.Data[i] - y.Data[i]
			squares = append(squares, float32(e*e))
		}
		var tp autodiff.Tape[float32]
		got := autodiff.MSE(&tp, tp.Const(x), y, nil).Value.Data[0]
		column := tensor.Dense[float32]{Rows: len(squares), Cols: 1, Data: squares}
		want := autodiff.SegmentMean(&tp, tp.Whole(len(squares)), tp.Const(column)).Value.Data[0]
		require.Equal(t, want, got)
	}
}

func TestDropoutFollowsIdentity(t *testing.T) {
	var tp autodiff.Tape[float32]
	tp.Train, tp.Seed, tp.Step = true, 11, 5
	x := tensor.NewDense[float32](100, 7)
	for i := range x.Data {
		x.Data[i] = 1
	}
	ids := make([]uint64, 100)
	for i := range ids {
		ids[i] = uint64(1000 - i)
	}
	y := autodiff.Dropout(&tp, tp.Const(x), ids, 0.25).Value.Clone()
	tp.Reset()
	for i, j := 0, 99; i < j; i, j = i+1, j-1 {
		ids[i], ids[j] = ids[j], ids[i]
	}
	z := autodiff.Dropout(&tp, tp.Const(x), ids, 0.25).Value
	kept := 0
	for i := range 100 {
		require.Equal(t, y.Row(i), z.Row(99-i))
		for _, v := range y.Row(i) {
			if v != 0 {
				require.Equal(t, float32(1/0.75), v)
				kept++
			}
		}
	}
	require.InDelta(t, 525, kept, 60)
	second := autodiff.Dropout(&tp, tp.Const(x), ids, 0.25).Value
	require.NotEqual(t, z.Data, second.Data, "each operation has its own noise")
	tp.Train = false
	v := tp.Const(x)
	require.Same(t, v, autodiff.Dropout(&tp, v, ids, 0.25))
}

func TestWrongShapesPanic(t *testing.T) {
	var tp tape
	a, b := tp.Const(tensor.NewDense[float64](4, 3)), tp.Const(tensor.NewDense[float64](3, 4))
	tp.Train = true
	for name, f := range map[string]func(){
		"Linear":         func() { autodiff.Linear(&tp, a, b, nil) },
		"MatMul":         func() { autodiff.MatMul(&tp, a, a) },
		"GroupLinear":    func() { autodiff.GroupLinear(&tp, a, b, []int32{0, 4}) },
		"groups":         func() { autodiff.GroupLinear(&tp, a, a, []int32{0, 3}) },
		"first group":    func() { autodiff.GroupLinear(&tp, a, a, []int32{1, 4}) },
		"order":          func() { autodiff.GroupLinear(&tp, a, a, []int32{0, 3, 2, 4}) },
		"no groups":      func() { autodiff.GroupLinear(&tp, a, a, nil) },
		"Add":            func() { autodiff.Add(&tp, a, b) },
		"Mul":            func() { autodiff.Mul(&tp, a, tp.Const(tensor.NewDense[float64](4, 2))) },
		"HeadDot":        func() { autodiff.HeadDot(&tp, a, b, 1) },
		"heads":          func() { autodiff.HeadDot(&tp, a, a, 2) },
		"Concat":         func() { autodiff.Concat(&tp, a, b) },
		"ConcatRows":     func() { autodiff.ConcatRows(&tp, a, b) },
		"Slice":          func() { autodiff.Slice(&tp, a, 2, 4) },
		"SegmentSum":     func() { autodiff.SegmentSum(&tp, testGraph().In(), a) },
		"SegmentVar":     func() { autodiff.SegmentVar(&tp, testGraph().In(), tp.Const(tensor.NewDense[float64](5, 1))) },
		"Expand":         func() { autodiff.Expand(&tp, testGraph().InEdges(), a) },
		"CrossEntropy":   func() { autodiff.CrossEntropy(&tp, a, []int32{0}, nil) },
		"CrossEntropy n": func() { autodiff.CrossEntropy(&tp, a, []int32{0, 0, 0, 0}, []int32{}) },
		"label":          func() { autodiff.CrossEntropy(&tp, a, []int32{0, 3, 0, 0}, nil) },
		"MSE":            func() { autodiff.MSE(&tp, a, b.Value, nil) },
		"Dropout p":      func() { autodiff.Dropout(&tp, a, nil, 1) },
		"Dropout ids":    func() { autodiff.Dropout(&tp, a, []uint64{1}, 0.5) },
		"Concat nothing": func() { autodiff.Concat[float64](&tp) },
		"sparse":         func() { autodiff.ReLU(&tp, tp.Sparse(tensor.CSRFromDense(a.Value))) },
		"short data":     func() { autodiff.ReLU(&tp, tp.Const(matrix{Rows: 4, Cols: 3, Data: make([]float64, 5)})) },
		"messages": func() {
			autodiff.MessageSum(&tp, testGraph().InEdges(), tp.Const(tensor.NewDense[float64](7, 3)), a, false)
		},
		"edges of messages": func() { autodiff.MessageMax(&tp, testGraph().In(), tp.Const(tensor.NewDense[float64](5, 3)), a, false) },
		"weights": func() {
			autodiff.WeightedSum(&tp, testGraph().In(), tp.Const(tensor.NewDense[float64](3, 1)), tp.Const(tensor.NewDense[float64](5, 1)), 1)
		},
		"twice": func() {
			t := autodiff.NewTape[float64]()
			x := t.Input(a.Value)
			t.BackwardFrom(x, a.Value)
			t.BackwardFrom(x, a.Value)
		},
		"Backward":     func() { tp.Backward(a) },
		"BackwardFrom": func() { tp.BackwardFrom(a, b.Value) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				err, ok := recover().(error)
				require.True(t, ok, "a typed panic")
				var shape tensor.ShapeError
				var val tensor.ValueError
				require.True(t, asAny(err, &shape, &val), "%v", err)
				require.NotEmpty(t, err.Error())
			}()
			f()
		})
	}
}

func asAny(err error, shape *tensor.ShapeError, val *tensor.ValueError) bool {
	switch e := err.(type) {
	case tensor.ShapeError:
		*shape = e
		return true
	case tensor.ValueError:
		*val = e
		return true
	}
	return false
}

func TestBuffersWaitForCommit(t *testing.T) {
	p := &autodiff.Param[float32]{Value: tensor.FromRows([][]float32{{1, 2}}), Buffer: true}
	tp := autodiff.NewTape[float32]()
	tp.Update(p, tensor.FromRows([][]float32{{3, 4}}))
	require.Equal(t, []float32{1, 2}, p.Value.Data)
	tp.Commit()
	require.Equal(t, []float32{3, 4}, p.Value.Data)
	y := autodiff.Scale(tp, tp.Param(p), 2)
	tp.BackwardFrom(y, y.Value)
	require.Equal(t, []float32{0, 0}, tp.Grad(p).Data, "a buffer has no gradient")
	require.Same(t, tp.Param(p), tp.Param(p))
	require.Equal(t, graph.OneSegment(5).Ptr, tp.Whole(5).Ptr)
	require.Equal(t, graph.OneSegment(5).Back.Ptr, tp.Whole(5).Back.Ptr)
}

// A warm step allocates nothing: two layers with dropout, norm, attention and a loss.
func TestStepAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("SKIPPED: under the race detector sync.Pool forgets at random")
	}
	g := testGraph()
	x := tensor.NewDense[float32](5, 6)
	w := &autodiff.Param[float32]{Value: tensor.NewDense[float32](6, 6)}
	for i := range w.Value.Data {
		w.Value.Data[i], x.Data[i%30] = float32(i%5)-2, float32(i%3)
	}
	labels, groups := []int32{0, 1, 2, 3, 4}, []int32{0, 2, 5}
	tp := autodiff.NewTape[float32]()
	step := func() {
		tp.Reset()
		tp.Train = true
		h := autodiff.Dropout(tp, autodiff.Linear(tp, tp.Const(x), tp.Param(w), nil), g.NodeIDs(), 0.5)
		h, _, _ = autodiff.SegmentNorm(tp, tp.Whole(5), h, 1e-5)
		e := autodiff.Expand(tp, g.OutEdges(), autodiff.Slice(tp, h, 0, 2))
		h = autodiff.WeightedSum(tp, g.In(), autodiff.SegmentSoftmax(tp, g.InEdges(), e), h, 2)
		o := autodiff.AttentionOptions{Heads: 2, Dropout: 0.5, IDs: g.EdgeIDs()}
		h = autodiff.AdditiveAttention(tp, g.In(), autodiff.Slice(tp, h, 0, 2), autodiff.Slice(tp, h, 2, 4), nil, h, 0.2, o)
		h = autodiff.DotAttention(tp, g.In(), h, h, autodiff.Expand(tp, g.OutEdges(), h), h, 0.5, o)
		h = autodiff.MessageMean(tp, g.In(), h, autodiff.Expand(tp, g.OutEdges(), h), true)
		h = autodiff.MessageMax(tp, g.In(), h, tp.Full(7, 6, 1), true)
		h = autodiff.Concat(tp, autodiff.SegmentMax(tp, g.In(), h), autodiff.ELU(tp, h, 1), autodiff.GroupLinear(tp, h, tp.Param(w), groups))
		tp.Backward(autodiff.CrossEntropy(tp, h, labels, nil))
		tp.Grad(w)
	}
	for range 3 {
		step()
	}
	require.Zero(t, testing.AllocsPerRun(100, step))
}

func BenchmarkStep(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	n := 2000
	edges := make([][2]int32, 5*n)
	for k := range edges {
		edges[k] = [2]int32{int32(r.IntN(n)), int32(r.IntN(n))}
	}
	g := graph.Must(graph.New(n, edges))
	x, w := tensor.NewDense[float32](n, 32), &autodiff.Param[float32]{Value: tensor.NewDense[float32](32, 32)}
	for i := range x.Data {
		x.Data[i] = float32(r.NormFloat64())
	}
	for i := range w.Value.Data {
		w.Value.Data[i] = float32(r.NormFloat64())
	}
	labels := make([]int32, n)
	tp := autodiff.NewTape[float32]()
	b.ReportAllocs()
	for b.Loop() {
		tp.Reset()
		h := autodiff.ReLU(tp, autodiff.SegmentSum(tp, g.In(), autodiff.Linear(tp, tp.Const(x), tp.Param(w), nil)))
		tp.Backward(autodiff.CrossEntropy(tp, h, labels, nil))
	}
}
