package wlkernel

import (
	"context"
	"fmt"
	"math/big"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"
	"gonum.org/v1/gonum/mat"

	"symbridge/graph"
	"symbridge/tensor"
)

// Graphlet is the graphlet kernel: with n(t,G) sets of Size nodes of G that induce a subgraph isomorphic to t,
//
//	k(G,H) = sum over graphs t with Size nodes of n(t,G) n(t,H).
//
// Labels, directions, parallel edges and self loops do not count. [Normalise] makes of it the cosine of the frequencies of
// the paper. The counts are exact. (Shervashidze, Vishwanathan, Petri, Mehlhorn, Borgwardt 2009, "Efficient graphlet
// kernels for large graph comparison".)
//
// Connected sets are listed one by one (Wernicke 2006, "Efficient detection of network motifs"), at most N D^(Size-1) of
// them for degrees up to D, the last node of a set in constant time; the others are counted by what lies apart from the
// connected ones, and by the sums of the numbers of edges, and of pairs of edges, over all sets.
type Graphlet struct {
	Size      int  // of the subgraphs: 3, 4 or 5 nodes; 0: 4
	Connected bool // count connected subgraphs only
}

// String names the kernel and its settings.
func (k Graphlet) String() string {
	s := fmt.Sprintf("graphlets of %d nodes", k.size())
	if k.Connected {
		s = "connected " + s
	}
	return s
}

func (k Graphlet) size() int {
	switch k.Size {
	case 0:
		return 4
	case 3, 4, 5:
		return k.Size
	}
	panic(tensor.ValueError{Op: "wlkernel.Graphlet", What: "size, want 3, 4 or 5", Got: float64(k.Size)})
}

// Gram returns the matrix of all k(G,H): (B,B).
func (k Graphlet) Gram(ctx context.Context, d Data) (*mat.SymDense, error) { return product(ctx, k, d) }

