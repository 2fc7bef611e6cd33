// Package arcs puts multigraphs, directed or not, with labels or not, into the form that internal/cells refines. [Pairs] keeps all
// that an isomorphism has to keep, for canonical forms; [Messages] keeps what message passing sees. The forms say what their
// numbers stand for, and number by sorted contents: they depend on the graph, not on how its nodes and edges are ordered.
package arcs
