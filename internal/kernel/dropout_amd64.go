//go:build amd64 && !purego

package kernel

// fast computes the words of all eight lanes by assembly, and reports whether it did.
func (n *lanes) fast(key NoiseKey, operation uint32) bool {
	if hasAVX2 {
		philox8(&n.out, &n.low, &n.high, &n.block, operation, key.key[0], key.key[1])
	}
	return hasAVX2
}
