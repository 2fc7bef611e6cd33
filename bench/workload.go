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
func Workloads() []Workload { return workloads(largeGraph) }

// workloads lists all workloads, with another graph in the place of the large one.
func workloads(big size) []Workload {
	var all []Workload
	for _, s := range []struct{ m, k, n int }{{1024, 1024, 1024}, {big.nodes, 128, 256}, {2708, 1433, 16}, {10000, 64, 64}, {20, 64, 64}} {
		all = append(all, matMul(s.m, s.k, s.n))
	}
	for _, d := range []int{16, 64, 128, 256} {
		all = append(all, spMM(big, d, exact), spMM(big, d, plain), gather(big, d))
	}
	all = append(all, sum(big, 64, exact), sum(big, 64, plain), sddmm(big, 64), softmax(big, 8))
	all = append(all, training("gcn/cora/step", cora, gcn2x16, exact), inference("gcn/cora/inference", cora, gcn2x16, exact))
	all = append(all, training("gat/cora/step", cora, gat8x8, exact), inference("gat/cora/inference", cora, gat8x8, exact))
	all = append(all, ginEpoch(false), ginEpoch(true), inference("gin/molecule/inference", molecule, gin5x64, exact))
	for _, s := range []sums{exact, plain} {
		all = append(all, training("gcn/169k/step", big.data, gcn3x256, s), inference("gcn/169k/inference", big.data, gcn3x256, s))
	}
	for _, c := range []struct {
		name  string
		edges int
	}{{"1e4", 1e4}, {"1e5", 1e5}, {"1e6", 1e6}, {"1e7", 1e7}} {
		all = append(all, cost(c.name, c.edges))
	}
	return all
}

// sums says which sums over rows a workload takes.
type sums string

const (
	exact sums = ""       // order-free, what the library does
	plain sums = "/plain" // chains of float additions in the order of the rows, to measure the exact ones against
)

// words goes into the description of a workload.
func (s sums) words() string {
	if s == plain {
		return "inexact"
	}
	return "exact"
}

// sample returns numbers that tell a result from a wrong one: the sum of absolute values, the first and the last.
func sample(y []float32) []float64 {
	sum := 0.0
	for _, v := range y {
		sum += math.Abs(float64(v))
	}
	return []float64{sum, float64(y[0]), float64(y[len(y)-1])}
}
