package proptest_test

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/autodiff"
	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/proptest"
	"symbridge/tensor"
)

// A suite is trusted only as far as it has caught planted faults. Each mutant is a layer with one fault, and must be caught by
// the law that should; its twin without the fault must pass every law.

// planted is a layer around a forward pass that may be faulty.
type planted[T tensor.Float] struct {
	lin, hidden *gnn.Linear[T]
	forward     func(l *planted[T], t *autodiff.Tape[T], g *graph.Graph, v *autodiff.Var[T]) *autodiff.Var[T]
	mu          sync.Mutex // so that the faults that keep state are no data races
	kept        []T
}

func (l *planted[T]) Forward(t *autodiff.Tape[T], g *graph.Graph, x gnn.Features[T]) gnn.Features[T] {
	x.Node = l.forward(l, t, g, x.Node)
	return x
}

func (l *planted[T]) Params(yield func(string, *autodiff.Param[T]) bool) { l.lin.Params(yield) }

type forward[T tensor.Float] = func(l *planted[T], t *autodiff.Tape[T], g *graph.Graph, v *autodiff.Var[T]) *autodiff.Var[T]

func making[T tensor.Float](f forward[T]) func(*rand.Rand) gnn.Layer[T] {
	return func(r *rand.Rand) gnn.Layer[T] {
		return &planted[T]{lin: gnn.NewLinear[T](r, 4, 3, true), hidden: gnn.NewLinear[T](r, 4, 4, false), forward: f}
	}
}

// sum is the layer without a fault: W (x_i + sum_j x_j) + b.
func sum[T tensor.Float](l *planted[T], t *autodiff.Tape[T], g *graph.Graph, v *autodiff.Var[T]) *autodiff.Var[T] {
	return l.lin.Apply(t, autodiff.Add(t, v, autodiff.SegmentSum(t, g.In(), v)))
}

// maximum is another layer without a fault, on which ties show.
func maximum[T tensor.Float](l *planted[T], t *autodiff.Tape[T], g *graph.Graph, v *autodiff.Var[T]) *autodiff.Var[T] {
	return l.lin.Apply(t, autodiff.SegmentMax(t, g.In(), v))
}

func dropping[T tensor.Float](l *planted[T], t *autodiff.Tape[T], g *graph.Graph, v *autodiff.Var[T]) *autodiff.Var[T] {
	return sum(l, t, g, autodiff.Dropout(t, v, g.NodeIDs(), 0.5))
}

// column returns a constant (n,1) matrix.
func column[T tensor.Float](t *autodiff.Tape[T], n int, f func(i int) T) *autodiff.Var[T] {
	m := tensor.NewDense[T](n, 1)
	for i := range n {
		m.Data[i] = f(i)
	}
	return t.Const(m)
}

// shifted adds a constant column to every channel.
func shifted[T tensor.Float](t *autodiff.Tape[T], v *autodiff.Var[T], f func(i int) T) *autodiff.Var[T] {
	ones := tensor.NewDense[T](v.Rows(), v.Cols())
	for i := range ones.Data {
		ones.Data[i] = 1
	}
	return autodiff.Add(t, v, autodiff.Mul(t, t.Const(ones), column(t, v.Rows(), f)))
}

// row returns row i of v, with a backward pass.
func row[T tensor.Float](t *autodiff.Tape[T], v *autodiff.Var[T], i int) *autodiff.Var[T] {
	back := &graph.Segments{Ptr: make([]int32, v.Rows()+1), Row: []int32{0}, Edge: []int32{0}, Rows: 1}
	for k := i + 1; k <= v.Rows(); k++ {
		back.Ptr[k] = 1
	}
	s := &graph.Segments{Ptr: []int32{0, 1}, Row: []int32{int32(i)}, Edge: []int32{0}, Rows: v.Rows(), Back: back}
	return autodiff.SegmentSum(t, s, v)
}

