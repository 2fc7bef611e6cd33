package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// rowOps writes functions over the rows of float32 matrices.
func rowOps(c *Context) {
	t := newTable("rowops")
	for _, op := range []struct {
		name, sign string
		of         func(l *lanes, a, b operand.Op) vec
	}{{"add", "+", (*lanes).add}, {"sub", "-", (*lanes).sub}, {"mul", "*", (*lanes).mul}, {"div", "/", (*lanes).div}} {
		rowsOp(c, t, op.name, op.sign, op.of)
		groupsOp(c, t, op.name, op.sign, op.of)
	}
	rowReduce(c, t, "rowSums", "s = RowSum(row r of x)", (*lanes).add, 0)
	rowReduce(c, t, "rowMaxima", "s = max(row r of x...), NaN where one is NaN", nil, math.Inf(-1))
	headDots(c, t)
	gatherRows(c, t)
	normRows(c, t)
	normRowsBack(c, t)
	for _, relu := range []bool{false, true} {
		affineRows(c, t, "affine", "x[r*d+c]*weight[c] + bias[c]", []string{"weight", "bias"}, relu)
		affineRows(c, t, "normAffine", "(x[r*d+c]-mean[c])*scale[c]*weight[c] + bias[c]", []string{"mean", "scale", "weight", "bias"}, relu)
	}
	affineRows(c, t, "bias", "x[r*d+c] + bias[c]", []string{"bias"}, true)
	for _, width := range []int{32, 8} {
		gatherMax(c, t, width)
		gatherTies(c, t, width)
	}
	stream{name: "shares32", doc: "share[i] = dout[i] / share[i] where share[i] > 0", single: true,
		out: []string{"share"}, in: []string{"share", "dout"}, body: func(l *lanes, in []vec, _ []operand.Op) []vec {
			return []vec{l.choose(l.compare(greater, in[0], l.k(0)), l.div(in[1], in[0]), in[0])}
		}}.write(c, t)
	stream{name: "addScaled32", doc: "y[i] += x[i] * a", single: true, scalars: []string{"a"},
		out: []string{"y"}, in: []string{"y", "x"}, body: func(l *lanes, in []vec, s []operand.Op) []vec {
			return []vec{l.add(in[0], l.mul(in[1], s[0]))}
		}}.write(c, t)
	t.write(c)
}

// columns is a loop over the d columns of a row, eight at a time, the last ones by masked moves.
type columns struct {
	*lanes
	i, full, rest reg.Register
	mask          vec
}

func (l *lanes) columns(d reg.Register) *columns {
	c := &columns{lanes: l, i: l.GP64(), full: l.GP64(), rest: l.GP64(), mask: l.YMM()}
	l.MOVQ(d, c.full)
	l.ANDQ(operand.I8(-8), c.full)
	l.MOVQ(d, c.rest)
	l.ANDQ(operand.U8(7), c.rest)
	l.mask(c.rest, 4, c.mask)
	return c
}

// block is one step of the loop.
type block struct {
	*columns
	masked bool
}

func (b *block) at(base reg.Register) operand.Mem {
	return operand.Mem{Base: base, Index: b.i, Scale: 4}
}

// load returns the columns of a row, and 0 beyond its end.
func (b *block) load(base reg.Register) vec {
	y := b.YMM()
	if b.masked {
		b.VMASKMOVPS(b.at(base), b.mask, y)
	} else {
		b.VMOVUPS(b.at(base), y)
	}
	return y
}

func (b *block) store(y vec, base reg.Register) {
	if b.masked {
		b.VMASKMOVPS(y, b.mask, b.at(base))
	} else {
		b.VMOVUPS(y, b.at(base))
	}
}

// each writes the loop.
func (c *columns) each(body func(b *block)) {
	next, last, done := c.label("columns"), c.label("lastColumns"), c.label("columnsDone")
	c.XORQ(c.i, c.i)
	c.TESTQ(c.full, c.full)
	c.JZ(operand.LabelRef(last))
	c.Label(next)
	body(&block{columns: c})
	c.ADDQ(operand.U8(8), c.i)
	c.CMPQ(c.i, c.full)
	c.JL(operand.LabelRef(next))
	c.Label(last)
	c.TESTQ(c.rest, c.rest)
	c.JZ(operand.LabelRef(done))
	body(&block{columns: c, masked: true})
	c.Label(done)
}

// bytes turns a count of float32 into bytes.
func bytes(c *Context, n reg.Register) reg.Register {
	b := c.GP64()
	c.MOVQ(n, b)
	c.SHLQ(operand.U8(2), b)
	return b
}

