package gnn_test

import (
	"bytes"
	"context"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"symbridge/autodiff"
	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/proptest"
	"symbridge/symmetry"
	"symbridge/tensor"
	"symbridge/wl"
)

// subjects are graphs with labels that tied layers are tested on, with the orders of their groups and the numbers of orbits of nodes, edges
// and pairs.
func subjects() map[string]subject {
	undirected := func(n int, edges ...[2]int32) *graph.Graph { return graph.Must(graph.NewUndirected(n, edges)) }
	var petersen, cube, paley, ring, torus [][2]int32
	for i := range int32(5) {
		petersen = append(petersen, [2]int32{i, (i + 1) % 5}, [2]int32{i, i + 5}, [2]int32{i + 5, (i+2)%5 + 5})
	}
	for v := range int32(16) {
		for b := range 4 {
			if u := v ^ 1<<b; v < u {
				cube = append(cube, [2]int32{v, u})
			}
		}
	}
	for v := range int32(13) {
		for _, square := range []int32{1, 3, 4} { // and their negatives 12, 10, 9
			paley = append(paley, [2]int32{v, (v + square) % 13})
		}
	}
	for v := range int32(7) {
		ring = append(ring, [2]int32{v, (v + 1) % 7})
	}
	for v := range int32(9) {
		torus = append(torus, [2]int32{v, v/3*3 + (v+1)%3}, [2]int32{v, (v + 3) % 9})
	}
	cayley, label := symmetricGroup()
	return map[string]subject{
		"petersen":       {undirected(10, petersen...), nil, nil, 120, [3]int{1, 1, 3}},
		"hypercube":      {undirected(16, cube...), nil, nil, 384, [3]int{1, 1, 5}},
		"paley":          {undirected(13, paley...), nil, nil, 78, [3]int{1, 1, 3}},
		"torus":          {graph.Must(graph.New(9, torus)), nil, nil, 18, [3]int{1, 1, 6}},
		"path":           {undirected(5, ring[:4]...), nil, nil, 2, [3]int{3, 4, 13}},
		"star":           {graph.Must(graph.New(6, [][2]int32{{1, 0}, {2, 0}, {3, 0}, {4, 0}, {0, 5}})), nil, nil, 24, [3]int{3, 2, 10}},
		"directed cycle": {graph.Must(graph.New(7, ring)), nil, nil, 7, [3]int{1, 1, 7}},
		"rigid": {undirected(6, [2]int32{0, 1}, [2]int32{1, 2}, [2]int32{2, 3}, [2]int32{3, 4}, [2]int32{1, 3}, [2]int32{2, 5},
			[2]int32{5, 3}), nil, nil, 1, [3]int{6, 14, 36}},
		"labelled nodes": {undirected(7, ring...), []uint64{9, 0, 0, 0, 0, 0, 0}, nil, 2, [3]int{4, 7, 25}},
		"labelled edges": {undirected(4, ring[0], ring[1], ring[2], [2]int32{3, 0}), nil, []uint64{5, 5, 1, 1, 5, 5, 1, 1}, 4, [3]int{1, 2, 4}},
		// Two arcs 0 -> 1 and two 1 -> 0 of one kind, loops of two kinds, and a node on its own.
		"multigraph": {graph.Must(graph.New(3, [][2]int32{{0, 1}, {1, 0}, {0, 1}, {1, 0}, {0, 0}, {1, 1}, {0, 0}, {1, 1}})), nil,
			[]uint64{1, 1, 1, 1, 2, 2, 3, 3}, 2, [3]int{2, 3, 5}},
		// Parallel arcs of two kinds: the group cannot turn the pair.
		"parallel": {graph.Must(graph.New(2, [][2]int32{{0, 1}, {0, 1}, {0, 1}, {1, 0}, {1, 0}})), nil, []uint64{0, 0, 1, 0, 0}, 1, [3]int{2, 3, 4}},
		"cayley":   {cayley, nil, label, 6, [3]int{1, 2, 6}},
	}
}

