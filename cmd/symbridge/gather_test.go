package main

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestGather(t *testing.T) {
	in, out := io.Pipe()
	g := newGather(out)
	_, err := io.WriteString(g, "a line\n")
	require.NoError(t, err)
	b := make([]byte, 99)
	n, err := in.Read(b) // a moment later, and no more need be written
	require.NoError(t, err)
	require.Equal(t, "a line\n", string(b[:n]))
	_, err = io.WriteString(g, "another\n")
	require.NoError(t, err)
	n, err = in.Read(b)
	require.NoError(t, err)
	require.Equal(t, "another\n", string(b[:n]))

	calls := 0
	var all strings.Builder
	g = newGather(writerFunc(func(p []byte) (int, error) {
		calls++
		return all.Write(p)
	}))
	long := strings.Repeat("x", gatherBytes+1)
	for range 1000 {
		_, err = io.WriteString(g, "0123456789")
		require.NoError(t, err)
	}
	_, err = io.WriteString(g, long)
	require.NoError(t, err)
	require.NoError(t, g.flush())
	require.Equal(t, strings.Repeat("0123456789", 1000)+long, all.String())
	require.Less(t, calls, 10)

	full := errors.New("full")
	g = newGather(writerFunc(func([]byte) (int, error) { return 0, full }))
	_, err = io.WriteString(g, "lost")
	require.NoError(t, err)
	require.ErrorIs(t, g.flush(), full)
	_, err = io.WriteString(g, "lost")
	require.ErrorIs(t, err, full)
	time.Sleep(2 * gatherTime) // the timer finds nothing to do
	require.ErrorIs(t, g.flush(), full)
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
