package gnn

import (
	"math"
	"math/rand/v2"

	"symbridge/autodiff"
	"symbridge/tensor"
)

// uniform returns a parameter with entries drawn from [-a, a).
func uniform[T tensor.Float](rng *rand.Rand, rows, cols int, a float64) *autodiff.Param[T] {
	p := &autodiff.Param[T]{Value: tensor.NewDense[T](rows, cols)}
	for i := range p.Value.Data {
		p.Value.Data[i] = T(float64((2*rng.Float64() - 1) * a))
	}
	return p
}

// glorot returns a (rows, cols) parameter drawn from the uniform distribution of Glorot and Bengio 2010 for the given fans.
func glorot[T tensor.Float](rng *rand.Rand, rows, cols, fanIn, fanOut int) *autodiff.Param[T] {
	return uniform[T](rng, rows, cols, math.Sqrt(6/float64(fanIn+fanOut)))
}

// constant returns a parameter (1,cols) with all entries v, stored as a vector.
func constant[T tensor.Float](cols int, v T) *autodiff.Param[T] {
	p := &autodiff.Param[T]{Value: tensor.NewDense[T](1, cols), Shape: []int{cols}}
	for i := range p.Value.Data {
		p.Value.Data[i] = v
	}
	return p
}
