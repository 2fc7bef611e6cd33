package proptest

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"

	"symbridge/autodiff"
	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/tensor"
)

// The size of the case of the Workers law: every kernel shares it among workers, and the hub alone too.
const (
	largeNodes = 12_000
	largeEdges = 20_000
	largeHub   = 34_000
)

// drawLargeCase draws a random graph with a hub, in three graphs whose nodes are interleaved.
func drawLargeCase[T tensor.Float](s *subject[T], src source) *instance[T] {
	w := &written{n: largeNodes, graphs: 3, graphOf: make([]int32, largeNodes)}
	for v := range w.graphOf {
		w.graphOf[v] = int32(v % 3)
	}
	near := func(v int) int { return (v + 3*src.intn(largeNodes/3)) % largeNodes } // a node of the same graph
	w.edges = list(largeEdges, func(i int) (int, int) { u := src.intn(largeNodes); return u, near(u) })
	w.edges = append(w.edges, list(largeHub, func(int) (int, int) { return near(1), 1 })...)
	if s.cfg.Undirected {
		w.edges, _ = graph.Arcs(w.edges)
		w.undirected = true
	}
	w.number(uint64(1 + src.intn(1<<16)))
	return attach[T](s.cfg, src, w, []Palette{Tame, Wide}[src.intn(2)])
}

func workers[T tensor.Float](s *subject[T], l gnn.Layer[T], c *instance[T]) error {
	var want *outcome[T]
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, procs := range []int{1, 2, 8} {
		runtime.GOMAXPROCS(procs)
		got, err := s.run(l, c, mode{train: true, grad: true})
		if err != nil {
			return err
		}
		if want == nil {
			want = got
			continue
		}
		if err = got.sameOutputs(want, l); err == nil {
			err = got.sameGradients(want, l)
		}
		if err != nil {
			return fmt.Errorf("GOMAXPROCS %d and 1: %w", procs, err)
		}
	}
	return nil
}

