package kernel

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/bits"
	"testing"

	"github.com/stretchr/testify/require"
)

// The known answers of Random123 (kat_vectors, philox4x32 10).
func TestPhiloxKnownAnswers(t *testing.T) {
	const ones = 0xffffffff
	for _, c := range []struct {
		ctr  [4]uint32
		key  [2]uint32
		want [4]uint32
	}{
		{want: [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[4]uint32{ones, ones, ones, ones}, [2]uint32{ones, ones}, [4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, [2]uint32{0xa4093822, 0x299f31d0},
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		require.Equal(t, c.want, Philox4x32(c.ctr, c.key))
	}
}

// The places of seed, step, operation, ID and block are part of the definition.
func TestNoiseDefinition(t *testing.T) {
	const seed, step, id = 0x1122334455667788, 0x99aabbccddeeff00, 0x0123456789abcdef
	w := Philox4x32([4]uint32{0xddeeff00, 0x99aabbcc, 0, 0}, [2]uint32{0x55667788, 0x11223344})
	k := KeyOf(seed, step)
	require.Equal(t, NoiseKey{[2]uint32{w[0], w[1]}}, k)
	require.Equal(t, Philox4x32([4]uint32{0x89abcdef, 0x01234567, 7, 5}, [2]uint32{w[0], w[1]}), k.Words(5, id, 7))
	h := sha256.New()
	for i := range uint64(1000) {
		words := KeyOf(i, i*i).Words(uint32(i%7), i<<31, uint32(i%3))
		for _, w := range words {
			h.Write(binary.LittleEndian.AppendUint32(nil, w))
		}
	}
	require.Equal(t, "76e5e572b32452001577a1b51dfe0308ce89c39a5be81f0bca954739e82b39dd", hex.EncodeToString(h.Sum(nil)))
}

func TestThreshold(t *testing.T) {
	require.Equal(t, uint32(0), Threshold(0))
	require.Equal(t, uint32(0), Threshold(math.Copysign(0, -1)))
	require.Equal(t, uint32(1<<31), Threshold(0.5))
	require.Equal(t, uint32(0x99999999), Threshold(0.6)) // 0.6 * 2^32 = 0x99999999.9...
	require.Equal(t, uint32(0), Threshold(0x1.fp-33))
	require.Equal(t, uint32(1), Threshold(0x1p-32))
	require.Equal(t, uint32(math.MaxUint32), Threshold(math.Nextafter(1, 0)))
	for _, p := range []float64{1, -0x1p-40, 2, math.NaN(), math.Inf(1), math.Inf(-1)} {
		func() {
			defer func() {
				err, ok := recover().(ProbabilityError)
				require.True(t, ok)
				require.ErrorContains(t, err, "want 0 <= p < 1")
			}()
			Threshold(p)
			t.Errorf("no panic for %v", p)
		}()
	}
}

// uniform returns word as a number in [0, 1), a multiple of 2^-24.
func uniform(word uint32) float64 { return float64(word>>8) * 0x1p-24 }

func TestUniform(t *testing.T) {
	sum, square := 0.0, 0.0
	k := KeyOf(1, 2)
	const n = 1 << 16
	for i := range uint64(n / 4) {
		for _, w := range k.Words(0, i, 0) {
			u := uniform(w)
			sum, square = sum+u, square+u*u
		}
	}
	require.InDelta(t, 0.5, sum/n, 4*math.Sqrt(1.0/12/n))
	require.InDelta(t, 1.0/3, square/n, 4*math.Sqrt(4.0/45/n))
}

// Each coordinate of a word (seed, step, operation, ID, channel) changes half of its bits, whichever bit of the coordinate
// is flipped, and no bit of the word is biased.
func TestNoiseIndependence(t *testing.T) {
	word := func(c [5]uint64) uint32 {
		return KeyOf(c[0], c[1]).Words(uint32(c[2]), c[3], uint32(c[4]/4))[c[4]%4]
	}
	names := [5]string{"seed", "step", "operation", "id", "channel"}
	widths := [5]int{64, 64, 32, 64, 32}
	const n = 400
	for axis, name := range names {
		for bit := range widths[axis] {
			flips := 0
			for i := range uint64(n) {
				a := [5]uint64{i % 3, i, i % 5, i * 11, i % 17}
				b := a
				b[axis] ^= 1 << bit
				flips += bits.OnesCount32(word(a) ^ word(b))
			}
			require.InDelta(t, 16*n, flips, 6*math.Sqrt(8*n), "%s, bit %d", name, bit)
		}
	}
	for bit := range 32 {
		ones := 0
		for i := range uint64(1 << 14) {
			ones += int(word([5]uint64{7, 3, 1, i, i % 8}) >> bit & 1)
		}
		require.InDelta(t, 1<<13, ones, 6*math.Sqrt(1<<12), "bit %d", bit)
	}
}

// Neighbouring IDs, channels and steps are uncorrelated, and a drop has its probability.
func TestNoiseCorrelation(t *testing.T) {
	const n = 20_000
	value := func(step, id uint64, channel uint32) float64 {
		return uniform(KeyOf(42, step).Words(3, id, channel/4)[channel%4]) - 0.5
	}
	sums := map[string]float64{}
	dropped := 0
	threshold := Threshold(0.3)
	for i := range uint64(n) {
		v := value(i%50, i, uint32(i%8))
		sums["id"] += v * value(i%50, i+1, uint32(i%8))
		sums["channel"] += v * value(i%50, i, uint32(i%8)+1)
		sums["block"] += v * value(i%50, i, uint32(i%8)+4)
		sums["step"] += v * value(i%50+1, i, uint32(i%8))
		if KeyOf(42, i%50).Words(3, i, 0)[0] < threshold {
			dropped++
		}
	}
	for name, s := range sums {
		require.InDelta(t, 0, s/n*12, 5/math.Sqrt(n), name)
	}
	require.InDelta(t, 0.3*n, dropped, 5*math.Sqrt(0.21*n))
}

// Under one key Philox is a bijection of the counter, so no two blocks of a step are equal; between steps and seeds an
// equal one would be an accident of 2^-128.
func TestNoiseBlocksDiffer(t *testing.T) {
	seen := map[[4]uint32]bool{}
	count := 0
	for _, key := range []NoiseKey{KeyOf(0, 0), KeyOf(0, 1), KeyOf(1, 0), KeyOf(1<<32, 0), KeyOf(0, 1<<32)} {
		for operation := range uint32(4) {
			for id := range uint64(64) {
				for block := range uint32(8) {
					seen[key.Words(operation, id<<(id%40), block)] = true
					count++
				}
			}
		}
	}
	// id<<(id%40) repeats for no two of the 64 IDs but those that it sends to one number
	distinct := map[uint64]bool{}
	for id := range uint64(64) {
		distinct[id<<(id%40)] = true
	}
	require.Len(t, seen, count/64*len(distinct))
}

func BenchmarkDropout(b *testing.B) {
	x, y := make([]float32, 1000*64), make([]float32, 1000*64)
	for b.Loop() {
		Dropout(y, x, nil, 1000, 64, KeyOf(1, 2), 3, 0.5)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(x)), "ns/entry")
}
