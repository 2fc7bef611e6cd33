package proptest

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"symbridge/graph"
	"symbridge/positional"
	"symbridge/tensor"
	"symbridge/wl"
)

// encoderTolerance bounds the difference of two encodings, or of their inner products, that are equal but for a declared
// ambiguity: eigensolvers are approximate.
const encoderTolerance = 1e-5

// encoderLaw is a law of encoders.
type encoderLaw[T tensor.Float] struct {
	Law
	check func(e positional.Encoder[T], c *instance[T]) error
	// bound is the method of the Bound law, and "" for others.
	bound wl.Method
}

func encoderLaws[T tensor.Float](cfg Config) []encoderLaw[T] {
	list := []encoderLaw[T]{
		{define("Equivariant", "the rows of an encoding move along with the nodes, up to the declared ambiguity"),
			encoderEquivariant[T], ""},
		{define("Batch", "the encoding of a graph alone is that in a batch, up to the declared ambiguity"),
			encoderBatch[T], ""},
		{define("Pure", "encoding twice gives the same bits, and the graph is not written"), encoderPure[T], ""},
	}
	if m := cfg.bound(); m != "" {
		list = append(list, encoderLaw[T]{define("Bound", "nodes that a method, 1-WL or a stronger one, cannot tell apart have rows of "+
			"equal bits, where the encoder claims that power and no more"), encoderBound[T](m), m})
	}
	return list
}

// Encoder checks the laws of a positional encoder, each as a subtest, on graphs for which it returns no error. With the ambiguity
// None, bits are compared; with Signs, the columns of each graph up to sign; with Bases, the inner products of rows, which are
// determined where no eigenspace is cut off: such graphs have at most one node more than the encoding has columns. Config.Bound may
// be set where the ambiguity is None.
func Encoder[T tensor.Float](t *testing.T, enc positional.Encoder[T], cfg ...Config) {
	t.Helper()
	for _, l := range encoderLaws[T](first(cfg)) {
		t.Run(typeName[T]()+"/"+l.Name, func(t *testing.T) {
			if err := l.examine(enc, first(cfg)); err != nil {
				t.Error(err)
			}
		})
	}
}

// CheckEncoder checks the same laws outside tests. The error joins a [*Failure] for each law that is broken.
func CheckEncoder[T tensor.Float](enc positional.Encoder[T], cfg ...Config) error {
	var errs []error
	for _, l := range encoderLaws[T](first(cfg)) {
		errs = append(errs, l.examine(enc, first(cfg)))
	}
	return errors.Join(errs...)
}

func (l encoderLaw[T]) examine(enc positional.Encoder[T], cfg Config) error {
	if err := cfg.check(); err != nil {
		return err
	}
	if l.bound != "" && enc.Symmetry() != positional.None {
		return fmt.Errorf("proptest: Config.Bound is %v, but the encoder leaves %v undetermined; rows can be bounded only where nothing is",
			l.bound, enc.Symmetry())
	}
	o := cfg.graphs()
	if enc.Symmetry() == positional.Bases {
		if x, err := enc.Encode(graph.Must(graph.NewUndirected(2, [][2]int32{{0, 1}}))); err == nil {
			o.MaxNodes = min(o.maxNodes(), x.Cols+1)
		}
	}
	encoded := 0
	for i := range cfg.trials() {
		seed := cfg.Seed + uint64(i)
		src := seededBy(seed, l.Name)
		c := &instance[T]{seed: seed}
		if l.bound == "" {
			c.w = drawGraph(src, o)
		} else {
			w := drawAlike(src, cfg)
			c.w = w.relabel(drawPerm(src, w.n), drawPerm(src, len(w.edges)))
		}
		if _, err := enc.Encode(c.w.build()); err != nil {
			continue
		}
		encoded++
		if f := hunt(l.Law, c, func(c *instance[T]) error { return l.check(enc, c) }, false, cfg.Undirected); f != nil {
			return f
		}
	}
	if encoded == 0 {
		return fmt.Errorf("proptest: the encoder refused all of %d graphs; draw others with Config.Undirected or MaxNodes", cfg.trials())
	}
	return nil
}

