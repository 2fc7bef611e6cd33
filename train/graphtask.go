package train

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"symbridge/gnn"
	"symbridge/internal/kernel"
	"symbridge/tensor"
)

// graphTask learns on many graphs, in mini-batches.
type graphTask[T tensor.Float] struct {
	ds    []*gnn.Data[T] // with identities
	ids   []uint64       // identity of each graph
	y     targets[T]     // of all graphs, by place in ds
	parts [3][]int32     // by place in ds, training graphs in order of identity
	size  int            // graphs a step
	seed  uint64

	order []ordered
	batch []*gnn.Data[T] // elements of the batch being built
	whole *gnn.Data[T]   // the training graphs, where one step takes them all
	val   []*gnn.Data[T] // the validation batches, which every evaluation needs
}

// ordered is a graph with its place in the order of an epoch: by key, then by identity.
type ordered struct {
	key, id uint64
	place   int32
}

// evalBatch is the number of graphs that are evaluated together; no bit depends on it.
const evalBatch = 128

func (g *graphTask[T]) all() targets[T] { return g.y }

func newGraphTask[T tensor.Float](ctx context.Context, ds []*gnn.Data[T], split Split, cfg *Config, opts Options[T]) (*graphTask[T], error) {
	g := &graphTask[T]{ds: make([]*gnn.Data[T], len(ds)), ids: make([]uint64, len(ds)), size: cfg.BatchSize, seed: cfg.Seed}
	classes, values := make([]int32, 0, len(ds)), tensor.Dense[T]{}
	seen := make(map[uint64]int, len(ds))
	for i, d := range ds {
		if d == nil {
			return nil, fmt.Errorf("train: graph %d is nil: %w", i, ErrNoTarget)
		}
		if err := checkGraph(d, ds[0], i); err != nil {
			return nil, err
		}
		g.ds[i], g.ids[i] = identified(d, i)
		if j, ok := seen[g.ids[i]]; ok {
			return nil, fmt.Errorf("train: graphs %d and %d have the same identity %d: give each its own by graph.WithIDs", j, i, g.ids[i])
		}
		seen[g.ids[i]] = i
		var err error
		if g.ds[i], err = opts.ordered(ctx, g.ds[i]); err != nil {
			return nil, fmt.Errorf("train: graph %d: %w", i, err)
		}
		classes = append(classes, d.GraphClass...)
		values.Rows, values.Cols, values.Data = i+1, d.GraphTarget.Cols, append(values.Data, d.GraphTarget.Data...)
	}
	if len(classes) == 0 {
		classes = nil
	}
	var err error
	if g.y, err = pickTargets(classes, values, cfg); err != nil {
		return nil, err
	}
	for p, list := range [...][]int32{split.Train, split.Val, split.Test} {
		for i, v := range list {
			if v < 0 || int(v) >= len(ds) {
				return nil, fmt.Errorf("train: %s graph %d of the list is %d, graphs are 0..%d", partNames[p], i, v, len(ds)-1)
			}
			if part(p) == partTrain && !g.y.has(int(v)) {
				return nil, fmt.Errorf("train: training graph %d: %w", v, ErrNoTarget)
			}
		}
		g.parts[p] = g.y.known(list)
		slices.SortFunc(g.parts[p], func(a, b int32) int { return cmp.Compare(g.ids[a], g.ids[b]) })
	}
	train := g.parts[partTrain]
	if len(train) == 0 {
		return nil, fmt.Errorf("train: there are no training graphs: %w", ErrNoTarget)
	}
	for i, v := range train {
		if i > 0 && v == train[i-1] {
			return nil, fmt.Errorf("train: graph %d is listed twice for training", v)
		}
	}
	if g.size == 0 || g.size >= len(train) {
		g.size = len(train)
		g.whole = g.join(train)
	}
	g.val = g.chunks(g.parts[partVal])
	return g, nil
}

// checkGraph returns an error where an element of a data set is not valid, or has other fields than the first one.
func checkGraph[T tensor.Float](d, first *gnn.Data[T], i int) error {
	if err := d.Validate(); err != nil {
		return fmt.Errorf("train: graph %d: %w", i, err)
	}
	if n := d.Graph.NumGraphs(); n != 1 {
		return fmt.Errorf("train: element %d is a batch of %d graphs, want 1", i, n)
	}
	if (d.NodeLabel == nil) != (first.NodeLabel == nil) || (d.EdgeLabel == nil) != (first.EdgeLabel == nil) {
		return fmt.Errorf("train: graph %d has other labels of nodes or edges than graph 0: all graphs have them, or none", i)
	}
	for _, f := range []struct {
		field     string
		got, want int
	}{{"node features", d.Features(), first.Features()}, {"EdgeAttr", d.EdgeAttr.Cols, first.EdgeAttr.Cols},
		{"EdgeWeight", d.EdgeWeight.Cols, first.EdgeWeight.Cols}, {"Pos", d.Pos.Cols, first.Pos.Cols},
		{"GraphTarget", d.GraphTarget.Cols, first.GraphTarget.Cols}, {"GraphClass", len(d.GraphClass), len(first.GraphClass)}} {
		if f.got != f.want {
			return fmt.Errorf("train: graph %d has %d columns of %s, graph 0 has %d", i, f.got, f.field, f.want)
		}
	}
	return nil
}

