package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"flag"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// evaluateKernel runs the command and returns what it wrote.
func evaluateKernel(ctx context.Context, args ...string) (string, error) {
	var out, errs bytes.Buffer
	err := wlKernelCommand(ctx, args, strings.NewReader(""), &out, &errs)
	return out.String(), err
}

func kernelJSON(t *testing.T, args ...string) *kernelReport {
	t.Helper()
	text, err := evaluateKernel(context.Background(), append(args, "-json")...)
	require.NoError(t, err, "%v", args)
	r := new(kernelReport)
	require.NoError(t, json.Unmarshal([]byte(text), r))
	require.True(t, r.Converged)
	return r
}

func TestEvaluateKernel(t *testing.T) {
	t.Chdir(t.TempDir())
	tiny(t, "tiny")
	for _, kernel := range []string{"subtree", "sp", "oa", "graphlet"} {
		args := []string{"-data", "tiny", "-kernel", kernel, "-folds", "3", "-inner", "2", "-seeds", "2", "-seed", "5"}
		r := kernelJSON(t, args...)
		require.Equal(t, 1.0, r.AccuracyMean, "%s: paths of 3 and of 6 nodes are easily told apart", kernel)
		require.Zero(t, r.AccuracyStd)
		require.Equal(t, []uint64{5, 6}, r.Seeds)
		require.Len(t, r.FoldAccuracy, 2)
		require.Len(t, r.FoldAccuracy[1], 3)
		require.Equal(t, "none", r.Labels)

		other := kernelJSON(t, append(args, "-relabel", "3")...)
		require.Equal(t, r.GramSHA256, other.GramSHA256)
		other.Seconds, other.KernelSeconds = r.Seconds, r.KernelSeconds
		require.Equal(t, r, other)
	}
	text, err := evaluateKernel(context.Background(), "-data", "tiny", "-folds", "2", "-rounds", "1", "-gram", "gram.npy")
	require.NoError(t, err)
	for _, part := range []string{"12 graphs", "labels: none", "stratified 2-fold", "accuracy     1.0000", "WL subtree, 1 rounds", "gram.npy"} {
		require.Contains(t, text, part)
	}
	b, err := os.ReadFile("gram.npy")
	require.NoError(t, err)
	require.Contains(t, string(b[:128]), "{'descr': '<f8', 'fortran_order': False, 'shape': (12,12,)}")
	require.Len(t, b, 128+8*12*12)
	at := func(i, j int) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b[128+8*(12*i+j):])) }
	require.Equal(t, 9.0+5, at(0, 0))      // 3 nodes; 2 ends and a middle
	require.Equal(t, 36.0+20, at(1, 1))    // 6 nodes; 2 ends and 4 others
	require.Equal(t, 18.0+2*2+4, at(0, 1)) // the two together
	require.Equal(t, at(0, 1), at(1, 0))
}

func TestEvaluateKernelErrors(t *testing.T) {
	t.Chdir(t.TempDir())
	tiny(t, "tiny")
	ctx := context.Background()
	for args, want := range map[string]string{
		"":                                       "-data",
		"-data nowhere":                          "nowhere",
		"-data karate":                           "graph set",
		"-data tiny -kernel rbf":                 "-kernel",
		"-data tiny -rounds 3..1":                "-rounds",
		"-data tiny -rounds x":                   "-rounds",
		"-data tiny -kernel graphlet -nodes 6":   "3..5",
		"-data tiny -kernel graphlet -rounds 2":  "-rounds",
		"-data tiny -nodes 3":                    "-nodes",
		"-data tiny -labels some":                "-labels",
		"-data tiny -inner 1":                    "-inner",
		"-data tiny -folds 1":                    "-folds",
		"-data tiny -folds 13":                   "folds",
		"-data tiny -rounds 1 -gram no/such.npy": "cannot write",
	} {
		_, err := evaluateKernel(ctx, strings.Fields(args)...)
		require.ErrorContains(t, err, want, args)
	}
	text, err := evaluateKernel(ctx, "-h")
	require.ErrorIs(t, err, flag.ErrHelp)
	require.Contains(t, text, "-gram FILE.npy")
	for _, args := range [][]string{{"wl", "kernel", "-h"}, {"help", "wl", "kernel"}, {"wl", "help", "kernel"}} {
		require.Contains(t, symbridge(t, args...).out, "Usage: symbridge wl kernel")
	}
	stopped, stop := context.WithCancel(ctx)
	stop()
	_, err = evaluateKernel(stopped, "-data", "tiny")
	require.ErrorIs(t, err, context.Canceled)
	for _, args := range []string{"-h", "-data tiny -rounds 0", "-data tiny -rounds 0 -json"} {
		require.ErrorIs(t, wlKernelCommand(ctx, strings.Fields(args), nil, full{}, new(bytes.Buffer)), errOutput)
	}
}

// What is known of the public sets: a little better than always guessing the larger class would do.
func TestEvaluateKernelShared(t *testing.T) {
	r := kernelJSON(t, "-data", shared(t, "mutag"), "-kernel", "oa", "-rounds", "2", "-folds", "5", "-inner", "2")
	require.Equal(t, "node and edge", r.Labels)
	require.Greater(t, r.AccuracyMean, 0.78)
	other := kernelJSON(t, "-data", shared(t, "mutag"), "-kernel", "oa", "-rounds", "2", "-folds", "5", "-inner", "2", "-relabel", "1")
	require.Equal(t, r.GramSHA256, other.GramSHA256)
	require.Equal(t, r.FoldAccuracy, other.FoldAccuracy)
}
