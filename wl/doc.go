// Package wl holds the Weisfeiler-Leman colour refinement (1-WL): what message passing can see of a graph, and no more.
//
// [Refine] colours the nodes of a graph so that two nodes have one colour exactly if no number of rounds of message
// passing tells them apart (Xu et al. 2019, "How powerful are graph neural networks?"; Morris et al. 2019, "Weisfeiler and
// Leman go neural"). [Hash] is a stable 256-bit name of that colouring, [Equivalent] asks whether two graphs look alike.
//
// # One round
//
// The new colour of a node is the tuple of its colour, the sorted list of (edge label, colour of the source) over its
// in-edges, and the sorted list of (edge label, colour of the target) over its out-edges. Tuples are compared as tuples:
// nothing is joined to a string, so no two of them can run together. Parallel edges are in the lists as often as they are
// in the graph, a self loop is in both lists. Where a graph is undirected and has no edge labels, the two lists are equal
// and one of them is left out.
//
// # Colours do not depend on the labelling
//
// Colours are numbered by the sorted order of the tuples, not by who came first. So relabelling the nodes and shuffling the
// edge list moves the colours along with the nodes and changes none. Which number a colour has is not promised between
// releases; what [Hash] returns is.
//
// # Comparing graphs
//
// Colour numbers of two runs mean nothing to each other. Graphs are compared by refining their graph.Union, or by their
// hashes.
//
// # Errors
//
// Label lists that do not fit the graph panic with graph.ErrLength. There are no other errors.
package wl
