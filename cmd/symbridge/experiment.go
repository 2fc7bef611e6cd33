package main

import (
	"context"
	"fmt"
	"slices"

	"symbridge/dataset"
	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/train"
)

// experiment is what train does: one run a seed, or one a seed and fold.
type experiment struct {
	options *options
	set     *dataset.Set[float32]
	recipe  recipe
	seeds   []uint64
	folds   int     // 0: the split of the set, or one split of a graph set
	val     float64 // share of the training graphs for validation
}

// outcome is what one run came to.
type outcome struct {
	seed   uint64
	fold   int // from 0; -1 without folds
	model  *gnn.Model[float32]
	result *train.Result[float32]
	tested []int32 // rows of the test: nodes or graphs
	class  []int32 // their predictions
	nodes  []int32 // the predictions for all nodes of a node set
}

// newExperiment returns the experiment of the options, or an error for flags that do not suit the data.
func newExperiment(o *options) (*experiment, error) {
	s, err := o.load()
	if err != nil {
		return nil, err
	}
	e := &experiment{options: o, set: s, folds: o.folds}
	if e.recipe, err = o.recipe(s); err != nil {
		return nil, err
	}
	for k := range uint64(o.seeds) {
		e.seeds = append(e.seeds, o.seed+k)
	}
	if s.Task == dataset.NodeClassification {
		for _, name := range []string{"folds", "val", "batch"} {
			if o.set[name] {
				return nil, fmt.Errorf("-%s is for graph sets, and %s is a node set with its own split", name, s.Name)
			}
		}
		if len(s.Data[0].Train) == 0 {
			return nil, fmt.Errorf("%s has no training nodes", s.Name)
		}
	} else if e.val = o.validation; !o.set["val"] && e.folds == 0 {
		e.val = 0.1
	}
	validation := e.val > 0 || s.Task == dataset.NodeClassification && len(s.Data[0].Val) > 0
	if !validation && (o.set["restore"] && o.restore != string(train.RestoreLast) || o.set["patience"]) {
		return nil, fmt.Errorf("-restore and -patience need validation rows: add -val 0.1 with a graph set")
	}
	start, err := o.modelOf(s, e.recipe, generator(0, 0)) // the first error, before any work
	if err != nil {
		return nil, err
	}
	if o.weights != "" {
		e.recipe = o.apply(recipeFor(kindOf(s), start.Config.Model))
		e.recipe.model = start.Config
	}
	if s.Task == dataset.GraphClassification {
		if _, err := e.split(e.seeds[0], min(e.folds-1, 0)); err != nil {
			return nil, err
		}
	}
	return e, e.recipe.train.Validate()
}

// runs returns the number of runs.
func (e *experiment) runs() int { return len(e.seeds) * max(1, e.folds) }

// run does one run, the k-th.
func (e *experiment) run(ctx context.Context, k int, progress func(train.Progress)) (*outcome, error) {
	out := &outcome{seed: e.seeds[k/max(1, e.folds)], fold: k % max(1, e.folds)}
	if e.folds == 0 {
		out.fold = -1
	}
	var err error
	if out.model, err = e.options.modelOf(e.set, e.recipe, generator(out.seed, uint64(out.fold+1))); err != nil {
		return nil, err
	}
	config := e.recipe.train
	config.Seed = out.seed
	opts, err := e.fitOptions(out, progress)
	if err != nil {
		return nil, err
	}
	if e.set.Task == dataset.NodeClassification {
		d := e.set.Data[0]
		out.result, err = train.FitNodes(ctx, out.model, d, config, opts)
		if err = e.settle(out, err); err != nil {
			return nil, err
		}
		out.nodes = e.options.predictor(out.model).Predict(d).Classes
		out.tested, out.class = d.Test, graph.Pick(out.nodes, d.Test)
		return out, nil
	}
	split, err := e.split(out.seed, out.fold)
	if err != nil {
		return nil, err
	}
	out.result, err = train.FitGraphs(ctx, out.model, e.set.Data, split, config, opts)
	if err = e.settle(out, err); err != nil {
		return nil, err
	}
	out.tested = split.Test
	predictor := e.options.predictor(out.model)
	for batch := range slices.Chunk(split.Test, predictBatch) {
		out.class = append(out.class, predictor.Predict(e.batch(batch)).Classes...)
	}
	return out, nil
}

