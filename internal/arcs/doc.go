// Package arcs puts multigraphs, directed or not, with labels or not, into the form that internal/cells refines. [Pairs] keeps all
// that an isomorphism has to keep; it is for canonical forms. The forms say what their numbers stand for, and number by sorted
// contents: they depend on the graph, not on how its nodes and edges are ordered.
package arcs
