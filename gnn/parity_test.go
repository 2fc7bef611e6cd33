package gnn_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/aggregate"
	"symbridge/autodiff"
	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/internal/testdata"
	"symbridge/tensor"
)

// matrix is a stored array of any rank, row-major.
type matrix struct {
	Shape []int     `json:"shape"`
	Data  []float64 `json:"data"`
}

type parityCase struct {
	Name       string                     `json:"name"`
	Args       []string                   `json:"args"`
	State      map[string]matrix          `json:"state_dict"`
	Out64      json.RawMessage            `json:"out_f64"`
	Cotangent  json.RawMessage            `json:"cotangent"`
	GradX      json.RawMessage            `json:"grad_x"`
	GradParams map[string]json.RawMessage `json:"grad_params"`
}

type parityFile struct {
	Graph struct {
		Nodes int        `json:"num_nodes"`
		Index [2][]int32 `json:"edge_index"`
	} `json:"graph"`
	Inputs map[string]json.RawMessage `json:"inputs"`
	Cases  []parityCase               `json:"cases"`
	Aggr   struct {
		X       [][]float64            `json:"x"`
		Index   []int32                `json:"index"`
		DimSize int                    `json:"dim_size"`
		Out     map[string][][]float64 `json:"out"`
	} `json:"aggr"`
}

func loadParity(t *testing.T) *parityFile {
	b, err := os.ReadFile(testdata.Shared(t, "parity/pyg_layers.json"))
	require.NoError(t, err)
	var f parityFile
	require.NoError(t, json.Unmarshal(b, &f))
	return &f
}

// flat reads a nested list or a {shape, data} object as its numbers in row-major order.
func flat(t *testing.T, raw json.RawMessage) []float64 {
	var m matrix
	if json.Unmarshal(raw, &m) == nil && m.Data != nil {
		return m.Data
	}
	var out []float64
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e)
			}
		case float64:
			out = append(out, v)
		}
	}
	var v any
	require.NoError(t, json.Unmarshal(raw, &v))
	walk(v)
	return out
}

func toDense[T tensor.Float](v []float64, rows int) tensor.Dense[T] {
	m := tensor.NewDense[T](rows, len(v)/rows)
	for i, x := range v {
		m.Data[i] = T(x)
	}
	return m
}

// The layers of the issue, by the name of their case.
func parityLayers[T tensor.Float](r *rand.Rand) map[string]gnn.Layer[T] {
	must := func(l *gnn.SAGE[T], err error) gnn.Layer[T] {
		if err != nil {
			panic(err)
		}
		return l
	}
	return map[string]gnn.Layer[T]{
		"GCNConv":                        gnn.NewGCN[T](r, 4, 6, gnn.GCNOptions{}),
		"GCNConv weighted":               gnn.NewGCN[T](r, 4, 6, gnn.GCNOptions{}),
		"GCNConv improved":               gnn.NewGCN[T](r, 4, 6, gnn.GCNOptions{Improved: true}),
		"GCNConv normalize=False":        gnn.NewGCN[T](r, 4, 6, gnn.GCNOptions{NoNormalize: true}),
		"SAGEConv mean":                  must(gnn.NewSAGE[T](r, 4, 6, gnn.SAGEOptions{})),
		"SAGEConv max":                   must(gnn.NewSAGE[T](r, 4, 6, gnn.SAGEOptions{Aggr: "max"})),
		"SAGEConv sum normalize project": must(gnn.NewSAGE[T](r, 4, 6, gnn.SAGEOptions{Aggr: "sum", Normalize: true, Project: true})),
		"GATConv h2 concat":              gnn.NewGAT[T](r, 4, 6, gnn.GATOptions{Heads: 2}),
		"GATConv h2 mean edge_dim":       gnn.NewGAT[T](r, 4, 6, gnn.GATOptions{Heads: 2, Mean: true, EdgeDim: 3}),
		"GATConv residual":               gnn.NewGAT[T](r, 4, 6, gnn.GATOptions{Heads: 2, Residual: true}),
		"GATConv no loops":               gnn.NewGAT[T](r, 4, 6, gnn.GATOptions{NoLoops: true}),
		"TransformerConv h2 edge":        gnn.NewTransformer[T](r, 4, 6, gnn.TransformerOptions{Heads: 2, EdgeDim: 3}),
		"TransformerConv h2 beta mean":   gnn.NewTransformer[T](r, 4, 6, gnn.TransformerOptions{Heads: 2, Beta: true, Mean: true}),
		"GINEConv":                       gnn.NewGINE(r, gnn.NewMLP[T](r, false, 4, 5, 6), gnn.GINEOptions{LearnEps: true, EdgeDim: 3}),
		"GINConv":                        gnn.NewGIN(gnn.NewMLP[T](r, false, 4, 5, 6), true),
	}
}