type subject struct {
	g          *graph.Graph
	node, edge []uint64
	order      int64
	orbits     [3]int
}

func (s subject) options() wl.CanonicalOptions {
	return wl.CanonicalOptions{NodeLabels: s.node, EdgeLabels: s.edge}
}

func (s subject) find(t testing.TB) *gnn.Orbits {
	o, err := gnn.FindOrbits(context.Background(), s.g, s.options())
	require.NoError(t, err)
	return o
}

// symmetricGroup returns the Cayley graph of S_3 with an arc from g to g s for the generators s, a transposition and a rotation, which
// label it.
func symmetricGroup() (*graph.Graph, []uint64) {
	elements := slices.Collect(symmetry.All(3))
	var arcs [][2]int32
	var label []uint64
	for i, g := range elements {
		for k, s := range []symmetry.Perm{{1, 0, 2}, {1, 2, 0}} {
			j := slices.IndexFunc(elements, func(h symmetry.Perm) bool { return slices.Equal(h, g.Compose(s)) })
			arcs, label = append(arcs, [2]int32{int32(i), int32(j)}), append(label, uint64(k))
		}
	}
	return graph.Must(graph.New(6, arcs)), label
}

// signals returns a signal of several magnitudes on the nodes of a subject, with its labels.
func signals[T tensor.Float](r *rand.Rand, s subject, in int) *gnn.Data[T] {
	return &gnn.Data[T]{Graph: s.g, NodeLabel: s.node, EdgeLabel: s.edge, X: normal[T](r, s.g.NumNodes(), in)}
}

func normal[T tensor.Float](r *rand.Rand, rows, cols int) tensor.Dense[T] {
	m := tensor.NewDense[T](rows, cols)
	for i := range m.Data {
		m.Data[i] = T(r.NormFloat64() * [...]float64{1, 1e-3, 1e3}[r.IntN(3)])
	}
	return m
}

// tiedRun is what a forward and a backward pass of a layer gave.
type tiedRun[T tensor.Float] struct {
	y, dx  tensor.Dense[T]
	params []tensor.Dense[T]
}

// sameBits compares all of two runs bit by bit: for ==, the two zeros are one number.
func sameBits[T tensor.Float](t *testing.T, want, got tiedRun[T], what ...any) {
	t.Helper()
	all := func(r tiedRun[T]) []tensor.Dense[T] { return append([]tensor.Dense[T]{r.y, r.dx}, r.params...) }
	for i, w := range all(want) {
		g := all(got)[i]
		require.Equal(t, w.Shape(), g.Shape(), what...)
		require.True(t, symmetry.Compare(w.Data, g.Data).Equal(), what...)
	}
}

// moved returns the run on data whose nodes were moved.
func (r tiedRun[T]) moved(p symmetry.Perm) tiedRun[T] {
	return tiedRun[T]{r.y.PermuteRows(p), r.dx.PermuteRows(p), r.params}
}

// rows returns the run on graph b of a batch of graphs with n nodes, but for the gradients of parameters.
func (r tiedRun[T]) rows(b, n int) tiedRun[T] {
	list := make([]int32, n)
	for i := range list {
		list[i] = int32(b*n + i)
	}
	return tiedRun[T]{y: r.y.TakeRows(list), dx: r.dx.TakeRows(list)}
}

func runTied[T tensor.Float](l gnn.Layer[T], d *gnn.Data[T], cotangent tensor.Dense[T]) tiedRun[T] {
	t := autodiff.NewTape[T]()
	x := d.On(t)
	x.Node = t.Input(d.X)
	y := l.Forward(t, d.Graph, x).Node
	t.BackwardFrom(y, cotangent)
	r := tiedRun[T]{y: y.Value.Clone(), dx: x.Node.Grad.Clone()}
	for _, p := range l.Params {
		r.params = append(r.params, t.Grad(p).Clone())
	}
	return r
}