// count writes a loop of n steps, n at least 1.
func count(c *Context, n reg.Register, body func()) {
	c.Label("next")
	body()
	c.DECQ(n)
	c.JNZ(operand.LabelRef("next"))
}

func rowsOp(c *Context, t *table, name, sign string, op func(l *lanes, a, b operand.Op) vec) {
	begin(c, name+"Rows", "func(y, a, b *float32, rows, d, stride int)",
		name+"Rows is: for r < rows, c < d { y[r*d+c] = a[r*d+c] "+sign+" b[r*stride+c] }. rows is at least 1.")
	l := &lanes{Context: c, table: t, single: true}
	y, a, b, n := param(c, "y"), param(c, "a"), param(c, "b"), param(c, "rows")
	d, stride := param(c, "d"), param(c, "stride")
	cols, size, jump := l.columns(d), bytes(c, d), bytes(c, stride)
	count(c, n, func() {
		cols.each(func(k *block) { k.store(op(l, k.load(a), k.load(b)), y) })
		c.ADDQ(size, y)
		c.ADDQ(size, a)
		c.ADDQ(jump, b)
	})
	end(c)
}

func groupsOp(c *Context, t *table, name, sign string, op func(l *lanes, a, b operand.Op) vec) {
	begin(c, name+"Groups", "func(y, a, b *float32, groups, per int)",
		name+"Groups is: for g < groups, c < per { y[g*per+c] = a[g*per+c] "+sign+" b[g] }. groups is at least 1.")
	l := &lanes{Context: c, table: t, single: true}
	y, a, b, n, per := param(c, "y"), param(c, "a"), param(c, "b"), param(c, "groups"), param(c, "per")
	cols, size, v := l.columns(per), bytes(c, per), c.YMM()
	count(c, n, func() {
		c.VBROADCASTSS(operand.Mem{Base: b}, v)
		cols.each(func(k *block) { k.store(op(l, k.load(a), v), y) })
		c.ADDQ(size, y)
		c.ADDQ(size, a)
		c.ADDQ(operand.U8(4), b)
	})
	end(c)
}

// halves folds the upper lanes of v onto the lower ones, in the fixed order of the tree, and returns lane 0.
func (l *lanes) halves(v vec, f func(a, b vec) vec) vec {
	a, b := v, l.YMM()
	l.VEXTRACTF128(operand.U8(1), v, b.AsX())
	a = f(a, b) // lanes 0..3 count from here
	b = l.YMM()
	l.VPERMILPD(operand.U8(1), a, b)
	a = f(a, b)
	b = l.YMM()
	l.VPERMILPS(operand.U8(1), a, b)
	return f(a, b)
}

// rowReduce writes a reduction of each row to one number: op nil stands for the maximum.
func rowReduce(c *Context, t *table, name, doc string, op func(l *lanes, a, b operand.Op) vec, from float64) {
	begin(c, name, "func(out, x *float32, rows, d int)", name+" is: for r < rows { "+doc+"; out[r] = s }. rows is at least 1.")
	l := &lanes{Context: c, table: t, single: true}
	out, x, n, d := param(c, "out"), param(c, "x"), param(c, "rows"), param(c, "d")
	cols, size, acc, nan := l.columns(d), bytes(c, d), c.YMM(), c.YMM()
	count(c, n, func() {
		c.VMOVUPS(l.k(from), acc)
		c.VXORPS(nan, nan, nan)
		cols.each(func(k *block) {
			v := k.load(x)
			if op != nil {
				c.VADDPS(v, acc, acc)
				return
			}
			c.VORPS(l.compare(unordered, v, v), nan, nan)
			if k.masked {
				v = l.choose(k.mask, v, l.k(from))
			}
			c.VMAXPS(v, acc, acc)
		})
		var y vec
		if op != nil {
			y = l.halves(acc, func(a, b vec) vec { return op(l, a, b) })
		} else {
			y = l.halves(acc, func(a, b vec) vec { return l.commute(c.VMAXPD, c.VMAXPS, a, b) })
			y = l.or(y, l.halves(nan, func(a, b vec) vec { return l.or(a, b) }))
		}
		c.VMOVSS(y.AsX(), operand.Mem{Base: out})
		c.ADDQ(size, x)
		c.ADDQ(operand.U8(4), out)
	})
	end(c)
}

