package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"

	"symbridge/bench"
)

const benchAbout = `symbridge bench times the kernels and whole steps of training and inference on this machine. A workload is made ready once
and run until it is warm; then -count samples are taken, each long enough for -time. bench/peers runs the same work in other
libraries: make bench-peers.

Usage: symbridge bench [flags]

Examples:

  symbridge bench -list                             names and what they are
  symbridge bench -run matmul -threads 1            matrix products on one core
  symbridge bench -run '^gcn/cora/step$' -json
  symbridge bench -run '^cost/'                     slow workloads run only when they are asked for
  symbridge bench -run '^spmm/64$' -export inputs/  the inputs of a workload as .npy files, in a folder named spmm-64

Output. median and min are seconds of one operation; rate is 1e9 units a second, at the median; allocs are memory
allocations of an operation, warm; peak is the largest resident set while the workload ran, which is the workload's own only
where it is the first to run. Cora and MUTAG are read from SYMBRIDGE_SHARED/data where they are there, else synthetic data of
their sizes takes their place; the output says which. With -turns another program can measure in between, sample by sample.
`

// benchReport is what bench -json writes.
type benchReport struct {
	bench.Machine
	Results []*bench.Result `json:"results"`
}

// benchFlags are the flags of bench alone.
type benchFlags struct {
	pattern, export string
	threads, count  int
	least           time.Duration
	list, turns     bool
}

func benchCommand(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) error {
	f, b := newFlags("bench"), new(benchFlags)
	f.BoolVar(&f.json, "json", false, "write JSON to stdout")
	f.StringVar(&b.pattern, "run", "", "`REGEX`: the workloads whose names match (default: all that are not slow)")
	f.IntVar(&b.threads, "threads", runtime.GOMAXPROCS(0), "`N` threads (GOMAXPROCS)")
	f.IntVar(&b.count, "count", 5, "`N` samples of each workload")
	f.DurationVar(&b.least, "time", 200*time.Millisecond, "least `DURATION` of a sample")
	f.BoolVar(&b.list, "list", false, "name the workloads and do nothing")
	f.BoolVar(&b.turns, "turns", false, "before each sample write the workload's name to stderr and wait for a line of stdin")
	f.StringVar(&b.export, "export", "", "`DIR` to write the inputs of the workloads to; none is run")
	if err := f.parse(args, out, benchAbout); err != nil {
		return err
	}
	workloads, err := b.workloads()
	if err != nil {
		return err
	}
	data := bench.Data("")
	if shared := os.Getenv("SYMBRIDGE_SHARED"); shared != "" {
		data = bench.Data(filepath.Join(shared, "data"))
	}
	switch {
	case b.list:
		return listWorkloads(out, workloads)
	case b.export != "":
		return exportWorkloads(out, workloads, data, b.export)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(b.threads))
	r := benchReport{Machine: bench.ThisMachine()}
	bar := newBar(errs, b.count*len(workloads), "samples", f.json || b.turns)
	defer bar.finish()
	lines := bufio.NewScanner(in)
	for k, w := range workloads {
		o := bench.Options{Data: data, Count: b.count, Time: b.least, Progress: func(sample int) { bar.set(k*b.count + sample) }}
		if b.turns {
			o.Ready = func() {
				fmt.Fprintln(errs, w.Name)
				lines.Scan()
			}
		}
		result, err := bench.Measure(ctx, w, o)
		if err != nil {
			return fmt.Errorf("%s: %w", w.Name, err)
		}
		r.Results = append(r.Results, result)
	}
	if f.json {
		return writeJSON(out, r)
	}
	bar.clear()
	return r.write(out)
}

// workloads returns those that the flags ask for.
func (b *benchFlags) workloads() (some []bench.Workload, err error) {
	if b.count < 1 || b.count > 10_000 {
		return nil, fmt.Errorf("-count is %d, want 1 to 10000", b.count)
	}
	if b.threads < 1 || b.threads > 4096 {
		return nil, fmt.Errorf("-threads is %d, want 1 to 4096", b.threads)
	}
	if b.least < 0 || b.least > time.Hour {
		return nil, fmt.Errorf("-time is %v, want 0s to 1h", b.least)
	}
	re, err := regexp.Compile(b.pattern)
	if err != nil {
		return nil, fmt.Errorf("-run: %w", err)
	}
	for _, w := range bench.Workloads() {
		if b.pattern == "" && (!w.Slow || b.list) || b.pattern != "" && re.MatchString(w.Name) {
			some = append(some, w)
		}
	}
	if len(some) == 0 {
		return nil, fmt.Errorf("no workload matches -run %q; symbridge bench -list names them", b.pattern)
	}
	return some, nil
}

// listWorkloads writes the names of workloads and what they are.
func listWorkloads(out io.Writer, workloads []bench.Workload) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, w := range workloads {
		slow := ""
		if w.Slow {
			slow = " (slow: runs only when -run names it)"
		}
		fmt.Fprintf(t, "%s\t%s%s\n", w.Name, w.About, slow)
	}
	return outputError(t.Flush())
}

// exportWorkloads writes the inputs of each workload to a folder in dir, and the folder to out.
func exportWorkloads(out io.Writer, workloads []bench.Workload, data bench.Data, dir string) error {
	for _, w := range workloads {
		t, err := w.Prepare(data)
		if err != nil {
			return fmt.Errorf("%s: %w", w.Name, err)
		}
		to := filepath.Join(dir, strings.ReplaceAll(w.Name, "/", "-"))
		if err := t.Export(to); err != nil {
			return outputError(err)
		}
		if _, err := fmt.Fprintln(out, to); err != nil {
			return outputError(err)
		}
	}
	return nil
}

// write writes a table.
func (r *benchReport) write(out io.Writer) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "%s, %d cores, %s, %s, %d threads\n\n", r.CPU, r.Cores, r.System, r.Go, r.Threads)
	fmt.Fprintf(t, "workload\tmedian s\tmin s\trate\tallocs\tpeak MiB\t  data\n")
	for _, w := range r.Results {
		rate := "-"
		if w.Rate > 0 {
			rate = fmt.Sprintf("%.2f G %s/s", w.Rate, w.Unit)
		}
		fmt.Fprintf(t, "%s\t%.4g\t%.4g\t%s\t%.4g\t%d\t  %s\n", w.Name, w.Median, w.Min, rate, w.Allocs, w.PeakRSS>>20, w.Source)
	}
	return outputError(t.Flush())
}
