package bench

import "math"

// Workload is a piece of work with a name. Names are paths: the kind of work, then its size or data, then the part.
type Workload struct {
	Name  string
	About string // one line
	Unit  string // what Task.Work counts, in words: multiply-adds, terms, edges, bytes; empty where no rate makes sense
	Slow  bool   // takes minutes: run only when it is named

	// Prepare makes inputs and everything else that is made once.
	Prepare func(data Data) (*Task, error)
}

// Task is a workload that is ready to run.
type Task struct {
	Do     func()                  // the work, once; warm it allocates as little as the library can
	Work   float64                 // units of one Do
	Source string                  // the data, in words
	Check  []float64               // numbers of the result at the start, within 1e-3 the same in every library
	Inputs func() map[string]Array // what another library needs to do the same
}

// Data says where data sets are: a folder with the sub-folders cora (Planetoid files) and mutag (TU files). Where one is
// absent, or Data is empty, synthetic data of the same sizes takes its place.
type Data string

// Workloads lists all workloads.
func Workloads() []Workload {
	var all []Workload
	for _, s := range []struct{ m, k, n int }{{1024, 1024, 1024}, {169343, 128, 256}, {2708, 1433, 16}, {10000, 64, 64}, {20, 64, 64}} {
		all = append(all, matMul(s.m, s.k, s.n))
	}
	for _, d := range []int{16, 64, 128, 256} {
		all = append(all, spMM(largeGraph, d))
	}
	all = append(all, gather(largeGraph, 64), sddmm(largeGraph, 64), softmax(largeGraph, 8))
	all = append(all, training("gcn/cora/step", cora, gcn2x16), inference("gcn/cora/inference", cora, gcn2x16))
	all = append(all, training("gat/cora/step", cora, gat8x8), inference("gat/cora/inference", cora, gat8x8))
	all = append(all, ginEpoch(false), ginEpoch(true), inference("gin/molecule/inference", molecule, gin5x64))
	all = append(all, training("gcn/169k/step", large, gcn3x256), inference("gcn/169k/inference", large, gcn3x256))
	for _, c := range []struct {
		name  string
		edges int
	}{{"1e4", 1e4}, {"1e5", 1e5}, {"1e6", 1e6}, {"1e7", 1e7}} {
		all = append(all, cost(c.name, c.edges))
	}
	return all
}

// sample returns numbers that tell a result from a wrong one: the sum of absolute values, the first and the last.
func sample(y []float32) []float64 {
	sum := 0.0
	for _, v := range y {
		sum += math.Abs(float64(v))
	}
	return []float64{sum, float64(y[0]), float64(y[len(y)-1])}
}
