// Package wlkernel holds graph kernels: positive semi-definite similarities of labelled graphs that count what two graphs
// have in common.
//
//   - [Subtree], [ShortestPath] and [OptimalAssignment] count colours of the Weisfeiler-Leman refinement of package wl.
//   - [Graphlet] counts induced subgraphs of 3, 4 or 5 nodes.
//
// Each kernel has an explicit feature map, a sparse matrix with a row a graph, and a Gram matrix, which is the product of
// that matrix with its transpose. [Normalise] scales the Gram matrix to ones on the diagonal.
//
// # What the promise covers
//
// Features are counts, and their columns are numbered by what they stand for: by colours, which do not depend on how the
// graphs are written down, by distances, by isomorphism types. So relabelling the nodes of a graph and shuffling its edge
// list changes no bit of the features nor of the Gram matrix, and reordering the graphs reorders rows. An entry of the Gram
// matrix is exact up to 2^53; beyond that it is a float64 sum in the order of the columns.
//
// The column that a colour has is a matter of the data set: features of two calls mean nothing to each other.
//
// # Errors
//
// Labels that do not fit the graphs panic with graph.ErrLength, settings that cannot be with a tensor.ValueError. Errors
// that are returned are those of the context, and [ErrTooLarge].
package wlkernel
