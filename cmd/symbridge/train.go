package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"symbridge/gnn"
	"symbridge/train"
)

const trainAbout = `symbridge train fits a model to a data set and ends with what was learned, a certificate that the outputs and
gradients of the trained model do not depend on how the graph was written down, and two pictures: the predictions, and the
learning curve of the first run.

Usage: symbridge train [flags]

Examples:

  symbridge train                                        GCN on the karate club, a second or so
  symbridge train -data cora/ -seeds 10 -json            ten seeds, one JSON object on stdout
  symbridge train -data cora/ -model gat -out gat/
  symbridge train -data mutag/ -model gin -folds 10 -seeds 3
  symbridge train -data cora/ -relabel 7                 another labelling and edge order: the same weights_sha256
  symbridge train -data cora/ -order canonical           plain sums in a canonical order: faster, and as independent of the labelling
  symbridge train -data mutag/ -wl 2                     Weisfeiler-Leman colours as features too; predict takes the same -wl
  symbridge train -data cora/ -order cluster             neighbours near each other in memory: the same weights_sha256

Data. A folder is recognised by its files: TU (NAME_A.txt), Planetoid (ind.NAME.x) or GIN text. Planetoid sets bring their
public split; the karate club trains on its two leaders. Graph sets without -folds are split at random, stratified: a tenth
for the test, a tenth of the others for validation (-val). Sets without node features get one-hot degrees.

Seeds. Run k uses seed S+k for initial weights, dropout, batches, splits and folds. Everything is keyed by the identity
of nodes, edges and graphs, so a relabelling changes no bit of the result, and neither does the number of cores.

Protocol. The test rows are looked at once, after training. Node sets with validation nodes keep the weights of their best
validation epoch. Graph sets train for a number of epochs that is fixed beforehand and keep the last weights; with
-folds K accuracy is the mean over the K test folds. No epoch is ever chosen on a test fold, which is how figures such as
0.89 for MUTAG come about.

Output. -out has weights.safetensors (several runs: weights-seed-S[-fold-F].safetensors), prediction.svg and
learning-curve.svg. -json writes one object; lists have one entry a seed, or a seed and fold. weights_sha256 is over
all parameters of all runs, sorted by name: name, shape, little-endian data; where there are several runs a name starts with
seed-S. or seed-S-fold-F. of its run. An interrupted run leaves its state in -out;
the same command with -resume goes on from there to the same bits.

Recipes, where no flag says otherwise:

`

// Names in the output folder.
const (
	weightsFile    = "weights.safetensors"
	predictionFile = "prediction.svg"
	curveFile      = "learning-curve.svg"
)

func trainCommand(ctx context.Context, args []string, _ io.Reader, out, errs io.Writer) error {
	began := time.Now()
	f := newFlags("train")
	f.dataFlags()
	f.modelFlags()
	f.trainFlags()
	f.trainingOrderFlag()
	if err := f.parse(args, out, trainAbout+recipesText()); err != nil {
		return err
	}
	if f.json && !f.set["out"] {
		f.out = ""
	}
	f.relabeled = f.set["relabel"]
	e, err := newExperiment(f.options)
	if err != nil {
		return err
	}
	if f.out != "" {
		if err := prepare(f.out); err != nil {
			return fmt.Errorf("-out: %w", err)
		}
	}
	text := out
	if f.json {
		text = io.Discard
	}
	outcomes, files, err := e.all(ctx, text, errs)
	if err != nil {
		return err
	}
	r := e.newReport(outcomes)
	if r.Certificate, err = certify(ctx, outcomes[0].model, e.set, f.relabelings, e.seeds[0], func(int) {}); err != nil {
		return err
	}
	if f.out != "" {
		pictures, err := e.draw(outcomes, f.out)
		if err != nil {
			return err
		}
		files = append(files, pictures...)
	}
	r.Files, r.Seconds = files, time.Since(began).Seconds()
	if f.json {
		return writeJSON(out, r)
	}
	_, err = io.WriteString(out, e.text(r, outcomes))
	return outputError(err)
}

// prepare makes the output folder and tries it, so that a run does not end with nowhere to go.
func prepare(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, name := range []string{weightsFile, predictionFile, curveFile} {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil && info.IsDir() {
			return fmt.Errorf("%s is a folder, and a file is to be written there", filepath.Join(dir, name))
		}
	}
	f, err := os.CreateTemp(dir, ".try-*")
	if err != nil {
		return err
	}
	f.Close()
	return os.Remove(f.Name())
}

