package gnn

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"symbridge/tensor"
)

func checkpointModel[T tensor.Float](t testing.TB, c Config, seed uint64) *Model[T] {
	m, err := NewModel[T](c, rand.New(rand.NewPCG(seed, 0)))
	require.NoError(t, err)
	return m
}

var checkpointConfig = Config{Model: "gat", Task: "graph", In: 3, Hidden: 2, Out: 2, Layers: 2, Heads: 2, Norm: "batch", Dropout: 0.25}

// rawFile makes a file of a header and data bytes.
func rawFile(header string, data ...byte) []byte {
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(out, header...), data...)
}

func TestModelRoundTrip(t *testing.T) {
	m := checkpointModel[float32](t, checkpointConfig, 1)
	var buf bytes.Buffer
	require.NoError(t, SaveModel(&buf, m, map[string]string{"data": "karate \"club\" \n é"}))
	raw := bytes.Clone(buf.Bytes())
	got, metadata, err := LoadModel[float32](&buf, Limits{})
	require.NoError(t, err)
	require.Equal(t, m.Config, got.Config)
	require.Equal(t, "karate \"club\" \n é", metadata["data"])
	require.Contains(t, metadata, ConfigKey)
	names := 0
	for name, p := range m.Params {
		for other, q := range got.Params {
			if name == other {
				names++
				require.Equal(t, p.Value, q.Value, name)
			}
		}
	}
	require.Positive(t, names)
	var again bytes.Buffer
	require.NoError(t, SaveModel(&again, got, map[string]string{"data": "karate \"club\" \n é"}))
	require.Equal(t, raw, again.Bytes(), "equal models give equal bytes")

	// Every cut of the file is an error, and leaves no model.
	for n := range raw {
		m, _, err := LoadModel[float32](bytes.NewReader(raw[:n]), Limits{})
		require.ErrorIs(t, err, ErrFormat)
		require.Nil(t, m)
	}
	_, _, err = LoadModel[float32](bytes.NewReader(append(raw, 0)), Limits{})
	require.ErrorIs(t, err, ErrFormat)
}

func TestTensorsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var ts []Tensor[float64]
		n := rapid.IntRange(0, 5).Draw(t, "tensors")
		for i := range n {
			shape := rapid.SliceOfN(rapid.IntRange(0, 3), 0, 3).Draw(t, "shape")
			size := 1
			for _, d := range shape {
				size *= d
			}
			data := rapid.SliceOfN(rapid.Float64(), size, size).Draw(t, "data")
			ts = append(ts, Tensor[float64]{Name: fmt.Sprintf("%s-%d", rapid.StringN(0, 6, -1).Draw(t, "name"), i), Shape: shape, Data: data})
		}
		var buf bytes.Buffer
		require.NoError(t, WriteTensors(&buf, ts, nil))
		got, _, err := ReadTensors[float64](&buf, Limits{})
		require.NoError(t, err)
		require.Len(t, got, n)
		for _, g := range got {
			found := false
			for _, w := range ts {
				if w.Name == g.Name {
					found = true
					require.Equal(t, fmt.Sprint(w.Shape), fmt.Sprint(g.Shape))
					for i := range w.Data {
						require.Equal(t, math.Float64bits(w.Data[i]), math.Float64bits(g.Data[i]))
					}
				}
			}
			require.True(t, found, g.Name)
		}
	})
}

func TestLoadRoundsOnce(t *testing.T) {
	wide := NewLinear[float64](rand.New(rand.NewPCG(1, 1)), 3, 2, true)
	wide.Weight.Value.Data[0] = math.Inf(-1)
	var buf bytes.Buffer
	require.NoError(t, Save[float64](&buf, wide, nil))
	narrow := NewLinear[float32](rand.New(rand.NewPCG(2, 2)), 3, 2, true)
	_, err := Load[float32](&buf, narrow, Limits{})
	require.NoError(t, err)
	for i, v := range wide.Weight.Value.Data {
		require.Equal(t, float32(v), narrow.Weight.Value.Data[i])
	}
	buf.Reset()
	require.NoError(t, Save[float32](&buf, narrow, nil))
	_, err = Load[float64](&buf, wide, Limits{})
	require.NoError(t, err)
	require.Equal(t, float64(narrow.Bias.Value.Data[1]), wide.Bias.Value.Data[1])

	require.NoError(t, SetParams[float64](wide, []Tensor[float64]{{"weight", []int{2, 3}, []float64{1, 2, 3, 1e300, 5, 6}}, {"bias", []int{2}, []float64{0, 0}}}))
	buf.Reset()
	require.NoError(t, Save[float64](&buf, wide, nil))
	_, err = Load[float32](&buf, narrow, Limits{})
	require.ErrorIs(t, err, ErrFormat)
	require.ErrorContains(t, err, `tensor "weight", element 3: 1e+300 does not fit in float32`)
}

