package train

import (
	"context"
	"fmt"
	"math"
	"time"

	"symbridge/autodiff"
	"symbridge/gnn"
	"symbridge/tensor"
)

// run is a training run between two steps.
type run[T tensor.Float] struct {
	cfg   Config
	opts  Options[T]
	model gnn.Layer[T]
	task  task[T]

	tape   *autodiff.Tape[T]
	eval   evaluator[T]
	opt    Optimizer[T]
	params []NamedParam[T]      // all, buffers too
	named  []NamedParam[T]      // those that are trained
	plain  []*autodiff.Param[T] // the same without names
	best   [][]T                // values of params that are kept, or nil
	at     position
}

// position is where a run stands, beside weights and moments. It is plain data.
type position struct {
	Epoch   int     `json:"epoch"`    // epochs done
	Batch   int     `json:"batch"`    // steps done of the next one
	Step    uint64  `json:"step"`     // steps done of the run
	LossSum float64 `json:"loss_sum"` // over the steps done of the next epoch
	Rows    int     `json:"rows"`     // in them

	Evals    int     `json:"evals"` // evaluations done
	MinLoss  float64 `json:"min_loss"`
	MaxAcc   float64 `json:"max_acc"`
	Bad      int     `json:"bad"`  // evaluations since the last one that the stop rule liked
	Best     int     `json:"best"` // epoch that is kept, 0: none
	BestLoss float64 `json:"best_loss"`
	BestAcc  float64 `json:"best_acc"`
	Stopped  bool    `json:"stopped"`
	History  []Epoch `json:"history"`
}

// firstLayer is a model that knows which parameters belong to its first layer.
type firstLayer[T tensor.Float] interface {
	FirstLayer(p *autodiff.Param[T]) bool
}

