package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

type vec = reg.VecVirtual

// table is read-only data that the functions of one file share: constants in all lanes of a vector, and masks.
type table struct {
	name   string
	offset map[uint64]int
	words  []uint64
}

func newTable(name string) *table {
	t := &table{name: name, offset: map[uint64]int{}}
	for i := range 8 { // the masks: eight words of ones and eight of zeros
		t.words = append(t.words, [2]uint64{1<<64 - 1, 0}[i/4])
	}
	return t
}

// of returns the address of v in all four quadwords.
func (t *table) of(v uint64) operand.Mem {
	at, ok := t.offset[v]
	if !ok {
		at = 8 * len(t.words)
		t.offset[v] = at
		t.words = append(t.words, v, v, v, v)
	}
	return operand.NewDataAddr(operand.NewStaticSymbol(t.name), at)
}

func (t *table) write(c *Context) {
	c.StaticGlobal(t.name)
	c.DataAttributes(attr.RODATA | attr.NOPTR)
	for _, w := range t.words {
		c.AppendDatum(operand.U64(w))
	}
}

// lanes writes expressions over vectors of eight float32 (single) or four float64. An operand is a register or a constant
// of the table; no products and sums are fused. The operations have the order of the Go expressions that they stand for.
type lanes struct {
	*Context
	*table
	single bool
	narrow bool // what becomes 0 or an infinity by rounding to float32 need not be exact
	labels int
}

// k returns the constant v in all lanes.
func (l *lanes) k(v float64) operand.Op {
	if l.single {
		b := uint64(math.Float32bits(float32(v)))
		return l.of(b<<32 | b)
	}
	return l.of(math.Float64bits(v))
}

// bits returns the word b in all lanes.
func (l *lanes) bits(b uint64) operand.Op {
	if l.single {
		return l.of(b<<32 | b)
	}
	return l.of(b)
}

// in returns a register that holds x.
func (l *lanes) in(x operand.Op) vec {
	if v, ok := x.(vec); ok {
		return v
	}
	v := l.YMM()
	l.VMOVUPD(x, v)
	return v
}

// apply returns f(a, b), where f wants its last source first and in memory only there.
func (l *lanes) apply(double, single func(...operand.Op), a, b operand.Op) vec {
	y := l.YMM()
	if l.single {
		double = single
	}
	double(b, l.in(a), y)
	return y
}

// commute is apply where the sources may change places.
func (l *lanes) commute(double, single func(...operand.Op), a, b operand.Op) vec {
	if _, ok := a.(vec); !ok {
		a, b = b, a
	}
	return l.apply(double, single, a, b)
}

func (l *lanes) add(a, b operand.Op) vec { return l.commute(l.VADDPD, l.VADDPS, a, b) }
func (l *lanes) mul(a, b operand.Op) vec { return l.commute(l.VMULPD, l.VMULPS, a, b) }
func (l *lanes) sub(a, b operand.Op) vec { return l.apply(l.VSUBPD, l.VSUBPS, a, b) }
func (l *lanes) div(a, b operand.Op) vec { return l.apply(l.VDIVPD, l.VDIVPS, a, b) }
func (l *lanes) and(a, b operand.Op) vec {
	return l.commute(l.VANDPD, l.VANDPS, a, b)
}
func (l *lanes) or(a, b operand.Op) vec  { return l.commute(l.VORPD, l.VORPS, a, b) }
func (l *lanes) xor(a, b operand.Op) vec { return l.commute(l.VXORPD, l.VXORPS, a, b) }

// without returns a where the mask is not set, else 0.
func (l *lanes) without(mask, a operand.Op) vec {
	return l.apply(l.VANDNPD, l.VANDNPS, mask, a)
}

func (l *lanes) min(a, b operand.Op) vec { return l.apply(l.VMINPD, l.VMINPS, a, b) }
func (l *lanes) max(a, b operand.Op) vec { return l.apply(l.VMAXPD, l.VMAXPS, a, b) }

func (l *lanes) sqrt(a operand.Op) vec {
	y := l.YMM()
	if l.single {
		l.VSQRTPS(a, y)
	} else {
		l.VSQRTPD(a, y)
	}
	return y
}

// Predicates of compare; all but unordered and notEqual are false where an operand is NaN.
const (
	equal     = 0x00
	unordered = 0x03
	notEqual  = 0x04
	less      = 0x11
	atMost    = 0x12
	atLeast   = 0x1d
	greater   = 0x1e
)

// compare returns all ones in the lanes where a and b are in the relation, else zeros.
func (l *lanes) compare(predicate uint8, a, b operand.Op) vec {
	y := l.YMM()
	if l.single {
		l.VCMPPS(operand.U8(predicate), b, l.in(a), y)
	} else {
		l.VCMPPD(operand.U8(predicate), b, l.in(a), y)
	}
	return y
}

// choose returns yes where the mask is set, else no.
func (l *lanes) choose(mask, yes, no operand.Op) vec {
	y := l.YMM()
	if l.single {
		l.VBLENDVPS(mask, yes, l.in(no), y)
	} else {
		l.VBLENDVPD(mask, yes, l.in(no), y)
	}
	return y
}

// Operations on quadwords.
func (l *lanes) addInt(a, b operand.Op) vec { return l.commute(l.VPADDQ, nil, a, b) }
func (l *lanes) subInt(a, b operand.Op) vec { return l.apply(l.VPSUBQ, nil, a, b) }
func (l *lanes) left(a operand.Op, n uint8) vec {
	y := l.YMM()
	l.VPSLLQ(operand.U8(n), a, y)
	return y
}
func (l *lanes) right(a operand.Op, n uint8) vec {
	y := l.YMM()
	l.VPSRLQ(operand.U8(n), a, y)
	return y
}

// label returns a new name for a label of the function.
func (l *lanes) label(what string) string {
	l.labels++
	return fmt.Sprintf("%s%d", what, l.labels)
}

// begin starts a function.
func begin(c *Context, name, signature string, doc ...string) {
	c.Function(name)
	c.Attributes(7)
	c.Pragma("noescape")
	c.Doc(doc...)
	c.SignatureExpr(signature)
}

// end returns.
func end(c *Context) {
	c.VZEROUPPER()
	c.RET()
}

// param loads a parameter.
func param(c *Context, name string) reg.Register { return c.Load(c.Param(name), c.GP64()) }

// spreadSingle returns a float32 parameter in all eight lanes.
func spreadSingle(c *Context, name string) vec {
	p, err := c.Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	y := c.YMM()
	c.VBROADCASTSS(p.Addr, y)
	return y
}

// mask returns the mask of the first left lanes of size bytes.
func (l *lanes) mask(left reg.Register, size int, y reg.Register) {
	at, offset := l.GP64(), l.GP64()
	l.LEAQ(operand.NewDataAddr(operand.NewStaticSymbol(l.name), 32), at)
	l.MOVQ(left, offset)
	l.SHLQ(operand.U8(map[int]uint8{4: 2, 8: 3}[size]), offset)
	l.SUBQ(offset, at)
	l.VMOVDQU(operand.Mem{Base: at}, y)
}
