package dataset

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// The functions below write pickles as Python 2 does, so that tests can build data sets and break them.

func pickled(body string) []byte { return []byte("\x80\x02" + body + ".") }

func pInt(n int) string {
	return "J" + string(binary.LittleEndian.AppendUint32(nil, uint32(int32(n))))
}

func pString(s string) string {
	return "T" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(s)))) + s
}

func pTuple(items ...string) string { return "(" + strings.Join(items, "") + "t" }

func pShape(dims ...int) string {
	var items []string
	for _, d := range dims {
		items = append(items, pInt(d))
	}
	return pTuple(items...)
}

func pDtype(code, order string) string {
	return "cnumpy\ndtype\n" + pTuple(pString(code), pInt(0), pInt(1)) + "R" +
		pTuple(pInt(3), pString(order), "N", "N", "N", pInt(-1), pInt(-1), pInt(0)) + "b"
}

const pNewArray = "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tU\x01btR"

func pArray(shape, dtype, data string) string {
	return pNewArray + pTuple(pInt(1), shape, dtype, "\x89", pString(data)) + "b"
}

func pInts(v ...int) string {
	var b []byte
	for _, n := range v {
		b = binary.LittleEndian.AppendUint32(b, uint32(int32(n)))
	}
	return pArray(pShape(len(v)), pDtype("i4", "<"), string(b))
}

func pFloats(v ...float32) string {
	var b []byte
	for _, n := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(n))
	}
	return pArray(pShape(len(v)), pDtype("f4", "<"), string(b))
}

func pSparse(rows, cols int, ptr, indices, data string) string {
	return "cscipy.sparse.csr\ncsr_matrix\n)\x81}(" + pString("format") + pString("csr") + pString("_shape") + pShape(rows, cols) +
		pString("indptr") + ptr + pString("indices") + indices + pString("data") + data + "ub"
}

func pOneHot(classes int, y ...int) string {
	b := make([]byte, len(y)*classes)
	for i, c := range y {
		if c >= 0 {
			b[i*classes+c] = 1
		}
	}
	return pArray(pShape(len(y), classes), pDtype("u1", "|"), string(b))
}

const pNewGraph = "ccollections\ndefaultdict\n(c__builtin__\nlist\ntR"

func pGraph(lists ...[]int) string {
	s := pNewGraph + "("
	for v, l := range lists {
		s += pInt(v) + "]("
		for _, u := range l {
			s += pInt(u)
		}
		s += "e"
	}
	return s + "u"
}

// tiny is a citation network of 7 nodes: 2 for training, 2 others with labels, and the test nodes 6 and 4, with 5 missing.
// Columns are unsorted, repeated and zero in places; the graph has a self loop and repeats.
func tiny() fstest.MapFS {
	m := fstest.MapFS{}
	for part, body := range map[string]string{
		"x":     pSparse(2, 3, pInts(0, 1, 3), pInts(2, 1, 0), pFloats(1, 2, 3)),
		"y":     pOneHot(2, 0, 1),
		"allx":  pSparse(4, 3, pInts(0, 1, 3, 3, 6), pInts(2, 1, 0, 2, 0, 2), pFloats(1, 2, 3, 1, 0, 5)),
		"ally":  pOneHot(2, 0, 1, 1, -1),
		"tx":    pSparse(2, 3, pInts(0, 1, 2), pInts(0, 1), pFloats(7, 8)),
		"ty":    pOneHot(2, 1, 0),
		"graph": pGraph([]int{1, 1, 0}, []int{0, 2}, nil, []int{6}, nil, nil, nil),
	} {
		m["ind.tiny."+part] = &fstest.MapFile{Data: pickled(body)}
	}
	m["ind.tiny.test.index"] = &fstest.MapFile{Data: []byte("6\r\n4\r\n")}
	return m
}