// Features returns the number of subgraphs of each type: (B,D) with D = 4, 11 or 34 types of 3, 4 or 5 nodes, 2, 6 or 21 of
// them connected, by their number of edges. Graphs are counted side by side.
func (k Graphlet) Features(ctx context.Context, d Data) (*tensor.CSR[float64], error) {
	t := tables[k.size()-3]()
	counts := make([][]float64, len(d.Graphs))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, g := range d.Graphs {
		group.Go(func() error {
			c := newCounter(ctx, t, g, !k.Connected)
			if err := c.run(); err != nil {
				return err
			}
			counts[i] = c.numbers()
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	out := newRows(len(d.Graphs))
	for j, typ := range t.types {
		if k.Connected && !typ.connected {
			continue
		}
		column, err := out.widen(1)
		if err != nil {
			return nil, err
		}
		for i := range counts {
			if counts[i][j] != 0 {
				out.add(i, column, counts[i][j])
			}
		}
	}
	return out.csr()
}

// counter counts the subgraphs of one graph. It grows connected sets from their smallest node.
type counter struct {
	*table
	ctx   context.Context
	all   bool      // disconnected ones too
	adj   [][]int32 // of the simple graph beneath
	edges int
	count []uint64 // by type

	seen    []uint8 // (N) which of the nodes of the set are neighbours, a bit each
	covered []int32 // the nodes with a neighbour in the set
	border  [5][]int32
	steps   uint
}

func newCounter(ctx context.Context, t *table, g *graph.Graph, all bool) *counter {
	n := g.NumNodes()
	c := &counter{table: t, ctx: ctx, all: all, adj: make([][]int32, n), count: make([]uint64, len(t.types)), seen: make([]uint8, n)}
	for v := range int32(n) {
		list := slices.Concat(g.Targets(v), g.Sources(v))
		slices.Sort(list)
		list = slices.DeleteFunc(slices.Compact(list), func(u int32) bool { return u == v })
		c.adj[v], c.edges = list, c.edges+len(list)
	}
	c.edges /= 2
	return c
}

func (c *counter) run() error {
	for v := range int32(len(c.adj)) {
		c.border[0] = append(c.border[0][:0], v)
		if err := c.grow(v, 0, 0); err != nil {
			return err
		}
	}
	return nil
}

// grow counts the sets that hold the given one, of so many nodes and with the given edges, and besides only nodes that
// border on it or come into reach later; c.border has the former.
func (c *counter) grow(root int32, nodes int, edges uint16) error {
	border := c.border[nodes]
	if nodes == c.size-1 {
		for _, w := range border {
			c.count[c.typeOf[edges|uint16(c.seen[w])<<below(nodes)]]++
		}
		return nil
	}
	if c.steps++; c.steps%1024 == 0 {
		if err := c.ctx.Err(); err != nil {
			return err
		}
	}
	for i, w := range border {
		with := edges | uint16(c.seen[w])<<below(nodes)
		next, before := append(c.border[nodes+1][:0], border[i+1:]...), len(c.covered)
		for _, u := range c.adj[w] {
			if c.seen[u] == 0 {
				c.covered = append(c.covered, u)
				if u > root {
					next = append(next, u)
				}
			}
			c.seen[u] |= 1 << nodes
		}
		c.border[nodes+1] = next
		if c.all && nodes >= 2 {
			c.apart(nodes+1, with)
		}
		if err := c.grow(root, nodes+1, with); err != nil {
			return err
		}
		for _, u := range c.adj[w] {
			c.seen[u] &^= 1 << nodes
		}
		c.covered = c.covered[:before]
	}
	return nil
}

// apart counts the sets of which the given one, of three or more nodes, is a component.
func (c *counter) apart(nodes int, edges uint16) {
	far := uint64(len(c.adj) - len(c.covered)) // the nodes of the set have neighbours in it
	switch c.size - nodes {
	case 1:
		c.count[c.typeOf[edges]] += far
	case 2:
		degrees, inside := 0, 0
		for _, v := range c.covered {
			degrees += len(c.adj[v])
			for _, u := range c.adj[v] {
				if c.seen[u] != 0 {
					inside++
				}
			}
		}
		edge := uint64(c.edges - degrees + inside/2)
		c.count[c.typeOf[edges|1<<(below(nodes+1)+nodes)]] += edge
		c.count[c.typeOf[edges]] += far*(far-1)/2 - edge
	}
}

// numbers returns the counts. Three types are left, with no edge, with one, and with two that do not meet: over all sets,
// the numbers of sets, of edges in them and of pairs of edges in them are known.
func (c *counter) numbers() []float64 {
	out := make([]*big.Int, len(c.count))
	for j, n := range c.count {
		out[j] = new(big.Int).SetUint64(n)
	}
	if c.all {
		n, size := int64(len(c.adj)), int64(c.size)
		meet := new(big.Int)
		for _, list := range c.adj {
			meet.Add(meet, choose(int64(len(list)), 2))
		}
		m := int64(c.edges)
		pairs := new(big.Int).Mul(meet, choose(n-3, size-3))
		pairs.Add(pairs, new(big.Int).Mul(new(big.Int).Sub(choose(m, 2), meet), choose(n-4, size-4)))
		known := [3]*big.Int{choose(n, size), new(big.Int).Mul(big.NewInt(m), choose(n-2, size-2)), pairs}
		for edges := int64(2); edges >= 0; edges-- {
			left := c.left[edges]
			if left < 0 {
				continue
			}
			rest := known[edges]
			for j, t := range c.types {
				if j != left {
					rest.Sub(rest, new(big.Int).Mul(out[j], choose(int64(t.edges), edges)))
				}
			}
			out[left] = rest
		}
	}
	numbers := make([]float64, len(out))
	for j, n := range out {
		numbers[j], _ = new(big.Float).SetInt(n).Float64()
	}
	return numbers
}

// choose returns the binomial coefficient, 0 where n or k is negative.
func choose(n, k int64) *big.Int {
	if n < 0 || k < 0 {
		return new(big.Int)
	}
	return new(big.Int).Binomial(n, k)
}
