package gnn

import (
	"fmt"
	"math/rand/v2"

	"symbridge/aggregate"
	"symbridge/autodiff"
	"symbridge/graph"
	"symbridge/symmetry"
	"symbridge/tensor"
)

// Config describes a model; it is stored with its weights.
type Config struct {
	Model string `json:"model"` // gcn, sage, gat, gin, gine or transformer
	Task  string `json:"task"`  // node: a row of logits a node; graph: a row a graph

	In      int `json:"in"`                 // node features
	Hidden  int `json:"hidden"`             // channels of a hidden layer; of one head for gat and transformer
	Out     int `json:"out"`                // classes or targets
	Layers  int `json:"layers"`             // message-passing layers
	EdgeDim int `json:"edge_dim,omitempty"` // edge features, used by gat, gine and transformer; gine needs them

	Heads    int `json:"heads,omitempty"`     // of hidden gat and transformer layers; 0 is 1
	OutHeads int `json:"out_heads,omitempty"` // of their last layer, averaged; 0 is 1

	Dropout    float64 `json:"dropout,omitempty"`    // on the input of every layer
	Attention  float64 `json:"attention,omitempty"`  // dropout on attention coefficients
	Activation string  `json:"activation,omitempty"` // see ParseActivation; empty is relu
	Aggr       string  `json:"aggr,omitempty"`       // neighbourhood aggregation of sage; empty is mean
	Norm       string  `json:"norm,omitempty"`       // batch, layer, graph or empty: after each hidden layer
	Pool       string  `json:"pool,omitempty"`       // graph task: see aggregate.Parse; empty is sum
	LearnEps   bool    `json:"learn_eps,omitempty"`  // gin, gine: learn the weight of a node's own row
}

// Model is a stack of message-passing layers. For a node task the last layer gives the logits, Features.Node (N,Out). For a
// graph task the rows of the input and of every layer are pooled, put side by side (jumping knowledge, Xu et al. 2018) and
// mapped by one linear layer, Features.Graph (B,Out).
type Model[T tensor.Float] struct {
	Config Config
	convs  []finishing[T]
	norms  []finishing[T] // after each hidden layer, or none
	act    Activation[T]
	pool   Pool[T]
	lin    *Linear[T] // graph task
}

// NewModel returns a model with random weights, or an error that names the field of the config that cannot be.
func NewModel[T tensor.Float](c Config, rng *rand.Rand) (*Model[T], error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	m := &Model[T]{Config: c}
	var err error
	if m.act, err = ParseActivation[T](c.Activation); err != nil {
		return nil, err
	}
	widths := m.widths()
	for k := range c.Layers {
		conv, err := m.conv(rng, k, widths[k])
		if err != nil {
			return nil, err
		}
		m.convs = append(m.convs, conv)
		if c.Norm != "" && (k < c.Layers-1 || c.Task == "graph") {
			m.norms = append(m.norms, newNorm[T](c.Norm, widths[k+1]))
		}
	}
	if c.Task == "graph" {
		name := c.Pool
		if name == "" {
			name = "sum"
		}
		a, err := aggregate.Parse[T](name)
		if err != nil {
			return nil, fmt.Errorf("gnn: pool: %w", err)
		}
		m.pool = Pool[T]{a}
		total := 0
		for _, w := range widths {
			total += a.Width(w)
		}
		m.lin = NewLinear[T](rng, total, c.Out, true)
	}
	return m, nil
}

// check returns an error for a config that cannot be.
func (c Config) check() error {
	switch c.Model {
	case "gcn", "sage", "gat", "gin", "transformer":
	case "gine":
		if c.EdgeDim == 0 {
			return fmt.Errorf("gnn: edge_dim is 0, want at least 1 for gine: gin does without edge features")
		}
	default:
		return fmt.Errorf("gnn: unknown model %q: want gcn, sage, gat, gin, gine or transformer", c.Model)
	}
	switch c.Task {
	case "node", "graph":
	default:
		return fmt.Errorf("gnn: unknown task %q: want node or graph", c.Task)
	}
	switch c.Norm {
	case "", "batch", "layer", "graph":
	default:
		return fmt.Errorf("gnn: unknown norm %q: want batch, layer, graph or none at all", c.Norm)
	}
	const limit = 1 << 20 // entries of an axis: a config may come from a file
	for _, f := range []struct {
		name     string
		value    int
		min, max int
	}{{"in", c.In, 1, limit}, {"hidden", c.Hidden, 1, limit}, {"out", c.Out, 1, limit}, {"layers", c.Layers, 1, 1000},
		{"heads", c.Heads, 0, 1024}, {"out_heads", c.OutHeads, 0, 1024}, {"edge_dim", c.EdgeDim, 0, limit}} {
		if f.value < f.min || f.value > f.max {
			return fmt.Errorf("gnn: %s is %d, want %d to %d", f.name, f.value, f.min, f.max)
		}
	}
	if entries := c.entries(); entries > maxEntries {
		return fmt.Errorf("gnn: a model of about %.0f parameters, at most %d: %w", entries, int64(maxEntries), ErrLimit)
	}
	for _, f := range []struct {
		name  string
		value float64
	}{{"dropout", c.Dropout}, {"attention", c.Attention}} {
		if !(f.value >= 0 && f.value < 1) {
			return fmt.Errorf("gnn: %s is %v, want at least 0 and below 1", f.name, f.value)
		}
	}
	return nil
}

const maxEntries = 1 << 30

