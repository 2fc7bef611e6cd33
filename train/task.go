package train

import (
	"context"
	"fmt"

	"symbridge/autodiff"
	"symbridge/gnn"
	"symbridge/tensor"
)

// part is a part of a split.
type part int

const (
	partTrain part = iota
	partVal
	partTest
)

var partNames = [...]string{"training", "validation", "test"}

// task hides from the training loop whether rows are nodes or graphs.
type task[T tensor.Float] interface {
	// begin prepares an epoch, counted from 0, and returns its number of steps.
	begin(epoch int) int
	// step returns the data of a step, its targets, the rows that count (nil: all) and their number.
	step(k int) (d *gnn.Data[T], y targets[T], rows []int32, count int)
	// all returns the targets of all rows, of whatever part.
	all() targets[T]
	// rows returns the number of rows of a part that have a target.
	rows(p part) int
	// score evaluates a model on the rows of a part.
	score(e *evaluator[T], p part) Scores
}

// targets are what the rows of an output should be.
type targets[T tensor.Float] struct {
	classes []int32         // (R), or nil
	values  tensor.Dense[T] // (R,t)
	most    int32           // the largest class
	top     int             // a row that has it, as the data names it
}

// suits returns an error for an output that cannot be compared with the targets of a step, or has too few columns for some
// target of all.
func (y targets[T]) suits(out *autodiff.Var[T], all targets[T]) error {
	rows, cols := y.values.Rows, y.values.Cols
	if y.classes != nil {
		rows, cols = len(y.classes), out.Cols()
		if int(all.most) >= cols {
			return fmt.Errorf("train: the class of row %d is %d, and the model has %d outputs: %w", all.top, all.most, cols, ErrNoTarget)
		}
	}
	if out.Rows() != rows || out.Cols() != cols {
		return fmt.Errorf("train: the model gives (%d,%d) outputs for (%d,%d) targets; is its task, node or graph, the one that is fitted? %w",
			out.Rows(), out.Cols(), rows, cols, ErrConfig)
	}
	return nil
}

// pickTargets returns what cfg.Loss compares with, and settles cfg.Loss where it is empty.
func pickTargets[T tensor.Float](classes []int32, values tensor.Dense[T], cfg *Config) (targets[T], error) {
	if cfg.Loss == "" && classes != nil {
		cfg.Loss = CrossEntropy
	}
	switch {
	case cfg.Loss == "":
		return targets[T]{}, fmt.Errorf("train: the data has no classes; set the loss to bce or mse for other targets: %w", ErrNoTarget)
	case cfg.Loss == CrossEntropy && classes == nil:
		return targets[T]{}, fmt.Errorf("train: cross_entropy needs classes, and the data has none: %w", ErrNoTarget)
	case cfg.Loss != CrossEntropy && values.Cols == 0:
		return targets[T]{}, fmt.Errorf("train: %s needs targets, and the data has none: %w", cfg.Loss, ErrNoTarget)
	case cfg.Loss == CrossEntropy:
		y := targets[T]{classes: classes, most: -1}
		for r, c := range classes {
			if c > y.most {
				y.most, y.top = c, r
			}
		}
		return y, nil
	}
	if cfg.Restore == RestoreBestAccuracy && cfg.Loss == MSE {
		return targets[T]{}, fmt.Errorf("train: restore is %q, and a regression has no accuracy: %w", cfg.Restore, ErrConfig)
	}
	return targets[T]{values: values}, nil
}

// known returns the rows that have a target.
func (y targets[T]) known(rows []int32) []int32 {
	out := make([]int32, 0, len(rows))
	for _, r := range rows {
		if y.has(int(r)) {
			out = append(out, r)
		}
	}
	return out
}

func (y targets[T]) has(r int) bool {
	if y.classes != nil {
		return y.classes[r] >= 0
	}
	for _, v := range y.values.Row(r) {
		if v == v {
			return true
		}
	}
	return false
}

// loss returns the mean loss of the rows (nil: all).
func (y targets[T]) loss(t *autodiff.Tape[T], out *autodiff.Var[T], kind Loss, rows []int32) *autodiff.Var[T] {
	switch kind {
	case BCE:
		return autodiff.BCE(t, out, y.values, rows)
	case MSE:
		return autodiff.MSE(t, out, y.values, rows)
	}
	return autodiff.CrossEntropy(t, out, y.classes, rows)
}

