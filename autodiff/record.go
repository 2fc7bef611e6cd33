package autodiff

// opcode names an operation. The backward pass is a switch and not a stored closure, because a closure would be
// allocated at every operation.
type opcode uint8

const (
	opLinear opcode = iota
	opGroupLinear
	opMatMul
	opAffine
	opAdd
	opSub
	opMul
	opUnary
	opHeadDot
	opConcat
	opConcatRows
	opSlice
	opDropout
	opLayerNorm
	opNormalize
	opSegmentNorm
	opSegmentSum
	opSegmentSelect
	opSegmentVar
	opWeightedSum
	opSegmentSoftmax
	opSegmentDot
	opMessageSum
	opMessageSelect
	opAdditiveAttention
	opDotAttention
	opExpand
	opCrossEntropy
	opBCE
	opMSE
)

// back adds the gradients of the operation to its operands.
func (r *record[T]) back(t *Tape[T]) {
	switch r.op {
	case opLinear:
		r.backLinear(t)
	case opGroupLinear:
		r.backGroupLinear(t)
	case opAffine:
		r.backAffine(t)
	case opMatMul:
		r.backMatMul(t)
	case opAdd, opSub, opMul:
		r.backBinary(t)
	case opUnary:
		r.backUnary(t)
	case opHeadDot:
		r.backHeadDot(t)
	case opConcat:
		r.backConcat(t)
	case opConcatRows:
		r.backConcatRows(t)
	case opSlice:
		r.backSlice(t)
	case opDropout:
		r.backDropout(t)
	case opLayerNorm:
		r.backLayerNorm(t)
	case opNormalize:
		r.backNormalize(t)
	case opSegmentNorm:
		r.backSegmentNorm(t)
	case opSegmentSum:
		r.backSegmentSum(t)
	case opSegmentSelect:
		r.backSegmentSelect(t)
	case opSegmentVar:
		r.backSegmentVar(t)
	case opWeightedSum:
		r.backWeightedSum(t)
	case opSegmentSoftmax:
		r.backSegmentSoftmax(t)
	case opSegmentDot:
		r.backSegmentDot(t)
	case opMessageSum:
		r.backMessageSum(t)
	case opMessageSelect:
		r.backMessageSelect(t)
	case opAdditiveAttention, opDotAttention:
		r.backAttention(t)
	case opExpand:
		r.backExpand(t)
	case opCrossEntropy:
		r.backCrossEntropy(t)
	case opBCE, opMSE:
		r.backElementLoss(t)
	}
}
