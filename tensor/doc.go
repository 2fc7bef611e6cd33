// Package tensor holds the matrices that the library computes with: [Dense] and [CSR] of float32 or float64, both
// (rows, channels) and row-major, and the [Arena] that a training step takes its scratch memory from.
//
// Everything is a matrix: heads live in channels, so the (N,H,C) values of an attention layer are an (N,H*C) matrix, and
// pair tensors have N*N rows.
//
// # Errors
//
// A function whose caller could have known that the shapes do not fit panics with a [ShapeError]. Data from outside is
// checked where it is read.
package tensor