// predictBatch is how many graphs are predicted at once.
const predictBatch = 256

// batch returns the union of the listed graphs.
func (e *experiment) batch(rows []int32) *gnn.Data[float32] { return batchOf(e.set, rows) }

func batchOf(s *dataset.Set[float32], rows []int32) *gnn.Data[float32] {
	ds := make([]*gnn.Data[float32], len(rows))
	for i, r := range rows {
		ds[i] = s.Data[r]
	}
	return gnn.Batch(ds...)
}

// split deals the graphs of a seed: test is the given fold, or a tenth without folds; validation is a share of the others
// that are left for training. All parts are stratified and drawn by identity.
func (e *experiment) split(seed uint64, fold int) (train.Split, error) {
	ids, classes := e.set.Labels()
	rng := generator(seed, streamSplit)
	var out train.Split
	var err error
	if e.folds > 0 {
		folds, err := dataset.StratifiedFolds(ids, classes, e.folds, rng)
		if err != nil {
			return out, err
		}
		for k, rows := range folds {
			if k == fold {
				out.Test = rows
			} else {
				out.Train = append(out.Train, rows...)
			}
		}
	} else if out.Train, out.Test, err = dataset.StratifiedSplit(ids, classes, 0.1, rng); err != nil {
		return out, err
	}
	if e.val == 0 {
		return out, nil
	}
	restIDs, restClasses := make([]uint64, len(out.Train)), make([]int32, len(out.Train))
	for i, r := range out.Train {
		restIDs[i], restClasses[i] = ids[r], classes[r]
	}
	rest, val, err := dataset.StratifiedSplit(restIDs, restClasses, e.val, rng)
	if err != nil {
		return out, err
	}
	all := out.Train
	out.Train, out.Val = graph.Pick(all, rest), graph.Pick(all, val)
	return out, nil
}

// protocol says in a sentence how the test accuracy came about.
func (e *experiment) protocol() string {
	t := e.recipe.train
	weights := "the last weights"
	restore := t.Restore
	if restore == train.RestoreDefault && t.Stop == train.StopValLossOrAccuracy {
		restore = train.RestoreBestBoth
	}
	validation := e.val > 0 || e.set.Task == dataset.NodeClassification && len(e.set.Data[0].Val) > 0
	if !validation {
		restore = train.RestoreLast
	}
	switch restore {
	case train.RestoreBestAccuracy:
		weights = "the weights of the best validation accuracy"
	case train.RestoreBestLoss:
		weights = "the weights of the lowest validation loss"
	case train.RestoreBestBoth:
		weights = "the last weights whose validation accuracy and loss were both at least as good as any before"
	}
	epochs := fmt.Sprintf("%d epochs, fixed beforehand", t.Epochs)
	if validation && t.Stop != train.StopNone {
		epochs = fmt.Sprintf("at most %d epochs, stopped by the validation rows with patience %d", t.Epochs, max(t.Patience, 1))
	}
	rows := "the split of the data set"
	switch {
	case e.folds > 0 && e.val > 0:
		rows = fmt.Sprintf("stratified %d-fold cross-validation, new folds for each seed, %g of the training graphs for validation",
			e.folds, e.val)
	case e.folds > 0:
		rows = fmt.Sprintf("stratified %d-fold cross-validation, new folds for each seed", e.folds)
	case e.set.Task == dataset.GraphClassification:
		rows = fmt.Sprintf("stratified random split for each seed, 0.1 of the graphs for the test, %g of the others for validation", e.val)
	}
	text := fmt.Sprintf("%s; %s; %s; the test rows are looked at once, after training", rows, epochs, weights)
	if e.options.weights != "" {
		text += "; started from the weights in " + e.options.weights + ", which may have seen the test rows"
	}
	return text
}
