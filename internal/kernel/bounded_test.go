package kernel

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// many is the length of operands for which a kernel takes far longer than the world may wait.
const many = 4_000_000

// huge lists calls of kernels with long rows, segments and products. Each takes its turn through the assembly in many calls.
func huge() []struct {
	name string
	call func()
} {
	r := rand.New(rand.NewPCG(1, 2))
	x, y := make([]float32, many), make([]float32, many)
	for i := range x {
		x[i] = r.Float32() - 0.5
	}
	rows := make([]int32, many) // a gather from all over x as (many/32, 32)
	for i := range rows {
		rows[i] = r.Int32N(many / 32)
	}
	ascending := make([]int32, many/16)
	for i := range ascending {
		ascending[i] = int32(i)
	}
	out, whole := make([]float32, 64), []int32{0, many}
	row := []int32{0, int32(len(ascending))}
	wide := many / 16
	return []struct {
		name string
		call func()
	}{
		{"ColSum, narrow", func() { ColSum(out, x, many, 1) }},
		{"ColSum, eight channels", func() { ColSum(out, x, many/8, 8) }},
		{"ColSum, wide", func() { ColSum(y, x, 2, many/2) }},
		{"ColDot", func() { ColDot(out, x, x, many/16, 16) }},
		{"SegmentSum, one segment", func() { SegmentSum(out, x, 32, Seg{Ptr: whole, Row: rows}, false) }},
		{"SegmentWeightedSum, one segment", func() { SegmentWeightedSum(out, x, x, 32, 1, Seg{Ptr: whole, Row: rows}, false) }},
		{"Messages, one segment", func() {
			m := Messages[float32]{Seg: Seg{Ptr: whole, Row: rows, Edge: rows}, D: 32, X: x, E: x}
			m.Sum(out, false)
			m.Max(out, false)
		}},
		{"Messages, a wide row", func() {
			m := Messages[float32]{Seg: Seg{Ptr: []int32{0, 2}, Row: []int32{0, 0}, Edge: []int32{0, 0}}, D: many, X: x, E: x}
			m.Sum(y, false)
		}},
		{"SegmentMax, one segment", func() { SegmentMax(out, x, 32, Seg{Ptr: whole, Row: rows}, false) }},
		{"SegmentSoftmax, one segment", func() { SegmentSoftmax(y, x, 1, Seg{Ptr: whole}) }},
		{"SegmentDot, one segment", func() { SegmentDot(y, x, x, 32, 1, Seg{Ptr: whole, Row: rows}) }},
		{"MatMul, a long product", func() { MatMul(out, x[:many/16], x, 1, many/16, 16) }},
		{"MatMul, a wide row", func() { MatMul(y[:wide], x[:16], x, 1, 16, wide) }},
		{"MatMul, many rows", func() { MatMul(y, x, x[:256], many/16, 16, 16) }},
		{"MatMulTN, a long product", func() { MatMulTN(out, x[:many/16], x, many/16, 1, 16) }},
		{"MatMulTN, a wide row", func() { MatMulTN(y, x[:1], x, 1, 1, many) }},
		{"CSRMatMul, a long row", func() { CSRMatMul(out, row, ascending, x[:len(ascending)], x, 1, len(ascending), 16) }},
		{"CSRMatMulTN, a long column", func() {
			c := Columns[float32]{Ptr: row, Row: ascending, Pos: ascending, Val: x[:len(ascending)]}
			CSRMatMulTN(out, c, x, len(ascending), 1, 16)
		}},
		{"Affine, a wide row", func() {
			a := Affine[float32]{Weight: x, Then: Then[float32]{Bias: x, Op: OpReLU}}
			a.Apply(y, x, 1, many)
		}},
		{"LayerNorm, a wide row", func() { LayerNorm(y, out, x, 1, many, 1e-5) }},
		{"Softmax, a wide row", func() { Softmax(y, out, x, nil, 1, many) }},
		{"Unary", func() { Unary(OpGELU, y, x, 0) }},
		{"UnaryBack", func() { UnaryBack(OpSiLU, y, x, x, x, 0) }},
		{"Elementwise", func() { Elementwise(Mul, y, x, x, 1, many, 1, many) }},
		{"Dropout, a wide row", func() { Dropout(y, x, nil, 1, many, KeyOf(1, 2), 0, 0.5) }},
	}
}

// stops runs f over and over, and meanwhile stops the world again and again. It returns how long the world took to stand still,
// as a rule: the median, as a busy machine makes some stops long. Where a stop is shorter in the time that the processors gave to this
// program, that counts: a call of assembly takes it, and waiting for a processor that does something else does not.
func stops(f func()) time.Duration {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				return
			default:
				f()
			}
		}
	}()
	time.Sleep(time.Millisecond) // f is running
	var took []time.Duration
	var stats runtime.MemStats
	for range 9 {
		start, used := time.Now(), processorTime()
		runtime.ReadMemStats(&stats)
		took = append(took, min(time.Since(start), processorTime()-used))
		time.Sleep(time.Millisecond)
	}
	close(done)
	<-ended
	slices.Sort(took)
	return took[len(took)/2]
}

// longest is what the world may take to stop: ten times what a call of assembly may last.
const longest = 10 * time.Millisecond

// No kernel keeps the world from stopping, on operands of millions.
func TestKernelsLetTheWorldStop(t *testing.T) {
	if raceEnabled || testing.Short() {
		t.Skip("SKIPPED: long operands, and under the race detector assembly is the same")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	for _, h := range huge() {
		for _, road := range implementations(t)[1:] { // portable Go can stop anywhere
			road.run(func() {
				took := stops(h.call)
				for again := 0; took > longest && again < 10; again++ { // one long call is long each time
					took = stops(h.call)
				}
				require.LessOrEqual(t, took, longest, "%s on %s: the world waits for a call of assembly", h.name, road.name)
			})
		}
	}
}
