//go:build amd64 && !purego

package kernel

// fastAdam does the loop of Adam by assembly, and reports whether it did.
func fastAdam[T Float](w, m, v, grad []T, k *[10][4]float64) bool {
	w32, ok := any(w).([]float32)
	if !ok || !hasAVX2 {
		return false
	}
	m32, v32, g32 := any(m).([]float32), any(v).([]float32), any(grad).([]float32)
	for i := 0; i < len(w32); i += streamChunk {
		adam32(&w32[i], &m32[i], &v32[i], &g32[i], min(len(w32)-i, streamChunk), k)
	}
	return true
}

// fastSGD does the loop of SGD without momentum by assembly, and reports whether it did.
func fastSGD[T Float](w, grad []T, s *SGDStep) bool {
	w32, ok := any(w).([]float32)
	if !ok || !hasAVX2 {
		return false
	}
	g32 := any(grad).([]float32)
	for i := 0; i < len(w32); i += streamChunk {
		sgd32(&w32[i], &g32[i], min(len(w32)-i, streamChunk), s.Scale, s.Decay, s.Rate)
	}
	return true
}
