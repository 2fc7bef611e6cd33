package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"

	"symbridge/symmetry"
	"symbridge/wl"
)

const isoAbout = `symbridge wl iso says whether two graphs are isomorphic, labels included, and by which mapping. Two FILEs are compared graph by graph, the
first with the first and so on; of one FILE the consecutive pairs are, as in BREC.

Usage: symbridge wl iso [flags] FILE [FILE]

Examples:

  symbridge wl iso a.col.gz b.col.gz
  symbridge wl iso -mapping=false basic.npy

A line has the names of the two graphs, isomorphic or different, the seconds, and the mapping: the node of the second graph for each
node of the first, from 0. The fields of JSON are a and b, which have file, graph, n and m, and isomorphic, seconds, mapping. A pair
that takes longer than the timeout says so in the place of the verdict; in JSON isomorphic is null and timeout true.
`

// isoLine is the JSON of iso.
type isoLine struct {
	A          aGraph        `json:"a"`
	B          aGraph        `json:"b"`
	Isomorphic *bool         `json:"isomorphic"`
	Timeout    bool          `json:"timeout,omitempty"`
	Seconds    seconds       `json:"seconds"`
	Mapping    symmetry.Perm `json:"mapping,omitempty"`
}

func wlIso(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) error {
	w := newWL("iso")
	w.timeoutFlag("a pair")
	var mapping bool
	w.BoolVar(&mapping, "mapping", true, "write the mapping; =false leaves it out")
	if err := w.start(args, in, out, errs, isoAbout); err != nil {
		return err
	}
	if len(w.files) > 2 {
		return fmt.Errorf("%d FILEs, want one with pairs or two", len(w.files))
	}
	bar := newBar(errs, -1, "pairs", w.json)
	defer bar.finish()
	done := 0
	for pair, err := range w.pairs(ctx) {
		if err != nil {
			return err
		}
		bar.clear()
		if err := w.compare(ctx, pair[0], pair[1], mapping); err != nil {
			return err
		}
		done++
		bar.set(done)
	}
	return nil
}

// pairs yields the pairs of one file or of two.
func (w *wlRun) pairs(ctx context.Context) iter.Seq2[[2]item, error] {
	return func(yield func([2]item, error) bool) {
		nextA, stopA := iter.Pull2(w.graphs(ctx, w.files[0]))
		defer stopA()
		nextB := nextA
		if len(w.files) == 2 {
			next, stopB := iter.Pull2(w.graphs(ctx, w.files[1]))
			defer stopB()
			nextB = next
		}
		for {
			a, errA, okA := nextA()
			if errA != nil {
				yield([2]item{}, errA)
				return
			}
			b, errB, okB := nextB()
			switch {
			case errB != nil:
				yield([2]item{}, errB)
				return
			case !okA && !okB:
				return
			case !okA:
				yield([2]item{}, fmt.Errorf("%s has no partner", b.where()))
				return
			case !okB:
				yield([2]item{}, fmt.Errorf("%s has no partner", a.where()))
				return
			}
			if !yield([2]item{a, b}, nil) {
				return
			}
		}
	}
}

func (w *wlRun) compare(ctx context.Context, a, b item, mapping bool) error {
	l := isoLine{A: a.head(), B: b.head()}
	var p symmetry.Perm
	var same, late bool
	var err error
	l.Seconds, late, err = w.timed(ctx, false, func(ctx context.Context) (err error) {
		g, h := w.labelled(a.Entry), w.labelled(b.Entry)
		p, same, err = wl.Isomorphism(ctx, g.Graph, h.Graph, g.options(), h.options())
		return err
	})
	if err != nil {
		return fmt.Errorf("%s and %s: %w", a.where(), b.where(), err)
	}
	if late {
		l.Timeout = true
		return w.line(l, a, b, w.gaveUp())
	}
	l.Isomorphic = &same
	verdict := "different"
	if same {
		verdict = "isomorphic"
	}
	fields := []any{a, b, verdict, l.Seconds}
	if same && mapping {
		l.Mapping = p
		var list []byte
		for i, v := range p {
			if i > 0 {
				list = append(list, ',')
			}
			list = strconv.AppendInt(list, int64(v), 10)
		}
		fields = append(fields, string(list))
	}
	return w.line(l, fields...)
}

