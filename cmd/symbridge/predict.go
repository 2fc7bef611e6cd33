package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"symbridge/dataset"
	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/train"
)

const predictAbout = `symbridge predict writes what a trained model says about each node of a graph, or each graph of a set: one line a row,
in the order of the data, with the id, the class, and the probability of every class, separated by tabs. With -json a line is
an object with id, class, class_index and probabilities.

Usage: symbridge predict [flags]

Examples:

  symbridge train && symbridge predict
  symbridge predict -data mutag/ -weights symbridge-out/weights.safetensors -json
`

// prediction is a line of predict -json.
type prediction struct {
	ID            uint64    `json:"id"`
	Class         string    `json:"class"`
	ClassIndex    int32     `json:"class_index"`
	Probabilities []float32 `json:"probabilities"` // in the order of classes
}

func predictCommand(ctx context.Context, args []string, _ io.Reader, out, _ io.Writer) error {
	f := newFlags("predict")
	f.dataFlags()
	f.StringVar(&f.weights, "weights", "symbridge-out/weights.safetensors", "`FILE` that train wrote")
	f.orderFlag()
	if err := f.parse(args, out, predictAbout); err != nil {
		return err
	}
	s, err := f.load()
	if err != nil {
		return err
	}
	m, err := f.loadModel(s)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	write := textLine
	if f.json {
		write = jsonLine
	}
	for p, err := range predictions(ctx, f.predictor(m), s) {
		if err != nil {
			return err
		}
		if err := write(w, p); err != nil {
			return outputError(err)
		}
	}
	return outputError(w.Flush())
}

// predictor returns what applies a model, in the order of the options. Order-free sums need no canonical one.
func (o *options) predictor(m *gnn.Model[float32]) *train.Predictor[float32] {
	p := train.NewPredictor[float32](m, train.CrossEntropy)
	if o.order != orderCanonical {
		p.Order = graph.Order(o.order)
	}
	return p
}

// predictions yields what a model says about each row of a set, in order; the error is that of the context.
func predictions(ctx context.Context, predictor *train.Predictor[float32], s *dataset.Set[float32]) func(func(prediction, error) bool) {
	ids, _ := s.Labels()
	return func(yield func(prediction, error) bool) {
		rows := func(p train.Prediction[float32]) bool {
			for i, y := range p.Classes {
				if !yield(prediction{ids[i], s.ClassNames[y], y, p.Probabilities.Row(i)}, nil) {
					return false
				}
			}
			ids = ids[len(p.Classes):]
			return true
		}
		if s.Task == dataset.NodeClassification {
			rows(predictor.Predict(s.Data[0]))
			return
		}
		for part := range slices.Chunk(s.Data, predictBatch) {
			if err := ctx.Err(); err != nil {
				yield(prediction{}, err)
				return
			}
			if !rows(predictor.Predict(gnn.Batch(part...))) {
				return
			}
		}
	}
}

func textLine(w io.Writer, p prediction) error {
	line := fmt.Appendf(nil, "%d\t%s", p.ID, p.Class)
	for _, v := range p.Probabilities {
		line = fmt.Appendf(line, "\t%.6f", v)
	}
	_, err := w.Write(append(line, '\n'))
	return err
}

func jsonLine(w io.Writer, p prediction) error {
	b, err := json.Marshal(p)
	if err != nil {
		return err
	}
	_, err = w.Write(append(b, '\n'))
	return err
}
