package main

import (
	"io"
	"sync"
	"time"
)

// gather is a writer that passes on what is written to it a little later, all at once: a line of text a microsecond is no longer a
// call of the system each. An error of the writer behind it is returned by a later Write, or by flush.
type gather struct {
	to   io.Writer
	lock sync.Mutex
	buf  []byte
	soon *time.Timer
	err  error
}

const (
	gatherBytes = 1 << 16
	gatherTime  = 50 * time.Millisecond
)

func newGather(to io.Writer) *gather {
	return &gather{to: to, buf: make([]byte, 0, gatherBytes)}
}

func (g *gather) Write(p []byte) (int, error) {
	g.lock.Lock()
	defer g.lock.Unlock()
	if len(g.buf)+len(p) > gatherBytes {
		g.pass()
	}
	if g.err != nil {
		return 0, g.err
	}
	if len(g.buf) == 0 {
		if g.soon == nil {
			g.soon = time.AfterFunc(gatherTime, func() { _ = g.flush() }) // the error is kept
		} else {
			g.soon.Reset(gatherTime)
		}
	}
	g.buf = append(g.buf, p...)
	return len(p), nil
}

// flush passes on what there is.
func (g *gather) flush() error {
	g.lock.Lock()
	defer g.lock.Unlock()
	g.pass()
	return g.err
}

func (g *gather) pass() {
	if g.err == nil && len(g.buf) > 0 {
		_, g.err = g.to.Write(g.buf)
	}
	g.buf = g.buf[:0]
}