func eachTied(t *testing.T, f32 func(*testing.T, subject, gnn.TiedOptions), f64 func(*testing.T, subject, gnn.TiedOptions)) {
	for name, s := range subjects() {
		for _, o := range []gnn.TiedOptions{{}, {Full: true}} {
			if !raceEnabled || !o.Full {
				t.Run(name+map[bool]string{true: " full"}[o.Full], func(t *testing.T) { f32(t, s, o); f64(t, s, o) })
			}
		}
	}
}

func randomBias[T tensor.Float](r *rand.Rand, l *gnn.Tied[T]) *gnn.Tied[T] {
	if l.Bias != nil {
		l.Bias.Value = normal[T](r, l.Bias.Value.Rows, l.Bias.Value.Cols)
	}
	return l
}

// The law of the layer: a signal that is moved by an automorphism moves the output along, in bits, for every generator and for random
// elements, and the gradients of weights do not see it.
func TestTiedCommutesWithAutomorphisms(t *testing.T) {
	eachTied(t, commutes[float32], commutes[float64])
}

func commutes[T tensor.Float](t *testing.T, s subject, o gnn.TiedOptions) {
	r := rng()
	orbits := s.find(t)
	l := randomBias(r, gnn.NewTied[T](r, 3, 4, orbits, o))
	d, c := signals[T](r, s, 3), normal[T](r, s.g.NumNodes(), 4)
	want := runTied(l, d, c)
	perms := slices.Collect(orbits.Group().Generators())
	for range 5 {
		perms = append(perms, orbits.Group().Random(r))
	}
	for _, p := range perms {
		moved := *d
		moved.X = d.X.PermuteRows(p)
		sameBits(t, want.moved(p), runTied(l, &moved, c.PermuteRows(p)), "automorphism %v", p)
	}
}

// A relabelled graph, and a batch of graphs of which each has a labelling of its own, give the bits of each graph alone.
func TestTiedTakesAnyLabelling(t *testing.T) {
	eachTied(t, anyLabelling[float32], anyLabelling[float64])
}

func anyLabelling[T tensor.Float](t *testing.T, s subject, o gnn.TiedOptions) {
	r := rng()
	l := randomBias(r, gnn.NewTied[T](r, 3, 4, s.find(t), o))
	var batch []*gnn.Data[T]
	var cs tensor.Dense[T]
	var runs []tiedRun[T]
	for i := range 3 {
		d, c := signals[T](r, s, 3), normal[T](r, s.g.NumNodes(), 4)
		want := runTied(l, d, c)
		if i > 0 {
			p, q := symmetry.Random(r, s.g.NumNodes()), symmetry.Random(r, s.g.NumEdges())
			d, c = d.Relabel(p, q), c.PermuteRows(p)
			got := runTied(l, d, c)
			sameBits(t, want.moved(p), got)
			want = got
			// The same from the orbits of the relabelled graph, with weights drawn or loaded.
			other, err := gnn.FindOrbits(context.Background(), d.Graph, wl.CanonicalOptions{NodeLabels: d.NodeLabel, EdgeLabels: d.EdgeLabel})
			require.NoError(t, err)
			m := gnn.NewTied[T](rand.New(rand.NewPCG(3, 3)), 3, 4, other, o)
			var file bytes.Buffer
			require.NoError(t, gnn.Save(&file, l, nil))
			_, err = gnn.Load(&file, m, gnn.Limits{})
			require.NoError(t, err)
			sameBits(t, want, runTied(m, d, c))
			a := gnn.NewTied[T](rand.New(rand.NewPCG(3, 3)), 3, 4, s.find(t), o)
			b := gnn.NewTied[T](rand.New(rand.NewPCG(3, 3)), 3, 4, other, o)
			require.Equal(t, a.Weight, b.Weight)
			sameBits(t, runTied(a, d, c), runTied(b, d, c))
		}
		batch, runs = append(batch, d), append(runs, want)
		cs = tensor.Dense[T]{Rows: cs.Rows + c.Rows, Cols: c.Cols, Data: append(cs.Data, c.Data...)}
	}
	got, n := runTied(l, gnn.Batch(batch...), cs), s.g.NumNodes()
	for b, want := range runs {
		want.params = nil
		sameBits(t, want, got.rows(b, n))
	}
	p, q := symmetry.Random(r, 3*n), symmetry.Random(r, 3*s.g.NumEdges())
	sameBits(t, got.moved(p), runTied(l, gnn.Batch(batch...).Relabel(p, q), cs.PermuteRows(p))) // nodes of three graphs in a mess
}

