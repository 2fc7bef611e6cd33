package proptest

import (
	"math"

	"pgregory.net/rapid"

	"symbridge/tensor"
)

// Palette names a way of drawing numbers.
type Palette int

// The palettes. Every number of the first seven is finite.
const (
	Tame         Palette = iota // between -1 and 1, few of them alike
	Ties                        // -1, -0, 0, 1 and 2
	Wide                        // magnitudes over many powers of two
	Cancellation                // large, one, and minus large: the small one is lost in any order but the right one
	Subnormal                   // subnormal and smallest normal numbers, and zeros of both signs
	Huge                        // up to the largest finite number: sums overflow
	Mixed                       // all of the above
	NonFinite                   // Mixed with infinities and NaN
)

var paletteNames = [...]string{"Tame", "Ties", "Wide", "Cancellation", "Subnormal", "Huge", "Mixed", "NonFinite"}

// String returns the palette's name.
func (p Palette) String() string {
	if p < 0 || int(p) >= len(paletteNames) {
		return "unknown"
	}
	return paletteNames[p]
}

// Floats generates numbers of a palette.
func Floats[T tensor.Float](p Palette) *rapid.Generator[T] {
	return rapid.Custom(func(t *rapid.T) T { return drawFloat[T](rapidSource{t}, p) })
}

// Matrices generates (rows, cols) matrices of a palette.
func Matrices[T tensor.Float](rows, cols int, p Palette) *rapid.Generator[tensor.Dense[T]] {
	if rows*cols == 0 {
		return rapid.Just(tensor.NewDense[T](rows, cols))
	}
	return rapid.Custom(func(t *rapid.T) tensor.Dense[T] { return drawMatrix[T](rapidSource{t}, rows, cols, p) })
}

func drawMatrix[T tensor.Float](s source, rows, cols int, p Palette) tensor.Dense[T] {
	m := tensor.NewDense[T](rows, cols)
	for i := range m.Data {
		m.Data[i] = drawFloat[T](s, p)
	}
	return m
}

// drawFloat draws a number; choices of 0 give the simplest of the palette.
func drawFloat[T tensor.Float](s source, p Palette) T {
	f := formatOf[T]()
	switch p {
	case Tame:
		return T(float64(s.intn(1<<24))/(1<<24)) * sign[T](s)
	case Ties:
		return [...]T{0, 1, -1, 2, T(math.Copysign(0, -1))}[s.intn(5)]
	case Wide:
		return T(math.Ldexp(1+float64(s.intn(1<<23))/(1<<23), s.intn(2*f.digits)-f.digits)) * sign[T](s)
	case Cancellation:
		large := T(math.Ldexp(1, f.digits*5/2))
		return [...]T{1, large, -large}[s.intn(3)]
	case Subnormal:
		return T(math.Ldexp(float64(s.intn(1<<10)), f.least)) * sign[T](s) * [...]T{1, 1 << 13, 1 << 20}[s.intn(3)]
	case Huge:
		return [...]T{f.largest(), f.largest() / 2, 1}[s.intn(3)] * sign[T](s)
	case Mixed:
		return drawFloat[T](s, Palette(s.intn(int(Mixed))))
	}
	if s.intn(8) == 7 {
		return [...]T{T(math.NaN()), T(math.Inf(1)), T(math.Inf(-1))}[s.intn(3)]
	}
	return drawFloat[T](s, Mixed)
}

func sign[T tensor.Float](s source) T { return [...]T{1, -1}[s.intn(2)] }

// format describes an element type: digits of the fraction, exponent of the least and the greatest number.
type format[T tensor.Float] struct{ digits, least, most int }

func (f format[T]) largest() T { return T(math.Ldexp(2-math.Ldexp(1, 1-f.digits), f.most)) }

func formatOf[T tensor.Float]() format[T] {
	if is64[T]() {
		return format[T]{53, -1074, 1023}
	}
	return format[T]{24, -149, 127}
}

func is64[T tensor.Float]() bool {
	var zero T
	_, ok := any(zero).(float64)
	return ok
}

// typeName returns float32 or float64.
func typeName[T tensor.Float]() string {
	if is64[T]() {
		return "float64"
	}
	return "float32"
}