func encoderEquivariant[T tensor.Float](e positional.Encoder[T], c *instance[T]) error {
	want, err := e.Encode(c.w.build())
	if err != nil {
		return err
	}
	for try := range max(1, c.tries) {
		src := seeded{c.rng(uint64(try))}
		p, q := drawPerm(src, c.w.n), drawPerm(src, len(c.w.edges))
		got, err := e.Encode(c.w.relabel(p, q).build())
		if err == nil {
			err = alike(e.Symmetry(), got.TakeRows(p), want, c.w)
		}
		if err != nil {
			return fmt.Errorf("nodes called %v, edges put at %v: %w", []int32(p), []int32(q), err)
		}
	}
	return nil
}

func encoderBatch[T tensor.Float](e positional.Encoder[T], c *instance[T]) error {
	whole, err := e.Encode(c.w.build())
	if err != nil {
		return err
	}
	parts, rows := c.parts()
	for b, part := range parts {
		want, err := e.Encode(part.w.build())
		if err == nil {
			err = alike(e.Symmetry(), whole.TakeRows(rows[b][nodes]), want, part.w)
		}
		if err != nil {
			return fmt.Errorf("graph %d alone and in the batch: %w", b, err)
		}
	}
	return nil
}

func encoderPure[T tensor.Float](e positional.Encoder[T], c *instance[T]) error {
	g := c.w.build()
	before := snapGraph(g)
	want, err := e.Encode(g)
	if err != nil {
		return err
	}
	kept := want.Clone()
	got, err := e.Encode(g)
	if err == nil {
		err = compare("encoding, again", got, kept)
	}
	if err == nil {
		err = compare("first encoding after the second", want, kept)
	}
	if err == nil {
		err = before.written(g)
	}
	return err
}

func encoderBound[T tensor.Float](m wl.Method) func(positional.Encoder[T], *instance[T]) error {
	return func(e positional.Encoder[T], c *instance[T]) error {
		x, err := e.Encode(c.w.build())
		if err != nil {
			return err
		}
		a, err := likeness(c.w, m, wl.Options{})
		if err != nil {
			return err
		}
		return sameRows(a, "rows", x)
	}
}

// alike compares two encodings of one graph or batch up to an ambiguity.
func alike[T tensor.Float](a positional.Ambiguity, got, want tensor.Dense[T], w *written) error {
	if a == positional.None || got.Shape() != want.Shape() {
		return compare("encoding", got, want)
	}
	near := func(what string, x, y float64) error {
		if d := math.Abs(x - y); !(d <= encoderTolerance) {
			return fmt.Errorf("%s: %v became %v, by %.3g more than the ambiguity %v and %v allow", what, y, x, d, a, encoderTolerance)
		}
		return nil
	}
	perGraph, _ := w.rows()
	for b, rows := range perGraph {
		if a == positional.Signs {
			for j := range want.Cols {
				if err := oneSign(near, got.TakeRows(rows), want.TakeRows(rows), j); err != nil {
					return fmt.Errorf("graph %d, %w", b, err)
				}
			}
			continue
		}
		for _, u := range rows {
			for _, v := range rows {
				if err := near(fmt.Sprintf("inner product of nodes %d and %d", u, v), dot(got, u, v), dot(want, u, v)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// oneSign compares column j of two matrices up to one sign for all of it.
func oneSign[T tensor.Float](near func(string, float64, float64) error, got, want tensor.Dense[T], j int) error {
	var err error
	for _, sign := range []float64{1, -1} {
		err = nil
		for i := 0; i < want.Rows && err == nil; i++ {
			err = near(fmt.Sprintf("column %d, row %d", j, i), sign*float64(got.At(i, j)), float64(want.At(i, j)))
		}
		if err == nil {
			return nil
		}
	}
	return err
}

func dot[T tensor.Float](m tensor.Dense[T], u, v int32) (sum float64) {
	for j, x := range m.Row(int(u)) {
		sum += float64(x) * float64(m.At(int(v), j))
	}
	return sum
}
