package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"gonum.org/v1/gonum/mat"

	"symbridge/bench"
	"symbridge/dataset"
	"symbridge/svm"
	"symbridge/wl/wlkernel"
)

const wlKernelAbout = `symbridge wl kernel says how well a graph kernel and a support vector machine tell the classes of a graph set apart.

In each of the folds of a stratified cross-validation the number of rounds (of nodes for graphlets) and the cost C, one of
10^-3, 10^-2 .. 10^3, are those with most graphs right in stratified inner folds of the training graphs; of equals the
smallest. The test graphs of a fold are looked at once, by a machine that was trained on all training graphs with that
choice. Gram matrices are normalised. (The protocol of Morris et al. 2020, TUDataset, which has one random validation set
for the inner folds.)

Usage: symbridge wl kernel -data DIR [flags]

Kernels:

  subtree    colours of Weisfeiler-Leman refinement, counted (Shervashidze et al. 2011)
  sp         shortest paths by length and colours of their ends (Borgwardt, Kriegel 2005)
  oa         the best assignment of nodes to nodes by their colours (Kriege, Giscard, Wilson 2016)
  graphlet   induced subgraphs with a few nodes (Shervashidze et al. 2009); labels do not count

Examples:

  symbridge wl kernel -data mutag/                             subtree, 0 to 5 rounds
  symbridge wl kernel -data proteins/ -kernel sp -rounds 0 -seeds 10
  symbridge wl kernel -data mutag/ -kernel oa -gram gram.npy   also the Gram matrix, for other programs
  symbridge wl kernel -data mutag/ -relabel 7                  the same gram_sha256 as without
`

// kernelFlags are the flags of wl kernel alone.
type kernelFlags struct {
	kernel, rounds, nodes, labels, gram string
	inner                               int
	connected                           bool
}

// kernelReport is what wl kernel -json writes. Lists have one entry a seed, or one list a seed with one entry a fold.
type kernelReport struct {
	Dataset    string   `json:"dataset"`
	Kernel     string   `json:"kernel"`
	Candidates []string `json:"candidates"` // the settings to choose from
	Labels     string   `json:"labels"`     // what the colours start from
	Seeds      []uint64 `json:"seeds"`
	Folds      int      `json:"folds"`
	InnerFolds int      `json:"inner_folds"`

	Accuracy     []float64 `json:"test_accuracy"` // mean of the folds
	AccuracyMean float64   `json:"test_accuracy_mean"`
	AccuracyStd  float64   `json:"test_accuracy_std"` // over seeds, n-1; 0 for one

	FoldAccuracy     [][]float64 `json:"fold_accuracy"`
	FoldAccuracyMean float64     `json:"fold_accuracy_mean"`
	FoldAccuracyStd  float64     `json:"fold_accuracy_std"` // over all folds, n-1
	Chosen           [][]int     `json:"chosen"`            // index of the candidate
	C                [][]float64 `json:"c"`
	Converged        bool        `json:"converged"` // every machine reached its tolerance

	GramSHA256    string   `json:"gram_sha256"` // of the last candidate's matrix, not normalised: little-endian float64, row by row
	KernelSeconds float64  `json:"kernel_seconds"`
	Seconds       float64  `json:"seconds"`
	Files         []string `json:"files,omitempty"`
}