// The laws of all layers, on graphs of every shape, for what Tied does with a graph.
func TestTiedLaws(t *testing.T) {
	edges, pairs := proptest.Config{Hops: -1,
		Digest:   "d8124d39cf9ec48c9c8226d1b6c97190005b03d08c194274377cb6f0145e2fa5",
		Digest64: "4d9497fbd51aa184494473381b5b3f125f33982f72534a610dcb0e4736d9d353"}, proptest.Config{Hops: -1,
		Digest:   "55b75e809611aa92a36759542de792d55cfec7228f59d57a4c73b05e916d5088",
		Digest64: "1c2aebfc4ddaddf06a483575604ac12f25dce16d394846523bc9f4d1ce25a974"}
	for _, l := range proptest.Laws() {
		if l.Name != "Workers" { // all pairs of its 12,000 nodes are too many
			pairs.Only = append(pairs.Only, l.Name)
		}
	}
	for _, c := range []struct {
		name string
		full bool
		proptest.Config
	}{{"edges", false, edges}, {"pairs", true, pairs}} {
		mk64 := anywhere[float64](c.full, nil)
		if raceEnabled { // slow
			c.Trials, mk64, c.Digest64 = 4, nil, ""
		}
		t.Run(c.name, func(t *testing.T) { proptest.Layer(t, anywhere[float32](c.full, nil), mk64, c.Config) })
	}
}

func anywhere[T tensor.Float](full bool, fault func(*graph.Graph, *gnn.Orbits)) makes[T] {
	return func(r *rand.Rand) gnn.Layer[T] {
		l := gnn.NewTiedAnywhere[T](r, 4, 3, full)
		l.Number = fault
		return l
	}
}

// Planted faults: orbits that are numbered by the labelling, or that are finer than those of the group, are caught by the law that should.
func TestTiedMutants(t *testing.T) {
	for name, fault := range map[string]func(g *graph.Graph, o *gnn.Orbits){
		"orbits of nodes in the order of the labelling": func(g *graph.Graph, o *gnn.Orbits) { o.Node, _ = o.Group().Orbits() },
		"orbits of edges in the order of the list": func(g *graph.Graph, o *gnn.Orbits) {
			o.Edge, _, _ = o.Group().EdgeOrbits(g, nil)
		},
		"an orbit for each node": func(g *graph.Graph, o *gnn.Orbits) {
			o.Node, o.Nodes = symmetry.Identity(g.NumNodes()), g.NumNodes()
		},
		"an orbit for each canonical place": func(g *graph.Graph, o *gnn.Orbits) {
			f, err := wl.Canonical(context.Background(), g, wl.CanonicalOptions{})
			if err != nil {
				panic(err)
			}
			o.Node, o.Nodes = f.Labelling, g.NumNodes()
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := proptest.CheckLayer(anywhere[float32](false, fault), proptest.Config{Hops: -1, Only: []string{"Equivariant", "EdgeOrder"}})
			var broken []string
			for _, f := range proptest.Failures(err) {
				broken = append(broken, f.Law.Name)
				t.Log(f)
			}
			require.Contains(t, broken, "Equivariant")
		})
	}
}

