package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/internal/testdata"
)

func TestRun(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, run(&b, testdata.Shared(t, "data/mutag"), 3, 15))
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	require.Len(t, lines, 4)
	var accuracy float64
	_, err := fmt.Sscanf(lines[3], "accuracy %f,", &accuracy)
	require.NoError(t, err)
	require.Greater(t, accuracy, 0.7)
}

func TestRunWithoutData(t *testing.T) {
	require.Error(t, run(&bytes.Buffer{}, t.TempDir(), 3, 1))
}
