package autodiff_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/autodiff"
	"symbridge/tensor"
)

// The rows of a group have the bits of Linear with the weight of the group, forward and backward, for few rows in many groups and
// for many in one.
func TestGroupLinear(t *testing.T) {
	testGroupLinear[float32](t)
	testGroupLinear[float64](t)
}

func testGroupLinear[T tensor.Float](t *testing.T) {
	const in, out = 5, 19
	r := rand.New(rand.NewPCG(8, 1))
	draw := func(rows, cols int) tensor.Dense[T] {
		m := tensor.NewDense[T](rows, cols)
		for i := range m.Data {
			m.Data[i] = T(r.NormFloat64())
		}
		return m
	}
	for _, ptr := range [][]int32{{0, 0}, {0, 7}, {0, 3, 3, 4, 900, 901}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}} {
		for _, plain := range []bool{false, true} {
			groups, rows := len(ptr)-1, int(ptr[len(ptr)-1])
			x, w, c := draw(rows, in), draw(groups*out, in), draw(rows, out)
			run := autodiff.NewTape[T]()
			run.Plain = plain
			vx, vw := run.Input(x), run.Input(w)
			y := autodiff.GroupLinear(run, vx, vw, ptr)
			run.BackwardFrom(y, c)
			part := func(m tensor.Dense[T], from, to int) tensor.Dense[T] {
				return tensor.Dense[T]{Rows: to - from, Cols: m.Cols, Data: m.Data[from*m.Cols : to*m.Cols]}
			}
			for g := range groups {
				from, to := int(ptr[g]), int(ptr[g+1])
				one := autodiff.NewTape[T]()
				one.Plain = plain
				ux, uw := one.Input(part(x, from, to)), one.Input(part(w, g*out, (g+1)*out))
				z := autodiff.Linear(one, ux, uw, nil)
				one.BackwardFrom(z, part(c, from, to))
				require.Equal(t, z.Value, part(y.Value, from, to))
				require.Equal(t, ux.Grad, part(vx.Grad, from, to))
				require.Equal(t, uw.Grad, part(vw.Grad, g*out, (g+1)*out))
			}
		}
	}
}
