package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strings"

	"symbridge/dataset"
	"symbridge/gnn"
	"symbridge/train"
)

// report is what train -json writes. Lists have one entry a run: a seed, or with folds a seed and a fold, folds fastest.
type report struct {
	Dataset  string     `json:"dataset"`
	Task     string     `json:"task"`
	Model    string     `json:"model"`
	Config   gnn.Config `json:"config"`
	Protocol string     `json:"protocol"`
	Seeds    []uint64   `json:"seeds"`
	Folds    int        `json:"folds,omitempty"`
	Epochs   int        `json:"epochs"` // as asked for

	EpochsDone  []int     `json:"epochs_done"`
	BestEpoch   []int     `json:"best_epoch"` // whose weights were kept
	TrainLoss   []float64 `json:"train_loss"` // of the weights that were kept, without dropout
	ValLoss     []float64 `json:"val_loss"`
	ValAccuracy []float64 `json:"val_accuracy"`

	TestAccuracy     []float64 `json:"test_accuracy"` // one a seed; with folds the mean of its folds
	TestAccuracyMean float64   `json:"test_accuracy_mean"`
	TestAccuracyStd  float64   `json:"test_accuracy_std"` // over seeds, n-1; 0 for one

	FoldAccuracy     any      `json:"fold_accuracy,omitempty"` // a list, or one list a seed
	FoldAccuracyMean *float64 `json:"fold_accuracy_mean,omitempty"`
	FoldAccuracyStd  *float64 `json:"fold_accuracy_std,omitempty"` // over all folds, n-1

	Seconds       float64      `json:"seconds"`
	Params        int          `json:"params"`         // trained numbers of one model
	WeightsSHA256 string       `json:"weights_sha256"` // see train.HashWeights
	Certificate   *certificate `json:"certificate"`
	History       []history    `json:"history,omitempty"`
	Files         []string     `json:"files,omitempty"`
}

// history has the values of every epoch of a run.
type history struct {
	TrainLoss   []float64 `json:"train_loss"` // before each step, with dropout
	ValLoss     []float64 `json:"val_loss,omitempty"`
	ValAccuracy []float64 `json:"val_accuracy,omitempty"`
}

// newReport summarises runs; the certificate, files and time are added later.
func (e *experiment) newReport(outcomes []*outcome) *report {
	c := outcomes[0].model.Config
	r := &report{
		Dataset: e.set.Name, Task: e.set.Task.String(), Model: c.Model, Config: c, Protocol: e.protocol(), Seeds: e.seeds,
		Folds: e.folds, Epochs: e.recipe.train.Epochs, Params: gnn.CountParams(outcomes[0].model),
		ValLoss: []float64{}, ValAccuracy: []float64{}, WeightsSHA256: weightsSHA256(outcomes),
	}
	var all []float64
	var bySeed [][]float64
	for _, o := range outcomes {
		res := o.result
		r.EpochsDone, r.BestEpoch = append(r.EpochsDone, res.Epochs), append(r.BestEpoch, res.BestEpoch)
		r.TrainLoss = append(r.TrainLoss, res.Train.Loss)
		if res.Val.Rows > 0 {
			r.ValLoss, r.ValAccuracy = append(r.ValLoss, res.Val.Loss), append(r.ValAccuracy, res.Val.Accuracy)
		}
		if o.fold <= 0 {
			bySeed = append(bySeed, nil)
		}
		bySeed[len(bySeed)-1] = append(bySeed[len(bySeed)-1], res.Test.Accuracy)
		all = append(all, res.Test.Accuracy)
		if e.options.history {
			r.History = append(r.History, historyOf(res.History))
		}
	}
	for _, a := range bySeed {
		m, _ := meanStd(a)
		r.TestAccuracy = append(r.TestAccuracy, m)
	}
	r.TestAccuracyMean, r.TestAccuracyStd = meanStd(r.TestAccuracy)
	if e.folds > 0 {
		r.FoldAccuracy = bySeed
		if len(bySeed) == 1 {
			r.FoldAccuracy = bySeed[0]
		}
		m, s := meanStd(all)
		r.FoldAccuracyMean, r.FoldAccuracyStd = &m, &s
	}
	return r
}

func historyOf(epochs []train.Epoch) history {
	var h history
	for _, x := range epochs {
		h.TrainLoss = append(h.TrainLoss, x.TrainLoss)
		if x.Evaluated {
			h.ValLoss, h.ValAccuracy = append(h.ValLoss, x.ValLoss), append(h.ValAccuracy, x.ValAccuracy)
		}
	}
	return h
}

