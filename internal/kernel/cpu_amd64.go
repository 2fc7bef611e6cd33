//go:build amd64 && !purego

package kernel

import "golang.org/x/sys/cpu"

// hasAVX2 says that the processor runs the assembly of this package. Tests turn it off to compare the two roads.
var hasAVX2 = cpu.X86.HasAVX2 && cpu.X86.HasFMA

// hasAVX512 says the same of the wider kernels.
var hasAVX512 = hasAVX2 && cpu.X86.HasBMI2 && cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VL
