package main

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// bar is a progress bar, or nothing where nobody watches.
type bar struct{ *progressbar.ProgressBar }

// newBar returns a bar on w where that is a terminal, unless quiet.
func newBar(w io.Writer, total int, what string, quiet bool) bar {
	f, ok := w.(*os.File)
	if quiet || !ok || !term.IsTerminal(int(f.Fd())) {
		return bar{}
	}
	return bar{progressbar.NewOptions(total, progressbar.OptionSetWriter(f), progressbar.OptionSetDescription(what),
		progressbar.OptionSetWidth(30), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionShowCount(),
		progressbar.OptionClearOnFinish())}
}

// set says how much is done. Errors of a progress bar are nobody's concern.
func (b bar) set(done int) {
	if b.ProgressBar != nil {
		_ = b.Set(done)
	}
}

// clear makes room for a line of text; the next set draws the bar again.
func (b bar) clear() {
	if b.ProgressBar != nil {
		_ = b.Clear()
	}
}

func (b bar) finish() {
	if b.ProgressBar != nil {
		_ = b.Finish()
	}
}
