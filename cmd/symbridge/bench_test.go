package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// tinyBench is a workload of microseconds.
var tinyBench = []string{"bench", "-run", "^matmul/20x", "-count", "2", "-time", "0s"}

func TestBenchHelp(t *testing.T) {
	for _, args := range [][]string{{"bench", "-h"}, {"help", "bench"}} {
		r := symbridge(t, args...)
		require.Equal(t, exitOK, r.code)
		require.Empty(t, r.err)
		for _, part := range []string{"Usage: symbridge bench", "Examples:", "-run REGEX", "-export DIR", "-threads N", "-json", "-turns"} {
			require.Contains(t, r.out, part)
		}
		for line := range strings.Lines(r.out) {
			require.LessOrEqual(t, len(line), 190, "%s", line)
		}
	}
}

func TestBenchList(t *testing.T) {
	all := symbridge(t, "bench", "-list")
	require.Equal(t, exitOK, all.code)
	for _, name := range []string{"matmul/1024x1024x1024 ", "spmm/64/plain ", "gcn/169k/step ", "cost/1e7 "} {
		require.Contains(t, all.out, name)
	}
	require.Contains(t, all.out, "slow: runs only when -run names it")
	some := symbridge(t, "bench", "-list", "-run", "^gat/")
	require.Equal(t, 2, strings.Count(some.out, "\n"), "%s", some.out)
}

func TestBenchTable(t *testing.T) {
	r := symbridge(t, tinyBench...)
	require.Equal(t, exitOK, r.code, r.err)
	require.Empty(t, r.err)
	require.Contains(t, r.out, "median s")
	require.Contains(t, r.out, "G multiply-adds/s")
}

func TestBenchJSON(t *testing.T) {
	threads := runtime.GOMAXPROCS(0)
	o := object(t, append(tinyBench, "-json", "-threads", "1")...)
	require.Equal(t, threads, runtime.GOMAXPROCS(0), "the number of threads is put back")
	require.Equal(t, 1.0, o["threads"])
	require.NotEmpty(t, o["cpu"])
	results := o["results"].([]any)
	require.Len(t, results, 1)
	result := results[0].(map[string]any)
	require.Equal(t, "matmul/20x64x64", result["name"])
	require.Len(t, result["seconds"], 2)
	require.Len(t, result["check"], 3)
	require.Equal(t, 0.0, result["allocs_per_op"])
}

// With -turns a sample is taken for each line of stdin.
func TestBenchTurns(t *testing.T) {
	var out, errs bytes.Buffer
	in := strings.NewReader("\n\n")
	require.Equal(t, exitOK, run(context.Background(), append(tinyBench, "-turns"), in, &out, &errs))
	require.Equal(t, "matmul/20x64x64\nmatmul/20x64x64\n", errs.String())
	require.Contains(t, out.String(), "median s")
}

func TestBenchExport(t *testing.T) {
	dir := t.TempDir()
	r := symbridge(t, append(tinyBench, "-export", dir)...)
	require.Equal(t, exitOK, r.code, r.err)
	folder := filepath.Join(dir, "matmul-20x64x64")
	require.Equal(t, folder+"\n", r.out)
	for name, size := range map[string]int64{"a.npy": 20 * 64 * 4, "b.npy": 64 * 64 * 4} {
		info, err := os.Stat(filepath.Join(folder, name))
		require.NoError(t, err)
		require.Equal(t, 128+size, info.Size(), "a header and the numbers")
	}

	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	r = symbridge(t, append(tinyBench, "-export", file)...)
	require.Equal(t, exitFailure, r.code, "%s", r.err)
}

func TestBenchErrors(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"-count 0", "-count is 0, want 1 to 10000"},
		{"-count 10001", "want 1 to 10000"},
		{"-threads 0", "-threads is 0, want 1 to 4096"},
		{"-time -1s", "want 0s to 1h"},
		{"-run (", "-run: "},
		{"-run nothing", "symbridge bench -list names them"},
		{"-nonsense", "nonsense"},
	} {
		r := symbridge(t, append([]string{"bench"}, strings.Fields(c.args)...)...)
		require.Equal(t, exitUsage, r.code, c.args)
		require.Empty(t, r.out, c.args)
		require.Contains(t, r.err, c.want)
		require.Equal(t, 1, strings.Count(r.err, "\n"), "one line: %q", r.err)
	}
}

func TestBenchInterrupted(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	require.Equal(t, exitInterrupted, symbridgeWith(t, ctx, tinyBench...).code)
}

func TestBenchBrokenData(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "data", "cora"), 0o755))
	t.Setenv("SYMBRIDGE_SHARED", dir)
	r := symbridge(t, "bench", "-run", "^gat/cora/inference$")
	require.Equal(t, exitUsage, r.code)
	require.Contains(t, r.err, "gat/cora/inference: ")
}