// Two nodes, pairs or edges have one number exactly if an element of the group takes one to the other, gone through one by one, and Burnside's
// count agrees.
func TestOrbitsAreThoseOfTheGroup(t *testing.T) {
	for name, s := range subjects() {
		t.Run(name, func(t *testing.T) {
			o := s.find(t)
			pair, pairs := o.Pairs()
			n := s.g.NumNodes()
			require.Equal(t, s.orbits, [3]int{o.Nodes, o.Edges, pairs})
			require.Equal(t, big.NewInt(s.order), o.Group().Order())
			elements := slices.Collect(o.Group().Elements())
			fixed := 0
			for _, p := range elements {
				f := 0
				for i := range int32(n) {
					require.Equal(t, o.Node[i], o.Node[p[i]])
					require.Equal(t, o.Node[i], pair[n*int(i)+int(i)])
					for j := range int32(n) {
						require.Equal(t, pair[n*int(i)+int(j)], pair[n*int(p[i])+int(p[j])])
					}
					if p[i] == i {
						f++
					}
				}
				fixed += f * f
			}
			require.Equal(t, pairs*len(elements), fixed)
			from, to := s.g.From(), s.g.To()
			label := func(e int) uint64 {
				if s.edge == nil {
					return 0
				}
				return s.edge[e]
			}
			for a := range from {
				for b := range from {
					same := label(a) == label(b) && slices.ContainsFunc(elements, func(p symmetry.Perm) bool {
						return p[from[a]] == from[b] && p[to[a]] == to[b]
					})
					require.Equal(t, same, o.Edge[a] == o.Edge[b], "edges %d and %d", a, b)
				}
			}
		})
	}
}

// The full layer is every linear map that commutes with the group: with weight k alone it is the indicator of an orbit of pairs, these are
// disjoint and fill the matrix, and there are as many as the solutions of P M = M P have dimensions.
func TestTiedIsComplete(t *testing.T) {
	for name, s := range subjects() {
		t.Run(name, func(t *testing.T) {
			o, n := s.find(t), s.g.NumNodes()
			l := gnn.NewTied[float64](rng(), 1, 1, o, gnn.TiedOptions{Full: true, NoBias: true})
			k := l.Weight.Value.Rows
			sum := mat.NewDense(n, n, nil)
			gens := slices.Collect(o.Group().Generators())
			for w := range k {
				clear(l.Weight.Value.Data)
				l.Weight.Value.Data[w] = 1
				m := mat.NewDense(n, n, nil)
				for j := range n {
					d := signals[float64](rng(), s, 1)
					clear(d.X.Data)
					d.X.Data[j] = 1
					m.SetCol(j, runTied(l, d, tensor.NewDense[float64](n, 1)).y.Data)
				}
				require.NotZero(t, mat.Sum(m))
				for _, p := range gens {
					for i := range n {
						for j := range n {
							require.Equal(t, m.At(i, j), m.At(int(p[i]), int(p[j])))
						}
					}
				}
				sum.Add(sum, m)
			}
			for _, v := range sum.RawMatrix().Data {
				require.Equal(t, 1.0, v)
			}
			require.Equal(t, commutant(n, gens), k)
		})
	}
}

// commutant returns the dimension of the matrices that commute with permutations, by the singular values of the equations.
func commutant(n int, perms []symmetry.Perm) int {
	if len(perms) == 0 {
		return n * n
	}
	eq := mat.NewDense(len(perms)*n*n, n*n, nil)
	for k, p := range perms {
		for i := range n {
			for j := range n { // M[p(i),p(j)] = M[i,j]
				row, a, b := k*n*n+i*n+j, i*n+j, int(p[i])*n+int(p[j])
				eq.Set(row, a, eq.At(row, a)+1)
				eq.Set(row, b, eq.At(row, b)-1)
			}
		}
	}
	var gram mat.SymDense
	gram.SymOuterK(1, eq.T())
	var eig mat.EigenSym
	eig.Factorize(&gram, false)
	zero := 0
	for _, v := range eig.Values(nil) {
		if v < 1e-9 {
			zero++
		}
	}
	return zero
}

