// Package graph holds immutable sparse graphs: the structure that every layer reads and no layer writes.
//
// A [Graph] is a directed multigraph stored as compressed rows by target, with int32 ids. Self loops, parallel edges,
// isolated nodes and the empty graph are all graphs. An undirected graph stores each edge as two arcs.
//
// A batch is a graph too: [Union] puts graphs side by side, and no layer knows of batches. Which graph a node belongs to
// is data ([Graph.GraphOf]) that a relabelling moves along, so the nodes of one graph need not stand together.
//
// # Numbering
//
// Nodes are 0..N-1. An edge's id is its place in the list given to [New]; feature matrices of edges have their rows in
// that order. The compressed rows order the edges by target; [Segments] carries both numberings.
//
// # Identity
//
// Noise (dropout) must not be keyed by a row index, or relabelling the nodes would change it. Each node, edge and graph
// has a 64-bit identity that [Graph.Relabel], [Graph.ShuffleEdges], [Union] and the subgraph functions carry along. A
// graph without explicit identities uses the index; set them with [Graph.WithIDs] before the graph is batched.
//
// # Other programs
//
// Package graphio reads and writes the file formats of the field; gonumgraph and ybgraph are adapters to other libraries.
package graph
