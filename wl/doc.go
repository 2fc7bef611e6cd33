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
// # Beyond 1-WL
//
// A [Method] is a stronger way to tell graphs apart: the folklore WL of two and three places, its local kin, shortest paths, marked
// nodes, random walks. [Colour] computes its stable colouring of nodes, pairs or triples, a partition with canonical numbers, and a
// 256-bit fingerprint; [Classes] and [Classifier] count what it tells apart among many graphs, the latter as they come from a file;
// [BatchColours] gives colours to the nodes of a batch. Package proptest takes a Method for the bound that a layer or an encoder
// claims.
//
// Fast rounds compare sums of numbers that look random, in place of sorted lists. No result rests on them: a partition is stable only
// once the lists themselves have been compared, and a sum that fooled the rounds before costs one round more. Across graphs only
// SHA-256 is trusted. For TwoFWL the sums are a product of two matrices of 64-bit integers, so that a round costs N^3 multiplications.
//
// What is told apart, of public pairs and classes (the tests count them, or what they follow from):
//
//	             BREC: basic, regular, extension   EXP pairs   8 nodes, connected   srg(16,6,2,2)   srg(25,12,5,6)   CSL
//	graphs                60         50        100       600                11117               2               15    10
//	OneWL                  0          0          0         0                10897               1                1     1
//	ShortestPath          16         14         41       600                10966               1                1     9
//	RandomWalk(16)        60         50        100       600                11117               1                1    10
//	OneMark               60         50        100       600                11117               1                1    10
//	DeltaTwoLWL           60         50        100       600                11117               1                1    10
//	TwoFWL                60         50        100       600                11117               1                1    10
//	TwoMarks              60         50        100       600                11117               2               15    10
//	ThreeFWL              60         50        100       600                11117               2               15    10
//
// # Errors
//
// Label lists that do not fit the graph panic with graph.ErrLength. [Refine] and [Hash] have no other errors; the functions that take
// a Method return [ErrMethod], [ErrTooLarge], [ErrRounds] or the error of their context.
package wl
