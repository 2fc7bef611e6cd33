package autodiff_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/autodiff"
	"symbridge/tensor"
)

// A frozen tape keeps transposed weights over a Reset, and forgets them at the first Reset at which it is not frozen.
func TestFrozen(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	p := &autodiff.Param[float32]{Value: tensor.NewDense[float32](9, 17)}
	x := tensor.NewDense[float32](5, 17)
	change := func(m tensor.Dense[float32]) {
		for i := range m.Data {
			m.Data[i] = float32(r.NormFloat64())
		}
	}
	product := func(tp *autodiff.Tape[float32]) []float32 {
		tp.Reset()
		y := autodiff.Linear(tp, tp.Const(x), tp.Param(p), nil)
		return append([]float32(nil), y.Value.Data...)
	}
	frozen := &autodiff.Tape[float32]{Frozen: true}
	change(p.Value)
	for range 3 {
		change(x)
		require.Equal(t, product(new(autodiff.Tape[float32])), product(frozen))
	}
	change(p.Value)
	require.NotEqual(t, product(new(autodiff.Tape[float32])), product(frozen), "the promise was broken")
	frozen.Frozen = false
	product(frozen)
	frozen.Frozen = true
	require.Equal(t, product(new(autodiff.Tape[float32])), product(frozen))
	recording := autodiff.NewTape[float32]()
	recording.Frozen = true
	product(recording)
	change(p.Value)
	require.Equal(t, product(new(autodiff.Tape[float32])), product(recording), "a tape that records keeps nothing")
}
