package main

import (
	"math"
	"slices"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A chain of dependent operations leaves a processor idle while it waits for each result. Two chains, an instruction of one after an
// instruction of the other, keep it busy; together they need more registers than there are, so that some values wait in memory.

// interleave writes the bodies, which are straight lines, an instruction of each in turn. Each body returns the values that live on.
func interleave(l *lanes, in [][]vec, bodies []func(l *lanes) []vec) (out [][]vec) {
	var code [][]*ir.Instruction
	for _, body := range bodies {
		c := NewContext()
		c.Collection = l.Collection // registers of their own
		c.Function("body")
		out = append(out, body(&lanes{Context: c, table: l.table, narrow: l.narrow}))
		file, err := c.Result()
		if err != nil {
			panic(err)
		}
		code = append(code, file.Functions()[0].Instructions())
	}
	var line []*ir.Instruction
	for i := range code[0] {
		for _, c := range code {
			line = append(line, c[i])
		}
	}
	s := &spiller{lanes: l, uses: map[reg.ID][]int{}, name: map[reg.ID]vec{}, slot: map[reg.ID]operand.Mem{}}
	made := map[reg.ID]bool{} // by the line or before it; other registers stay as they are
	for _, values := range in {
		for _, v := range values {
			made[v.ID()] = true
		}
	}
	for p, i := range line {
		for _, r := range vectors(i.InputRegisters()) {
			if !made[r.ID()] && !slices.Contains(s.fixed, r.ID()) {
				s.fixed = append(s.fixed, r.ID())
			}
			s.uses[r.ID()] = append(s.uses[r.ID()], p)
		}
		for _, r := range i.OutputRegisters() {
			made[r.ID()] = true
		}
	}
	for _, values := range out {
		for _, v := range values {
			s.uses[v.ID()] = append(s.uses[v.ID()], math.MaxInt)
		}
	}
	for _, values := range in {
		for _, v := range values {
			s.hold(v)
		}
	}
	for p, i := range line {
		s.write(p, i)
	}
	for _, values := range out {
		for j, v := range values {
			values[j] = s.name[v.ID()]
		}
	}
	return out
}

// vectors returns the vector registers of a list.
func vectors(list []reg.Register) (v []reg.Register) {
	for _, r := range list {
		if r.Kind() == reg.KindVector {
			v = append(v, r)
		}
	}
	return v
}

// registers is how many of the sixteen registers the values may take.
const registers = 15

// spiller writes a straight line of instructions and keeps at most so many values in registers: where there are more, the
// one whose next use is farthest waits in memory.
type spiller struct {
	*lanes
	fixed []reg.ID         // registers with values from elsewhere
	uses  map[reg.ID][]int // positions that are still to come
	held  []vec            // the values in registers, by their first names
	name  map[reg.ID]vec   // the register of a value
	slot  map[reg.ID]operand.Mem
	empty []operand.Mem // slots of values that are dead
}

// hold says that a value is in the register of its name.
func (s *spiller) hold(v vec) {
	s.held = append(s.held, v)
	if _, ok := s.name[v.ID()]; !ok {
		s.name[v.ID()] = v
	}
}

// room makes place for one more value that is none of keep.
func (s *spiller) room(keep []reg.Register) {
	for len(s.held)+len(s.fixed) >= registers {
		far := -1
		for j, v := range s.held {
			if slices.ContainsFunc(keep, func(r reg.Register) bool { return r.ID() == v.ID() }) {
				continue
			}
			if far < 0 || s.uses[v.ID()][0] > s.uses[s.held[far].ID()][0] {
				far = j
			}
		}
		v := s.held[far]
		if _, ok := s.slot[v.ID()]; !ok {
			if len(s.empty) == 0 {
				s.empty = append(s.empty, s.AllocLocal(32))
			}
			m := s.empty[len(s.empty)-1]
			s.empty = s.empty[:len(s.empty)-1]
			s.VMOVUPS(s.name[v.ID()], m)
			s.slot[v.ID()] = m
		}
		s.held = slices.Delete(s.held, far, far+1)
	}
}

func (s *spiller) holds(r reg.Register) bool {
	return slices.ContainsFunc(s.held, func(v vec) bool { return v.ID() == r.ID() })
}

// write writes instruction i of the line, at position p.
func (s *spiller) write(p int, i *ir.Instruction) {
	in := slices.DeleteFunc(vectors(i.InputRegisters()), func(r reg.Register) bool { return slices.Contains(s.fixed, r.ID()) })
	for k, r := range in {
		if s.holds(r) {
			continue
		}
		// The first operand of an arithmetic instruction may be in memory.
		direct := k == 0 && slices.Contains([]string{"VADDPD", "VSUBPD", "VMULPD", "VDIVPD"}, i.Opcode) &&
			i.Operands[0] == operand.Op(r) && i.Operands[1] != operand.Op(r)
		if direct && len(s.uses[r.ID()]) == 1 {
			i.Operands[0], i.Inputs[0] = s.slot[r.ID()], s.slot[r.ID()]
			continue
		}
		s.room(in)
		v := s.YMM()
		s.VMOVUPS(s.slot[r.ID()], v)
		s.name[r.ID()] = v
		s.held = append(s.held, r.(vec).AsY().(vec))
	}
	for _, list := range [][]operand.Op{i.Operands, i.Inputs, i.Outputs} {
		for k, op := range list {
			if v, ok := op.(vec); ok {
				if n, ok := s.name[v.ID()]; ok {
					list[k] = n
					if v.Size() == 16 {
						list[k] = n.AsX()
					}
				}
			}
		}
	}
	for _, r := range in { // the dead make place
		left := s.uses[r.ID()]
		if len(left) == 0 || left[0] != p {
			continue // named twice
		}
		for len(left) > 0 && left[0] == p {
			left = left[1:]
		}
		if s.uses[r.ID()] = left; len(left) == 0 {
			s.held = slices.DeleteFunc(s.held, func(v vec) bool { return v.ID() == r.ID() })
			if m, ok := s.slot[r.ID()]; ok {
				s.empty = append(s.empty, m)
			}
		}
	}
	for _, r := range vectors(i.OutputRegisters()) {
		if !s.holds(r) && len(s.uses[r.ID()]) > 0 {
			s.room(nil)
			s.hold(r.(vec))
		}
		delete(s.slot, r.ID())
	}
	s.Instruction(i)
}
