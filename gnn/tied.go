package gnn

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"symbridge/autodiff"
	"symbridge/graph"
	"symbridge/symmetry"
	"symbridge/tensor"
	"symbridge/wl"
)

// Tied is the linear layer on signals on one fixed graph A whose weights are tied over the orbits of Aut(A), the automorphisms of A
// (Ravanbakhsh, Schneider, Poczos 2017; for tied maps in general Wood, Shawe-Taylor 1996): y_i = W_o(i) x_i + sum_j W_o(ji) x_j + b_o(i)
// over the in-edges j -> i, o the orbit of a node or an edge: (N,in) -> (N,out). With Full the sum goes over all nodes j, o(ji) being the
// orbit of the pair: all linear maps that commute with Aut(A) are of this form (Maron et al. 2019 for S_n), and on a Cayley graph
// whose edges are labelled by generators it is the convolution of the group.
//
// So f(P x) = P f(x) in bits for each automorphism P of A, forward and backward, besides what holds for every layer (on a Plain tape up to
// rounding, as sums then go by the order of rows). Orbits are numbered
// by the canonical form of A: the layer takes A in any labelling, and a batch of such copies, and gives the same bits. Labels of nodes and
// edges (Features.NodeLabel, EdgeLabel) are part of A and must be there whenever those of the orbits were; edge weights are not looked at. A
// checkpoint names the graph, so that weights can be loaded for another labelling and for no other graph.
//
// Each orbit costs a product of as many rows as it has sources or targets, whichever are fewer: never more rows in all than there are nodes and
// edges, or pairs. A graph object that is new to the layer takes a search for its canonical form, unless it is written down as A is;
// [FindOrbits] does it beforehand, under a context.
type Tied[T tensor.Float] struct {
	Weight *autodiff.Param[T] // (K*out, in), in a checkpoint (K,out,in): K orbits, those of nodes first
	Bias   *autodiff.Param[T] // (orbits of nodes, out), may be nil
	Digest *autodiff.Param[T] // (1,32) a fixed buffer: the bytes of the digest of A
	Orbits *Orbits
	TiedOptions
}

// TiedOptions are the variants of Tied; the zero value has a weight for each orbit of nodes and of edges.
type TiedOptions struct {
	Full   bool `json:"full,omitempty"` // all pairs of nodes, not the edges alone
	NoBias bool `json:"no_bias,omitempty"`
}

// NewTied returns a Tied layer for the graph of the orbits with Glorot weights, the fans being those of a mean node, and zero
// bias. It panics with a [tensor.ValueError] for a graph without nodes.
func NewTied[T tensor.Float](rng *rand.Rand, in, out int, orbits *Orbits, o TiedOptions) *Tied[T] {
	n := orbits.g.NumNodes()
	if n == 0 {
		panic(tensor.ValueError{Op: "gnn.NewTied", What: "number of nodes, want at least 1", Got: 0})
	}
	k, pairs := orbits.weights(o.Full), n+orbits.g.NumEdges()
	if o.Full {
		pairs = n * n
	}
	perNode := float64(pairs) / float64(n)
	l := &Tied[T]{Orbits: orbits, TiedOptions: o}
	l.Weight = uniform[T](rng, k*out, in, math.Sqrt(6/(perNode*float64(in+out))))
	l.Weight.Shape = []int{k, out, in}
	if !o.NoBias {
		l.Bias = &autodiff.Param[T]{Value: tensor.NewDense[T](orbits.Nodes, out)}
	}
	l.Digest = constant[T](len(orbits.Digest), 0)
	l.Digest.Buffer, l.Digest.Fixed = true, true
	for i, b := range orbits.Digest {
		l.Digest.Value.Data[i] = T(b)
	}
	return l
}

// weights returns how many orbits have a weight.
func (o *Orbits) weights(full bool) int {
	if full {
		_, k := o.Pairs()
		return k
	}
	return o.Nodes + o.Edges
}

// Forward maps the node features. It panics with a [tensor.ValueError] where the graph, or one of a batch, is not the one that the weights
// belong to.
func (l *Tied[T]) Forward(t *autodiff.Tape[T], g *graph.Graph, x Features[T]) Features[T] {
	v := t.Dense(node("gnn.Tied", g, x, l.Weight.Value.Cols))
	p := tyingFor(g, x.NodeLabel, x.EdgeLabel, l.Orbits, l.Full)
	x.Node = applyTied(t, p, v, t.Param(l.Weight), optional(t, l.Bias))
	return x
}

