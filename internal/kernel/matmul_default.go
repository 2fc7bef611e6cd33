//go:build !amd64 || purego

package kernel

func (t *matMul32) prepare() {}
func (t *matMul64) prepare() {}

func (t *matMul32) fast(lo, hi int) bool { return false }

func (t *csr32) fastRow(c []float32, p, end int) int { return 0 }

func fastTranspose[T Float](t, b []T, n, k int) (rows, cols int) { return 0, 0 }

func (t *matMul64) fast(lo, hi int) bool { return false }