// Digest returns the SHA-256 of the outputs and gradients of a layer on fixed inputs, in hexadecimal: what every
// implementation of the kernels must give. It belongs into [Config], as Digest for float32 and Digest64 for float64.
func Digest[T tensor.Float](mk func(*rand.Rand) gnn.Layer[T], cfg ...Config) (string, error) {
	s := &subject[T]{mk: mk, cfg: first(cfg)}
	l := s.layer(1)
	h := sha256.New()
	write := func(ms ...tensor.Dense[T]) {
		for _, m := range ms {
			binary.Write(h, binary.LittleEndian, [2]int64{int64(m.Rows), int64(m.Cols)}) // a hash returns no error
			for _, v := range m.Data {
				bits := uint64(math.Float32bits(float32(v)))
				if is64[T]() {
					bits = math.Float64bits(float64(v))
				}
				if v != v {
					bits = math.MaxUint64
				}
				binary.Write(h, binary.LittleEndian, bits)
			}
		}
	}
	for _, wide := range []bool{false, true} {
		w := &written{undirected: s.cfg.Undirected}
		ring, star := circulant(11, 1, 3), list(12, func(i int) (int, int) { return i % 7, 2 }) // a hub, parallel edges, a loop
		for i, edges := range [][][2]int32{ring, star, nil} {
			arcs := edges
			if s.cfg.Undirected {
				arcs, _ = graph.Arcs(edges)
			}
			w.append(plain([]int{11, 9, 1}[i], arcs, s.cfg.Undirected))
		}
		w.number(7)
		c := definite[T](s.cfg, w, wide)
		for _, m := range []mode{{}, {train: true, grad: true, wild: true}} {
			o, err := s.run(l, c, m)
			if err != nil {
				return "", err
			}
			write(o.out[:]...)
			write(o.in[:]...)
			write(o.params...)
			write(o.buffers...)
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// definite returns an instance whose features are the same for ever: no change of the generators moves a digest.
func definite[T tensor.Float](cfg Config, w *written, wide bool) *instance[T] {
	c := &instance[T]{w: w}
	for f, cols := range cfg.widths() {
		c.x[f] = tensor.NewDense[T](w.count(kindOf[f]), cols)
		for i := range c.x[f].Data {
			h := mix(uint64(f)<<32 | uint64(i))
			v := float64(int64(h>>40)-1<<23) / (1 << 23)
			if wide {
				v = math.Ldexp(v, int(h%41)-20)
			}
			switch {
			case f == weight:
				v = 0.5 + math.Abs(v)
			case f == node && cfg.Sparse && h>>8%3 > 0:
				v = 0
			}
			c.x[f].Data[i] = T(v)
		}
	}
	return c
}

func implementations[T tensor.Float](s *subject[T], _ gnn.Layer[T], _ *instance[T]) error {
	got, err := Digest(s.mk, s.cfg)
	if want := s.cfg.digest(is64[T]()); err == nil && got != want {
		err = fmt.Errorf("the digest is %s, want %s (the case below has no part in it)", got, want)
	}
	return err
}

func fused[T tensor.Float](s *subject[T], l gnn.Layer[T], c *instance[T]) error {
	parts := (&subject[T]{mk: unfused[T](s.cfg), cfg: s.cfg}).layer(c.seed)
	for _, m := range []mode{{grad: true, wild: true}, {train: true, grad: true, wild: true}} {
		want, err := s.run(parts, c, m)
		if err != nil {
			return err
		}
		got, err := s.run(l, c, m)
		if err != nil {
			return err
		}
		if err = got.sameOutputs(want, l); err == nil {
			err = got.sameGradients(want, l)
		}
		if err != nil {
			return fmt.Errorf("%v, the composition became the layer: %w", m, err)
		}
	}
	return nil
}

func roundTrip[T tensor.Float](s *subject[T], l gnn.Layer[T], c *instance[T]) error {
	var file bytes.Buffer
	if err := gnn.Save(&file, l, map[string]string{"law": "RoundTrip"}); err != nil {
		return err
	}
	other := s.layer(c.seed + 1)
	if _, err := gnn.Load(&file, other, gnn.Limits{}); err != nil {
		return err
	}
	m := mode{train: true, grad: true}
	want, err := s.run(l, c, m)
	if err != nil {
		return err
	}
	got, err := s.run(other, c, m)
	if err != nil {
		return err
	}
	if err := got.sameOutputs(want, l); err != nil {
		return fmt.Errorf("after save and load: %w", err)
	}
	for range l.Params { // the iterator must take no for an answer
		break
	}
	return got.sameGradients(want, l)
}

// snapshot holds everything that a layer must not write.
type snapshot[T tensor.Float] struct {
	rows   [fields]tensor.Dense[T]
	params []tensor.Dense[T]
	graph  graphSnapshot
}

func snap[T tensor.Float](l gnn.Layer[T], c *instance[T], g *graph.Graph) snapshot[T] {
	return snapshot[T]{rows: c.clone().x, params: values(l), graph: snapGraph(g)}
}

// written returns an error that names what differs from the snapshot.
func (s snapshot[T]) written(l gnn.Layer[T], c *instance[T], g *graph.Graph) error {
	for f := range fields {
		if err := compare("input "+fieldNames[f]+" was written", c.x[f], s.rows[f]); err != nil {
			return err
		}
	}
	for i, p := range paramsOf(l) {
		if err := compare("parameter "+p.name+" was written", p.Value, s.params[i]); err != nil {
			return err
		}
	}
	return s.graph.written(g)
}

// graphSnapshot holds copies of the slices of a graph.
type graphSnapshot struct {
	lists [][]int32
	ids   [][]uint64
}

func snapGraph(g *graph.Graph) (s graphSnapshot) {
	s.lists = append(s.lists, slices.Clone(g.From()), slices.Clone(g.To()), slices.Clone(g.GraphOf()))
	loops := g.WithLoops()
	for _, seg := range []*graph.Segments{g.In(), g.Out(), g.InEdges(), g.OutEdges(), g.Nodes(),
		loops.In(), loops.InEdges(), loops.Keep, loops.Loops, loops.Others} {
		for _, list := range [][]int32{seg.Ptr, seg.Row, seg.Edge, seg.Of, seg.Back.Ptr, seg.Back.Row, seg.Back.Edge} {
			s.lists = append(s.lists, slices.Clone(list))
		}
	}
	for _, ids := range [][]uint64{g.NodeIDs(), g.EdgeIDs(), g.GraphIDs(), loops.EdgeIDs()} {
		s.ids = append(s.ids, slices.Clone(ids))
	}
	return s
}

func (s graphSnapshot) written(g *graph.Graph) error {
	now := snapGraph(g)
	if !slices.EqualFunc(s.lists, now.lists, slices.Equal) || !slices.EqualFunc(s.ids, now.ids, slices.Equal) {
		return fmt.Errorf("a slice of the graph was written")
	}
	return nil
}

func pure[T tensor.Float](s *subject[T], l gnn.Layer[T], c *instance[T]) error {
	g := c.w.build()
	before := snap(l, c, g)
	for _, train := range []bool{false, true} {
		m := mode{train: train, grad: true}
		t := autodiff.NewTape[T]()
		want, err := s.on(t, l, c, g, m)
		if err == nil {
			err = before.written(l, c, g)
		}
		if err != nil {
			return fmt.Errorf("%v: %w", m, err)
		}
		same := func(got *outcome[T], err error) error {
			if err == nil {
				err = got.sameOutputs(want, l)
			}
			if err == nil {
				err = got.sameGradients(want, l)
			}
			return err
		}
		// The rows of the first run are gone, another graph goes over the same memory, and then the same graph again.
		other := attach[T](s.cfg, seeded{c.rng(1)}, plain(7, append(circulant(7, 1), circulant(7, 6)...), s.cfg.Undirected), Tame)
		spoil(t, 1<<15)
		if _, err := s.on(t, l, other, other.w.build(), m); err != nil {
			return err
		}
		spoil(t, 1<<15)
		if err := same(s.on(t, l, c, g, m)); err != nil {
			return fmt.Errorf("%v, again after Reset: %w", m, err)
		}
		silent, err := s.on(new(autodiff.Tape[T]), l, c, g, mode{train: train})
		if err == nil {
			err = silent.sameOutputs(want, l)
		}
		if err != nil {
			return fmt.Errorf("%v, without recording: %w", m, err)
		}
		var crowd sync.WaitGroup
		errs := make([]error, 3)
		for i := range errs {
			crowd.Go(func() {
				defer func() {
					if r := recover(); r != nil {
						errs[i] = fmt.Errorf("panic: %v%s", r, panicPlace())
					}
				}()
				errs[i] = same(s.on(autodiff.NewTape[T](), l, c, g, m))
			})
		}
		crowd.Wait()
		if i := slices.IndexFunc(errs, func(err error) bool { return err != nil }); i >= 0 {
			return fmt.Errorf("%v, one of many goroutines: %w", m, errs[i])
		}
		if err := before.written(l, c, g); err != nil {
			return fmt.Errorf("%v, after several runs: %w", m, err)
		}
	}
	return nil
}

// spoil resets a tape and leaves NaN in the next elements of memory that it gives out.
func spoil[T tensor.Float](t *autodiff.Tape[T], elements int) {
	t.Reset()
	for range elements / 256 {
		for i, d := 0, t.Scratch(1, 256).Data; i < len(d); i++ {
			d[i] = T(math.NaN())
		}
	}
	t.Reset()
}
