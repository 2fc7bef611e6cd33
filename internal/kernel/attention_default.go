//go:build !amd64 || purego

package kernel

func fastGather[T Float](out, x []T, at []int32, h int) bool { return false }

func fastScatter[T Float](out, x []T, at []int32, h int) bool { return false }

func fastAdd[T Float](x, dst []T, ptr []int32, heads int) bool { return false }

func fastShift[T Float](x []T, ptr []int32, heads int, slope T) (done int, ok bool) {
	return 0, false
}

func fastNormalize[T Float](x []T, ptr []int32, heads int) (done int, ok bool) {
	return 0, false
}

func fastSoftmaxBack[T Float](b, a []T, ptr []int32, heads int) (done int, ok bool) {
	return 0, false
}

func fastSum[T Float](out, x []T, ptr []int32, heads int) (done int, ok bool) {
	return 0, false
}

func fastFold[T Float](out, w, x []T, rows, ptr, head []int32, heads, d int) (done int, ok bool) {
	return 0, false
}

func fastDrop[T Float](x, kept []T, words []uint32, threshold uint32, scale T) bool { return false }

func fastUnmask[T Float](b, a []T, scale T) bool { return false }

func fastWeights[T Float](a []T, scale T) bool { return false }

func fastLeaky[T Float](b, a []T, slope T) bool { return false }

func fastOuter[T Float](t *headOuter[T], lo, hi int) bool { return false }

func fastOuters[T Float](y, a, w []T, ptr, head []int32, heads, d int) bool { return false }
