// Package small finds canonical forms and automorphism groups of graphs with at most 64 vertices, with colours, in which
// sets of vertices are words. An [Engine] keeps its memory from one graph to the next.
//
// It is the search of McKay (1981, "Practical graph isomorphism"): individualisation and refinement, depth first, with
// automorphisms from leaves that give equal graphs. Three things keep it short on small graphs. Neighbours are counted for
// all vertices at once, in bit planes. Twins are numbered at the root, as they can be exchanged at will. And where all
// orbits are known to be cells, the first leaf is the form.
package small
