package svm

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
	"gonum.org/v1/gonum/mat"

	"symbridge/dataset"
	"symbridge/tensor"
)

// Protocol says how to evaluate. Its zero value is 10 folds, C from 10^-3 to 10^3 in steps of 10, chosen in 5 inner folds.
type Protocol struct {
	Folds     int       // outer folds, whose rows are the test; 0: 10
	Inner     int       // folds of the training rows, by which C and the Gram matrix are chosen; 0: 5
	C         []float64 // to choose from, ascending; nil: 0.001, 0.01 .. 1000
	Tolerance float64   // as in Config
	Seed      uint64    // of the folds
}

func (p Protocol) withDefaults() Protocol {
	if p.Folds == 0 {
		p.Folds = 10
	}
	if p.Inner == 0 {
		p.Inner = 5
	}
	if p.C == nil {
		p.C = []float64{1e-3, 1e-2, 1e-1, 1, 10, 100, 1000}
	}
	for i, c := range p.C {
		if !(c > 0) || i > 0 && c <= p.C[i-1] {
			panic(tensor.ValueError{Op: "svm.Evaluate", What: "C, want positive numbers ascending", Got: c})
		}
	}
	return p
}

// Fold is what one outer fold came to.
type Fold struct {
	Test      []int32 // the rows of the fold, by identity
	Predicted []int32 // their classes as the classifier sees them
	Correct   int
	Gram      int     // which Gram matrix was chosen
	C         float64 // and which C
	Inner     float64 // the share of the training rows that were right in the inner folds
	Converged bool    // every machine that was trained reached the tolerance
}

// Accuracy returns the share of the test rows that are right.
func (f *Fold) Accuracy() float64 { return float64(f.Correct) / float64(max(1, len(f.Test))) }

// Evaluate cross-validates: of the stratified outer folds each is the test once, while Gram matrix and C are those with most
// rows right in stratified inner folds of the other rows, of equals the first matrix and then the smallest C. A classifier
// with that choice is trained on all training rows. Rows of class -1 are left out. Folds are drawn from pairs of identity
// and class as in dataset.StratifiedFolds, and run side by side; progress, which may be nil, hears how many are done.
//
// It returns an error that wraps dataset.ErrSplit where there are fewer rows than folds, and ErrClasses where training rows
// are of one class only.
func Evaluate(ctx context.Context, grams []*mat.SymDense, ids []uint64, classes []int32, p Protocol,
	progress func(done int)) ([]Fold, error) {
	p = p.withDefaults()
	if len(grams) == 0 {
		panic(tensor.ValueError{Op: "svm.Evaluate", What: "Gram matrices, want at least 1", Got: 0})
	}
	for _, g := range grams {
		checkClasses("svm.Evaluate", g, classes)
	}
	e := &evaluation{p, grams, ids, classes}
	var known []int32
	for i, y := range classes {
		if y >= 0 {
			known = append(known, int32(i))
		}
	}
	folds, err := e.folds(known, p.Folds, 0)
	if err != nil {
		return nil, err
	}
	out := make([]Fold, len(folds))
	var lock sync.Mutex
	done := 0
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for k := range folds {
		group.Go(func() error {
			f, err := e.fold(ctx, folds, k)
			if err != nil {
				return fmt.Errorf("fold %d: %w", k+1, err)
			}
			lock.Lock()
			defer lock.Unlock()
			out[k] = *f
			if done++; progress != nil {
				progress(done)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return out, nil
}

// evaluation is what the folds share.
type evaluation struct {
	Protocol
	grams   []*mat.SymDense
	ids     []uint64
	classes []int32
}

// folds deals some rows into stratified folds, from a stream of the seed.
func (e *evaluation) folds(rows []int32, k int, stream uint64) ([][]int32, error) {
	ids, classes := make([]uint64, len(rows)), make([]int32, len(rows))
	for i, r := range rows {
		ids[i], classes[i] = e.ids[r], e.classes[r]
	}
	folds, err := dataset.StratifiedFolds(ids, classes, k, rand.New(rand.NewPCG(e.Seed, stream)))
	for _, f := range folds {
		for i, at := range f {
			f[i] = rows[at]
		}
	}
	return folds, err
}

// others returns the rows of all folds but one, in the order of their identities.
func (e *evaluation) others(folds [][]int32, k int) []int32 {
	var out []int32
	for i, f := range folds {
		if i != k {
			out = append(out, f...)
		}
	}
	slices.SortFunc(out, func(a, b int32) int { return cmp.Compare(e.ids[a], e.ids[b]) })
	return out
}

// fold chooses, trains and tests on one outer fold.
func (e *evaluation) fold(ctx context.Context, folds [][]int32, k int) (*Fold, error) {
	rows := e.others(folds, k)
	inner, err := e.folds(rows, e.Inner, uint64(k)+1)
	if err != nil {
		return nil, err
	}
	out := &Fold{Test: folds[k], Converged: true}
	best := -1
	for g := range e.grams {
		right := make([]int, len(e.C))
		for v, test := range inner {
			if err := e.path(ctx, out, g, e.others(inner, v), test, right); err != nil {
				return nil, err
			}
		}
		for i, n := range right {
			if n > best {
				best, out.Gram, out.C = n, g, e.C[i]
			}
		}
	}
	out.Inner = float64(best) / float64(len(rows))
	m, err := Train(ctx, e.grams[out.Gram], e.classes, rows, Config{C: out.C, Tolerance: e.Tolerance})
	if err != nil {
		return nil, err
	}
	out.Converged = out.Converged && m.Converged
	out.Predicted = m.Predict(e.grams[out.Gram], out.Test)
	out.Correct = e.right(out.Test, out.Predicted)
	return out, nil
}

// path adds, for each C, the number of test rows that a classifier of the training rows gets right; each starts from the
// coefficients of the one before.
func (e *evaluation) path(ctx context.Context, out *Fold, g int, rows, test []int32, right []int) error {
	t, err := newTrainer(e.grams[g], e.classes, rows)
	if err != nil {
		return err
	}
	for i, c := range e.C {
		if err := t.solve(ctx, Config{C: c, Tolerance: e.Tolerance}.withDefaults("svm.Evaluate")); err != nil {
			return err
		}
		out.Converged = out.Converged && t.converged
		right[i] += e.right(test, t.classifier().Predict(e.grams[g], test))
	}
	return nil
}

// right counts the rows whose class was predicted.
func (e *evaluation) right(rows, predicted []int32) (n int) {
	for i, r := range rows {
		if e.classes[r] == predicted[i] {
			n++
		}
	}
	return n
}
