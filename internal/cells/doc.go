// Package cells holds ordered partitions of the vertices of a graph and their refinement until they are equitable (colour
// refinement, 1-WL), as the search for canonical forms needs it: in place, with a trace, and with a trail that takes splits
// back (McKay 1981, "Practical graph isomorphism"; McKay, Piperno 2014, "Practical graph isomorphism, II").
package cells
