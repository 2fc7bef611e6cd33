//go:build !amd64 || purego

package kernel

func fastMessages[T Float](out, x, e []T, row, edge []int32, d int, relu bool) bool { return false }

func fastRaise[T Float](out, x []T, minimum bool) bool { return false }

func fastTies[T Float](share, out, x []T) bool { return false }

func (t *messageEdges[T]) fast(lo, hi int) bool { return false }
