package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"symbridge/dataset"
)

const dedupeAbout = `symbridge wl dedupe looks for isomorphic graphs in data sets, once without labels, once with those of nodes, once with those of edges
too. Copies with different classes bound the accuracy of any model whose outputs do not depend on the labelling; copies of test
graphs in the training set let a model remember instead of learn (Ivanov, Sviridov, Burnaev 2019, Understanding isomorphism bias in
graph data sets, arXiv 1910.12091).

The first FILE is taken for the training set and each other for a test set. In one FILE with -splits DIR each fold is tested in turn,
and all other graphs are its training set. The numbers in DIR must be those of the graphs in FILE: the folds of GIN's
files go with -format gin. Where FILE holds a set in TU and in GIN format, whose orders differ, -format has to be given.

Usage: symbridge wl dedupe [flags] FILE...

Examples:

  symbridge wl dedupe proteins/
  symbridge wl dedupe -format gin -splits mutag/10fold_idx mutag/
  symbridge wl dedupe -list -json train.g6 test.g6

Output

  classes             of isomorphic graphs
  with a copy         graphs that are isomorphic to another
  largest class       graphs in it
  in contradiction    graphs with a copy of another class of the data set, and how many classes of copies they make
  accuracy bound      the best that a model can do that has one answer a class of isomorphic graphs
  leaked              test graphs with a copy in training, of those tested; and those among them with a copy of their own class
  unfinished          graphs that took longer than the timeout; they count as graphs without copies

With -list a line for each class of two or more graphs follows, by all labels that count. The fields of JSON are files, graphs, views, one
for each set of labels, copies (with -list) and seconds. A view has labels, classes, isomorphic (graphs with a copy), isomorphic_percent,
copy_classes, largest, conflict_classes and conflict_graphs (in contradiction), accuracy_bound from 0 to 1, unfinished, and leaks, one for each
fold or test set: test, graphs, leaked, same_class.
`

// dedupeReport is the JSON of dedupe.
type dedupeReport struct {
	Files   []string     `json:"files"`
	Graphs  int          `json:"graphs"`
	Views   []dedupeView `json:"views"`
	Copies  [][]string   `json:"copies,omitempty"` // with -list: classes of copies
	Seconds float64      `json:"seconds"`
}

// dedupeView is what is found with a set of labels.
type dedupeView struct {
	Labels            string   `json:"labels"` // none, nodes, nodes+edges
	Classes           int      `json:"classes"`
	Isomorphic        int      `json:"isomorphic"` // graphs with a copy
	IsomorphicPercent float64  `json:"isomorphic_percent"`
	CopyClasses       int      `json:"copy_classes"` // classes of two or more
	Largest           int      `json:"largest"`
	ConflictClasses   *int     `json:"conflict_classes,omitempty"`
	ConflictGraphs    *int     `json:"conflict_graphs,omitempty"`
	AccuracyBound     *float64 `json:"accuracy_bound,omitempty"`
	Leaks             []leak   `json:"leaks,omitempty"`
	Unfinished        int      `json:"unfinished"`
}

// leak is what a test set has in common with its training set.
type leak struct {
	Test      string `json:"test"`
	Graphs    int    `json:"graphs"`
	Leaked    int    `json:"leaked"`
	SameClass int    `json:"same_class"`
}

// seen is what is remembered of a graph: a digest for each set of labels.
type seen struct {
	file, number int
	class        string
	digest       [3][32]byte
	late         [3]bool
}