// firstTied selects, in each channel, one row of each segment that has the maximum, the first by position.
func firstTied[T tensor.Float](s *graph.Segments, x tensor.Dense[T], edges int) tensor.Dense[T] {
	hot := tensor.NewDense[T](edges, x.Cols)
	for i := range s.Len() {
		for c := range x.Cols {
			best := int32(-1)
			for p := s.Ptr[i]; p < s.Ptr[i+1]; p++ {
				if best < 0 || x.At(int(s.Row[p]), c) > x.At(int(s.Row[best]), c) {
					best = p
				}
			}
			if best >= 0 {
				hot.Set(int(s.Edge[best]), c, 1)
			}
		}
	}
	return hot
}

// overwrite gives v the forward values of f and leaves its backward pass as it is.
func overwrite[T tensor.Float](v *autodiff.Var[T], f func(i, c int) T) *autodiff.Var[T] {
	for i := range v.Rows() {
		for c := range v.Cols() {
			v.Value.Set(i, c, f(i, c))
		}
	}
	return v
}

type mutant[T tensor.Float] struct {
	fault   string
	law     string
	forward forward[T]
	cfg     proptest.Config
}

var whole = proptest.Config{Hops: -1} // looks at all of a graph

func mutants[T tensor.Float]() []mutant[T] {
	type (
		L = planted[T]
		P = autodiff.Tape[T]
		G = graph.Graph
		V = autodiff.Var[T]
	)
	return []mutant[T]{
		{fault: "row index leaks into the features", law: "Equivariant", forward: func(l *L, t *P, g *G, v *V) *V {
			return shifted(t, sum(l, t, g, v), func(i int) T { return T(i) / 8 })
		}},
		{fault: "top two rows, ties to the smaller index", law: "Equivariant", cfg: whole, forward: func(l *L, t *P, g *G, v *V) *V {
			y := l.lin.Apply(t, v)
			if v.Rows() > 100 { // the large case would take long
				return y
			}
			higher := func(i, j int) bool { // j is before i
				a, b := v.Value.At(i, 0), v.Value.At(j, 0)
				same := g.GraphOf() == nil || g.GraphOf()[i] == g.GraphOf()[j]
				return same && (b > a || b == a && j < i)
			}
			return autodiff.Mul(t, y, column(t, v.Rows(), func(i int) T {
				rank := 0
				for j := range v.Rows() {
					if higher(i, j) {
						rank++
					}
				}
				return T(1 - min(1, rank/2))
			}))
		}},
		{fault: "dropout keyed by the row index", law: "Equivariant", forward: func(l *L, t *P, g *G, v *V) *V {
			return sum(l, t, g, autodiff.Dropout(t, v, nil, 0.5))
		}},
		{fault: "running sum in storage order", law: "EdgeOrder", forward: func(l *L, t *P, g *G, v *V) *V {
			y := autodiff.SegmentSum(t, g.In(), v)
			clear(y.Value.Data)
			for k, u := range g.From() {
				for c := range v.Cols() {
					y.Value.Data[int(g.To()[k])*v.Cols()+c] += v.Value.At(int(u), c)
				}
			}
			return l.lin.Apply(t, y)
		}},
		{fault: "edge id as a feature", law: "EdgeOrder", forward: func(l *L, t *P, g *G, v *V) *V {
			w := column(t, g.NumEdges(), func(k int) T { return T(k) / 16 })
			return l.lin.Apply(t, autodiff.WeightedSum(t, g.In(), w, v, 1))
		}},
		{fault: "degree counted so far in the edge list", law: "EdgeOrder", forward: func(l *L, t *P, g *G, v *V) *V {
			degree := make([]T, g.NumNodes())
			w := column(t, g.NumEdges(), func(k int) T { degree[g.To()[k]]++; return 1 / degree[g.To()[k]] })
			return l.lin.Apply(t, autodiff.WeightedSum(t, g.In(), w, v, 1))
		}},
		{fault: "only the first three neighbours", law: "EdgeOrder", forward: func(l *L, t *P, g *G, v *V) *V {
			seen := make([]int, g.NumNodes())
			w := column(t, g.NumEdges(), func(k int) T { seen[g.To()[k]]++; return T(1 - min(1, seen[g.To()[k]]/4)) })
			return l.lin.Apply(t, autodiff.WeightedSum(t, g.In(), w, v, 1))
		}},
		{fault: "mean over the batch is subtracted", law: "Batch", cfg: whole, forward: func(l *L, t *P, g *G, v *V) *V {
			y := sum(l, t, g, v)
			return autodiff.Sub(t, y, autodiff.SegmentMean(t, t.Whole(v.Rows()), y))
		}},
		{fault: "scaled by the nodes of the batch", law: "Batch", cfg: whole, forward: func(l *L, t *P, g *G, v *V) *V {
			return autodiff.Scale(t, sum(l, t, g, v), 1/T(1+g.NumNodes()))
		}},
		{fault: "NaN of one graph reaches the others", law: "Batch", cfg: whole, forward: func(l *L, t *P, g *G, v *V) *V {
			zero := autodiff.Scale(t, autodiff.SegmentSum(t, t.Whole(v.Rows()), v), 0)
			return sum(l, t, g, autodiff.Add(t, v, zero))
		}},
		{fault: "mean of the graph leaks into a layer of one hop", law: "Local", forward: func(l *L, t *P, g *G, v *V) *V {
			return sum(l, t, g, autodiff.Add(t, v, autodiff.Expand(t, g.Nodes(), autodiff.SegmentMean(t, g.Nodes(), v))))
		}},
		{fault: "two hops where one is claimed", law: "Local", forward: func(l *L, t *P, g *G, v *V) *V {
			return sum(l, t, g, autodiff.SegmentSum(t, g.In(), v))
		}},
		{fault: "half of a parameter's gradient", law: "Gradient", forward: func(l *L, t *P, g *G, v *V) *V {
			w := t.Param(l.lin.Weight)
			half := autodiff.Add(t, autodiff.Scale(t, w, 0.5), t.Const(halved(w.Value)))
			return autodiff.Linear(t, autodiff.Add(t, v, autodiff.SegmentSum(t, g.In(), v)), half, t.Param(l.lin.Bias))
		}},
		{fault: "no gradient to the neighbours", law: "Gradient", forward: func(l *L, t *P, g *G, v *V) *V {
			return l.lin.Apply(t, autodiff.Add(t, v, autodiff.SegmentSum(t, g.In(), t.Const(v.Value))))
		}},
		{fault: "gradient of the maximum to the first tie", law: "GradientEquivariant", forward: func(l *L, t *P, g *G, v *V) *V {
			w := t.Const(firstTied(g.In(), v.Value, g.NumEdges()))
			y := autodiff.WeightedSum(t, g.In(), w, v, v.Cols())
			exact := autodiff.SegmentMax(t, g.In(), t.Const(v.Value))
			return l.lin.Apply(t, overwrite(y, exact.Value.At))
		}},
		{fault: "parameter gradient summed row by row", law: "GradientEquivariant", forward: func(l *L, t *P, g *G, v *V) *V {
			if v.Rows() == 0 {
				return sum(l, t, g, v)
			}
			h := autodiff.Add(t, v, autodiff.SegmentSum(t, g.In(), v))
			y := l.lin.Apply(t, row(t, h, 0))
			for i := 1; i < v.Rows(); i++ {
				if i == 100 { // the large case would take long
					return autodiff.ConcatRows(t, y, t.Const(tensor.NewDense[T](v.Rows()-i, y.Cols())))
				}
				y = autodiff.ConcatRows(t, y, l.lin.Apply(t, row(t, h, i)))
			}
			return y
		}},
		{fault: "partial sums by worker", law: "Workers", forward: func(l *L, t *P, g *G, v *V) *V {
			y := autodiff.SegmentSum(t, g.In(), v)
			procs := runtime.GOMAXPROCS(0)
			return l.lin.Apply(t, overwrite(y, func(i, c int) T {
				var total T
				s := g.Sources(int32(i))
				for part := range procs {
					var sum T
					for _, u := range s[len(s)*part/procs : len(s)*(part+1)/procs] {
						sum += v.Value.At(int(u), c)
					}
					total += sum
				}
				return total
			}))
		}},
		{fault: "a parameter that is not in the list", law: "RoundTrip", forward: func(l *L, t *P, g *G, v *V) *V {
			return sum(l, t, g, l.hidden.Apply(t, v))
		}},
		{fault: "input changed in place", law: "Pure", forward: func(l *L, t *P, g *G, v *V) *V {
			for i, x := range v.Value.Data {
				v.Value.Data[i] = -x - 1 // never what it was
			}
			return sum(l, t, g, v)
		}},
		{fault: "parameter rescaled in Forward", law: "Pure", forward: func(l *L, t *P, g *G, v *V) *V {
			l.mu.Lock()
			defer l.mu.Unlock()
			for i := range l.lin.Bias.Value.Data {
				l.lin.Bias.Value.Data[i] /= 2
			}
			return sum(l, t, g, v)
		}},
		{fault: "row of the arena kept over Reset", law: "Pure", forward: func(l *L, t *P, g *G, v *V) *V {
			l.mu.Lock()
			defer l.mu.Unlock()
			if l.kept == nil {
				l.kept = autodiff.Scale(t, t.Param(l.hidden.Weight), 1).Value.Row(0)
			}
			return sum(l, t, g, autodiff.Add(t, v, t.Const(tensor.Dense[T]{Rows: 1, Cols: 4, Data: l.kept})))
		}},
		{fault: "identity of a node written", law: "Pure", forward: func(l *L, t *P, g *G, v *V) *V {
			y := sum(l, t, g, v)
			if ids := g.NodeIDs(); len(ids) > 0 {
				l.mu.Lock()
				ids[0]++
				l.mu.Unlock()
			}
			return y
		}},
		{fault: "counts triangles and claims no more than 1-WL", law: "Bound", cfg: proptest.Config{OneWL: true, Hops: 2},
			forward: func(l *L, t *P, g *G, v *V) *V {
				return shifted(t, sum(l, t, g, v), func(i int) T {
					var closed T
					if g.NumNodes() > 100 {
						return 0
					}
					for _, u := range g.Sources(int32(i)) {
						for _, w := range g.Sources(u) {
							if g.HasEdge(int32(i), w) {
								closed++
							}
						}
					}
					return closed
				})
			}},
	}
}