func newRun[T tensor.Float](model gnn.Layer[T], task task[T], cfg Config, opts Options[T]) (*run[T], error) {
	r := &run[T]{cfg: cfg, opts: opts, model: model, task: task, tape: autodiff.NewTape[T]()}
	r.eval = evaluator[T]{model: model, kind: cfg.Loss}
	r.tape.Train, r.tape.Seed = true, cfg.Seed
	r.tape.Plain, r.eval.tape.Plain = opts.Canonical, opts.Canonical
	r.params = Params(model)
	r.named = trained(r.params)
	for _, p := range r.named {
		r.plain = append(r.plain, p.Param)
	}
	decays := func(*autodiff.Param[T]) bool { return true }
	if cfg.FirstLayerDecay {
		m, ok := model.(firstLayer[T])
		if !ok {
			return nil, fmt.Errorf("train: first_layer_decay needs a model with a method FirstLayer, %T has none: %w", model, ErrConfig)
		}
		decays = m.FirstLayer
	}
	r.opt = newOptimizer(r.named, cfg, decays)
	if opts.Resume != nil {
		if err := r.restore(opts.Resume); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// fit runs the epochs. cfg has its defaults.
func fit[T tensor.Float](ctx context.Context, model gnn.Layer[T], task task[T], cfg Config, opts Options[T]) (*Result[T], error) {
	start := time.Now()
	r, err := newRun(model, task, cfg, opts)
	if err != nil {
		return nil, err
	}
	res := &Result[T]{}
	defer func() { res.Seconds = time.Since(start).Seconds() }()
	interrupted, err := r.loop(ctx)
	if interrupted {
		res.State = r.state()
	}
	res.Epochs, res.Stopped, res.History = r.at.Epoch, r.at.Stopped, r.at.History
	res.BestEpoch = r.keepBest()
	if err == nil {
		res.Train, res.Val, res.Test = task.score(&r.eval, partTrain), task.score(&r.eval, partVal), task.score(&r.eval, partTest)
	}
	return res, err
}

// loop trains until the last epoch, the stop rule, an error or the end of ctx, which interrupts it.
func (r *run[T]) loop(ctx context.Context) (interrupted bool, err error) {
	for r.at.Epoch < r.cfg.Epochs && !r.at.Stopped {
		steps := r.task.begin(r.at.Epoch)
		lr := r.cfg.Schedule.At(r.cfg.LR, r.at.Epoch, r.cfg.Epochs)
		for r.at.Batch < steps {
			if ctx.Err() != nil {
				return true, fmt.Errorf("train: stopped in epoch %d, step %d: %w", r.at.Epoch+1, r.at.Batch+1, context.Cause(ctx))
			}
			if err := r.step(lr); err != nil {
				return false, err
			}
		}
		if err := r.endEpoch(lr); err != nil {
			return false, err
		}
	}
	return false, nil
}

// step does one step of the epoch.
func (r *run[T]) step(lr float64) error {
	d, y, rows, count := r.task.step(r.at.Batch)
	t := r.tape
	t.Reset()
	t.Step = r.at.Step
	out := output(r.model.Forward(t, d.Graph, d.On(t)))
	if out == nil {
		return fmt.Errorf("train: the model gives neither node nor graph features: %w", ErrConfig)
	}
	if err := y.suits(out, r.task.all()); err != nil {
		return err
	}
	l := y.loss(t, out, r.cfg.Loss, rows)
	loss := float64(l.Value.Data[0])
	if math.IsNaN(loss) || math.IsInf(loss, 0) {
		return fmt.Errorf("train: the training loss is %v in epoch %d; %s: %w", loss, r.at.Epoch+1, advice(r.at.Epoch), ErrDiverged)
	}
	t.Backward(l)
	scale := 1.0
	if r.cfg.Clip > 0 {
		norm := GradNorm(t, r.plain)
		if math.IsNaN(norm) || math.IsInf(norm, 0) {
			return fmt.Errorf("train: the norm of the gradients is %v in epoch %d; lower the learning rate: %w", norm, r.at.Epoch+1, ErrDiverged)
		}
		scale = clipScale(norm, r.cfg.Clip)
	}
	r.opt.Step(t, lr, scale)
	t.Commit()
	r.at.LossSum += float64(loss * float64(count))
	r.at.Rows += count
	r.at.Batch++
	r.at.Step++
	return nil
}

// advice says what to do about a loss that is not finite.
func advice(epoch int) string {
	if epoch == 0 {
		return "features, edge weights or initial weights are too large, or the learning rate is"
	}
	return "lower the learning rate or set clip"
}

// endEpoch evaluates, decides what is kept and whether to stop, and tells.
func (r *run[T]) endEpoch(lr float64) error {
	a := &r.at
	e := Epoch{Epoch: a.Epoch + 1, LR: lr, TrainLoss: a.LossSum / float64(a.Rows)}
	a.LossSum, a.Rows, a.Batch = 0, 0, 0
	a.Epoch++
	if r.task.rows(partVal) > 0 && (a.Epoch%r.cfg.EvalEvery == 0 || a.Epoch == r.cfg.Epochs) {
		s := r.task.score(&r.eval, partVal)
		if math.IsNaN(s.Loss) || math.IsInf(s.Loss, 0) {
			return fmt.Errorf("train: the validation loss is %v after epoch %d; lower the learning rate or set clip: %w",
				s.Loss, a.Epoch, ErrDiverged)
		}
		e.Evaluated, e.ValLoss, e.ValAccuracy = true, s.Loss, s.Accuracy
		if a.decide(&r.cfg, s.Loss, s.Accuracy) {
			a.Best, a.BestLoss, a.BestAcc = a.Epoch, s.Loss, s.Accuracy
			r.keep()
		}
	}
	a.History = append(a.History, e)
	if r.opts.Progress != nil {
		p := Progress{Last: e, Epochs: r.cfg.Epochs, BestEpoch: a.Best, Stopped: a.Stopped}
		if a.Best == 0 {
			p.BestEpoch = a.Epoch
		}
		r.opts.Progress(p)
	}
	if k := r.opts.CheckpointEvery; k > 0 && r.opts.Checkpoint != nil && a.Epoch%k == 0 {
		if err := r.opts.Checkpoint(r.state()); err != nil {
			return fmt.Errorf("train: checkpoint after epoch %d: %w", a.Epoch, err)
		}
	}
	return nil
}

// decide takes the news of an evaluation into account: it sets Stopped, and reports whether the weights are to be kept.
func (a *position) decide(cfg *Config, loss, acc float64) bool {
	first := a.Evals == 0
	a.Evals++
	lower, asLow := first || loss < a.MinLoss, first || loss <= a.MinLoss
	higher, asHigh := first || acc > a.MaxAcc, first || acc >= a.MaxAcc
	if lower {
		a.MinLoss = loss
	}
	if higher {
		a.MaxAcc = acc
	}
	good := true
	switch cfg.Stop {
	case StopValLoss:
		good = lower
	case StopValLossOrAccuracy:
		good = asLow || asHigh
	}
	a.Bad++
	if good {
		a.Bad = 0
	}
	a.Stopped = a.Bad >= cfg.Patience
	switch cfg.Restore {
	case RestoreBestAccuracy:
		return first || acc > a.BestAcc || acc == a.BestAcc && loss < a.BestLoss
	case RestoreBestLoss:
		return lower
	case RestoreBestBoth:
		return asLow && asHigh
	}
	return false
}

// keep copies the weights.
func (r *run[T]) keep() {
	if r.best == nil {
		r.best = make([][]T, len(r.params))
		for i, p := range r.params {
			r.best[i] = make([]T, len(p.Param.Value.Data))
		}
	}
	for i, p := range r.params {
		copy(r.best[i], p.Param.Value.Data)
	}
}

// keepBest leaves the kept weights in the model and returns their epoch.
func (r *run[T]) keepBest() int {
	if r.best == nil {
		return r.at.Epoch
	}
	for i, p := range r.params {
		copy(p.Param.Value.Data, r.best[i])
	}
	return r.at.Best
}
