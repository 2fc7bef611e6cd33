package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/train"
)

// options are the flags of all commands; each registers those that it takes.
type options struct {
	data, format, weights, out    string
	model                         string
	hidden, layers, heads         int
	dropout                       float64
	norm, pool, aggr, order       string
	orders                        []string // that -order takes
	lr, decay                     float64
	epochs, batch, patience       int
	restore                       string
	validation                    float64
	seed, relabel                 uint64
	seeds, folds, relabelings     int
	checkpoint, colours           int
	raw, json, history, relabeled bool
	resume, operands              bool // operands: what is no flag is a file

	set map[string]bool // the flags that were given
}

// flags is a flag set that prints nothing by itself.
type flags struct {
	*flag.FlagSet
	*options
}

func newFlags(name string) flags {
	f := flags{flag.NewFlagSet(name, flag.ContinueOnError), &options{set: map[string]bool{}}}
	f.SetOutput(io.Discard)
	return f
}

// dataFlags say what to read.
func (f flags) dataFlags() {
	f.StringVar(&f.data, "data", "karate", "`NAME|DIR`: karate, which is built in, or a folder with a data set")
	f.StringVar(&f.format, "format", "", "`FORMAT` of the folder: tu, planetoid or gin, with :NAME where it holds several sets; "+
		"empty recognises it by its files")
	f.BoolVar(&f.raw, "raw", false, "leave node features as they are; otherwise the rows of a node set are scaled to sum 1")
	f.IntVar(&f.colours, "wl", 0, "add Weisfeiler-Leman colours after `K` rounds to the features, one-hot; 0 adds none")
	f.BoolVar(&f.json, "json", false, "write JSON to stdout")
}

// orderCanonical is the order of train that is more than one of memory.
const orderCanonical = "canonical"

// orderFlag says how to compute.
func (f flags) orderFlag() {
	f.orders = graph.Orders()
	f.StringVar(&f.order, "order", "none", "`ORDER` of the nodes in memory while computing: "+strings.Join(f.orders, ", ")+
		"; a matter of speed, results are in the order of the data and have the same bits")
}

// trainingOrderFlag says how to compute, and with canonical, by which sums.
func (f flags) trainingOrderFlag() {
	f.orders = append(graph.Orders(), orderCanonical)
	f.StringVar(&f.order, "order", "none", "`ORDER` of the nodes in memory while computing: "+strings.Join(f.orders, ", ")+
		"; the bits are the same, but for canonical, which takes plain float sums")
}

// modelFlags say what to build. Zero stands for the recipe.
func (f flags) modelFlags() {
	f.StringVar(&f.model, "model", "", "`MODEL`: gcn, sage, gat or gin; empty is gcn for node sets and gin for graph sets")
	f.IntVar(&f.hidden, "hidden", 0, "channels of a hidden layer, of one head for gat (default: by recipe)")
	f.IntVar(&f.layers, "layers", 0, "message-passing layers (default: by recipe)")
	f.IntVar(&f.heads, "heads", 0, "attention heads of hidden gat layers (default: by recipe)")
	f.Float64Var(&f.dropout, "dropout", 0, "`P` of dropout, for gat on attention too (default: by recipe)")
	f.StringVar(&f.norm, "norm", "", "`NORM` after hidden layers: batch, layer, graph or none (default: by recipe)")
	f.StringVar(&f.pool, "pool", "", "`POOL` of graph sets: sum, mean, max (default: by recipe)")
	f.StringVar(&f.aggr, "aggr", "", "`AGGR` of sage: mean, sum, max (default: by recipe)")
	f.Uint64Var(&f.seed, "seed", 0, "`S` of initial weights, dropout, batches and folds")
}

// parse reads the arguments. Where help is asked for it writes about and the flags to out and returns flag.ErrHelp.
func (f flags) parse(args []string, out io.Writer, about string) error {
	err := f.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		var b strings.Builder
		b.WriteString(about)
		b.WriteString("\nFlags:\n\n")
		f.SetOutput(&b)
		f.PrintDefaults()
		if _, err := io.WriteString(out, b.String()); err != nil {
			return outputError(err)
		}
		return flag.ErrHelp
	case err != nil:
		return fmt.Errorf("%w; symbridge %s -h lists the flags", err, f.Name())
	case f.NArg() > 0 && !f.operands:
		return fmt.Errorf("unexpected argument %q: flags start with -, and a folder goes after -data", f.Arg(0))
	}
	f.Visit(func(g *flag.Flag) { f.set[g.Name] = true })
	return f.check()
}

