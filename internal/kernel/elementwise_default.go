//go:build !amd64 || purego

package kernel

func fastUnary[T Float](op Op, y, x []T, a T) bool { return false }

func fastUnaryBack[T Float](op Op, dx, dy, x, y []T, a T) bool { return false }