func TestPlanetoidRows(t *testing.T) {
	s, err := Open[float64](tiny(), "", Limits{})
	require.NoError(t, err)
	require.NoError(t, s.Validate())
	d := s.Data[0]
	x := d.Sparse.Dense()
	require.Equal(t, []float64{0, 0, 1, 3, 2, 0, 0, 0, 0, 0, 0, 6, 0, 8, 0, 0, 0, 0, 7, 0, 0}, x.Data)
	require.Len(t, d.Sparse.Idx, 6) // the explicit zero is dropped
	require.Equal(t, []int32{0, 1, 1, -1, 0, -1, 1}, d.NodeClass)
	require.Equal(t, [][2]int32{{0, 1}, {1, 0}, {1, 2}, {2, 1}, {3, 6}, {6, 3}}, d.Graph.EdgeList())
	require.Equal(t, [][]int32{{0, 1}, {2, 3}, {4, 6}}, [][]int32{d.Train, d.Val, d.Test})
	require.Equal(t, []string{"0", "1"}, s.ClassNames)

	ids, classes := s.Labels()
	require.Equal(t, d.Graph.NodeIDs(), ids)
	require.Equal(t, d.NodeClass, classes)
}

// Every element type, and both spellings of small values, come out as they went in.
func TestPickleTypes(t *testing.T) {
	for code, data := range map[string]string{
		"b1": "\x01", "i1": "\x01", "u1": "\x01", "i2": "\x01\x00", "i4": "\x01\x00\x00\x00",
		"i8": "\x01\x00\x00\x00\x00\x00\x00\x00",
		"f4": "\x00\x00\x80\x3f", "f8": "\x00\x00\x00\x00\x00\x00\xf0\x3f",
	} {
		v, err := unpickle("f", pickled(pArray(pShape(1, 1), pDtype(code, "<"), data)), 1000)
		require.NoError(t, err, code)
		require.Equal(t, 1.0, v.(*array).float(0), code)
		_, integer := v.(*array).integer(0)
		require.Equal(t, code[0] != 'f', integer, code)
	}
	for body, want := range map[string]any{
		"N": nil, "\x88": true, "\x89": false, "K\xff": int64(255), "M\xff\xff": int64(65535), pInt(-7): int64(-7),
		"\x8a\x00": int64(0), "\x8a\x01\xff": int64(-1), "\x8a\x02\xff\x00": int64(255),
		"\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80": int64(math.MinInt64),
		"U\x02ab": []byte("ab"), pString("ab"): []byte("ab"), ")": tuple{}, "K\x01\x85": tuple{int64(1)},
		"K\x01K\x02K\x03\x87": tuple{int64(1), int64(2), int64(3)}, "]K\x01a": &list{[]any{int64(1)}},
		"}K\x01K\x02s": &dict{[]any{int64(1)}, []any{int64(2)}}, "c__builtin__\ndict\n)R": &dict{},
		"K\x05q\x00h\x00\x86":                         tuple{int64(5), int64(5)},
		"K\x05r\x00\x01\x00\x00j\x00\x01\x00\x00\x86": tuple{int64(5), int64(5)},
	} {
		v, err := unpickle("f", pickled(body), 1000)
		require.NoError(t, err, "%q", body)
		require.Equal(t, want, v, "%q", body)
	}
}