// weightsSHA256 hashes the weights of all runs. Of a single one it is train.WeightsSHA256; names of several start with the
// seed and the fold.
func weightsSHA256(outcomes []*outcome) string {
	if len(outcomes) == 1 {
		return train.WeightsSHA256(outcomes[0].model)
	}
	h := sha256.New()
	// The prefix ends in a dot, which sorts before digits: sorting by prefix is sorting by name.
	sorted := slices.Clone(outcomes)
	slices.SortFunc(sorted, func(a, b *outcome) int { return strings.Compare(a.name()+".", b.name()+".") })
	for _, o := range sorted {
		train.HashWeights(h, o.name()+".", o.model)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// name returns a name for a run that is fit for files.
func (o *outcome) name() string {
	if o.fold < 0 {
		return fmt.Sprintf("seed-%d", o.seed)
	}
	return fmt.Sprintf("seed-%d-fold-%d", o.seed, o.fold+1)
}

// meanStd returns the mean and the sample standard deviation, 0 for fewer than two values.
func meanStd(v []float64) (mean, std float64) {
	if len(v) == 0 {
		return 0, 0
	}
	for _, x := range v {
		mean += x
	}
	mean /= float64(len(v))
	if len(v) == 1 {
		return mean, 0
	}
	for _, x := range v {
		std += (x - mean) * (x - mean)
	}
	return mean, math.Sqrt(std / float64(len(v)-1))
}

// describe says what is learned, and how.
func (e *experiment) describe(params int) string {
	s, recipe := e.set, e.recipe
	recipe.from = "recipe: " + recipe.from
	return fmt.Sprintf("data       %s: %s, %s\nmodel      %s, %d parameters\ntraining   %s\nprotocol   %s\n\n",
		s.Name, s.Task, sizes(s), named(recipe.model), params, recipe, e.protocol())
}

// sizes describes how large a set is.
func sizes(s *dataset.Set[float32]) string {
	nodes, edges := 0, 0
	for _, d := range s.Data {
		nodes, edges = nodes+d.Graph.NumNodes(), edges+d.Graph.NumEdges()
	}
	text := fmt.Sprintf("%d nodes, %d arcs, %d features, %d classes", nodes, edges, s.Features(), s.Classes)
	if s.Task == dataset.GraphClassification {
		return fmt.Sprintf("%d graphs, %s", len(s.Data), text)
	}
	d := s.Data[0]
	return fmt.Sprintf("%s; %d nodes for training, %d for validation, %d for the test", text, len(d.Train), len(d.Val), len(d.Test))
}

// line describes one run.
func (o *outcome) line() string {
	r := o.result
	name := fmt.Sprintf("seed %d", o.seed)
	if o.fold >= 0 {
		name += fmt.Sprintf(", fold %d", o.fold+1)
	}
	validation := ""
	if r.Val.Rows > 0 {
		validation = fmt.Sprintf(", validation %.3f", r.Val.Accuracy)
	}
	return fmt.Sprintf("%-16s test accuracy %.3f (%d of %d)%s, weights of epoch %d of %d, %.1f s", name, r.Test.Accuracy,
		r.Test.Correct, r.Test.Counted, validation, r.BestEpoch, r.Epochs, r.Seconds)
}

// text says what was learned.
func (e *experiment) text(r *report, outcomes []*outcome) string {
	w := new(strings.Builder)
	fmt.Fprintf(w, "\nlearned    test accuracy %.4f", r.TestAccuracyMean)
	if len(r.Seeds) > 1 {
		fmt.Fprintf(w, " ± %.4f over %d seeds", r.TestAccuracyStd, len(r.Seeds))
	}
	if r.Folds > 0 {
		fmt.Fprintf(w, ", mean of %d folds ± %.4f", r.Folds, *r.FoldAccuracyStd)
	}
	fmt.Fprintf(w, "\n")
	right, total := e.byClass(outcomes)
	for k, name := range e.set.ClassNames {
		if total[k] > 0 {
			fmt.Fprintf(w, "           %-20s %4d of %4d, %.3f\n", name, right[k], total[k], float64(right[k])/float64(total[k]))
		}
	}
	fmt.Fprintf(w, "weights    sha256 %s\n\n", r.WeightsSHA256)
	fmt.Fprintf(w, "%s\n\n", r.Certificate)
	if len(r.Files) > 0 {
		fmt.Fprintf(w, "written    %s\n", strings.Join(r.Files, "\n           "))
	}
	fmt.Fprintf(w, "%.1f seconds\n", r.Seconds)
	return w.String()
}

// byClass counts, for each class, the test rows of all runs and those that are right.
func (e *experiment) byClass(outcomes []*outcome) (right, total []int) {
	right, total = make([]int, e.set.Classes), make([]int, e.set.Classes)
	_, classes := e.set.Labels()
	for _, o := range outcomes {
		for i, row := range o.tested {
			if y := classes[row]; y >= 0 {
				total[y]++
				if o.class[i] == y {
					right[y]++
				}
			}
		}
	}
	return right, total
}
