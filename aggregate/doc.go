// Package aggregate folds multisets of rows into one row: the neighbours of a node, the nodes of a graph.
//
// One interface, [Aggregator], serves neighbourhoods (segments from graph.In or graph.InEdges) and pooling (graph.Nodes). The
// result is a function of the multiset: sums are order-free, ties among maxima share their gradient equally, and nothing
// depends on the order in which rows are stored. An empty segment gives 0 for every aggregator of this package.
//
// [Sum], [Mean], [Max] and [Min] read neighbours through the segments and make no matrix of messages; [Var], [Std] and
// [Softmax] copy neighbours to edges first, (E,d).
package aggregate
