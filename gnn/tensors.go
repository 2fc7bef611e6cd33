package gnn

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/nlpodyssey/safetensors"

	"symbridge/tensor"
)

// Tensor is a named array of a safetensors file.
type Tensor[T tensor.Float] struct {
	Name  string
	Shape []int
	Data  []T // row-major
}

// Limits bound what is read from a file. Nothing is allocated ahead of the bytes that are there.
type Limits struct {
	Total  int64 // bytes of the file, 0: 1 GiB
	Header int64 // bytes of its JSON header, 0: 4 MiB
}

func (l Limits) withDefaults() Limits {
	if l.Total == 0 {
		l.Total = 1 << 30
	}
	if l.Header == 0 {
		l.Header = 4 << 20
	}
	return l
}

// metadataKey is the entry of a header that is no tensor.
const metadataKey = "__metadata__"

// WriteTensors writes a safetensors file, F32 or F64 after T. Equal arguments up to order give equal bytes. The error is that
// of w, or names a tensor whose name is used twice or whose shape does not fit its data.
func WriteTensors[T tensor.Float](w io.Writer, ts []Tensor[T], metadata map[string]string) error {
	views := make(map[string]view[T], len(ts))
	for _, t := range ts {
		entries, shape := 1, make([]uint64, len(t.Shape))
		for i, d := range t.Shape {
			entries *= d
			shape[i] = uint64(d)
		}
		if _, double := views[t.Name]; double || t.Name == metadataKey {
			return fmt.Errorf("gnn: the name %q is taken", t.Name)
		}
		if entries != len(t.Data) {
			return fmt.Errorf("gnn: tensor %q of shape %v has %d elements", t.Name, t.Shape, len(t.Data))
		}
		views[t.Name] = view[T]{shape, t.Data}
	}
	return safetensors.SerializeToWriter(views, metadata, w)
}

// view shows a tensor to the library, and makes its bytes when they are written.
type view[T tensor.Float] struct {
	shape []uint64
	data  []T
}

// DType returns the element type.
func (v view[T]) DType() safetensors.DType {
	if wide[T]() {
		return safetensors.F64
	}
	return safetensors.F32
}

// Shape returns the dimensions.
func (v view[T]) Shape() []uint64 { return v.shape }

// DataLen returns the number of bytes.
func (v view[T]) DataLen() uint64 { return uint64(len(v.data)) * v.DType().Size() }

// Data returns the elements, little-endian.
func (v view[T]) Data() []byte {
	out := make([]byte, 0, v.DataLen())
	switch data := any(v.data).(type) {
	case []float32:
		for _, x := range data {
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(x))
		}
	case []float64:
		for _, x := range data {
			out = binary.LittleEndian.AppendUint64(out, math.Float64bits(x))
		}
	}
	return out
}

func wide[T tensor.Float]() bool {
	var zero T
	_, ok := any(zero).(float64)
	return ok
}

// ReadTensors reads a safetensors file of F32 and F64 tensors, sorted by name, and its metadata. Elements are rounded once
// where T is narrower. Counters named num_batches_tracked are left out. Errors wrap ErrFormat or ErrLimit.
func ReadTensors[T tensor.Float](r io.Reader, limits Limits) ([]Tensor[T], map[string]string, error) {
	raw, err := readLimited(r, limits.withDefaults())
	if err != nil {
		return nil, nil, err
	}
	if err := checkHeader(raw); err != nil {
		return nil, nil, err
	}
	file, err := safetensors.Deserialize(raw)
	if err != nil {
		return nil, nil, fmt.Errorf("gnn: %w: %w", err, ErrFormat)
	}
	_, header, err := safetensors.ReadMetadata(raw)
	if err != nil {
		return nil, nil, fmt.Errorf("gnn: %w: %w", err, ErrFormat)
	}
	var ts []Tensor[T]
	for _, v := range file.Tensors() {
		if strings.HasSuffix(v.Name, countersSuffix) {
			continue
		}
		t, err := decode[T](v)
		if err != nil {
			return nil, nil, err
		}
		ts = append(ts, t)
	}
	slices.SortFunc(ts, func(a, b Tensor[T]) int { return strings.Compare(a.Name, b.Name) })
	return ts, header.Metadata(), nil
}

