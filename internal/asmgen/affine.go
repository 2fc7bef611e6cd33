package main

import (
	"strings"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/reg"
)

// affineRows writes what follows a norm or a product in one pass over the rows: the steps are rows (1,d), in the order in which
// they are taken.
func affineRows(c *Context, t *table, name, formula string, steps []string, relu bool) {
	if relu {
		name, formula = name+"ReLU", "max("+formula+", 0)"
	}
	begin(c, name+"Rows", "func(y, x, "+strings.Join(steps, ", ")+" *float32, rows, d int)",
		name+"Rows is: for r < rows, c < d { y[r*d+c] = "+formula+" }, each step rounded on its own. rows is at least 1.")
	l := &lanes{Context: c, table: t, single: true}
	y, x, n, d := param(c, "y"), param(c, "x"), param(c, "rows"), param(c, "d")
	row := map[string]reg.Register{}
	for _, s := range steps {
		row[s] = param(c, s)
	}
	cols, size := l.columns(d), bytes(c, d)
	count(c, n, func() {
		cols.each(func(k *block) {
			v := k.load(x)
			for _, s := range steps {
				switch s {
				case "mean":
					v = l.sub(v, k.load(row[s]))
				case "bias":
					v = l.add(v, k.load(row[s]))
				default:
					v = l.mul(v, k.load(row[s]))
				}
			}
			if relu {
				v = l.without(l.compare(atMost, v, l.k(0)), v)
			}
			k.store(v, y)
		})
		c.ADDQ(size, x)
		c.ADDQ(size, y)
	})
	end(c)
}
