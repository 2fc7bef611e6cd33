// Package ybgraph brings graphs to and from github.com/yourbasic/graph, whose graphs are the multigraphs with int64 costs
// that its Iterator describes.
package ybgraph