// check returns an error for the first flag that cannot be.
func (o *options) check() error {
	for _, c := range []struct {
		name       string
		value      int
		least, max int
	}{{"hidden", o.hidden, 1, 1 << 12}, {"layers", o.layers, 1, 100}, {"heads", o.heads, 1, 256},
		{"epochs", o.epochs, 1, 1_000_000}, {"batch", o.batch, 1, 1 << 24}, {"patience", o.patience, 1, 1_000_000},
		{"seeds", o.seeds, 1, 10_000}, {"folds", o.folds, 2, 10_000}, {"relabelings", o.relabelings, 1, 1_000_000_000},
		{"checkpoint", o.checkpoint, 1, 1_000_000}, {"wl", o.colours, 0, 100}} {
		if o.set[c.name] && (c.value < c.least || c.value > c.max) {
			return fmt.Errorf("-%s is %d, want %d to %d", c.name, c.value, c.least, c.max)
		}
	}
	const exact = 1 << 53 // a JSON number holds integers up to here
	if o.seed > exact-uint64(max(0, o.seeds)) {
		return fmt.Errorf("-seed is %d with %d seeds, want seeds up to 2^53", o.seed, max(1, o.seeds))
	}
	if (o.resume || o.set["checkpoint"]) && (o.out == "" || o.json && !o.set["out"]) {
		return fmt.Errorf("-resume and -checkpoint keep states in the output folder: add -out DIR")
	}
	for _, c := range []struct {
		name  string
		value float64
		ok    bool
		want  string
	}{{"dropout", o.dropout, o.dropout >= 0 && o.dropout < 1, "at least 0 and below 1"},
		{"lr", o.lr, o.lr > 0 && !math.IsInf(o.lr, 0), "a positive number"},
		{"weight-decay", o.decay, o.decay >= 0 && !math.IsInf(o.decay, 0), "a number, at least 0"},
		{"val", o.validation, o.validation >= 0 && o.validation < 1, "at least 0 and below 1"}} {
		if o.set[c.name] && !c.ok {
			return fmt.Errorf("-%s is %v, want %s", c.name, c.value, c.want)
		}
	}
	for _, c := range []struct {
		name, value string
		known       []string
	}{{"model", o.model, models}, {"norm", o.norm, []string{"batch", "layer", "graph", "none"}}, {"order", o.order, o.orders},
		{"restore", o.restore, []string{string(train.RestoreLast), string(train.RestoreBestAccuracy),
			string(train.RestoreBestLoss), string(train.RestoreBestBoth)}}} {
		if o.set[c.name] && !slices.Contains(c.known, c.value) {
			return fmt.Errorf("-%s is %q, want one of %s", c.name, c.value, strings.Join(c.known, ", "))
		}
	}
	return nil
}

// apply puts the flags that were given in the place of what a recipe says.
func (o *options) apply(r recipe) recipe {
	m, t := &r.model, &r.train
	for _, c := range []struct {
		name string
		to   *int
		v    int
	}{{"hidden", &m.Hidden, o.hidden}, {"layers", &m.Layers, o.layers}, {"heads", &m.Heads, o.heads},
		{"epochs", &t.Epochs, o.epochs}, {"batch", &t.BatchSize, o.batch}, {"patience", &t.Patience, o.patience}} {
		if o.set[c.name] {
			*c.to = c.v
		}
	}
	if o.set["patience"] && t.Stop == train.StopNone {
		t.Stop = train.StopValLoss
	}
	for _, c := range []struct {
		name string
		to   *float64
		v    float64
	}{{"dropout", &m.Dropout, o.dropout}, {"lr", &t.LR, o.lr}, {"weight-decay", &t.WeightDecay, o.decay}} {
		if o.set[c.name] {
			*c.to = c.v
		}
	}
	if o.set["dropout"] && m.Model == "gat" {
		m.Attention = o.dropout
	}
	for _, c := range []struct {
		name string
		to   *string
		v    string
	}{{"norm", &m.Norm, o.norm}, {"pool", &m.Pool, o.pool}, {"aggr", &m.Aggr, o.aggr}} {
		if o.set[c.name] {
			*c.to = c.v
		}
	}
	if m.Norm == "none" {
		m.Norm = ""
	}
	if o.set["restore"] {
		t.Restore = train.Restore(o.restore)
	}
	return r
}

// models are the names that -model takes.
var models = []string{"gcn", "sage", "gat", "gin"}

// named returns the flags that rebuild a model, in words.
func named(c gnn.Config) string {
	s := fmt.Sprintf("%s, %d layers, hidden %d", c.Model, c.Layers, c.Hidden)
	if c.Model == "gat" || c.Model == "transformer" {
		s = fmt.Sprintf("%s x %d heads", s, max(1, c.Heads))
	}
	return s
}
