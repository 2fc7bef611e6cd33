package autodiff

import (
	"symbridge/graph"
	"symbridge/internal/kernel"
	"symbridge/tensor"
)

// Param is a matrix that a model owns. It is read-only during a step.
type Param[T tensor.Float] struct {
	Value  tensor.Dense[T]
	Buffer bool  // saved with the model but not trained, such as running statistics
	Fixed  bool  // what it holds is what the model is for: a checkpoint with other values is of another model
	Shape  []int // the shape in a checkpoint where it is not (Rows, Cols), such as (1,H,C) or (C); nil otherwise
}

// Var is a value on a tape. After Backward, Grad is the gradient of an input or a parameter; it is empty for the results of operations,
// whose gradients give their memory back, and for what Backward has not reached.
type Var[T tensor.Float] struct {
	Value  tensor.Dense[T]
	Grad   tensor.Dense[T]
	Sparse *tensor.CSR[T] // set instead of Value.Data for sparse inputs; Value then has only its shape
	param  *Param[T]      // whose value it is, or nil
	needs  bool           // a gradient is wanted for it or for something before it
	own    bool           // Value is memory of the tape's arena and of no other variable
}

// Rows returns the number of rows.
func (v *Var[T]) Rows() int { return v.Value.Rows }

// Cols returns the number of channels.
func (v *Var[T]) Cols() int { return v.Value.Cols }

func (v *Var[T]) size() int { return v.Value.Rows * v.Value.Cols }

// Tape records the operations of one step. Its zero value computes without recording, for inference; see [NewTape].
type Tape[T tensor.Float] struct {
	// Train says that layers behave as in training: dropout drops, batch norm uses the statistics of the batch.
	Train bool
	// Plain says that sums over rows are plain chains of float additions in the order of the rows, where the order-free sums cost
	// time: neighbourhoods, pooling, biases and the gradients of weights. (Softmax, norms, fused attention, messages with
	// features of edges and losses stay order-free.)
	// Then no law of relabelling or of batches holds in bits, unless the rows stand in an order that does not depend on the
	// labelling, a canonical one; workers and implementations still cannot show.
	Plain bool
	// Frozen promises that no parameter changes while it is set. A tape that does not record then keeps what depends on parameters alone,
	// transposed weights, over a Reset. Before parameters change, unset it and Reset.
	Frozen bool
	// Seed and Step key the noise of the step, together with the number of the operation and the identity of a row.
	Seed, Step uint64

	recording bool
	passed    bool // the backward pass was run
	arena     tensor.Arena[T]
	records   []record[T]
	vars      slab[Var[T]]
	lists     slab[*Var[T]]
	sparse    slab[tensor.CSR[T]]
	params    map[*Param[T]]*Var[T]
	turned    map[*Param[T]][]T // transposed weights, where Frozen
	updates   []update[T]
	noise     uint32
	wholes    slab[whole]
	zeros     []int32 // of the longest partition so far
	iota      []int32
	ptr       [2]int32
}

// update is a new value of a buffer, held back until the step is done.
type update[T tensor.Float] struct {
	param *Param[T]
	value tensor.Dense[T]
}

// record is one operation with its operands: what its backward pass needs.
type record[T tensor.Float] struct {
	op         opcode
	kind       kernel.Op
	mean, relu bool
	a, b, c, d *Var[T] // operands
	e          *Var[T] // an operand without a gradient
	out        *Var[T]
	list       []*Var[T] // operands of an operation with any number of them
	seg        *graph.Segments
	n          int // heads, or the number of an operation's noise
	x          T   // a scalar operand
	p          float64
	aux        []T // kept from the forward pass
	normed     []T // what a weight of channels multiplies, unless it is the operand
	labels     []int32
	rows       []int32
	ids        []uint64
	noise      uint32 // number of an operation's noise, where n is the heads
}

// NewTape returns a tape that records, for training.
func NewTape[T tensor.Float]() *Tape[T] { return &Tape[T]{recording: true} }

// Reset forgets all variables and operations and gives their memory back.
func (t *Tape[T]) Reset() {
	t.arena.Reset()
	clear(t.records)
	t.records = t.records[:0]
	t.vars.reset()
	t.lists.reset()
	t.sparse.reset()
	t.wholes.reset()
	t.passed = false
	clear(t.params)
	if !t.Frozen {
		clear(t.turned)
	}
	clear(t.updates)
	t.updates = t.updates[:0]
	t.noise = 0
}

// Const returns a variable for m without a gradient. The data is not copied and must not change until Reset.
func (t *Tape[T]) Const(m tensor.Dense[T]) *Var[T] {
	v := t.vars.next()
	*v = Var[T]{Value: m}
	return v
}

