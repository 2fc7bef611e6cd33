// Package bench holds the named pieces of work that symbridge is measured by: matrix products, sparse products, and whole steps
// of training and inference, each on data that is written down here or read from a public data set.
//
// [Workloads] lists them, [Measure] times one. Each can export its inputs as .npy files, so that other libraries do the same
// work on the same numbers, and carries a few numbers of its result, which the others must find too: bench/peers does that.
// The command is symbridge bench, the Go benchmarks are go test -bench . ./bench.
package bench
