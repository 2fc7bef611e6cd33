package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
)

// activations writes the element-wise functions of float32 and their derivatives.
func activations(c *Context) {
	t := newTable("activation")
	x, xa := []string{"x"}, []string{"a"}
	one := func(f func(l *lanes, x vec, a operand.Op) vec) func(l *lanes, in []vec, scalars []operand.Op) []vec {
		return func(l *lanes, in []vec, scalars []operand.Op) []vec {
			return []vec{f(l, in[0], append(scalars, nil)[0])}
		}
	}
	for _, s := range []stream{
		{name: "relu32", doc: "y[i] = max(x[i], 0)", single: true, body: one(func(l *lanes, x vec, _ operand.Op) vec {
			return l.without(l.compare(atMost, x, l.k(0)), x)
		})},
		{name: "leakyReLU32", doc: "y[i] = x[i], or x[i]*a where x[i] <= 0", single: true, scalars: xa,
			body: one(func(l *lanes, x vec, a operand.Op) vec { return l.choose(l.compare(atMost, x, l.k(0)), l.mul(x, a), x) })},
		{name: "square32", doc: "y[i] = x[i] * x[i]", single: true, body: one(func(l *lanes, x vec, _ operand.Op) vec { return l.mul(x, x) })},
		{name: "sqrt32", doc: "y[i] = sqrt(x[i]), or 0 where x[i] <= a", single: true, scalars: xa,
			body: one(func(l *lanes, x vec, a operand.Op) vec { return l.without(l.compare(atMost, x, a), l.sqrt(x)) })},
		{name: "scale32", doc: "y[i] = x[i] * a", single: true, scalars: xa,
			body: one(func(l *lanes, x vec, a operand.Op) vec { return l.mul(x, a) })},
		{name: "shift32", doc: "y[i] = x[i] + a", single: true, scalars: xa,
			body: one(func(l *lanes, x vec, a operand.Op) vec { return l.add(x, a) })},
		{name: "rsqrt32", doc: "y[i] = float32(1 / sqrt(float64(x[i]+a))), or 0 where x[i]+a = 0", scalars: xa,
			body: one(func(l *lanes, x vec, a operand.Op) vec {
				// x+a is rounded to float32 first.
				s := l.add(x, a)
				l.VCVTPD2PSY(s, s.AsX())
				l.VCVTPS2PD(s.AsX(), s)
				return l.without(l.compare(equal, s, l.k(0)), l.div(l.k(1), l.sqrt(s)))
			})},
		{name: "elu32", pair: true, doc: "y[i] = x[i], or float32(a * Expm164(float64(x[i]))) where not x[i] > 0", scalars: xa,
			body: one(func(l *lanes, x vec, a operand.Op) vec {
				return l.choose(l.compare(greater, x, l.k(0)), x, l.mul(a, l.expm1(x)))
			})},
		{name: "gelu32", pair: true, doc: "v = float64(x[i]); y[i] = float32(v * (0.5 * (1 + Erf64(v/sqrt(2)))))",
			body: one(func(l *lanes, x vec, _ operand.Op) vec { return l.mul(x, l.gaussCDF(x)) })},
		{name: "silu32", pair: true, doc: "v = float64(x[i]); y[i] = float32(v * Sigmoid64(v))",
			body: one(func(l *lanes, x vec, _ operand.Op) vec { return l.mul(x, l.sigmoid(x)) })},
	} {
		s.out, s.in = []string{"y"}, x
		s.write(c, t)
	}
	// In float64, rounded once: dx[i] = float32(float64(dy[i]) * derivative), where z is x[i] or y[i].
	back := func(f func(l *lanes, z vec, a operand.Op) vec) func(l *lanes, in []vec, scalars []operand.Op) []vec {
		return func(l *lanes, in []vec, scalars []operand.Op) []vec {
			return []vec{l.mul(in[0], f(l, in[1], append(scalars, nil)[0]))}
		}
	}
	for _, s := range []stream{
		{name: "reluBack32", doc: "dx[i] = dy[i] where z[i] > 0, else 0", single: true,
			body: func(l *lanes, in []vec, _ []operand.Op) []vec {
				return []vec{l.and(l.compare(greater, in[1], l.k(0)), in[0])}
			}},
		{name: "leakyReLUBack32", doc: "dx[i] = dy[i], or dy[i]*a where z[i] <= 0", single: true, scalars: xa,
			body: func(l *lanes, in []vec, s []operand.Op) []vec {
				return []vec{l.choose(l.compare(atMost, in[1], l.k(0)), l.mul(in[0], s[0]), in[0])}
			}},
		{name: "tanhBack32", doc: "dx[i] = dy[i] * (1 - z[i]*z[i])",
			body: back(func(l *lanes, y vec, _ operand.Op) vec { return l.sub(l.k(1), l.mul(y, y)) })},
		{name: "sigmoidBack32", doc: "dx[i] = dy[i] * (z[i] * (1 - z[i]))",
			body: back(func(l *lanes, y vec, _ operand.Op) vec { return l.mul(y, l.sub(l.k(1), y)) })},
		{name: "mulBack32", doc: "dx[i] = dy[i] * (a * z[i])", scalars: xa,
			body: back(func(l *lanes, z vec, a operand.Op) vec { return l.mul(a, z) })},
		{name: "divBack32", doc: "dx[i] = dy[i] * (a / z[i]), a/z[i] being 0 where z[i] = 0 and zeros is not 0",
			scalars: []string{"a", "zeros"},
			body: func(l *lanes, in []vec, s []operand.Op) []vec {
				none := l.and(l.compare(equal, in[1], l.k(0)), l.compare(notEqual, s[1], l.k(0)))
				return []vec{l.mul(in[0], l.without(none, l.div(s[0], in[1])))}
			}},
		{name: "rsqrtBack32", doc: "dx[i] = dy[i] * (-0.5 * (z[i] * (z[i]*z[i])))",
			body: back(func(l *lanes, y vec, _ operand.Op) vec { return l.mul(l.k(-0.5), l.mul(y, l.mul(y, y))) })},
		{name: "geluBack32", pair: true, doc: "v = float64(z[i]); dx[i] = dy[i] * (gaussCDF(v) + v*(Exp64(v*v*-0.5)/sqrt(2*pi)))",
			body: back(func(l *lanes, x vec, _ operand.Op) vec {
				cdf := l.gaussCDF(x)
				return l.add(cdf, l.mul(x, l.mul(l.expWide(l.mul(l.mul(x, x), l.k(-0.5))), l.k(1/math.Sqrt(2*math.Pi)))))
			})},
		{name: "siluBack32", doc: "v = float64(z[i]), s = Sigmoid64(v); dx[i] = dy[i] * (s * (1 + v*(1-s)))",
			body: back(func(l *lanes, x vec, _ operand.Op) vec {
				s := l.sigmoid(x)
				return l.mul(s, l.add(l.k(1), l.mul(x, l.sub(l.k(1), s))))
			})},
	} {
		s.out, s.in = []string{"dx"}, []string{"dy", "z"}
		s.write(c, t)
	}
	stream{name: "eluBack32", doc: "dx[i] = dy[i] * (1 where x[i] > 0, else y[i]+a)", scalars: xa,
		out: []string{"dx"}, in: []string{"dy", "x", "y"}, body: func(l *lanes, in []vec, s []operand.Op) []vec {
			return []vec{l.mul(in[0], l.choose(l.compare(greater, in[1], l.k(0)), l.k(1), l.add(in[2], s[0])))}
		}}.write(c, t)
	t.write(c)
}

// gaussCDF returns 0.5 * (1 + erf(x/sqrt(2))).
func (l *lanes) gaussCDF(x vec) vec {
	return l.mul(l.k(0.5), l.add(l.k(1), l.erf(l.mul(x, l.k(1/math.Sqrt2)))))
}
