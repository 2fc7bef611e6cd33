//go:build !amd64 || purego

package kernel

func fastMap[T Float](fn function, dst, src []T) bool { return false }
