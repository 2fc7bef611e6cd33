package graph

import "fmt"

// Segments says which rows are folded into which segment: in-edges into a node, nodes into a graph. A position k of
// segment s, Ptr[s] <= k < Ptr[s+1], stands for row Row[k] of the matrix that is folded and for edge Edge[k] of a matrix
// of edge weights. Nil slices stand for the identity. The order of the positions within a segment has no meaning.
type Segments struct {
	Ptr  []int32   // (S+1)
	Row  []int32   // (K) row of a position, or nil: row k
	Edge []int32   // (K) edge of a position, or nil: edge k
	Rows int       // R, the rows of the matrix that is folded
	Of   []int32   // (R) the one segment of each row; nil where rows may stand in none or in several
	Back *Segments // the transposed incidence: its segments are the rows, its rows are the segments

	// Where rows may stand in several segments, as neighbours do: the rows are copied to the edges by Copies, and the edges
	// are folded by Folds. Folding the copies is folding the rows.
	Copies, Folds *Segments
}

// Len returns S, the number of segments.
func (s *Segments) Len() int { return max(0, len(s.Ptr)-1) }

// Positions returns K, the number of (row, segment) incidences.
func (s *Segments) Positions() int {
	if len(s.Ptr) == 0 {
		return 0
	}
	return int(s.Ptr[len(s.Ptr)-1])
}

// Size returns the number of positions of segment i.
func (s *Segments) Size(i int) int { return int(s.Ptr[i+1] - s.Ptr[i]) }

// OneSegment returns the partition of n rows into a single segment.
func OneSegment(n int) *Segments {
	s := &Segments{Ptr: []int32{0, int32(n)}, Rows: n, Of: make([]int32, n)}
	s.link()
	return s
}

// NewSegments returns the segments whose position k folds row row[k], one of 0..rows-1, into segment segment[k], one of
// 0..segments-1; the edge of the position is k. Where each row stands once, Of is set, so that the segments can be copied to the
// rows. It panics with ErrLength where the lists differ in length and with ErrNodeRange for a number outside.
func NewSegments(segments, rows int, segment, row []int32) *Segments {
	if len(segment) != len(row) {
		panic(fmt.Errorf("graph: %d segments and %d rows of positions: %w", len(segment), len(row), ErrLength))
	}
	for k, r := range row {
		if i := segment[k]; i < 0 || int(i) >= segments || r < 0 || int(r) >= rows {
			panic(fmt.Errorf("graph: position %d folds row %d of %d into segment %d of %d: %w", k, r, rows, i, segments, ErrNodeRange))
		}
	}
	s, back := new(Segments), new(Segments)
	ptr, at, edge := countingSort(segments, segment, row)
	*s = Segments{Ptr: ptr, Row: at, Edge: edge, Rows: rows, Back: back}
	ptr, at, edge = countingSort(rows, row, segment)
	*back = Segments{Ptr: ptr, Row: at, Edge: edge, Rows: segments, Back: s}
	once := len(row) == rows
	for r := 0; once && r < rows; r++ {
		once = ptr[r+1]-ptr[r] == 1
	}
	if once {
		s.Of = at // one position a row: in their order
	}
	return s
}

// link sets Back of segments in which each row stands once.
func (s *Segments) link() {
	ptr := make([]int32, s.Rows+1)
	for i := range ptr {
		ptr[i] = int32(i)
	}
	s.Back = &Segments{Ptr: ptr, Row: s.Of, Rows: s.Len(), Back: s}
}

func (g *Graph) build() *memo {
	if g.memo == nil {
		g = &Graph{graphs: 1, memo: new(memo), ptr: []int32{0}}
	}
	m := g.memo
	m.structure.Do(func() {
		ptr, dst, eid := countingSort(g.n, g.from, g.to)
		e := g.NumEdges()
		m.in = Segments{Ptr: g.ptr, Row: g.src, Edge: g.eid, Rows: g.n, Back: &m.out, Copies: &m.outEdges, Folds: &m.inEdges}
		m.out = Segments{Ptr: ptr, Row: dst, Edge: eid, Rows: g.n, Back: &m.in, Copies: &m.inEdges, Folds: &m.outEdges}
		m.inEdges = Segments{Ptr: g.ptr, Row: g.eid, Edge: g.eid, Rows: e, Of: g.to}
		m.outEdges = Segments{Ptr: ptr, Row: eid, Edge: eid, Rows: e, Of: g.from}
		m.inEdges.link()
		m.outEdges.link()
	})
	return m
}

// In returns the segments that fold, for each node, the rows (N) of the sources of its in-edges: one message a position,
// with no matrix of messages.
func (g *Graph) In() *Segments { return &g.build().in }

type byTargetKey struct{}

// ByTarget returns the segments of In for edge weights that stand in the order of the positions, (E) edges[k] the edge of position k:
// weights that are read by nodes are then read in a row. It is built once and shared.
func (g *Graph) ByTarget() (s *Segments, edges []int32) {
	in := g.In()
	if v, ok := g.Derived(byTargetKey{}); ok {
		return v.(*Segments), in.Edge
	}
	place := make([]int32, len(in.Edge))
	for k, e := range in.Edge {
		place[e] = int32(k)
	}
	out := *in.Back
	out.Edge = make([]int32, len(in.Edge))
	for k, e := range in.Back.Edge {
		out.Edge[k] = place[e]
	}
	s = &Segments{Ptr: in.Ptr, Row: in.Row, Rows: in.Rows, Back: &out}
	out.Back = s
	out.Copies, out.Folds = nil, nil
	return g.Keep(byTargetKey{}, s).(*Segments), in.Edge
}

