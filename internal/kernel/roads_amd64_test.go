//go:build amd64 && !purego

package kernel

// switches lists what turns assembly on, narrow before wide: an implementation has its own switch and all before it on.
func switches() []roadSwitch {
	return []roadSwitch{
		{"avx2", &hasAVX2, []string{"avx2", "fma"}},
		{"avx512", &hasAVX512, []string{"bmi2", "avx512f", "avx512dq", "avx512bw", "avx512vl"}},
	}
}
