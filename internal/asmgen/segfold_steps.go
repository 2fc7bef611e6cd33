package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// masks builds the masks of the parameter cols.
func (s segFold) masks() (m masks) {
	cols := s.Load(s.Param("cols"), s.GP64())
	if s.wide {
		g := s.GP32()
		s.MOVL(operand.U32(0xffffffff), g)
		s.BZHIL(cols.(reg.GPVirtual).As32(), g, g)
		all, lo, hi := s.K(), s.K(), s.K()
		s.KMOVW(g, all)
		s.KMOVB(g, lo)
		s.SHRL(operand.U8(8), g)
		s.KMOVB(g, hi)
		return masks{all, [2]operand.Op{lo, hi}}
	}
	// Lane i is on where i < cols.
	all, lanes, hi, g := s.YMM(), s.YMM(), s.XMM(), s.GP64()
	s.MOVQ(operand.U64(0x0706050403020100), g)
	s.VMOVQ(g, lanes.AsX())
	s.VPMOVZXBD(lanes.AsX(), lanes)
	s.VMOVQ(cols, all.AsX())
	s.VPBROADCASTD(all.AsX(), all)
	s.VPCMPGTD(lanes, all, all)
	s.VEXTRACTI128(operand.U8(1), all, hi)
	return masks{all, [2]operand.Op{all.AsX(), hi}}
}

// raise sets mx = max(mx, bits(|x|)).
func (s segFold) raise(mx, t, abs reg.VecVirtual, x operand.Mem, m masks) {
	switch {
	case m.all == nil && s.wide:
		s.VPANDD(x, abs, t)
	case m.all == nil:
		s.VPAND(x, abs, t)
	case s.wide:
		s.VMOVDQU32_Z(x, m.all, t)
		s.VPANDD(t, abs, t)
	default:
		s.VPMASKMOVD(x, m.all, t)
		s.VPAND(t, abs, t)
	}
	s.VPMAXUD(t, mx, mx)
}

// convert sets v to float64 of vector i of a row.
func (s segFold) convert(v reg.VecVirtual, x operand.Mem, m masks, i int) {
	switch {
	case m.all == nil:
		s.VCVTPS2PD(x, v)
	case s.wide:
		s.VCVTPS2PD_Z(x, m.half[i], v)
	default:
		s.VMASKMOVPS(x, m.half[i], v.AsX())
		s.VCVTPS2PD(v.AsX(), v)
	}
}

// stopUnlessNormal jumps to stop where a lane is neither zero nor a normal number's bits.
func (s segFold) stopUnlessNormal(v reg.VecVirtual, t []reg.VecVirtual) {
	if s.wide {
		k := s.K()
		s.VFPCLASSPSZ(operand.U8(0x80|0x20|0x10|0x08|0x01), v, k) // NaN of both kinds, subnormal, the infinities
		s.KORTESTW(k, k)
		s.JNE(operand.LabelRef("stop"))
		return
	}
	low, top := s.constant(0x00800000, false), s.constant(0x7effffff, false)
	s.VPSUBD(low, v, t[0])
	s.VPMINUD(top, t[0], t[1])
	s.VPCMPEQD(t[0], t[1], t[1]) // normal
	s.zero(t[0])
	s.VPCMPEQD(v, t[0], t[0]) // zero
	s.VPOR(t[0], t[1], t[1])
	flags := s.GP32()
	s.VMOVMSKPS(t[1], flags)
	s.CMPL(flags, operand.U32(0xff))
	s.JNE(operand.LabelRef("stop"))
}

