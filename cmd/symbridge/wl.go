package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"maps"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"

	"symbridge/dataset"
	"symbridge/graph/graphio"
	"symbridge/wl"
)

const wlAbout = `symbridge wl asks what can be told of graphs: names that do not depend on the labelling, symmetries, isomorphisms, copies.

Usage: symbridge wl <command> [flags] FILE...

  hash      a 256-bit name of what message passing sees of a graph (1-WL)
  canon     a 256-bit name of a graph up to isomorphism, and its canonical form
  aut       the group of automorphisms: order, generators, orbits
  iso       are two graphs isomorphic, and by which mapping
  classes   how many classes of graphs a method tells apart
  dedupe    copies in data sets, labels that contradict each other, tests that leak into training
  kernel    how well graph kernels tell the classes of a data set apart

Examples:

  symbridge wl hash graphs.g6
  symbridge wl aut -timeout 5s *.col.gz
  symbridge wl classes -method 1wl -pairs basic.npy
  symbridge wl dedupe mutag/

symbridge wl <command> -h says more of each.
`

// wlFiles is the part of the help of each command that says what a FILE is.
const wlFiles = `
A FILE is graph6, sparse6 or digraph6 (a graph a line), DIMACS as bliss writes it, an edge list, JSON node-link, a NumPy array of
graph6 strings, any of them with gzip; a folder with a data set in Planetoid, TU or GIN format; or - for stdin. What it is shows
in its ending, or in its first line. Graphs are named FILE:K, from 1. Colours and the labels of data sets count as labels
of nodes and edges unless -labels=false; weights, names and attributes do not.
`

// wlCommands are the commands of wl.
var wlCommands = map[string]command{"hash": wlHash, "canon": wlCanon, "aut": wlAut, "iso": wlIso, "classes": wlClasses,
	"dedupe": wlDedupe, "kernel": wlKernelCommand}

