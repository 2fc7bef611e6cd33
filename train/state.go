package train

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"symbridge/gnn"
	"symbridge/tensor"
)

// State is a run between two steps: weights, buffers, moments of the optimiser, the weights that are kept, the history, and
// the place in the epoch. From it the run goes on to the same bits. It shares no memory with the run.
type State[T tensor.Float] struct {
	cfg     Config
	at      position
	steps   uint64 // of the optimiser
	powers  []float64
	params  []gnn.Tensor[T]
	best    []gnn.Tensor[T] // none, or as params
	moments []gnn.Tensor[T] // slot/name
}

// Names of a state in its file.
const (
	stateKey      = "symbridge.train.state"
	paramsPrefix  = "params/"
	bestPrefix    = "best/"
	momentsPrefix = "optimizer/"
)

// Epoch returns the number of epochs that are done.
func (s *State[T]) Epoch() int { return s.at.Epoch }

// Config returns the config of the run, with its defaults filled in.
func (s *State[T]) Config() Config { return s.cfg }

// stateMeta is what the metadata of the file holds, as JSON.
type stateMeta struct {
	Config   Config    `json:"config"`
	Position position  `json:"position"`
	Steps    uint64    `json:"steps"`
	Powers   []float64 `json:"powers"`
}

// Write saves the state as a safetensors file; gnn.WriteFileAtomic puts it in a path.
func (s *State[T]) Write(w io.Writer) error {
	meta, err := json.Marshal(stateMeta{s.cfg, s.at, s.steps, s.powers})
	if err != nil {
		return fmt.Errorf("train: state: %w", err)
	}
	var ts []gnn.Tensor[T]
	for _, l := range []struct {
		prefix string
		list   []gnn.Tensor[T]
	}{{paramsPrefix, s.params}, {bestPrefix, s.best}, {momentsPrefix, s.moments}} {
		for _, t := range l.list {
			t.Name = l.prefix + t.Name
			ts = append(ts, t)
		}
	}
	return gnn.WriteTensors(w, ts, map[string]string{stateKey: string(meta)})
}

// ReadState reads what Write saved. Limits have the defaults of gnn.Limits, except 64 MiB for the header, which holds the
// history. The error wraps gnn.ErrFormat or gnn.ErrLimit. Whether the state fits a model shows when a run resumes.
func ReadState[T tensor.Float](r io.Reader, limits gnn.Limits) (*State[T], error) {
	if limits.Header == 0 {
		limits.Header = 64 << 20
	}
	ts, metadata, err := gnn.ReadTensors[T](r, limits)
	if err != nil {
		return nil, err
	}
	text, ok := metadata[stateKey]
	if !ok {
		return nil, fmt.Errorf("train: the file has no metadata entry %q: %w", stateKey, gnn.ErrFormat)
	}
	var meta stateMeta
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&meta); err != nil {
		return nil, fmt.Errorf("train: metadata entry %q: %w: %w", stateKey, err, gnn.ErrFormat)
	}
	if err := meta.Config.Validate(); err != nil {
		return nil, fmt.Errorf("%w: %w", err, gnn.ErrFormat)
	}
	s := &State[T]{cfg: meta.Config, at: meta.Position, steps: meta.Steps, powers: meta.Powers}
	if p := s.at; p.Epoch < 0 || p.Batch < 0 || p.Rows < 0 || p.Bad < 0 || p.Evals < 0 || p.Best < 0 ||
		p.Best > p.Epoch || len(p.History) != p.Epoch {
		return nil, fmt.Errorf("train: epoch %d, batch %d, best epoch %d and a history of %d epochs do not belong together: %w",
			p.Epoch, p.Batch, p.Best, len(p.History), gnn.ErrFormat)
	}
	for _, t := range ts { // sorted by name, as Write had them
		list, name, ok := &s.params, "", false
		if name, ok = strings.CutPrefix(t.Name, paramsPrefix); ok {
		} else if name, ok = strings.CutPrefix(t.Name, bestPrefix); ok {
			list = &s.best
		} else if name, ok = strings.CutPrefix(t.Name, momentsPrefix); ok {
			list = &s.moments
		} else {
			return nil, fmt.Errorf("train: tensor %q is no part of a state: %w", t.Name, gnn.ErrFormat)
		}
		t.Name = name
		*list = append(*list, t)
	}
	return s, nil
}

