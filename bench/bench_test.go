package bench

import (
	"context"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// small stands in for the large graph.
var small = size{nodes: 300, pairs: 900}

// quick lists the workloads that do not take long on a small graph.
func quick() (ws []Workload) {
	for _, w := range workloads(small) {
		if !w.Slow || w.Name == "cost/1e4" {
			ws = append(ws, w)
		}
	}
	return ws
}

func TestWorkloads(t *testing.T) {
	seen := map[string]bool{}
	for _, w := range quick() {
		require.False(t, seen[w.Name], "%s twice", w.Name)
		seen[w.Name] = true
		t.Run(w.Name, func(t *testing.T) {
			var told []int
			turns := 0
			r, err := Measure(context.Background(), w, Options{Count: 2, Ready: func() { turns++ },
				Progress: func(sample int) { told = append(told, sample) }})
			require.NoError(t, err)
			require.Equal(t, w.Name, r.Name)
			require.NotEmpty(t, r.About)
			require.NotEmpty(t, r.Source)
			require.Equal(t, []int{1, 2}, told)
			require.Equal(t, 2, turns)
			require.Len(t, r.Seconds, 2)
			for _, s := range append(r.Seconds, r.Median, r.Min) {
				require.Greater(t, s, 0.0)
			}
			require.Equal(t, w.Unit != "", r.Rate > 0, "a rate has a unit")
			require.NotEmpty(t, r.Check)
			for _, c := range r.Check {
				require.False(t, math.IsNaN(c) || math.IsInf(c, 0), "%v", r.Check)
			}
			require.Greater(t, r.Check[0], 0.0, "the work gives something")
		})
	}
}

// The list that users see: the same names, but for the sizes of the graph, and the largest graph has the size it is named after.
func TestWorkloadsAreThoseOfTheTable(t *testing.T) {
	all := Workloads()
	require.Len(t, all, len(workloads(small)))
	for k, w := range workloads(small) {
		require.Equal(t, all[k].Name, strings.Replace(w.Name, "300x128", "169343x128", 1))
	}
}

// An inexact workload differs from its exact twin in rounding alone.
func TestInexactTwins(t *testing.T) {
	check, twins := map[string][]float64{}, 0
	for _, w := range quick() {
		if task, err := w.Prepare(""); err == nil {
			check[w.Name] = task.Check
		}
	}
	for name, c := range check {
		if twin, ok := strings.CutSuffix(name, string(plain)); ok {
			twins++
			require.InDeltaSlice(t, check[twin], c, 1e-4*check[twin][0], name)
		}
	}
	require.Equal(t, 7, twins)
}

func TestPreparationIsRepeatable(t *testing.T) {
	for _, w := range quick() {
		a, err := w.Prepare("")
		require.NoError(t, err)
		b, err := w.Prepare("")
		require.NoError(t, err)
		require.Equal(t, a.Check, b.Check, w.Name)
		require.Equal(t, a.Inputs(), b.Inputs(), w.Name)
	}
}

func TestExport(t *testing.T) {
	for _, w := range quick() {
		task, err := w.Prepare("")
		require.NoError(t, err)
		dir := filepath.Join(t.TempDir(), "inputs")
		require.NoError(t, task.Export(dir))
		inputs := task.Inputs()
		require.NotEmpty(t, inputs)
		for key, want := range inputs {
			require.Equal(t, want, readNPY(t, filepath.Join(dir, key+".npy"), want.Shape), "%s %s", w.Name, key)
		}
		files, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Len(t, files, len(inputs))
	}
}

// readNPY reads an array that must have the given shape, as NumPy's description of the format has it.
func readNPY(t *testing.T, path string, shape []int) Array {
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "\x93NUMPY\x01\x00", string(b[:8]))
	end := 10 + int(binary.LittleEndian.Uint16(b[8:]))
	require.Zero(t, end%64)
	header, data := string(b[10:end]), b[end:]
	require.Equal(t, byte('\n'), header[len(header)-1])
	n, dims := 1, ""
	for _, s := range shape {
		n *= s
		dims += strconv.Itoa(s) + ","
	}
	require.Contains(t, header, "'shape': ("+dims+")}")
	require.Contains(t, header, "'fortran_order': False")
	require.Len(t, data, 4*n)
	a := Array{Shape: shape}
	if strings.Contains(header, "'<i4'") {
		a.Ints = make([]int32, n)
		_, err = binary.Decode(data, binary.LittleEndian, a.Ints)
	} else {
		require.Contains(t, header, "'<f4'")
		a.Floats = make([]float32, n)
		_, err = binary.Decode(data, binary.LittleEndian, a.Floats)
	}
	require.NoError(t, err)
	return a
}

func TestExportErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	task, err := matMul(2, 3, 4).Prepare("")
	require.NoError(t, err)
	require.Error(t, task.Export(file), "a folder where a file is")
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "a.npy"), 0o755))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "b.npy"), 0o755))
	require.Error(t, task.Export(dir), "a file where a folder is")
}

func TestMeasureStops(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	samples := 0
	_, err := Measure(ctx, matMul(2, 3, 4), Options{Count: 1000, Progress: func(int) {
		if samples++; samples == 3 {
			stop()
		}
	}})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 3, samples)

	unused := Workload{Prepare: func(Data) (*Task, error) {
		t.Error("prepared although nobody waits for it")
		return nil, nil
	}}
	_, err = Measure(ctx, unused, Options{})
	require.ErrorIs(t, err, context.Canceled)
}

// Data sets that cannot be read are errors; none is replaced by synthetic data.
func TestBrokenData(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"cora", "mutag"} {
		require.NoError(t, os.Mkdir(filepath.Join(dir, name), 0o755))
	}
	failed := 0
	for _, w := range quick() {
		if _, err := w.Prepare(Data(dir)); err != nil {
			failed++
			_, err = Measure(context.Background(), w, Options{Data: Data(dir)})
			require.Error(t, err)
		}
	}
	require.Equal(t, 6, failed, "four on Cora, two on MUTAG")
}

func TestRealData(t *testing.T) {
	shared := os.Getenv("SYMBRIDGE_SHARED")
	if shared == "" {
		t.Skip("SYMBRIDGE_SHARED is not set")
	}
	data := Data(filepath.Join(shared, "data"))
	d, source, err := cora(data)
	require.NoError(t, err)
	require.Equal(t, "Cora, public split", source)
	require.Equal(t, [3]int{2708, 1433, 140}, [3]int{d.Graph.NumNodes(), d.Features(), len(d.Train)})
	ds, source, err := molecules(data)
	require.NoError(t, err)
	require.Equal(t, "MUTAG", source)
	require.Len(t, ds, 188)
	require.Equal(t, 7, ds[0].Features())
}

func TestMedian(t *testing.T) {
	x := []float64{5, 1, 3}
	require.Equal(t, 3.0, Median(x))
	require.Equal(t, []float64{5, 1, 3}, x, "not sorted in place")
	require.Equal(t, 2.0, Median([]float64{3, 1}))
	require.Equal(t, 7.0, Median([]float64{7}))
}

// A warm run lasts as long as it must.
func TestOperationsOfASample(t *testing.T) {
	done := 0
	task := Task{Do: func() { done++ }}
	n := task.warm(1e6)
	require.Greater(t, n, 100, "an empty function takes far less than a millisecond")
	require.Greater(t, done, n)
	require.Equal(t, 1, task.warm(0))
}

func TestMachine(t *testing.T) {
	m := ThisMachine()
	require.NotEmpty(t, m.CPU)
	require.Positive(t, m.Cores)
	require.Positive(t, m.Threads)
}

func BenchmarkWorkloads(b *testing.B) {
	data := Data("")
	if shared := os.Getenv("SYMBRIDGE_SHARED"); shared != "" {
		data = Data(filepath.Join(shared, "data"))
	}
	for _, w := range Workloads() {
		if w.Slow {
			continue
		}
		b.Run(w.Name, func(b *testing.B) {
			task, err := w.Prepare(data)
			require.NoError(b, err)
			task.Do()
			b.ReportAllocs()
			for b.Loop() {
				task.Do()
			}
			if task.Work > 0 {
				b.ReportMetric(task.Work*float64(b.N)/b.Elapsed().Seconds()/1e9, "G"+strings.Fields(w.Unit)[0]+"/s")
			}
		})
	}
}
