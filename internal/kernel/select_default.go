//go:build !amd64 || purego

package kernel

func (t *segMax[T]) fast(lo, hi int) bool     { return false }
func (t *segShare[T]) fast(lo, hi int) bool   { return false }
func (t *segSoftmax[T]) fast(lo, hi int) bool { return false }
func (t *segDot[T]) fast(lo, hi int) bool     { return false }
