// Package wl holds the Weisfeiler-Leman colour refinement (1-WL): what message passing can see of a graph, and no more.
//
// [Refine] colours the nodes of a graph so that two nodes have one colour exactly if no number of rounds of message
// passing tells them apart, or not so many as are asked for (Xu et al. 2019, "How powerful are graph neural networks?"; Morris et al.
// 2019, "Weisfeiler and Leman go neural"). [Rounds] has the colours after each round. [Hash] is a 256-bit name of a colouring that
// is the same on every machine, [Equivalent] asks whether two graphs look alike, and [Features] colours the nodes of a data set.
//
// # One round
//
// The new colour of a node stands for its colour, the multiset of (edge label, colour of the source) over its in-edges, and the
// multiset of (edge label, colour of the target) over its out-edges. Parallel edges are in the multisets as often as they are in the
// graph, a self loop is in both. But for Hash with a bound on the rounds, which mixes 128 bits, nothing here is hashed: colours are
// equal exactly if these are.
//
// # Colours do not depend on the labelling
//
// The numbers of colours come from how many nodes see what, not from who came first. So relabelling the nodes and shuffling the
// edge list moves the colours along with the nodes and changes none. Which number a colour has is not promised between
// releases; what [Hash] returns is, as long as [HashVersion] is the same.
//
// # Comparing graphs
//
// Stable colours of two graphs with one stable Hash have the same numbers. Otherwise numbers of two runs mean nothing to each other:
// graphs are compared by refining their graph.Union, as Features does, or by their hashes.
//
// # Errors
//
// Label lists that do not fit the graph panic with graph.ErrLength, colours that do not fit with a tensor.ValueError. There are no
// other errors.
package wl
