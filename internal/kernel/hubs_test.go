package kernel

import (
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// A hub that several workers share has the bits that one worker gives it.
func TestHubs(t *testing.T) {
	t.Run("float32", testHubs[float32])
	t.Run("float64", testHubs[float64])
}

func testHubs[T Float](t *testing.T) {
	for _, d := range []int{1, 3, 8, 41} {
		degree := 5*heavyPositions(d)/2 + 13
		if raceEnabled {
			degree = heavyPositions(d) + 13
		}
		r := rand.New(rand.NewPCG(31, uint64(d)))
		values := func(n int, wild bool) []T {
			x := make([]T, n)
			for i := range x {
				x[i] = T(r.IntN(9) - 4) // ties, and zeros of both signs
				if r.IntN(2) == 0 {
					x[i] = T(r.NormFloat64())
				}
				if x[i] == 0 && r.IntN(2) == 0 {
					x[i] = T(math.Copysign(0, -1))
				}
			}
			if wild {
				for c := 0; c < d; c += 4 {
					x[r.IntN(n/d)*d+c] = T([]float64{math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64}[c/4%4])
				}
			}
			return x
		}
		rows := degree + 60
		star := Seg{Ptr: []int32{0, 7, int32(7 + degree), int32(7 + degree), int32(rows)}}
		shuffled := Seg{Ptr: star.Ptr}
		for _, k := range r.Perm(rows) {
			shuffled.Row = append(shuffled.Row, int32(k))
		}
		for _, k := range r.Perm(rows) {
			shuffled.Edge = append(shuffled.Edge, int32(k))
		}
		for _, seg := range []Seg{star, shuffled} {
			for _, wild := range []bool{false, true} {
				x, own, dout, edges := values(rows*d, wild), values(4*d, false), values(4*d, false), values(rows*d, wild)
				all := math.MaxInt
				sizes := []int{4 * d, 4 * d, 4 * d, rows * d, rows}
				alone := outputs[T](sizes)
				(&segMax[T]{alone[0], x, seg, d, false, all}).Run(0, seg.items())
				(&segMax[T]{alone[1], x, seg, d, true, all}).Run(0, seg.items())
				(&segShare[T]{alone[2], dout, alone[0], x, seg, d, d, all}).Run(0, seg.items())
				(&segSoftmax[T]{alone[3], x, seg, d, all}).Run(0, seg.items())
				(&segDot[T]{alone[4], own, x, d, 1, 1, seg}).Run(0, 1)
				m := Messages[T]{Seg: seg, D: d, X: x, E: edges, ReLU: wild}
				ofMessages := outputs[T]([]int{4 * d, 4 * d, 4 * d})
				if seg.Row != nil {
					(&messageMax[T]{m, ofMessages[0], false, all}).Run(0, seg.items())
					(&messageMax[T]{m, ofMessages[1], true, all}).Run(0, seg.items())
					(&messageShare[T]{m, ofMessages[2], dout, ofMessages[0], d, all}).Run(0, seg.items())
				}
				for _, procs := range []int{1, 2, 8} {
					got, old := outputs[T](sizes), runtime.GOMAXPROCS(procs)
					SegmentMax(got[0], x, d, seg, false)
					SegmentMax(got[1], x, d, seg, true)
					SegmentShare(got[2], dout, got[0], x, d, seg)
					SegmentSoftmax(got[3], x, d, seg)
					SegmentDot(got[4], own, x, d, 1, seg)
					messages := outputs[T]([]int{4 * d, 4 * d, 4 * d})
					if seg.Row != nil {
						m.Max(messages[0], false)
						m.Max(messages[1], true)
						m.Share(messages[2], dout, messages[0])
					}
					runtime.GOMAXPROCS(old)
					for k, what := range []string{"max", "min", "share", "softmax", "dot"} {
						require.Equal(t, hubBits(alone[k]), hubBits(got[k]), "%s, %d channels, GOMAXPROCS %d", what, d, procs)
					}
					for k, what := range []string{"max", "min", "share"} {
						require.Equal(t, hubBits(ofMessages[k]), hubBits(messages[k]), "%s of messages, %d channels, GOMAXPROCS %d", what, d, procs)
					}
				}
			}
		}
	}
}

func outputs[T Float](sizes []int) [][]T {
	var out [][]T
	for _, n := range sizes {
		out = append(out, make([]T, n))
	}
	return out
}

// hubBits returns the bits of x, with one NaN for all.
func hubBits[T Float](x []T) []uint64 {
	bits := make([]uint64, len(x))
	for i, v := range x {
		bits[i] = math.Float64bits(float64(v))
		if v != v {
			bits[i] = 1
		}
	}
	return bits
}

func BenchmarkHub(b *testing.B) {
	n, d := 200_000, 16
	r := rand.New(rand.NewPCG(1, 2))
	x, y, own := make([]float32, n*d), make([]float32, n*d), make([]float32, d)
	for i := range x {
		x[i] = r.Float32()
	}
	seg := Seg{Ptr: []int32{0, int32(n)}}
	for _, k := range r.Perm(n) {
		seg.Row = append(seg.Row, int32(k))
	}
	for name, f := range map[string]func(){
		"max":     func() { SegmentMax(own, x, d, seg, false) },
		"share":   func() { SegmentShare(y[:d], own, own, x, d, seg) },
		"softmax": func() { SegmentSoftmax(y, x, d, seg) },
		"dot":     func() { SegmentDot(y, own, x, d, 1, seg) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f()
			}
		})
	}
}

