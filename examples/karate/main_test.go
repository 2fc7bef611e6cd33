package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRun(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, run(&b))
	require.Contains(t, b.String(), "the club relabelled:   test accuracy 0.969")
	require.Contains(t, b.String(), "the same bits: true")
}