// What Python writes: counters of batches, int64 scalars, and any order of names.
func TestLoadLeavesCountersOut(t *testing.T) {
	raw := rawFile(`{"bias":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"norm.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[8,16]},`+
		`"__metadata__":{"format":"pt"},"weight":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]}}  `,
		0, 0, 0x80, 0x3f, 0, 0, 0, 0x40, 9, 0, 0, 0, 0, 0, 0, 0)
	l := NewLinear[float32](rand.New(rand.NewPCG(1, 1)), 1, 1, true)
	metadata, err := Load[float32](bytes.NewReader(raw), l, Limits{})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"format": "pt"}, metadata)
	require.Equal(t, float32(1), l.Weight.Value.Data[0])
	require.Equal(t, float32(2), l.Bias.Value.Data[0])
}

func TestLoadErrors(t *testing.T) {
	const tensor1 = `{"dtype":"F32","shape":[1],"data_offsets":[0,4]}`
	for _, c := range []struct {
		want string
		is   error
		raw  []byte
	}{
		{"0 bytes, want at least", ErrFormat, nil},
		{"the limit is 1048576", ErrLimit, bytes.Repeat([]byte{0xff}, 20)},
		{"is this a safetensors file", ErrLimit, []byte("PK\x03\x04 a zip file, as torch writes")},
		{"header ends after 1 of 3", ErrFormat, []byte("\x03\x00\x00\x00\x00\x00\x00\x00{")},
		{"no JSON object", ErrFormat, rawFile(`null`)},
		{"no JSON object", ErrFormat, rawFile(`[]`)},
		{"header", ErrFormat, rawFile(`{"a"`)},
		{"header", ErrFormat, rawFile(`{} {}`)},
		{"used twice", ErrFormat, rawFile(`{"a":`+tensor1+`,"a":`+tensor1+`}`, 0, 0, 0, 0)},
		{"used twice", ErrFormat, rawFile(`{"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}`, 0, 0, 0, 0)},
		{"nested too deep", ErrFormat, rawFile(`{"a":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`)},
		{"offset", ErrFormat, rawFile(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 0, 0, 0, 0, 0, 0, 0, 0)},
		{"incomplete", ErrFormat, rawFile(`{"a":`+tensor1+`}`, 0, 0, 0)},
		{"overflow", ErrFormat, rawFile(`{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`)},
		{"dimension of 4294967296", ErrFormat, rawFile(`{"a":{"dtype":"F32","shape":[0,4294967296],"data_offsets":[0,0]}}`)},
		{"type F16", ErrFormat, rawFile(`{"a":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}`, 0, 0)},
		{"DType", ErrFormat, rawFile(`{"a":{"dtype":"F8","shape":[1],"data_offsets":[0,1]}}`, 0)},
		{"expected string", ErrFormat, rawFile(`{"__metadata__":{"x":1}}`)},
		{`"weight" of shape [2 3] is missing, the file has no tensors`, ErrMismatch, rawFile(`{}`)},
		{`the file has "a"`, ErrMismatch, rawFile(`{"a":`+tensor1+`}`, 0, 0, 0, 0)},
		{`tensor "weight" has shape [1], want [2 3]`, ErrMismatch, rawFile(`{"weight":`+tensor1+`}`, 0, 0, 0, 0)},
	} {
		l := NewLinear[float32](rand.New(rand.NewPCG(1, 1)), 3, 2, true)
		before := l.Weight.Value.Clone()
		_, err := Load[float32](bytes.NewReader(c.raw), l, Limits{Header: 1 << 20})
		require.ErrorIs(t, err, c.is)
		require.ErrorContains(t, err, c.want)
		require.Equal(t, before, l.Weight.Value)
	}
	l := NewLinear[float32](rand.New(rand.NewPCG(1, 1)), 3, 2, true)
	var buf bytes.Buffer
	require.NoError(t, Save[float32](&buf, l, nil))
	_, err := Load[float32](bytes.NewReader(buf.Bytes()), l, Limits{Total: int64(buf.Len()) - 1})
	require.ErrorIs(t, err, ErrLimit)
	_, err = Load[float32](bytes.NewReader(buf.Bytes()), l, Limits{Total: int64(buf.Len())})
	require.NoError(t, err)
	plain := NewLinear[float32](rand.New(rand.NewPCG(1, 1)), 3, 2, false)
	_, err = Load[float32](bytes.NewReader(buf.Bytes()), plain, Limits{})
	require.ErrorIs(t, err, ErrMismatch)
	require.ErrorContains(t, err, `"bias" of shape [2] is unknown`)
	broken := errors.New("cable")
	_, err = Load[float32](io.MultiReader(bytes.NewReader(buf.Bytes()[:20]), failing{broken}), l, Limits{})
	require.ErrorIs(t, err, broken)
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestLoadModelErrors(t *testing.T) {
	for _, c := range []struct {
		want, config string
		is           error
	}{
		{`no metadata entry "config"`, "", ErrFormat},
		{"unexpected EOF", "{", ErrFormat},
		{"unknown field", `{"model":"gcn","colour":1}`, ErrFormat},
		{"unknown model", `{"model":"resnet"}`, ErrFormat},
		{"for a limit of", `{"model":"gcn","task":"node","in":1000,"hidden":1000,"out":10,"layers":2}`, ErrLimit},
		{"for a limit of", `{"model":"gat","task":"node","in":1,"hidden":1000,"out":1,"layers":2,"edge_dim":100000}`, ErrLimit},
		{"a model of about", `{"model":"gat","task":"node","in":1048576,"hidden":1048576,"heads":1024,"layers":6,"out":1}`, ErrLimit},
		{"aggr", `{"model":"sage","task":"node","in":1,"hidden":1,"out":1,"layers":2,"aggr":"x"}`, ErrFormat},
		{"is missing", `{"model":"gcn","task":"node","in":1,"hidden":1,"out":1,"layers":2}`, ErrMismatch},
	} {
		metadata := map[string]string{}
		if c.config != "" {
			metadata[ConfigKey] = c.config
		}
		var buf bytes.Buffer
		require.NoError(t, WriteTensors[float32](&buf, nil, metadata))
		_, _, err := LoadModel[float32](&buf, Limits{Total: 1 << 20})
		require.ErrorIs(t, err, c.is, c.config)
		require.ErrorContains(t, err, c.want)
	}
}

func TestWriteTensorsErrors(t *testing.T) {
	one := Tensor[float32]{"a", []int{1}, []float32{1}}
	require.ErrorContains(t, WriteTensors(io.Discard, []Tensor[float32]{one, one}, nil), "taken")
	require.ErrorContains(t, WriteTensors(io.Discard, []Tensor[float32]{{"__metadata__", []int{1}, []float32{1}}}, nil), "taken")
	require.ErrorContains(t, WriteTensors(io.Discard, []Tensor[float32]{{"a", []int{2}, []float32{1}}}, nil), "has 1 elements")
}

func TestWriteFileAtomic(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "model.safetensors")
	text := func(s string) func(io.Writer) error {
		return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
	}
	content := func() string {
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Len(t, entries, 1, "no temporary file is left")
		return string(raw)
	}
	require.NoError(t, WriteFileAtomic(path, text("one")))
	require.Equal(t, "one", content())
	require.NoError(t, os.Chmod(path, 0o600))
	require.NoError(t, WriteFileAtomic(path, text("two")))
	require.Equal(t, "two", content())
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	full := errors.New("disk full")
	require.ErrorIs(t, WriteFileAtomic(path, func(w io.Writer) error { _, _ = io.WriteString(w, "thr"); return full }), full)
	require.Equal(t, "two", content())
	require.Panics(t, func() { _ = WriteFileAtomic(path, func(io.Writer) error { panic("bug") }) })
	require.Equal(t, "two", content())
	require.ErrorIs(t, WriteFileAtomic(filepath.Join(dir, "none", "x"), text("")), os.ErrNotExist)
}

func FuzzLoadModel(f *testing.F) {
	m := checkpointModel[float32](f, checkpointConfig, 1)
	var buf bytes.Buffer
	require.NoError(f, SaveModel(&buf, m, nil))
	f.Add(buf.Bytes())
	f.Add(rawFile(`{}`))
	f.Add(rawFile(`{"a":{"dtype":"F64","shape":[1,1],"data_offsets":[0,8]},"__metadata__":{"config":"{}"}}`, 0, 0, 0, 0, 0, 0, 0xf0, 0x7f))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, metadata, err := LoadModel[float32](bytes.NewReader(raw), Limits{Total: 1 << 18})
		if err != nil {
			require.Nil(t, m)
			return
		}
		delete(metadata, ConfigKey)
		var buf bytes.Buffer
		require.NoError(t, SaveModel(&buf, m, metadata))
		back, _, err := LoadModel[float32](&buf, Limits{})
		require.NoError(t, err)
		require.Equal(t, m.Config, back.Config)
	})
}
