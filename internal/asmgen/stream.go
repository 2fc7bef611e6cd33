package main

import (
	"fmt"
	"slices"
	"strings"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// stream is a function over the elements of slices: for i < n { out[i]... = body(in[i]...) }. Its slices hold float32, or float64
// where wide is set; the body is in float32 where single is set, else in float64, rounded once to the slices' type. The name of a
// slice that is read and written stands in both lists.
type stream struct {
	name, doc    string
	out, in      []string
	scalars      []string // parameters of the body's type
	constants    int      // number of constants of the body in the last parameter, k, each in all lanes
	wide, single bool
	pair         bool // two vectors in flight: the body is a straight line
	body         func(l *lanes, in []vec, scalars []operand.Op) []vec
}

func (s stream) signature() string {
	element, number := "*float32", "float64"
	if s.wide {
		element = "*float64"
	}
	if s.single {
		number = "float32"
	}
	var list []string
	for _, n := range s.slices() {
		list = append(list, n+" "+element)
	}
	list = append(list, "n int")
	for _, n := range s.scalars {
		list = append(list, n+" "+number)
	}
	if s.constants > 0 {
		list = append(list, fmt.Sprintf("k *[%d][4]float64", s.constants))
	}
	return "func(" + strings.Join(list, ", ") + ")"
}

// slices returns the names of the slices, each once.
func (s stream) slices() []string {
	list := append([]string(nil), s.out...)
	for _, n := range s.in {
		if !slices.Contains(list, n) {
			list = append(list, n)
		}
	}
	return list
}

// write writes the function.
func (s stream) write(c *Context, t *table) {
	begin(c, s.name, s.signature(), s.name+" is: for i < n { "+s.doc+" }.")
	l := &lanes{Context: c, table: t, single: s.single, narrow: s.pair}
	base := map[string]reg.Register{}
	for _, n := range s.slices() {
		base[n] = param(c, n)
	}
	n := param(c, "n")
	var scalars []operand.Op
	for _, p := range s.scalars {
		if s.single {
			scalars = append(scalars, spreadSingle(c, p))
		} else {
			scalars = append(scalars, spreadDouble(c, p))
		}
	}
	if s.constants > 0 {
		k := param(c, "k")
		for i := range s.constants {
			scalars = append(scalars, operand.Mem{Base: k, Disp: 32 * i})
		}
	}
	width, copies := 4, 1
	if s.single {
		width = 8
	}
	if s.pair {
		copies = 2
	}
	m := &moves{l: l, wide: s.wide}
	i := c.GP64()
	c.XORQ(i, i)
	at := func(name string, ahead int) operand.Mem {
		size := 4
		if s.wide {
			size = 8
		}
		return operand.Mem{Base: base[name], Index: i, Scale: uint8(size), Disp: size * ahead}
	}
	in := make([][]vec, copies)
	for k := range in {
		for range s.in {
			in[k] = append(in[k], c.YMM())
		}
	}
	// each calls f for every slice of every copy.
	each := func(names []string, values [][]vec, f func(k int, v vec, at operand.Mem)) {
		for k := range values {
			for j, name := range names {
				f(k, values[k][j], at(name, k*width))
			}
		}
	}
	load := func(_ int, v vec, at operand.Mem) { m.load(at, v) }
	store := func(_ int, v vec, at operand.Mem) { m.store(v, at) }
	if s.single { // four vectors at a time
		c.SUBQ(operand.U8(4*width), n)
		c.JL(operand.LabelRef("few"))
		c.Label("many")
		for v := range 4 {
			for j, name := range s.in {
				m.load(at(name, v*width), in[0][j])
			}
			for j, y := range s.body(l, in[0], scalars) {
				m.store(y, at(s.out[j], v*width))
			}
		}
		c.ADDQ(operand.U8(4*width), i)
		c.SUBQ(operand.U8(4*width), n)
		c.JGE(operand.LabelRef("many"))
		c.Label("few")
		c.ADDQ(operand.U8(4*width), n)
	}
	c.Label("next")
	c.CMPQ(n, operand.U8(width*copies))
	c.JL(operand.LabelRef("part"))
	each(s.in, in, load)
	c.Label("body")
	var out [][]vec
	if s.pair {
		var bodies []func(l *lanes) []vec
		for k := range in {
			bodies = append(bodies, func(l *lanes) []vec { return s.body(l, in[k], scalars) })
		}
		out = interleave(l, in, bodies)
	} else {
		out = [][]vec{s.body(l, in[0], scalars)}
	}
	c.CMPQ(n, operand.U8(width*copies))
	c.JL(operand.LabelRef("partOut"))
	each(s.out, out, store)
	c.ADDQ(operand.U8(width*copies), i)
	c.SUBQ(operand.U8(width*copies), n)
	c.JMP(operand.LabelRef("next"))
	c.Label("part") // the last elements, by masked moves
	c.TESTQ(n, n)
	c.JZ(operand.LabelRef("done"))
	m.part(n)
	each(s.in, in, func(k int, v vec, at operand.Mem) { m.loadPart(k, at, v) })
	c.JMP(operand.LabelRef("body"))
	c.Label("partOut")
	m.part(n)
	each(s.out, out, func(k int, v vec, at operand.Mem) { m.storePart(k, v, at) })
	c.Label("done")
	end(c)
}

// moves loads and stores vectors, with conversion where the slices hold float32 and the lanes float64.
type moves struct {
	l    *lanes
	wide bool
	mask vec
}

func (m *moves) converts() bool { return !m.wide && !m.l.single }

func (m *moves) load(at operand.Mem, v vec) {
	if m.converts() {
		m.l.VCVTPS2PD(at, v)
	} else {
		m.l.VMOVUPS(at, v)
	}
}

func (m *moves) store(v vec, at operand.Mem) {
	if m.converts() {
		m.l.VCVTPD2PSY(v, v.AsX())
		m.l.VMOVUPS(v.AsX(), at)
	} else {
		m.l.VMOVUPS(v, at)
	}
}

// part sets the mask of the first n lanes, of a pair of vectors in its halves.
func (m *moves) part(n reg.Register) {
	m.mask = m.l.YMM()
	size := 4
	if m.wide {
		size = 8
	}
	m.l.mask(n, size, m.mask)
}

// half returns the mask of vector k of a pair.
func (m *moves) half(k int) reg.Register {
	if k == 0 {
		return m.mask.AsX()
	}
	x := m.l.XMM()
	m.l.VEXTRACTI128(operand.U8(1), m.mask, x)
	return x
}

func (m *moves) loadPart(k int, at operand.Mem, v vec) {
	switch {
	case m.converts():
		m.l.VMASKMOVPS(at, m.half(k), v.AsX())
		m.l.VCVTPS2PD(v.AsX(), v)
	case m.wide:
		m.l.VMASKMOVPD(at, m.mask, v)
	default:
		m.l.VMASKMOVPS(at, m.mask, v)
	}
}

func (m *moves) storePart(k int, v vec, at operand.Mem) {
	switch {
	case m.converts():
		m.l.VCVTPD2PSY(v, v.AsX())
		m.l.VMASKMOVPS(v.AsX(), m.half(k), at)
	case m.wide:
		m.l.VMASKMOVPD(v, m.mask, at)
	default:
		m.l.VMASKMOVPS(v, m.mask, at)
	}
}
