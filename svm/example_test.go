package svm_test

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"symbridge/svm"
)

// Points on a line with the product as the kernel: the border is in the middle between the nearest of both classes.
func ExampleTrain() {
	points := []float64{-2, -1, 3, 5, 0.5, 1.5}
	gram := mat.NewSymDense(len(points), nil)
	gram.SymOuterK(1, mat.NewDense(len(points), 1, points))
	classes := []int32{0, 0, 1, 1, -1, -1}
	m, err := svm.Train(context.Background(), gram, classes, []int32{0, 1, 2, 3}, svm.Config{})
	if err != nil {
		panic(err)
	}
	fmt.Println(m.Decide(gram, []int32{4, 5}))
	fmt.Println(m.Predict(gram, []int32{4, 5}))
	// Output:
	// [[-0.25] [0.25]]
	// [0 1]
}