func wlDedupe(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) error {
	w := newWL("dedupe")
	w.timeoutFlag("a graph and set of labels")
	var folds string
	var list bool
	w.StringVar(&folds, "splits", "", "`DIR` with the files test_idx-1.txt and so on: the graphs of each fold, from 0")
	w.BoolVar(&list, "list", false, "write the classes of copies")
	if err := w.start(args, in, out, errs, dedupeAbout); err != nil {
		return err
	}
	if folds != "" && len(w.files) > 1 {
		return fmt.Errorf("-splits is for one FILE, and there are %d", len(w.files))
	}
	if folds != "" && w.format == "" {
		if in, err := dataset.FormatsIn(os.DirFS(w.files[0])); err == nil && len(in) > 1 {
			return fmt.Errorf("%s holds graphs as %s, in orders of their own: say with -format which of them the numbers in %s go with "+
				"(gin for folds that came with GIN's files)", w.files[0], strings.Join(in, " and as "), folds)
		}
	}
	all, views, err := w.digests(ctx)
	if err != nil {
		return err
	}
	r := dedupeReport{Files: w.files, Graphs: len(all)}
	var tests [][]int32
	if folds != "" {
		if tests, err = dataset.ReadFolds(os.DirFS(folds), len(all), dataset.Limits{}); err != nil {
			return fmt.Errorf("%s: %w", folds, err)
		}
	}
	for k := range views {
		d := newDuplicates(all, k)
		v := d.view()
		v.Labels = [...]string{"none", "nodes", "nodes+edges"}[k]
		if tests != nil {
			v.Leaks = d.foldLeaks(tests)
		} else {
			v.Leaks = d.fileLeaks(w.files)
		}
		r.Views = append(r.Views, v)
		if list && k == views-1 {
			r.Copies = d.copies(w.files)
		}
	}
	r.Seconds = w.elapsed()
	if w.json {
		return w.line(r)
	}
	return r.write(out)
}

// digests searches the canonical forms of all graphs, and says how many sets of labels there are.
func (w *wlRun) digests(ctx context.Context) (all []seen, views int, err error) {
	views = 1
	file := map[string]int{}
	for k, name := range w.files {
		if _, again := file[name]; again {
			return nil, 0, fmt.Errorf("%s is given twice", name)
		}
		file[name] = k
	}
	w.rows = true
	err = w.each(ctx, func(i item) error {
		s := seen{file: file[i.file], number: i.number, class: i.Class}
		g := w.labelled(i.Entry)
		for k, g := range []labelled{{Graph: g.Graph, rows: g.rows}, {Graph: g.Graph, nodes: g.nodes}, g} {
			if k == 1 && g.nodes == nil || k == 2 && g.edges == nil {
				s.digest[k], s.late[k] = s.digest[k-1], s.late[k-1]
				continue
			}
			views = max(views, k+1)
			_, digest, _, late, err := w.canonical(ctx, g)
			if err != nil {
				return err
			}
			if s.late[k] = late; !late {
				s.digest[k] = digest
			}
		}
		all = append(all, s)
		return nil
	})
	return all, views, err
}

// duplicates are the classes of graphs by one set of labels.
type duplicates struct {
	all     []seen
	classOf []int
	members [][]int
	late    int
}

func newDuplicates(all []seen, k int) *duplicates {
	d := &duplicates{all: all, classOf: make([]int, len(all))}
	number := map[[33]byte]int{}
	for i, s := range all {
		var key [33]byte
		if copy(key[:], s.digest[k][:]); s.late[k] { // in a class of its own
			clear(key[:])
			binary.LittleEndian.PutUint64(key[:], uint64(i))
			key[32] = 1
			d.late++
		}
		c, ok := number[key]
		if !ok {
			c = len(d.members)
			number[key] = c
			d.members = append(d.members, nil)
		}
		d.classOf[i] = c
		d.members[c] = append(d.members[c], i)
	}
	return d
}

func (d *duplicates) view() dedupeView {
	v := dedupeView{Classes: len(d.members), Unfinished: d.late}
	classes, graphs, right, known := 0, 0, 0, len(d.all) > 0
	for _, m := range d.members {
		if v.Largest = max(v.Largest, len(m)); len(m) > 1 {
			v.CopyClasses++
			v.Isomorphic += len(m)
		}
		times := map[string]int{}
		most := 0
		for _, i := range m {
			y := d.all[i].class
			known = known && y != ""
			times[y]++
			most = max(most, times[y])
		}
		if right += most; len(times) > 1 {
			classes++
			graphs += len(m)
		}
	}
	if len(d.all) > 0 {
		v.IsomorphicPercent = 100 * float64(v.Isomorphic) / float64(len(d.all))
	}
	if known {
		bound := float64(right) / float64(len(d.all))
		v.ConflictClasses, v.ConflictGraphs, v.AccuracyBound = &classes, &graphs, &bound
	}
	return v
}

