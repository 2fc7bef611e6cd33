package dataset

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
)

// A pickle is a program for a small stack machine. This one knows the opcodes that Python 2 writes for scipy's sparse
// matrices, numpy's arrays and dictionaries of lists in protocol 2, and nothing else; docs/adr/0003-pickle.md says why it
// is our own. A value on its stack is nil, a bool, an int64, a []byte (a Python 2 string, a view of the file), a tuple, a
// *list, a *dict, a global, or one of the objects of numpy.go.

type (
	tuple  []any
	list   struct{ items []any }
	dict   struct{ keys, values []any }
	global string
)

// The names that a pickle may mention. None of them runs anything: they say what an object is.
const (
	globalCSR         global = "scipy.sparse.csr csr_matrix"
	globalReconstruct global = "numpy.core.multiarray _reconstruct"
	globalArray       global = "numpy ndarray"
	globalDtype       global = "numpy dtype"
	globalDefaultDict global = "collections defaultdict"
	globalList        global = "__builtin__ list"
	globalDict        global = "__builtin__ dict"
)

var globals = []global{globalCSR, globalReconstruct, globalArray, globalDtype, globalDefaultDict, globalList, globalDict}

// The opcodes, with the names that Python's pickle module gives them in opcodeNames.
const (
	opNone     = 'N'
	opTrue     = 0x88
	opFalse    = 0x89
	opInt1     = 'K'
	opInt2     = 'M'
	opInt4     = 'J'
	opLong     = 0x8a
	opString1  = 'U'
	opString4  = 'T'
	opTuple0   = ')'
	opTuple1   = 0x85
	opTuple2   = 0x86
	opTuple3   = 0x87
	opMark     = '('
	opTuple    = 't'
	opList     = ']'
	opAppend   = 'a'
	opAppends  = 'e'
	opDict     = '}'
	opSetItem  = 's'
	opSetItems = 'u'
	opPut1     = 'q'
	opPut4     = 'r'
	opGet1     = 'h'
	opGet4     = 'j'
	opGlobal   = 'c'
	opNew      = 0x81
	opReduce   = 'R'
	opBuild    = 'b'
	opStop     = '.'
	opProto    = 0x80
)

var opcodeNames = [256]string{
	opNone:     "NONE",
	opTrue:     "NEWTRUE",
	opFalse:    "NEWFALSE",
	opInt1:     "BININT1",
	opInt2:     "BININT2",
	opInt4:     "BININT",
	opLong:     "LONG1",
	opString1:  "SHORT_BINSTRING",
	opString4:  "BINSTRING",
	opTuple0:   "EMPTY_TUPLE",
	opTuple1:   "TUPLE1",
	opTuple2:   "TUPLE2",
	opTuple3:   "TUPLE3",
	opMark:     "MARK",
	opTuple:    "TUPLE",
	opList:     "EMPTY_LIST",
	opAppend:   "APPEND",
	opAppends:  "APPENDS",
	opDict:     "EMPTY_DICT",
	opSetItem:  "SETITEM",
	opSetItems: "SETITEMS",
	opPut1:     "BINPUT",
	opPut4:     "LONG_BINPUT",
	opGet1:     "BINGET",
	opGet4:     "LONG_BINGET",
	opGlobal:   "GLOBAL",
	opNew:      "NEWOBJ",
	opReduce:   "REDUCE",
	opBuild:    "BUILD",
	opStop:     "STOP",
	opProto:    "PROTO",
}

// unpickler is the machine. Its first error stays, and ends the run; operands taken after it are zero.
type unpickler struct {
	file  string
	in    []byte
	pos   int
	at    int // where the current opcode stands
	op    byte
	stack []any
	marks []int // heights of the stack that MARK noted
	memo  map[uint32]any
	err   error
}

