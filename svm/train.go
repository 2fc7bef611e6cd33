package svm

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"

	"symbridge/tensor"
)

// ErrClasses is wrapped by the error for rows of fewer than two classes.
var ErrClasses = errors.New("fewer than two classes")

// Config says how to train. Its zero value works.
type Config struct {
	C         float64 // cost of an error, the upper bound of a coefficient; 0: 1
	Tolerance float64 // largest violation of the optimality conditions; 0: 0.001
	Steps     int     // at most so many steps a machine; 0: 10 million
}

func (c Config) withDefaults(op string) Config {
	for _, f := range []struct {
		what     string
		v        *float64
		standard float64
	}{{"C", &c.C, 1}, {"tolerance", &c.Tolerance, 1e-3}} {
		if *f.v == 0 {
			*f.v = f.standard
		}
		if !(*f.v > 0) || *f.v-*f.v != 0 {
			panic(tensor.ValueError{Op: op, What: f.what + ", want a positive number", Got: *f.v})
		}
	}
	if c.Steps <= 0 {
		c.Steps = 10_000_000
	}
	return c
}

// Classifier is a trained one: for each class, or for the second of two, a function that is positive on its side,
//
//	f_c(x) = bias_c + sum_i coefficient_ci k(x, row i).
type Classifier struct {
	Classes   []int32     // (C) ascending
	Rows      []int32     // (R) the training rows
	Coef      [][]float64 // (C,R), or (1,R) for two classes
	Bias      []float64   // (C) or (1)
	Converged bool        // all machines reached the tolerance
}

// Train returns the classifier of the listed rows of a Gram matrix (B,B), which have classes (B). It returns ErrClasses where
// the rows have fewer than two.
func Train(ctx context.Context, gram *mat.SymDense, classes, rows []int32, c Config) (*Classifier, error) {
	checkClasses("svm.Train", gram, classes)
	c = c.withDefaults("svm.Train")
	t, err := newTrainer(gram, classes, rows)
	if err != nil {
		return nil, err
	}
	if err := t.solve(ctx, c); err != nil {
		return nil, err
	}
	return t.classifier(), nil
}

func checkClasses(op string, gram *mat.SymDense, classes []int32) {
	if n := gram.SymmetricDim(); len(classes) != n {
		panic(tensor.ShapeError{Op: op, What: "classes", Want: [2]int{n, 1}, Got: [2]int{len(classes), 1}})
	}
}

// trainer holds the machines of a classifier.
type trainer struct {
	classes   []int32
	rows      []int32
	machines  []*machine
	converged bool
}

func newTrainer(gram *mat.SymDense, classes, rows []int32) (*trainer, error) {
	t := &trainer{rows: slices.Clone(rows)}
	for _, r := range rows {
		t.classes = append(t.classes, classes[r])
	}
	slices.Sort(t.classes)
	if t.classes = slices.Compact(t.classes); len(t.classes) < 2 {
		return nil, fmt.Errorf("svm: %d training rows: %w", len(rows), ErrClasses)
	}
	n := len(rows)
	k := make([]float64, n*n)
	for i, r := range rows {
		for j, s := range rows {
			k[i*n+j] = gram.At(int(r), int(s))
		}
	}
	apart := t.classes
	if len(apart) == 2 {
		apart = apart[1:]
	}
	for _, class := range apart {
		y := make([]float64, n)
		for i, r := range rows {
			y[i] = -1
			if classes[r] == class {
				y[i] = 1
			}
		}
		t.machines = append(t.machines, newMachine(k, y))
	}
	return t, nil
}

// solve trains the machines, from where they are.
func (t *trainer) solve(ctx context.Context, c Config) error {
	t.converged = true
	for _, m := range t.machines {
		ok, err := m.solve(ctx, c.C, c.Tolerance, c.Steps)
		if err != nil {
			return err
		}
		t.converged = t.converged && ok
	}
	return nil
}

// classifier returns what was trained; it shares memory with the machines.
func (t *trainer) classifier() *Classifier {
	out := &Classifier{Classes: t.classes, Rows: t.rows, Converged: t.converged}
	for _, m := range t.machines {
		out.Coef, out.Bias = append(out.Coef, m.beta), append(out.Bias, m.bias)
	}
	return out
}

// Decide returns the functions of the classifier at the listed rows of the Gram matrix that it was trained on: (R,C), or
// (R,1) for two classes.
func (m *Classifier) Decide(gram *mat.SymDense, rows []int32) [][]float64 {
	out := make([][]float64, len(rows))
	for i, r := range rows {
		out[i] = slices.Clone(m.Bias)
		for c, coef := range m.Coef {
			for j, b := range coef {
				if b != 0 {
					out[i][c] += float64(b * gram.At(int(r), int(m.Rows[j])))
				}
			}
		}
	}
	return out
}

// Predict returns the class of each listed row, (R): that of the largest function, of equals the smallest class. Of two
// classes it is the second where the function is positive.
func (m *Classifier) Predict(gram *mat.SymDense, rows []int32) []int32 {
	out := make([]int32, len(rows))
	for i, f := range m.Decide(gram, rows) {
		best := 0
		switch {
		case len(f) == 1 && f[0] > 0:
			best = 1
		case len(f) > 1:
			for c, v := range f {
				if v > f[best] {
					best = c
				}
			}
		}
		out[i] = m.Classes[best]
	}
	return out
}
