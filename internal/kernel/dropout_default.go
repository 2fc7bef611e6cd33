//go:build !amd64 || purego

package kernel

func (n *lanes) fast(key NoiseKey, operation uint32) bool { return false }
