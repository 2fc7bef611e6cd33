package kernel

import (
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// roadSwitch turns an implementation on, and says by which flags of /proc/cpuinfo a processor that must have it is known.
type roadSwitch struct {
	name  string
	on    *bool
	flags []string
}

// implementation is a road that this machine has: run calls f on it.
type implementation struct {
	name string
	run  func(f func())
}

// implementations returns the roads of this machine, the portable one first. It fails where the processor has the instructions
// of a road that is off: the laws are to run on it.
func implementations(t testing.TB) []implementation {
	t.Helper()
	all := switches()
	have := func(on int) implementation {
		i := implementation{name: "portable"}
		if on > 0 {
			i.name = all[on-1].name
		}
		i.run = func(f func()) {
			was := make([]bool, len(all))
			for k, s := range all {
				was[k] = *s.on
				*s.on = k < on
			}
			defer func() {
				for k, s := range all {
					*s.on = was[k]
				}
			}()
			f()
		}
		return i
	}
	out := []implementation{have(0)}
	flags := processorFlags(t)
	for k, s := range all {
		if *s.on {
			out = append(out, have(k+1))
			continue
		}
		missing := func(flag string) bool { return !slices.Contains(flags, flag) }
		if flags != nil && !slices.ContainsFunc(s.flags, missing) {
			t.Fatalf("the processor has %v, and the %s kernels are off", s.flags, s.name)
		}
	}
	return out
}

// processorFlags returns the flags that Linux says the first processor has, or nil on other systems.
func processorFlags(t testing.TB) []string {
	t.Helper()
	if runtime.GOOS != "linux" {
		return nil
	}
	b, err := os.ReadFile("/proc/cpuinfo")
	require.NoError(t, err)
	for line := range strings.Lines(string(b)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "flags" {
			return strings.Fields(value)
		}
	}
	return []string{} // another architecture has other words
}

func TestImplementationsOfThisMachine(t *testing.T) {
	for k, i := range implementations(t) {
		i.run(func() {
			for l, s := range switches() {
				require.Equal(t, l < k, *s.on, "%s: switch %s", i.name, s.name)
			}
		})
	}
	for _, s := range switches() {
		require.NotEmpty(t, s.flags, s.name)
	}
}

// recorder is a test that notes whether it failed.
type recorder struct {
	testing.TB
	failed bool
}

func (r *recorder) Fatalf(string, ...any) {
	r.failed = true
	runtime.Goexit()
}

// A road that is off and should be on fails the tests that go over the roads.
func TestMissingImplementationFails(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("SKIPPED: only Linux says what the processor has")
	}
	for _, s := range switches() {
		if !*s.on {
			continue
		}
		*s.on = false
		r := &recorder{TB: t}
		done := make(chan struct{})
		go func() {
			defer close(done)
			implementations(r)
		}()
		<-done
		*s.on = true
		require.True(t, r.failed, "%s is off and nothing failed", s.name)
	}
}