// Params yields weight, bias and digest, those that there are.
func (l *Tied[T]) Params(yield func(string, *autodiff.Param[T]) bool) {
	if yield("weight", l.Weight) && (l.Bias == nil || yield("bias", l.Bias)) {
		yield("digest", l.Digest)
	}
}

// tying says how the rows of a graph, or of a batch, go through the weights: z_m = sum of rows, u_m = W_g z_m for the rows m of each
// group g, y_i = sum of the u_m, + b. An orbit with fewer targets than sources is summed first and mapped then, others are mapped first.
type tying struct {
	copies *graph.Segments // (N segments, M rows) where each z_m is one row, or nil
	sums   *graph.Segments // (M segments, N rows) otherwise
	ptr    []int32         // (K+1) rows of z and u by group
	spread *graph.Segments // (N segments, M rows)
	bias   *graph.Segments // (orbits of nodes segments, N rows)
}

// applyTied returns the signals after the layer: (N,in), (K*out,in), (orbits of nodes,out) or nil -> (N,out).
func applyTied[T tensor.Float](t *autodiff.Tape[T], p *tying, v, w, b *autodiff.Var[T]) *autodiff.Var[T] {
	var z *autodiff.Var[T]
	if p.copies != nil {
		z = autodiff.Expand(t, p.copies, v)
	} else {
		z = autodiff.SegmentSum(t, p.sums, v)
	}
	u := autodiff.GroupLinear(t, z, w, p.ptr)
	if !t.Recording() {
		t.Release(z)
	}
	y := autodiff.SegmentSum(t, p.spread, u)
	t.Release(u) // no backward pass looks at what was summed
	switch {
	case b == nil:
		return y
	case b.Rows() == 1:
		return autodiff.Add(t, y, b)
	}
	return autodiff.Add(t, y, autodiff.Expand(t, p.bias, b))
}

// kept is the tying of a graph for one layer's orbits and labels.
type kept struct {
	digest     [32]byte
	node, edge []uint64
	full       bool
	*tying
}

type tyingKey struct{}

// tyingFor returns the tying of g, which the graph remembers.
func tyingFor(g *graph.Graph, node, edge []uint64, own *Orbits, full bool) *tying {
	const op = "gnn.Tied"
	if node != nil && len(node) != g.NumNodes() {
		panic(tensor.ShapeError{Op: op, What: "labels of nodes", Want: [2]int{g.NumNodes(), 1}, Got: [2]int{len(node), 1}})
	}
	if edge != nil && len(edge) != g.NumEdges() {
		panic(tensor.ShapeError{Op: op, What: "labels of edges", Want: [2]int{g.NumEdges(), 1}, Got: [2]int{len(edge), 1}})
	}
	m := memoOf[tyingKey, kept](g)
	fits := func(k kept) bool {
		return k.full == full && k.digest == own.Digest && (k.node == nil) == (node == nil) && (k.edge == nil) == (edge == nil) &&
			slices.Equal(k.node, node) && slices.Equal(k.edge, edge)
	}
	if k, ok := m.find(fits); ok {
		return k.tying
	}
	parts := orbitsOfParts(g, node, edge, own)
	for b, o := range parts {
		if o.Digest != own.Digest {
			panic(tensor.ValueError{Op: op, What: fmt.Sprintf("a graph that is not isomorphic, labels included, to the one of the weights "+
				"(%d nodes, %d edges); its place in the batch", o.g.NumNodes(), o.g.NumEdges()), Got: float64(b)})
		}
	}
	shared := map[*Orbits]ties{}
	list := make([]ties, len(parts))
	for b, o := range parts {
		if _, ok := shared[o]; !ok {
			shared[o] = o.ties(full)
		}
		list[b] = shared[o]
	}
	k := kept{own.Digest, slices.Clone(node), slices.Clone(edge), full, newTying(g, list, own.weights(full), own.Nodes)}
	return m.add(k, fits).tying
}

// orbitsOfParts returns the orbits of each graph of a batch. Graphs that are written down alike, or as that of own is, share them.
func orbitsOfParts(g *graph.Graph, node, edge []uint64, own *Orbits) []*Orbits {
	find := func(g *graph.Graph, node, edge []uint64, known []*Orbits) *Orbits {
		for _, o := range known {
			if o != nil && o.sameGraph(g, node, edge) {
				return o
			}
		}
		o, err := FindOrbits(context.Background(), g, wl.CanonicalOptions{NodeLabels: node, EdgeLabels: edge})
		if err != nil { // there is no context and no budget that could end the search
			panic(err)
		}
		return o
	}
	known := []*Orbits{own}
	if g.NumGraphs() == 1 {
		return []*Orbits{find(g, node, edge, known)}
	}
	nodes, edges := g.PartRows()
	var out []*Orbits
	for b, part := range g.Parts() {
		o := find(part, graph.Pick(node, nodes[b]), graph.Pick(edge, edges[b]), known)
		if !slices.Contains(known, o) {
			known = append(known, o)
		}
		out = append(out, o)
	}
	return out
}

