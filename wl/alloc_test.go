//go:build !race

package wl

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Under the race detector sync.Pool forgets at random.
func TestRowsDigestAllocatesNothing(t *testing.T) {
	rows := []uint64{6, 5, 3}
	require.Zero(t, testing.AllocsPerRun(100, func() { RowsDigest(rows) }))
}
