package train

import (
	"errors"
	"fmt"
	"math"
)

// Loss names what training makes small.
type Loss string

// The losses. The zero value takes the cross-entropy where the data has classes.
const (
	CrossEntropy Loss = "cross_entropy" // classes: NodeClass or GraphClass
	BCE          Loss = "bce"           // several yes-or-no labels a row: NodeTarget or GraphTarget in 0..1, NaN is missing
	MSE          Loss = "mse"           // numbers: NodeTarget or GraphTarget, NaN is missing
)

// Stop names the rule that ends training before the last epoch.
type Stop string

// The stop rules; patience counts evaluations. Without validation rows none applies.
const (
	// StopNone runs all epochs. It is the zero value.
	StopNone Stop = ""
	// StopValLoss stops when the validation loss has not improved for Patience evaluations.
	StopValLoss Stop = "val_loss"
	// StopValLossOrAccuracy is the rule of the graph attention paper (Velickovic et al. 2018): stop when for Patience
	// evaluations neither the validation loss was at most its best nor the validation accuracy at least its best.
	StopValLossOrAccuracy Stop = "val_loss_or_accuracy"
)

// Restore names the weights that a model has after training.
type Restore string

// The weights to keep. Without validation rows it is always the last ones.
const (
	// RestoreDefault keeps the last weights, or with StopValLossOrAccuracy those of RestoreBestBoth. It is the zero value.
	RestoreDefault Restore = ""
	// RestoreLast keeps the last weights.
	RestoreLast Restore = "last"
	// RestoreBestAccuracy keeps the weights of the best validation accuracy, of equals those of the lowest validation loss,
	// of equals the earliest.
	RestoreBestAccuracy Restore = "best_val_accuracy"
	// RestoreBestLoss keeps the weights of the lowest validation loss, of equals the earliest.
	RestoreBestLoss Restore = "best_val_loss"
	// RestoreBestBoth keeps the last weights whose validation accuracy and loss were both at least as good as any before,
	// as the graph attention paper does.
	RestoreBestBoth Restore = "best_val_both"
)

// Config says how to train. Its zero value works, and it is plain data: JSON and back gives the same run.
type Config struct {
	Epochs    int     `json:"epochs,omitempty"`     // 0: 200
	BatchSize int     `json:"batch_size,omitempty"` // graphs a step, 0: all; node tasks take the whole graph
	LR        float64 `json:"lr,omitempty"`         // learning rate, 0: 0.01

	Optimizer OptimizerKind `json:"optimizer,omitempty"` // adam (or empty), adamw, sgd
	Momentum  float64       `json:"momentum,omitempty"`  // of sgd
	Nesterov  bool          `json:"nesterov,omitempty"`  // of sgd
	Schedule  Schedule      `json:"schedule,omitzero"`

	WeightDecay float64 `json:"weight_decay,omitempty"` // L2 penalty w/2 |p|^2, for adamw the decoupled decay
	// FirstLayerDecay restricts WeightDecay to the first layer (Kipf, Welling 2017), as the model's method
	// FirstLayer(*autodiff.Param[T]) bool tells it; gnn.Model has one.
	FirstLayerDecay bool    `json:"first_layer_decay,omitempty"`
	Clip            float64 `json:"clip,omitempty"` // largest norm of all gradients together, 0: any

	Loss      Loss    `json:"loss,omitempty"`
	Stop      Stop    `json:"stop,omitempty"`
	Patience  int     `json:"patience,omitempty"` // of the stop rules, in evaluations, 0: 100
	Restore   Restore `json:"restore,omitempty"`
	EvalEvery int     `json:"eval_every,omitempty"` // epochs between evaluations on the validation rows, 0: 1
	Seed      uint64  `json:"seed,omitempty"`       // of dropout and of the order of graphs
}

// ErrConfig is wrapped by the error for a Config that cannot be.
var ErrConfig = errors.New("bad training config")

// Validate returns an error that names the first field that cannot be, and wraps ErrConfig.
func (c Config) Validate() error {
	bad := func(field string, got any, want string) error {
		return fmt.Errorf("train: %s is %v, want %s: %w", field, got, want, ErrConfig)
	}
	for _, f := range []struct {
		name string
		v    int
	}{{"epochs", c.Epochs}, {"batch_size", c.BatchSize}, {"patience", c.Patience}, {"eval_every", c.EvalEvery}} {
		if f.v < 0 {
			return bad(f.name, f.v, "at least 0")
		}
	}
	for _, f := range []struct {
		name string
		v    float64
	}{{"lr", c.LR}, {"momentum", c.Momentum}, {"weight_decay", c.WeightDecay}, {"clip", c.Clip}} {
		if !(f.v >= 0) || math.IsInf(f.v, 1) {
			return bad(f.name, f.v, "a finite number, at least 0")
		}
	}
	if c.Momentum >= 1 {
		return bad("momentum", c.Momentum, "below 1")
	}
	switch c.Optimizer {
	case "", OptimizerAdam, OptimizerAdamW, OptimizerSGD:
	default:
		return bad("optimizer", fmt.Sprintf("%q", c.Optimizer), "adam, adamw or sgd")
	}
	switch c.Loss {
	case "", CrossEntropy, BCE, MSE:
	default:
		return bad("loss", fmt.Sprintf("%q", c.Loss), "cross_entropy, bce or mse")
	}
	switch c.Stop {
	case StopNone, "none", StopValLoss, StopValLossOrAccuracy:
	default:
		return bad("stop", fmt.Sprintf("%q", c.Stop), "none, val_loss or val_loss_or_accuracy")
	}
	switch c.Restore {
	case RestoreDefault, RestoreLast, RestoreBestAccuracy, RestoreBestLoss, RestoreBestBoth:
	default:
		return bad("restore", fmt.Sprintf("%q", c.Restore), "last, best_val_accuracy, best_val_loss or best_val_both")
	}
	return c.Schedule.Validate()
}

// withDefaults returns the config with its zero fields filled in.
func (c Config) withDefaults() Config {
	set := func(f *int, v int) {
		if *f == 0 {
			*f = v
		}
	}
	set(&c.Epochs, 200)
	set(&c.Patience, 100)
	set(&c.EvalEvery, 1)
	if c.LR == 0 {
		c.LR = 0.01
	}
	if c.Optimizer == "" {
		c.Optimizer = OptimizerAdam
	}
	if c.Stop == "none" {
		c.Stop = StopNone
	}
	if c.Restore == RestoreDefault {
		c.Restore = RestoreLast
		if c.Stop == StopValLossOrAccuracy {
			c.Restore = RestoreBestBoth
		}
	}
	return c
}
