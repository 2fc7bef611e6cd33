//go:build unix

package kernel

import (
	"time"

	"golang.org/x/sys/unix"
)

// processorTime is what the processors have spent on this program.
func processorTime() time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
