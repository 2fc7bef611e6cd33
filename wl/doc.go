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
// # Canonical forms
//
// [Canonical] gives graphs one labelling each isomorphism class, with a digest that is a name of the class, and the automorphism group
// on the way; [Isomorphism] gives a mapping as a witness.
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
// Label lists that do not fit the graph panic with graph.ErrLength, colours that do not fit with a tensor.ValueError. The functions that
// take a context return its error, those that take a Method also [ErrMethod], [ErrTooLarge] or [ErrRounds].
package wl
