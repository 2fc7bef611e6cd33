package graph

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Order names an order of the nodes in memory. A gather is faster where the rows that are read together stand together. The
// order is a matter of speed alone: no bit of a result of order-free sums depends on it.
type Order string

// The orders. Each is deterministic; ties go to the smaller node. The graphs of a batch keep their places, and each is ordered
// within itself.
const (
	OrderNone    Order = ""        // as the graph was written down; "none" says the same
	OrderRCM     Order = "rcm"     // [ReverseCuthillMcKee]: meshes, roads, molecules
	OrderDegree  Order = "degree"  // [HubsFirst]: the cheapest, for power laws without clusters
	OrderCluster Order = "cluster" // [Clusters]: networks with communities
)

// ErrOrder is wrapped by the error for an order that there is not.
var ErrOrder = errors.New("unknown order")

// Orders returns the names of all orders, "none" first.
func Orders() []string {
	return []string{"none", string(OrderRCM), string(OrderDegree), string(OrderCluster)}
}

// Validate returns an error that wraps ErrOrder where there is no such order.
func (o Order) Validate() error {
	if o != OrderNone && !slices.Contains(Orders(), string(o)) {
		return fmt.Errorf("graph: order %q, want one of %q: %w", string(o), Orders(), ErrOrder)
	}
	return nil
}

// Ordered is a graph with its nodes in another order, and where they went: node v of the original is Place[v], edge k is
// EdgePlace[k].
type Ordered struct {
	*Graph
	Place     []int32 // (N)
	EdgePlace []int32 // (E)
}

// Ordered returns the graph relabelled into an order, which is found once and shared, or nil for OrderNone. It panics with
// ErrOrder for an order that there is not; [Order.Validate] tells beforehand.
func (g *Graph) Ordered(o Order) *Ordered {
	var place func(*Graph) []int32
	switch o {
	case OrderNone, "none":
		return nil
	case OrderRCM:
		place = ReverseCuthillMcKee
	case OrderDegree:
		place = HubsFirst
	case OrderCluster:
		place = Clusters
	default:
		panic(o.Validate())
	}
	if known, ok := g.Derived(o); ok {
		return known.(*Ordered)
	}
	p := place(g)
	h, q := g.Relabel(p)
	return g.Keep(o, &Ordered{h, p, q}).(*Ordered)
}

// ReverseCuthillMcKee returns a permutation, p[old] = new, that brings neighbours near each other: each component breadth
// first from a node at its rim, the neighbours of a node by ascending degree, and all of it reversed. Directions of edges do
// not count. It takes time linear in nodes and edges, but for sorting the neighbours. (Cuthill, McKee 1969; reversed, George
// 1971; the rim as by George, Liu 1979, in at most four walks.)
func ReverseCuthillMcKee(g *Graph) []int32 {
	w := newWalk(g)
	for v := range int32(g.n) {
		if !w.seen[v] {
			w.from(w.rim(v), func(a, b int32) int {
				return cmp.Or(cmp.Compare(w.degree[a], w.degree[b]), cmp.Compare(a, b))
			})
		}
	}
	slices.Reverse(w.nodes)
	return g.places(w.nodes)
}

// HubsFirst returns a permutation, p[old] = new, that lists the nodes by descending degree: the rows that most edges read
// share pages and cache sets. It takes time linear in nodes and edges. (Hub sorting: Zhang et al. 2017, Making caches work
// for graph analytics; where it pays: Balaji, Lucia 2018, When is graph reordering an optimization?)
func HubsFirst(g *Graph) []int32 { return g.places(newWalk(g).byDegree()) }

// Sizes of Clusters: the rows of a cluster with 64 or 256 channels fit into a second cache, and more rounds move few nodes.
const (
	clusterMost   = 512
	clusterRounds = 5
)

// Clusters returns a permutation, p[old] = new, that puts communities together: label propagation finds clusters of at most
// 512 nodes, which stand in the order of a breadth-first walk from the hubs, and within a cluster hubs are first. It takes time linear in
// nodes and edges, but for sorting the neighbours. (Label propagation: Raghavan, Albert, Kumara 2007; for orders: Boldi et al.
// 2011, Layered label propagation, and Arai et al. 2016, Rabbit order.)
func Clusters(g *Graph) []int32 {
	w := newWalk(g)
	hubs := w.byDegree()
	label := w.propagate(hubs)
	for _, v := range hubs {
		if !w.seen[v] {
			w.from(v, func(a, b int32) int {
				return cmp.Or(cmp.Compare(w.degree[b], w.degree[a]), cmp.Compare(a, b))
			})
		}
	}
	rank := make([]int32, g.n) // of a label by the first of its nodes, from 1
	clusters := int32(0)
	for _, v := range w.nodes {
		if rank[label[v]] == 0 {
			clusters++
			rank[label[v]] = clusters
		}
	}
	of := make([]int32, g.n)
	for i, v := range hubs {
		of[i] = rank[label[v]] - 1
	}
	_, nodes, _ := countingSort(int(clusters), of, hubs)
	return g.places(nodes)
}

