package main

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCertify(t *testing.T) {
	t.Chdir(t.TempDir())
	tiny(t, "tiny")
	for _, data := range []string{"karate", "tiny"} {
		for _, model := range models {
			o := object(t, "certify", "-data", data, "-model", model, "-relabelings", "3", "-json")
			require.Equal(t, 3.0, number(t, exact(t, o), "relabelings"))
			require.Equal(t, false, o["trained"])

			require.Equal(t, exitOK, symbridge(t, "train", "-data", data, "-model", model, "-epochs", "3", "-out", "w").code)
			o = object(t, "certify", "-data", data, "-weights", "w/"+weightsFile, "-relabelings", "3", "-json")
			exact(t, o)
			require.Equal(t, true, o["trained"])
			require.Equal(t, model, o["model"])
		}
	}
	r := symbridge(t, "certify")
	require.Equal(t, exitOK, r.code)
	require.Contains(t, r.out, "certificate  S_34")
	require.Contains(t, r.out, "0 of 13240 entries differ over 20 random relabelings")
	require.Contains(t, r.out, "11880 of the entries are gradients")
	require.Contains(t, symbridge(t, "certify", "-weights", "w/"+weightsFile, "-data", "tiny").out, "the weights in w/")
}

func TestCertifyShared(t *testing.T) {
	for _, name := range []string{"mutag", "cora"} {
		t.Run(name, func(t *testing.T) {
			data := shared(t, name)
			for _, model := range models {
				exact(t, object(t, "certify", "-data", data, "-model", model, "-relabelings", "2", "-json"))
			}
		})
	}
}

func TestPredict(t *testing.T) {
	t.Chdir(t.TempDir())
	trained := object(t, "train", "-json", "-out", "symbridge-out")
	e, err := newExperiment(&options{data: "karate", seeds: 1, set: map[string]bool{}})
	require.NoError(t, err)
	d := e.set.Data[0]

	r := symbridge(t, "predict")
	require.Equal(t, exitOK, r.code, r.err)
	lines := strings.Split(strings.TrimSuffix(r.out, "\n"), "\n")
	require.Len(t, lines, 34)
	right := 0
	var classes []string
	for v, line := range lines {
		fields := strings.Split(line, "\t")
		require.Len(t, fields, 2+2)
		require.Equal(t, strconv.Itoa(v), fields[0])
		a, err := strconv.ParseFloat(fields[2], 64)
		require.NoError(t, err)
		b, err := strconv.ParseFloat(fields[3], 64)
		require.NoError(t, err)
		require.InDelta(t, 1, a+b, 2e-6)
		want := e.set.ClassNames[0]
		if b > a {
			want = e.set.ClassNames[1]
		}
		require.Equal(t, want, fields[1])
		if v != 0 && v != 33 && fields[1] == e.set.ClassNames[d.NodeClass[v]] {
			right++
		}
		classes = append(classes, fields[1])
	}
	require.InDelta(t, number(t, trained, "test_accuracy_mean"), float64(right)/32, 1e-12)

	r = symbridge(t, "predict", "-json")
	require.Equal(t, exitOK, r.code)
	lines = strings.Split(strings.TrimSuffix(r.out, "\n"), "\n")
	require.Len(t, lines, 34)
	for v, line := range lines {
		var p prediction
		require.NoError(t, json.Unmarshal([]byte(line), &p))
		require.Equal(t, uint64(v), p.ID)
		require.Equal(t, classes[v], p.Class)
		require.Equal(t, e.set.ClassNames[p.ClassIndex], p.Class)
		require.Len(t, p.Probabilities, 2)
		require.False(t, math.IsNaN(float64(p.Probabilities[0])))
	}
}

func TestPredictGraphs(t *testing.T) {
	t.Chdir(t.TempDir())
	tiny(t, "tiny")
	require.Equal(t, exitOK, symbridge(t, "train", "-data", "tiny", "-epochs", "60").code)
	r := symbridge(t, "predict", "-data", "tiny")
	require.Equal(t, exitOK, r.code, r.err)
	lines := strings.Split(strings.TrimSuffix(r.out, "\n"), "\n")
	require.Len(t, lines, 12)
	for g, line := range lines {
		fields := strings.Split(line, "\t")
		require.Equal(t, strconv.Itoa(g), fields[0])
		require.Equal(t, strconv.Itoa(g%2), fields[1], "paths of 3 and of 6 nodes are easily told apart")
	}
}