func headDots(c *Context, t *table) {
	begin(c, "headDots", "func(out, a *float32, jump int, b *float32, row, edge *int32, n, heads, per int)",
		"headDots is: for p < n { for h < heads { out[edge[p]*heads+h] = RowDot(a[h*per:h*per+per], row row[p] of b [h*per:h*per+per]) }; a = a[heads*per+jump:] }.",
		"b has heads*per columns. n and heads are at least 1.")
	l := &lanes{Context: c, table: t, single: true}
	out, a, b := param(c, "out"), param(c, "a"), param(c, "b")
	row, edge, n, per := param(c, "row"), param(c, "edge"), param(c, "n"), param(c, "per")
	cols, size, acc := l.columns(per), bytes(c, per), c.YMM()
	heads, err := c.Param("heads").Resolve()
	if err != nil {
		panic(err)
	}
	jump, err := c.Param("jump").Resolve()
	if err != nil {
		panic(err)
	}
	y, z, h := c.GP64(), c.GP64(), c.GP64()
	count(c, n, func() {
		c.MOVLQSX(operand.Mem{Base: row}, z)
		c.IMULQ(heads.Addr, z)
		c.IMULQ(size, z)
		c.ADDQ(b, z)
		c.MOVLQSX(operand.Mem{Base: edge}, y)
		c.IMULQ(heads.Addr, y)
		c.LEAQ(operand.Mem{Base: out, Index: y, Scale: 4}, y)
		c.MOVQ(heads.Addr, h)
		c.Label("head")
		c.VXORPS(acc, acc, acc)
		cols.each(func(k *block) { c.VADDPS(l.mul(k.load(a), k.load(z)), acc, acc) })
		s := l.halves(acc, func(a, b vec) vec { return l.add(a, b) })
		c.VMOVSS(s.AsX(), operand.Mem{Base: y})
		c.ADDQ(operand.U8(4), y)
		c.ADDQ(size, a)
		c.ADDQ(size, z)
		c.DECQ(h)
		c.JNZ(operand.LabelRef("head"))
		c.MOVQ(jump.Addr, h)
		c.LEAQ(operand.Mem{Base: a, Index: h, Scale: 4}, a)
		c.ADDQ(operand.U8(4), row)
		c.ADDQ(operand.U8(4), edge)
	})
	end(c)
}

// index returns the address of row *at of a matrix, and moves at on.
func index(c *Context, base, at, size, y reg.Register) {
	c.MOVLQSX(operand.Mem{Base: at}, y)
	c.IMULQ(size, y)
	c.ADDQ(base, y)
}

func gatherRows(c *Context, t *table) {
	begin(c, "gatherRows", "func(out, x *float32, of *int32, n, d int)",
		"gatherRows is: for r < n, c < d { out[r*d+c] = x[of[r]*d+c] }. n is at least 1.")
	l := &lanes{Context: c, table: t, single: true}
	out, x, of, n, d := param(c, "out"), param(c, "x"), param(c, "of"), param(c, "n"), param(c, "d")
	cols, size, from := l.columns(d), bytes(c, d), c.GP64()
	count(c, n, func() {
		index(c, x, of, size, from)
		cols.each(func(k *block) { k.store(k.load(from), out) })
		c.ADDQ(size, out)
		c.ADDQ(operand.U8(4), of)
	})
	end(c)
}

func normRows(c *Context, t *table) {
	begin(c, "normRows", "func(y, x, mean, rstd *float32, of *int32, n, d int)",
		"normRows is: for r < n, c < d { y[r*d+c] = (x[r*d+c] - mean[of[r]*d+c]) * rstd[of[r]*d+c] }. n is at least 1.")
	l := &lanes{Context: c, table: t, single: true}
	y, x, mean, rstd := param(c, "y"), param(c, "x"), param(c, "mean"), param(c, "rstd")
	of, n, d := param(c, "of"), param(c, "n"), param(c, "d")
	cols, size, m, s := l.columns(d), bytes(c, d), c.GP64(), c.GP64()
	count(c, n, func() {
		index(c, mean, of, size, m)
		index(c, rstd, of, size, s)
		cols.each(func(k *block) { k.store(l.mul(l.sub(k.load(x), k.load(m)), k.load(s)), y) })
		c.ADDQ(size, x)
		c.ADDQ(size, y)
		c.ADDQ(operand.U8(4), of)
	})
	end(c)
}

