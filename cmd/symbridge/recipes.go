package main

import (
	"fmt"
	"strings"

	"symbridge/dataset"
	"symbridge/gnn"
	"symbridge/tensor"
	"symbridge/train"
)

// kind groups the data sets that are learned alike.
type kind string

const (
	citation kind = "node set with validation nodes"    // Planetoid
	club     kind = "node set without validation nodes" // karate
	graphs   kind = "graph set"                         // TU, GIN
)

// kindOf returns the kind of a data set.
func kindOf[T tensor.Float](s *dataset.Set[T]) kind {
	switch {
	case s.Task == dataset.GraphClassification:
		return graphs
	case len(s.Data[0].Val) > 0:
		return citation
	}
	return club
}

// recipe is how a model is built and trained on a kind of data where no flag says otherwise.
type recipe struct {
	model gnn.Config
	train train.Config
	from  string // where the settings come from
}

// recipeFor returns the recipe of a model.
//
// The settings of graph sets were fixed once, by cross-validation on MUTAG with the seeds 100 to 102. Nothing looks at a
// test fold while training.
func recipeFor(k kind, model string) recipe {
	halved := train.Schedule{Kind: train.StepDecay, Every: 50, Factor: 0.5}
	table := map[kind]map[string]recipe{
		citation: {
			"gcn": {gnn.Config{Hidden: 16, Layers: 2, Dropout: 0.5},
				train.Config{Epochs: 200, LR: 0.01, WeightDecay: 5e-4, FirstLayerDecay: true, Restore: train.RestoreBestAccuracy},
				"Kipf, Welling 2017, without their stop rule"},
			"sage": {gnn.Config{Hidden: 64, Layers: 2, Dropout: 0.5},
				train.Config{Epochs: 200, LR: 0.01, WeightDecay: 5e-4, Restore: train.RestoreBestAccuracy},
				"mean aggregation, full batch"},
			"gat": {gnn.Config{Hidden: 8, Heads: 8, OutHeads: 1, Layers: 2, Dropout: 0.6, Attention: 0.6, Activation: "elu"},
				train.Config{Epochs: 1000, LR: 0.005, WeightDecay: 5e-4, Stop: train.StopValLossOrAccuracy, Patience: 100,
					Restore: train.RestoreBestLoss}, "Velickovic et al. 2018, with their stop rule"},
			"gin": {gnn.Config{Hidden: 64, Layers: 2, Dropout: 0.5},
				train.Config{Epochs: 200, LR: 0.01, WeightDecay: 5e-4, Restore: train.RestoreBestAccuracy},
				"sums over neighbours"},
		},
		club: {
			"gcn": {gnn.Config{Hidden: 16, Layers: 2}, train.Config{Epochs: 200, LR: 0.01, WeightDecay: 0.01},
				"two labels: no validation"},
			"sage": {gnn.Config{Hidden: 32, Layers: 2, Dropout: 0.5}, train.Config{Epochs: 200, LR: 0.01, WeightDecay: 0.01},
				"two labels: no validation"},
			"gat": {gnn.Config{Hidden: 8, Heads: 4, OutHeads: 1, Layers: 2, Dropout: 0.5, Attention: 0.5, Activation: "elu"},
				train.Config{Epochs: 200, LR: 0.01, WeightDecay: 5e-4}, "two labels: no validation"},
			"gin": {gnn.Config{Hidden: 16, Layers: 2}, train.Config{Epochs: 200, LR: 0.01, WeightDecay: 0.01},
				"two labels: no validation"},
		},
		graphs: {
			"gcn": {gnn.Config{Hidden: 32, Layers: 4, Dropout: 0.5, Norm: "graph"},
				train.Config{Epochs: 100, LR: 0.01, BatchSize: 32, Schedule: halved}, "the protocol of gin"},
			"sage": {gnn.Config{Hidden: 32, Layers: 4, Dropout: 0.5, Norm: "graph"},
				train.Config{Epochs: 100, LR: 0.01, BatchSize: 32, Schedule: halved}, "the protocol of gin"},
			"gat": {gnn.Config{Hidden: 8, Heads: 4, Layers: 4, Dropout: 0.5, Norm: "graph", Activation: "elu"},
				train.Config{Epochs: 100, LR: 0.01, BatchSize: 32, Schedule: halved}, "the protocol of gin, with edge features"},
			"gin": {gnn.Config{Hidden: 32, Layers: 4, Dropout: 0.5, Norm: "batch"},
				train.Config{Epochs: 100, LR: 0.01, BatchSize: 32, Schedule: halved}, "Xu et al. 2019, but for the choice of the epoch"},
		},
	}
	r := table[k][model]
	r.model.Model = model
	return r
}

// recipesText describes all recipes, for -h.
func recipesText() string {
	var b strings.Builder
	for _, k := range []kind{citation, club, graphs} {
		fmt.Fprintf(&b, "  %s\n", k)
		for _, name := range models {
			r := recipeFor(k, name)
			fmt.Fprintf(&b, "    %-5s %s\n", name, r)
		}
	}
	return b.String()
}

// String describes a recipe in a line.
func (r recipe) String() string {
	m, t := r.model, r.train
	var s []string
	add := func(format string, args ...any) { s = append(s, fmt.Sprintf(format, args...)) }
	if m.Model == "gat" {
		add("%d heads x %d", max(1, m.Heads), m.Hidden)
	} else {
		add("hidden %d", m.Hidden)
	}
	add("%d layers", m.Layers)
	if m.Norm != "" {
		add("%s norm", m.Norm)
	}
	if m.Dropout > 0 {
		add("dropout %g", m.Dropout)
	}
	rate := fmt.Sprintf("adam %g", t.LR)
	if t.Schedule.Kind == train.StepDecay {
		rate += fmt.Sprintf(" x %g every %d epochs", t.Schedule.Factor, t.Schedule.Every)
	}
	add("%s", rate)
	if t.WeightDecay > 0 {
		on := ""
		if t.FirstLayerDecay {
			on = " on the first layer"
		}
		add("L2 %g%s", t.WeightDecay, on)
	}
	if t.BatchSize > 0 {
		add("batches of %d", t.BatchSize)
	}
	if t.Stop != train.StopNone {
		add("at most %d epochs, patience %d", t.Epochs, t.Patience)
	} else {
		add("%d epochs", t.Epochs)
	}
	if t.Restore != train.RestoreDefault {
		add("weights of %s", t.Restore)
	}
	return strings.Join(s, ", ") + " (" + r.from + ")"
}