// evaluator applies a model in evaluation mode, on a tape that does not record.
type evaluator[T tensor.Float] struct {
	model   gnn.Layer[T]
	kind    Loss
	tape    autodiff.Tape[T]
	classes []int32
}

// forward returns the output for d, which lives until the next call.
func (e *evaluator[T]) forward(d *gnn.Data[T]) *autodiff.Var[T] {
	e.tape.Reset()
	return output(e.model.Forward(&e.tape, d.Graph, d.On(&e.tape)))
}

// scores compares an output with its targets on the given rows (nil: all), all of which have a target.
func (e *evaluator[T]) scores(out *autodiff.Var[T], y targets[T], rows []int32) Scores {
	s := Scores{Rows: len(rows)}
	if rows == nil {
		s.Rows = out.Rows()
	}
	if s.Rows == 0 {
		return s
	}
	s.Loss = float64(y.loss(&e.tape, out, e.kind, rows).Value.Data[0])
	switch e.kind {
	case CrossEntropy:
		e.classes = Argmax(out.Value, e.classes)
		s.Correct, s.Counted = Accuracy(e.classes, y.classes, rows)
	case BCE:
		for i := range each(rows, out.Rows()) {
			for j, want := range y.values.Row(i) {
				if want == want {
					s.Counted++
					if (out.Value.At(i, j) > 0) == (want > 0.5) {
						s.Correct++
					}
				}
			}
		}
	case MSE:
		s.RMSE, s.MAE = RMSE(out.Value, y.values, rows), MAE(out.Value, y.values, rows)
	}
	if s.Counted > 0 {
		s.Accuracy = float64(s.Correct) / float64(s.Counted)
	}
	return s
}

// ordered returns the data as they stand in memory while the run lasts.
func (o *Options[T]) ordered(ctx context.Context, d *gnn.Data[T]) (*gnn.Data[T], error) {
	if o.Canonical {
		out, _, err := d.Canonical(ctx)
		return out, err
	}
	out, _ := d.Ordered(o.Order)
	return out, nil
}

// nodeTask learns on the nodes of one graph.
type nodeTask[T tensor.Float] struct {
	d     *gnn.Data[T]
	y     targets[T]
	parts [3][]int32
}

func (t *nodeTask[T]) all() targets[T] { return t.y }

func newNodeTask[T tensor.Float](ctx context.Context, d *gnn.Data[T], cfg *Config, opts Options[T]) (*nodeTask[T], error) {
	if d == nil {
		return nil, fmt.Errorf("train: no data: %w", ErrNoTarget)
	}
	if err := d.Validate(); err != nil {
		return nil, err
	}
	y, err := pickTargets(d.NodeClass, d.NodeTarget, cfg)
	if err != nil {
		return nil, err
	}
	for _, r := range d.Train {
		if !y.has(int(r)) {
			return nil, fmt.Errorf("train: training node %d: %w", r, ErrNoTarget)
		}
	}
	if len(d.Train) == 0 {
		return nil, fmt.Errorf("train: there are no training nodes: %w", ErrNoTarget)
	}
	if d, err = opts.ordered(ctx, d); err != nil {
		return nil, err
	}
	if y.classes != nil {
		y.classes = d.NodeClass
	} else {
		y.values = d.NodeTarget
	}
	return &nodeTask[T]{d, y, [3][]int32{d.Train, y.known(d.Val), y.known(d.Test)}}, nil
}

func (n *nodeTask[T]) begin(int) int { return 1 }

func (n *nodeTask[T]) step(int) (*gnn.Data[T], targets[T], []int32, int) {
	return n.d, n.y, n.parts[partTrain], len(n.parts[partTrain])
}

func (n *nodeTask[T]) rows(p part) int { return len(n.parts[p]) }

func (n *nodeTask[T]) score(e *evaluator[T], p part) Scores {
	if len(n.parts[p]) == 0 {
		return Scores{}
	}
	return e.scores(e.forward(n.d), n.y, n.parts[p])
}