func wlKernelCommand(ctx context.Context, args []string, _ io.Reader, out, errs io.Writer) error {
	f, k := newFlags("wl kernel"), new(kernelFlags)
	f.StringVar(&f.data, "data", "", "`DIR`, a folder with a graph set")
	f.StringVar(&f.format, "format", "", "`FORMAT` of the folder: tu or gin, with :NAME where it holds several sets; empty recognises it")
	f.BoolVar(&f.json, "json", false, "write JSON to stdout")
	f.StringVar(&k.kernel, "kernel", "subtree", "`KERNEL`: subtree, sp, oa or graphlet")
	f.StringVar(&k.rounds, "rounds", "0..5", "`A..B` rounds of refinement to choose from, or one number")
	f.StringVar(&k.nodes, "nodes", "3..5", "`A..B` nodes of graphlets to choose from, or one number: 3, 4, 5")
	f.BoolVar(&k.connected, "connected", false, "count connected graphlets only")
	f.StringVar(&k.labels, "labels", "all", "`LABELS` of the files that colours start from: all, node (not those of edges) or none")
	f.IntVar(&f.folds, "folds", 10, "`K` folds, each of them the test once")
	f.IntVar(&k.inner, "inner", 5, "`K` inner folds of the training graphs")
	f.IntVar(&f.seeds, "seeds", 1, "`N` seeds, each with folds of its own")
	f.Uint64Var(&f.seed, "seed", 0, "`S`, the first seed")
	f.Uint64Var(&f.relabel, "relabel", 0, "`R`, a seed: relabel the nodes and shuffle the edge lists first, which changes nothing")
	f.StringVar(&k.gram, "gram", "", "`FILE.npy` to write the Gram matrix to: the last candidate's, float64, not normalised")
	if err := f.parse(args, out, wlKernelAbout); err != nil {
		return err
	}
	start := time.Now()
	candidates, err := k.candidates(f)
	if err != nil {
		return err
	}
	s, err := graphSet(f.options)
	if err != nil {
		return err
	}
	d, labels := k.kernelData(s)
	r := &kernelReport{Dataset: s.Name, Kernel: k.kernel, Labels: labels, Folds: f.folds, InnerFolds: k.inner, Converged: true}
	bar := newBar(errs, len(candidates)+f.seeds*f.folds, "matrices and folds", f.json)
	defer bar.finish()
	var grams []*mat.SymDense
	var last *mat.SymDense
	for i, c := range candidates {
		if last, err = c.Gram(ctx, d); err != nil {
			return err
		}
		grams = append(grams, wlkernel.Normalise(last))
		r.Candidates = append(r.Candidates, c.String())
		bar.set(i + 1)
	}
	r.KernelSeconds, r.GramSHA256 = time.Since(start).Seconds(), gramSHA256(last)
	if k.gram != "" {
		if err := writeFile(k.gram, func(w io.Writer) error { return writeGram(w, last) }); err != nil {
			return err
		}
		r.Files = []string{k.gram}
	}
	ids, classes := s.Labels()
	for n := range f.seeds {
		p := svm.Protocol{Folds: f.folds, Inner: k.inner, Seed: f.seed + uint64(n)}
		folds, err := svm.Evaluate(ctx, grams, ids, classes, p, func(done int) { bar.set(len(candidates) + n*f.folds + done) })
		if err != nil {
			return err
		}
		r.add(p.Seed, folds)
	}
	r.finish()
	r.Seconds = time.Since(start).Seconds()
	if f.json {
		return writeJSON(out, r)
	}
	bar.clear()
	_, err = io.WriteString(out, r.text(sizes(s)))
	return outputError(err)
}

// candidates returns the kernels to choose from.
func (k *kernelFlags) candidates(f flags) (out []wlkernel.Kernel, err error) {
	if k.inner < 2 || k.inner > 10_000 {
		return nil, fmt.Errorf("-inner is %d, want 2 to 10000", k.inner)
	}
	if !slices.Contains([]string{"all", "node", "none"}, k.labels) {
		return nil, fmt.Errorf("-labels is %q, want all, node or none", k.labels)
	}
	graphlets := k.kernel == "graphlet"
	for _, name := range []string{"nodes", "connected"} {
		if f.set[name] && !graphlets {
			return nil, fmt.Errorf("-%s is for -kernel graphlet, and the kernel is %s", name, k.kernel)
		}
	}
	for _, name := range []string{"rounds", "labels"} {
		if f.set[name] && graphlets {
			return nil, fmt.Errorf("-%s is for the other kernels, graphlets have none", name)
		}
	}
	name, text, least, most := "rounds", k.rounds, 0, 100
	if graphlets {
		name, text, least, most = "nodes", k.nodes, 3, 5
	}
	from, to, err := interval(text)
	if err != nil || from < least || to > most || from > to {
		return nil, fmt.Errorf("-%s is %q, want a number or an interval A..B within %d..%d", name, text, least, most)
	}
	for n := from; n <= to; n++ {
		var c wlkernel.Kernel
		switch k.kernel {
		case "subtree":
			c = wlkernel.Subtree{Rounds: n}
		case "sp":
			c = wlkernel.ShortestPath{Rounds: n}
		case "oa":
			c = wlkernel.OptimalAssignment{Rounds: n}
		case "graphlet":
			c = wlkernel.Graphlet{Size: n, Connected: k.connected}
		default:
			return nil, fmt.Errorf("-kernel is %q, want subtree, sp, oa or graphlet", k.kernel)
		}
		out = append(out, c)
	}
	return out, nil
}

// interval reads A..B, or A for A..A.
func interval(text string) (from, to int, err error) {
	a, b, found := strings.Cut(text, "..")
	if !found {
		b = a
	}
	from, err = strconv.Atoi(a)
	if err == nil {
		to, err = strconv.Atoi(b)
	}
	return from, to, err
}

// graphSet reads the graph set of the options, written down in another way if asked.
func graphSet(o *options) (*dataset.Set[float32], error) {
	if o.data == "" {
		return nil, errors.New("no data: give a folder with a graph set, such as -data mutag/")
	}
	s, err := dataset.Load[float32](o.data, o.format, dataset.Limits{})
	if err != nil {
		return nil, err
	}
	if s.Task != dataset.GraphClassification {
		return nil, fmt.Errorf("%s is one graph with classes of nodes, and a kernel compares graphs: give a graph set", s.Name)
	}
	if o.set["relabel"] {
		s = s.Relabel(generator(o.relabel, streamRelabel))
	}
	return s, nil
}

