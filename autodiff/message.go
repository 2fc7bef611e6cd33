package autodiff

import (
	"symbridge/graph"
	"symbridge/internal/kernel"
	"symbridge/tensor"
)

// MessageSum returns the sum of messages, which are rows of neighbours with features of edges: y_i = sum_p m_p over the positions p of
// segment i, of row j and edge e, where m_p = x_j + e_ji, rounded, or max(m_p, 0) with relu, as in the GINE of Hu et al. (2020):
// (R,d), (E,d) -> (S,d), order-free. It panics with a tensor.ShapeError where s is not [graph.Graph.In] or Out.
//
// It has the bits of Expand, Add, ReLU and SegmentSum, forward and backward, and makes no (E,d) matrix but for the gradient of e. With
// [Tape.Plain] its sums stay order-free.
func MessageSum[T tensor.Float](t *Tape[T], s *graph.Segments, x, e *Var[T], relu bool) *Var[T] {
	return messageSum(t, s, x, e, relu, false)
}

// MessageMean returns the mean of the messages of each segment; see MessageSum. It is divided before it is rounded; an empty segment
// gives 0.
func MessageMean[T tensor.Float](t *Tape[T], s *graph.Segments, x, e *Var[T], relu bool) *Var[T] {
	return messageSum(t, s, x, e, relu, true)
}

func messageSum[T tensor.Float](t *Tape[T], s *graph.Segments, x, e *Var[T], relu, mean bool) *Var[T] {
	y, r := message(t, "autodiff.MessageSum", opMessageSum, s, x, e)
	m := messagesOf(s, x, e, relu)
	m.Sum(y.Value.Data, mean)
	if r != nil {
		r.relu, r.mean = relu, mean
	}
	return y
}

// MessageMax returns the maximum of the messages of each segment, channel by channel; see MessageSum. An empty segment gives 0. The
// gradient is shared equally among equals.
func MessageMax[T tensor.Float](t *Tape[T], s *graph.Segments, x, e *Var[T], relu bool) *Var[T] {
	return messageSelect(t, s, x, e, relu, false)
}

// MessageMin returns the minimum of the messages of each segment; see MessageMax.
func MessageMin[T tensor.Float](t *Tape[T], s *graph.Segments, x, e *Var[T], relu bool) *Var[T] {
	return messageSelect(t, s, x, e, relu, true)
}

func messageSelect[T tensor.Float](t *Tape[T], s *graph.Segments, x, e *Var[T], relu, minimum bool) *Var[T] {
	y, r := message(t, "autodiff.MessageMax", opMessageSelect, s, x, e)
	m := messagesOf(s, x, e, relu)
	m.Max(y.Value.Data, minimum)
	if r != nil {
		r.relu = relu
	}
	return y
}

// message returns the variable of a fold of messages, and its record with the operands.
func message[T tensor.Float](t *Tape[T], op string, code opcode, s *graph.Segments, x, e *Var[T]) (*Var[T], *record[T]) {
	mustHaveEdges(op, s)
	checkRows(op, s, x)
	e.Value.Check(op, "rows of edges", s.Positions(), x.Cols())
	y, r := t.result(code, s.Len(), x.Cols(), x, e)
	if r != nil {
		r.a, r.b, r.seg = x, e, s
	}
	return y, r
}

func messagesOf[T tensor.Float](s *graph.Segments, x, e *Var[T], relu bool) kernel.Messages[T] {
	return kernel.Messages[T]{Seg: segOf(s), Back: segOf(s.Back), D: x.Cols(), X: x.Value.Data, E: e.Value.Data, ReLU: relu}
}

func (r *record[T]) backMessageSum(t *Tape[T]) {
	dy := r.out.Grad.Data
	if r.mean {
		dy = t.perSize(r.seg, dy, 1)
	}
	r.backMessages(t, dy, nil)
	if r.mean {
		t.arena.Give(dy)
	}
}

func (r *record[T]) backMessageSelect(t *Tape[T]) {
	m := messagesOf(r.seg, r.a, r.b, r.relu)
	share := t.arena.Take(r.out.size())
	m.Share(share, r.out.Grad.Data, r.out.Value.Data)
	r.backMessages(t, share, r.out.Value.Data)
	t.arena.Give(share)
}

// backMessages adds g, (S,d), to the gradients of rows and edges where the derivative of a message is not 0 and, unless out is nil, the
// message was selected. Where the edges want a gradient, its rows are the terms of that of x.
func (r *record[T]) backMessages(t *Tape[T], g, out []T) {
	s, x, e, d := r.seg, r.a, r.b, r.a.Cols()
	m := messagesOf(s, x, e, r.relu)
	all := !r.relu && out == nil
	var dx, de []T
	if e.needs {
		de = t.arena.Take(e.size())
		if all {
			kernel.Gather(de, g, s.Folds.Of, d)
		} else {
			m.EdgeBack(de, g, out, s.Copies.Of, s.Folds.Of)
		}
	}
	if x.needs {
		dx = t.arena.Take(x.size())
		switch {
		case all:
			kernel.SegmentSum(dx, g, d, m.Back, false)
		case de != nil:
			kernel.SegmentSum(dx, de, d, segOf(s.Copies), false)
		default:
			m.SumBack(dx, g, out)
		}
	}
	if de != nil {
		t.accumulate(e, de)
	}
	if dx != nil {
		t.accumulate(x, dx)
	}
}
