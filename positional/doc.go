// Package positional holds encodings that tell nodes apart by where they stand in the graph, for models that must see more
// than message passing does (package wl has what that is).
//
// [RandomWalk] is the probability to be back after k steps; it is determined by the graph, and its bits do not depend on
// how the graph is labelled. [Laplacian] is made of eigenvectors, which the graph does not determine: their signs are
// free, and so is the basis of the eigenspace of a repeated eigenvalue. An [Encoder] declares that as its [Ambiguity],
// so that a test or a training loop can draw from exactly what is free.
//
// A batch is encoded graph by graph, so that a graph has the same encoding alone and in a batch.
//
// # Errors
//
// What does not fit is returned: settings without a meaning ([ErrSettings]), weights that are no probabilities
// ([ErrWeight]), a graph that is too large for a dense eigensolver ([ErrTooLarge]) or that has no symmetric Laplacian
// ([ErrDirected]).
package positional