// leaked counts the graphs in test that have a copy for which training is true.
func (d *duplicates) leaked(name string, test []int, training func(i int) bool) leak {
	l := leak{Test: name, Graphs: len(test)}
	for _, i := range test {
		any, same := false, false
		for _, j := range d.members[d.classOf[i]] {
			if training(j) {
				any = true
				same = same || d.all[j].class == d.all[i].class
			}
		}
		if any {
			l.Leaked++
		}
		if same {
			l.SameClass++
		}
	}
	return l
}

func (d *duplicates) fileLeaks(files []string) (leaks []leak) {
	for k := 1; k < len(files); k++ {
		var test []int
		for i, s := range d.all {
			if s.file == k {
				test = append(test, i)
			}
		}
		leaks = append(leaks, d.leaked(files[k], test, func(i int) bool { return d.all[i].file == 0 }))
	}
	return leaks
}

func (d *duplicates) foldLeaks(folds [][]int32) (leaks []leak) {
	foldOf := make([]int, len(d.all))
	for k, fold := range folds {
		for _, i := range fold {
			foldOf[i] = k + 1
		}
	}
	for k, fold := range folds {
		test := make([]int, len(fold))
		for j, i := range fold {
			test[j] = int(i)
		}
		leaks = append(leaks, d.leaked(fmt.Sprintf("fold %d", k+1), test, func(i int) bool { return foldOf[i] != k+1 }))
	}
	return leaks
}

// copies names the members of the classes of two or more.
func (d *duplicates) copies(files []string) (classes [][]string) {
	for _, m := range d.members {
		if len(m) < 2 {
			continue
		}
		var names []string
		for _, i := range m {
			names = append(names, fmt.Sprintf("%s:%d", files[d.all[i].file], d.all[i].number))
		}
		classes = append(classes, names)
	}
	return classes
}

// write writes a table with a column for each set of labels.
func (r *dedupeReport) write(out io.Writer) error {
	t := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	row := func(name string, cell func(dedupeView) string) {
		fmt.Fprint(t, name)
		for _, v := range r.Views {
			fmt.Fprint(t, "\t", cell(v))
		}
		fmt.Fprintln(t)
	}
	of := func(n, all int) string {
		return fmt.Sprintf("%d of %d (%.2f %%)", n, all, 100*float64(n)/float64(max(all, 1)))
	}
	row(fmt.Sprintf("%d graphs", r.Graphs), func(v dedupeView) string {
		return map[string]string{"none": "no labels", "nodes": "labels of nodes", "nodes+edges": "of nodes and edges"}[v.Labels]
	})
	row("classes", func(v dedupeView) string { return fmt.Sprint(v.Classes) })
	row("with a copy", func(v dedupeView) string { return of(v.Isomorphic, r.Graphs) })
	row("largest class", func(v dedupeView) string { return fmt.Sprint(v.Largest) })
	if len(r.Views) > 0 && r.Views[0].AccuracyBound != nil {
		row("in contradiction", func(v dedupeView) string {
			return fmt.Sprintf("%d in %d classes", *v.ConflictGraphs, *v.ConflictClasses)
		})
		row("accuracy bound", func(v dedupeView) string { return fmt.Sprintf("%.2f %%", 100**v.AccuracyBound) })
	}
	if len(r.Files) > 1 {
		for k := range r.Views[0].Leaks {
			row("leaked, "+r.Files[k+1], func(v dedupeView) string { return v.Leaks[k].text(of) })
		}
	} else if len(r.Views[0].Leaks) > 0 {
		row("leaked, all folds", func(v dedupeView) string {
			var sum leak
			for _, l := range v.Leaks {
				sum.Graphs, sum.Leaked, sum.SameClass = sum.Graphs+l.Graphs, sum.Leaked+l.Leaked, sum.SameClass+l.SameClass
			}
			return sum.text(of)
		})
	}
	row("unfinished", func(v dedupeView) string { return fmt.Sprint(v.Unfinished) })
	if err := t.Flush(); err != nil {
		return outputError(err)
	}
	for _, c := range r.Copies {
		if _, err := fmt.Fprintln(out, strings.Join(c, "\t")); err != nil {
			return outputError(err)
		}
	}
	return nil
}

func (l leak) text(of func(n, all int) string) string {
	return fmt.Sprintf("%s, %d of own class", of(l.Leaked, l.Graphs), l.SameClass)
}
