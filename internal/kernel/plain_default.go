//go:build !amd64 || purego

package kernel

func (a *plain[T]) fast(out []T, ptr []int32) bool { return false }

func fastChains[T Float](c, a []T, ld int, b []T, m, k, n int, load bool) bool { return false }