// unpickle runs a pickle of at most the given number of opcodes and returns the value that it leaves.
func unpickle(file string, in []byte, opcodes int64) (any, error) {
	u := &unpickler{file: file, in: in, op: opProto, memo: map[uint32]any{}}
	if len(in) < 2 || in[0] != opProto {
		u.fail("the file does not start as a pickle of protocol 2")
	} else if in[1] != 2 {
		u.fail("pickle protocol %d, want 2", in[1])
	}
	u.pos = 2
	for n := int64(0); u.err == nil; n++ {
		if n == opcodes {
			return nil, fmt.Errorf("dataset: %s: byte %d: more than %d opcodes, which follow from Limits.Nodes and Limits.Edges: %w",
				file, u.pos, opcodes, ErrLimit)
		}
		u.at = u.pos
		if u.pos == len(in) {
			u.fail("the file ends without STOP")
			break
		}
		u.op = u.byte()
		if u.op == opStop {
			v := u.pop()
			if u.err == nil && (len(u.stack) > 0 || len(u.marks) > 0 || u.pos < len(in)) {
				u.fail("%d values, %d marks and %d bytes are left over", len(u.stack), len(u.marks), len(in)-u.pos)
			}
			return v, u.err
		}
		u.step()
	}
	return nil, u.err
}

// fail notes an error at the current opcode.
func (u *unpickler) fail(format string, args ...any) {
	if u.err == nil {
		name := opcodeNames[u.op]
		if name == "" {
			name = fmt.Sprintf("opcode %#02x", u.op)
		}
		u.err = fmt.Errorf("dataset: %s: byte %d: %s: %s: %w", u.file, u.at, name, fmt.Sprintf(format, args...), ErrFormat)
	}
}

// step executes one opcode.
func (u *unpickler) step() {
	switch u.op {
	case opNone:
		u.push(nil)
	case opTrue:
		u.push(true)
	case opFalse:
		u.push(false)
	case opInt1:
		u.push(int64(u.byte()))
	case opInt2:
		u.push(int64(binary.LittleEndian.Uint16(u.take(2))))
	case opInt4:
		u.push(int64(int32(binary.LittleEndian.Uint32(u.take(4)))))
	case opLong:
		u.long(int(u.byte()))
	case opString1:
		u.push(u.take(int64(u.byte())))
	case opString4:
		u.push(u.take(int64(int32(binary.LittleEndian.Uint32(u.take(4))))))
	case opTuple0:
		u.push(tuple{})
	case opTuple1:
		u.tuple(1)
	case opTuple2:
		u.tuple(2)
	case opTuple3:
		u.tuple(3)
	case opMark:
		u.marks = append(u.marks, len(u.stack))
	case opTuple:
		u.push(tuple(u.popMark()))
	case opList:
		u.push(&list{})
	case opAppend:
		u.extend([]any{u.pop()})
	case opAppends:
		u.extend(u.popMark())
	case opDict:
		u.push(&dict{})
	case opSetItem:
		v, k := u.pop(), u.pop()
		u.set([]any{k, v})
	case opSetItems:
		u.set(u.popMark())
	case opPut1:
		u.memo[uint32(u.byte())] = u.top()
	case opPut4:
		u.memo[binary.LittleEndian.Uint32(u.take(4))] = u.top()
	case opGet1:
		u.get(uint32(u.byte()))
	case opGet4:
		u.get(binary.LittleEndian.Uint32(u.take(4)))
	case opGlobal:
		u.global()
	case opNew, opReduce:
		args, f := u.pop(), u.pop()
		u.construct(f, args)
	case opBuild:
		state := u.pop()
		u.build(u.top(), state)
	default:
		u.fail("not one that these files hold")
	}
}

// take returns the next n bytes, a view; after an error, a few zeros.
func (u *unpickler) take(n int64) []byte {
	if rest := int64(len(u.in) - u.pos); n < 0 || n > rest {
		u.fail("%d bytes wanted, %d remain", n, rest)
	}
	if u.err != nil {
		return make([]byte, 8)
	}
	b := u.in[u.pos : u.pos+int(n) : u.pos+int(n)]
	u.pos += int(n)
	return b
}

func (u *unpickler) byte() byte { return u.take(1)[0] }

func (u *unpickler) push(v any) {
	if u.err == nil {
		u.stack = append(u.stack, v)
	}
}

// top returns the last value above the last mark.
func (u *unpickler) top() any {
	floor := 0
	if len(u.marks) > 0 {
		floor = u.marks[len(u.marks)-1]
	}
	if len(u.stack) <= floor {
		u.fail("the stack is empty")
	}
	if u.err != nil {
		return nil
	}
	return u.stack[len(u.stack)-1]
}