// ties say which weight maps the rows of one graph along which pair of nodes, and which bias each node has.
type ties struct {
	from, to, weight []int32 // of the pairs
	bias             []int32 // of the nodes
}

// ties returns the ties of the graph over its orbits: orbits of nodes have the first weights, then come those of edges, or of pairs.
func (o *Orbits) ties(full bool) ties {
	n := int32(len(o.Node))
	if full {
		weight, _ := o.Pairs()
		t := ties{weight: weight, bias: o.Node}
		for i := range n {
			for j := range n {
				t.from, t.to = append(t.from, j), append(t.to, i)
			}
		}
		return t
	}
	var own []int32 = symmetry.Identity(int(n))
	t := ties{slices.Concat(own, o.g.From()), slices.Concat(own, o.g.To()), slices.Clone(o.Node), o.Node}
	for _, k := range o.Edge {
		t.weight = append(t.weight, int32(o.Nodes)+k)
	}
	return t
}

// newTying arranges the rows of a graph, whose parts have the given ties to so many weights and biases.
func newTying(g *graph.Graph, parts []ties, weights, biases int) *tying {
	n := g.NumNodes()
	nodes, _ := g.PartRows()
	bias := make([]int32, n)
	var from, to []int32 // of the pairs
	var key []uint64     // of the pairs: group, then the node that the row of z is known by
	var summed []bool    // of the pairs: summed first, mapped then
	for b, p := range parts {
		for i, k := range p.bias {
			bias[nodes[b][i]] = k
		}
		sourceRows, targetRows := graph.Pick(nodes[b], p.from), graph.Pick(nodes[b], p.to)
		from, to = append(from, sourceRows...), append(to, targetRows...)
		bySource, byTarget := keysOf(p.weight, sourceRows), keysOf(p.weight, targetRows)
		sources, targets := distinct(bySource, weights), distinct(byTarget, weights)
		for k, w := range p.weight {
			first := targets[w] < sources[w]
			summed = append(summed, first)
			if first {
				key = append(key, byTarget[k])
			} else {
				key = append(key, bySource[k])
			}
		}
	}
	return arrange(n, weights, from, to, key, summed, bias, biases)
}

// keysOf returns keys that sort by group, then by node.
func keysOf(group, node []int32) []uint64 {
	out := make([]uint64, len(group))
	for k, w := range group {
		out[k] = uint64(w)<<32 | uint64(node[k])
	}
	return out
}

// distinct counts the nodes of each group.
func distinct(keys []uint64, groups int) []int {
	count := make([]int, groups)
	for _, k := range sorted(keys) {
		count[k>>32]++
	}
	return count
}

// sorted returns the keys in order, each once.
func sorted(keys []uint64) []uint64 {
	out := slices.Clone(keys)
	slices.Sort(out)
	return slices.Compact(out)
}

// arrange makes a row of z for each key and links the pairs to them.
func arrange(n, weights int, from, to []int32, key []uint64, summed []bool, bias []int32, biases int) *tying {
	rows := sorted(key)
	p := &tying{ptr: make([]int32, weights+1), bias: graph.NewSegments(biases, n, bias, symmetry.Identity(n))}
	for _, k := range rows {
		p.ptr[k>>32+1]++
	}
	for w := range weights {
		p.ptr[w+1] += p.ptr[w]
	}
	var into, in, outOf, out []int32 // positions of the sums: row of z, node; and of the spread: row of u, node
	seen := make([]bool, len(rows))
	for k, row := range key {
		at, _ := slices.BinarySearch(rows, row)
		m := int32(at)
		if summed[k] || !seen[m] {
			into, in = append(into, m), append(in, from[k])
		}
		if !summed[k] || !seen[m] {
			outOf, out = append(outOf, m), append(out, to[k])
		}
		seen[m] = true
	}
	p.spread = graph.NewSegments(n, len(rows), out, outOf)
	if slices.Contains(summed, true) {
		p.sums = graph.NewSegments(len(rows), n, into, in)
		return p
	}
	p.copies = graph.NewSegments(n, len(rows), in, into)
	return p
}