// places returns the permutation that lists the nodes in the given order, graph by graph.
func (g *Graph) places(nodes []int32) []int32 {
	if g.graphOf != nil {
		of := make([]int32, g.n)
		for i, v := range nodes {
			of[i] = g.graphOf[v]
		}
		_, nodes, _ = countingSort(g.graphs, of, nodes)
	}
	p := make([]int32, g.n)
	for i, v := range nodes {
		p[v] = int32(i)
	}
	return p
}

// walk goes over a graph without regard to the directions of edges.
type walk struct {
	sides  []*Segments // whose rows are neighbours
	degree []int32     // over all sides; at most 2^32-2, kept below 2^31
	seen   []bool
	nodes  []int32 // those seen, in order

	met   []bool // by the search that is going on
	queue []int32
}

func newWalk(g *Graph) *walk {
	w := &walk{sides: []*Segments{g.In(), g.Out()}, degree: make([]int32, g.n), seen: make([]bool, g.n),
		nodes: make([]int32, 0, g.n)}
	if g.undirected {
		w.sides = w.sides[:1]
	}
	for v := range g.n {
		d := 0
		for _, s := range w.sides {
			d += s.Size(v)
		}
		w.degree[v] = int32(min(d, 1<<31-1))
	}
	return w
}

// neighbours calls f for the neighbours of v, with repeats.
func (w *walk) neighbours(v int32, f func(u int32)) {
	for _, s := range w.sides {
		for _, u := range s.Row[s.Ptr[v]:s.Ptr[v+1]] {
			f(u)
		}
	}
}

// byDegree returns the nodes by descending degree.
func (w *walk) byDegree() []int32 {
	nodes := make([]int32, len(w.degree))
	for v := range nodes {
		nodes[v] = int32(v)
	}
	slices.SortStableFunc(nodes, func(a, b int32) int { return cmp.Compare(w.degree[b], w.degree[a]) })
	return nodes
}

// from walks breadth first from v, and takes the new neighbours of a node in the given order.
func (w *walk) from(v int32, order func(a, b int32) int) {
	head := len(w.nodes)
	w.seen[v] = true
	w.nodes = append(w.nodes, v)
	for ; head < len(w.nodes); head++ {
		first := len(w.nodes)
		w.neighbours(w.nodes[head], func(u int32) {
			if !w.seen[u] {
				w.seen[u] = true
				w.nodes = append(w.nodes, u)
			}
		})
		slices.SortFunc(w.nodes[first:], order)
	}
}

// rim returns a node of the component of v that is far from another one: the end of a walk, as long as walks get longer.
func (w *walk) rim(v int32) int32 {
	longest := 0
	for range 4 {
		end, length := w.farthest(v)
		if length <= longest {
			break
		}
		v, longest = end, length
	}
	return v
}

// farthest returns, of the nodes at the largest distance from v, one of the smallest degree, and the distance.
func (w *walk) farthest(v int32) (end int32, distance int) {
	if w.met == nil {
		w.met = make([]bool, len(w.seen))
	}
	w.met[v] = true
	w.queue = append(w.queue[:0], v)
	level := w.queue
	for done := 0; done < len(w.queue); distance++ {
		level = w.queue[done:]
		done = len(w.queue)
		for _, x := range level {
			w.neighbours(x, func(u int32) {
				if !w.met[u] {
					w.met[u] = true
					w.queue = append(w.queue, u)
				}
			})
		}
	}
	for _, x := range w.queue {
		w.met[x] = false
	}
	end = slices.MinFunc(level, func(a, b int32) int { return cmp.Or(cmp.Compare(w.degree[a], w.degree[b]), cmp.Compare(a, b)) })
	return end, distance - 1
}

// propagate returns a label for each node. Each starts with its own and takes, leaves first and hubs last, the one that most
// of its neighbours have and that has room.
func (w *walk) propagate(hubs []int32) []int32 {
	n := len(hubs)
	label, size, votes := make([]int32, n), make([]int32, n), make([]int32, n)
	for v := range label {
		label[v], size[v] = int32(v), 1
	}
	var heard []int32
	for range clusterRounds {
		moved := 0
		for _, v := range slices.Backward(hubs) {
			heard = heard[:0]
			w.neighbours(v, func(u int32) {
				if votes[label[u]] == 0 {
					heard = append(heard, label[u])
				}
				votes[label[u]]++
			})
			own := label[v]
			best := own
			for _, l := range heard {
				more := cmp.Or(cmp.Compare(votes[l], votes[best]), cmp.Compare(best, l))
				if best == own { // a node moves for more votes only
					more = cmp.Compare(votes[l], votes[own])
				}
				if l != own && size[l] < clusterMost && more > 0 {
					best = l
				}
			}
			for _, l := range heard {
				votes[l] = 0
			}
			if best != own {
				size[own]--
				size[best]++
				label[v] = best
				moved++
			}
		}
		if moved < n/100 {
			break
		}
	}
	return label
}
