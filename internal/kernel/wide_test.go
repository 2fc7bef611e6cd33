package kernel

import (
	"math/rand/v2"
	"testing"
)

// Rows that are too wide for one call of assembly have the bits of others.
func TestWideRows(t *testing.T) {
	r := rand.New(rand.NewPCG(51, 52))
	const rows, d = 2, 1<<18 + 3
	x, row := make([]float32, rows*d), make([]float32, d)
	for _, x := range [][]float32{x, row} {
		for i := range x {
			x[i] = float32(r.NormFloat64())
		}
	}
	sum, both, product := make([]float32, rows*d), make([]float32, rows*d), make([]float32, rows*d)
	Elementwise(Add, sum, x, row, rows, d, 1, d)
	a := Affine[float32]{Weight: row, Then: Then[float32]{Bias: row, Op: OpReLU}}
	a.Apply(both, x, rows, d)
	MatMulThen(product, []float32{1, 0, 0, 1}, x, rows, rows, d, Then[float32]{Bias: row, Op: OpReLU})
	for i, v := range x {
		c := row[i%d]
		if sum[i] != v+c || both[i] != max(float32(v*c)+c, 0) || product[i] != max(v+c, 0) {
			t.Fatalf("entry %d", i)
		}
	}
}
