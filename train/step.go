package train

import (
	"cmp"
	"math"
	"slices"

	"symbridge/autodiff"
	"symbridge/tensor"
)

// Step updates all parameters from their gradients on the tape, each multiplied by scale, at the learning rate lr.
func (a *Adam[T]) Step(t *autodiff.Tape[T], lr, scale float64) {
	a.steps++
	a.powers[0], a.powers[1] = float64(a.powers[0]*a.Beta1), float64(a.powers[1]*a.Beta2)
	rate, root := lr/(1-a.powers[0]), math.Sqrt(1-a.powers[1])
	c1, c2 := 1-a.Beta1, 1-a.Beta2
	for i, p := range a.params {
		grad, decay, keep := t.Grad(p).Data, a.decay[i], 1.0
		if a.Decoupled {
			decay, keep = 0, 1-float64(lr*decay)
		}
		m, v, w := a.slot(0, i), a.slot(1, i), p.Value.Data
		m, v, grad = m[:len(w)], v[:len(w)], grad[:len(w)]
		for k, x := range w {
			g := float64(float64(grad[k])*scale) + float64(decay*float64(x))
			mk := float64(a.Beta1*float64(m[k])) + float64(c1*g)
			vk := float64(a.Beta2*float64(v[k])) + float64(c2*float64(g*g))
			m[k], v[k] = T(mk), T(vk)
			w[k] = T(float64(float64(x)*keep) - float64(rate*mk)/(math.Sqrt(vk)/root+a.Eps))
		}
	}
}

// Step updates all parameters from their gradients on the tape, each multiplied by scale, at the learning rate lr.
func (s *SGD[T]) Step(t *autodiff.Tape[T], lr, scale float64) {
	first := s.steps == 0
	s.steps++
	for i, p := range s.params {
		grad, decay, w := t.Grad(p).Data, s.decay[i], p.Value.Data
		grad = grad[:len(w)]
		var b []T
		if len(s.values) > 0 {
			b = s.slot(0, i)[:len(w)]
		}
		for k, x := range w {
			g := float64(float64(grad[k])*scale) + float64(decay*float64(x))
			if b != nil {
				bk := g // the first step starts the momentum, as in torch
				if !first {
					bk += float64(s.Momentum * float64(b[k]))
				}
				b[k] = T(bk)
				if s.Nesterov {
					g += float64(s.Momentum * bk)
				} else {
					g = bk
				}
			}
			w[k] = T(float64(x) - float64(lr*g))
		}
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