func TestHostilePickles(t *testing.T) {
	i4 := pDtype("i4", "<")
	one := pArray(pShape(1), i4, "\x00\x00\x00\x00")
	for name, c := range map[string]struct{ body, want string }{
		"os.system":         {"cos\nsystem\nU\x02ls\x85R", `byte 2: GLOBAL: "os system" is not allowed`},
		"eval":              {"c__builtin__\neval\nU\x01a\x85R", `"__builtin__ eval" is not allowed`},
		"long name":         {"c" + strings.Repeat("a", 500) + "\nb\n", `aaaa"... is not allowed`},
		"name without end":  {"cos", "GLOBAL: a name without an end"},
		"reconstructor":     {"ccopy_reg\n_reconstructor\n", "is not allowed"},
		"huge string":       {"T\xff\xff\xff\x7f", "BINSTRING: 2147483647 bytes wanted, 1 remain"},
		"negative string":   {"T\xff\xff\xff\xff", "BINSTRING: -1 bytes wanted, 1 remain"},
		"huge long":         {"\x8a\xff", "LONG1: an integer of 255 bytes"},
		"unknown opcode":    {"\xff", "opcode 0xff: not one that these files hold"},
		"persistent id":     {"Pabc\n", "opcode 0x50: not one"},
		"long4":             {"\x8b\xff\xff\xff\x7f", "opcode 0x8b: not one"},
		"frame":             {"\x95\xff\xff\xff\xff\xff\xff\xff\x7f", "opcode 0x95: not one"},
		"empty":             {"", "STOP: the stack is empty"},
		"pop beyond mark":   {"K\x01(K\x02s", "SETITEM: the stack is empty"},
		"no mark":           {"K\x01t", "TUPLE: there is no mark"},
		"left over":         {"K\x01K\x02", "STOP: 1 values, 0 marks and 0 bytes are left over"},
		"trailing bytes":    {"N.N", "STOP: 0 values, 0 marks and 2 bytes are left over"},
		"open mark":         {"N(N", "STOP: 1 values, 1 marks"},
		"get of nothing":    {"h\x05", "BINGET: nothing is stored as 5"},
		"put of nothing":    {"q\x05", "BINPUT: the stack is empty"},
		"append to int":     {"K\x01K\x02a", "APPEND: 1 is no list"},
		"odd items":         {"}(K\x01u", "SETITEMS: 1 keys and values for a dictionary"},
		"items of a tuple":  {")K\x01K\x02s", "SETITEM: 2 keys and values for a tuple of 0"},
		"call of an int":    {"K\x01)R", "REDUCE: cannot make an object of 1 with these 0 arguments"},
		"call without args": {"cnumpy\ndtype\nK\x01R", "REDUCE: the arguments are 1, want a tuple"},
		"call of a string":  {"U\x01x)R", `cannot make an object of the string "x"`},
		"array of no class": {"cnumpy.core.multiarray\n_reconstruct\n(K\x00K\x00K\x00tR",
			"cannot make an object of numpy.core.multiarray"},
		"uncomparable class": {"cnumpy.core.multiarray\n_reconstruct\n()))tR",
			"cannot make an object of numpy.core.multiarray"},
		"state of a list": {"]Nb", "BUILD: a list takes no state"},
		"big-endian": {pArray(pShape(1), pDtype("i4", ">"), "\x00\x00\x00\x00"),
			`byte order ">" of element type "i4"`},
		"no byte order":   {pDtype("i4", "|"), `byte order "|" of element type "i4"`},
		"object array":    {pDtype("O8", "|"), `element type "O8" is not supported`},
		"type of no name": {"cnumpy\ndtype\n(NNNtRNb", `the state of element type ""`},
		"type without order": {pArray(pShape(1), "cnumpy\ndtype\n(U\x02i4K\x00K\x01tR", "\x00\x00\x00\x00"),
			"an array wants shape"},
		"array state":   {pNewArray + "Nb", "the state of an array is None"},
		"array version": {pNewArray + pTuple(pInt(2), pShape(1), i4, "\x89", pString("1234")) + "b", "version 1"},
		"column-major": {pNewArray + pTuple(pInt(1), pShape(1, 1), i4, "\x88", pString("1234")) + "b",
			"column-major"},
		"shape of strings": {pNewArray + pTuple(pInt(1), pTuple("U\x01a"), i4, "\x89", pString("1234")) + "b",
			"an array wants shape"},
		"negative shape":      {pArray(pShape(-1), i4, ""), "an array wants shape"},
		"three dimensions":    {pArray(pShape(1, 1, 1), i4, "1234"), "an array wants shape"},
		"shape overflows":     {pArray(pShape(1<<30, 1<<30), i4, "1234"), "with 4 bytes of data"},
		"shape over uint64":   {pArray(pTuple("\x8a\x05\x00\x00\x00\x00\x01", pInt(4)), i4, ""), "an array wants shape"},
		"data too short":      {pArray(pShape(2), i4, "1234567"), `shape [2] and type "i4" with 7 bytes of data`},
		"data too long":       {pArray(pShape(1), i4, "12345"), "with 5 bytes of data"},
		"array twice":         {one + pTuple(pInt(1), pShape(0), i4, "\x89", pString("")) + "b", "gets its state twice"},
		"sparse state":        {"cscipy.sparse.csr\ncsr_matrix\n)\x81Nb", "the state of a sparse matrix is None"},
		"sparse of nothing":   {"cscipy.sparse.csr\ncsr_matrix\n)\x81}b", "without a _shape"},
		"sparse vector":       {"cscipy.sparse.csr\ncsr_matrix\n)\x81}(U\x06_shapeK\x01\x85ub", "without a _shape"},
		"sparse without data": {"cscipy.sparse.csr\ncsr_matrix\n)\x81}(U\x06_shapeK\x01K\x01\x86ub", "array data"},
		"sparse lengths": {pSparse(5, 3, pInts(0, 1), pInts(0), pFloats(1)),
			"with 2 row pointers, 1 columns and 1 values"},
		"sparse values": {pSparse(1, 3, pInts(0, 1), pInts(0), pFloats(1, 2)),
			"with 2 row pointers, 1 columns and 2 values"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := unpickle("ind.a.x", pickled(c.body), 1000)
			require.ErrorIs(t, err, ErrFormat)
			require.ErrorContains(t, err, "dataset: ind.a.x: byte ")
			require.ErrorContains(t, err, c.want)
		})
	}
	for in, want := range map[string]string{
		"": "does not start as a pickle", "\x80": "does not start", "(dp0\n.": "does not start",
		"\x80\x04\x95": "protocol 4, want 2",
		"\x80\x02":     "without STOP", "\x80\x02K": "BININT1: 1 bytes wanted, 0 remain",
	} {
		_, err := unpickle("f", []byte(in), 1000)
		require.ErrorIs(t, err, ErrFormat)
		require.ErrorContains(t, err, want)
	}
	_, err := unpickle("f", pickled(strings.Repeat("N", 1000)), 1000)
	require.ErrorIs(t, err, ErrLimit)
}

