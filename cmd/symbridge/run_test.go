package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/dataset"
	"symbridge/gnn"
	"symbridge/internal/testdata"
)

// result is what a command line came to.
type result struct {
	code     int
	out, err string
}

// symbridge runs a command line in an empty folder of its own.
func symbridge(t *testing.T, args ...string) result {
	t.Helper()
	return symbridgeWith(t, context.Background(), args...)
}

func symbridgeWith(t *testing.T, ctx context.Context, args ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(ctx, args, strings.NewReader(""), &out, &errs)
	return result{code, out.String(), errs.String()}
}

// object runs a command line that must write exactly one JSON object and nothing else, and returns it.
func object(t *testing.T, args ...string) map[string]any {
	t.Helper()
	r := symbridge(t, args...)
	require.Equal(t, exitOK, r.code, "%v: %s", args, r.err)
	require.Empty(t, r.err)
	d := json.NewDecoder(strings.NewReader(r.out))
	var o map[string]any
	require.NoError(t, d.Decode(&o))
	_, err := d.Token()
	require.ErrorIs(t, err, io.EOF, "one object and nothing after it")
	return o
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{{}, {"help"}, {"-h"}, {"--help"}} {
		r := symbridge(t, args...)
		require.Equal(t, exitOK, r.code)
		require.Contains(t, r.out, "Usage: symbridge <command>")
		require.Empty(t, r.err)
	}
	for _, name := range []string{"train", "certify", "predict"} {
		for _, args := range [][]string{{name, "-h"}, {"help", name}, {name, "-json", "--help"}} {
			r := symbridge(t, args...)
			require.Equal(t, exitOK, r.code)
			require.Empty(t, r.err)
			for _, part := range []string{"Usage: symbridge " + name, "Examples:", "-data NAME|DIR", "-json", "-weights FILE"} {
				require.Contains(t, r.out, part)
			}
			for line := range strings.Lines(r.out) {
				require.LessOrEqual(t, len(line), 190, "%s", line)
			}
		}
	}
	for _, part := range []string{"hidden 16, 2 layers, dropout 0.5, adam 0.01, L2 0.0005 on the first layer, 200 epochs",
		"8 heads x 8", "patience 100", "batch norm", "x 0.5 every 50 epochs", "No epoch is ever chosen on a test fold"} {
		require.Contains(t, symbridge(t, "train", "-h").out, part)
	}
}

