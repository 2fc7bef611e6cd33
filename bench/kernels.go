package bench

import (
	"fmt"
	"math"

	"symbridge/graph"
	"symbridge/internal/kernel"
)

// matMul is C = A B in float32.
func matMul(m, k, n int) Workload {
	return Workload{
		Name: fmt.Sprintf("matmul/%dx%dx%d", m, k, n), Unit: "multiply-adds",
		About: fmt.Sprintf("float32 matrix product (%d,%d) x (%d,%d)", m, k, k, n),
		Prepare: func(Data) (*Task, error) {
			rng := generator(6)
			a, b, c := uniform(rng, m*k), uniform(rng, k*n), make([]float32, m*n)
			t := &Task{Do: func() { kernel.MatMul(c, a, b, m, k, n) }, Work: float64(m) * float64(k) * float64(n), Source: "uniform in [-1,1)"}
			t.Inputs = func() map[string]Array { return map[string]Array{"a": floats(a, m, k), "b": floats(b, k, n)} }
			return t.checked(c), nil
		},
	}
}

// checked runs the work once and keeps numbers of its result y.
func (t *Task) checked(y []float32) *Task {
	t.Do()
	t.Check = sample(y)
	return t
}

// messages are the operands of the sparse kernels: a graph with the weights of GCN without loops, and node features.
type messages struct {
	g    *graph.Graph
	seg  kernel.Seg // of in-edges
	w, x []float32  // (E), (N,d)
	d    int
}

func newMessages(s size, d int) *messages {
	rng := generator(7)
	g := powerLaw(rng, s)
	m := &messages{g: g, w: make([]float32, g.NumEdges()), x: uniform(rng, s.nodes*d), d: d}
	in := g.In()
	m.seg = kernel.Seg{Ptr: in.Ptr, Row: in.Row, Edge: in.Edge}
	for k, e := range g.Edges() {
		m.w[k] = float32(1 / math.Sqrt(float64(g.InDegree(e[0]))*float64(g.InDegree(e[1]))))
	}
	return m
}

// task returns a task that does work on the messages, with one unit an edge and channel, and writes its result to y.
func (m *messages) task(s size, y []float32, do func()) *Task {
	t := &Task{Do: do, Work: float64(m.g.NumEdges()) * float64(m.d), Source: s.String()}
	t.Inputs = func() map[string]Array {
		in := endpoints(m.g)
		in["w"], in["x"] = floats(m.w, len(m.w)), floats(m.x, len(m.x)/m.d, m.d)
		return in
	}
	return t.checked(y)
}

// spMM is y = A x for a weighted adjacency matrix A whose entries stand by rows, as those of a CSR matrix do.
func spMM(s size, d int, which sums) Workload {
	do := kernel.SegmentWeightedSum[float32]
	if which == plain {
		do = kernel.PlainWeightedSum[float32]
	}
	return Workload{
		Name: fmt.Sprintf("spmm/%d%s", d, which), Unit: "terms",
		About: fmt.Sprintf("%s weighted sum over neighbours, %d channels", which.words(), d),
		Prepare: func(Data) (*Task, error) {
			m := newMessages(s, d)
			y := make([]float32, len(m.x))
			by, edges := m.g.ByTarget()
			w, seg := make([]float32, len(m.w)), kernel.Seg{Ptr: by.Ptr, Row: by.Row}
			for k, e := range edges {
				w[k] = m.w[e]
			}
			return m.task(s, y, func() { do(y, w, m.x, d, 1, seg, false) }), nil
		},
	}
}

// sum is y = A x for the adjacency matrix A with entries 1.
func sum(s size, d int, which sums) Workload {
	do := kernel.SegmentSum[float32]
	if which == plain {
		do = kernel.PlainSum[float32]
	}
	return Workload{
		Name: fmt.Sprintf("sum/%d%s", d, which), Unit: "terms",
		About: fmt.Sprintf("%s sum over neighbours, %d channels", which.words(), d),
		Prepare: func(Data) (*Task, error) {
			m := newMessages(s, d)
			y := make([]float32, len(m.x))
			return m.task(s, y, func() { do(y, m.x, d, m.seg, false) }), nil
		},
	}
}

// sddmm is w_e = <x_from, x_to> for each edge e.
func sddmm(s size, d int) Workload {
	return Workload{
		Name: fmt.Sprintf("sddmm/%d", d), Unit: "multiply-adds",
		About: fmt.Sprintf("inner product of the two ends of each edge, %d channels", d),
		Prepare: func(Data) (*Task, error) {
			m := newMessages(s, d)
			y := make([]float32, m.g.NumEdges())
			return m.task(s, y, func() { kernel.SegmentDot(y, m.x, m.x, d, 1, m.seg) }), nil
		},
	}
}

// softmax is the softmax over the in-edges of each node.
func softmax(s size, heads int) Workload {
	return Workload{
		Name: fmt.Sprintf("softmax/%d", heads), Unit: "terms",
		About: fmt.Sprintf("softmax over the in-edges of each node, %d heads", heads),
		Prepare: func(Data) (*Task, error) {
			m := newMessages(s, heads)
			m.x = uniform(generator(8), m.g.NumEdges()*heads)
			in, y := m.g.InEdges(), make([]float32, len(m.x))
			seg := kernel.Seg{Ptr: in.Ptr, Row: in.Row, Edge: in.Edge}
			return m.task(s, y, func() { kernel.SegmentSoftmax(y, m.x, heads, seg) }), nil
		},
	}
}

// gather reads the row of the source of each edge, in the order of the targets: what any sparse product must at least read.
// The fastest loop for it adds the rows up; every 64 rows, wherever a neighbourhood ends, the sum is written, so that next to
// nothing is.
func gather(s size, d int) Workload {
	const rows = 64
	return Workload{
		Name: fmt.Sprintf("gather/%d", d), Unit: "bytes",
		About: fmt.Sprintf("read the neighbours' rows and write almost nothing, %d channels", d),
		Prepare: func(Data) (*Task, error) {
			m := newMessages(s, d)
			n := len(m.seg.Row)
			runs := kernel.Seg{Row: m.seg.Row}
			for p := 0; p < n; p += rows {
				runs.Ptr = append(runs.Ptr, int32(p))
			}
			runs.Ptr = append(runs.Ptr, int32(n))
			y := make([]float32, (len(runs.Ptr)-1)*d)
			t := m.task(s, y, func() { kernel.PlainSum(y, m.x, d, runs, false) })
			t.Work *= 4
			return t, nil
		},
	}
}