func TestParityFloat64(t *testing.T) { testParity[float64](t, 1e-12, 1e-10) }
func TestParityFloat32(t *testing.T) { testParity[float32](t, 2e-5, 2e-4) }

// testParity compares outputs and gradients with those that PyTorch Geometric computed in float64.
func testParity[T tensor.Float](t *testing.T, outTol, gradTol float64) {
	f := loadParity(t)
	edges := make([][2]int32, len(f.Graph.Index[0]))
	for k := range edges {
		edges[k] = [2]int32{f.Graph.Index[0][k], f.Graph.Index[1][k]}
	}
	g := graph.Must(graph.New(f.Graph.Nodes, edges))
	layers := parityLayers[T](rand.New(rand.NewPCG(1, 1)))
	seen := 0
	for _, c := range f.Cases {
		l, ok := layers[c.Name]
		if !ok {
			continue
		}
		seen++
		t.Run(c.Name, func(t *testing.T) {
			loaded := 0
			for name, p := range l.Params {
				m, ok := c.State[strings.NewReplacer("nn.lins.0", "nn.0", "nn.lins.1", "nn.2").Replace(name)]
				require.True(t, ok, "%s is no parameter of the original", name)
				require.Len(t, m.Data, len(p.Value.Data), name)
				shape := p.Shape
				if shape == nil {
					shape = []int{p.Value.Rows, p.Value.Cols}
				}
				require.Equal(t, m.Shape, shape, name)
				for i, v := range m.Data {
					p.Value.Data[i] = T(v)
				}
				loaded++
			}
			require.Equal(t, len(c.State), loaded, "parameters")
			tape := autodiff.NewTape[T]()
			x := gnn.Features[T]{Node: tape.Input(toDense[T](flat(t, f.Inputs["x"]), g.NumNodes()))}
			for _, a := range c.Args {
				switch a {
				case "ew":
					x.Weight = tape.Const(toDense[T](flat(t, f.Inputs["ew"]), g.NumEdges()))
				case "ea":
					x.Edge = tape.Const(toDense[T](flat(t, f.Inputs["ea"]), g.NumEdges()))
				}
			}
			out := l.Forward(tape, g, x).Node
			near(t, "output", out.Value.Data, flat(t, c.Out64), outTol)
			tape.BackwardFrom(out, toDense[T](flat(t, c.Cotangent), out.Rows()))
			near(t, "gradient of x", x.Node.Grad.Data, flat(t, c.GradX), gradTol)
			for name, p := range l.Params {
				original := strings.NewReplacer("nn.lins.0", "nn.0", "nn.lins.1", "nn.2").Replace(name)
				if m, ok := c.GradParams[original]; ok {
					near(t, "gradient of "+name, tape.Grad(p).Data, flat(t, m), gradTol)
				}
			}
		})
	}
	require.Equal(t, len(layers), seen, "cases found in the file")
}

func near[T tensor.Float](t *testing.T, what string, got []T, want []float64, tol float64) {
	t.Helper()
	require.Len(t, got, len(want), what)
	for i, w := range want {
		if d := math.Abs(float64(got[i]) - w); !(d <= tol+tol*math.Abs(w)) {
			t.Fatalf("%s[%d] is %v, want %v: off by %g", what, i, got[i], w, d)
		}
	}
}

func TestParityAggregators(t *testing.T) {
	f := loadParity(t)
	x := tensor.FromRows(f.Aggr.X)
	edges := make([][2]int32, x.Rows)
	for k, s := range f.Aggr.Index {
		edges[k] = [2]int32{0, s}
	}
	g := graph.Must(graph.New(f.Aggr.DimSize, edges))
	for _, name := range []string{"sum", "mean", "max", "min", "var", "std", "softmax"} {
		want, ok := f.Aggr.Out[name]
		require.True(t, ok, "%s: the file has %v", name, keys(f.Aggr.Out))
		a, err := aggregate.Parse[float64](name)
		require.NoError(t, err)
		var tape autodiff.Tape[float64]
		out := a.Aggregate(&tape, g.InEdges(), tape.Const(x))
		near(t, name, out.Value.Data, tensor.FromRows(want).Data, 5e-7) // the file holds float32 results
	}
}

func keys[V any](m map[string]V) string {
	var s []string
	for k := range m {
		s = append(s, k)
	}
	return fmt.Sprint(s)
}
