package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// number returns o[key], a number.
func number(t *testing.T, o map[string]any, key string) float64 {
	t.Helper()
	v, ok := o[key].(float64)
	require.True(t, ok, "%s is %v", key, o[key])
	return v
}

// numbers returns o[key], a list of numbers.
func numbers(t *testing.T, o map[string]any, key string) []float64 {
	t.Helper()
	list, ok := o[key].([]any)
	require.True(t, ok, "%s is %v", key, o[key])
	var out []float64
	for _, v := range list {
		out = append(out, v.(float64))
	}
	return out
}

// exact checks the certificate of an object.
func exact(t *testing.T, o map[string]any) map[string]any {
	t.Helper()
	c, ok := o["certificate"].(map[string]any)
	require.True(t, ok)
	for _, key := range []string{"differing_bits", "differing_entries", "max_ulp", "max_abs"} {
		require.Zero(t, number(t, c, key), key)
	}
	require.Positive(t, number(t, c, "entries"))
	require.Positive(t, number(t, c, "gradient_entries"))
	require.Less(t, number(t, c, "gradient_entries"), number(t, c, "entries"))
	return c
}

func TestTrainKarate(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, model := range models {
		o := object(t, "train", "-json", "-model", model)
		require.Equal(t, "karate", o["dataset"])
		require.Equal(t, model, o["model"])
		require.Equal(t, []float64{0}, numbers(t, o, "seeds"))
		require.Equal(t, 200.0, number(t, o, "epochs"))
		require.Equal(t, []float64{200}, numbers(t, o, "epochs_done"))
		require.GreaterOrEqual(t, number(t, o, "test_accuracy_mean"), 0.9)
		require.Equal(t, numbers(t, o, "test_accuracy")[0], number(t, o, "test_accuracy_mean"))
		require.Zero(t, number(t, o, "test_accuracy_std"))
		require.Positive(t, number(t, o, "seconds"))
		require.Len(t, o["weights_sha256"], 64)
		require.Len(t, numbers(t, o, "train_loss"), 1)
		require.Empty(t, numbers(t, o, "val_loss"))
		require.Contains(t, o["protocol"], "fixed beforehand; the last weights")
		c := exact(t, o)
		require.Equal(t, "S_34", c["group"])
		require.Equal(t, "295232799039604140847618609643520000000", c["group_order"])
		require.InDelta(t, 38.470164600, number(t, c, "group_order_log10"), 1e-8)
		require.Equal(t, 20.0, number(t, c, "relabelings"))
		require.Equal(t, number(t, o, "params"), number(t, c, "parameters"))
		if model == "gcn" {
			require.Equal(t, 34.0*34*34*16+34*34*16*2, number(t, c, "theta"))
			require.Equal(t, 2.0*(34*16+16*2), number(t, c, "theta_equivariant"))
			require.Equal(t, 20.0*(34*2+594), number(t, c, "entries"))
		}
	}
	files, err := filepath.Glob("*")
	require.NoError(t, err)
	require.Empty(t, files, "-json without -out writes no files")
}

func TestTrainSeeds(t *testing.T) {
	both := object(t, "train", "-json", "-seed", "5", "-seeds", "2", "-epochs", "4", "-model", "sage", "-history")
	var accuracy, loss []float64
	hashes := map[any]bool{both["weights_sha256"]: true}
	for _, seed := range []string{"5", "6"} {
		o := object(t, "train", "-json", "-seed", seed, "-epochs", "4", "-model", "sage")
		accuracy, loss = append(accuracy, numbers(t, o, "test_accuracy")...), append(loss, numbers(t, o, "train_loss")...)
		hashes[o["weights_sha256"]] = true
	}
	require.Equal(t, []float64{5, 6}, numbers(t, both, "seeds"))
	require.Equal(t, accuracy, numbers(t, both, "test_accuracy"))
	require.Equal(t, loss, numbers(t, both, "train_loss"))
	require.Len(t, hashes, 3)
	require.InDelta(t, (accuracy[0]+accuracy[1])/2, number(t, both, "test_accuracy_mean"), 1e-15)
	require.Len(t, both["history"], 2)
	require.Len(t, numbers(t, both["history"].([]any)[1].(map[string]any), "train_loss"), 4)
}