const classesAbout = `symbridge wl classes counts the classes of graphs that a method tells apart, over all FILEs together; with -pairs, the pairs of
consecutive graphs.

Usage: symbridge wl classes [flags] FILE...

Examples:

  symbridge wl classes -method 1wl graph8c.g6
  symbridge wl classes -method 2fwl -pairs basic.npy regular.npy extension.npy
  symbridge wl classes -method canon -each mutag/

Methods

  1wl            colour refinement, all that message passing can see
  2fwl, 3fwl     folklore Weisfeiler-Leman on pairs and triples of nodes
  spd            distances between nodes
  m1, m2         refinement with one node marked, or two
  d2lwl, d3lwl   local folklore refinement (Morris et al. 2020)
  rwse:K         random walks of up to K steps
  canon          isomorphism

A line has the numbers of graphs and of classes, or with -pairs those of pairs and of distinguished pairs, and the seconds; and how many
graphs took longer than the timeout or are too large for the method, if any: they are in no class, and their pairs are not distinguished. With
-each a line for each graph comes before, of FILE:K and its class from 0. The fields of JSON are method, graphs, classes, pairs, distinguished,
equal (the pairs that are not, from 0), timeouts, too_large, seconds; and with -each file, graph, n, m, class.
`

// classesReport is the JSON of classes.
type classesReport struct {
	Method        string  `json:"method"`
	Graphs        int     `json:"graphs"`
	Classes       int     `json:"classes"`
	Pairs         *int    `json:"pairs,omitempty"`
	Distinguished *int    `json:"distinguished,omitempty"`
	Equal         []int   `json:"equal,omitempty"`
	Timeouts      int     `json:"timeouts"`
	TooLarge      int     `json:"too_large,omitempty"`
	Seconds       float64 `json:"seconds"`

	last int // class of the graph before
}

func wlClasses(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) error {
	w := newWL("classes")
	w.timeoutFlag("a graph")
	var r classesReport
	var pairs, each bool
	w.StringVar(&r.Method, "method", "1wl", "`METHOD` that tells graphs apart, see above")
	w.BoolVar(&pairs, "pairs", false, "count the pairs of consecutive graphs that are told apart")
	w.BoolVar(&each, "each", false, "write the class of each graph")
	if err := w.start(args, in, out, errs, classesAbout); err != nil {
		return err
	}
	add, err := newClassifier(r.Method)
	if err != nil {
		return err
	}
	if pairs {
		r.Pairs, r.Distinguished = new(int), new(int)
	}
	w.rows = r.Method == methodCanonical
	err = w.each(ctx, func(i item) error {
		class := 0
		g := w.labelled(i.Entry)
		took, late, err := w.timed(ctx, g.rows != nil, func(ctx context.Context) (err error) {
			class, err = add(ctx, g)
			return err
		})
		large := errors.Is(err, wl.ErrTooLarge)
		switch {
		case large:
			class = -1
			r.TooLarge++
		case late:
			class = -1
			r.Timeouts++
		case err != nil:
			return err
		}
		r.count(class)
		switch {
		case !each:
			return nil
		case large:
			return w.line(struct {
				aGraph
				TooLarge bool `json:"too_large"`
			}{i.head(), true}, i, "too large for "+r.Method)
		case late:
			return w.lateLine(i, took, nil)
		}
		return w.line(struct {
			aGraph
			Class int `json:"class"`
		}{i.head(), class}, i, class)
	})
	if err != nil {
		return err
	}
	if pairs && r.Graphs%2 != 0 {
		return fmt.Errorf("%d graphs, want pairs", r.Graphs)
	}
	r.Seconds = w.elapsed()
	fields := []any{fmt.Sprint(r.Graphs, " graphs"), fmt.Sprint(r.Classes, " classes")}
	if pairs {
		fields = []any{fmt.Sprint(*r.Pairs, " pairs"), fmt.Sprint(*r.Distinguished, " distinguished")}
	}
	if fields = append(fields, fmt.Sprintf("%.6f s", r.Seconds)); r.Timeouts > 0 {
		fields = append(fields, fmt.Sprint(r.Timeouts, " timeouts"))
	}
	if r.TooLarge > 0 {
		fields = append(fields, fmt.Sprint(r.TooLarge, " too large"))
	}
	return w.line(r, fields...)
}

// count takes the class of the next graph, -1 where it is not known.
func (r *classesReport) count(class int) {
	r.Graphs++
	r.Classes = max(r.Classes, class+1) // they are numbered as they come
	if r.Pairs != nil && r.Graphs%2 == 0 {
		if r.last >= 0 && class >= 0 && r.last != class {
			*r.Distinguished++
		} else {
			r.Equal = append(r.Equal, *r.Pairs)
		}
		*r.Pairs++
	}
	r.last = class
}
