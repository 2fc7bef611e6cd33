//go:build amd64 && !purego

package kernel

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// A call of assembly that is not cut into pieces shows: a tile of thirty million rows, all of them the same.
func TestALongCallShows(t *testing.T) {
	if !hasAVX2 || raceEnabled {
		t.Skip("SKIPPED: no AVX2, or the race detector is on")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	var acc [32]int64
	var a [4]float64
	var b [8]float64
	require.Greater(t, stops(func() { gramTile(&acc[0], 8, &a[0], 0, &b[0], 0, 30_000_000, magic32(0, 0)) }), longest)
}