func TestBadInput(t *testing.T) {
	t.Chdir(t.TempDir())
	write := func(name, content string) string {
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(t, os.WriteFile(name, []byte(content), 0o644))
		return name
	}
	require.Equal(t, exitOK, symbridge(t, "train", "-out", "good", "-epochs", "1").code)
	good := filepath.Join("good", weightsFile)
	b, err := os.ReadFile(good)
	require.NoError(t, err)
	write("cut.safetensors", string(b[:len(b)/2]))
	write("text.safetensors", "not a checkpoint")
	write("empty/readme.txt", "nothing here")
	write("broken/B_A.txt", "1, 2\n2, x\n")
	write("broken/B_graph_indicator.txt", "1\n1\n")
	write("broken/B_graph_labels.txt", "1\n")
	tiny(t, "tiny")
	write("file", "")
	write(filepath.Join("taken", weightsFile, "x"), "")
	o := &options{weights: good}
	m, err := o.loadModel(dataset.Karate[float32]().Map(dataset.NormalizeRows[float32]))
	require.NoError(t, err)
	for _, p := range m.Params {
		p.Value.Data[0] = float32(math.NaN())
	}
	require.NoError(t, writeFile("nan.safetensors", func(w io.Writer) error { return gnn.SaveModel(w, m, nil) }))

	for _, c := range []struct{ args, want string }{
		{"fly", `unknown command "fly"`},
		{"help fly", "unknown command"},
		{"train -fly", "-fly"},
		{"train -fly -json", "-fly"},
		{"train karate", "unexpected argument"},
		{"train -epochs", "needs an argument"},
		{"train -epochs -3", "-epochs is -3, want 1 to"},
		{"train -epochs 0", "-epochs is 0"},
		{"train -epochs many", "invalid value"},
		{"train -seed -1", "invalid value"},
		{"train -seeds 0", "-seeds is 0"},
		{"train -hidden -1", "-hidden is -1"},
		{"train -hidden 100000000", "-hidden"},
		{"train -layers 0", "-layers is 0"},
		{"train -hidden 4096 -layers 100", "GiB"},
		{"train -seed 9007199254740992 -seeds 2", "want seeds up to 2^53"},
		{"predict -weights good", "is no file"},
		{"predict -raw -weights " + good, "give -raw and -wl as in training"},
		{"certify -weights nan.safetensors", "entry 0 of convs.0.bias is NaN"},
		{"train -out taken", "is a folder"},
		{"train -lr 0", "-lr is 0"},
		{"train -lr NaN", "-lr is NaN"},
		{"train -lr 1e30", "smaller -lr"},
		{"train -dropout 1", "-dropout is 1"},
		{"train -weight-decay -1", "-weight-decay is -1"},
		{"train -model transformer", "want one of gcn, sage, gat, gin"},
		{"train -model sage -aggr median", "median"},
		{"train -model gcn -aggr max", "-aggr is for -model sage"},
		{"train -model gcn -heads 3", "-heads is for -model gat"},
		{"train -pool max", "-pool is for graph sets"},
		{"train -norm fancy", "-norm"},
		{"train -restore worst", "-restore"},
		{"train -order random", `-order is "random", want one of none, rcm, degree, cluster`},
		{"predict -order random", "-order"},
		{"certify -order rcm", "-order"},
		{"train -restore best_val_loss", "validation"},
		{"train -patience 5", "validation"},
		{"train -folds 10", "-folds is for graph sets"},
		{"train -val 0.1", "-val is for graph sets"},
		{"train -batch 8", "-batch is for graph sets"},
		{"train -data nowhere", "nowhere"},
		{"train -data file", "file"},
		{"train -data empty", "known formats"},
		{"train -data broken", "B_A.txt"},
		{"train -data tiny -format hdf5", "unknown format"},
		{"train -data tiny -folds 1", "-folds is 1"},
		{"train -data tiny -folds 99", "99 folds"},
		{"train -data tiny -val 2", "-val is 2"},
		{"train -data tiny -folds 2 -restore best_val_loss", "-val 0.1"},
		{"train -out file", "file"},
		{"train -weights nowhere", "no weights at nowhere"},
		{"train -weights " + good + " -hidden 3", "-hidden and -weights"},
		{"train -weights " + good + " -model gat", "leave -model out"},
		{"train -relabel x", "invalid value"},
		{"train -relabelings 0", "-relabelings is 0"},
		{"certify -relabelings -1", "-relabelings is -1"},
		{"certify -epochs 3", "-epochs"},
		{"certify -model mlp", "-model"},
		{"certify -data nowhere", "nowhere"},
		{"certify -weights cut.safetensors", "cut.safetensors"},
		{"certify -weights text.safetensors -json", "text.safetensors"},
		{"certify -data tiny -weights " + good, "task"},
		{"predict -weights nowhere", "symbridge train"},
		{"predict -model gcn", "-model"},
		{"predict -weights cut.safetensors", "cut.safetensors"},
		{"predict -data tiny -weights " + good, "give the -data that it was trained on"},
		{"predict", "no weights at symbridge-out"},
	} {
		r := symbridge(t, strings.Fields(c.args)...)
		require.Equal(t, exitUsage, r.code, c.args)
		require.Contains(t, r.err, c.want, c.args)
		require.Equal(t, 1, strings.Count(r.err, "\n"), "%s: one line, got %s", c.args, r.err)
		require.True(t, strings.HasPrefix(r.err, "symbridge"), c.args)
		require.NotContains(t, r.err, "goroutine")
	}
}

// tiny writes a set of twelve graphs in the TU format: paths of two classes.
func tiny(t *testing.T, dir string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(dir, 0o755))
	var edges, indicator, labels strings.Builder
	node := 0
	for g := range 12 {
		n := 3 + g%2*3
		for v := range n {
			node++
			indicator.WriteString(itoa(g+1) + "\n")
			if v > 0 {
				edges.WriteString(itoa(node-1) + ", " + itoa(node) + "\n" + itoa(node) + ", " + itoa(node-1) + "\n")
			}
		}
		labels.WriteString(itoa(g%2) + "\n")
	}
	for name, b := range map[string]*strings.Builder{"A": &edges, "graph_indicator": &indicator, "graph_labels": &labels} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "T_"+name+".txt"), []byte(b.String()), 0o644))
	}
}

