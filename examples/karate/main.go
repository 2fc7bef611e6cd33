// Karate learns who goes with whom when Zachary's karate club splits, from the labels of its two leaders alone, and then
// shows that the answer does not depend on how the club was written down.
package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"

	"symbridge/dataset"
	"symbridge/gnn"
	"symbridge/train"
)

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "karate:", err)
		os.Exit(1)
	}
}

func run(w io.Writer) error {
	club := dataset.Karate[float32]()
	weights, accuracy, err := learn(club)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "the club as it stands: test accuracy %.3f, weights %.12s\n", accuracy, weights)

	// Other names for the members, the ties in another order. Features, labels and identities move along.
	relabelled, accuracy, err := learn(club.Relabel(rand.New(rand.NewPCG(7, 0))))
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "the club relabelled:   test accuracy %.3f, weights %.12s\n", accuracy, relabelled)
	fmt.Fprintln(w, "the same bits:", weights == relabelled)
	return nil
}

// learn trains two layers of graph convolution and returns the hash of the weights.
func learn(set *dataset.Set[float32]) (weights string, accuracy float64, err error) {
	config := gnn.Config{Model: "gcn", Task: "node", In: set.Features(), Hidden: 16, Out: set.Classes, Layers: 2}
	model, err := gnn.NewModel[float32](config, rand.New(rand.NewPCG(1, 0)))
	if err != nil {
		return "", 0, err
	}
	how := train.Config{Epochs: 200, LR: 0.01, WeightDecay: 0.01}
	result, err := train.FitNodes(context.Background(), model, set.Data[0], how, train.Options[float32]{})
	if err != nil {
		return "", 0, err
	}
	return train.WeightsSHA256(model), result.Test.Accuracy, nil
}
