package autodiff_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/autodiff"
	"symbridge/tensor"
)

// A released result changes no gradient where nothing reads it, and is refused where its derivative needs it; what is not the tape's
// own stays.
func TestRelease(t *testing.T) {
	x := tensor.NewDense[float32](40, 50)
	for i := range x.Data {
		x.Data[i] = float32(i%7) - 3
	}
	gradient := func(f func(t *autodiff.Tape[float32], x *autodiff.Var[float32]) *autodiff.Var[float32], release bool) []float32 {
		tp := autodiff.NewTape[float32]()
		v := tp.Input(x)
		y := f(tp, v)
		z := autodiff.Scale(tp, autodiff.Add(tp, y, tp.Const(x)), 2)
		if release {
			tp.Release(y)
			tp.Release(v)
			require.Len(t, v.Value.Data, 2000, "an input is not the tape's")
			autodiff.Scale(tp, z, 5) // takes the memory
		}
		tp.BackwardFrom(z, x)
		return v.Grad.Data
	}
	require.True(t, slices.Equal(gradient(autodiff.ReLU[float32], false), gradient(autodiff.ReLU[float32], true)))
	require.True(t, slices.Equal(gradient(autodiff.GELU[float32], false), gradient(autodiff.GELU[float32], true)))
	relu := func(t *autodiff.Tape[float32], x *autodiff.Var[float32]) *autodiff.Var[float32] {
		y := autodiff.Scale(t, x, 3)
		z := autodiff.ReLU(t, y)
		t.Release(y)
		return z
	}
	require.Panics(t, func() { gradient(relu, false) }, "ReLU reads its operand")
	require.PanicsWithValue(t, tensor.ValueError{Op: "autodiff.Backward", What: "entries of a released value that a derivative needs"},
		func() { gradient(autodiff.Tanh[float32], true) })
}
