// Package mxcsr reads and writes the control and status register of SSE and AVX arithmetic, for tests: what a host program sets
// there is in force while kernels run on its thread. Lock the goroutine to its thread before, and set back what was there.
package mxcsr

// Parts of the register.
const (
	Status          = 0x003f // exceptions that have occurred: any operation may raise them
	DenormalsAsZero = 0x0040 // subnormal operands count as zeros
	Rounding        = 0x6000 // 0 is to nearest
	FlushToZero     = 0x8000 // subnormal results become zeros
)

// Get returns the register.
func Get() uint32

// Set sets the register.
func Set(v uint32)
