// Package graphio reads and writes graphs in the formats that other programs use: edge lists, graph6, sparse6 and
// digraph6, DIMACS, JSON node-link; reads NumPy arrays of graph6; and writes DOT. [Open] recognises which of them a file
// is, unpacks gzip on the way, and yields its graphs one by one.
//
//	format      directed  undirected  loops  parallel  weights  colours  names  isolated nodes
//	edge list   yes       yes         yes    yes       yes      -        yes    by a header; with names -
//	graph6      -         yes         -      -         -        -        -      yes
//	sparse6     -         yes         yes    yes       -        -        -      yes
//	digraph6    yes       -           yes    -         -        -        -      yes
//	DIMACS      -         yes         yes    yes       -        yes      -      yes
//	node-link   yes       yes         yes    yes       yes      yes      yes    yes
//	DOT         yes       yes         yes    yes       yes      yes      yes    yes
//
// An .npy file holds what its graph6, sparse6 or digraph6 strings hold.
//
// A writer that cannot write all that a [File] holds returns [ErrUnsupported] rather than a part of it.
//
// Readers take their input for hostile: they never panic, and [Limits] on nodes, edges and the length of a line are
// checked before memory is set aside, and what is compressed is unpacked up to a limit and never kept. Their errors are of
// type [Error] and name file, line, field and value.
package graphio
