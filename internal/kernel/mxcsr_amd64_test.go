package kernel

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/internal/kernel/mxcsr"
)

// under runs f on this thread with the given control bits, 0 for those of a Go program, and returns those that f left.
func under(bits uint32, f func()) uint32 {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	was := mxcsr.Get()
	defer mxcsr.Set(was)
	mxcsr.Set(was&^uint32(mxcsr.Status) | bits)
	f()
	return mxcsr.Get() &^ (was | mxcsr.Status)
}

// flushing is what a host program sets that wants no subnormal numbers.
const flushing = mxcsr.FlushToZero | mxcsr.DenormalsAsZero

func TestUnder(t *testing.T) {
	small := math.Float32frombits(1)
	require.Zero(t, under(0, func() { require.NotZero(t, small*2) }))
	require.EqualValues(t, flushing, under(flushing, func() { require.Zero(t, small*2) }))
	require.NotZero(t, small*2)
	require.EqualValues(t, mxcsr.FlushToZero, under(0, func() { mxcsr.Set(mxcsr.Get() | mxcsr.FlushToZero) }), "a change shows")
}

// No kernel changes how arithmetic is done, whatever it finds.
func TestKernelsLeaveMXCSR(t *testing.T) {
	if raceEnabled {
		t.Skip("SKIPPED: one goroutine has no races, and the detector is slow")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	testKernelsLeaveMXCSR[float32](t)
	testKernelsLeaveMXCSR[float64](t)
}

func testKernelsLeaveMXCSR[T Float](t *testing.T) {
	for _, road := range implementations(t) {
		for _, e := range table[T]() {
			for _, s := range []shape{{7, 37, 11}, {300, 51, 300}, {9, 64, 16}} {
				for _, bits := range []uint32{0, flushing, mxcsr.Rounding} {
					road.run(func() {
						require.Equal(t, bits, under(bits, func() { called(e, s, tame[T], nil) }), "%s[%T] on %s", e.name, T(0), road.name)
					})
				}
			}
		}
	}
}

// And no instruction of the assembly could: none writes the register.
func TestAssemblyDoesNotWriteMXCSR(t *testing.T) {
	writes := regexp.MustCompile(`(?i)^\s*V?(LDMXCSR|FXRSTOR|XRSTOR)`)
	require.Regexp(t, writes, "\tVLDMXCSR v+0(FP)")
	files, err := filepath.Glob("*.s")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, f := range files {
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		require.NotRegexp(t, "(?m)"+writes.String(), string(b), f)
	}
}

// withSubnormals draws as many subnormal as normal numbers, by their bits: this also runs on a thread that flushes.
func withSubnormals[T Float](r *rand.Rand) T {
	var x any = float32(r.NormFloat64())
	subnormal := r.IntN(2) == 0
	var t T
	if _, double := any(t).(float64); double {
		x = r.NormFloat64()
		if subnormal {
			x = math.Float64frombits(r.Uint64() & 0x800fffffffffffff)
		}
	} else if subnormal {
		x = math.Float32frombits(r.Uint32() & 0x807fffff)
	}
	return x.(T)
}

// flush turns a subnormal number into a zero of its sign.
func flush[T Float](x T) T {
	least := 0x1p-126
	if _, double := any(x).(float64); double {
		least = 0x1p-1022
	}
	if math.Abs(float64(x)) < least {
		return x * 0
	}
	return x
}

// How a kernel takes a thread that flushes subnormal numbers; a kernel that is not listed computes the flushed result of flushed
// operands, and that is something else than its result.
var flushed = map[string]string{
	"Gather":         "keeps", // copies
	"Transpose":      "keeps", // copies
	"Unary":          "both",  // flushes, but for identities such as the positive side of ELU
	"Affine":         "both",  // flushes, but copies where there is no step
	"UnaryBack":      "both",  // the same
	"Messages":       "both",  // sums flush, and what comes back to edges is copied
	"RStd":           "same",  // no subnormal number comes out, and none that goes in is seen beside eps
	"SegmentSoftmax": "same",  // no difference of an exponent that small is seen
	"BCE":            "same",  // beside log 2
	"SegmentVar":     "same",  // a square that small is zero
}

// What a host program changes that sets flush-to-zero and denormals-are-zero on its thread, and nothing else: in kernels that
// compute, subnormal operands and results are zeros.
func TestFlushingHost(t *testing.T) {
	if raceEnabled {
		t.Skip("SKIPPED: one goroutine has no races, and the detector is slow")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // workers are threads of Go, which do not flush
	testFlushingHost[float32](t)
	testFlushingHost[float64](t)
}

func testFlushingHost[T Float](t *testing.T) {
	for _, road := range implementations(t) {
		for _, e := range table[T]() {
			changed := false
			for s := range shapes {
				if s.r > 10 || s.r%3 != 0 || s.d > 70 {
					continue
				}
				var normal, host, small *operands[T]
				road.run(func() {
					normal = called(e, s, withSubnormals[T], nil)
					small = called(e, s, func(r *rand.Rand) T { return flush(withSubnormals[T](r)) }, nil)
					under(flushing, func() { host = called(e, s, withSubnormals[T], nil) })
				})
				changed = changed || differs(normal, host) != ""
				for k, x := range host.outs {
					for i, v := range x {
						keeps, flushes := pattern(v) == pattern(normal.outs[k][i]), pattern(v) == pattern(flush(small.outs[k][i]))
						ok := map[string]bool{"": flushes, "same": flushes && keeps, "keeps": keeps, "both": flushes || keeps}[flushed[e.name]]
						if !ok && v == v {
							t.Fatalf("%s[%T] on %s, %+v, entry %d of result %d is %v on a host that flushes, %v on one that does not, "+
								"%v for flushed operands: is it to be listed in flushed?", e.name, T(0), road.name, s, i, k, v,
								normal.outs[k][i], small.outs[k][i])
						}
					}
				}
			}
			steady := flushed[e.name] == "same" || flushed[e.name] == "keeps"
			require.Equal(t, !steady, changed, "%s[%T] on %s: whether a host that flushes changes it; list it in flushed", e.name, T(0), road.name)
		}
	}
}

func pattern[T Float](x T) uint64 {
	if x, ok := any(x).(float32); ok {
		return uint64(math.Float32bits(x))
	}
	return math.Float64bits(float64(x))
}