// readLimited reads all of r, the header's length first. Memory grows with what has been read, never by what a length says.
func readLimited(r io.Reader, limits Limits) ([]byte, error) {
	var buf bytes.Buffer
	if n, err := io.CopyN(&buf, r, 8); err != nil {
		return nil, fmt.Errorf("gnn: %d bytes, want at least the 8 of a header's length: %w: %w", n, err, ErrFormat)
	}
	header := binary.LittleEndian.Uint64(buf.Bytes())
	if header > uint64(max(0, limits.Header)) {
		return nil, fmt.Errorf("gnn: the header says that it has %d bytes, the limit is %d (is this a safetensors file?): %w",
			header, limits.Header, ErrLimit)
	}
	n, err := io.Copy(&buf, io.LimitReader(r, limits.Total-8+1))
	if err != nil {
		return nil, fmt.Errorf("gnn: after %d bytes: %w", n+8, err)
	}
	if n+8 > limits.Total {
		return nil, fmt.Errorf("gnn: the file has more than %d bytes: %w", limits.Total, ErrLimit)
	}
	if uint64(n) < header {
		return nil, fmt.Errorf("gnn: the header ends after %d of %d bytes: %w", n, header, ErrFormat)
	}
	return buf.Bytes(), nil
}

// checkHeader rejects what the library lets through: names that are used twice, of which it would take the last, and a
// header that is no object.
func checkHeader(raw []byte) error {
	d := json.NewDecoder(bytes.NewReader(raw[8 : 8+binary.LittleEndian.Uint64(raw)]))
	var open []map[string]bool // the keys of each open object, nil for an array
	key := false               // the next token may be a key
	for first := true; ; first = false {
		tok, err := d.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("gnn: header: %w: %w", err, ErrFormat)
		}
		if first && tok != json.Delim('{') {
			return fmt.Errorf("gnn: the header is no JSON object: %w", ErrFormat)
		}
		if name, ok := tok.(string); ok && key {
			if keys := open[len(open)-1]; keys[name] {
				return fmt.Errorf("gnn: header: the name %q is used twice: %w", name, ErrFormat)
			} else {
				keys[name] = true
			}
			key = false
			continue
		}
		switch tok {
		case json.Delim('{'):
			open = append(open, make(map[string]bool))
		case json.Delim('['):
			open = append(open, nil)
		case json.Delim('}'), json.Delim(']'):
			open = open[:len(open)-1]
		}
		if len(open) > 3 {
			return fmt.Errorf("gnn: header: nested too deep: %w", ErrFormat)
		}
		key = len(open) > 0 && open[len(open)-1] != nil
	}
}

// decode returns the elements of a view.
func decode[T tensor.Float](v safetensors.NamedTensorView) (Tensor[T], error) {
	t := Tensor[T]{Name: v.Name}
	for _, d := range v.TensorView.Shape() {
		if d > math.MaxInt32 {
			return t, fmt.Errorf("gnn: tensor %q has a dimension of %d: %w", v.Name, d, ErrFormat)
		}
		t.Shape = append(t.Shape, int(d))
	}
	data := v.TensorView.Data() // its length is that of the shape: the library has checked
	switch v.TensorView.DType() {
	case safetensors.F32:
		t.Data = make([]T, len(data)/4)
		for i := range t.Data {
			t.Data[i] = T(math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:])))
		}
	case safetensors.F64:
		t.Data = make([]T, len(data)/8)
		for i := range t.Data {
			x := math.Float64frombits(binary.LittleEndian.Uint64(data[8*i:]))
			y, ok := round[T](x)
			if !ok {
				return t, fmt.Errorf("gnn: tensor %q, element %d: %v does not fit in %T: %w", v.Name, i, x, y, ErrFormat)
			}
			t.Data[i] = y
		}
	default:
		return t, fmt.Errorf("gnn: tensor %q has elements of type %v, want F32 or F64: %w", v.Name, v.TensorView.DType(), ErrFormat)
	}
	return t, nil
}
