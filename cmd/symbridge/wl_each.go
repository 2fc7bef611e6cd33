package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"slices"

	"symbridge/graph"
	"symbridge/graph/graphio"
	"symbridge/symmetry"
	"symbridge/wl"
)

const hashAbout = `symbridge wl hash writes a 256-bit name of the stable colouring of each graph, by colour refinement (1-WL). Isomorphic graphs have
one hash however they are written down, and two graphs have one hash exactly if no message passing network tells them
apart. With -rounds K it is the network of K layers.

Usage: symbridge wl hash [flags] FILE...

Examples:

  symbridge wl hash graphs.g6
  symbridge wl hash -rounds 3 -json mutag/
  symbridge wl hash sr251256.g6 | cut -f2 | sort -u | wc -l   1: all are alike to message passing

A line has FILE:K and the hash. The fields of JSON are file, graph, n, m, hash. A graph that takes longer than the timeout says so in
the place of the hash; in JSON, timeout is true. So does one that cannot be read; in JSON, it has an error, and the exit code is 2. Each
of K rounds looks at all edges: many of them take longer than the stable colouring, which looks again only at what has changed.
`

func wlHash(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) error {
	w := newWL("hash")
	w.timeoutFlag("a graph")
	w.IntVar(&w.rounds, "rounds", 0, "`K` rounds of refinement; 0 goes on until the colours are stable")
	if err := w.start(args, in, out, errs, hashAbout); err != nil {
		return err
	}
	w.faultLines(0)
	return w.each(ctx, func(i item) error {
		var h [32]byte
		took, late, err := w.timed(ctx, false, func(ctx context.Context) (err error) {
			h, err = hash(ctx, w.labelled(i.Entry), w.rounds)
			return err
		})
		if err != nil {
			return err
		}
		if late {
			return w.lateLine(i, took, nil)
		}
		if !w.json {
			return w.fields(i, h)
		}
		return w.object(struct {
			aGraph
			Hash string `json:"hash"`
		}{i.head(), hex.EncodeToString(h[:])})
	})
}

const canonAbout = `symbridge wl canon searches the canonical form of each graph and writes its digest: two graphs have one digest exactly if they are
isomorphic, labels included. With -write FORMAT the canonical graph itself is the last field; labels are not part of it.

Usage: symbridge wl canon [flags] FILE...

Examples:

  symbridge wl canon -timeout 10s graphs.g6
  symbridge wl canon -write auto graphs.g6 | cut -f6 | sort -u   one of each

A line has FILE:K, n, m, the digest and the seconds. The fields of JSON are file, graph, n, m, digest, seconds and canonical. A
graph that takes longer than the timeout says so in the place of the digest; in JSON, timeout is true. So does one that cannot be read;
in JSON, it has an error, and the exit code is 2.
`

// canonLine is the JSON of canon.
type canonLine struct {
	aGraph
	Digest    string  `json:"digest"`
	Seconds   seconds `json:"seconds"`
	Canonical string  `json:"canonical,omitempty"`
}

func wlCanon(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) error {
	w := newWL("canon")
	w.timeoutFlag("a graph")
	w.repeatFlag()
	var write string
	w.StringVar(&write, "write", "", "`FORMAT` of the canonical graph: graph6, sparse6, digraph6, or auto for the first of them that can hold it")
	if err := w.start(args, in, out, errs, canonAbout); err != nil {
		return err
	}
	if write != "" && !slices.Contains([]string{"auto", "graph6", "sparse6", "digraph6"}, write) {
		return fmt.Errorf("-write is %q, want one of auto, graph6, sparse6, digraph6", write)
	}
	w.rows = write == ""
	w.faultLines(2)
	return w.each(ctx, func(i item) error {
		f, digest, took, late, err := w.canonical(ctx, w.labelled(i.Entry))
		if err != nil {
			return err
		}
		h := i.head()
		if late {
			return w.lateLine(i, took, nil, h.Nodes, h.Edges)
		}
		text := ""
		if write != "" {
			if text, err = text6(i.Graph, f.Labelling, write); err != nil {
				return err
			}
		}
		switch {
		case w.json:
			return w.object(canonLine{h, hex.EncodeToString(digest[:]), took, text})
		case write != "":
			return w.fields(i, h.Nodes, h.Edges, digest, took, text)
		}
		return w.fields(i, h.Nodes, h.Edges, digest, took)
	})
}

// canonical searches the form of a graph, and its digest; of rows, the digest alone. Where it was given up, the form is nil or what was found.
func (w *wlRun) canonical(ctx context.Context, g labelled) (f *wl.Form, digest [32]byte, took seconds, late bool, err error) {
	for k := range max(1, w.repeat) {
		var once seconds
		once, late, err = w.timed(ctx, g.rows != nil, func(ctx context.Context) (err error) {
			f, digest, err = g.canonical(ctx)
			return err
		})
		if k == 0 || once < took {
			took = once
		}
		if late || err != nil {
			break
		}
	}
	return f, digest, took, late, err
}

// text6 writes a relabelled graph as a line of text.
func text6(g *graph.Graph, p symmetry.Perm, format string) (string, error) {
	h, _ := g.Relabel(p)
	if format == "auto" {
		switch {
		case !h.IsSymmetric():
			format = "digraph6"
		case h.IsSimple():
			format = "graph6"
		default:
			format = "sparse6"
		}
	}
	write := map[string]func([]byte, *graph.Graph) ([]byte, error){"graph6": graphio.AppendGraph6, "sparse6": graphio.AppendSparse6,
		"digraph6": graphio.AppendDigraph6}[format]
	b, err := write(nil, h)
	return string(b), err
}

const autAbout = `symbridge wl aut finds the automorphisms of each graph that keep its labels.

Usage: symbridge wl aut [flags] FILE...

Examples:

  symbridge wl aut karate
  symbridge wl aut -timeout 5s -json *.col.gz

A line has FILE:K, n, m, the order of the group, the number of generators found, the number of orbits of nodes, and the seconds. The
fields of JSON are file, graph, n, m, order (a decimal string), generators, orbits, seconds. A graph that takes longer than the
timeout says so in the place of the order, with a lower bound where one is known; in JSON, timeout is true, and order_at_least the bound.
So does one that cannot be read; in JSON, it has an error, and the exit code is 2.
`

func wlAut(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) error {
	w := newWL("aut")
	w.timeoutFlag("a graph")
	w.repeatFlag()
	if err := w.start(args, in, out, errs, autAbout); err != nil {
		return err
	}
	w.faultLines(2)
	return w.each(ctx, func(i item) error {
		h := i.head()
		f, _, took, late, err := w.canonical(ctx, w.labelled(i.Entry))
		if err != nil {
			return err
		}
		if late {
			return w.lateLine(i, took, f, h.Nodes, h.Edges)
		}
		order, orbits := f.Order().String(), len(slices.Compact(slices.Sorted(slices.Values(f.Orbits()))))
		return w.line(struct {
			aGraph
			Order      string  `json:"order"`
			Generators int     `json:"generators"`
			Orbits     int     `json:"orbits"`
			Seconds    seconds `json:"seconds"`
		}{h, order, f.NumGenerators(), orbits, took}, i, h.Nodes, h.Edges, order, f.NumGenerators(), orbits, took)
	})
}
