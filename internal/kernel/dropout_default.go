//go:build !amd64 || purego

package kernel

func (n *lanes) fast(key NoiseKey, operation uint32) bool { return false }

func (t *dropout[T]) fast(lo, hi int) bool { return false }

func (t *csrDropout[T]) fast(lo, hi int) bool { return false }