// same trains with and without a relabelling, on one and on two cores, and wants the same object but for the time.
func same(t *testing.T, args ...string) {
	t.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	args = append([]string{"train", "-json", "-history", "-relabelings", "1"}, args...)
	var want map[string]any
	for _, cores := range []int{1, 2} {
		runtime.GOMAXPROCS(cores)
		for _, more := range [][]string{nil, {"-relabel", "7"}} {
			o := object(t, append(args, more...)...)
			require.Positive(t, number(t, o, "seconds"))
			delete(o, "seconds")
			if want == nil {
				want = o
			}
			require.Equal(t, want, o, "%v %v on %d cores", args, more, cores)
		}
	}
}

func TestRelabelKarate(t *testing.T) {
	for _, model := range models {
		t.Run(model, func(t *testing.T) { same(t, "-model", model, "-epochs", "40") })
	}
}

func TestRelabelMutag(t *testing.T) {
	data := shared(t, "mutag")
	for _, model := range models {
		t.Run(model, func(t *testing.T) {
			same(t, "-data", data, "-model", model, "-epochs", "2", "-folds", "2", "-val", "0.2")
		})
	}
}

func TestRelabelCora(t *testing.T) {
	data := shared(t, "cora")
	for _, model := range models {
		t.Run(model, func(t *testing.T) { same(t, "-data", data, "-model", model, "-epochs", "3") })
	}
}

// A short run on Cora is already far better than chance, and its validation figures are there.
func TestTrainCora(t *testing.T) {
	o := object(t, "train", "-json", "-data", shared(t, "cora"), "-epochs", "25", "-relabelings", "1")
	require.Greater(t, number(t, o, "test_accuracy_mean"), 0.7)
	require.Len(t, numbers(t, o, "val_accuracy"), 1)
	require.Contains(t, o["protocol"], "the weights of the best validation accuracy")
	require.Equal(t, "S_2708", exact(t, o)["group"])
}

func TestTrainMutag(t *testing.T) {
	data := shared(t, "mutag")
	o := object(t, "train", "-json", "-data", data, "-epochs", "12", "-folds", "4", "-relabelings", "2")
	folds := numbers(t, o, "fold_accuracy")
	require.Len(t, folds, 4)
	require.Greater(t, number(t, o, "fold_accuracy_mean"), 0.66)
	require.InDelta(t, (folds[0]+folds[1]+folds[2]+folds[3])/4, number(t, o, "fold_accuracy_mean"), 1e-12)
	require.Equal(t, []float64{number(t, o, "fold_accuracy_mean")}, numbers(t, o, "test_accuracy"))
	require.Contains(t, o["protocol"], "4-fold cross-validation")
	require.Contains(t, o["protocol"], "the last weights")
	require.Empty(t, numbers(t, o, "val_loss"))
	c := exact(t, o)
	require.Equal(t, "S_3371", c["group"])
	require.Greater(t, len(c["group_order"].(string)), 10_000)

	two := object(t, "train", "-json", "-data", data, "-epochs", "1", "-folds", "2", "-seeds", "2", "-relabelings", "1")
	require.Len(t, two["fold_accuracy"], 2)
	require.Len(t, two["fold_accuracy"].([]any)[1], 2)
	require.Len(t, numbers(t, two, "test_accuracy"), 2)
	require.Len(t, numbers(t, two, "train_loss"), 4)

	one := object(t, "train", "-json", "-data", data, "-epochs", "1", "-relabelings", "1")
	require.Len(t, numbers(t, one, "val_loss"), 1)
	require.NotContains(t, one, "fold_accuracy")
}

// wellFormed fails where a file is no XML.
func wellFormed(t *testing.T, path string) {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	d := xml.NewDecoder(f)
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err)
	}
}

