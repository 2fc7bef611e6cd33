// Cora sorts 2,708 papers into seven fields by their words and their citations, from 140 labels: the network and the
// protocol of Kipf and Welling 2017.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"

	"symbridge/dataset"
	"symbridge/gnn"
	"symbridge/train"
)

func main() {
	folder := flag.String("data", "../shared/data/cora", "folder with ind.cora.x and its like")
	flag.Parse()
	if err := run(os.Stdout, *folder, 200); err != nil {
		fmt.Fprintln(os.Stderr, "cora:", err)
		os.Exit(1)
	}
}

func run(w io.Writer, folder string, epochs int) error {
	set, err := dataset.Open[float32](os.DirFS(folder), dataset.FormatPlanetoid, dataset.Limits{})
	if err != nil {
		return err
	}
	papers := dataset.NormalizeRows(set.Data[0]) // counts of words become frequencies

	config := gnn.Config{Model: "gcn", Task: "node", In: set.Features(), Hidden: 16, Out: set.Classes, Layers: 2, Dropout: 0.5}
	model, err := gnn.NewModel[float32](config, rand.New(rand.NewPCG(1, 0)))
	if err != nil {
		return err
	}
	// The penalty is on the first layer alone, and the 500 validation papers choose the epoch whose weights are kept.
	how := train.Config{Epochs: epochs, LR: 0.01, WeightDecay: 5e-4, FirstLayerDecay: true, Restore: train.RestoreBestAccuracy}
	result, err := train.FitNodes(context.Background(), model, papers, how, train.Options[float32]{})
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "epoch %d was the best on the validation papers\n", result.BestEpoch)
	fmt.Fprintf(w, "test accuracy %.3f, %d of %d papers\n", result.Test.Accuracy, result.Test.Correct, result.Test.Counted)
	return nil
}
