//go:build !amd64 || purego

package kernel

// hasAVX2 is false where there is no assembly.
const hasAVX2 = false