// grids sets M from the maxima for n terms: its exponent field is 1024 + excess(n) + e, and e = (bits>>23) - 126 for each factor. A
// maximum of zero takes part as if it were subnormal: all its terms are zero, on any grid.
func (s segFold) grids(magic, mx, mw []reg.VecVirtual, n reg.Register, t []reg.VecVirtual) {
	bias, field := s.vec(), s.GP64()
	s.LEAQ(operand.Mem{Base: n, Disp: -1}, field)
	s.ORQ(operand.U32(1024), field)
	s.BSRQ(field, field) // excess + 10
	c := 1024 - 10 - 126
	if s.kind != unweighted {
		c -= 126
	}
	s.ADDQ(operand.U32(c), field)
	if s.kind == perHead {
		s.stopUnlessNormal(mw[0], t)
		g := s.GP64()
		s.VMOVD(mw[0].AsX(), g.As32())
		s.SHRQ(operand.U8(23), g)
		s.ADDQ(g, field)
	}
	s.VMOVQ(field, bias.AsX())
	s.VPBROADCASTQ(bias.AsX(), bias)
	for i, v := range mx {
		s.stopUnlessNormal(v, t)
		s.VPSRLD(operand.U8(23), v, v)
		if s.kind == perChannel {
			s.stopUnlessNormal(mw[i], t)
			s.VPSRLD(operand.U8(23), mw[i], mw[i])
			s.VPADDD(mw[i], v, v)
		}
		if s.wide {
			s.VPMOVZXDQ(v.AsY(), magic[2*i])
			s.VEXTRACTI64X4(operand.U8(1), v, v.AsY())
			s.VPMOVZXDQ(v.AsY(), magic[2*i+1])
		} else {
			s.VPMOVZXDQ(v.AsX(), magic[2*i])
			s.VEXTRACTI128(operand.U8(1), v, v.AsX())
			s.VPMOVZXDQ(v.AsX(), magic[2*i+1])
		}
	}
	half := s.constant(1<<51, true)
	for _, v := range magic {
		s.VPADDQ(bias, v, v)
		s.VPSLLQ(operand.U8(52), v, v)
		s.or(half, v)
	}
}

func (s segFold) or(a, v reg.VecVirtual) {
	if s.wide {
		s.VPORQ(a, v, v)
	} else {
		s.VPOR(a, v, v)
	}
}

// finish stores float32(S / div): k = acc - n*bits(M), S = float64(k) * 2^-g, where the exponent field of 2^-g is that of M less 52.
func (s segFold) finish(out reg.Register, magic, acc []reg.VecVirtual, n reg.Register, m masks) {
	nv, t, shift, mantissa := s.vec(), s.vec(), s.constant(52<<52, true), s.constant(1<<51, true)
	s.VMOVQ(n, nv.AsX())
	s.VPBROADCASTQ(nv.AsX(), nv)
	for i, k := range acc {
		s.VPSRLQ(operand.U8(32), magic[i], t) // the low half of M is zero
		s.VPMULUDQ(nv, t, t)
		s.VPSLLQ(operand.U8(32), t, t)
		s.VPSUBQ(t, k, k)
		s.toDouble(k, t)
		s.VPSUBQ(mantissa, magic[i], magic[i])
		s.VPSUBQ(shift, magic[i], magic[i])
		s.VMULPD(magic[i], k, k)
	}
	s.CMPQ(s.param("mean"), operand.U8(0))
	s.JEQ(operand.LabelRef("store"))
	s.CMPQ(n, operand.U8(0))
	s.JEQ(operand.LabelRef("store"))
	d := s.vec()
	s.VCVTSI2SDQ(n, magic[0].AsX(), d.AsX())
	s.VBROADCASTSD(d.AsX(), d)
	for _, k := range acc {
		s.VDIVPD(d, k, k)
	}
	s.Label("store")
	for _, k := range acc {
		if s.wide {
			s.VCVTPD2PS(k, k.AsY())
		} else {
			s.VCVTPD2PSY(k, k.AsX())
		}
	}
	store := func(masked bool) {
		for i, k := range acc {
			var v operand.Op = k.AsX()
			if s.wide {
				v = k.AsY()
			}
			at := operand.Mem{Base: out, Disp: 4 * s.doubles() * i}
			switch {
			case !masked:
				s.VMOVUPS(v, at)
			case s.wide:
				s.VMOVUPS(v, m.half[i], at)
			default:
				s.VMASKMOVPS(v, m.half[i], at)
			}
		}
	}
	if m.all == nil {
		store(false)
		return
	}
	s.CMPQ(s.param("cols"), operand.U8(s.width))
	s.JLT(operand.LabelRef("short"))
	store(false)
	s.JMP(operand.LabelRef("stored"))
	s.Label("short")
	store(true)
	s.Label("stored")
}

// toDouble turns int64 into float64 with one rounding.
func (s segFold) toDouble(k, t reg.VecVirtual) {
	if s.wide {
		s.VCVTQQ2PD(k, k)
	} else {
		newInt64ToDouble(s.Context).convert(k, t)
	}
}
