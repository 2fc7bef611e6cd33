package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"

	"symbridge/dataset"
	"symbridge/gnn"
)

// Streams of the generators that one seed feeds.
const (
	streamSplit   = 1 << 32
	streamRelabel = 2 << 32
	streamCertify = 3 << 32
)

func generator(seed, stream uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, stream)) }

// load reads the data set of the options: written down in another way if asked, with degrees as features where it has none,
// and for node sets with rows that sum to 1.
func (o *options) load() (*dataset.Set[float32], error) {
	s, err := dataset.Load[float32](o.data, o.format, dataset.Limits{})
	if err != nil {
		return nil, err
	}
	if len(s.Data) == 0 || s.Classes < 1 {
		return nil, fmt.Errorf("%s has no graphs or no classes: nothing to learn", s.Name)
	}
	if o.relabeled {
		s = s.Relabel(generator(o.relabel, streamRelabel))
	}
	s = dataset.FillFeatures(s)
	if s.Task == dataset.NodeClassification && !o.raw {
		s = s.Map(dataset.NormalizeRows[float32])
	}
	if o.colours > 0 {
		s = dataset.ColourFeatures(s, o.colours)
	}
	return s, nil
}

// taskOf returns the name that model configs have for the task of a set.
func taskOf(s *dataset.Set[float32]) string {
	if s.Task == dataset.GraphClassification {
		return "graph"
	}
	return "node"
}

// recipe returns how to build and train a model for a set: the recipe of its kind, with the flags that were given. The
// error names a flag that does not suit the model or the set.
func (o *options) recipe(s *dataset.Set[float32]) (recipe, error) {
	name := o.model
	if name == "" {
		name = "gcn"
		if s.Task == dataset.GraphClassification {
			name = "gin"
		}
	}
	switch {
	case o.set["heads"] && name != "gat":
		return recipe{}, fmt.Errorf("-heads is for -model gat, and the model is %s", name)
	case o.set["aggr"] && name != "sage":
		return recipe{}, fmt.Errorf("-aggr is for -model sage, and the model is %s", name)
	case o.set["pool"] && s.Task == dataset.NodeClassification:
		return recipe{}, fmt.Errorf("-pool is for graph sets, and %s is a node set", s.Name)
	}
	r := o.apply(recipeFor(kindOf(s), name))
	r.model.Task, r.model.In, r.model.Out = taskOf(s), s.Features(), s.Classes
	if name == "gat" {
		r.model.EdgeDim = s.EdgeFeatures()
	}
	return r, nil
}

// loadModel reads a checkpoint and checks that it fits the data.
func (o *options) loadModel(s *dataset.Set[float32]) (*gnn.Model[float32], error) {
	path := o.weights
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no weights at %s: symbridge train writes them to its -out folder", path)
	}
	if err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no file: give the .safetensors file that train wrote", path)
	}
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	m, metadata, err := gnn.LoadModel[float32](f, gnn.Limits{})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for name, p := range m.Params {
		for i, v := range p.Value.Data {
			if v-v != 0 {
				return nil, fmt.Errorf("%s: entry %d of %s is %v: the weights are damaged, or training diverged", path, i, name, v)
			}
		}
	}
	c := m.Config
	for _, x := range []struct {
		what      string
		got, want any
	}{{"task", c.Task, taskOf(s)}, {"node features", c.In, s.Features()}, {"classes", c.Out, s.Classes}} {
		if x.got != x.want {
			return nil, fmt.Errorf("the model in %s has %s %v and the data set %s has %v: give the -data that it was trained on, and the same -wl",
				path, x.what, x.got, s.Name, x.want)
		}
	}
	if c.EdgeDim > 0 && c.EdgeDim != s.EdgeFeatures() {
		return nil, fmt.Errorf("the model in %s has %d edge features and the data set %s has %d: give the -data that it was trained on",
			path, c.EdgeDim, s.Name, s.EdgeFeatures())
	}
	if names, ok := metadata[classesKey]; ok && names != classNames(s) {
		return nil, fmt.Errorf("the model in %s was trained for the classes %s and the data set %s has %s: give the -data and -format "+
			"that it was trained on", path, names, s.Name, classNames(s))
	}
	if how, ok := metadata[featuresKey]; ok && how != o.features(s) {
		return nil, fmt.Errorf("the model in %s was trained on features %s, and now they are %s: give -raw and -wl as in training", path, how, o.features(s))
	}
	return m, nil
}

// Entries of a checkpoint's metadata that say what it was trained on.
const (
	classesKey  = "classes"
	featuresKey = "features"
)

// classNames returns the names of the classes as JSON.
func classNames(s *dataset.Set[float32]) string {
	b, _ := json.Marshal(s.ClassNames) // strings cannot fail
	return string(b)
}

// features says how the features of a set were prepared.
func (o *options) features(s *dataset.Set[float32]) string {
	how := "as they are"
	if s.Task == dataset.NodeClassification && !o.raw {
		how = "with rows scaled to sum 1"
	}
	if o.colours > 0 {
		how += fmt.Sprintf(", and colours of %d rounds", o.colours)
	}
	return how
}

// maxMemory is the memory that a command may plan for, in bytes. Beyond it Go would end with a trace of its stacks.
const maxMemory = 16 << 30

// fits returns an error for a model whose step on all nodes of a set would take too much memory. It is an estimate: a dozen
// matrices of a layer's width a layer, and six of the parameters.
func (o *options) fits(s *dataset.Set[float32], c gnn.Config) error {
	nodes, edges := 0.0, 0.0
	for _, d := range s.Data {
		nodes, edges = nodes+float64(d.Graph.NumNodes()), edges+float64(d.Graph.NumEdges())
	}
	heads := float64(max(1, c.Heads))
	width, layers := float64(c.Hidden)*heads, float64(c.Layers)
	params := float64(c.In)*width + layers*width*width*2
	bytes := 4 * (nodes*(float64(c.In)+12*layers*width) + edges*layers*8*heads + 6*params)
	if bytes > maxMemory {
		return fmt.Errorf("the model would take about %.0f GiB on %s: give a smaller -hidden, -layers or -heads", bytes/(1<<30), s.Name)
	}
	return nil
}

// modelOf returns the model that certify and train start from: that of -weights, or a new one drawn from rng.
func (o *options) modelOf(s *dataset.Set[float32], r recipe, rng *rand.Rand) (*gnn.Model[float32], error) {
	if o.weights == "" {
		if err := o.fits(s, r.model); err != nil {
			return nil, err
		}
		return gnn.NewModel[float32](r.model, rng)
	}
	for _, name := range []string{"hidden", "layers", "heads", "dropout", "norm", "pool", "aggr"} {
		if o.set[name] {
			return nil, fmt.Errorf("-%s and -weights do not go together: the file says what the model is", name)
		}
	}
	m, err := o.loadModel(s)
	if err == nil && o.set["model"] && m.Config.Model != o.model {
		return nil, fmt.Errorf("%s holds a %s and -model is %s: leave -model out", o.weights, m.Config.Model, o.model)
	}
	return m, err
}

// writeFile writes a file in one piece, or not at all.
func writeFile(path string, write func(io.Writer) error) error {
	return outputError(gnn.WriteFileAtomic(path, write))
}
