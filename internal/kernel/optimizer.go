package kernel

import "math"

// AdamStep holds the constants of one step of Adam.
type AdamStep struct {
	Scale        float64 // of the gradient
	Decay        float64 // an L2 penalty
	Beta1, Rest1 float64 // Rest1 is 1 - Beta1
	Beta2, Rest2 float64
	Keep         float64 // what decoupled weight decay leaves of a weight
	Rate, Root   float64 // lr / (1 - Beta1^step) and sqrt(1 - Beta2^step)
	Eps          float64
}

// Adam moves the weights w with the moments m and v against their gradients:
//
//	g = grad*Scale + Decay*w, m = Beta1*m + Rest1*g, v = Beta2*v + Rest2*g^2, w = w*Keep - Rate*m / (sqrt(v)/Root + Eps)
//
// in float64, where m and v go on unrounded; each result is rounded once.
func Adam[T Float](w, m, v, grad []T, s AdamStep) {
	t := adam[T]{w: w, m: m, v: v, grad: grad, AdamStep: s}
	for i, c := range [...]float64{s.Scale, s.Decay, s.Beta1, s.Rest1, s.Beta2, s.Rest2, s.Keep, s.Rate, s.Root, s.Eps} {
		t.k[i] = [4]float64{c, c, c, c}
	}
	run(len(w), cost[T](6*len(w)), t)
}

type adam[T Float] struct {
	w, m, v, grad []T
	AdamStep
	k [10][4]float64 // the constants for assembly
}

// Run does elements lo..hi-1.
func (t *adam[T]) Run(lo, hi int) {
	w, s := t.w[lo:hi], &t.AdamStep
	m, v, grad := t.m[lo:hi][:len(w)], t.v[lo:hi][:len(w)], t.grad[lo:hi][:len(w)]
	if fastAdam(w, m, v, grad, &t.k) {
		return
	}
	for k, x := range w {
		g := float64(float64(grad[k])*s.Scale) + float64(s.Decay*float64(x))
		mk := float64(s.Beta1*float64(m[k])) + float64(s.Rest1*g)
		vk := float64(s.Beta2*float64(v[k])) + float64(s.Rest2*float64(g*g))
		m[k], v[k] = T(mk), T(vk)
		w[k] = T(float64(float64(x)*s.Keep) - float64(s.Rate*mk)/(math.Sqrt(vk)/s.Root+s.Eps))
	}
}

// SGDStep holds the constants of one step of gradient descent.
type SGDStep struct {
	Scale    float64 // of the gradient
	Decay    float64 // an L2 penalty
	Rate     float64
	Momentum float64
	Nesterov bool
	First    bool // the first step starts the momentum
}

// SGD moves the weights w against their gradients: g = grad*Scale + Decay*w, w = w - Rate*g. With b, which is nil or the
// momentum, b = g + Momentum*b (g in the first step) and g becomes b, or g + Momentum*b with Nesterov's look ahead.
// Arithmetic is in float64, and each result is rounded once.
func SGD[T Float](w, b, grad []T, s SGDStep) {
	run(len(w), cost[T](2*len(w)), sgd[T]{w, b, grad, s})
}

type sgd[T Float] struct {
	w, b, grad []T
	SGDStep
}

// Run does elements lo..hi-1.
func (t *sgd[T]) Run(lo, hi int) {
	w, grad, s := t.w[lo:hi], t.grad[lo:hi], &t.SGDStep
	if t.b == nil && fastSGD(w, grad, s) {
		return
	}
	for k, x := range w {
		g := float64(float64(grad[k])*s.Scale) + float64(s.Decay*float64(x))
		if t.b != nil {
			bk := g
			if !s.First {
				bk += float64(s.Momentum * float64(t.b[lo+k]))
			}
			t.b[lo+k] = T(bk)
			if s.Nesterov {
				g += float64(s.Momentum * bk)
			} else {
				g = bk
			}
		}
		w[k] = T(float64(x) - float64(s.Rate*g))
	}
}
