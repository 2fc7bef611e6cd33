// Package kernel holds the arithmetic: functions over slices, each split over the standing workers in a way that no bit
// of the result can show.
//
// There are three kinds of function. Row-wise ones compute a row from that row alone. Gathers move rows. Reductions fold
// the rows of a segment with the order-free sum, whose result is a function of the multiset of its terms; see sum32.go
// and sum64.go for the definitions, which are frozen: a faster kernel may change no hash.
//
// # Assembly
//
// Assembly touches memory inside its operands only, keeps no pointer, leaves the control bits of MXCSR as it finds them, and
// returns within about a millisecond, so that the collector and the scheduler wait for no kernel. Tests hold it to each: operands
// between pages that may not be touched, a look at MXCSR after every kernel, and stops of the world while kernels work on rows,
// segments and products of millions.
//
// # Host programs that flush subnormal numbers
//
// The bits are those of IEEE 754 arithmetic with subnormal numbers, as every Go program has it. A host program that sets
// flush-to-zero and denormals-are-zero on a thread that calls into Go, as compilers do under -ffast-math, changes the arithmetic
// of that thread, portable Go and assembly alike, and not that of the workers. A kernel on that thread then gives the flushed
// result of flushed operands: where no operand, intermediate or result is subnormal, nothing changes. Gather and Transpose copy,
// and keep subnormal numbers; so do the identities among the element-wise functions. To keep the promise of equal bits, such a host
// clears both flags around its calls.
package kernel

// Float is the element type of every kernel: float32 for use, float64 for proofs.
type Float interface{ float32 | float64 }
