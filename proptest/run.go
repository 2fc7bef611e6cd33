package proptest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"symbridge/autodiff"
	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/symmetry"
	"symbridge/tensor"
)

// mode says how a layer is run.
type mode struct {
	train bool // as in training
	grad  bool // with a backward pass
	wild  bool // cotangents over many powers of two
}

func (m mode) String() string {
	if m.train {
		return "in training"
	}
	return "in evaluation"
}

// subject is the layer under test.
type subject[T tensor.Float] struct {
	mk    func(*rand.Rand) gnn.Layer[T]
	cfg   Config
	tapes map[bool]*autodiff.Tape[T] // one that records and one that does not
}

// tape returns a tape whose memory is full of NaN: what is not written shows.
func (s *subject[T]) tape(recording bool) *autodiff.Tape[T] {
	t := s.tapes[recording]
	if t == nil {
		t = new(autodiff.Tape[T])
		if recording {
			t = autodiff.NewTape[T]()
		}
		if s.tapes == nil {
			s.tapes = make(map[bool]*autodiff.Tape[T])
		}
		s.tapes[recording] = t
	}
	spoil(t, 1<<13)
	return t
}

// layer returns the layer of a seed. Parameters that are constant, such as zero biases, are given values of their own, and
// buffers the values that a step of training leaves.
func (s *subject[T]) layer(seed uint64) gnn.Layer[T] {
	l := s.mk(rand.New(rand.NewPCG(seed, 1)))
	rng := rand.New(rand.NewPCG(seed, 2))
	for _, p := range l.Params {
		if d := p.Value.Data; !p.Buffer && !slices.ContainsFunc(d, func(v T) bool { return v != d[0] }) {
			for i := range d {
				d[i] += T(rng.Float64() - 0.5)
			}
		}
	}
	if slices.ContainsFunc(paramsOf(l), func(p named[T]) bool { return p.Buffer }) {
		c := definite[T](s.cfg, plain(5, circulant(5, 1), false), false)
		t := s.tape(false)
		t.Train = true
		l.Forward(t, c.w.build(), s.features(t, c))
		t.Commit()
	}
	return l
}

type named[T tensor.Float] struct {
	name string
	*autodiff.Param[T]
}

func paramsOf[T tensor.Float](l gnn.Layer[T]) []named[T] {
	var list []named[T]
	for name, p := range l.Params {
		list = append(list, named[T]{name, p})
	}
	return list
}

// values returns copies of parameters and buffers.
func values[T tensor.Float](l gnn.Layer[T]) []tensor.Dense[T] {
	var list []tensor.Dense[T]
	for _, p := range l.Params {
		list = append(list, p.Value.Clone())
	}
	return list
}

func restore[T tensor.Float](l gnn.Layer[T], saved []tensor.Dense[T]) {
	for i, p := range paramsOf(l) {
		copy(p.Value.Data, saved[i].Data)
	}
}

// features puts the rows of an instance on the tape, as inputs whose gradients are wanted.
func (s *subject[T]) features(t *autodiff.Tape[T], c *instance[T]) gnn.Features[T] {
	var x gnn.Features[T]
	if s.cfg.Sparse {
		x.Node = t.Sparse(tensor.CSRFromDense(c.x[node]))
	} else {
		x.Node = t.Input(c.x[node])
	}
	for f, v := range [fields]**autodiff.Var[T]{edge: &x.Edge, weight: &x.Weight, pooled: &x.Graph, pos: &x.Pos} {
		if v != nil && c.x[f].Cols > 0 {
			*v = t.Input(c.x[f])
		}
	}
	return x
}

func vars[T tensor.Float](x gnn.Features[T]) [fields]*autodiff.Var[T] {
	return [fields]*autodiff.Var[T]{x.Node, x.Edge, x.Weight, x.Graph, x.Pos}
}

// outcome is all that a run of a layer gave, copied.
type outcome[T tensor.Float] struct {
	out     [fields]tensor.Dense[T]
	in      [fields]tensor.Dense[T] // gradients of the inputs
	params  []tensor.Dense[T]       // gradients of the parameters
	buffers []tensor.Dense[T]       // parameters and buffers after a step of training
	loss    float64
}

// run runs a layer on a copy of the instance.
func (s *subject[T]) run(l gnn.Layer[T], c *instance[T], m mode) (*outcome[T], error) {
	t := s.tape(m.grad)
	saved := values(l)
	o, err := s.on(t, l, c.clone(), c.w.build(), m)
	if m.train && err == nil {
		t.Commit()
		o.buffers = values(l)
	}
	restore(l, saved)
	return o, err
}