// state returns a copy of where the run stands.
func (r *run[T]) state() *State[T] {
	opt := r.opt.State()
	s := &State[T]{cfg: r.cfg, at: r.at, steps: opt.Steps, powers: opt.Powers}
	s.at.History = slices.Clone(r.at.History)
	for i, p := range r.params {
		t := gnn.Tensor[T]{Name: p.Name, Shape: gnn.ParamShape(p.Param), Data: slices.Clone(p.Param.Value.Data)}
		s.params = append(s.params, t)
		if r.best != nil {
			t.Data = slices.Clone(r.best[i])
			s.best = append(s.best, t)
		}
	}
	for i, v := range opt.Slots { // State gave copies
		p := r.named[i%len(r.named)]
		s.moments = append(s.moments, gnn.Tensor[T]{Name: momentName(i, r.named), Shape: gnn.ParamShape(p.Param), Data: v})
	}
	return s
}

// momentName returns slot/name of moment i.
func momentName[T tensor.Float](i int, named []NamedParam[T]) string {
	return strconv.Itoa(i/len(named)) + "/" + named[i%len(named)].Name
}

// restore puts the run where the state stands. After an error nothing has changed.
func (r *run[T]) restore(s *State[T]) error {
	if a, b := s.cfg, r.cfg; !sameRun(a, b) {
		return fmt.Errorf("train: the state was made with the config %+v, this run has %+v: %w", a, b, ErrConfig)
	}
	steps := r.task.begin(s.at.Epoch)
	if s.at.Batch >= steps {
		return fmt.Errorf("train: the state is after %d steps of an epoch of %d: %w", s.at.Batch, steps, gnn.ErrMismatch)
	}
	if len(s.best) > 0 && !slices.EqualFunc(s.best, s.params, sameShape) || (len(s.best) > 0) != (s.at.Best > 0) {
		return fmt.Errorf("train: the kept weights of the state are not those of its model: %w", gnn.ErrFormat)
	}
	before := r.opt.State()
	if len(s.moments) != len(before.Slots) {
		return fmt.Errorf("train: the state has %d moments, want %d: %w", len(s.moments), len(before.Slots), gnn.ErrMismatch)
	}
	opt := OptimizerState[T]{Steps: s.steps, Powers: s.powers}
	for i, m := range s.moments {
		if want := momentName(i, r.named); m.Name != want {
			return fmt.Errorf("train: moment %d of the state is %q, want %q: %w", i, m.Name, want, gnn.ErrMismatch)
		}
		opt.Slots = append(opt.Slots, m.Data)
	}
	if err := r.opt.SetState(opt); err != nil {
		return fmt.Errorf("%w: %w", err, gnn.ErrMismatch)
	}
	if err := gnn.SetParams(r.model, s.params); err != nil {
		if err := r.opt.SetState(before); err != nil {
			panic(err) // it was taken from this optimiser
		}
		return err
	}
	r.at = s.at
	r.at.History = slices.Clone(s.at.History)
	if len(s.best) > 0 {
		r.best = make([][]T, len(r.params))
		for i := range r.best {
			r.best[i] = slices.Clone(s.best[i].Data)
		}
	}
	return nil
}

func sameShape[T tensor.Float](a, b gnn.Tensor[T]) bool {
	return a.Name == b.Name && slices.Equal(a.Shape, b.Shape) && len(a.Data) == len(b.Data)
}

// sameRun reports whether two configs differ in nothing but the number of epochs.
func sameRun(a, b Config) bool {
	a.Epochs = b.Epochs
	return a == b
}
