//go:build unix && amd64 && !purego

package kernel

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// A fault in assembly is caught too: eight lanes of Philox that are to be written across the fence.
func TestFencesCatchAssembly(t *testing.T) {
	if !hasAVX2 {
		t.Skip("SKIPPED: this processor has no AVX2")
	}
	f := newFenced(t, 1)
	var c [8]uint32
	for _, bytes := range []int{128, 124, 4} {
		f.next = 0
		out := (*[32]uint32)(f.room(bytes))
		err := touch(func() { philox8(out, &c, &c, &c, 1, 2, 3) })
		if bytes == int(unsafe.Sizeof(*out)) {
			require.NoError(t, err)
		} else {
			require.ErrorContains(t, err, "at 0x")
		}
	}
}
