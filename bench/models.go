package bench

import (
	"fmt"
	"math/rand/v2"

	"symbridge/autodiff"
	"symbridge/gnn"
	"symbridge/train"
)

// The models, without the sizes that data gives them.
var (
	gcn2x16  = gnn.Config{Model: "gcn", Task: "node", Layers: 2, Hidden: 16, Dropout: 0.5}
	gat8x8   = gnn.Config{Model: "gat", Task: "node", Layers: 2, Hidden: 8, Heads: 8, Dropout: 0.6, Attention: 0.6, Activation: "elu"}
	gcn3x256 = gnn.Config{Model: "gcn", Task: "node", Layers: 3, Hidden: 256}
	gin5x64  = gnn.Config{Model: "gin", Task: "graph", Layers: 5, Hidden: 64, Norm: "batch", Dropout: 0.5}
)

// loader makes the data of a workload and says what it is.
type loader func(Data) (*gnn.Data[float32], string, error)

// fitted is a model with its data.
type fitted struct {
	model   *gnn.Model[float32]
	data    *gnn.Data[float32]
	classes []int32
	rows    []int32
	tape    *autodiff.Tape[float32]
	adam    *train.Adam[float32]
}

// newFitted returns a model with random weights on the given data.
func newFitted(c gnn.Config, d *gnn.Data[float32], tape *autodiff.Tape[float32]) (*fitted, error) {
	f := &fitted{data: d, classes: d.NodeClass, rows: d.Train, tape: tape}
	if c.Task == "graph" {
		f.classes = d.GraphClass
	}
	c.In, c.Out = d.Features(), 1
	for _, y := range f.classes {
		c.Out = max(c.Out, int(y)+1)
	}
	var err error
	if f.model, err = gnn.NewModel[float32](c, generator(9)); err != nil {
		return nil, err
	}
	var groups []train.Group[float32]
	for _, p := range train.Params[float32](f.model) {
		groups = append(groups, train.Group[float32]{Params: []*autodiff.Param[float32]{p.Param}, WeightDecay: 5e-4})
	}
	f.adam = train.NewAdam(groups, train.AdamOptions{})
	return f, nil
}

// logits applies the model to the data, on a tape that is reset.
func (f *fitted) logits(d *gnn.Data[float32]) *autodiff.Var[float32] {
	f.tape.Reset()
	x := f.model.Forward(f.tape, d.Graph, d.On(f.tape))
	if x.Graph != nil {
		return x.Graph
	}
	return x.Node
}

// step is a step of training: forward, backward, Adam.
func (f *fitted) step(d *gnn.Data[float32], classes, rows []int32) {
	f.tape.Train = true
	loss := autodiff.CrossEntropy(f.tape, f.logits(d), classes, rows)
	f.tape.Backward(loss)
	f.adam.Step(f.tape, 0.01, 1)
	f.tape.Commit()
	f.tape.Step++
}

// check returns the loss and the norm of the gradients in evaluation mode, without dropout.
func (f *fitted) check() []float64 {
	var params []*autodiff.Param[float32]
	for _, p := range train.Params[float32](f.model) {
		params = append(params, p.Param)
	}
	f.tape.Train = false
	loss := autodiff.CrossEntropy(f.tape, f.logits(f.data), f.classes, f.rows)
	f.tape.Backward(loss)
	return []float64{float64(loss.Value.Data[0]), train.GradNorm(f.tape, params)}
}

// inputs returns data and weights; keys of weights are their names in a checkpoint after "param.".
func (f *fitted) inputs() map[string]Array {
	in, d := endpoints(f.data.Graph), f.data
	in["classes"] = ints(f.classes, len(f.classes))
	if f.rows != nil {
		in["rows"] = ints(f.rows, len(f.rows))
	}
	x := d.X
	if d.Sparse != nil {
		x = d.Sparse.Dense()
	}
	in["x"] = floats(x.Data, x.Rows, x.Cols)
	if of := d.Graph.GraphOf(); of != nil {
		in["graph"] = ints(of, len(of))
	}
	for _, p := range train.Params[float32](f.model) {
		in["param."+p.Name] = floats(p.Param.Value.Data, gnn.ParamShape(p.Param)...)
	}
	return in
}

