package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

// Exit codes.
const (
	exitOK          = 0
	exitFailure     = 1 // the world: a disk is full, a pipe is closed
	exitUsage       = 2 // the input: a flag, a file, a setting that cannot be
	exitInterrupted = 130
)

const help = `symbridge trains graph neural networks whose outputs do not depend on how a graph was written down,
and certifies it: relabel the nodes, shuffle the edges, and every output keeps its bits.

Usage: symbridge <command> [flags]

  train     fit a model to a data set; report what was learned, a certificate and two pictures
  certify   relabel a data set again and again and count the bits of a model's outputs that change
  predict   write one line a node or graph: id, class, probabilities
  bench     time kernels and steps on this machine
  wl        hashes, canonical forms, symmetries, isomorphisms and copies of graphs in files
  help      this text; symbridge <command> -h lists the flags of a command

Examples:

  symbridge train                                       GCN on Zachary's karate club
  symbridge train -data cora/ -model gat -seeds 10      a folder of Planetoid files, ten seeds
  symbridge train -data mutag/ -model gin -folds 10     a folder of TU files, cross-validation
  symbridge certify -data cora/ -model sage             no training needed
  symbridge predict -weights symbridge-out/weights.safetensors
  symbridge wl hash graphs.g6                           names of graphs that no relabelling changes

Exit codes: 0 done, 1 output cannot be written, 2 bad input (one line on stderr says what to do), 130 interrupted.
`

// A command reads its flags and does its work on the given streams.
type command func(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) error

var commands = map[string]command{"train": trainCommand, "certify": certifyCommand, "predict": predictCommand, "bench": benchCommand,
	"wl": wlCommand}

// run executes the command line and returns the exit code.
func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	name := "help"
	if len(args) > 0 {
		name, args = args[0], args[1:]
	}
	do, known := commands[name]
	switch {
	case known:
	case name == "help" && len(args) > 0: // symbridge help train
		if name = args[0]; commands[name] != nil {
			do, known = commands[name], true
			if args = args[1:]; name != "wl" {
				args = nil
			}
			args = append(args, "-h")
		}
	case name == "help", name == "-h", name == "-help", name == "--help":
		known = true
		do = func(context.Context, []string, io.Reader, io.Writer, io.Writer) error {
			_, err := io.WriteString(out, help)
			return outputError(err)
		}
	}
	if !known {
		fmt.Fprintf(errs, "symbridge: unknown command %q: want train, certify, predict, bench, wl or help\n", name)
		return exitUsage
	}
	err := do(ctx, args, in, out, errs)
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	fmt.Fprintf(errs, "symbridge %s: %s\n", name, oneLine(err.Error()))
	switch {
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.Is(err, errOutput):
		return exitFailure
	}
	return exitUsage
}

// errOutput is wrapped by errors of writing results.
var errOutput = errors.New("cannot write")

// outputError says that err, if any, came from writing results.
func outputError(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", errOutput, err)
}

// oneLine joins the lines of a text and bounds its length.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if letters := []rune(s); len(letters) > 600 {
		s = string(letters[:600]) + "…"
	}
	return s
}
