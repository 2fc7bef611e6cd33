// Package cells holds ordered partitions of the vertices of a graph and their refinement until they are equitable (colour
// refinement, 1-WL), as the search for canonical forms needs it: in place, with a trace, and with a trail that takes splits
// back (McKay 1981, "Practical graph isomorphism"; McKay, Piperno 2014, "Practical graph isomorphism, II").
//
// # The order of cells
//
// The order in which cells stand is part of the definition of wl.Hash: whoever changes it changes the version there.
//
// [New] orders vertices by colour, then by degree (edges that a vertex lists), and lets all cells wait, in this order. Cells of
// one vertex wait in a stack, larger ones in a queue; a cell stays where it waits when it is split. [Partition.Refine] does this while
// some vertex that is not alone has edges, and something waits:
//
//   - Let L be the sum of the degrees of vertices that are not alone, W that of the vertices of cells that wait, A that of all. If
//     256 L + A < 16 W, nothing waits any more, and each cell with several vertices and edges is split by the list of (label, first
//     place of the cell of the other end) over the edges of a vertex, sorted; the lists are those before the first of these splits.
//     Parts ascend by their lists, as lists do.
//   - Otherwise a cell S is taken from the top of the stack, or from the head of the queue. For each label of edges of S as
//     it was, ascending, all cells are split, in their order, by the numbers of edges with this label that S's vertices list to a
//     vertex. Parts ascend by the number, from 0 on.
//   - Of the parts of a cell that does not wait, all begin to wait but the first of the largest; where it waits, all that do not yet.
//     First the second, third, ... in this order, then the first.
package cells