func halved[T tensor.Float](m tensor.Dense[T]) tensor.Dense[T] {
	m = m.Clone()
	for i := range m.Data {
		m.Data[i] /= 2
	}
	return m
}

// broken names the broken laws.
func broken(err error) []string {
	var names []string
	for _, f := range proptest.Failures(err) {
		names = append(names, f.Law.Name)
	}
	return names
}

func TestMutants(t *testing.T) {
	wide := map[string]mutant[float64]{}
	for _, m := range mutants[float64]() {
		wide[m.fault] = m
	}
	caught := map[string]bool{}
	defer func() {
		for _, l := range proptest.Laws() {
			if l.Name != "Implementations" && l.Name != "Fused" { // TestOptionalLaws has these
				require.True(t, caught[l.Name], "no mutant for the law %s", l.Name)
			}
		}
	}()
	for _, m := range mutants[float32]() {
		caught[m.law] = true
		t.Run(m.fault, func(t *testing.T) {
			err := proptest.CheckLayer(making(m.forward), m.cfg)
			if m.law == "Gradient" {
				err = proptest.CheckLayer(making(wide[m.fault].forward), m.cfg)
			}
			require.Error(t, err)
			require.Contains(t, broken(err), m.law, "%v", err)
			for _, f := range proptest.Failures(err) {
				require.LessOrEqual(t, f.Nodes, 12, "not cut down: %v", f)
				t.Logf("%s: %d nodes, %d edges: %v", f.Law.Name, f.Nodes, f.Edges, f.Difference)
			}
		})
	}
}

func TestTwinsWithoutFault(t *testing.T) {
	c := proptest.Config{OneWL: true}
	t.Run("sum", func(t *testing.T) { proptest.Layer(t, making(sum[float32]), making(sum[float64]), c) })
	t.Run("max", func(t *testing.T) { proptest.Layer(t, making(maximum[float32]), making(maximum[float64]), c) })
	t.Run("dropout", func(t *testing.T) { proptest.Layer(t, making(dropping[float32]), making(dropping[float64]), c) })
}
