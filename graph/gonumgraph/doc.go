// Package gonumgraph brings graphs to and from gonum.org/v1/gonum/graph.
//
// gonum's simple graphs hold neither self loops nor parallel edges; its multigraphs (package multi) hold both. So
// [ToDirected] and [ToUndirected] return an error for a graph that does not fit, and [ToMultiDirected] and
// [ToMultiUndirected] take every graph. Node i has gonum id i, and a line of a multigraph has the id of its edge.
package gonumgraph