// A single segment too small to be cut by rows is cut by channels, which cannot show.
func TestColumnsOfOneSegment(t *testing.T) {
	r := rand.New(rand.NewPCG(41, 42))
	for _, d := range []int{32, 40, 64, 77, 128, 200} {
		rows := 1000 + r.IntN(200)
		x, w := make([]float32, rows*d), make([]float32, rows*d)
		for _, x := range [][]float32{x, w} {
			for i := range x {
				x[i] = float32(r.NormFloat64())
			}
		}
		for _, wild := range []bool{false, true} {
			if wild {
				x[5*d+17] = float32(math.Inf(1))
				x[6*d+d-1], w[7*d] = float32(math.NaN()), 1e-42
			}
			var first []uint64
			for _, procs := range []int{1, 2, 8} {
				old := runtime.GOMAXPROCS(procs)
				out := make([]float32, 4*d)
				SegmentSum(out[:d], x, d, Seg{Ptr: []int32{0, int32(rows)}}, true)
				SegmentVar(out[d:2*d], x, out[:d], d, Seg{Ptr: []int32{0, int32(rows)}})
				ColDot(out[2*d:3*d], x, w, rows, d)
				ColWeightedSum(out[3*d:], w, x, rows, d, 1)
				runtime.GOMAXPROCS(old)
				if first == nil {
					first = hubBits(out)
				}
				require.Equal(t, first, hubBits(out), "%d channels, GOMAXPROCS %d", d, procs)
			}
		}
	}
}

// A single segment of messages is not cut by channels: its terms are not the rows of x.
func TestMessagesOfOneSegment(t *testing.T) {
	r := rand.New(rand.NewPCG(43, 44))
	const rows, d = 900, 48
	x, e, own, all := make([]float32, rows*d), make([]float32, rows*d), make([]float32, d), make([]float32, rows*d)
	for _, x := range [][]float32{x, e, own} {
		for i := range x {
			x[i] = float32(r.NormFloat64())
		}
	}
	seg := Seg{Ptr: []int32{0, rows}}
	for i := range int32(rows) {
		seg.Row, seg.Edge = append(seg.Row, i), append(seg.Edge, i)
	}
	forward := Messages[float32]{Seg: seg, D: d, X: x, E: e, ReLU: true}
	back := Messages[float32]{Back: seg, D: d, X: own, E: e, ReLU: true}
	want, got := make([]float32, 2*d), make([]float32, 2*d)
	for i := range all {
		all[i] = max(x[i]+e[i], 0)
	}
	SegmentSum(want[:d], all, d, Seg{Ptr: seg.Ptr}, false)
	for i := range all {
		all[i] = 0
		if own[i%d]+e[i] > 0 {
			all[i] = x[i]
		}
	}
	SegmentSum(want[d:], all, d, Seg{Ptr: seg.Ptr}, false)
	for _, procs := range []int{1, 2} {
		old := runtime.GOMAXPROCS(procs)
		forward.Sum(got[:d], false)
		back.SumBack(got[d:], x, nil)
		runtime.GOMAXPROCS(old)
		require.Equal(t, hubBits(want), hubBits(got), "GOMAXPROCS %d", procs)
	}
}
