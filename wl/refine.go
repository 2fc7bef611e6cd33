package wl

import (
	"fmt"

	"symbridge/graph"
	"symbridge/internal/arcs"
	"symbridge/internal/cells"
)

// Options says what the refinement starts from and when it ends. The zero value: no labels, until the colours are stable.
type Options struct {
	NodeLabels []uint64 // (N) the first colour of a node; nil: all 0. For a Union, the lists one after the other
	EdgeLabels []uint64 // (E) by edge id; nil: all 0
	Rounds     int      // at most so many rounds; 0 or less: until stable
}

func (o Options) check(g *graph.Graph) {
	if o.NodeLabels != nil && len(o.NodeLabels) != g.NumNodes() {
		panic(fmt.Errorf("wl: %d node labels for %d nodes: %w", len(o.NodeLabels), g.NumNodes(), graph.ErrLength))
	}
	if o.EdgeLabels != nil && len(o.EdgeLabels) != g.NumEdges() {
		panic(fmt.Errorf("wl: %d edge labels for %d edges: %w", len(o.EdgeLabels), g.NumEdges(), graph.ErrLength))
	}
}

// Refine returns the colours of the nodes of a graph, which may be a batch, after Options.Rounds rounds of 1-WL, or the stable ones:
//
//	c(t,v) = (c(t-1,v), {{(label of e, c(t-1,u)) : e = u->v}}, {{(label of e, c(t-1,u)) : e = v->u}})
//
// The stable colours are the coarsest equitable partition: nodes of one colour have equally many in-edges of each label from each
// colour, and out-edges to it. They are found in place by Hopcroft's rule, in O((N+E) log N) time however many rounds there would be
// (Cardon, Crochemore 1982, "Partitioning a graph in O(|A| log |V|)"; Paige, Tarjan 1987, "Three partition refinement algorithms").
// Graphs with equal stable [Hash] have equal numbers for nodes that look alike.
func Refine(g *graph.Graph, opts Options) *Result {
	if opts.Rounds > 0 {
		h := Rounds(g, opts)
		return h.At(h.Rounds())
	}
	opts.check(g)
	p, _ := stable(g, opts)
	r := newResult(g)
	for s := int32(0); int(s) < p.Len(); s += p.Size(s) {
		for _, v := range p.Members(s) {
			r.colours[v] = int32(len(r.sizes))
		}
		r.sizes = append(r.sizes, int(p.Size(s)))
	}
	return r
}

// stable returns the equitable partition of a graph, and the form of the graph that was refined.
func stable(g *graph.Graph, opts Options) (*cells.Partition, *arcs.Form) {
	f := arcs.Messages(g, opts.NodeLabels, opts.EdgeLabels)
	p := cells.New(&f.Graph, f.Colour)
	var t cells.Trace
	t.Ignore()
	p.Refine(&t)
	return p, f
}

// History is the sequence of colourings that rounds make, each a refinement of the one before. It is immutable and safe for
// concurrent use.
//
// The colourings are kept together in O(N): the nodes stand in the order of their last colours, and for each place there
// is the round in which the boundary to the place before appeared.
type History struct {
	g     *graph.Graph
	order []int32 // (N) nodes by last colour
	cells *cells.History
}

// Rounds runs 1-WL on a graph, which may be a batch, round by round, until the colours are stable or Options.Rounds rounds are done.
// Its colours after some round are those of [Refine] with as many Options.Rounds. All rounds together take O((N+E) log N) time.
func Rounds(g *graph.Graph, opts Options) *History {
	opts.check(g)
	f := arcs.Messages(g, opts.NodeLabels, opts.EdgeLabels)
	p, h := cells.Rounds(&f.Graph, f.Colour, opts.Rounds)
	return &History{g, p.Lab(), h}
}

// Rounds returns the number of rounds that made a difference. If no bound was set, the colours are stable after them.
func (h *History) Rounds() int { return len(h.cells.Count) - 1 }

// NumColoursAt returns the number of colours after the given round; 0 is before the first, and rounds after the last
// change nothing.
func (h *History) NumColoursAt(round int) int { return h.cells.Count[h.clip(round)] }

// ColoursAt returns the colour of each node (N) after the given round: numbers 0..NumColoursAt(round)-1 that do not depend on how the
// graph is labelled. What a layer can see that is round steps deep, the unfolding tree of each node to that depth, is one number
// here.
func (h *History) ColoursAt(round int) []int32 { return h.At(round).colours }

// At returns the colouring after the given round.
func (h *History) At(round int) *Result {
	round = h.clip(round)
	r := newResult(h.g)
	r.sizes = make([]int, h.cells.Count[round])
	c := -1
	for k, v := range h.order {
		if int(h.cells.Born[k]) <= round {
			c++
		}
		r.colours[v] = int32(c)
		r.sizes[c]++
	}
	return r
}

func (h *History) clip(round int) int { return min(max(round, 0), h.Rounds()) }
