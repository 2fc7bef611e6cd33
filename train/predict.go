package train

import (
	"sync"

	"symbridge/autodiff"
	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/internal/kernel"
	"symbridge/tensor"
)

// Prediction is what a model says about each node, or each graph.
type Prediction[T tensor.Float] struct {
	Logits        tensor.Dense[T] // (R,C), the output itself for regression
	Probabilities tensor.Dense[T] // (R,C), softmax over the classes or sigmoid of each label; empty for regression
	Classes       []int32         // (R), the first of the largest logits; nil for bce and regression
}

// Predictor applies a model in evaluation mode. It is safe for concurrent use, and so is the model, as long as nobody trains
// it. After a first call of the same size, only the results are allocated.
type Predictor[T tensor.Float] struct {
	// Order is how the nodes stand in memory while the model is applied; rows come back in the order of the data. Finding the
	// order takes as long as some layers do, once a graph, and moving the features takes its time in every call: for large graphs
	// that are predicted again and again. Set it before the first call.
	Order graph.Order
	// Frozen promises that the parameters no longer change, so that transposed weights are kept from call to call, once for each call
	// that runs at the same time. Set it before the first call; for parameters that have changed after all, make a new Predictor.
	Frozen bool

	model gnn.Layer[T]
	loss  Loss
	tapes sync.Pool
}

// NewPredictor returns a predictor for a model that was trained with the given loss; empty stands for CrossEntropy.
func NewPredictor[T tensor.Float](model gnn.Layer[T], loss Loss) *Predictor[T] {
	return &Predictor[T]{model: model, loss: loss, tapes: sync.Pool{New: func() any { return new(autodiff.Tape[T]) }}}
}

// Predict applies the model to d: rows are graphs where the model leaves features of graphs, otherwise nodes. It panics
// with a tensor.ShapeError where the features of d do not fit the model.
func (p *Predictor[T]) Predict(d *gnn.Data[T]) Prediction[T] {
	out := Prediction[T]{Logits: p.Logits(d)}
	n, c := out.Logits.Rows, out.Logits.Cols
	switch p.loss {
	case MSE:
	case BCE:
		out.Probabilities = tensor.NewDense[T](n, c)
		kernel.Unary(kernel.OpSigmoid, out.Probabilities.Data, out.Logits.Data, 0)
	default:
		out.Probabilities = tensor.NewDense[T](n, c)
		kernel.Softmax(out.Probabilities.Data, make([]T, n), out.Logits.Data, nil, n, c)
		out.Classes = Argmax(out.Logits, nil)
	}
	return out
}

// Logits returns a copy of the model's output for d (R,C).
func (p *Predictor[T]) Logits(d *gnn.Data[T]) tensor.Dense[T] {
	t := p.tapes.Get().(*autodiff.Tape[T])
	t.Frozen = p.Frozen
	defer func() {
		t.Reset()
		p.tapes.Put(t)
	}()
	in, place := d.Ordered(p.Order)
	x := p.model.Forward(t, in.Graph, in.On(t))
	if out := output(x).Value; place == nil || x.Graph != nil {
		return out.Clone()
	}
	return x.Node.Value.TakeRows(place) // row v of the data was at place[v]
}

// output returns the rows that a loss is taken of.
func output[T tensor.Float](x gnn.Features[T]) *autodiff.Var[T] {
	if x.Graph != nil {
		return x.Graph
	}
	return x.Node
}