func (u *unpickler) pop() any {
	v := u.top()
	if u.err == nil {
		u.stack = u.stack[:len(u.stack)-1]
	}
	return v
}

// popMark returns what was pushed since the last mark.
func (u *unpickler) popMark() []any {
	if len(u.marks) == 0 {
		u.fail("there is no mark")
	}
	if u.err != nil {
		return nil
	}
	m := u.marks[len(u.marks)-1]
	items := slices.Clone(u.stack[m:])
	u.stack, u.marks = u.stack[:m], u.marks[:len(u.marks)-1]
	return items
}

func (u *unpickler) tuple(n int) {
	t := make(tuple, n)
	for i := n - 1; i >= 0; i-- {
		t[i] = u.pop()
	}
	u.push(t)
}

// long pushes a little-endian integer of n bytes in two's complement.
func (u *unpickler) long(n int) {
	if n > 8 {
		u.fail("an integer of %d bytes, want at most 8", n)
	}
	var v uint64
	b := u.take(int64(n))
	for i, c := range b {
		v |= uint64(c) << (8 * i)
		if i == n-1 && n < 8 && c >= 0x80 {
			v |= ^uint64(0) << (8 * n)
		}
	}
	u.push(int64(v))
}

// extend appends to the list on top of the stack.
func (u *unpickler) extend(items []any) {
	v := u.top()
	if l, ok := v.(*list); ok {
		l.items = append(l.items, items...)
	} else {
		u.fail("%s is no list", kind(v))
	}
}

// set stores keys and values, one after the other, in the dictionary on top of the stack.
func (u *unpickler) set(items []any) {
	v := u.top()
	d, ok := v.(*dict)
	if !ok || len(items)%2 != 0 {
		u.fail("%d keys and values for %s, want pairs and a dictionary", len(items), kind(v))
		return
	}
	for i := 0; i < len(items); i += 2 {
		d.keys, d.values = append(d.keys, items[i]), append(d.values, items[i+1])
	}
}

func (u *unpickler) get(i uint32) {
	v, ok := u.memo[i]
	if !ok {
		u.fail("nothing is stored as %d", i)
	}
	u.push(v)
}

// global pushes one of the known names.
func (u *unpickler) global() {
	var parts [2][]byte
	for i := range parts {
		n := bytes.IndexByte(u.in[u.pos:], '\n')
		if n < 0 {
			u.fail("a name without an end")
			return
		}
		parts[i] = u.take(int64(n))
		u.take(1)
	}
	name := global(parts[0]) + " " + global(parts[1])
	if !slices.Contains(globals, name) {
		u.fail("%s is not allowed in a data set", quote([]byte(name)))
	}
	u.push(name)
}

// construct pushes a new object: what f(args...) is in Python.
func (u *unpickler) construct(f, args any) {
	a, ok := args.(tuple)
	if !ok {
		u.fail("the arguments are %s, want a tuple", kind(args))
		return
	}
	switch {
	case f == globalCSR && len(a) == 0:
		u.push(&sparse{})
	case f == globalReconstruct && len(a) == 3 && a[0] == globalArray:
		u.push(&array{})
	case f == globalDtype && len(a) == 3:
		code, _ := a[0].([]byte)
		u.push(&dtype{code: string(code)})
	case f == globalDefaultDict && len(a) == 1 && a[0] == globalList:
		u.push(&dict{})
	case f == globalDict && len(a) == 0:
		u.push(&dict{})
	default:
		u.fail("cannot make an object of %s with these %d arguments", kind(f), len(a))
	}
}

// kind says what a value is, for errors.
func kind(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		return "a bool"
	case int64:
		return fmt.Sprint(v)
	case []byte:
		return "the string " + quote(v)
	case tuple:
		return fmt.Sprintf("a tuple of %d", len(v))
	case *list:
		return "a list"
	case *dict:
		return "a dictionary"
	case global:
		return string(v)
	case *array:
		return "an array"
	case *dtype:
		return "an element type"
	}
	return "a sparse matrix"
}
