//go:build !amd64 || purego

package kernel

func (t *denseGram32) fast(s *scratch, lo, hi int) bool { return false }

func (t *csrGram32) fast(s *scratch, i, excess int) bool { return false }

func (t *denseGram32) fastFinish(c []float32, excess int) bool { return false }

func (t *colMax32) fast(mx []uint32, lo, hi int) int { return 0 }
