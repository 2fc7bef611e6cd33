package train

import (
	"fmt"

	"symbridge/autodiff"
	"symbridge/tensor"
)

// OptimizerKind names an optimiser in a Config.
type OptimizerKind string

// The optimisers.
const (
	OptimizerAdam  OptimizerKind = "adam"
	OptimizerAdamW OptimizerKind = "adamw"
	OptimizerSGD   OptimizerKind = "sgd"
)

// Group is a list of parameters with their weight decay. Buffers in it are left alone.
type Group[T tensor.Float] struct {
	Params      []*autodiff.Param[T]
	WeightDecay float64
}

// Optimizer moves parameters against their gradients. It belongs to one training run and is not safe for concurrent use.
type Optimizer[T tensor.Float] interface {
	// Step updates all parameters from their gradients on the tape, each multiplied by scale, at the learning rate lr.
	Step(t *autodiff.Tape[T], lr, scale float64)
	// State returns a copy of what the optimiser remembers between steps.
	State() OptimizerState[T]
	// SetState replaces what it remembers. The error says where the state does not fit the parameters.
	SetState(s OptimizerState[T]) error
}

// OptimizerState is what an optimiser remembers between steps.
type OptimizerState[T tensor.Float] struct {
	Steps  uint64    // steps done
	Powers []float64 // running products of the betas
	Slots  [][]T     // moments: slot by slot, and in a slot parameter by parameter
}

// AdamOptions are the constants of Adam; zero fields stand for the usual values.
type AdamOptions struct {
	Beta1, Beta2 float64 // 0: 0.9 and 0.999
	Eps          float64 // 0: 1e-8
	Decoupled    bool    // AdamW (Loshchilov, Hutter 2019): the weight decay does not go through the moments
}

// Adam is the optimiser of Kingma and Ba 2015. The weight decay of a group is an L2 penalty, added to the gradient, unless
// it is decoupled. All arithmetic is in float64, element by element, and rounded once to T for a moment and for a
// parameter; the powers of beta are running products.
type Adam[T tensor.Float] struct {
	slots[T]
	AdamOptions
}

// NewAdam returns an optimiser of the given parameters.
func NewAdam[T tensor.Float](groups []Group[T], o AdamOptions) *Adam[T] {
	for _, d := range []struct {
		f *float64
		v float64
	}{{&o.Beta1, 0.9}, {&o.Beta2, 0.999}, {&o.Eps, 1e-8}} {
		if *d.f == 0 {
			*d.f = d.v
		}
	}
	a := &Adam[T]{slots: newSlots(groups, 2), AdamOptions: o}
	a.powers = []float64{1, 1}
	return a
}

// SGDOptions are the constants of SGD.
type SGDOptions struct {
	Momentum float64
	Nesterov bool // look ahead (Nesterov 1983, in the form of Sutskever et al. 2013)
}

// SGD is gradient descent, with momentum if asked: b = momentum b + g, p = p - lr b. The weight decay of a group is an L2
// penalty. Arithmetic is in float64, element by element, and rounded once to T.
type SGD[T tensor.Float] struct {
	slots[T]
	SGDOptions
}

// NewSGD returns an optimiser of the given parameters.
func NewSGD[T tensor.Float](groups []Group[T], o SGDOptions) *SGD[T] {
	n := 0
	if o.Momentum != 0 {
		n = 1
	}
	return &SGD[T]{slots: newSlots(groups, n), SGDOptions: o}
}

// slots holds the parameters of an optimiser with their moments.
type slots[T tensor.Float] struct {
	params []*autodiff.Param[T]
	decay  []float64 // of each parameter
	values [][]T     // slot by slot, parameter by parameter
	steps  uint64
	powers []float64
}

func newSlots[T tensor.Float](groups []Group[T], n int) slots[T] {
	var s slots[T]
	seen := make(map[*autodiff.Param[T]]bool)
	for _, g := range groups {
		for _, p := range g.Params {
			if !p.Buffer && !seen[p] {
				seen[p] = true
				s.params, s.decay = append(s.params, p), append(s.decay, g.WeightDecay)
			}
		}
	}
	for range n {
		for _, p := range s.params {
			s.values = append(s.values, make([]T, len(p.Value.Data)))
		}
	}
	return s
}

// slot returns moment k of parameter i.
func (s *slots[T]) slot(k, i int) []T { return s.values[k*len(s.params)+i] }

// State returns a copy of what the optimiser remembers between steps.
func (s *slots[T]) State() OptimizerState[T] {
	out := OptimizerState[T]{Steps: s.steps, Powers: append([]float64(nil), s.powers...)}
	for _, v := range s.values {
		out.Slots = append(out.Slots, append([]T(nil), v...))
	}
	return out
}

// SetState replaces what the optimiser remembers. The error says where the state does not fit the parameters.
func (s *slots[T]) SetState(o OptimizerState[T]) error {
	if len(o.Slots) != len(s.values) || len(o.Powers) != len(s.powers) {
		return fmt.Errorf("train: optimiser state has %d moments and %d powers, want %d and %d",
			len(o.Slots), len(o.Powers), len(s.values), len(s.powers))
	}
	for i, v := range o.Slots {
		if len(v) != len(s.values[i]) {
			return fmt.Errorf("train: moment %d of the optimiser state has %d entries, want %d", i, len(v), len(s.values[i]))
		}
	}
	for i, v := range o.Slots {
		copy(s.values[i], v)
	}
	copy(s.powers, o.Powers)
	s.steps = o.Steps
	return nil
}