func itoa(n int) string {
	b, _ := json.Marshal(n)
	return string(b)
}

// full is a writer that fails.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestOutputFails(t *testing.T) {
	t.Chdir(t.TempDir())
	require.Equal(t, exitOK, symbridge(t, "train", "-epochs", "1").code)
	require.NoError(t, os.WriteFile("one.g6", []byte("C~\n"), 0o644))
	for _, args := range []string{"help", "train -h", "train -json -epochs 1", "train -epochs 1", "certify", "certify -json",
		"predict", "predict -json", "wl -h", "wl canon -h", "wl help aut", "wl hash one.g6", "wl classes one.g6", "wl dedupe -json one.g6"} {
		var errs bytes.Buffer
		code := run(context.Background(), strings.Fields(args), nil, full{}, &errs)
		require.Equal(t, exitFailure, code, args)
		require.Equal(t, 1, strings.Count(errs.String(), "\n"), args)
		require.Contains(t, errs.String(), "disk full", args)
	}
}

// cancelling cancels when it is written a text.
type cancelling struct {
	text   string
	cancel context.CancelFunc
}

func (c *cancelling) Write(b []byte) (int, error) {
	if bytes.Contains(b, []byte(c.text)) {
		c.cancel()
	}
	return len(b), nil
}

func TestInterrupt(t *testing.T) {
	t.Chdir(t.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	out := &cancelling{text: "seed 1 ", cancel: cancel}
	var errs bytes.Buffer
	code := run(ctx, strings.Fields("train -seeds 3 -epochs 5 -out kept"), nil, out, &errs)
	require.Equal(t, exitInterrupted, code)
	require.Contains(t, errs.String(), "interrupted: 2 of 3 runs are done; weights and states are in kept, and -resume goes on")
	require.Equal(t, 1, strings.Count(errs.String(), "\n"))
	names, err := filepath.Glob("kept/*")
	require.NoError(t, err)
	require.Equal(t, []string{"kept/state-seed-2.safetensors", "kept/weights-seed-0.safetensors", "kept/weights-seed-1.safetensors"}, names)

	whole := object(t, strings.Fields("train -seeds 3 -epochs 5 -json")...)
	resumed := object(t, strings.Fields("train -seeds 3 -epochs 5 -json -out kept -resume")...)
	require.Equal(t, whole["weights_sha256"], resumed["weights_sha256"])
	require.NoFileExists(t, "kept/state-seed-2.safetensors", "a run that is done needs no state")

	for _, args := range []string{"train -json", "certify", "certify -json"} {
		r := symbridgeWith(t, ctx, strings.Fields(args)...)
		require.Equal(t, exitInterrupted, r.code, args)
		require.Empty(t, r.out, args)
		require.Equal(t, 1, strings.Count(r.err, "\n"), args)
	}
}

// A run that goes on from the middle ends with the bits of a run without a break, also on data written down in another way.
func TestResume(t *testing.T) {
	t.Chdir(t.TempDir())
	const flags = "train -model gat -epochs 9 -json -history"
	whole := object(t, strings.Fields(flags)...)
	object(t, strings.Fields("train -model gat -epochs 4 -json -out states -checkpoint 4")...)
	require.FileExists(t, "states/state-seed-0.safetensors")
	resumed := object(t, strings.Fields(flags+" -out states -resume -relabel 5")...)
	for _, key := range []string{"weights_sha256", "train_loss", "test_accuracy", "history"} {
		require.Equal(t, whole[key], resumed[key], key)
	}
	require.NoError(t, os.WriteFile("states/state-seed-0.safetensors", []byte("no state"), 0o644))
	r := symbridge(t, strings.Fields(flags+" -out states -resume")...)
	require.Equal(t, exitUsage, r.code)
	require.Contains(t, r.err, "state-seed-0.safetensors")
	r = symbridge(t, strings.Fields("train -json -resume")...)
	require.Equal(t, exitUsage, r.code)
	require.Contains(t, r.err, "add -out DIR")
}

func TestOneLine(t *testing.T) {
	require.Equal(t, "a b c", oneLine("a\nb\r\n\tc "))
	require.Len(t, []rune(oneLine(strings.Repeat("ü", 5000))), 601)
}

func shared(t *testing.T, name string) string { return testdata.Shared(t, "data/"+name) }