// Out returns the segments that fold, for each node, the rows (N) of the targets of its out-edges.
func (g *Graph) Out() *Segments { return &g.build().out }

// InEdges returns the segments that fold, for each node, the rows (E) of its in-edges.
func (g *Graph) InEdges() *Segments { return &g.build().inEdges }

// OutEdges returns the segments that fold, for each node, the rows (E) of its out-edges.
func (g *Graph) OutEdges() *Segments { return &g.build().outEdges }

// Nodes returns the segments that fold, for each graph of the batch, the rows (N) of its nodes; a position's edge is its
// node, so weights have a row a node.
func (g *Graph) Nodes() *Segments {
	m := g.build()
	m.pool.Do(func() {
		of := g.graphOf
		if of == nil {
			m.nodes = *OneSegment(g.n)
			m.nodes.Back.Back = &m.nodes
			return
		}
		ids := make([]int32, g.n)
		for i := range ids {
			ids[i] = int32(i)
		}
		ptr, row, _ := countingSort(g.graphs, of, ids)
		m.nodes = Segments{Ptr: ptr, Row: row, Edge: row, Rows: g.n, Of: of}
		m.nodes.link()
	})
	return &m.nodes
}

// Looped is a graph with exactly one self loop a node, and how its edges came from the graph without: edge ids 0..K-1 are
// the K edges of the original that are no loops, in their order, and id K+i is the loop of node i.
type Looped struct {
	*Graph
	Keep   *Segments // (E segments, K rows) the original edge that a kept edge came from
	Loops  *Segments // (N segments, E rows) the self loops that a node had
	Others *Segments // (N segments, E rows) the in-edges of a node that are no loops
}

// WithLoops returns the graph with all self loops replaced by exactly one a node. It is built once and shared.
func (g *Graph) WithLoops() *Looped {
	m := g.build()
	m.loops.Do(func() {
		e := g.NumEdges()
		var keep []int32
		for k := range e {
			if g.from[k] != g.to[k] {
				keep = append(keep, int32(k))
			}
		}
		h := &Graph{n: g.n, undirected: g.undirected, graphOf: g.graphOf, graphs: g.NumGraphs(), memo: new(memo)}
		nodeID, edgeID := identities(g.nodeID, g.n), identities(g.edgeID, e)
		h.nodeID, h.graphID = g.nodeID, g.graphID
		h.from, h.to = make([]int32, 0, len(keep)+g.n), make([]int32, 0, len(keep)+g.n)
		for _, k := range keep {
			h.from, h.to, h.edgeID = append(h.from, g.from[k]), append(h.to, g.to[k]), append(h.edgeID, edgeID[k])
		}
		for i := range g.n { // the complement keeps a loop's identity apart from those of edges
			h.from, h.to, h.edgeID = append(h.from, int32(i)), append(h.to, int32(i)), append(h.edgeID, ^nodeID[i])
		}
		h.index()
		l := &Looped{Graph: h}
		l.Keep = partial(e, len(keep), keep)
		l.Loops, l.Others = g.splitLoops()
		m.looped = l
	})
	return m.looped
}

// partial returns the segments in which row r is the only row of segment of[r]; other segments are empty.
func partial(segments, rows int, of []int32) *Segments {
	ids := make([]int32, rows)
	for i := range ids {
		ids[i] = int32(i)
	}
	ptr, row, _ := countingSort(segments, of, ids)
	s := &Segments{Ptr: ptr, Row: row, Edge: row, Rows: rows, Of: of}
	s.link()
	return s
}

// splitLoops groups the in-edges of each node into self loops and others.
func (g *Graph) splitLoops() (loops, others *Segments) {
	loops, others = new(Segments), new(Segments)
	for _, s := range []*Segments{loops, others} {
		s.Ptr, s.Rows, s.Back = make([]int32, 1, g.n+1), g.NumEdges(), new(Segments)
	}
	for i := range g.n {
		for p := g.ptr[i]; p < g.ptr[i+1]; p++ {
			if g.src[p] == int32(i) {
				loops.Row = append(loops.Row, g.eid[p])
			} else {
				others.Row = append(others.Row, g.eid[p])
			}
		}
		loops.Ptr, others.Ptr = append(loops.Ptr, int32(len(loops.Row))), append(others.Ptr, int32(len(others.Row)))
	}
	for _, s := range []*Segments{loops, others} {
		if s.Row == nil {
			s.Row = []int32{}
		}
		s.Edge = s.Row
		s.Back.transpose(s)
	}
	return loops, others
}

// transpose makes t the transposed incidence of s, whose rows are edges.
func (t *Segments) transpose(s *Segments) {
	seg := make([]int32, len(s.Row))
	for i := range s.Len() {
		for p := s.Ptr[i]; p < s.Ptr[i+1]; p++ {
			seg[p] = int32(i)
		}
	}
	ptr, row, at := countingSort(s.Rows, s.Row, seg)
	edge := make([]int32, len(at))
	for p, k := range at {
		edge[p] = s.Row[k]
	}
	*t = Segments{Ptr: ptr, Row: row, Edge: edge, Rows: s.Len(), Back: s}
}

// Derived returns what Keep kept under key: a package remembers there what depends on the graph alone, under a key of a type of its
// own. It lives as long as the graph.
func (g *Graph) Derived(key any) (v any, ok bool) { return g.build().derived.Load(key) }

// Keep remembers v under key and returns it, or what another goroutine kept there before. The zero Graph remembers nothing.
func (g *Graph) Keep(key, v any) any {
	v, _ = g.build().derived.LoadOrStore(key, v)
	return v
}
