package proptest

import (
	"fmt"
	"path/filepath"
	"runtime"
	"slices"

	"symbridge/gnn"
	"symbridge/tensor"
	"symbridge/wl"
)

// Law is a law of layers: its name, one sentence that says what must hold, and the file and line where it is written down.
type Law struct{ Name, Says, Where string }

// String returns the sentence with its name and place.
func (l Law) String() string { return fmt.Sprintf("%s: %s (%s)", l.Name, l.Says, l.Where) }

// define returns a law, with the place of the call.
func define(name, says string) Law {
	_, file, line, _ := runtime.Caller(1)
	return Law{name, says, fmt.Sprintf("%s/%s:%d", filepath.Base(filepath.Dir(file)), filepath.Base(file), line)}
}

// Laws returns the laws of a layer in the order in which they are checked.
func Laws() []Law {
	var list []Law
	for _, l := range laws[float64]() {
		list = append(list, l.Law)
	}
	return list
}

// law is a Law with the way to check it.
type law[T tensor.Float] struct {
	Law
	share int // one case for so many trials
	draw  func(s *subject[T], src source) *instance[T]
	check func(s *subject[T], l gnn.Layer[T], c *instance[T]) error
	// applies says whether the layer claims the law; nil: every layer does.
	applies func(c Config) bool
	large   bool // cases are large and checks slow: shrink with few attempts
}

func laws[T tensor.Float]() []law[T] {
	return []law[T]{
		{Law: define("Equivariant", "where nodes are relabelled and the edge list is shuffled, the rows of the output move along and "+
			"change in no bit, in evaluation and in training"),
			draw: drawCase[T], check: equivariant[T]},
		{Law: define("EdgeOrder", "the order of the edge list shows in no bit of the output"),
			draw: drawCase[T], check: edgeOrder[T]},
		{Law: define("Batch", "a graph alone has the same bits, in outputs and input gradients, as the graph in a batch, in every "+
			"mode but training with batch statistics"),
			draw: drawBatchCase[T], check: batch[T]},
		{Law: define("Local", "rows further from a change than the layer's hops change in no bit, nor do other graphs of the batch"),
			draw: drawLocalCase[T], check: local[T]},
		{Law: define("Gradient", "the gradients of parameters and inputs are the central differences in float64, to 1e-7"),
			share: 8, draw: drawTameCase[T], check: gradient[T], applies: func(Config) bool { return is64[T]() }},
		{Law: define("GradientEquivariant", "the gradients of parameters do not depend on the labelling, in bits, and those of "+
			"inputs move along"),
			draw: drawCase[T], check: gradientEquivariant[T]},
		{Law: define("Workers", "one worker gives the same bits as two and as eight, forward and backward"),
			share: 32, draw: drawLargeCase[T], check: workers[T], large: true},
		{Law: define("Implementations", "outputs and gradients on fixed inputs have the digest that every build and machine gives"),
			share: 32, draw: drawCase[T], check: implementations[T],
			applies: func(c Config) bool { return c.digest(is64[T]()) != "" }},
		{Law: define("Fused", "the layer has the bits of the composition that it replaces, forward and backward, where one is given"),
			draw: drawCase[T], check: fused[T], applies: func(c Config) bool { return unfused[T](c) != nil }},
		{Law: define("RoundTrip", "a layer is its named parameters: saved from it and loaded into another of its kind, they "+
			"give the same bits"),
			draw: drawCase[T], check: roundTrip[T]},
		{Law: define("Pure", "inputs, graph and parameters are not written, nothing is kept from one run to the next, recording changes no "+
			"bit, and many goroutines may use one layer"),
			draw: drawCase[T], check: pure[T]},
		{Law: define("Bound", "nodes and graphs that a method, 1-WL or a stronger one, cannot tell apart get equal bits, where the "+
			"layer claims that power and no more"),
			draw: drawBoundCase[T], check: bound[T], applies: func(c Config) bool { return c.bound() != "" }},
	}
}

// digest returns the digest to compare with.
func (c Config) digest(is64 bool) string {
	if is64 {
		return c.Digest64
	}
	return c.Digest
}

// claims reports whether a law is to be checked.
func (l *law[T]) claims(c Config) bool {
	return (l.applies == nil || l.applies(c)) && (len(c.Only) == 0 || slices.Contains(c.Only, l.Name))
}

// check returns an error for a config that names a law or a method that does not exist.
func (c Config) check() error {
	for i, name := range c.Only {
		if !slices.ContainsFunc(Laws(), func(l Law) bool { return l.Name == name }) {
			return fmt.Errorf("proptest: Config.Only[%d] is %q, which is no law; Laws lists them", i, name)
		}
	}
	if c.Bound != "" {
		if _, err := wl.ParseMethod(string(c.Bound)); err != nil {
			return fmt.Errorf("proptest: Config.Bound: %w", err)
		}
	}
	return nil
}

// examine checks one law and returns the first failure, shrunk, or nil.
func (s *subject[T]) examine(l law[T]) *Failure {
	for i := range max(1, s.cfg.trials()/max(1, l.share)) {
		seed := s.cfg.Seed + uint64(i)
		if f := s.replay(l, seed); f != nil {
			return f
		}
	}
	return nil
}

// replay checks one law on the case of a seed.
func (s *subject[T]) replay(l law[T], seed uint64) *Failure {
	c := l.draw(s, seededBy(seed, l.Name))
	c.seed = seed
	return hunt(l.Law, c, func(c *instance[T]) error { return l.check(s, s.layer(c.seed), c) }, l.large, s.cfg.Undirected)
}

// hunt checks a law on one instance and, where it fails, on smaller and smaller ones.
func hunt[T tensor.Float](l Law, c *instance[T], check func(*instance[T]) error, large, keepUndirected bool) *Failure {
	guarded := func(c *instance[T]) (err error) { // a panic is a failure too
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("panic: %v%s", r, panicPlace())
			}
		}()
		return check(c)
	}
	first := guarded(c)
	if first == nil {
		return nil
	}
	start := *c
	start.tries = 4
	small, why := shrink(&start, guarded, large, keepUndirected)
	if why == nil { // it does not fail again: the layer is not a function of what it is given
		why = fmt.Errorf("only the first time: %w", first)
	}
	return &Failure{Law: l, Element: typeName[T](), Seed: c.seed, Difference: why,
		Nodes: small.w.n, Edges: len(small.w.edges), Source: small.source()}
}

// panicPlace names the function that panicked: the innermost frame outside the runtime.
func panicPlace() string {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	for {
		f, more := frames.Next()
		if f.Function != "" && !slices.Contains([]string{"runtime", "runtime/debug"}, packageOf(f.Function)) {
			return fmt.Sprintf(" in %s, %s:%d", f.Function, filepath.Base(f.File), f.Line)
		}
		if !more {
			return ""
		}
	}
}

func packageOf(function string) string {
	dir, base := filepath.Split(function)
	for i, c := range base {
		if c == '.' {
			return dir + base[:i]
		}
	}
	return function
}
