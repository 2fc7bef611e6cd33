//go:build !amd64 || purego

package kernel

func fastAddTo[T Float](y, x []T) bool { return false }

func fastAddScaled[T Float](y, x []T, a T) bool { return false }

func (t *broadcast[T]) fast(lo, hi int) bool     { return false }
func (t *gather[T]) fast(lo, hi int) bool        { return false }
func (t *layerNorm[T]) fast(lo, hi int) bool     { return false }
func (t *layerNormBack[T]) fast(lo, hi int) bool { return false }
func (t *normalize[T]) fast(lo, hi int) bool     { return false }
func (t *normalizeBack[T]) fast(lo, hi int) bool { return false }
func (t *softmax[T]) fast(lo, hi int) bool       { return false }
func (t *headDot[T]) fast(lo, hi int) bool       { return false }
func (t *segNorm[T]) fast(lo, hi int) bool       { return false }
func (t *segNormBack[T]) fast(lo, hi int) bool   { return false }