// kernelData returns the graphs of a set with the labels that were asked for and are there, and says which.
func (k *kernelFlags) kernelData(s *dataset.Set[float32]) (d wlkernel.Data, labels string) {
	var node, edge [][]uint64
	hasNode, hasEdge := false, false
	for i, g := range s.Data {
		e := s.Entry(i)
		d.Graphs, node, edge = append(d.Graphs, g.Graph), append(node, e.NodeLabels), append(edge, e.EdgeLabels)
		hasNode, hasEdge = hasNode || len(e.NodeLabels) > 0, hasEdge || len(e.EdgeLabels) > 0
	}
	if k.kernel == "graphlet" || k.labels == "none" {
		return d, "none"
	}
	var which []string
	if hasNode {
		d.NodeLabels, which = node, append(which, "node")
	}
	if hasEdge && k.labels == "all" {
		d.EdgeLabels, which = edge, append(which, "edge")
	}
	if which == nil {
		return d, "none"
	}
	return d, strings.Join(which, " and ")
}

func (r *kernelReport) add(seed uint64, folds []svm.Fold) {
	var accuracy, c []float64
	var chosen []int
	for _, f := range folds {
		accuracy, c, chosen = append(accuracy, f.Accuracy()), append(c, f.C), append(chosen, f.Gram)
		r.Converged = r.Converged && f.Converged
	}
	mean, _ := meanStd(accuracy)
	r.Seeds, r.Accuracy = append(r.Seeds, seed), append(r.Accuracy, mean)
	r.FoldAccuracy, r.C, r.Chosen = append(r.FoldAccuracy, accuracy), append(r.C, c), append(r.Chosen, chosen)
}

func (r *kernelReport) finish() {
	r.AccuracyMean, r.AccuracyStd = meanStd(r.Accuracy)
	r.FoldAccuracyMean, r.FoldAccuracyStd = meanStd(slices.Concat(r.FoldAccuracy...))
}

// text says what came of it.
func (r *kernelReport) text(sizes string) string {
	w := new(strings.Builder)
	fmt.Fprintf(w, "data         %s: %s; labels: %s\n", r.Dataset, sizes, r.Labels)
	fmt.Fprintf(w, "protocol     stratified %d-fold cross-validation, new folds for each seed; kernel and C chosen in %d inner folds\n\n",
		r.Folds, r.InnerFolds)
	for i, seed := range r.Seeds {
		_, std := meanStd(r.FoldAccuracy[i])
		fmt.Fprintf(w, "seed %-7d test accuracy %.4f, over its folds ± %.4f\n", seed, r.Accuracy[i], std)
	}
	fmt.Fprintf(w, "\naccuracy     %.4f", r.AccuracyMean)
	if len(r.Seeds) > 1 {
		fmt.Fprintf(w, " ± %.4f over %d seeds", r.AccuracyStd, len(r.Seeds))
	}
	fmt.Fprintf(w, ", ± %.4f over all folds\n", r.FoldAccuracyStd)
	times := make([]int, len(r.Candidates))
	for _, at := range slices.Concat(r.Chosen...) {
		times[at]++
	}
	for i, name := range r.Candidates {
		fmt.Fprintf(w, "chosen       %d times %s\n", times[i], name)
	}
	if !r.Converged {
		fmt.Fprintf(w, "warning      a support vector machine ran out of steps\n")
	}
	fmt.Fprintf(w, "gram         sha256 %s\n", r.GramSHA256)
	for _, file := range r.Files {
		fmt.Fprintf(w, "written      %s\n", file)
	}
	fmt.Fprintf(w, "%.1f seconds, %.1f of them for the kernel\n", r.Seconds, r.KernelSeconds)
	return w.String()
}

// flat returns the elements of a Gram matrix, row by row.
func flat(gram *mat.SymDense) []float64 {
	n := gram.SymmetricDim()
	out := make([]float64, 0, n*n)
	for i := range n {
		for j := range n {
			out = append(out, gram.At(i, j))
		}
	}
	return out
}

func gramSHA256(gram *mat.SymDense) string {
	h := sha256.New()
	var b [8]byte
	for _, v := range flat(gram) {
		binary.LittleEndian.PutUint64(b[:], math.Float64bits(v))
		h.Write(b[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}

func writeGram(w io.Writer, gram *mat.SymDense) error {
	n := gram.SymmetricDim()
	return bench.Array{Shape: []int{n, n}, Double: flat(gram)}.WriteNPY(w)
}
