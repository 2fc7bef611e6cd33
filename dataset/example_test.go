package dataset_test

import (
	"fmt"
	"math/rand/v2"

	"symbridge/dataset"
)

// The karate club is built in, and a relabelling moves everything along.
func Example() {
	s, err := dataset.Load[float32]("karate", "", dataset.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	d := s.Data[0]
	fmt.Println(s.Name, s.Task, d.Graph, s.Features(), s.ClassNames)
	fmt.Println(d.Train, len(d.Test))

	r := s.Relabel(rand.New(rand.NewPCG(7, 0))).Data[0]
	for _, v := range r.Train {
		fmt.Println(r.Graph.NodeIDs()[v], s.ClassNames[r.NodeClass[v]], r.Graph.InDegree(v))
	}
	// Output:
	// karate node classification graph(34 nodes, 156 edges, 1 graphs) 34 [Mr. Hi Officer]
	// [0 33] 32
	// 0 Mr. Hi 16
	// 33 Officer 17
}

// Folds are drawn by identity: the order of the rows does not matter.
func ExampleStratifiedFolds() {
	ids, classes := []uint64{10, 11, 12, 13, 14, 15}, []int32{0, 0, 0, 1, 1, 1}
	folds, _ := dataset.StratifiedFolds(ids, classes, 3, rand.New(rand.NewPCG(1, 0)))
	for _, f := range folds {
		fmt.Println(len(f), classes[f[0]], classes[f[1]])
	}
	// Output:
	// 2 0 1
	// 2 0 1
	// 2 0 1
}
