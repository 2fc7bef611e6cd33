package bench_test

import (
	"context"
	"fmt"

	"symbridge/bench"
)

// Times the product of a small matrix with a square one.
func ExampleMeasure() {
	for _, w := range bench.Workloads() {
		if w.Name != "matmul/20x64x64" {
			continue
		}
		r, err := bench.Measure(context.Background(), w, bench.Options{Count: 3})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(r.About)
		fmt.Println(len(r.Seconds), "samples, allocations:", r.Allocs)
	}
	// Output:
	// float32 matrix product (20,64) x (64,64)
	// 3 samples, allocations: 0
}
