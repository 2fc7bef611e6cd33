package train

import (
	"cmp"
	"math"
	"slices"

	"symbridge/autodiff"
	"symbridge/internal/kernel"
	"symbridge/tensor"
)

// Step updates all parameters from their gradients on the tape, each multiplied by scale, at the learning rate lr.
func (a *Adam[T]) Step(t *autodiff.Tape[T], lr, scale float64) {
	a.steps++
	a.powers[0], a.powers[1] = float64(a.powers[0]*a.Beta1), float64(a.powers[1]*a.Beta2)
	step := kernel.AdamStep{Scale: scale, Beta1: a.Beta1, Rest1: 1 - a.Beta1, Beta2: a.Beta2, Rest2: 1 - a.Beta2,
		Rate: lr / (1 - a.powers[0]), Root: math.Sqrt(1 - a.powers[1]), Eps: a.Eps}
	for i, p := range a.params {
		step.Decay, step.Keep = a.decay[i], 1
		if a.Decoupled {
			step.Decay, step.Keep = 0, 1-float64(lr*a.decay[i])
		}
		kernel.Adam(p.Value.Data, a.slot(0, i), a.slot(1, i), t.Grad(p).Data, step)
	}
}

// Step updates all parameters from their gradients on the tape, each multiplied by scale, at the learning rate lr.
func (s *SGD[T]) Step(t *autodiff.Tape[T], lr, scale float64) {
	step := kernel.SGDStep{Scale: scale, Rate: lr, Momentum: s.Momentum, Nesterov: s.Nesterov, First: s.steps == 0}
	s.steps++
	for i, p := range s.params {
		step.Decay = s.decay[i]
		var momentum []T
		if len(s.values) > 0 {
			momentum = s.slot(0, i)
		}
		kernel.SGD(p.Value.Data, momentum, t.Grad(p).Data, step)
	}
}

// GradNorm returns the Euclidean norm of all gradients on the tape together, added in the order of params, which does not
// depend on how a graph is written down: entries of parameters are channels.
func GradNorm[T tensor.Float](t *autodiff.Tape[T], params []*autodiff.Param[T]) float64 {
	sum := 0.0
	for _, p := range params {
		if p.Buffer {
			continue
		}
		for _, g := range t.Grad(p).Data {
			sum += float64(float64(g) * float64(g))
		}
	}
	return math.Sqrt(sum)
}

// clipScale returns the factor that brings gradients of that norm to at most limit; 0 is no limit.
func clipScale(norm, limit float64) float64 {
	if limit == 0 || !(norm > limit) {
		return 1
	}
	return limit / norm
}

// trained returns the parameters of a model without buffers, in the order of their names, each once.
func trained[T tensor.Float](params []NamedParam[T]) []NamedParam[T] {
	var out []NamedParam[T]
	seen := make(map[*autodiff.Param[T]]bool)
	for _, p := range params {
		if !p.Param.Buffer && !seen[p.Param] {
			seen[p.Param] = true
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b NamedParam[T]) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// newOptimizer returns the optimiser that a config asks for; decays says which parameters the weight decay is for.
func newOptimizer[T tensor.Float](params []NamedParam[T], c Config, decays func(*autodiff.Param[T]) bool) Optimizer[T] {
	groups := make([]Group[T], len(params)) // one a parameter: the order of the moments is that of the names
	for i, p := range params {
		groups[i].Params = []*autodiff.Param[T]{p.Param}
		if decays(p.Param) {
			groups[i].WeightDecay = c.WeightDecay
		}
	}
	if c.Optimizer == OptimizerSGD {
		return NewSGD(groups, SGDOptions{Momentum: c.Momentum, Nesterov: c.Nesterov})
	}
	return NewAdam(groups, AdamOptions{Decoupled: c.Optimizer == OptimizerAdamW})
}