func normRowsBack(c *Context, t *table) {
	begin(c, "normRowsBack", "func(dx, dy, y, rstd, m, p *float32, of *int32, n, d int)",
		"normRowsBack is: for r < n, c < d { s = of[r]*d+c; dx[r*d+c] = (dy[r*d+c] - m[s] - y[r*d+c]*p[s]) * rstd[s] }. n is at least 1.")
	l := &lanes{Context: c, table: t, single: true}
	dx, dy, y := param(c, "dx"), param(c, "dy"), param(c, "y")
	rstd, m, p, of, d := param(c, "rstd"), param(c, "m"), param(c, "p"), param(c, "of"), param(c, "d")
	cols, size := l.columns(d), bytes(c, d)
	// The three tables are addressed from the first.
	c.SUBQ(rstd, m)
	c.SUBQ(rstd, p)
	s, n := c.GP64(), param(c, "n")
	count(c, n, func() {
		index(c, rstd, of, size, s)
		cols.each(func(k *block) {
			scale := k.load(s)
			c.ADDQ(m, s)
			v := l.sub(k.load(dy), k.load(s))
			c.SUBQ(m, s)
			c.ADDQ(p, s)
			v = l.sub(v, l.mul(k.load(y), k.load(s)))
			c.SUBQ(p, s)
			k.store(l.mul(v, scale), dx)
		})
		c.ADDQ(size, dx)
		c.ADDQ(size, dy)
		c.ADDQ(size, y)
		c.ADDQ(operand.U8(4), of)
	})
	end(c)
}

// gathered writes a loop over the rows of a segment for 32 columns, or for the first left of 8.
func gathered(c *Context, t *table, name, params, doc string, width int, of func(l *lanes, load func(at operand.Mem) vec, put func(v vec, at operand.Mem))) {
	signature := "func(" + params + ", x *float32, stride int, row *int32, n int)"
	limit := "c < 32"
	if width == 8 {
		signature = "func(" + params + ", x *float32, stride int, row *int32, n, left int)"
		limit = "c < left, left <= 8"
	}
	begin(c, name, signature, name+" is: for p < n, "+limit+" { "+doc+" }. n is at least 1.")
	l := &lanes{Context: c, table: t, single: true}
	var mask vec
	if width == 8 {
		mask = c.YMM()
		l.mask(param(c, "left"), 4, mask)
	}
	of(l, func(at operand.Mem) vec {
		v := c.YMM()
		if mask != nil {
			c.VMASKMOVPS(at, mask, v)
		} else {
			c.VMOVUPS(at, v)
		}
		return v
	}, func(v vec, at operand.Mem) {
		if mask != nil {
			c.VMASKMOVPS(v, mask, at)
		} else {
			c.VMOVUPS(v, at)
		}
	})
	end(c)
}

func gatherMax(c *Context, t *table, width int) {
	name := map[int]string{32: "gatherMax32", 8: "gatherMax8"}[width]
	gathered(c, t, name, "out *float32, sign uint32",
		"out[c] = max(out[c], x[row[p]*stride+c]) + 0, NaN where one is NaN, or the minimum where sign is the sign bit", width,
		func(l *lanes, load func(operand.Mem) vec, store func(vec, operand.Mem)) {
			out, flip := param(c, "out"), spreadSingle(c, "sign")
			var acc, nan []vec
			for i := range width / 8 {
				v := load(operand.Mem{Base: out, Disp: 32 * i})
				nan = append(nan, l.compare(unordered, v, v))
				acc = append(acc, l.xor(v, flip))
			}
			rowLoop(c, func(at func(int) operand.Mem) {
				for i := range acc {
					v := l.xor(load(at(32*i)), flip)
					c.VMAXPS(v, acc[i], acc[i])
					c.VORPS(l.compare(unordered, v, v), nan[i], nan[i])
				}
			})
			for i := range acc {
				y := l.add(l.xor(acc[i], flip), l.k(0))
				store(l.or(y, nan[i]), operand.Mem{Base: out, Disp: 32 * i})
			}
		})
}

func gatherTies(c *Context, t *table, width int) {
	name := map[int]string{32: "gatherTies32", 8: "gatherTies8"}[width]
	gathered(c, t, name, "count, out *float32", "count[c] += 1 where x[row[p]*stride+c] == out[c]", width,
		func(l *lanes, load func(operand.Mem) vec, store func(vec, operand.Mem)) {
			count, out, one := param(c, "count"), param(c, "out"), l.in(l.k(1))
			var acc, top []vec
			for i := range width / 8 {
				acc = append(acc, load(operand.Mem{Base: count, Disp: 32 * i}))
				top = append(top, load(operand.Mem{Base: out, Disp: 32 * i}))
			}
			rowLoop(c, func(at func(int) operand.Mem) {
				for i := range acc {
					c.VADDPS(l.and(l.compare(equal, load(at(32*i)), top[i]), one), acc[i], acc[i])
				}
			})
			for i := range acc {
				store(acc[i], operand.Mem{Base: count, Disp: 32 * i})
			}
		})
}