func TestHostilePlanetoid(t *testing.T) {
	shared := pNewGraph + "(" // one list of 1000 neighbours, shared by 1000 nodes
	shared += pInt(0) + "](" + strings.Repeat("K\x01", 1000) + "eq\x00"
	for v := range 1000 {
		shared += pInt(v+1) + "h\x00"
	}
	shared += "u"
	fits := pFloats(1, 2, 3, 1, 0, 5)
	for name, c := range map[string]struct{ part, body, want string }{
		"graph is a list":    {"graph", "]", "ind.tiny.graph holds a list, want a dictionary"},
		"graph of tuples":    {"graph", "}K\x00)s", "node 0 has a tuple of 0"},
		"node twice":         {"graph", "}(K\x00]K\x00]u", "node 0 has a list, want one list"},
		"key is a string":    {"graph", "}U\x01a]s", `key 0 is the string "a", want a node`},
		"neighbour negative": {"graph", pGraph([]int{1, -1}), "neighbour 1 of node 0 is -1"},
		"neighbour huge": {"graph", pGraph([]int{1 << 30}),
			"neighbour 0 of node 0 is 1073741824, want a node in 0..9999"},
		"neighbour far":   {"graph", pGraph([]int{9999}), "node 9999 is named, and all files together describe 7 nodes"},
		"shared list":     {"graph", shared, "more than Limits.Edges = 5000"},
		"x is a list":     {"x", "]", "ind.tiny.x holds a list, want a scipy"},
		"x without state": {"x", "cscipy.sparse.csr\ncsr_matrix\n)\x81", "want a scipy"},
		"rows differ":     {"y", pOneHot(2, 0), "ind.tiny.y is (1,2) for features [2 3]"},
		"classes differ":  {"ty", pOneHot(3, 1, 0), "ind.tiny.ty is (2,3)"},
		"columns differ":  {"tx", pSparse(2, 4, pInts(0, 1, 2), pInts(0, 1), pFloats(7, 8)), "for features [2 4]"},
		"train labels":    {"y", pOneHot(2, 0, 0), "are not the first rows"},
		"labels are sparse": {"y", pSparse(0, 0, pInts(0), pInts(), pFloats()),
			"ind.tiny.y holds a sparse matrix, want a numpy"},
		"no classes": {"y", pArray(pShape(5, 0), pDtype("i4", "<"), ""), "want a numpy array"},
		"two classes": {"ally", pArray(pShape(4, 2), pDtype("u1", "|"), "\x01\x01\x00\x00\x00\x00\x00\x00"),
			"row 0, column 1 is 1"},
		"class of two": {"ally", pArray(pShape(4, 2), pDtype("u1", "|"), "\x02\x01\x00\x00\x00\x00\x00\x00"),
			"row 0, column 0 is 2"},
		"too many rows":    {"y", pArray(pShape(1<<30, 0), pDtype("i4", "<"), ""), "want a numpy array"},
		"too many columns": {"x", pSparse(0, 1<<30, pInts(0), pInts(), pFloats()), "more than Limits.Features = 1000"},
		"pointer descends": {"allx", pSparse(4, 3, pInts(0, 5, 3, 3, 6), pInts(2, 1, 0, 2, 0, 2), fits),
			"indptr[1] and [2] are 5 and 3"},
		"pointer far": {"allx", pSparse(4, 3, pInts(0, 7, 7, 7, 6), pInts(2, 1, 0, 2, 0, 2), fits),
			"indptr[0] and [1] are 0 and 7"},
		"pointer starts": {"allx", pSparse(4, 3, pInts(1, 1, 3, 3, 6), pInts(2, 1, 0, 2, 0, 2), fits),
			"indptr[0] and [1] are 1 and 1"},
		"pointer ends": {"allx", pSparse(4, 3, pInts(0, 1, 3, 3, 5), pInts(2, 1, 0, 2, 0, 2), fits),
			"indptr[3] and [4] are 3 and 5"},
		"pointer is real": {"allx", pSparse(4, 3, pFloats(0, 1, 3, 3, 6), pInts(2, 1, 0, 2, 0, 2), fits), "(type f4)"},
		"column far": {"allx", pSparse(4, 3, pInts(0, 1, 3, 3, 6), pInts(2, 1, 0, 2, 3, 2), fits),
			"row 3: indices[4] is 3"},
		"column negative": {"tx", pSparse(2, 3, pInts(0, 1, 2), pInts(0, -1), pFloats(7, 8)),
			"ind.tiny.tx: row 1: indices[1] is -1"},
		"feature NaN": {"tx", pSparse(2, 3, pInts(0, 1, 2), pInts(0, 1), pFloats(7, float32(math.NaN()))),
			"data[1] is NaN"},
		"feature too large": {"tx", pSparse(2, 3, pInts(0, 1, 2), pInts(0, 0), pArray(pShape(2), pDtype("f8", "<"),
			"\x00\x00\x00\x00\x00\x00\xe0\x7f\x00\x00\x00\x00\x00\x00\xe0\x7f")), "ind.tiny.tx: node 4, column 0: 8.98"},
		"y forbidden": {"y", "cos\nsystem\nU\x02ls\x85R", `ind.tiny.y: byte 2: GLOBAL: "os system"`},
	} {
		t.Run(name, func(t *testing.T) {
			m := tiny()
			m["ind.tiny."+c.part].Data = pickled(c.body)
			_, err := Planetoid[float32](m, "tiny", Limits{Nodes: 10000, Features: 1000, Edges: 5000, Values: 1000})
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, "dataset: ")
			require.True(t, isData(err), "%v", err)
		})
	}
	for text, want := range map[string]string{
		"6":          "ind.tiny.test.index:1: the file ends after 1 lines",
		"":           "the file ends after 0 lines",
		"6\nx":       `ind.tiny.test.index:2: field 1 (node): "x" is no integer`,
		"6\n3":       "ind.tiny.test.index:2: field 1 (node): 3 is not in 4..",
		"6\n4\n5":    "ind.tiny.test.index:3: more lines than the 2 rows of ind.tiny.tx",
		"6\n6":       "ind.tiny.test.index:2: field 1 (node): node 6 is here twice",
		"6\n4 5":     `ind.tiny.test.index:2: field 2 (surplus): "5" after the last field`,
		"6\n9999999": "9999999 is not in 4..99",
		"6\n99":      "node 99 is named, and all files together describe 13 nodes",
	} {
		m := tiny()
		m["ind.tiny.test.index"].Data = []byte(text)
		_, err := Planetoid[float32](m, "tiny", Limits{Nodes: 100})
		require.ErrorIs(t, err, ErrFormat, text)
		require.ErrorContains(t, err, want)
	}
	for _, part := range planetoidParts {
		m := tiny()
		delete(m, "ind.tiny."+part)
		_, err := Planetoid[float32](m, "tiny", Limits{})
		require.ErrorContains(t, err, fmt.Sprintf("dataset: ind.tiny.%s is missing", part))
	}
	for _, l := range []Limits{{FileBytes: 100}, {Nodes: 3}, {Features: 2}, {Features: 1}, {Edges: 2}, {Values: 5}} {
		_, err := Planetoid[float32](tiny(), "tiny", l)
		require.ErrorIs(t, err, ErrLimit, "%+v", l)
	}
}
