package aggregate_test

import (
	"math/rand/v2"
	"testing"

	"symbridge/aggregate"
	"symbridge/proptest"
	"symbridge/tensor"
)

// Each aggregator is one line: the laws of package proptest, folding neighbours and pooling graphs.

func parsed[T tensor.Float](name string) func(*rand.Rand) aggregate.Aggregator[T] {
	return func(*rand.Rand) aggregate.Aggregator[T] {
		a, err := aggregate.Parse[T](name)
		if err != nil {
			panic(err)
		}
		return a
	}
}

func scaled[T tensor.Float](*rand.Rand) aggregate.Aggregator[T] {
	a, err := aggregate.NewScaled[T](aggregate.Multi[T]{aggregate.Mean[T]{}, aggregate.NewSoftmax[T](0.5, true)}, []int{1, 4, 2, 5},
		aggregate.Identity, aggregate.Amplification, aggregate.Attenuation, aggregate.Linear, aggregate.InverseLinear)
	if err != nil {
		panic(err)
	}
	return a
}

func laws(t *testing.T, name string) {
	proptest.Aggregator(t, parsed[float32](name), parsed[float64](name))
}

func TestSumLaws(t *testing.T)     { laws(t, "sum") }
func TestMeanLaws(t *testing.T)    { laws(t, "mean") }
func TestMaxLaws(t *testing.T)     { laws(t, "max") }
func TestMinLaws(t *testing.T)     { laws(t, "min") }
func TestVarLaws(t *testing.T)     { laws(t, "var") }
func TestStdLaws(t *testing.T)     { laws(t, "std") }
func TestSoftmaxLaws(t *testing.T) { laws(t, "softmax") }
func TestMultiLaws(t *testing.T)   { laws(t, "mean+max+softmax") }
func TestScaledLaws(t *testing.T)  { proptest.Aggregator(t, scaled[float32], scaled[float64]) }
