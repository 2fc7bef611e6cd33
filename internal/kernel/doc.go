// Package kernel holds the arithmetic: functions over slices, each split over the standing workers in a way that no bit
// of the result can show.
//
// There are three kinds of function. Row-wise ones compute a row from that row alone. Gathers move rows. Reductions fold
// the rows of a segment with the order-free sum, whose result is a function of the multiset of its terms; see sum32.go
// and sum64.go for the definitions, which are frozen: a faster kernel may change no hash.
package kernel

// Float is the element type of every kernel: float32 for use, float64 for proofs.
type Float interface{ float32 | float64 }
