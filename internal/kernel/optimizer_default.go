//go:build !amd64 || purego

package kernel

func fastAdam[T Float](w, m, v, grad []T, k *[10][4]float64) bool { return false }

func fastSGD[T Float](w, grad []T, s *SGDStep) bool { return false }
