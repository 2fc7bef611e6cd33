package graph

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"sync"
)

// Graph is an immutable directed multigraph, possibly a batch of several. Its zero value is the graph without nodes.
// All methods are safe for concurrent use; slices that they return must not be written.
type Graph struct {
	n          int
	from, to   []int32 // (E) by edge id
	ptr        []int32 // (N+1) in-edges of node i are positions ptr[i]..ptr[i+1]
	src, eid   []int32 // (E) source and edge id of a position
	undirected bool

	graphOf []int32 // (N) graph of a node; nil: all in graph 0
	graphs  int

	nodeID, edgeID, graphID []uint64 // nil: the index

	memo *memo
}

// memo holds what is derived from a graph on first use. Graphs that share structure (WithIDs) do not share it.
type memo struct {
	structure, loops, pool sync.Once
	in, out                Segments // rows are nodes
	inEdges, outEdges      Segments // rows are edges
	looped                 *Looped
	nodes                  Segments
	derived                sync.Map
}

// Errors that New and its relatives wrap, with the index and the value that offend.
var (
	// ErrNodeRange is returned when an edge names a node outside 0..N-1.
	ErrNodeRange = errors.New("node out of range")
	// ErrTooLarge is returned when a count does not fit in an int32.
	ErrTooLarge = errors.New("too many for int32 ids")
	// ErrLength is returned when a list does not have one entry a node, an edge or a graph.
	ErrLength = errors.New("wrong length")
	// ErrRepeated is returned when a list names a node twice that it may name once.
	ErrRepeated = errors.New("repeated node")
	// ErrNotSymmetric is returned when an arc has no opposite arc of its own.
	ErrNotSymmetric = errors.New("not symmetric")
	// ErrPermutation is the panic where a list is not a permutation.
	ErrPermutation = errors.New("not a permutation")
)

// New returns the directed graph with n nodes and the given edges, each {source, target}. The edge at place k of the
// list has id k. It returns ErrNodeRange for an endpoint outside 0..n-1 and ErrTooLarge for counts beyond int32.
func New(n int, edges [][2]int32) (*Graph, error) {
	if n < 0 {
		return nil, fmt.Errorf("graph: node count %d is negative: %w", n, ErrNodeRange)
	}
	if n > math.MaxInt32-1 || len(edges) > math.MaxInt32-1 {
		return nil, fmt.Errorf("graph: %d nodes and %d edges: %w", n, len(edges), ErrTooLarge)
	}
	g := &Graph{n: n, graphs: 1, memo: new(memo)}
	g.from, g.to = make([]int32, len(edges)), make([]int32, len(edges))
	for k, e := range edges {
		for _, v := range e {
			if v < 0 || int(v) >= n {
				return nil, fmt.Errorf("graph: edge %d is (%d,%d), nodes are 0..%d: %w", k, e[0], e[1], n-1, ErrNodeRange)
			}
		}
		g.from[k], g.to[k] = e[0], e[1]
	}
	g.index()
	return g, nil
}

// Must returns g, and panics on an error: for graphs that are written down in the program.
func Must(g *Graph, err error) *Graph {
	if err != nil {
		panic(err)
	}
	return g
}

// NewUndirected returns the graph in which each listed edge {u, v} is present in both directions, as the arcs that
// [Arcs] lists. A self loop is one arc.
func NewUndirected(n int, edges [][2]int32) (*Graph, error) {
	if n < 0 {
		return nil, fmt.Errorf("graph: node count %d is negative: %w", n, ErrNodeRange)
	}
	if len(edges) > (math.MaxInt32-1)/2 {
		return nil, fmt.Errorf("graph: %d undirected edges: %w", len(edges), ErrTooLarge)
	}
	for k, e := range edges { // checked here, so that the error names the place in the caller's list
		for _, v := range e {
			if v < 0 || int(v) >= n {
				return nil, fmt.Errorf("graph: edge %d is (%d,%d), nodes are 0..%d: %w", k, e[0], e[1], n-1, ErrNodeRange)
			}
		}
	}
	if n > math.MaxInt32-1 {
		return nil, fmt.Errorf("graph: %d nodes: %w", n, ErrTooLarge)
	}
	loops := 0
	for _, e := range edges {
		if e[0] == e[1] {
			loops++
		}
	}
	g := &Graph{n: n, graphs: 1, memo: new(memo), undirected: true}
	g.from, g.to = make([]int32, 0, 2*len(edges)-loops), make([]int32, 0, 2*len(edges)-loops)
	for _, e := range edges { // as Arcs lists them, without the list
		g.from, g.to = append(g.from, e[0]), append(g.to, e[1])
		if e[0] != e[1] {
			g.from, g.to = append(g.from, e[1]), append(g.to, e[0])
		}
	}
	g.index()
	return g, nil
}

// Arcs lists both directions of each undirected edge, (u,v) before (v,u), one arc for a self loop, and says which edge
// each arc came from: the index that spreads edge features over arcs.
func Arcs(edges [][2]int32) (arcs [][2]int32, edgeOf []int32) {
	arcs, edgeOf = make([][2]int32, 0, 2*len(edges)), make([]int32, 0, 2*len(edges))
	for k, e := range edges {
		arcs, edgeOf = append(arcs, e), append(edgeOf, int32(k))
		if e[0] != e[1] {
			arcs, edgeOf = append(arcs, [2]int32{e[1], e[0]}), append(edgeOf, int32(k))
		}
	}
	return arcs, edgeOf
}

// index builds the rows by target from the edge list, by a stable counting sort.
func (g *Graph) index() { g.ptr, g.src, g.eid = countingSort(g.n, g.to, g.from) }

