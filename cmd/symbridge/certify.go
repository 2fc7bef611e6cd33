package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"

	"symbridge/autodiff"
	"symbridge/dataset"
	"symbridge/gnn"
	"symbridge/symmetry"
	"symbridge/train"
)

const certifyAbout = `symbridge certify relabels the nodes of a data set and shuffles its edge list, at random and again and again, runs a
model on it, moves the outputs back, and counts the bits that differ from the outputs on the data as it stands. It does the
same with the gradients of the weights of a training step, dropout and batch norm included. A model of this library has
0 differing bits, trained or not.

A set of graphs is taken as one batch, whose nodes are mixed across graphs.

Usage: symbridge certify [flags]

Examples:

  symbridge certify                                        an untrained GCN on the karate club
  symbridge certify -data cora/ -model gat -relabelings 5
  symbridge certify -data mutag/ -weights symbridge-out/weights.safetensors -json

The certificate has

  group, group_order, group_order_log10   S_N for N nodes, and N!
  relabelings, entries                    how many were tried, and numbers compared, gradients included
  differing_bits, max_ulp, max_abs        how much they differ
  theta                                   entries of dense maps of whole feature spaces, (N d_in)(N d_out) a layer
  theta_equivariant                       the S_N-equivariant ones among them, 2 d_in d_out a layer
  parameters                              the model's own
`

// certificate is that of a model, with what the gradients add.
type certificate struct {
	*symmetry.Certificate
	GradientEntries int `json:"gradient_entries"` // of the entries, those of gradients
}

// String returns the certificate as a block of text, without a final newline.
func (c *certificate) String() string {
	return fmt.Sprintf("%s\ngradients    %d of the entries are gradients of a training step", c.Certificate, c.GradientEntries)
}

// certificationReport is what certify -json writes.
type certificationReport struct {
	Dataset     string       `json:"dataset"`
	Model       string       `json:"model"`
	Config      gnn.Config   `json:"config"`
	Seed        uint64       `json:"seed"`
	Trained     bool         `json:"trained"` // the weights came from a file
	Certificate *certificate `json:"certificate"`
}

func certifyCommand(ctx context.Context, args []string, _ io.Reader, out, errs io.Writer) error {
	f := newFlags("certify")
	f.dataFlags()
	f.modelFlags()
	f.StringVar(&f.weights, "weights", "", "`FILE` with the weights of a trained model; without it weights are random")
	f.IntVar(&f.relabelings, "relabelings", 20, "`N` relabelings to try; for at most 5 nodes and N! or more, all there are")
	if err := f.parse(args, out, certifyAbout); err != nil {
		return err
	}
	s, err := f.load()
	if err != nil {
		return err
	}
	r, err := f.recipe(s)
	if err != nil {
		return err
	}
	m, err := f.modelOf(s, r, generator(f.seed, 0))
	if err != nil {
		return err
	}
	bar := newBar(errs, f.relabelings, "relabelings", f.json)
	c, err := certify(ctx, m, s, f.relabelings, f.seed, bar.set)
	bar.finish()
	if err != nil {
		return err
	}
	if f.json {
		return writeJSON(out, certificationReport{s.Name, m.Config.Model, m.Config, f.seed, f.weights != "", c})
	}
	state := "random weights"
	if f.weights != "" {
		state = "the weights in " + f.weights
	}
	_, err = fmt.Fprintf(out, "data         %s: %s, %s\nmodel        %s, %s\n%s\n", s.Name, s.Task, sizes(s), named(m.Config), state, c)
	return outputError(err)
}

// certify compares what a model says about a set, and the gradients of its weights, over relabelings.
func certify(ctx context.Context, m *gnn.Model[float32], s *dataset.Set[float32], relabelings int, seed uint64,
	progress func(done int)) (*certificate, error) {
	d := s.Data[0]
	rows, classes := symmetry.Nodes, d.NodeClass
	if s.Task == dataset.GraphClassification {
		d = gnn.Batch(s.Data...)
		rows, classes = symmetry.Graphs, d.GraphClass
	}
	known := slices.ContainsFunc(classes, func(y int32) bool { return y >= 0 })
	predictor := train.NewPredictor[float32](m, train.CrossEntropy)
	tape := autodiff.NewTape[float32]()
	var base []float32
	gradients := symmetry.Difference{First: -1}
	relabelled := func(p, q symmetry.Perm) (symmetry.Output[float32], error) {
		r := d.Relabel(p, q)
		if known {
			g := gradient(tape, m, r, s.Task, seed)
			if base == nil {
				base = g
			} else {
				gradients = gradients.Join(symmetry.Compare(base, g))
			}
		}
		return symmetry.Output[float32]{Values: predictor.Logits(r), Rows: rows}, nil
	}
	n := d.Graph.NumNodes()
	c, err := symmetry.Certify(ctx, relabelled, n, d.Graph.NumEdges(), relabelings, generator(seed, streamCertify), m.Shapes(n),
		gnn.CountParams(m), func(done, _ int) { progress(done) })
	if err != nil {
		return nil, err
	}
	c.Entries, c.DifferingEntries = c.Entries+gradients.Entries, c.DifferingEntries+gradients.Differing
	c.DifferingBits += gradients.Bits
	c.MaxULP, c.MaxAbs = max(c.MaxULP, gradients.MaxULP), max(c.MaxAbs, min(gradients.MaxAbs, math.MaxFloat64))
	if c.FirstDifference == "" && !gradients.Equal() {
		c.FirstDifference = "gradients: " + gradients.String()
	}
	return &certificate{c, gradients.Entries}, nil
}

// gradient returns the gradients of a training step on all rows that have a class, one parameter after the other.
func gradient(t *autodiff.Tape[float32], m *gnn.Model[float32], d *gnn.Data[float32], task dataset.Task, seed uint64) []float32 {
	t.Reset()
	t.Train, t.Seed, t.Step = true, seed, 1
	x := m.Forward(t, d.Graph, d.On(t))
	logits, classes := x.Node, d.NodeClass
	if task == dataset.GraphClassification {
		logits, classes = x.Graph, d.GraphClass
	}
	var rows []int32
	for i, y := range classes {
		if y >= 0 {
			rows = append(rows, int32(i))
		}
	}
	t.Backward(autodiff.CrossEntropy(t, logits, classes, rows))
	out := make([]float32, 0, gnn.CountParams(m))
	for _, p := range m.Params {
		if !p.Buffer {
			out = append(out, t.Grad(p).Data...)
		}
	}
	return out
}

// writeJSON writes one object and a newline.
func writeJSON(w io.Writer, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(b, '\n'))
	return outputError(err)
}