// on runs a layer on the given tape, graph and rows.
func (s *subject[T]) on(t *autodiff.Tape[T], l gnn.Layer[T], c *instance[T], g *graph.Graph, m mode) (*outcome[T], error) {
	t.Train, t.Seed, t.Step = m.train, c.seed, 3
	x := s.features(t, c)
	y := vars(l.Forward(t, g, x))
	o := new(outcome[T])
	changed := y
	for f, v := range vars(x) {
		if v == y[f] {
			changed[f] = nil
		}
	}
	if changed == [fields]*autodiff.Var[T]{} {
		changed[node] = y[node]
	}
	var loss *autodiff.Var[T]
	for f, v := range y {
		if v == nil {
			continue
		}
		v = t.Dense(v)
		if want := c.w.count(kindOf[f]); v.Rows() != want || len(v.Value.Data) != want*v.Cols() {
			return nil, fmt.Errorf("output %s is (%d,%d) with %d elements, want %d rows",
				fieldNames[f], v.Rows(), v.Cols(), len(v.Value.Data), want)
		}
		o.out[f] = v.Value.Clone()
		if changed[f] == nil {
			continue
		}
		cotangent := cotangents[T](c.w.ids(kindOf[f]), v.Cols(), uint64(f), m.wild)
		for i, y := range o.out[f].Data {
			o.loss += float64(y) * float64(cotangent.Data[i])
		}
		if m.grad {
			term := autodiff.SegmentSum(t, t.Whole(v.Rows()), autodiff.HeadDot(t, v, t.Const(cotangent), 1))
			if loss == nil {
				loss = term
			} else {
				loss = autodiff.Add(t, loss, term)
			}
		}
	}
	if !m.grad || loss == nil {
		return o, nil
	}
	t.Backward(loss)
	for f, v := range vars(x) {
		if v == nil || v.Sparse != nil {
			continue
		}
		o.in[f] = tensor.NewDense[T](v.Rows(), v.Cols())
		if v.Grad.Data != nil {
			o.in[f] = v.Grad.Clone()
		}
	}
	for _, p := range l.Params {
		o.params = append(o.params, t.Grad(p).Clone())
	}
	return o, nil
}

// cotangents returns a weight for each entry of an output, a function of the row's identity and the channel: odd multiples of
// 2^-12 below 1, or with exponents from -12 to 11.
func cotangents[T tensor.Float](ids []uint64, cols int, field uint64, wild bool) tensor.Dense[T] {
	m := tensor.NewDense[T](len(ids), cols)
	for i, id := range ids {
		for j := range cols {
			h := mix(mix(id^field<<56) + uint64(j))
			v := float64(int64(h>>51)-1<<12) + 0.5
			e := -12
			if wild {
				e += int(h>>8%24) - 12
			}
			m.Set(i, j, T(math.Ldexp(v, e)))
		}
	}
	return m
}

// compare returns an error that describes the difference of two matrices.
func compare[T tensor.Float](what string, got, want tensor.Dense[T]) error {
	if got.Cols == 0 && want.Cols == 0 {
		return nil
	}
	if got.Shape() != want.Shape() {
		return fmt.Errorf("%s is (%d,%d), was (%d,%d)", what, got.Rows, got.Cols, want.Rows, want.Cols)
	}
	d := symmetry.Compare(want.Data, got.Data)
	if d.Equal() {
		return nil
	}
	i := d.First
	return fmt.Errorf("%s: %v; row %d, column %d: %v became %v", what, d, i/want.Cols, i%want.Cols, want.Data[i], got.Data[i])
}

// sameOutputs compares outputs and, where a step was taken, buffers.
func (o *outcome[T]) sameOutputs(want *outcome[T], l gnn.Layer[T]) error {
	for f := range fields {
		if err := compare("output "+fieldNames[f], o.out[f], want.out[f]); err != nil {
			return err
		}
	}
	return sameParams("value after a step of ", o.buffers, want.buffers, l)
}

// sameGradients compares the gradients of inputs and parameters.
func (o *outcome[T]) sameGradients(want *outcome[T], l gnn.Layer[T]) error {
	for f := range fields {
		if err := compare("gradient of input "+fieldNames[f], o.in[f], want.in[f]); err != nil {
			return err
		}
	}
	return sameParams("gradient of ", o.params, want.params, l)
}

func sameParams[T tensor.Float](what string, got, want []tensor.Dense[T], l gnn.Layer[T]) error {
	if got == nil || want == nil {
		return nil
	}
	for i, p := range paramsOf(l) {
		if err := compare(what+p.name, got[i], want[i]); err != nil {
			return err
		}
	}
	return nil
}

// back returns the rows in the order that they had before relabel(p, q).
func (o *outcome[T]) back(p, q symmetry.Perm) *outcome[T] {
	r := *o
	for _, list := range []*[fields]tensor.Dense[T]{&r.out, &r.in} {
		for f, m := range list {
			switch {
			case m.Cols == 0 || kindOf[f] == graphs:
			case kindOf[f] == nodes:
				list[f] = m.TakeRows(p)
			default:
				list[f] = m.TakeRows(q)
			}
		}
	}
	return &r
}

// take returns the listed rows of outputs and input gradients.
func (o *outcome[T]) take(rows [3][]int32) *outcome[T] {
	r := new(outcome[T])
	for f := range fields {
		if m := o.out[f]; m.Cols > 0 {
			r.out[f] = m.TakeRows(rows[kindOf[f]])
		}
		if m := o.in[f]; m.Cols > 0 {
			r.in[f] = m.TakeRows(rows[kindOf[f]])
		}
	}
	return r
}
