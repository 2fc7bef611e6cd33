package main

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/internal/testdata"
)

func TestRun(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, run(&b, testdata.Shared(t, "data/cora"), 40))
	var epoch, right, of int
	var accuracy float64
	_, err := fmt.Sscanf(b.String(), "epoch %d was the best on the validation papers\ntest accuracy %f, %d of %d papers\n",
		&epoch, &accuracy, &right, &of)
	require.NoError(t, err, b.String())
	require.Equal(t, 1000, of)
	require.Greater(t, accuracy, 0.75)
}

func TestRunWithoutData(t *testing.T) {
	require.Error(t, run(&bytes.Buffer{}, t.TempDir(), 1))
}
