package proptest

import (
	"slices"

	"symbridge/graph"
	"symbridge/symmetry"
)

// written is a graph as it is written down, with everything in the open, so that it can be cut down and printed.
type written struct {
	n          int
	edges      [][2]int32
	undirected bool
	graphs     int
	graphOf    []int32 // (N)

	nodeID, edgeID, graphID []uint64 // always explicit
}

// plain returns one graph whose identities are indices.
func plain(n int, edges [][2]int32, undirected bool) *written {
	w := &written{n: n, edges: edges, undirected: undirected, graphs: 1, graphOf: make([]int32, n)}
	w.number(0)
	return w
}

// writeDown returns the description of g.
func writeDown(g *graph.Graph) *written {
	w := plain(g.NumNodes(), g.EdgeList(), g.Undirected())
	w.graphs = g.NumGraphs()
	w.number(0)
	if g.GraphOf() != nil {
		w.graphOf = slices.Clone(g.GraphOf())
	}
	for _, ids := range []struct{ from, to []uint64 }{{g.NodeIDs(), w.nodeID}, {g.EdgeIDs(), w.edgeID}, {g.GraphIDs(), w.graphID}} {
		copy(ids.to, ids.from)
	}
	return w
}

// append adds the graphs of v behind those of w; identities have to be given anew.
func (w *written) append(v *written) {
	for _, e := range v.edges {
		w.edges = append(w.edges, [2]int32{e[0] + int32(w.n), e[1] + int32(w.n)})
	}
	for _, b := range v.graphOf {
		w.graphOf = append(w.graphOf, b+int32(w.graphs))
	}
	w.n, w.graphs, w.undirected = w.n+v.n, w.graphs+v.graphs, w.undirected && v.undirected
}

// number gives every node, edge and graph an identity: its index for salt 0, else numbers that are unique and look random.
func (w *written) number(salt uint64) {
	ids := func(n int, kind uint64) []uint64 {
		out := make([]uint64, n)
		for i := range out {
			out[i] = uint64(i)
			if salt != 0 {
				out[i] = mix(uint64(i) | salt<<32 | kind<<60)
			}
		}
		return out
	}
	w.nodeID, w.edgeID, w.graphID = ids(w.n, 1), ids(len(w.edges), 2), ids(w.graphs, 3)
}

// mix is the finaliser of splitmix64, a bijection.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// relabel calls node v p[v] and puts edge k at place q[k].
func (w *written) relabel(p, q symmetry.Perm) *written {
	out := *w
	edges := make([][2]int32, len(w.edges))
	for k, e := range w.edges {
		edges[k] = [2]int32{p[e[0]], p[e[1]]}
	}
	out.edges, out.edgeID = symmetry.Apply(q, edges), symmetry.Apply(q, w.edgeID)
	out.nodeID, out.graphOf = symmetry.Apply(p, w.nodeID), symmetry.Apply(p, w.graphOf)
	return &out
}

// take returns the part with the listed nodes, edges (between those nodes) and graphs.
func (w *written) take(nodes, edges, graphs []int32) *written {
	place := make([]int32, w.n)
	for i, v := range nodes {
		place[v] = int32(i)
	}
	batch := make([]int32, w.graphs)
	for i, b := range graphs {
		batch[b] = int32(i)
	}
	out := &written{n: len(nodes), graphs: len(graphs), undirected: w.undirected}
	out.nodeID, out.edgeID, out.graphID = graph.Pick(w.nodeID, nodes), graph.Pick(w.edgeID, edges), graph.Pick(w.graphID, graphs)
	out.graphOf = graph.Pick(w.graphOf, nodes)
	for i, b := range out.graphOf {
		out.graphOf[i] = batch[b]
	}
	out.edges = graph.Pick(w.edges, edges)
	for i, e := range out.edges {
		out.edges[i] = [2]int32{place[e[0]], place[e[1]]}
	}
	out.undirected = w.undirected && graph.Must(graph.New(out.n, out.edges)).IsSymmetric()
	return out
}

// rows returns the nodes and the edges of each graph, ascending.
func (w *written) rows() (nodes, edges [][]int32) {
	nodes, edges = make([][]int32, w.graphs), make([][]int32, w.graphs)
	for v, b := range w.graphOf {
		nodes[b] = append(nodes[b], int32(v))
	}
	for k, e := range w.edges {
		b := w.graphOf[e[1]]
		edges[b] = append(edges[b], int32(k))
	}
	return nodes, edges
}

// places says how the union of the parts is turned into w: node i of the union is called p[i], and the edge list, as Relabel
// leaves it, is shuffled by q. Both are nil where w is the union as it stands.
func (w *written) places() (parts []*written, p, q symmetry.Perm) {
	nodes, edges := w.rows()
	var edgePlace symmetry.Perm
	for b := range nodes {
		parts = append(parts, w.take(nodes[b], edges[b], []int32{int32(b)}))
		p, edgePlace = append(p, nodes[b]...), append(edgePlace, edges[b]...)
	}
	if p.IsIdentity() && edgePlace.IsIdentity() {
		return parts, nil, nil
	}
	_, sorted := union(parts).Relabel(p)
	q = make(symmetry.Perm, len(sorted))
	for k, at := range sorted {
		q[at] = edgePlace[k]
	}
	return parts, p, q
}

func union(parts []*written) *graph.Graph {
	gs := make([]*graph.Graph, len(parts))
	for i, part := range parts {
		gs[i] = part.build()
	}
	return graph.Union(gs...)
}

// build returns the graph, made by the library's public constructors.
func (w *written) build() *graph.Graph {
	var g *graph.Graph
	if w.graphs == 1 {
		g = graph.Must(graph.New(w.n, w.edges))
	} else {
		parts, p, q := w.places()
		g = union(parts)
		if p != nil {
			g, _ = g.Relabel(p)
			g = g.ShuffleEdges(q)
		}
	}
	if w.undirected && !g.Undirected() {
		g = graph.Must(g.AsUndirected())
	}
	return graph.Must(g.WithIDs(w.nodeID, w.edgeID, w.graphID))
}
