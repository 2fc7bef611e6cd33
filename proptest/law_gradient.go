package proptest

import (
	"fmt"
	"math"

	"symbridge/gnn"
	"symbridge/tensor"
)

const (
	gradientTolerance = 1e-7
	// An estimate is trusted where the differences over a step and over half of it agree so well; at a kink, or across one, they
	// do not.
	smooth = 1e-5
	// entriesTried is how many entries of each matrix are tried.
	entriesTried = 10
)

// steps of the differences, as powers of two: shorter where the longer cross a kink.
var steps = []int{-13, -16, -19}

func gradient[T tensor.Float](s *subject[T], l gnn.Layer[T], c *instance[T]) error {
	for _, train := range []bool{false, true} {
		want, err := s.run(l, c, mode{train: train, grad: true})
		if err != nil {
			return err
		}
		m := mode{train: train}
		loss := func() (float64, error) {
			o, err := s.run(l, c, m)
			if err != nil {
				return 0, err
			}
			return o.loss, nil
		}
		tried, kinks := 0, 0
		check := func(what string, x, grad tensor.Dense[T], purpose uint64) error {
			scale := 1.0
			for _, g := range grad.Data {
				scale = max(scale, math.Abs(float64(g)))
			}
			rng := c.rng(purpose)
			for k := range min(entriesTried, len(x.Data)) {
				i := k
				if len(x.Data) > entriesTried {
					i = rng.IntN(len(x.Data))
				}
				d, ok, err := difference(loss, &x.Data[i], scale)
				if err != nil {
					return err
				}
				tried++
				if !ok {
					kinks++
					continue
				}
				if g := float64(grad.Data[i]); !(math.Abs(g-d) <= gradientTolerance*scale) {
					return fmt.Errorf("%v, gradient of %s, row %d, column %d: %v, central difference %v, differ by %.3g",
						m, what, i/x.Cols, i%x.Cols, g, d, math.Abs(g-d))
				}
			}
			return nil
		}
		for f, x := range c.x {
			if grad := want.in[f]; grad.Cols > 0 {
				if err := check("input "+fieldNames[f], x, grad, uint64(f)); err != nil {
					return err
				}
			}
		}
		for i, p := range paramsOf(l) {
			if p.Buffer {
				continue
			}
			if err := check("parameter "+p.name, p.Value, want.params[i], uint64(fields+i)); err != nil {
				return err
			}
		}
		if 2*kinks > tried {
			return fmt.Errorf("%v: %d of %d entries are at a kink, so that nothing can be said; is the layer continuous?", m, kinks, tried)
		}
	}
	return nil
}

// difference returns the derivative of f by *x from central differences with one step of Richardson's extrapolation, and
// whether it can be trusted. *x is set back.
func difference[T tensor.Float](f func() (float64, error), x *T, scale float64) (d float64, ok bool, err error) {
	at := *x
	defer func() { *x = at }()
	slope := func(h float64) (central, jump float64) {
		var y [3]float64
		for i, v := range []T{at - T(h), at, at + T(h)} {
			if err != nil {
				return 0, 0
			}
			*x = v
			y[i], err = f()
		}
		// What was added is what is divided by, after rounding.
		return (y[2] - y[0]) / float64((at+T(h))-(at-T(h))), (y[2] - 2*y[1] + y[0]) / h
	}
	for _, e := range steps {
		h := math.Ldexp(1, e)
		d1, jump1 := slope(h)
		d2, jump2 := slope(h / 2)
		if err != nil {
			return 0, false, err
		}
		// A kink at *x itself: the slopes on both sides keep their distance however short the step.
		if math.Abs(jump2) > 1e-3*scale && math.Abs(jump2) > 0.75*math.Abs(jump1) {
			continue
		}
		if math.Abs(d1-d2) <= smooth*scale {
			return (4*d2 - d1) / 3, true, nil
		}
	}
	return 0, false, nil
}