// On a Cayley graph that its generators label, the full layer is the convolution of the group: the weight from h to g depends on h^-1 g, and each
// element has one of its own.
func TestTiedIsGroupConvolution(t *testing.T) {
	s := subjects()["cayley"]
	pair, count := s.find(t).Pairs()
	elements := slices.Collect(symmetry.All(3))
	of := map[int32]symmetry.Perm{}
	for i, g := range elements {
		for j, h := range elements {
			quotient := h.Inverse().Compose(g)
			k := pair[6*i+j]
			if of[k] == nil {
				of[k] = quotient
			}
			require.Equal(t, of[k], quotient)
		}
	}
	require.Len(t, of, 6)
	require.Equal(t, 6, count)
}

// A graph that is not the one of the weights is refused, whether another was built or its weights were loaded; so are labels that are missing.
func TestTiedRefusesOtherGraphs(t *testing.T) {
	five, six := graph.Must(graph.New(5, ring(5))), graph.Must(graph.New(6, ring(6)))
	find := func(g *graph.Graph, o wl.CanonicalOptions) *gnn.Orbits {
		orbits, err := gnn.FindOrbits(context.Background(), g, o)
		require.NoError(t, err)
		return orbits
	}
	refuses := func(l gnn.Layer[float32], g *graph.Graph, x gnn.Features[float32]) {
		t.Helper()
		require.Panics(t, func() {
			var tp autodiff.Tape[float32]
			x.Node = tp.Const(tensor.NewDense[float32](g.NumNodes(), 2))
			l.Forward(&tp, g, x)
		})
	}
	a := gnn.NewTied[float32](rng(), 2, 2, find(five, wl.CanonicalOptions{}), gnn.TiedOptions{})
	b := gnn.NewTied[float32](rng(), 2, 2, find(six, wl.CanonicalOptions{}), gnn.TiedOptions{})
	none := gnn.Features[float32]{}
	refuses(a, six, none)
	refuses(a, graph.Union(five, six), none)
	refuses(a, five.Reverse().ShuffleEdges(symmetry.Identity(5)), gnn.Features[float32]{EdgeLabel: []uint64{1, 1, 1, 1, 1}})
	refuses(a, five, gnn.Features[float32]{NodeLabel: []uint64{0}})
	refuses(a, five, gnn.Features[float32]{EdgeLabel: []uint64{0}})
	var file bytes.Buffer
	require.NoError(t, gnn.Save(&file, b, nil))
	before := a.Weight.Value.Clone()
	_, err := gnn.Load(&file, a, gnn.Limits{})
	require.ErrorIs(t, err, gnn.ErrMismatch, "the shapes are the same")
	require.ErrorContains(t, err, `"digest"`)
	require.Equal(t, before, a.Weight.Value)
	var tp autodiff.Tape[float32]
	a.Forward(&tp, five, gnn.Features[float32]{Node: tp.Const(tensor.NewDense[float32](5, 2))})
	refuses(b, five, none) // which knows by now how a goes over it
	labelled := gnn.NewTied[float32](rng(), 2, 2, find(five, wl.CanonicalOptions{NodeLabels: []uint64{1, 0, 0, 0, 0}}), gnn.TiedOptions{})
	refuses(labelled, five, none)
	require.Panics(t, func() { find(graph.Union(five, six), wl.CanonicalOptions{}) })
	require.Panics(t, func() {
		gnn.NewTied[float32](rng(), 2, 2, find(graph.Must(graph.New(0, nil)), wl.CanonicalOptions{}), gnn.TiedOptions{})
	})
	var chords [][2]int32
	for v := range int32(3000) {
		chords = append(chords, [2]int32{v, (v + 1) % 3000}, [2]int32{v, (v + 7) % 3000}, [2]int32{v, (v + 31) % 3000})
	}
	_, err = gnn.FindOrbits(context.Background(), graph.Must(graph.NewUndirected(3000, chords)), wl.CanonicalOptions{Budget: 2})
	require.ErrorIs(t, err, gnn.ErrIncomplete)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = gnn.FindOrbits(ended, subjects()["hypercube"].g, wl.CanonicalOptions{})
	require.ErrorIs(t, err, context.Canceled)
}

func ring(n int) (edges [][2]int32) {
	for v := range int32(n) {
		edges = append(edges, [2]int32{v, (v + 1) % int32(n)})
	}
	return edges
}

