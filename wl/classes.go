package wl

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"symbridge/graph"
)

// Classifier puts graphs that a method cannot tell apart into one class, one after the other: it keeps 32 bytes a class, and no
// graph. Its zero value is not ready; see [NewClassifier]. It is not safe for concurrent use.
type Classifier struct {
	method Method
	class  map[[32]byte]int32
}

// NewClassifier returns a classifier without classes. It returns ErrMethod for a name that is no method.
func NewClassifier(m Method) (*Classifier, error) {
	m, err := ParseMethod(string(m))
	if err != nil {
		return nil, err
	}
	return &Classifier{m, make(map[[32]byte]int32)}, nil
}

// Add returns the class of a graph: that of an earlier one that the method cannot tell from it, or a new one, with the next
// number. It returns the errors of [Colour].
func (c *Classifier) Add(ctx context.Context, g *graph.Graph, opts Options) (class int32, err error) {
	col, err := Colour(ctx, g, c.method, opts)
	if err != nil {
		return 0, err
	}
	return c.classOf(col.digest), nil
}

func (c *Classifier) classOf(digest [32]byte) int32 {
	class, ok := c.class[digest]
	if !ok {
		class = int32(len(c.class))
		c.class[digest] = class
	}
	return class
}

// Count returns the number of classes.
func (c *Classifier) Count() int { return len(c.class) }

// Method returns the method that tells the graphs apart.
func (c *Classifier) Method() Method { return c.method }

// Classes returns the class of each graph, and the number of classes: two graphs are in one class exactly if the method cannot
// tell them apart, collisions of SHA-256 aside. Classes are numbered in the order of their first graphs; how a graph is labelled
// does not matter. All processors work. For graphs with labels, or that do not fit into memory together, there is [Classifier].
// It returns the errors of [Colour].
func Classes(ctx context.Context, gs []*graph.Graph, m Method) (class []int32, count int, err error) {
	return classify(ctx, len(gs), m, func(i int) (*graph.Graph, Options) { return gs[i], Options{} }, nil)
}

// BatchColours returns the class of each graph of a batch, as [Classes] does, and a colour for each node (N), as
// [Colouring.NodeColours] does: nodes of two graphs of one class have one colour exactly if the method cannot tell them apart. The
// lists of labels of the options are those of the batch.
func BatchColours(ctx context.Context, g *graph.Graph, m Method, opts Options) (class, colour []int32, err error) {
	opts.check(g)
	nodes, edges := g.PartRows()
	parts := g.Parts()
	colour = make([]int32, g.NumNodes())
	class, _, err = classify(ctx, len(parts), m, func(i int) (*graph.Graph, Options) {
		o := opts
		o.NodeLabels, o.EdgeLabels = graph.Pick(opts.NodeLabels, nodes[i]), graph.Pick(opts.EdgeLabels, edges[i])
		return parts[i], o
	}, func(i int, c *Colouring) {
		own, _ := c.NodeColours()
		for k, v := range nodes[i] {
			colour[v] = own[k]
		}
	})
	return class, colour, err
}

// classify colours graphs on all processors, hands each colouring to use, and numbers the fingerprints in order.
func classify(ctx context.Context, n int, m Method, graphAt func(i int) (*graph.Graph, Options), use func(i int, c *Colouring),
) (class []int32, count int, err error) {
	c, err := NewClassifier(m)
	if err != nil {
		return nil, 0, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	digests := make([][32]byte, n)
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				g, opts := graphAt(i)
				col, err := Colour(ctx, g, m, opts)
				if err != nil {
					cancel(err)
					return
				}
				digests[i] = col.digest
				if use != nil {
					use(i, col)
				}
			}
		})
	}
	workers.Wait()
	if ctx.Err() != nil {
		return nil, 0, context.Cause(ctx)
	}
	class = make([]int32, n)
	for i, d := range digests {
		class[i] = c.classOf(d)
	}
	return class, c.Count(), nil
}