// wlCommand runs the commands of wl.
func wlCommand(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) error {
	commands := wlCommands
	names := strings.Join(slices.Sorted(maps.Keys(commands)), ", ")
	if len(args) == 0 {
		return fmt.Errorf("want one of %s; symbridge wl -h says what they do", names)
	}
	name, args := args[0], args[1:]
	if slices.Contains([]string{"-h", "-help", "--help", "help"}, name) {
		if len(args) == 0 || commands[args[0]] == nil {
			if _, err := io.WriteString(out, wlAbout); err != nil {
				return outputError(err)
			}
			return flag.ErrHelp
		}
		name, args = args[0], []string{"-h"}
	}
	do := commands[name]
	if do == nil {
		return fmt.Errorf("unknown command %q: want one of %s", name, names)
	}
	var lines *gather
	if !isTerminal(out) {
		lines = newGather(out)
		out = lines
	}
	err := do(ctx, args, in, out, errs)
	if lines != nil {
		if failed := lines.flush(); failed != nil && (err == nil || errors.Is(err, flag.ErrHelp)) {
			err = outputError(failed)
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// wlRun is a run of one of the commands.
type wlRun struct {
	flags
	labels, undirected, named bool
	first, rounds, repeat     int
	timeout                   time.Duration
	files                     []string
	rows                      bool                    // small simple graphs may come as rows: the command takes digests only
	faulty                    func(item, error) error // takes a graph that cannot be read; nil: it ends the run
	in                        io.Reader
	out, errs                 io.Writer
	text                      []byte // of a line
	started                   time.Time
}

// newWL returns a run with the flags that all commands take.
func newWL(name string) *wlRun {
	w := &wlRun{flags: newFlags("wl " + name), started: time.Now()}
	w.BoolVar(&w.json, "json", false, "write JSON: one object a graph, or one for all where there is one result")
	w.BoolVar(&w.labels, "labels", true, "labels of nodes and edges count; =false leaves them aside")
	w.StringVar(&w.format, "format", "", "`FORMAT` of the files: "+strings.Join(append(graphio.Formats(), dataset.Formats()...), ", ")+
		"; for a folder with :NAME where it holds several sets; empty recognises it")
	w.BoolVar(&w.undirected, "undirected", false, "the edges of edge lists are undirected")
	w.BoolVar(&w.named, "named", false, "the nodes of edge lists are names, and there is no line of headings")
	w.IntVar(&w.first, "first", 0, "`N`umber of the first node in edge lists: 0 or 1")
	return w
}

func (w *wlRun) timeoutFlag(of string) {
	w.Func("timeout", "`DURATION` for "+of+", 5s for one; then it is given up and the next one is taken (default: none)", func(s string) (err error) {
		if w.timeout, err = time.ParseDuration(s); err != nil {
			return errors.New("want a number with a unit, such as 500ms, 5s or 2m")
		}
		return nil
	})
}

func (w *wlRun) repeatFlag() {
	w.IntVar(&w.repeat, "repeat", 1, "search `N` times and report the seconds of the fastest, for measurements")
}

// start reads the command line: flags and files in any order.
func (w *wlRun) start(args []string, in io.Reader, out, errs io.Writer, about string) error {
	w.in, w.out, w.errs = in, out, errs
	w.operands = true
	about += wlFiles
	for {
		if err := w.parse(args, out, about); err != nil {
			return err
		}
		if args = w.Args(); len(args) == 0 {
			break
		}
		w.files, args = append(w.files, args[0]), args[1:]
	}
	switch {
	case len(w.files) == 0:
		return fmt.Errorf("no FILE is given; symbridge %s -h says what it can be", w.Name())
	case len(slices.DeleteFunc(slices.Clone(w.files), func(f string) bool { return f != "-" })) > 1:
		return errors.New("stdin, -, can be read once")
	case w.timeout < 0:
		return fmt.Errorf("-timeout is %v, want a positive duration", w.timeout)
	case w.first != 0 && w.first != 1:
		return fmt.Errorf("-first is %d, want 0 or 1", w.first)
	case w.set["repeat"] && (w.repeat < 1 || w.repeat > 1<<20):
		return fmt.Errorf("-repeat is %d, want 1 to %d", w.repeat, 1<<20)
	case w.rounds < 0 || w.rounds > 1<<20:
		return fmt.Errorf("-rounds is %d, want 0 to %d", w.rounds, 1<<20)
	}
	return nil
}

// item is a graph of a file.
type item struct {
	*dataset.Entry
	file   string
	number int // from 1
}

// where names the graph.
func (i item) where() string { return i.file + ":" + strconv.Itoa(i.number) }

// nodes and edges are counted as the format does: an undirected edge is one.
func (i item) edges() int { return countEdges(i.Entry) }

func countEdges(e *dataset.Entry) int {
	if e.Rows != nil {
		ends := 0
		for _, row := range e.Rows {
			ends += bits.OnesCount64(row)
		}
		return ends / 2
	}
	g := e.Graph
	if !g.Undirected() {
		return g.NumEdges()
	}
	loops := 0
	to := g.To()
	for k, u := range g.From() {
		if u == to[k] {
			loops++
		}
	}
	return (g.NumEdges() + loops) / 2
}

// labelled returns the graph with the labels that count.
func (w *wlRun) labelled(e *dataset.Entry) labelled {
	if !w.labels || e.Rows != nil {
		return labelled{Graph: e.Graph, rows: e.Rows}
	}
	return labelled{Graph: e.Graph, nodes: e.Labels(), edges: e.EdgeLabels}
}

// graphs yields the graphs of one file. After a fault in one of them the next may come.
func (w *wlRun) graphs(ctx context.Context, file string) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		how := graphio.Reading{EdgeList: graphio.EdgeList{Undirected: w.undirected, Named: w.named, First: w.first}}
		if w.rows {
			how.Rows = wl.RowsNodes
		}
		number := 0
		for e, err := range w.open(file, how) {
			number++
			end := ctx.Err()
			if end != nil {
				err = end
			}
			if !yield(item{e, file, number}, err) || end != nil {
				return
			}
		}
	}
}

func (w *wlRun) open(file string, how graphio.Reading) iter.Seq2[*dataset.Entry, error] {
	if file != "-" {
		return dataset.Graphs(file, w.format, dataset.Limits{}, how)
	}
	how.Format = w.format
	return func(yield func(*dataset.Entry, error) bool) {
		for f, err := range graphio.Read(w.in, "stdin", how) {
			if !yield(&dataset.Entry{File: f}, err) {
				return
			}
		}
	}
}

// each calls do with the graphs of all files, and shows how many are done. A graph that cannot be read ends it, or goes to faulty, and the
// error comes at the end.
func (w *wlRun) each(ctx context.Context, do func(item) error) error {
	bar := newBar(w.errs, -1, "graphs", w.json)
	defer bar.finish()
	done, faults := 0, 0
	var first error
	for _, file := range w.files {
		for i, err := range w.graphs(ctx, file) {
			bar.clear()
			switch {
			case err != nil && w.faulty != nil && ofGraph(err):
				if faults++; first == nil {
					first = err
				}
				err = w.faulty(i, err)
			case err == nil:
				if err = do(i); err != nil {
					err = fmt.Errorf("%s: %w", i.where(), err)
				}
			}
			if err != nil {
				return err
			}
			done++
			bar.set(done)
		}
	}
	if faults > 0 {
		return fmt.Errorf("%d of %d graphs cannot be read: %w", faults, done, first)
	}
	return nil
}

// ofGraph reports whether an error is a fault in what a file says of a graph, and not one of the file.
func ofGraph(err error) bool {
	var e *graphio.Error
	return errors.As(err, &e) && (e.Line > 0 || e.Field != "") && (errors.Is(err, graphio.ErrSyntax) || errors.Is(err, graphio.ErrLimit))
}

// faultLines makes a line of each graph that cannot be read: "-" for so many fields, and the error in the place of what was asked for.
func (w *wlRun) faultLines(unknown int) {
	w.faulty = func(i item, err error) error {
		text := "error: " + oneLine(err.Error())
		fields := append(append([]any{i}, slices.Repeat([]any{"-"}, unknown)...), text)
		return w.line(struct {
			File  string `json:"file"`
			Graph int    `json:"graph"`
			Error string `json:"error"`
		}{i.file, i.number, oneLine(err.Error())}, fields...)
	}
}

// timed calls f with a context that ends at the timeout, and says how long it took and whether it was given up. Where f is soon done
// the clock is looked at when it is: a timer would take longer.
func (w *wlRun) timed(ctx context.Context, soon bool, f func(context.Context) error) (took seconds, late bool, err error) {
	limited := ctx
	if w.timeout > 0 && !soon {
		var cancel context.CancelFunc
		limited, cancel = context.WithTimeout(ctx, w.timeout)
		defer cancel()
	}
	from := time.Now()
	err = f(limited)
	d := time.Since(from)
	took = seconds(d.Seconds())
	if soon && w.timeout > 0 && d > w.timeout && err == nil {
		err = context.DeadlineExceeded
	}
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return took, true, nil
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return took, false, err
}

// line writes a result: an object, or fields with tabs between them.
func (w *wlRun) line(object any, fields ...any) error {
	if w.json {
		return w.object(object)
	}
	return w.fields(fields...)
}

func (w *wlRun) object(o any) error {
	b, err := json.Marshal(o)
	if err != nil {
		return err
	}
	w.text = append(w.text[:0], b...)
	return w.endLine()
}

// seconds is a field of a line.
type seconds float64

// fields writes a line of strings, ints, seconds, digests, and items for their names. It takes no memory.
func (w *wlRun) fields(fields ...any) error {
	b := w.text[:0]
	for i, f := range fields {
		if i > 0 {
			b = append(b, '\t')
		}
		switch f := f.(type) {
		case string:
			b = append(b, f...)
		case int:
			b = strconv.AppendInt(b, int64(f), 10)
		case seconds:
			b = strconv.AppendFloat(b, float64(f), 'f', 6, 64) // as many digits as a clock has
		case [32]byte:
			b = hex.AppendEncode(b, f[:])
		case item:
			b = strconv.AppendInt(append(append(b, f.file...), ':'), int64(f.number), 10)
		default:
			panic("a field of another type")
		}
	}
	w.text = b
	return w.endLine()
}

// endLine writes the line in w.text.
func (w *wlRun) endLine() error {
	w.text = append(w.text, '\n')
	_, err := w.out.Write(w.text)
	return outputError(err)
}

// aGraph is the head of the JSON of a graph.
type aGraph struct {
	File  string `json:"file"`
	Graph int    `json:"graph"` // from 1
	Nodes int    `json:"n"`
	Edges int    `json:"m"`
}

func (i item) head() aGraph {
	n := len(i.Rows)
	if i.Graph != nil {
		n = i.Graph.NumNodes()
	}
	return aGraph{i.file, i.number, n, i.edges()}
}

// late is the line of what was given up.
type late struct {
	aGraph
	Timeout bool    `json:"timeout"`
	Order   string  `json:"order_at_least,omitempty"`
	Seconds seconds `json:"seconds"`
}

// lateLine says that a graph was given up, in the place of what was asked for, and what was found of its group.
func (w *wlRun) lateLine(i item, took seconds, f *wl.Form, before ...any) error {
	l := late{i.head(), true, "", took}
	text := w.gaveUp()
	if f != nil {
		l.Order = f.Order().String()
		text += ", order at least " + l.Order
	}
	return w.line(l, append(append([]any{i}, before...), text)...)
}

func (w *wlRun) gaveUp() string { return fmt.Sprintf("timeout after %v", w.timeout) }

// elapsed returns the seconds since the command began.
func (w *wlRun) elapsed() float64 { return time.Since(w.started).Seconds() }
