package tensor_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/tensor"
)

func TestDense(t *testing.T) {
	m := tensor.NewDense[float64](2, 3)
	m.Set(1, 2, 7)
	require.Equal(t, 7.0, m.At(1, 2))
	c := m.Clone()
	c.Set(0, 0, 1)
	require.Zero(t, m.At(0, 0))
	require.False(t, m.Empty())
	require.True(t, tensor.FromRows[float32](nil).Empty())
	require.Equal(t, []float64{0, 0, 7, 1, 0, 0}, append(c.TakeRows([]int32{1}).Data, c.TakeRows([]int32{0}).Data...))
	require.Equal(t, []float32{1, 0, 0, 0, 0, 7}, tensor.Convert[float32](c).Data)
	m.Check("x", "y", -1, 3)
	for want, f := range map[string]func(){
		"op: operand is (2,3), want (any,4)":                       func() { m.Check("op", "operand", -1, 4) },
		"tensor.FromRows: row 1 is (1,1), want (1,2)":              func() { tensor.FromRows([][]float32{{1, 2}, {3}}) },
		"tensor.PermuteRows: permutation is (1,1), want (2,1)":     func() { m.PermuteRows([]int32{0}) },
		"tensor.CSR.PermuteRows: permutation is (0,1), want (2,1)": func() { tensor.CSRFromDense(m).PermuteRows(nil) },
	} {
		require.PanicsWithError(t, want, f)
	}
	require.Equal(t, "op: p, got 2", tensor.ValueError{Op: "op", What: "p", Got: 2}.Error())
}

func TestCSR(t *testing.T) {
	m := tensor.FromRows([][]float32{{0, 1, 0}, {2, 0, 3}, {0, 0, 0}})
	s := tensor.CSRFromDense(m)
	require.Equal(t, m, s.Dense())
	p := []int32{2, 0, 1}
	require.Equal(t, m.PermuteRows(p), s.PermuteRows(p).Dense())
	require.Equal(t, m.TakeRows(p), s.TakeRows(p).Dense())
	ptr, row, pos := s.Columns()
	require.Equal(t, []int32{0, 1, 2, 3}, ptr)
	require.Equal(t, []int32{1, 0, 1}, row)
	require.Equal(t, []int32{1, 0, 2}, pos)
	v := s.WithValues([]float32{7, 8, 9})
	require.Equal(t, []float32{0, 7, 0, 8, 0, 9, 0, 0, 0}, v.Dense().Data)
	for name, bad := range map[string]struct {
		rows, cols int
		ptr, idx   []int32
		val        []float32
	}{
		"pointers":   {2, 3, []int32{0, 1}, []int32{0}, []float32{1}},
		"values":     {1, 3, []int32{0, 1}, []int32{0}, nil},
		"first":      {1, 3, []int32{1, 1}, []int32{0}, []float32{1}},
		"descending": {2, 3, []int32{0, 2, 1}, []int32{0}, []float32{1}},
		"beyond":     {2, 3, []int32{0, 5, 1}, []int32{0}, []float32{1}},
		"column":     {1, 3, []int32{0, 1}, []int32{3}, []float32{1}},
		"negative":   {1, 3, []int32{0, 1}, []int32{-1}, []float32{1}},
		"repeated":   {1, 3, []int32{0, 2}, []int32{1, 1}, []float32{1, 2}},
	} {
		_, err := tensor.NewCSR(bad.rows, bad.cols, bad.ptr, bad.idx, bad.val)
		require.Error(t, err, name)
	}
}

func TestArena(t *testing.T) {
	var a tensor.Arena[float32]
	x, y := a.Zeros(10), a.Take(100_000)
	y[0] = 3
	x[9] = 1
	require.Equal(t, make([]float32, 9), x[:9])
	require.Equal(t, 10, cap(x), "a slice cannot grow into its neighbour")
	z := a.Dense(300, 400)
	require.Len(t, z.Data, 120_000)
	size := a.Size()
	for range 3 {
		a.Reset()
		a.Take(10)
		a.Take(100_000)
		a.Dense(300, 400)
	}
	require.Equal(t, size, a.Size(), "warm: nothing new")
	require.Zero(t, testing.AllocsPerRun(10, func() { a.Reset(); a.Take(10); a.Take(100_000) }))
	a.Reset()
	b := a.Take(200_000) // larger than the first block, which is untouched
	require.Len(t, b, 200_000)
}

func TestArenaGive(t *testing.T) {
	var a tensor.Arena[float32]
	s := a.Take(2000)
	a.Give(s)
	require.Same(t, &s[0], &a.Take(2000)[0], "a slice of that length comes back")
	require.NotSame(t, &s[0], &a.Take(2000)[0], "once")
	a.Give(s)
	require.NotSame(t, &s[0], &a.Take(1999)[0], "only for its own length")
	small := a.Take(10)
	a.Give(small)
	require.NotSame(t, &small[0], &a.Take(10)[0], "small ones are not worth the search")
	a.Reset()
	first := a.Take(2000)
	require.NotSame(t, &first[0], &a.Take(2000)[0], "nothing is handed out twice after Reset")
}
