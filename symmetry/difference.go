package symmetry

import (
	"fmt"
	"math"
	"math/bits"

	"symbridge/tensor"
)

// Difference says how far two lists of numbers are from being the same bits. All NaN count as one value; -0 and +0 are
// different values.
type Difference struct {
	Entries   int     // entries compared
	Differing int     // entries that differ
	Bits      uint64  // bits that differ, over all entries
	MaxULP    uint64  // largest distance in units in the last place; math.MaxUint64 for a NaN against a number
	MaxAbs    float64 // largest |a-b|; +Inf for a NaN against a number, and where an infinity differs
	First     int     // place of the first entry that differs; -1 where none does
}

// Equal reports whether no bit differs.
func (d Difference) Equal() bool { return d.Differing == 0 }

// String describes the difference in one line.
func (d Difference) String() string {
	if d.Equal() {
		return fmt.Sprintf("0 of %d entries differ", d.Entries)
	}
	return fmt.Sprintf("%d of %d entries differ, the first at %d: %d bits, at most %s ulp, at most %.3g",
		d.Differing, d.Entries, d.First, d.Bits, ulps(d.MaxULP), d.MaxAbs)
}

func ulps(u uint64) string {
	if u == math.MaxUint64 {
		return "unboundedly many"
	}
	return fmt.Sprint(u)
}

// Join returns the difference of the two lists followed by those of next.
func (d Difference) Join(next Difference) Difference {
	if d.First < 0 && next.First >= 0 {
		d.First = d.Entries + next.First
	}
	d.Entries += next.Entries
	d.Differing += next.Differing
	d.Bits += next.Bits
	d.MaxULP = max(d.MaxULP, next.MaxULP)
	d.MaxAbs = max(d.MaxAbs, next.MaxAbs)
	return d
}

// Compare returns the difference of two lists of numbers. It panics with a [tensor.ShapeError] where their lengths differ.
//
// The distance in units in the last place is the number of steps from one number to the next that lead from a to b, where
// -0 and +0 are one step apart: it is 0 only for equal bits.
func Compare[T tensor.Float](a, b []T) Difference {
	mustLen("symmetry.Compare", "second list", len(a), len(b))
	d := Difference{Entries: len(a), First: -1}
	switch a := any(a).(type) {
	case []float32:
		for i, y := range any(b).([]float32) {
			x := a[i]
			if u, v := math.Float32bits(x), math.Float32bits(y); u != v {
				d.differ(i, float64(x), float64(y), uint64(u), uint64(v), 32)
			}
		}
	case []float64:
		for i, y := range any(b).([]float64) {
			x := a[i]
			if u, v := math.Float64bits(x), math.Float64bits(y); u != v {
				d.differ(i, x, y, u, v, 64)
			}
		}
	}
	return d
}

// differ counts entry i, where x and y have the bit patterns u != v of the given width.
func (d *Difference) differ(i int, x, y float64, u, v uint64, width int) {
	nan := uint64(0x7fc00000)
	if width == 64 {
		nan = 0x7ff8 << 48
	}
	if x != x {
		u = nan
	}
	if y != y {
		v = nan
	}
	if u == v {
		return
	}
	if d.First < 0 {
		d.First = i
	}
	d.Differing++
	d.Bits += uint64(bits.OnesCount64(u ^ v))
	if u == nan || v == nan {
		d.MaxULP, d.MaxAbs = math.MaxUint64, math.Inf(1)
		return
	}
	s, t := ordered(u, width), ordered(v, width)
	d.MaxULP = max(d.MaxULP, max(s, t)-min(s, t))
	d.MaxAbs = max(d.MaxAbs, math.Abs(x-y))
}

// ordered maps bit patterns of a float to integers in the order of the numbers: -0 just below +0.
func ordered(u uint64, width int) uint64 {
	sign := uint64(1) << (width - 1)
	if u&sign != 0 {
		return sign - 1 - (u &^ sign)
	}
	return u | sign
}