// One graph object with labels that change under it: the graph remembers a few, and each gives its own bits.
func TestTiedWithChangingLabels(t *testing.T) {
	g := graph.Must(graph.NewUndirected(6, ring(6)))
	r := rng()
	label := make([]uint64, 6)
	var l *gnn.Tied[float32]
	x, c := normal[float32](r, 6, 2), normal[float32](r, 6, 3)
	for i := range 12 {
		clear(label)
		label[i%6] = 1
		d := &gnn.Data[float32]{Graph: g, NodeLabel: label, X: x}
		if l == nil {
			o, err := gnn.FindOrbits(context.Background(), g, wl.CanonicalOptions{NodeLabels: label})
			require.NoError(t, err)
			l = gnn.NewTied[float32](r, 2, 3, o, gnn.TiedOptions{})
		}
		fresh := *d
		fresh.Graph = g.ShuffleEdges(symmetry.Identity(g.NumEdges()))
		sameBits(t, runTied(l, &fresh, c), runTied(l, d, c))
		o, err := gnn.FindOrbits(context.Background(), g, wl.CanonicalOptions{NodeLabels: label})
		require.NoError(t, err)
		for v, k := range o.Node {
			require.Equal(t, v == i%6, k == o.Node[i%6], "node %d is the only one with its label", i%6)
		}
	}
	orbits, tyings := gnn.Remembered(g)
	require.LessOrEqual(t, orbits, 4)
	require.LessOrEqual(t, tyings, 4)
}

// Six signals are enough to learn a map that commutes with the symmetries of the hypercube where weights are tied, and too few where
// they are not: the untied layer is the tied one for the same graph with a label of its own for each node.
func TestTiedLearnsFromFewSignals(t *testing.T) {
	const samples, unseen = 6, 20
	s := subjects()["hypercube"]
	n, r := s.g.NumNodes(), rng()
	teacher := gnn.NewTied[float64](r, 1, 1, s.find(t), gnn.TiedOptions{Full: true})
	batch := func(copies int, label []uint64) *gnn.Data[float64] {
		var ds []*gnn.Data[float64]
		for range copies {
			x := tensor.NewDense[float64](n, 1)
			for i := range x.Data {
				x.Data[i] = r.NormFloat64()
			}
			ds = append(ds, &gnn.Data[float64]{Graph: s.g, NodeLabel: label, X: x})
		}
		return gnn.Batch(ds...)
	}
	loss := func(tp *autodiff.Tape[float64], l *gnn.Tied[float64], d *gnn.Data[float64]) *autodiff.Var[float64] {
		bare := *d
		bare.NodeLabel = nil
		target := teacher.Forward(tp, bare.Graph, bare.On(tp)).Node.Value
		return autodiff.MSE(tp, l.Forward(tp, d.Graph, d.On(tp)).Node, target, nil)
	}
	after := func(label []uint64, weights int) float64 {
		s.node = label
		l := gnn.NewTied[float64](r, 1, 1, s.find(t), gnn.TiedOptions{Full: true})
		require.Equal(t, weights, l.Weight.Value.Rows)
		seen, tp := batch(samples, label), autodiff.NewTape[float64]()
		for range 600 {
			tp.Reset()
			tp.Backward(loss(tp, l, seen))
			for _, p := range l.Params {
				for i, g := range tp.Grad(p).Data {
					p.Value.Data[i] -= 0.03 * g
				}
			}
		}
		tp.Reset()
		return loss(tp, l, batch(unseen, label)).Value.Data[0]
	}
	tied, untied := after(nil, 5), after(ownLabels(n), n*n)
	t.Logf("mean squared error on unseen signals: %.3g tied, %.3g untied", tied, untied)
	require.Less(t, tied, 1e-6)
	require.Greater(t, untied, 0.05)
}

// ownLabels returns a label of its own for each node.
func ownLabels(n int) []uint64 {
	labels := make([]uint64, n)
	for i := range labels {
		labels[i] = uint64(i)
	}
	return labels
}
