package bench

import (
	"bytes"
	"context"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Options say how to measure.
type Options struct {
	Data     Data
	Count    int              // samples, at least 1
	Time     time.Duration    // least duration of a sample: short work is repeated
	Ready    func()           // called before each sample, may wait for its turn; or nil
	Progress func(sample int) // called after each sample, or nil
}

// Result is what a measurement found.
type Result struct {
	Name    string    `json:"name"`
	About   string    `json:"about"`
	Source  string    `json:"source"`
	Seconds []float64 `json:"seconds"` // of one operation, the mean of each sample
	Median  float64   `json:"median"`
	Min     float64   `json:"min"`
	Ops     int       `json:"ops"`                 // operations in a sample
	Unit    string    `json:"unit,omitempty"`      // what the rate counts
	Rate    float64   `json:"rate_giga,omitempty"` // 1e9 units a second, at the median
	Allocs  float64   `json:"allocs_per_op"`       // of the sample with the fewest
	// The largest resident set while the work was done, and the one before it was prepared, in bytes: VmHWM of
	// /proc/self/status, reset through /proc/self/clear_refs once everything is ready. 0 where the system has no such files.
	PeakRSS int64     `json:"peak_rss,omitempty"`
	BaseRSS int64     `json:"base_rss,omitempty"`
	Check   []float64 `json:"check,omitempty"` // see Task
}

// Measure prepares a workload, runs it until it is warm, and times it. The error is that of the data or of ctx.
func Measure(ctx context.Context, w Workload, o Options) (*Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	debug.FreeOSMemory()
	r := &Result{Name: w.Name, About: w.About, Unit: w.Unit, BaseRSS: memory("VmRSS")}
	t, err := w.Prepare(o.Data)
	if err != nil {
		return nil, err
	}
	r.Source, r.Check = t.Source, t.Check
	debug.FreeOSMemory()
	forgetPeak()
	r.Ops = t.warm(o.Time)
	var before, after runtime.MemStats
	for k := range max(1, o.Count) {
		if o.Ready != nil {
			o.Ready()
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		runtime.ReadMemStats(&before)
		began := time.Now()
		for range r.Ops {
			t.Do()
		}
		seconds := time.Since(began).Seconds()
		runtime.ReadMemStats(&after)
		r.Seconds = append(r.Seconds, seconds/float64(r.Ops))
		if a := float64(after.Mallocs-before.Mallocs) / float64(r.Ops); k == 0 || a < r.Allocs {
			r.Allocs = a
		}
		if o.Progress != nil {
			o.Progress(k + 1)
		}
	}
	r.PeakRSS = memory("VmHWM")
	r.Median, r.Min = Median(r.Seconds), slices.Min(r.Seconds)
	if t.Work > 0 {
		r.Rate = t.Work / r.Median / 1e9
	}
	return r, nil
}

// warm does the work at least twice, and until a run of it lasts as long as least, and returns the operations of that run.
func (t *Task) warm(least time.Duration) int {
	t.Do()
	for n := 1; ; {
		began := time.Now()
		for range n {
			t.Do()
		}
		d := time.Since(began)
		if d >= least {
			return n
		}
		n = min(100*n, int(1.1*float64(n)*float64(least)/float64(d+1))+1)
	}
}

// Median returns the median of at least one number.
func Median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	return (x[(len(x)-1)/2] + x[len(x)/2]) / 2
}

// memory returns a field of /proc/self/status that is in kB, in bytes, or 0.
func memory(field string) int64 {
	b, _ := os.ReadFile("/proc/self/status")
	for line := range bytes.Lines(b) {
		if f := strings.Fields(string(line)); len(f) > 1 && f[0] == field+":" {
			kb, _ := strconv.ParseInt(f[1], 10, 64)
			return kb << 10
		}
	}
	return 0
}

// forgetPeak sets VmHWM to the present resident set, where the system can.
func forgetPeak() { _ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) }

// Machine says where a measurement was made.
type Machine struct {
	CPU     string `json:"cpu"`
	Cores   int    `json:"cores"`
	System  string `json:"system"`
	Go      string `json:"go"`
	Threads int    `json:"threads"`
}

// ThisMachine describes the machine and the present number of threads.
func ThisMachine() Machine {
	m := Machine{"unknown processor", runtime.NumCPU(), runtime.GOOS + "/" + runtime.GOARCH, runtime.Version(), runtime.GOMAXPROCS(0)}
	b, _ := os.ReadFile("/proc/cpuinfo")
	for line := range bytes.Lines(b) {
		if key, value, _ := strings.Cut(string(line), ":"); strings.TrimSpace(key) == "model name" {
			m.CPU = strings.TrimSpace(value)
			break
		}
	}
	return m
}
