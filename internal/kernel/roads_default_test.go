//go:build !amd64 || purego

package kernel

// switches is empty where there is no assembly.
func switches() []roadSwitch { return nil }