// entries estimates the number of parameters from above. It is a float64, which a config from a hostile file cannot overflow.
func (c Config) entries() float64 {
	hidden := float64(c.Hidden) * float64(max(1, c.Heads))
	out := float64(c.Out) * float64(max(1, c.OutHeads))
	layers, in, maps := float64(c.Layers), float64(c.In), 2.0
	edge := layers * float64(c.EdgeDim) * max(hidden, out)
	switch c.Model {
	case "gine": // edges have the width of what comes in
		edge += float64(c.EdgeDim) * in
	case "transformer":
		maps = 4
	}
	first := maps * max(hidden, in) * max(hidden, out)
	return first + edge + maps*layers*hidden*max(hidden, out) + (layers+1)*max(hidden, in)*out
}

// widths returns the channels before the first layer and after each.
func (m *Model[T]) widths() []int {
	c := m.Config
	w := []int{c.In}
	for k := range c.Layers {
		switch {
		case c.Task == "node" && k == c.Layers-1:
			w = append(w, c.Out)
		case c.Model == "gat" || c.Model == "transformer":
			w = append(w, c.Hidden*max(1, c.Heads))
		default:
			w = append(w, c.Hidden)
		}
	}
	return w
}

// conv returns message-passing layer k.
func (m *Model[T]) conv(rng *rand.Rand, k, in int) (finishing[T], error) {
	c := m.Config
	last := c.Task == "node" && k == c.Layers-1
	out := c.Hidden
	if last {
		out = c.Out
	}
	heads := max(1, c.Heads)
	if last {
		heads = max(1, c.OutHeads)
	}
	switch c.Model {
	case "gcn":
		return NewGCN[T](rng, in, out, GCNOptions{}), nil
	case "sage":
		return NewSAGE[T](rng, in, out, SAGEOptions{Aggr: c.Aggr})
	case "gat":
		return NewGAT[T](rng, in, out, GATOptions{Heads: heads, Mean: last, Dropout: c.Attention, EdgeDim: c.EdgeDim}), nil
	case "transformer":
		return NewTransformer[T](rng, in, out, TransformerOptions{Heads: heads, Mean: last, Dropout: c.Attention, EdgeDim: c.EdgeDim}), nil
	}
	nn := NewMLP[T](rng, c.Norm == "batch", in, c.Hidden, out)
	nn.Activation = m.act
	if c.Model == "gine" {
		return NewGINE[T](rng, nn, GINEOptions{LearnEps: c.LearnEps, EdgeDim: c.EdgeDim}), nil
	}
	return NewGIN[T](nn, c.LearnEps), nil
}

func newNorm[T tensor.Float](name string, d int) finishing[T] {
	switch name {
	case "batch":
		return NewBatchNorm[T](d)
	case "layer":
		return NewLayerNorm[T](d)
	}
	return NewGraphNorm[T](d)
}

// finishing is a layer that can end with a function in the same pass.
type finishing[T tensor.Float] interface {
	Layer[T]
	forwardThen(t *autodiff.Tape[T], g *graph.Graph, x Features[T], last Activation[T]) Features[T]
}

// Forward returns logits: Features.Node (N,Out) for a node task, Features.Graph (B,Out) for a graph task. Edge features are
// used where the config has EdgeDim and ignored otherwise.
func (m *Model[T]) Forward(t *autodiff.Tape[T], g *graph.Graph, x Features[T]) Features[T] {
	graphs := m.Config.Task == "graph"
	x.Node = node("gnn.Model", g, x, m.Config.In)
	var pooled []*autodiff.Var[T]
	if graphs {
		pooled = append(make([]*autodiff.Var[T], 0, 64), m.pool.Apply(t, g, x.Node))
	}
	ids := g.NodeIDs()
	for k, conv := range m.convs {
		if !graphs {
			x.Node = autodiff.Dropout(t, x.Node, ids, m.Config.Dropout)
		}
		before := x.Node
		switch {
		case k < len(m.norms):
			x = conv.Forward(t, g, x)
		case graphs || k < len(m.convs)-1:
			x = conv.forwardThen(t, g, x, m.act)
		default:
			x = conv.Forward(t, g, x)
		}
		if k > 0 && !t.Recording() {
			t.Release(before)
		}
		if k < len(m.norms) {
			before := x.Node
			x = m.norms[k].forwardThen(t, g, x, m.act)
			if x.Node != before && !t.Recording() {
				t.Release(before)
			}
		}
		if graphs {
			pooled = append(pooled, m.pool.Apply(t, g, x.Node))
		}
	}
	if graphs {
		h := autodiff.Dropout(t, autodiff.Concat(t, pooled...), g.GraphIDs(), m.Config.Dropout)
		x.Graph = m.lin.Apply(t, h)
	}
	return x
}

// Params yields convs.k.*, norms.k.* and, for a graph task, pool.* and lin.*.
func (m *Model[T]) Params(yield func(string, *autodiff.Param[T]) bool) {
	for k, l := range m.convs {
		if !within(fmt.Sprintf("convs.%d", k), l.Params, yield) {
			return
		}
	}
	for k, l := range m.norms {
		if !within(fmt.Sprintf("norms.%d", k), l.Params, yield) {
			return
		}
	}
	if m.lin != nil && within("pool", m.pool.Params, yield) {
		within("lin", m.lin.Params, yield)
	}
}

// FirstLayer reports whether a parameter belongs to the first message-passing layer, the only one that Kipf and Welling
// regularise.
func (m *Model[T]) FirstLayer(p *autodiff.Param[T]) bool {
	for _, q := range m.convs[0].Params {
		if p == q {
			return true
		}
	}
	return false
}

// Shapes returns the shape of each message-passing layer on n nodes, for a certificate.
func (m *Model[T]) Shapes(n int) []symmetry.LayerShape {
	w := m.widths()
	shapes := make([]symmetry.LayerShape, len(m.convs))
	for k := range shapes {
		shapes[k] = symmetry.LayerShape{Nodes: n, In: w[k], Out: w[k+1]}
	}
	return shapes
}
