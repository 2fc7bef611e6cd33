package main

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// bar is a progress bar, or nothing where nobody watches.
type bar struct {
	*progressbar.ProgressBar
	shown bool
	drawn time.Time
}

// barEvery is how often a bar is drawn.
const barEvery = 100 * time.Millisecond

// newBar returns a bar on w where that is a terminal, unless quiet.
func newBar(w io.Writer, total int, what string, quiet bool) *bar {
	if quiet || !isTerminal(w) {
		return new(bar)
	}
	return &bar{ProgressBar: progressbar.NewOptions(total, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what),
		progressbar.OptionSetWidth(30), progressbar.OptionShowCount(), progressbar.OptionClearOnFinish())}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// set says how much is done. Errors of a progress bar are nobody's concern.
func (b *bar) set(done int) {
	if b.ProgressBar != nil && time.Since(b.drawn) >= barEvery {
		_ = b.Set(done)
		b.shown, b.drawn = true, time.Now()
	}
}

// clear makes room for a line of text; a later set draws the bar again.
func (b *bar) clear() {
	if b.shown {
		_ = b.Clear()
		b.shown = false
	}
}

func (b *bar) finish() {
	if b.ProgressBar != nil {
		_ = b.Finish()
	}
}