// describe says what a model is, in a few words.
func describe(c gnn.Config) string {
	width := fmt.Sprintf("%d", c.Hidden)
	if c.Heads > 0 {
		width = fmt.Sprintf("%dx%d", c.Heads, c.Hidden)
	}
	s := fmt.Sprintf("%s, %d layers, hidden %s", c.Model, c.Layers, width)
	if c.Dropout > 0 {
		s += fmt.Sprintf(", dropout %g", c.Dropout)
	}
	return s
}

// training is one full-batch step: forward, backward, Adam.
func training(name string, load loader, c gnn.Config, s sums) Workload {
	about := "training step of " + describe(c)
	return model(name, about, load, c, s, autodiff.NewTape[float32], func(t *Task, f *fitted) {
		t.Check = f.check()
		t.Do = func() { f.step(f.data, f.classes, f.rows) }
	})
}

// inference computes the logits of the whole data set.
func inference(name string, load loader, c gnn.Config, s sums) Workload {
	about := "inference of " + describe(c)
	return model(name, about, load, c, s, func() *autodiff.Tape[float32] { return &autodiff.Tape[float32]{Frozen: true} }, func(t *Task, f *fitted) {
		t.Check = sample(f.logits(f.data).Value.Data)
		t.Do = func() { f.logits(f.data) }
	})
}

// model is work on a model and all of its data, which fill adds to a task.
func model(name, about string, load loader, c gnn.Config, s sums, newTape func() *autodiff.Tape[float32], fill func(*Task, *fitted)) Workload {
	if s == plain {
		about += ", inexact sums"
	}
	return Workload{Name: name + string(s), About: about, Prepare: func(data Data) (*Task, error) {
		d, source, err := load(data)
		if err != nil {
			return nil, err
		}
		tape := newTape()
		tape.Plain = s == plain
		f, err := newFitted(c, d, tape)
		if err != nil {
			return nil, err
		}
		t := &Task{Source: source, Inputs: f.inputs}
		fill(t, f)
		return t, nil
	}}
}

const graphBatch = 32

// ginEpoch is an epoch over molecules in batches of 32: drawn anew and put together in each epoch, or once beforehand.
func ginEpoch(once bool) Workload {
	w := Workload{Name: "gin/mutag/epoch", About: "epoch of " + describe(gin5x64) + ", 188 molecules in shuffled batches of 32"}
	if once {
		w.Name, w.About = "gin/mutag/epoch-batched", "the same with batches that were put together beforehand"
	}
	w.Prepare = func(data Data) (*Task, error) {
		ds, source, err := molecules(data)
		if err != nil {
			return nil, err
		}
		f, err := newFitted(gin5x64, gnn.Batch(ds...), autodiff.NewTape[float32]())
		if err != nil {
			return nil, err
		}
		t := &Task{Source: source, Check: f.check(), Inputs: f.inputs}
		batches := func() (bs []*gnn.Data[float32]) {
			for lo := 0; lo < len(ds); lo += graphBatch {
				bs = append(bs, gnn.Batch(ds[lo:min(lo+graphBatch, len(ds))]...))
			}
			return bs
		}
		epoch := func(bs []*gnn.Data[float32]) {
			for _, b := range bs {
				f.step(b, b.GraphClass, nil)
			}
		}
		if fixed := batches(); once {
			t.Do = func() { epoch(fixed) }
			return t, nil
		}
		rng := generator(10)
		t.Do = func() {
			shuffle(rng, ds)
			epoch(batches())
		}
		return t, nil
	}
	return w
}

func shuffle(rng *rand.Rand, ds []*gnn.Data[float32]) {
	rng.Shuffle(len(ds), func(i, j int) { ds[i], ds[j] = ds[j], ds[i] })
}

// cost is a training step on a power-law graph with about the given number of directed edges, 14 a node, for the growth of
// the cost with the size.
func cost(name string, edges int) Workload {
	c := gnn.Config{Model: "gcn", Task: "node", Layers: 3, Hidden: 64}
	s := size{edges / 14, edges / 2}
	w := training("cost/"+name, func(Data) (*gnn.Data[float32], string, error) { return powerLawData(s, 64, 16), s.String(), nil }, c, exact)
	w.Slow, w.Unit = true, "edges"
	prepare := w.Prepare
	w.Prepare = func(data Data) (*Task, error) {
		t, err := prepare(data)
		if err == nil {
			t.Work = float64(2 * s.pairs)
		}
		return t, err
	}
	return w
}
