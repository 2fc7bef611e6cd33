package tensor_test

import (
	"fmt"

	"symbridge/tensor"
)

// A matrix is its rows; a permutation moves them.
func Example() {
	m := tensor.FromRows([][]float32{{1, 2}, {3, 4}, {5, 6}})
	fmt.Println(m.Shape(), m.Row(1), m.PermuteRows([]int32{2, 0, 1}).Data)
	// Output: [3 2] [3 4] [3 4 5 6 1 2]
}

// Sparse matrices hold bags of words.
func ExampleNewCSR() {
	s, err := tensor.NewCSR(2, 4, []int32{0, 2, 3}, []int32{0, 3, 1}, []float64{1, 2, 3})
	fmt.Println(s.Dense().Data, err)
	_, err = tensor.NewCSR(1, 4, []int32{0, 1}, []int32{7}, []float64{1})
	fmt.Println(err)
	// Output:
	// [1 0 0 2 0 3 0 0] <nil>
	// tensor: CSR row 0, position 0: column 7 is out of 0..3 or not ascending
}