// countingSort groups the edges by key: ptr (n+1), and for each position the other endpoint and the edge id.
func countingSort(n int, key, other []int32) (ptr, row, eid []int32) {
	ptr, row, eid = make([]int32, n+1), make([]int32, len(key)), make([]int32, len(key))
	for _, v := range key {
		ptr[v+1]++
	}
	for i := range n {
		ptr[i+1] += ptr[i]
	}
	next := slices.Clone(ptr[:n])
	for k, v := range key {
		p := next[v]
		next[v]++
		row[p], eid[p] = other[k], int32(k)
	}
	return ptr, row, eid
}

// NumNodes returns N.
func (g *Graph) NumNodes() int { return g.n }

// NumEdges returns E, the number of directed edges (arcs).
func (g *Graph) NumEdges() int { return len(g.from) }

// NumGraphs returns B, the number of graphs in the batch; 1 for a graph on its own, also for one without nodes.
func (g *Graph) NumGraphs() int {
	if g.memo == nil { // the zero value
		return 1
	}
	return g.graphs
}

// Undirected reports whether the graph was declared undirected: its edges come in pairs of opposite arcs.
func (g *Graph) Undirected() bool { return g.undirected }

// From returns the source of each edge, by edge id (E).
func (g *Graph) From() []int32 { return g.from }

// To returns the target of each edge, by edge id (E).
func (g *Graph) To() []int32 { return g.to }

// Edges yields each edge id with its {source, target}, in list order.
func (g *Graph) Edges() iter.Seq2[int32, [2]int32] {
	return func(yield func(int32, [2]int32) bool) {
		for k := range g.from {
			if !yield(int32(k), [2]int32{g.from[k], g.to[k]}) {
				return
			}
		}
	}
}

// EdgeList returns a copy of the list of edges, {source, target} by edge id.
func (g *Graph) EdgeList() [][2]int32 {
	l := make([][2]int32, len(g.from))
	for k := range l {
		l[k] = [2]int32{g.from[k], g.to[k]}
	}
	return l
}

// Sources returns the source of each in-edge of v, with repeats.
func (g *Graph) Sources(v int32) []int32 { return g.src[g.ptr[v]:g.ptr[v+1]] }

// InRows returns the in-edges by target, as In does, and builds nothing: those of node v are positions ptr[v]..ptr[v+1] of source and
// edge (E).
func (g *Graph) InRows() (ptr, source, edge []int32) {
	if g.ptr == nil { // the zero value
		return []int32{0}, nil, nil
	}
	return g.ptr, g.src, g.eid
}

// Targets returns the target of each out-edge of v, with repeats.
func (g *Graph) Targets(v int32) []int32 {
	o := g.Out()
	return o.Row[o.Ptr[v]:o.Ptr[v+1]]
}

// InDegree returns the number of in-edges of v; a self loop counts once.
func (g *Graph) InDegree(v int32) int { return int(g.ptr[v+1] - g.ptr[v]) }

// OutDegree returns the number of out-edges of v; a self loop counts once.
func (g *Graph) OutDegree(v int32) int {
	o := g.Out()
	return int(o.Ptr[v+1] - o.Ptr[v])
}

// GraphOf returns the graph of each node (N), or nil where all nodes are in graph 0.
func (g *Graph) GraphOf() []int32 { return g.graphOf }

// NodeIDs returns the identity of each node (N), or nil where it is the index.
func (g *Graph) NodeIDs() []uint64 { return g.nodeID }

// EdgeIDs returns the identity of each edge (E), or nil where it is the edge id.
func (g *Graph) EdgeIDs() []uint64 { return g.edgeID }

// GraphIDs returns the identity of each graph of the batch (B), or nil where it is the index.
func (g *Graph) GraphIDs() []uint64 { return g.graphID }

// WithIDs returns the same graph with the given identities; nil leaves the index. Noise that is keyed by identity is
// the same for equal identities, so they should be unique over a data set. It returns ErrLength where a list does not
// have one entry a node, edge or graph.
func (g *Graph) WithIDs(node, edge, graph []uint64) (*Graph, error) {
	for _, c := range []struct {
		what string
		ids  []uint64
		want int
	}{{"node", node, g.n}, {"edge", edge, g.NumEdges()}, {"graph", graph, g.NumGraphs()}} {
		if c.ids != nil && len(c.ids) != c.want {
			return nil, fmt.Errorf("graph: %d %s ids for %d: %w", len(c.ids), c.what, c.want, ErrLength)
		}
	}
	h := g.copy()
	h.nodeID, h.edgeID, h.graphID = slices.Clone(node), slices.Clone(edge), slices.Clone(graph)
	return h, nil
}

// copy returns a graph that shares the slices of g and nothing that was derived from them.
func (g *Graph) copy() *Graph {
	h := *g
	h.graphs, h.memo = g.NumGraphs(), new(memo)
	if h.ptr == nil { // the zero value
		h.ptr = make([]int32, 1)
	}
	return &h
}

// identities returns ids, or the indices 0..n-1 where ids is nil.
func identities(ids []uint64, n int) []uint64 {
	if ids != nil {
		return ids
	}
	ids = make([]uint64, n)
	for i := range ids {
		ids[i] = uint64(i)
	}
	return ids
}

// identity returns the identity of row i: its entry, or the index where ids is nil.
func identity(ids []uint64, i int32) uint64 {
	if ids == nil {
		return uint64(i)
	}
	return ids[i]
}

// String describes the graph in a few words.
func (g *Graph) String() string {
	return fmt.Sprintf("graph(%d nodes, %d edges, %d graphs)", g.n, g.NumEdges(), g.NumGraphs())
}
