package train

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"math"
	"slices"

	"symbridge/autodiff"
	"symbridge/gnn"
	"symbridge/tensor"
)

// NamedParam is a parameter or buffer of a model with its name.
type NamedParam[T tensor.Float] struct {
	Name  string
	Param *autodiff.Param[T]
}

// Params returns the parameters and buffers of a model, sorted by name.
func Params[T tensor.Float](model gnn.Layer[T]) []NamedParam[T] {
	var out []NamedParam[T]
	for name, p := range model.Params {
		out = append(out, NamedParam[T]{name, p})
	}
	slices.SortStableFunc(out, func(a, b NamedParam[T]) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// WeightsSHA256 returns the SHA-256 of the parameters and buffers of a model, in hexadecimal; see [HashWeights].
func WeightsSHA256[T tensor.Float](model gnn.Layer[T]) string {
	h := sha256.New()
	HashWeights(h, "", model)
	return hex.EncodeToString(h.Sum(nil))
}

// HashWeights writes the parameters and buffers of a model to h, sorted by name. Several models, such as those of several
// seeds, go into one hash one after the other, each with a prefix to its names. For each parameter it writes: the length of
// the name and the name (prefix included, UTF-8); the number of dimensions and each of them; the number of bytes of data and
// the elements, row by row. Lengths, counts and dimensions are little-endian uint64, elements little-endian IEEE 754 in
// the width of T.
func HashWeights[T tensor.Float](h hash.Hash, prefix string, model gnn.Layer[T]) {
	var buf []byte
	count := func(n int) { buf = binary.LittleEndian.AppendUint64(buf, uint64(n)) }
	for _, p := range Params(model) {
		buf = buf[:0]
		count(len(prefix) + len(p.Name))
		buf = append(append(buf, prefix...), p.Name...)
		shape := gnn.ParamShape(p.Param)
		count(len(shape))
		for _, d := range shape {
			count(d)
		}
		switch data := any(p.Param.Value.Data).(type) {
		case []float32:
			count(4 * len(data))
			for _, v := range data {
				buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v))
			}
		case []float64:
			count(8 * len(data))
			for _, v := range data {
				buf = binary.LittleEndian.AppendUint64(buf, math.Float64bits(v))
			}
		}
		h.Write(buf)
	}
}