// identified returns what a batch needs of d, and the identity of the graph. A graph without one is known by its place, and
// its nodes and edges by that and theirs, so that graphs do not share their noise.
func identified[T tensor.Float](d *gnn.Data[T], place int) (*gnn.Data[T], uint64) {
	lean := &gnn.Data[T]{Graph: d.Graph, X: d.X, Sparse: d.Sparse, EdgeAttr: d.EdgeAttr, EdgeWeight: d.EdgeWeight, Pos: d.Pos,
		NodeLabel: d.NodeLabel, EdgeLabel: d.EdgeLabel}
	g := d.Graph
	if ids := g.GraphIDs(); ids != nil {
		return lean, ids[0]
	}
	within := func(ids []uint64, n int) []uint64 {
		out := make([]uint64, n)
		for i := range out {
			out[i] = uint64(i)
			if ids != nil {
				out[i] = ids[i]
			}
			out[i] += uint64(place) << 32
		}
		return out
	}
	h, err := g.WithIDs(within(g.NodeIDs(), g.NumNodes()), within(g.EdgeIDs(), g.NumEdges()), []uint64{uint64(place)})
	if err != nil { // the lengths are right by construction
		panic(err)
	}
	lean.Graph = h
	return lean, uint64(place)
}

// begin puts the training graphs into the order of an epoch.
func (g *graphTask[T]) begin(epoch int) int {
	train := g.parts[partTrain]
	if g.whole != nil {
		return 1
	}
	key := kernel.KeyOf(g.seed, uint64(epoch))
	g.order = g.order[:0]
	for _, v := range train { // operations of a step count up from 0, so this one is apart from their noise
		w := key.Words(math.MaxUint32, g.ids[v], 0)
		g.order = append(g.order, ordered{uint64(w[0])<<32 | uint64(w[1]), g.ids[v], v})
	}
	slices.SortFunc(g.order, func(a, b ordered) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.id, b.id))
	})
	return (len(train) + g.size - 1) / g.size
}

func (g *graphTask[T]) step(k int) (*gnn.Data[T], targets[T], []int32, int) {
	if g.whole != nil {
		return g.whole, g.take(g.parts[partTrain]), nil, len(g.parts[partTrain])
	}
	var places []int32
	for _, o := range g.order[k*g.size : min((k+1)*g.size, len(g.order))] {
		places = append(places, o.place)
	}
	return g.join(places), g.take(places), nil, len(places)
}

// join returns the batch of the given graphs.
func (g *graphTask[T]) join(places []int32) *gnn.Data[T] {
	g.batch = g.batch[:0]
	for _, v := range places {
		g.batch = append(g.batch, g.ds[v])
	}
	return gnn.Batch(g.batch...)
}

// take returns the targets of the given graphs.
func (g *graphTask[T]) take(places []int32) targets[T] {
	if g.y.classes == nil {
		return targets[T]{values: g.y.values.TakeRows(places)}
	}
	classes := make([]int32, len(places))
	for i, v := range places {
		classes[i] = g.y.classes[v]
	}
	return targets[T]{classes: classes}
}

// chunks returns the batches in which the given graphs are evaluated.
func (g *graphTask[T]) chunks(places []int32) []*gnn.Data[T] {
	var out []*gnn.Data[T]
	for c := range slices.Chunk(places, evalBatch) {
		out = append(out, g.join(c))
	}
	return out
}

func (g *graphTask[T]) rows(p part) int { return len(g.parts[p]) }

func (g *graphTask[T]) score(e *evaluator[T], p part) Scores {
	places := g.parts[p]
	if len(places) == 0 {
		return Scores{}
	}
	batches := g.val
	if p != partVal {
		batches = g.chunks(places)
	}
	var all tensor.Dense[T]
	for _, b := range batches {
		out := e.forward(b).Value
		all.Rows, all.Cols, all.Data = all.Rows+out.Rows, out.Cols, append(all.Data, out.Data...)
	}
	e.tape.Reset()
	return e.scores(e.tape.Const(all), g.take(places), nil)
}
