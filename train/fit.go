package train

import (
	"context"
	"errors"
	"fmt"

	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/tensor"
)

// Split lists the graphs of each part of a data set, by their index. Test may be empty, and so may Val.
type Split struct{ Train, Val, Test []int32 }

// Options are what a run needs besides its Config: things that are no plain data, or that no bit of the result depends on.
type Options[T tensor.Float] struct {
	// Progress is called after every epoch, on the goroutine of the run; nil: nobody is told.
	Progress func(Progress)
	// Checkpoint is called with the state of the run after every CheckpointEvery epochs (0: never). It may keep the state.
	// An error ends the run and is returned.
	Checkpoint      func(*State[T]) error
	CheckpointEvery int
	// Order is how the nodes stand in memory while the run lasts; a set of graphs has each graph ordered within itself. Rows,
	// splits and what the run gives are in the order of the data.
	Order graph.Order
	// Canonical is the fast road to exact training: nodes and edges stand in a canonical order, found once, see [gnn.Data.Canonical],
	// and sums over rows are plain float additions in that order. The result does not depend on how the data were written
	// down, on the number of workers or on the instruction set, as without; but its bits are others, and two of the laws go: a
	// change far away reorders neighbours, and a graph alone differs from the graph in a batch. Order is left aside.
	Canonical bool
	// Resume goes on from a state of an earlier run of the same model, data and config (Epochs may differ).
	Resume *State[T]
}

// Progress is the news after an epoch.
type Progress struct {
	Last      Epoch // the epoch just done
	Epochs    int   // the most there can be
	BestEpoch int   // the epoch whose weights would be kept if the run ended now
	Stopped   bool  // the stop rule ends the run here
}

// Epoch is what is known about one pass over the training rows.
type Epoch struct {
	Epoch       int     `json:"epoch"`      // from 1
	TrainLoss   float64 `json:"train_loss"` // mean over the training rows, before each step, with dropout, without penalties
	LR          float64 `json:"lr"`
	Evaluated   bool    `json:"evaluated"` // the next two are known
	ValLoss     float64 `json:"val_loss"`
	ValAccuracy float64 `json:"val_accuracy"` // 0 for regression
}

// Scores are the metrics of some rows: nodes of a node task, graphs of a graph task.
type Scores struct {
	Rows     int     `json:"rows"` // rows with a known target
	Loss     float64 `json:"loss"`
	Correct  int     `json:"correct"`  // rows, with bce entries, that are right; 0 for regression
	Counted  int     `json:"counted"`  // rows, with bce entries, that could be
	Accuracy float64 `json:"accuracy"` // Correct / Counted, 0 where nothing counts
	RMSE     float64 `json:"rmse"`     // of regression
	MAE      float64 `json:"mae"`      // of regression
}

// Result is what a run gives besides the weights, which are in the model.
type Result[T tensor.Float] struct {
	Epochs    int  // epochs done
	BestEpoch int  // the epoch whose weights the model has, from 1; 0: the initial ones
	Stopped   bool // the stop rule ended the run
	History   []Epoch
	Train     Scores // of the weights that the model has, in evaluation
	Val, Test Scores
	Seconds   float64   // wall time of this call
	State     *State[T] // where to go on, after a cancelled context; nil otherwise
}

// ErrDiverged is wrapped by the error for a loss that is not finite.
var ErrDiverged = errors.New("training diverged")

// ErrNoTarget is wrapped by the error for training rows without a class or a target.
var ErrNoTarget = errors.New("no target")

// FitNodes trains a model whose logits (N,C) are in Features.Node on the rows d.Train of one graph, a full batch a step, and
// leaves the weights that cfg.Restore asks for in the model. Validation and test rows without a class do not count.
//
// Errors wrap ErrConfig, ErrNoTarget or ErrDiverged, or are those of data that is not valid, of a state that does not fit and
// of opts.Checkpoint. When ctx is cancelled, the run stops before the next step and returns what is done, without scores and
// with Result.State to go on from, and the error of ctx. The result is nil only where nothing was begun.
func FitNodes[T tensor.Float](ctx context.Context, model gnn.Layer[T], d *gnn.Data[T], cfg Config,
	opts Options[T]) (*Result[T], error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := opts.Order.Validate(); err != nil {
		return nil, fmt.Errorf("%w: %w", err, ErrConfig)
	}
	cfg = cfg.withDefaults()
	task, err := newNodeTask(ctx, d, &cfg, opts)
	if err != nil {
		return nil, err
	}
	return fit(ctx, model, task, cfg, opts)
}

// FitGraphs trains a model whose logits (B,C) are in Features.Graph on the graphs of split.Train, in mini-batches of
// cfg.BatchSize graphs. The order of an epoch is by a keyed hash of (seed, epoch, identity of the graph). Each element of ds
// is one graph with one entry in GraphClass or one row in GraphTarget; its identity is its place in ds where it has none.
// Identities must differ. Errors and ctx are as for FitNodes.
func FitGraphs[T tensor.Float](ctx context.Context, model gnn.Layer[T], ds []*gnn.Data[T], split Split, cfg Config,
	opts Options[T]) (*Result[T], error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := opts.Order.Validate(); err != nil {
		return nil, fmt.Errorf("%w: %w", err, ErrConfig)
	}
	cfg = cfg.withDefaults()
	task, err := newGraphTask(ctx, ds, split, &cfg, opts)
	if err != nil {
		return nil, err
	}
	return fit(ctx, model, task, cfg, opts)
}
