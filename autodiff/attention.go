package autodiff

import (
	"symbridge/graph"
	"symbridge/internal/kernel"
	"symbridge/tensor"
)

// AttentionOptions are what the forms of attention have in common.
type AttentionOptions struct {
	Heads   int
	Dropout float64  // of the coefficients, in training
	IDs     []uint64 // (E) identities of the edges that key the noise of dropout, or nil: their indices; see [Dropout]
}

// AdditiveAttention is the attention of Velickovic et al. (2018) in one pass: for segment i, position p of row j and edge e,
// alpha_e = softmax over the positions of i of LeakyReLU(src_j + dst_i + edge_e), y_i = sum_p alpha_e v_j, each head on its own:
// (R,H), (S,H), (E,H) or nil, (R,H*C) -> (S,H*C). It panics with a tensor.ShapeError where s is not [graph.Graph.In] or Out.
//
// It has the bits of Expand, Add, LeakyReLU, SegmentSoftmax, Dropout and WeightedSum, forward and backward, and keeps (E,H) numbers.
func AdditiveAttention[T tensor.Float](t *Tape[T], s *graph.Segments, src, dst, edge, v *Var[T], slope T, o AttentionOptions) *Var[T] {
	const op = "autodiff.AdditiveAttention"
	src.Value.Check(op, "scores of rows", s.Rows, o.Heads)
	dst.Value.Check(op, "scores of segments", s.Len(), o.Heads)
	if edge != nil {
		edge.Value.Check(op, "scores of edges", s.Positions(), o.Heads)
	}
	return attention(t, op, o, record[T]{op: opAdditiveAttention, seg: s, a: src, b: dst, c: edge, d: v, x: slope})
}

// DotAttention is the attention of the graph transformer (Shi et al. 2021) in one pass: for segment i, position p of row j and edge
// e, alpha_e = softmax over the positions of i of scale <q_i, k_j + r_e>, y_i = sum_p alpha_e (v_j + r_e), each head on its own, where r
// are features of edges, or nil: (S,H*C), (R,H*C), (E,H*C) or nil, (R,H*C) -> (S,H*C). The paper's scale is 1/sqrt(C). It panics with a
// tensor.ShapeError where s is not [graph.Graph.In] or Out.
//
// It has the bits of SegmentDot, Scale, SegmentSoftmax, Dropout and WeightedSum, forward and backward, and keeps (E,H) numbers. With
// features of edges it has those of Expand and Add for k + r and v + r, HeadDot, Scale, SegmentSoftmax, Dropout and WeightedSum, but for
// the gradients of q, k and v, whose products the composition rounds before it adds them up.
func DotAttention[T tensor.Float](t *Tape[T], s *graph.Segments, q, k, edge, v *Var[T], scale T, o AttentionOptions) *Var[T] {
	const op = "autodiff.DotAttention"
	q.Value.Check(op, "queries", s.Len(), v.Cols())
	k.Value.Check(op, "keys", s.Rows, v.Cols())
	if edge != nil {
		edge.Value.Check(op, "rows of edges", s.Positions(), v.Cols())
	}
	return attention(t, op, o, record[T]{op: opDotAttention, seg: s, a: k, b: q, c: edge, d: v, x: scale})
}

// attention computes the operation of rec, whose operands and scalar are set.
func attention[T tensor.Float](t *Tape[T], op string, o AttentionOptions, rec record[T]) *Var[T] {
	s, v := rec.seg, rec.d
	mustHaveEdges(op, s)
	checkRows(op, s, v)
	checkHeads(op, v, o.Heads)
	rec.n = o.Heads
	if t.Train && o.Dropout > 0 {
		checkDropout(op, o.IDs, s.Positions(), o.Dropout)
		rec.p, rec.ids, rec.noise = o.Dropout, o.IDs, t.noise
		t.noise++
	}
	y, r := t.result(rec.op, s.Len(), v.Cols(), rec.a, rec.b, rec.c, v)
	rec.out = y
	if r != nil {
		rec.aux = t.arena.Take(s.Positions() * rec.n)
		*r = rec
	}
	k := rec.attention(t)
	k.Forward(y.Value.Data, rec.aux)
	return y
}

