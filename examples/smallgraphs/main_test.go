package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// The 10,897 classes of 11,117 connected graphs are those of the graph8c benchmark (Balcilar et al. 2021).
func TestRun(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, run(&b, 8))
	require.Contains(t, b.String(), "    6      156        112           8           6         109\n")
	require.Contains(t, b.String(), "    8    12346      11117        3696         395       10897\n")
}
