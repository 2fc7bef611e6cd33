//go:build !unix

package kernel

import "time"

var began = time.Now()

// processorTime is the time of the clock, for want of better.
func processorTime() time.Duration { return time.Since(began) }