// trainFlags say how to train.
func (f flags) trainFlags() {
	f.Float64Var(&f.lr, "lr", 0, "learning rate of Adam (default: by recipe)")
	f.Float64Var(&f.decay, "weight-decay", 0, "L2 penalty (default: by recipe)")
	f.IntVar(&f.epochs, "epochs", 0, "passes over the training rows, at most (default: by recipe)")
	f.IntVar(&f.batch, "batch", 0, "graphs a step (default: by recipe)")
	f.IntVar(&f.patience, "patience", 0, "epochs without a better validation before training stops (default: by recipe)")
	f.StringVar(&f.restore, "restore", "", "`WEIGHTS` to keep: last, best_val_accuracy, "+
		"best_val_loss or best_val_both (default: by recipe)")
	f.Float64Var(&f.validation, "val", 0, "`SHARE` of the training graphs for validation (default: 0.1, with -folds none)")
	f.IntVar(&f.seeds, "seeds", 1, "`N` runs with the seeds S, S+1, ...")
	f.IntVar(&f.folds, "folds", 0, "`K` folds of cross-validation of a graph set (default: one split)")
	f.Uint64Var(&f.relabel, "relabel", 0, "`R`, a seed: relabel the nodes and shuffle the edge list before training "+
		"(default: leave them)")
	f.IntVar(&f.relabelings, "relabelings", 20, "`N` relabelings of the certificate")
	f.StringVar(&f.weights, "weights", "", "`FILE` with weights to start from, in place of random ones")
	f.StringVar(&f.out, "out", "symbridge-out", "`DIR` for weights and pictures, made where it is missing; "+
		"empty writes none, and so does -json without -out")
	f.IntVar(&f.checkpoint, "checkpoint", 0, "write the state of a run to -out every `K` epochs (default: only when interrupted)")
	f.BoolVar(&f.resume, "resume", false, "go on from the states that an interrupted train left in -out; give the same flags again")
	f.BoolVar(&f.history, "history", false, "with -json: the losses and accuracies of every epoch of every run")
}

// all does all runs, writes a line for each to text, and the weights of each, as soon as it is done, to the output folder.
func (e *experiment) all(ctx context.Context, text, errs io.Writer) (outcomes []*outcome, files []string, err error) {
	epochs := e.recipe.train.Epochs
	b := newBar(errs, e.runs()*epochs, "epochs", e.options.json)
	defer b.finish()
	for k := range e.runs() {
		o, err := e.run(ctx, k, func(p train.Progress) { b.set(k*epochs + p.Last.Epoch) })
		if errors.Is(err, context.Canceled) {
			kept := ""
			if e.options.out != "" {
				kept = "; weights and states are in " + e.options.out + ", and -resume goes on"
			}
			return nil, nil, fmt.Errorf("interrupted: %d of %d runs are done%s: %w", k, e.runs(), kept, err)
		}
		if errors.Is(err, train.ErrDiverged) {
			return nil, nil, fmt.Errorf("%w: try a smaller -lr than %g", err, e.recipe.train.LR)
		}
		if err != nil {
			return nil, nil, err
		}
		b.clear()
		line := o.line() + "\n"
		if k == 0 {
			line = e.describe(gnn.CountParams(o.model)) + line
		}
		outcomes = append(outcomes, o)
		if e.options.out != "" {
			path := filepath.Join(e.options.out, weightsFile)
			if e.runs() > 1 {
				path = filepath.Join(e.options.out, "weights-"+o.name()+".safetensors")
			}
			if err := e.save(o, path); err != nil {
				return nil, nil, err
			}
			files = append(files, path)
		}
		if _, err := io.WriteString(text, line); err != nil {
			return nil, nil, outputError(err)
		}
		b.set((k + 1) * epochs)
	}
	return outcomes, files, nil
}

// save writes the model of a run with what it was trained on.
func (e *experiment) save(o *outcome, path string) error {
	config := e.recipe.train
	config.Seed = o.seed
	settings, err := json.Marshal(config)
	if err != nil {
		return err
	}
	metadata := map[string]string{"dataset": e.set.Name, "train": string(settings), classesKey: classNames(e.set),
		featuresKey: e.options.features(e.set)}
	return writeFile(path, func(w io.Writer) error { return gnn.SaveModel(w, o.model, metadata) })
}