// mustHaveEdges panics unless each edge stands in exactly one position, as in graph.In and graph.Out.
func mustHaveEdges(op string, s *graph.Segments) {
	if s.Folds == nil {
		panic(tensor.ShapeError{Op: op, What: "segments that are not those of the edges of a graph; edges",
			Want: [2]int{s.Positions(), 1}, Got: [2]int{0, 1}})
	}
}

// attention returns the operands for the kernel.
func (r *record[T]) attention(t *Tape[T]) kernel.Attention[T] {
	k := kernel.Attention[T]{Seg: segOf(r.seg), Back: segOf(r.seg.Back), D: r.d.Cols(), Heads: r.n, V: r.d.Value.Data,
		P: r.p, IDs: r.ids, Key: kernel.KeyOf(t.Seed, t.Step), Operation: r.noise}
	if r.op == opDotAttention {
		k.K, k.Q, k.Scale = r.a.Value.Data, r.b.Value.Data, r.x
		if r.c != nil {
			k.Rows = r.c.Value.Data
		}
		return k
	}
	k.Src, k.Dst, k.Slope = r.a.Value.Data, r.b.Value.Data, r.x
	if r.c != nil {
		k.Edge = r.c.Value.Data
	}
	return k
}

func (r *record[T]) backAttention(t *Tape[T]) {
	g := kernel.AttentionGrads[T]{Score: t.arena.Take(r.seg.Positions() * r.n)}
	wanted := func(v *Var[T]) []T {
		if v == nil || !v.needs {
			return nil
		}
		return t.arena.Take(v.size())
	}
	a, b := wanted(r.a), wanted(r.b)
	g.V = wanted(r.d)
	scores := g.Score
	if r.op == opDotAttention {
		g.K, g.Q, scores = a, b, nil
		if c := r.c; c != nil && c.needs {
			g.AddRows = c.Grad.Data != nil // rounded in the order of the composition, value by value
			if !g.AddRows {
				c.Grad = tensor.Dense[T]{Rows: c.Rows(), Cols: c.Cols(), Data: t.arena.Take(c.size())}
			}
			g.Rows = c.Grad.Data
		}
	} else {
		g.Src, g.Dst = a, b
	}
	k := r.attention(t)
	k.Backward(g, r.out.Grad.Data, r.aux)
	// In the order of the composition: what several operations add to one variable is rounded in that order.
	for _, v := range []struct {
		of   *Var[T]
		grad []T
	}{{r.d, g.V}, {r.c, scores}, {r.b, b}, {r.a, a}} {
		if v.grad != nil && v.of != nil && v.of.needs {
			t.accumulate(v.of, v.grad)
		}
	}
}

// SegmentDot returns the inner product of each head of a row of a segment with the row of each of its positions, by edge: (S,H*C),
// (R,H*C) -> (E,H), the sampled product of two matrices (SDDMM). It panics with a tensor.ShapeError where s is not
// [graph.Graph.In] or Out.
func SegmentDot[T tensor.Float](t *Tape[T], s *graph.Segments, a, b *Var[T], heads int) *Var[T] {
	const op = "autodiff.SegmentDot"
	mustHaveEdges(op, s)
	checkRows(op, s, b)
	a.Value.Check(op, "rows of segments", s.Len(), b.Cols())
	checkHeads(op, b, heads)
	y, r := t.result(opSegmentDot, s.Positions(), heads, a, b)
	kernel.SegmentDot(y.Value.Data, a.Value.Data, b.Value.Data, b.Cols(), heads, segOf(s))
	if r != nil {
		r.a, r.b, r.seg, r.n = a, b, s, heads
	}
	return y
}

func (r *record[T]) backSegmentDot(t *Tape[T]) {
	a, b, dy, d := r.a, r.b, r.out.Grad.Data, r.b.Cols()
	if a.needs {
		da := t.arena.Take(a.size())
		t.weightedSum(da, dy, b.Value.Data, d, r.n, segOf(r.seg), false)
		t.accumulate(a, da)
	}
	if b.needs {
		db := t.arena.Take(b.size())
		t.weightedSum(db, dy, a.Value.Data, d, r.n, segOf(r.seg.Back), false)
		t.accumulate(b, db)
	}
}
