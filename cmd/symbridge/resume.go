package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/train"
)

// An interrupted run leaves its state in the output folder, and -checkpoint K writes it every K epochs too. -resume goes on from
// the states that it finds, to the same bits as without the interruption; runs without one start anew.

// statePath returns the file of a run's state.
func (e *experiment) statePath(o *outcome) string {
	return filepath.Join(e.options.out, "state-"+o.name()+".safetensors")
}

// fitOptions returns how a run reports and where it goes on.
func (e *experiment) fitOptions(o *outcome, progress func(train.Progress)) (train.Options[float32], error) {
	opts := train.Options[float32]{Progress: progress, Order: graph.Order(e.options.order)}
	if e.options.order == orderCanonical {
		opts.Order, opts.Canonical = graph.OrderNone, true
	}
	if e.options.out == "" {
		return opts, nil
	}
	if e.options.checkpoint > 0 {
		opts.CheckpointEvery = e.options.checkpoint
		opts.Checkpoint = func(s *train.State[float32]) error { return writeFile(e.statePath(o), s.Write) }
	}
	if !e.options.resume {
		return opts, nil
	}
	f, err := os.Open(e.statePath(o))
	if errors.Is(err, fs.ErrNotExist) {
		return opts, nil
	}
	if err != nil {
		return opts, fmt.Errorf("-resume: %w", err)
	}
	defer f.Close()
	if opts.Resume, err = train.ReadState[float32](f, gnn.Limits{}); err != nil {
		return opts, fmt.Errorf("-resume: %s: %w", f.Name(), err)
	}
	return opts, nil
}

// settle keeps the state of a run that was interrupted, and drops the one of a run that is done unless -checkpoint asked for it.
// It returns err, or what went wrong with the file.
func (e *experiment) settle(o *outcome, err error) error {
	switch {
	case e.options.out == "" || o.result == nil:
		return err
	case err != nil && o.result.State != nil:
		if failed := writeFile(e.statePath(o), o.result.State.Write); failed != nil {
			return failed
		}
	case err == nil && e.options.checkpoint == 0:
		if failed := os.Remove(e.statePath(o)); failed != nil && !errors.Is(failed, fs.ErrNotExist) {
			return outputError(failed)
		}
	}
	return err
}
