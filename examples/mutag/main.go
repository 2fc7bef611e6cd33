// Mutag tells molecules that change genes from those that do not: ten-fold cross-validation of a graph isomorphism network
// (Xu et al. 2019) on 188 molecules. The number of epochs is fixed beforehand, so no fold is tested on what it chose.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"

	"symbridge/dataset"
	"symbridge/gnn"
	"symbridge/train"
)

func main() {
	folder := flag.String("data", "../shared/data/mutag", "folder with MUTAG_A.txt and its like")
	flag.Parse()
	if err := run(os.Stdout, *folder, 10, 100); err != nil {
		fmt.Fprintln(os.Stderr, "mutag:", err)
		os.Exit(1)
	}
}

func run(w io.Writer, folder string, k, epochs int) error {
	set, err := dataset.Open[float32](os.DirFS(folder), dataset.FormatTU, dataset.Limits{})
	if err != nil {
		return err
	}
	ids, classes := set.Labels()
	folds, err := dataset.StratifiedFolds(ids, classes, k, rand.New(rand.NewPCG(1, 0))) // the share of each class alike
	if err != nil {
		return err
	}
	config := gnn.Config{Model: "gin", Task: "graph", In: set.Features(), Hidden: 32, Out: set.Classes,
		Layers: 4, Dropout: 0.5, Norm: "batch"}
	how := train.Config{Epochs: epochs, BatchSize: 32, Schedule: train.Schedule{Kind: train.StepDecay, Every: 50, Factor: 0.5}}
	right := 0
	for i, test := range folds {
		split := train.Split{Test: test, Train: slices.Concat(slices.Delete(slices.Clone(folds), i, i+1)...)}
		model, err := gnn.NewModel[float32](config, rand.New(rand.NewPCG(1, uint64(i))))
		if err != nil {
			return err
		}
		result, err := train.FitGraphs(context.Background(), model, set.Data, split, how, train.Options[float32]{})
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "fold %2d: %d of %d molecules\n", i+1, result.Test.Correct, result.Test.Counted)
		right += result.Test.Correct
	}
	fmt.Fprintf(w, "accuracy %.3f, each molecule predicted by a model that has not seen it\n", float64(right)/float64(len(set.Data)))
	return nil
}
