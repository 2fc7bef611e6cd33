package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/graph"
	"symbridge/internal/testdata"
)

// ordered trains in every order of the nodes, and requires the same report each time.
func ordered(t *testing.T, args ...string) {
	t.Helper()
	args = append([]string{"train", "-json", "-history", "-relabelings", "1"}, args...)
	want := object(t, args...)
	delete(want, "seconds")
	for _, o := range graph.Orders() {
		got := object(t, append(args, "-order", o)...)
		delete(got, "seconds")
		require.Equal(t, want, got, "%v -order %s", args, o)
	}
}

func TestOrderKarate(t *testing.T) {
	for _, model := range models {
		t.Run(model, func(t *testing.T) { ordered(t, "-model", model, "-epochs", "20") })
	}
}

func TestOrderMutag(t *testing.T) {
	data := shared(t, "mutag")
	for _, model := range models {
		t.Run(model, func(t *testing.T) { ordered(t, "-data", data, "-model", model, "-epochs", "1") })
	}
}

func TestOrderCora(t *testing.T) {
	data := shared(t, "cora")
	for _, model := range models {
		t.Run(model, func(t *testing.T) { ordered(t, "-data", data, "-model", model, "-epochs", "2") })
	}
}

// Weights, pictures and the lines of predict are the same bytes in every order.
func TestOrderDoesNotShowInFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	tiny(t, "tiny")
	for _, data := range []string{"karate", "tiny"} {
		var want map[string]string
		for _, o := range graph.Orders() {
			got := map[string]string{}
			r := symbridge(t, "train", "-data", data, "-epochs", "9", "-out", o, "-order", o)
			require.Equal(t, exitOK, r.code, r.err)
			for _, name := range []string{weightsFile, predictionFile, curveFile} {
				b, err := os.ReadFile(filepath.Join(o, name))
				require.NoError(t, err)
				got[name] = string(b)
			}
			r = symbridge(t, "predict", "-data", data, "-weights", filepath.Join(o, weightsFile), "-order", o)
			require.Equal(t, exitOK, r.code, r.err)
			if got["predictions"] = r.out; want == nil {
				want = got
			}
			require.Equal(t, want, got, "%s in order %s", data, o)
		}
	}
}

// In canonical order the labelling does not show, and the bits are others than those of order-free sums.
func TestCanonicalOrder(t *testing.T) {
	sets := [][]string{{"-epochs", "20"}}
	for _, name := range []string{"cora", "mutag"} {
		if _, err := os.Stat(filepath.Join(testdata.Root(), "data", name)); err == nil {
			sets = append(sets, []string{"-data", filepath.Join(testdata.Root(), "data", name), "-epochs", "2"})
		}
	}
	for _, set := range sets {
		for _, model := range models {
			args := append([]string{"train", "-json", "-history", "-relabelings", "1", "-model", model}, set...)
			run := func(more ...string) map[string]any {
				got := object(t, append(args, more...)...)
				for _, field := range []string{"seconds", "relabel"} {
					delete(got, field)
				}
				return got
			}
			want := run("-order", "canonical")
			require.Equal(t, want, run("-order", "canonical", "-relabel", "7"), "%v", args)
			require.NotEqual(t, want["weights_sha256"], run()["weights_sha256"], "%v", args)
		}
	}
}