// Input returns a variable for m whose gradient is wanted.
func (t *Tape[T]) Input(m tensor.Dense[T]) *Var[T] {
	v := t.Const(m)
	v.needs = t.recording
	return v
}

// Full returns a constant (rows, cols) with all entries v.
func (t *Tape[T]) Full(rows, cols int, v T) *Var[T] {
	m := t.arena.Dense(rows, cols)
	for i := range m.Data {
		m.Data[i] = v
	}
	return t.Const(m)
}

// OfSize returns a constant (S,1) with f of the size of each segment.
func (t *Tape[T]) OfSize(s *graph.Segments, f func(size int) T) *Var[T] {
	m := t.arena.Dense(s.Len(), 1)
	for i := range m.Data {
		m.Data[i] = f(s.Size(i))
	}
	return t.Const(m)
}

// Sparse returns a variable for a sparse input, which has no gradient. [Linear] and [Dropout] take it as it is; [Tape.Dense]
// writes its zeros out for everything else.
func (t *Tape[T]) Sparse(m *tensor.CSR[T]) *Var[T] {
	v := t.vars.next()
	*v = Var[T]{Value: tensor.Dense[T]{Rows: m.Rows, Cols: m.Cols}, Sparse: m}
	return v
}

// Dense returns v, with its zeros written out where it is sparse.
func (t *Tape[T]) Dense(v *Var[T]) *Var[T] {
	if v.Sparse == nil {
		return v
	}
	m := tensor.Dense[T]{Rows: v.Rows(), Cols: v.Cols(), Data: t.arena.Zeros(v.Rows() * v.Cols())}
	v.Sparse.CopyTo(m)
	return t.Const(m)
}

// Param returns the variable of p on this tape: the same one for every call until Reset.
func (t *Tape[T]) Param(p *Param[T]) *Var[T] {
	if v, ok := t.params[p]; ok {
		return v
	}
	v := t.Const(p.Value)
	v.param, v.needs = p, t.recording && !p.Buffer
	if t.params == nil {
		t.params = make(map[*Param[T]]*Var[T])
	}
	t.params[p] = v
	return v
}

// Grad returns the gradient of p after Backward, which is zero where p took no part. It is valid until Reset.
func (t *Tape[T]) Grad(p *Param[T]) tensor.Dense[T] {
	if v, ok := t.params[p]; ok && v.Grad.Data != nil {
		return v.Grad
	}
	return tensor.Dense[T]{Rows: p.Value.Rows, Cols: p.Value.Cols, Data: t.arena.Zeros(len(p.Value.Data))}
}

// Scratch returns a matrix with arbitrary content that lives until Reset.
func (t *Tape[T]) Scratch(rows, cols int) tensor.Dense[T] { return t.arena.Dense(rows, cols) }

// Whole returns the partition of n rows into a single segment, until Reset.
func (t *Tape[T]) Whole(n int) *graph.Segments {
	for i := len(t.zeros); i <= n; i++ {
		t.zeros, t.iota = append(t.zeros, 0), append(t.iota, int32(i))
	}
	w := t.wholes.next()
	w.ptr = [2]int32{0, int32(n)}
	w.seg = graph.Segments{Ptr: w.ptr[:], Rows: n, Of: t.zeros[:n], Back: &w.back}
	w.back = graph.Segments{Ptr: t.iota[:n+1], Row: t.zeros[:n], Rows: 1, Back: &w.seg}
	return &w.seg
}

// whole is a partition into one segment.
type whole struct {
	seg, back graph.Segments
	ptr       [2]int32
}

// Update sets a buffer to value when [Tape.Commit] is called: a forward pass writes nothing that others read.
func (t *Tape[T]) Update(p *Param[T], value tensor.Dense[T]) {
	t.updates = append(t.updates, update[T]{p, value})
}

// Commit writes the updates of buffers that the step has collected. Nobody may read the parameters meanwhile.
func (t *Tape[T]) Commit() {
	for _, u := range t.updates {
		copy(u.param.Value.Data, u.value.Data)
	}
	t.updates = t.updates[:0]
}

// Backward computes the gradient of loss, which is (1,1), for every parameter and input before it. It panics with a
// tensor.ShapeError for another shape.
func (t *Tape[T]) Backward(loss *Var[T]) {
	loss.Value.Check("autodiff.Backward", "loss", 1, 1)
	t.BackwardFrom(loss, tensor.Dense[T]{Rows: 1, Cols: 1, Data: []T{1}})
}

