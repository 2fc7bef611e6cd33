package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
)

// optimizers writes the steps of the optimisers for float32 parameters, in float64, rounded once.
func optimizers(c *Context) {
	t := newTable("adam")
	stream{name: "adam32", doc: "the loop of Adam, whose constants are k", out: []string{"w", "m", "v"},
		in: []string{"w", "m", "v", "grad"}, constants: 10, body: func(l *lanes, in []vec, k []operand.Op) []vec {
			w, grad := in[0], in[3]
			g := l.add(l.mul(grad, k[0]), l.mul(w, k[1]))
			m := l.add(l.mul(in[1], k[2]), l.mul(g, k[3]))
			v := l.add(l.mul(in[2], k[4]), l.mul(l.mul(g, g), k[5]))
			step := l.div(l.mul(m, k[7]), l.add(l.div(l.sqrt(v), k[8]), k[9]))
			return []vec{l.sub(l.mul(w, k[6]), step), m, v}
		}}.write(c, t)
	stream{name: "sgd32", doc: "the loop of SGD without momentum", out: []string{"w"}, in: []string{"w", "grad"},
		scalars: []string{"scale", "decay", "rate"}, body: func(l *lanes, in []vec, k []operand.Op) []vec {
			g := l.add(l.mul(in[1], k[0]), l.mul(in[0], k[1]))
			return []vec{l.sub(in[0], l.mul(g, k[2]))}
		}}.write(c, t)
	t.write(c)
}
