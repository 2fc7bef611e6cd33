// Package enumerate yields all graphs with a few nodes, one of each isomorphism class: for exhaustive tests, and to count how many
// of all graphs a method tells apart.
//
// Graphs grow by a node at a time, and nothing is kept to see whether a graph has been there before (McKay 1998,
// "Isomorph-free exhaustive generation"). A graph is taken only from the parent that is left when a certain node goes, whose
// choice does not depend on the labelling, up to automorphisms; and a parent joins its new node to one set of nodes of each
// orbit of its automorphism group.
//
//	nodes       1  2  3   4   5    6     7      8       9        10
//	graphs      1  2  4  11  34  156  1044  12346  274668  12005168
//	connected   1  1  2   6  21  112   853  11117  261080  11716571
//
// They are sequences A000088 and A001349 of the OEIS.
package enumerate
