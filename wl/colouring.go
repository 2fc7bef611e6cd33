package wl

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"slices"

	"symbridge/graph"
)

// FingerprintVersion is the first field of everything that [Colouring.Fingerprint] digests. It changes if the definition does.
const FingerprintVersion = "symbridge.wl.fingerprint.1"

// maxElements bounds the number of nodes, pairs or triples that are coloured.
const maxElements = 1 << 26

var (
	// ErrTooLarge is returned for graphs with more pairs or triples than can be coloured.
	ErrTooLarge = errors.New("graph too large")
	// ErrRounds is returned where Options.Rounds asks a method for colours that are not stable.
	ErrRounds = errors.New("rounds cannot be bounded")
)

// Colouring is the stable colouring of the nodes, pairs or triples of a graph by a [Method]. It is immutable and safe for
// concurrent use.
type Colouring struct {
	method        Method
	n, arity      int
	colour        []int32
	count, rounds int
	digest        [32]byte
}

// Method returns the method that made the colouring.
func (c *Colouring) Method() Method { return c.method }

// Arity returns what is coloured: 1 for nodes, 2 for ordered pairs of nodes, 3 for triples.
func (c *Colouring) Arity() int { return c.arity }

// Colours returns the colour of each node (N), pair (N*N) or triple (N*N*N): that of (u,v) is at u*N+v, that of (u,v,w) at
// (u*N+v)*N+w. They are numbers 0..NumColours()-1 that do not depend on how the graph is labelled. In graphs with one fingerprint
// equal numbers are equal colours; in others they mean nothing to each other.
func (c *Colouring) Colours() []int32 { return slices.Clone(c.colour) }

// NumColours returns the number of colours.
func (c *Colouring) NumColours() int { return c.count }

// Rounds returns the number of rounds that made a difference; of methods with marks, the largest that any of them took.
func (c *Colouring) Rounds() int { return c.rounds }

// Fingerprint returns a 256-bit name of the colouring. Two graphs have one fingerprint exactly if the method cannot tell them
// apart, collisions of SHA-256 aside; how nodes and edges are ordered does not show in it. It is the same on every machine and in
// every release with the same [FingerprintVersion].
//
// It digests the stable partition: of each class in the order of colours its size, its first colour and the sorted list of what
// its members see, and what first colours stand for. Where all pairs or all triples have colours of their own, it digests the first
// colours with the nodes in canonical order; for methods with marks, the sorted fingerprints of the marked graphs.
func (c *Colouring) Fingerprint() [32]byte { return c.digest }

// NodeColours returns a colour for each node (N), numbers 0..count-1, and their count: where nodes are coloured, their colours;
// else two nodes v are alike if the tuples (v,...,v) are, and for each place the multisets of the tuples that have v there. No
// pooling of the colours of tuples to nodes sees more.
func (c *Colouring) NodeColours() (colour []int32, count int) {
	if c.arity == 1 {
		return c.Colours(), c.count
	}
	stride := make([]int, c.arity)
	diagonal, s := 0, 1
	for i := c.arity - 1; i >= 0; i-- {
		stride[i] = s
		diagonal += s
		s *= c.n
	}
	seen := make([][]int32, c.n)
	order := make([]int32, c.n)
	for v := range seen {
		order[v] = int32(v)
		seen[v] = append(seen[v], c.colour[v*diagonal])
		for _, s := range stride {
			start := len(seen[v])
			for high := v * s; high < len(c.colour); high += s * c.n {
				seen[v] = append(seen[v], c.colour[high:high+s]...)
			}
			slices.Sort(seen[v][start:])
		}
	}
	slices.SortFunc(order, func(u, v int32) int { return slices.Compare(seen[u], seen[v]) })
	colour = make([]int32, c.n)
	for k, v := range order {
		if k == 0 || !slices.Equal(seen[order[k-1]], seen[v]) {
			count++
		}
		colour[v] = int32(count - 1)
	}
	return colour, count
}

