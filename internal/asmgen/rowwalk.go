package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// rowWalk goes over the positions of a segment, ptr[0] <= p < end, and fetches the rows of later positions into the cache.
type rowWalk struct {
	segFold
	x, stride, row, ptr reg.Register
	w, wstride, edge    reg.Register // unless unweighted
	p, end, last        reg.GPVirtual
	split               int // passes that share the fetching of a row; 0 is 1
}

// begin finds the last position of so many segments.
func (k rowWalk) begin(segments reg.Register) {
	k.MOVLQSX(operand.Mem{Base: k.ptr, Index: segments, Scale: 4}, k.last)
	k.DECQ(k.last)
}

// ahead returns how many positions before its use a row is fetched.
func (k rowWalk) ahead() int {
	if k.width >= 64 {
		return 16
	}
	return 32
}

// each runs body for the positions of the segment, in the given pass, with the addresses of a row of x and of w.
func (k rowWalk) each(pass int, body func(x, w func(disp int) operand.Mem)) {
	name := func(what string) string { return fmt.Sprintf("%s%d", what, pass) }
	k.MOVLQSX(operand.Mem{Base: k.ptr}, k.p)
	k.CMPQ(k.p, k.end)
	k.JGE(operand.LabelRef(name("end")))
	k.Label(name("next"))
	r, e := k.GP64(), k.GP64()
	gathered := func(index, r reg.Register, label string, ahead func()) {
		k.MOVQ(k.p, r)
		k.TESTQ(index, index)
		k.JZ(operand.LabelRef(label))
		ahead()
		k.MOVLQSX(operand.Mem{Base: index, Index: k.p, Scale: 4}, r)
		k.Label(label)
	}
	gathered(k.row, r, name("row"), func() {
		k.LEAQ(operand.Mem{Base: k.p, Disp: k.ahead()}, r)
		k.CMPQ(r, k.last)
		k.CMOVQGT(k.last, r)
		k.MOVLQSX(operand.Mem{Base: k.row, Index: r, Scale: 4}, r)
		k.IMULQ(k.stride, r)
		// Where one pass is busy with integers, the memory would be idle if it fetched nothing.
		for line := 0; line < max(1, k.width/16); line++ {
			if line%max(1, k.split) == pass-1 {
				k.PREFETCHT0(operand.Mem{Base: k.x, Index: r, Scale: 1, Disp: 64 * line})
			}
		}
	})
	k.IMULQ(k.stride, r)
	if k.kind != unweighted {
		gathered(k.edge, e, name("edge"), func() {
			if pass > 1 {
				return
			}
			k.LEAQ(operand.Mem{Base: k.p, Disp: k.ahead()}, e)
			k.CMPQ(e, k.last)
			k.CMOVQGT(k.last, e)
			k.MOVLQSX(operand.Mem{Base: k.edge, Index: e, Scale: 4}, e)
			k.IMULQ(k.wstride, e)
			k.PREFETCHT0(operand.Mem{Base: k.w, Index: e, Scale: 1})
		})
		k.IMULQ(k.wstride, e)
	}
	body(func(disp int) operand.Mem { return operand.Mem{Base: k.x, Index: r, Scale: 1, Disp: disp} },
		func(disp int) operand.Mem { return operand.Mem{Base: k.w, Index: e, Scale: 1, Disp: disp} })
	k.INCQ(k.p)
	k.CMPQ(k.p, k.end)
	k.JLT(operand.LabelRef(name("next")))
	k.Label(name("end"))
}