func TestTrainText(t *testing.T) {
	t.Chdir(t.TempDir())
	r := symbridge(t, "train")
	require.Equal(t, exitOK, r.code)
	require.Empty(t, r.err, "no progress bar away from a terminal")
	for _, part := range []string{"data       karate: node classification, 34 nodes, 156 arcs", "seed 0 ", "learned    test accuracy 0.9",
		"Mr. Hi ", "0 differing bits", "EXACT", "symbridge-out/weights.safetensors", "symbridge-out/prediction.svg",
		"symbridge-out/learning-curve.svg"} {
		require.Contains(t, r.out, part)
	}
	wellFormed(t, "symbridge-out/prediction.svg")
	wellFormed(t, "symbridge-out/learning-curve.svg")

	tiny(t, "tiny")
	r = symbridge(t, "train", "-data", "tiny", "-folds", "3", "-seeds", "2", "-epochs", "3", "-out", "many", "-val", "0.4")
	require.Equal(t, exitOK, r.code, r.err)
	require.Contains(t, r.out, "seed 1, fold 3")
	require.Contains(t, r.out, "over 2 seeds, mean of 3 folds ±")
	require.Contains(t, r.out, "of   12, ", "each graph of a class is tested once a seed")
	wellFormed(t, "many/prediction.svg")
	files, err := filepath.Glob("many/weights-seed-?-fold-?.safetensors")
	require.NoError(t, err)
	require.Len(t, files, 6)
	b, err := os.ReadFile("many/learning-curve.svg")
	require.NoError(t, err)
	require.Contains(t, string(b), "validation accuracy")

	o := object(t, "train", "-json", "-epochs", "2", "-out", "asked")
	require.Len(t, o["files"], 3)
	r = symbridge(t, "train", "-epochs", "2", "-out", "")
	require.Equal(t, exitOK, r.code)
	require.NotContains(t, r.out, "written")
}

// The same command writes the same bytes, and so does one on a relabelled copy.
func TestTrainFilesDoNotDependOnLabels(t *testing.T) {
	t.Chdir(t.TempDir())
	for out, args := range map[string]string{"a": "", "b": "", "c": "-relabel 3"} {
		r := symbridge(t, strings.Fields("train -epochs 20 -out "+out+" "+args)...)
		require.Equal(t, exitOK, r.code, r.err)
	}
	for _, name := range []string{weightsFile, predictionFile, curveFile} {
		a, err := os.ReadFile(filepath.Join("a", name))
		require.NoError(t, err)
		for _, other := range []string{"b", "c"} {
			b, err := os.ReadFile(filepath.Join(other, name))
			require.NoError(t, err)
			require.Equal(t, string(a), string(b), "%s of %s", name, other)
		}
	}
}

func TestTrainFromWeights(t *testing.T) {
	t.Chdir(t.TempDir())
	require.Equal(t, exitOK, symbridge(t, "train", "-model", "gin", "-epochs", "30", "-out", "first").code)
	first := object(t, "train", "-json", "-model", "gin", "-epochs", "30")
	on := object(t, "train", "-json", "-weights", "first/"+weightsFile, "-epochs", "1")
	require.Equal(t, "gin", on["model"])
	require.Equal(t, first["config"], on["config"])
	require.NotEqual(t, first["weights_sha256"], on["weights_sha256"])
	require.Less(t, numbers(t, on, "train_loss")[0], 0.1)
}

func TestEveryFlagShows(t *testing.T) {
	t.Chdir(t.TempDir())
	tiny(t, "tiny")
	o := object(t, strings.Fields("train -json -data tiny -model sage -aggr max -pool mean -norm none -layers 3 -hidden 5 -dropout 0.25 "+
		"-epochs 30 -batch 4 -lr 0.02 -weight-decay 0.001 -val 0.4 -patience 2 -restore best_val_loss -raw -format tu:T")...)
	config := o["config"].(map[string]any)
	require.Equal(t, map[string]any{"model": "sage", "task": "graph", "in": 3.0, "hidden": 5.0, "out": 2.0, "layers": 3.0,
		"dropout": 0.25, "aggr": "max", "pool": "mean"}, config)
	require.Contains(t, o["protocol"], "stopped by the validation rows with patience 2; the weights of the lowest validation loss")

	o = object(t, strings.Fields("train -json -model gat -heads 3 -hidden 2 -dropout 0.3 -epochs 2")...)
	config = o["config"].(map[string]any)
	require.Equal(t, 3.0, config["heads"])
	require.Equal(t, 0.3, config["attention"])
}
