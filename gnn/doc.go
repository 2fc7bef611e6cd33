// Package gnn holds the layers of graph neural networks, the data that flows through them, and models made of them.
//
// A [Layer] maps [Features] to features over a graph. Layers are made of row-wise operations, gathers and order-free
// reductions only, so that f(P A P^T, P X) = P f(A, X) holds in bits by construction; package proptest checks it. A batch is a
// graph, so no layer knows of batches.
//
// Shapes: N nodes, E edges, B graphs, d channels, H heads. Parameters have the names that PyTorch Geometric gives them.
package gnn
