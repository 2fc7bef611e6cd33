package train_test

import (
	"context"
	"fmt"
	"math/rand/v2"

	"symbridge/dataset"
	"symbridge/gnn"
	"symbridge/train"
)

func ExampleFitNodes() {
	set := dataset.Karate[float32]()
	model, err := gnn.NewModel[float32](gnn.Config{Model: "gcn", Task: "node", In: set.Features(), Hidden: 16, Out: set.Classes, Layers: 2},
		rand.New(rand.NewPCG(0, 0)))
	if err != nil {
		panic(err)
	}
	result, err := train.FitNodes(context.Background(), model, set.Data[0], train.Config{Epochs: 100}, train.Options[float32]{})
	if err != nil {
		panic(err)
	}
	fmt.Printf("after %d epochs: %d of %d members assigned as they went\n", result.Epochs, result.Test.Correct, result.Test.Counted)

	prediction := train.NewPredictor(model, train.CrossEntropy).Predict(set.Data[0])
	fmt.Println("member 1 goes with", set.ClassNames[prediction.Classes[1]])
	// Output:
	// after 100 epochs: 30 of 32 members assigned as they went
	// member 1 goes with Mr. Hi
}
