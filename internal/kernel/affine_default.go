//go:build !amd64 || purego

package kernel

func (t *affine[T]) fast(lo, hi int) bool { return false }

func (e *Then[T]) fast(c, x []T, lo, hi, n int) bool { return false }
