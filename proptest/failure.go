package proptest

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"testing"

	"symbridge/gnn"
	"symbridge/tensor"
)

// Failure says which law a layer breaks, and on what. It is an error; [CheckLayer] joins one for each broken law.
type Failure struct {
	Law          Law
	Element      string // float32 or float64
	Seed         uint64 // Config{Seed: Seed, Trials: 1} checks this case alone
	Difference   error  // what differed on the smallest case
	Nodes, Edges int    // the size of the smallest case
	Source       string // the smallest case as Go source
}

// Error prints the law in English, where it is written down, the difference, the smallest case and the seed.
func (f *Failure) Error() string {
	return fmt.Sprintf("law %s is broken (%s)\n  %v\n  difference: %v\n  smallest case, %d nodes and %d edges:\n%s\n  replay: "+
		"Seed: %d, Trials: 1, Only: []string{%q} in the layer's Config",
		f.Law.Name, f.Element, f.Law, f.Difference, f.Nodes, f.Edges, indent(f.Source), f.Seed, f.Law.Name)
}

// Unwrap returns the difference.
func (f *Failure) Unwrap() error { return f.Difference }

func indent(s string) string { return "\t" + strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n\t") }

// seededBy returns the source of the case of a seed and a law.
func seededBy(seed uint64, name string) seeded {
	h := fnv.New64a()
	h.Write([]byte(name))
	return seeded{rand.New(rand.NewPCG(seed, h.Sum64()))}
}

// Layer checks every law on the layer that mk32 makes, in float32, and on the one that mk64 makes, in float64, each law as a
// subtest. Both are called many times and must make the same layer from generators of the same state; one of them may be nil.
func Layer(t *testing.T, mk32 func(*rand.Rand) gnn.Layer[float32], mk64 func(*rand.Rand) gnn.Layer[float64], cfg ...Config) {
	t.Helper()
	suite(t, mk32, first(cfg))
	suite(t, mk64, first(cfg))
}

func suite[T tensor.Float](t *testing.T, mk func(*rand.Rand) gnn.Layer[T], cfg Config) {
	t.Helper()
	if mk == nil {
		return
	}
	if err := cfg.check(); err != nil {
		t.Fatal(err)
	}
	s := &subject[T]{mk: mk, cfg: cfg}
	for _, l := range laws[T]() {
		if l.claims(cfg) {
			t.Run(typeName[T]()+"/"+l.Name, func(t *testing.T) {
				if f := s.examine(l); f != nil {
					t.Error(f)
				}
			})
		}
	}
}

// CheckLayer checks the same laws outside tests. It returns nil, or an error that joins a [*Failure] for each law that is
// broken. The Gradient law is checked in float64 only. GOMAXPROCS is changed while the Workers law is checked, and set back.
func CheckLayer[T tensor.Float](mk func(*rand.Rand) gnn.Layer[T], cfg ...Config) error {
	s := &subject[T]{mk: mk, cfg: first(cfg)}
	if err := s.cfg.check(); err != nil {
		return err
	}
	var errs []error
	for _, l := range laws[T]() {
		if l.claims(s.cfg) {
			if f := s.examine(l); f != nil {
				errs = append(errs, f)
			}
		}
	}
	return errors.Join(errs...)
}

// Failures lists the failures that an error joins, those of [CheckLayer] and its relatives.
func Failures(err error) []*Failure {
	switch e := err.(type) {
	case *Failure:
		return []*Failure{e}
	case interface{ Unwrap() []error }:
		var list []*Failure
		for _, part := range e.Unwrap() {
			list = append(list, Failures(part)...)
		}
		return list
	}
	return nil
}
