package gnn

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"symbridge/autodiff"
	"symbridge/tensor"
)

// Errors that reading a checkpoint wraps.
var (
	// ErrFormat is returned for bytes that are no safetensors file, or hold what a checkpoint cannot.
	ErrFormat = errors.New("not a checkpoint")
	// ErrLimit is returned for a file that is larger than the limits.
	ErrLimit = errors.New("over the limit")
	// ErrMismatch is returned where the tensors of a file are not those of the model.
	ErrMismatch = errors.New("checkpoint does not fit the model")
)

// ConfigKey is the metadata entry that holds the JSON of a Config.
const ConfigKey = "config"

// countersSuffix ends the names of torch's counters of batches, which nothing here uses.
const countersSuffix = "num_batches_tracked"

// ParamShape returns the shape of a parameter in a checkpoint: p.Shape, or rows and columns where it has none.
func ParamShape[T tensor.Float](p *autodiff.Param[T]) []int {
	if p.Shape != nil {
		return p.Shape
	}
	return []int{p.Value.Rows, p.Value.Cols}
}

// Save writes the parameters and buffers of a layer in the safetensors format, under PyTorch Geometric's names, with the
// metadata. Equal layers and metadata give equal bytes. The error is that of w, or names a tensor that cannot be saved.
func Save[T tensor.Float](w io.Writer, layer Layer[T], metadata map[string]string) error {
	var ts []Tensor[T]
	for name, p := range layer.Params {
		ts = append(ts, Tensor[T]{Name: name, Shape: ParamShape(p), Data: p.Value.Data})
	}
	return WriteTensors(w, ts, metadata)
}

// Load reads into a layer what Save, or Python's safetensors, wrote, and returns the metadata. Elements may be F32 or F64 and
// are rounded once where T is narrower. The file must hold the parameters of the layer and nothing else, except counters
// num_batches_tracked, which are left out. After an error the layer is as it was. Errors wrap ErrFormat, ErrLimit or
// ErrMismatch, and name the tensor with the shape wanted and got.
func Load[T tensor.Float](r io.Reader, layer Layer[T], limits Limits) (map[string]string, error) {
	ts, metadata, err := ReadTensors[T](r, limits)
	if err != nil {
		return nil, err
	}
	return metadata, SetParams(layer, ts)
}

// SetParams copies tensors into the parameters and buffers of the same names. All must fit, what is Fixed be equal, and none be missing or left over;
// otherwise the error wraps ErrMismatch and nothing is copied.
func SetParams[T tensor.Float](layer Layer[T], ts []Tensor[T]) error {
	found := make(map[string]*Tensor[T], len(ts))
	for i := range ts {
		found[ts[i].Name] = &ts[i]
	}
	known := make(map[string]bool, len(ts))
	for name, p := range layer.Params {
		known[name] = true
		t, ok := found[name]
		want := ParamShape(p)
		switch {
		case !ok:
			return fmt.Errorf("gnn: tensor %q of shape %v is missing, the file has %s: %w", name, want, some(ts), ErrMismatch)
		case !slices.Equal(t.Shape, want) || len(t.Data) != len(p.Value.Data):
			return fmt.Errorf("gnn: tensor %q has shape %v, want %v: %w", name, t.Shape, want, ErrMismatch)
		case p.Fixed && !slices.Equal(t.Data, p.Value.Data):
			return fmt.Errorf("gnn: tensor %q says that the weights are for something else than the model is: %w", name, ErrMismatch)
		}
	}
	for _, t := range ts {
		if !known[t.Name] {
			return fmt.Errorf("gnn: tensor %q of shape %v is unknown to the model: %w", t.Name, t.Shape, ErrMismatch)
		}
	}
	for name, p := range layer.Params {
		copy(p.Value.Data, found[name].Data)
	}
	return nil
}

// some names the first few tensors.
func some[T tensor.Float](ts []Tensor[T]) string {
	if len(ts) == 0 {
		return "no tensors"
	}
	var names []string
	for _, t := range ts[:min(3, len(ts))] {
		names = append(names, fmt.Sprintf("%q", t.Name))
	}
	if len(ts) > 3 {
		names = append(names, fmt.Sprintf("and %d more", len(ts)-3))
	}
	return strings.Join(names, ", ")
}

// SaveModel saves a model together with its config, so that LoadModel needs nothing else.
func SaveModel[T tensor.Float](w io.Writer, m *Model[T], metadata map[string]string) error {
	config, err := json.Marshal(m.Config)
	if err != nil {
		return fmt.Errorf("gnn: config of the model: %w", err)
	}
	all := maps.Clone(metadata)
	if all == nil {
		all = make(map[string]string)
	}
	all[ConfigKey] = string(config)
	return Save(w, m, all)
}

// LoadModel rebuilds the model that SaveModel saved, and returns the metadata. Errors are those of Load; a model that would
// be larger than the limits is not built.
func LoadModel[T tensor.Float](r io.Reader, limits Limits) (*Model[T], map[string]string, error) {
	limits = limits.withDefaults()
	ts, metadata, err := ReadTensors[T](r, limits)
	if err != nil {
		return nil, nil, err
	}
	text, ok := metadata[ConfigKey]
	if !ok {
		return nil, nil, fmt.Errorf("gnn: the file has no metadata entry %q that says what the model is: %w", ConfigKey, ErrFormat)
	}
	var c Config
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return nil, nil, fmt.Errorf("gnn: metadata entry %q: %w: %w", ConfigKey, err, ErrFormat)
	}
	if err := c.check(); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", err, ErrFormat)
	}
	if c.entries() > float64(limits.Total/4) {
		return nil, nil, fmt.Errorf("gnn: a model of about %.0f parameters for a limit of %d bytes: %w", c.entries(), limits.Total, ErrLimit)
	}
	m, err := NewModel[T](c, rand.New(rand.NewPCG(0, 0)))
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", err, ErrFormat)
	}
	if err := SetParams(m, ts); err != nil {
		return nil, nil, err
	}
	return m, metadata, nil
}

// WriteFileAtomic writes a file so that path holds either its old content or all of the new one: write goes to a temporary
// file in the same folder, which is synced and then renamed. A new file has mode 0644, a replaced one keeps its own.
func WriteFileAtomic(path string, write func(io.Writer) error) error {
	mode := os.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	done := false
	defer func() {
		if !done { // after an error or a panic of write; a second Close is harmless, and the first error is the one that counts
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err := write(f); err != nil {
		return err
	}
	if err := f.Chmod(mode); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	done = true
	return nil
}

// round returns v as a T, and whether it fits: a finite number must stay finite.
func round[T tensor.Float](v float64) (T, bool) {
	t := T(v)
	return t, !math.IsInf(float64(t), 0) || math.IsInf(v, 0)
}