// BackwardFrom computes the gradient of sum(cotangent * out), where cotangent has the shape of out. A tape runs backwards once:
// a second pass before Reset panics with a tensor.ValueError.
func (t *Tape[T]) BackwardFrom(out *Var[T], cotangent tensor.Dense[T]) {
	cotangent.Check("autodiff.BackwardFrom", "cotangent", out.Rows(), out.Cols())
	if t.passed {
		panic(tensor.ValueError{Op: "autodiff.BackwardFrom", What: "number of backward passes before Reset, want 1", Got: 2})
	}
	t.passed = true
	if !out.needs {
		return
	}
	seed := t.arena.Take(len(cotangent.Data))
	copy(seed, cotangent.Data)
	t.accumulate(out, seed)
	for i := len(t.records) - 1; i >= 0; i-- {
		r := &t.records[i]
		if r.out.Grad.Data == nil {
			continue
		}
		r.back(t)
		t.arena.Give(r.out.Grad.Data) // nothing reads it any more
		r.out.Grad = tensor.Dense[T]{}
	}
}

// accumulate adds d, which is the tape's own, to the gradient of v, and keeps d or gives it back.
func (t *Tape[T]) accumulate(v *Var[T], d []T) {
	if v.Grad.Data == nil {
		v.Grad = tensor.Dense[T]{Rows: v.Rows(), Cols: v.Cols(), Data: d}
		return
	}
	kernel.AddTo(v.Grad.Data, d)
	t.arena.Give(d)
}

// accumulateCopy adds d to the gradient of v and leaves it alone.
func (t *Tape[T]) accumulateCopy(v *Var[T], d []T) {
	if v.Grad.Data != nil {
		kernel.AddTo(v.Grad.Data, d)
		return
	}
	c := t.arena.Take(len(d))
	copy(c, d)
	t.accumulate(v, c)
}

// handOn adds the gradient of r's result to that of v, which has its shape; the result has none afterwards.
func (t *Tape[T]) handOn(r *record[T], v *Var[T]) {
	t.accumulate(v, r.out.Grad.Data)
	r.out.Grad = tensor.Dense[T]{}
}

// Release gives the memory of v back before the next Reset, for the author of a layer who knows that nothing will read v again: not
// the operations that follow, and not the backward pass of the one that made v (softmax and most activations read their result, and so
// do LinearThen and Affine that end with one; ReLU, LeakyReLU, GELU and SiLU do not) nor of those that took it (activations and products
// read their operands). With the build tag symdebug the memory is filled with NaN. Only results of operations are released; inputs,
// constants and parameters are left alone.
func (t *Tape[T]) Release(v *Var[T]) {
	if !v.own {
		return
	}
	t.arena.Give(v.Value.Data)
	v.Value.Data, v.own = nil, false
}

// Recording reports whether the tape keeps what a backward pass needs.
func (t *Tape[T]) Recording() bool { return t.recording }

// result returns the variable of an operation, (rows, cols) with arbitrary content, and the record to fill, or nil where
// no operand needs a gradient.
func (t *Tape[T]) result(op opcode, rows, cols int, operands ...*Var[T]) (*Var[T], *record[T]) {
	out := t.vars.next()
	*out = Var[T]{Value: t.arena.Dense(rows, cols), own: true}
	for _, v := range operands {
		if v == nil {
			continue
		}
		if v.Sparse == nil || op != opLinear { // only a linear map takes sparse features; data must match its shape
			v.Value.Check("autodiff", "an operand's data", -1, -1)
		}
		out.needs = out.needs || v.needs
	}
	if !out.needs {
		return out, nil
	}
	t.records = append(t.records, record[T]{op: op, out: out})
	return out, &t.records[len(t.records)-1]
}

// slab hands out elements whose addresses stay valid, and takes them all back at once.
type slab[E any] struct {
	blocks [][]E
	used   int
}

const slabBlock = 256

func (s *slab[E]) next() *E {
	b := s.used / slabBlock
	if b == len(s.blocks) {
		s.blocks = append(s.blocks, make([]E, slabBlock))
	}
	e := &s.blocks[b][s.used%slabBlock]
	s.used++
	return e
}

// list returns n consecutive elements.
func (s *slab[E]) list(n int) []E {
	if n > slabBlock {
		return make([]E, n)
	}
	if s.used%slabBlock+n > slabBlock {
		s.used += slabBlock - s.used%slabBlock
	}
	first := s.used % slabBlock
	s.next()
	b := s.blocks[(s.used-1)/slabBlock]
	s.used += n - 1
	return b[first : first+n : first+n]
}

func (s *slab[E]) reset() {
	for b := range s.blocks {
		clear(s.blocks[b])
		if (b+1)*slabBlock >= s.used {
			break
		}
	}
	s.used = 0
}
