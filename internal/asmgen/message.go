package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
)

// messageAhead is how many rows before its use a row is fetched into the cache.
const messageAhead = 16

// messages writes the rows that edges carry.
func messages(c *Context) {
	t := newTable("message")
	messageRows(c, t, "messageRows", "x[row[p]*d+c] + e[edge[p]*d+c]", func(_ *lanes, v vec) vec { return v })
	messageRows(c, t, "messageRowsReLU", "max(x[row[p]*d+c] + e[edge[p]*d+c], 0)",
		func(l *lanes, v vec) vec { return l.without(l.compare(atMost, v, l.k(0)), v) })
	rowsByIndex(c, t, "fetchRows", "out[p*d+c] = x[row[p]*d+c]", false)
	rowsByIndex(c, t, "putRows", "out[row[p]*d+c] = x[p*d+c]", true)
	stream{name: "equalOnly32", doc: "dx[i] = dy[i] + 0 where z[i] == key[i], else 0", single: true,
		out: []string{"dx"}, in: []string{"dy", "z", "key"}, body: func(l *lanes, in []vec, _ []operand.Op) []vec {
			return []vec{l.and(l.compare(equal, in[1], in[2]), l.add(in[0], l.k(0)))}
		}}.write(c, t)
	t.write(c)
}

func messageRows(c *Context, t *table, name, doc string, then func(l *lanes, v vec) vec) {
	begin(c, name, "func(out, x *float32, row *int32, e *float32, edge *int32, n, d int)",
		name+" is: for p < n, c < d { out[p*d+c] = "+doc+" }. n is at least 1.")
	l := &lanes{Context: c, table: t, single: true}
	d := param(c, "d")
	cols, size := l.columns(d), bytes(c, d)
	out, row, edge, n := param(c, "out"), param(c, "row"), param(c, "edge"), param(c, "n")
	address := func(name string) operand.Op {
		p, err := c.Param(name).Resolve()
		if err != nil {
			panic(err)
		}
		return p.Addr
	}
	x, e := address("x"), address("e")
	from, with, nextFrom, nextWith := c.GP64(), c.GP64(), c.GP64(), c.GP64()
	count(c, n, func() {
		c.MOVLQSX(operand.Mem{Base: row}, from)
		c.IMULQ(size, from)
		c.ADDQ(x, from)
		c.MOVLQSX(operand.Mem{Base: edge}, with)
		c.IMULQ(size, with)
		c.ADDQ(e, with)
		c.MOVQ(from, nextFrom)
		c.MOVQ(with, nextWith)
		c.CMPQ(n, operand.U8(messageAhead))
		c.JLE(operand.LabelRef("near"))
		c.MOVLQSX(operand.Mem{Base: row, Disp: 4 * messageAhead}, nextFrom)
		c.IMULQ(size, nextFrom)
		c.ADDQ(x, nextFrom)
		c.MOVLQSX(operand.Mem{Base: edge, Disp: 4 * messageAhead}, nextWith)
		c.IMULQ(size, nextWith)
		c.ADDQ(e, nextWith)
		c.Label("near")
		cols.each(func(k *block) {
			c.PREFETCHT0(k.at(nextFrom))
			c.PREFETCHT0(k.at(nextWith))
			k.store(then(l, l.add(k.load(from), k.load(with))), out)
		})
		c.ADDQ(size, out)
		c.ADDQ(operand.U8(4), row)
		c.ADDQ(operand.U8(4), edge)
	})
	end(c)
}

// rowsByIndex writes a copy of rows from or to their places, which are fetched into the cache before.
func rowsByIndex(c *Context, t *table, name, doc string, put bool) {
	begin(c, name, "func(out, x *float32, row *int32, n, d int)", name+" is: for p < n, c < d { "+doc+" }. n is at least 1.")
	l := &lanes{Context: c, table: t, single: true}
	out, x, row, n, d := param(c, "out"), param(c, "x"), param(c, "row"), param(c, "n"), param(c, "d")
	cols, size, at, next := l.columns(d), bytes(c, d), c.GP64(), c.GP64()
	there, here := x, out
	if put {
		there, here = out, x
	}
	count(c, n, func() {
		index(c, there, row, size, at)
		c.MOVQ(at, next)
		c.CMPQ(n, operand.U8(messageAhead))
		c.JLE(operand.LabelRef("near"))
		c.MOVLQSX(operand.Mem{Base: row, Disp: 4 * messageAhead}, next)
		c.IMULQ(size, next)
		c.ADDQ(there, next)
		c.Label("near")
		cols.each(func(k *block) {
			c.PREFETCHT0(k.at(next))
			if put {
				k.store(k.load(here), at)
			} else {
				k.store(k.load(at), here)
			}
		})
		c.ADDQ(size, here)
		c.ADDQ(operand.U8(4), row)
	})
	end(c)
}