// Colour runs a method on a graph until the colours are stable. A batch counts as one graph. The labels of the options count, of
// nodes and of edges; an edge without one has label 0, so has a node.
//
// With N nodes and E edges, a round costs about E for OneWL and RandomWalk, N^2 for ShortestPath, N^3 for TwoFWL, N^4 for
// ThreeFWL, k N^(k-1) E for the local methods of k places, and there are few rounds on most graphs; OneMark is N runs of OneWL,
// TwoMarks N^2; RandomWalk(K) takes K N E to begin with. Memory is about 40 bytes a node, pair or triple.
//
// Pairs and triples see their edges in both directions, with labels and repeats, and self loops, from the beginning; OneWL, as
// [Refine] does, takes a self loop for an edge to a node of the same colour.
//
// It returns ErrMethod for a name that is no method, ErrTooLarge beyond 2^26 nodes, pairs, triples or words of fractions, ErrRounds where
// Options.Rounds is set, and the error of the context where that ends first. Label lists that do not fit panic with
// graph.ErrLength.
func Colour(ctx context.Context, g *graph.Graph, m Method, opts Options) (*Colouring, error) {
	opts.check(g)
	m, err := ParseMethod(string(m))
	if err != nil {
		return nil, err
	}
	if opts.Rounds > 0 {
		return nil, fmt.Errorf("wl: Options.Rounds is %d, but %v goes on until the colours are stable; use Refine for bounded rounds: %w",
			opts.Rounds, m, ErrRounds)
	}
	n := g.NumNodes()
	c := &Colouring{method: m, n: n, arity: m.arity()}
	elements := 1
	for range max(c.arity, tableArity(m)) {
		if elements *= n; elements > maxElements {
			return nil, fmt.Errorf("wl: %v on %d nodes colours more than %d tuples; take a method of fewer places, or smaller graphs: %w",
				m, n, maxElements, ErrTooLarge)
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}

	var w writer
	w.reset(m)
	w.number(uint64(n))
	var first []int32
	var v view
	switch m {
	case TwoFWL, ThreeFWL, ShortestPath, DeltaTwoLWL, DeltaThreeLWL:
		a := newAtoms(g, opts)
		w.table(a.kind)
		switch m {
		case TwoFWL:
			first, v = a.of, newPairView(n)
		case ThreeFWL:
			first, v = a.triples(), newTripleView(n)
			w.triples(a, first)
		case ShortestPath:
			d, err := newDistanceView(ctx, g, a)
			if err != nil {
				return nil, err
			}
			w.table(d.kind)
			first, v = make([]int32, n), d
			for x := range first {
				first[x] = d.of[x*n+x]
			}
		default:
			edges := newAdjacency(g, opts.EdgeLabels)
			w.list(edges.labels)
			first, v = a.of, newTupleView(edges, c.arity)
			if c.arity == 3 {
				first = a.triples()
				w.triples(a, first)
			}
		}
	default:
		edges := newAdjacency(g, opts.EdgeLabels)
		w.list(edges.labels)
		v = newTupleView(edges, 1)
		if k := m.steps(); k > 0 {
			var content []string
			if first, content, err = walkLabels(ctx, g, opts, k); err != nil {
				return nil, err
			}
			w.texts(content)
			break
		}
		var labels []uint64
		first, labels = nodeRanks(n, opts.NodeLabels)
		w.table([][]uint64{labels})
	}

	b := newBlocks(first)
	if err := b.refine(ctx, v); err != nil {
		return nil, err
	}
	if m == OneMark || m == TwoMarks {
		return c, colourMarks(ctx, c, b, v.(tupleView), first, w.buf)
	}
	if c.arity > 1 && b.count == elements {
		w.matrix(b, n, c.arity, first)
	} else {
		w.partition(b, v, first)
	}
	c.colour, c.count, c.rounds, c.digest = b.numbers(), b.count, b.rounds, w.sum()
	return c, nil
}

// tableArity returns 2 for methods that keep a table of pairs though they colour nodes.
func tableArity(m Method) int {
	if m == ShortestPath {
		return 2
	}
	return 1
}

// writer builds what is digested: numbers of 64 bits, little-endian.
type writer struct {
	buf  []byte
	hash hash.Hash
	used bool // part of it is in hash
	seen []uint64
}

func (w *writer) reset(m Method) {
	w.buf = w.buf[:0]
	w.used = false
	w.text(FingerprintVersion)
	w.text(string(m))
}

func (w *writer) number(x uint64) { w.buf = binary.LittleEndian.AppendUint64(w.buf, x) }

func (w *writer) text(s string) {
	w.number(uint64(len(s)))
	w.buf = append(w.buf, s...)
}

func (w *writer) texts(list []string) {
	w.number(uint64(len(list)))
	for _, s := range list {
		w.text(s)
	}
}

func (w *writer) list(l []uint64) {
	w.number(uint64(len(l)))
	for _, x := range l {
		w.number(x)
	}
}

func (w *writer) table(t [][]uint64) {
	w.number(uint64(len(t)))
	for _, l := range t {
		w.list(l)
	}
}

// triples writes what each first colour of a triple stands for.
func (w *writer) triples(a *atoms, first []int32) {
	n := a.n
	next := int32(0)
	place := make(map[int32]int)
	for t, r := range first {
		if _, ok := place[r]; !ok {
			place[r] = t
			next = max(next, r+1)
		}
	}
	for r := range next {
		t := place[r]
		u, v, x := t/(n*n), t/n%n, t%n
		w.list([]uint64{uint64(a.of[u*n+v]), uint64(a.of[u*n+x]), uint64(a.of[v*n+x])})
	}
}

// matrix writes a partition in which every tuple is alone: the first colours, with the nodes in the order of the colours of (v,...,v).
// They are the graph itself, up to its labelling.
func (w *writer) matrix(b *blocks, n, arity int, first []int32) {
	w.number(1)
	diagonal, stride := 0, 1
	for range arity {
		diagonal += stride
		stride *= n
	}
	nodes := make([]int, n)
	for v := range nodes {
		nodes[v] = v
	}
	slices.SortFunc(nodes, func(u, v int) int { return cmp.Compare(b.colour[u*diagonal], b.colour[v*diagonal]) })
	var write func(base, places int)
	write = func(base, places int) {
		for _, v := range nodes {
			if places > 1 {
				write((base+v)*n, places-1)
			} else {
				w.number(uint64(first[base+v]))
			}
		}
		w.spill()
	}
	write(0, arity)
}

// partition writes a stable partition.
func (w *writer) partition(b *blocks, v view, first []int32) {
	w.number(0)
	w.number(uint64(b.count))
	for class := int32(0); int(class) < len(b.order); class = b.end[class] {
		x := b.order[class]
		w.number(uint64(b.end[class]))
		w.number(uint64(first[x]))
		w.seen = v.sees(w.seen[:0], x, b.colour)
		w.list(w.seen)
		w.spill()
	}
}

// spill hands what has come together to the hash, if it is much.
func (w *writer) spill() {
	if len(w.buf) < 1<<15 {
		return
	}
	if w.hash == nil {
		w.hash = sha256.New()
	}
	if !w.used {
		w.hash.Reset()
		w.used = true
	}
	w.hash.Write(w.buf)
	w.buf = w.buf[:0]
}

func (w *writer) sum() (out [32]byte) {
	if !w.used {
		return sha256.Sum256(w.buf)
	}
	w.hash.Write(w.buf)
	w.hash.Sum(out[:0])
	return out
}
