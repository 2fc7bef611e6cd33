// Package autodiff differentiates programs that are made of row-wise operations, gathers and order-free reductions.
//
// A [Tape] records each operation as it is computed and runs the record backwards. Forward and backward share one
// arithmetic: every sum over rows, also the gradient of a weight, goes through the order-free sum, so gradients are
// functions of the multiset of rows just as outputs are.
//
// Three types carry everything. A [Param] is a matrix that is shared and only read during a step: many goroutines may
// predict with the same parameters. A [Var] is a value on one tape with its gradient. A [Tape] belongs to one goroutine; it
// owns the memory of a step and gives it back by [Tape.Reset], after which its variables must not be used. Parallelism is
// inside the operations. Once warm, a step of the same shape allocates nothing.
//
// Operations are functions of this package, [Linear] or [SegmentSum]. They panic with a tensor.ShapeError where operands do
// not fit, and return no errors. Shapes are written (rows, channels): N nodes, E edges, S segments, d channels, H heads.
package autodiff
