package kernel

import (
	"fmt"
	"math"
)

// function names an elementary function for a loop over a slice.
type function uint8

const (
	fnExp function = iota
	fnExpm1
	fnLog
	fnLog1p
	fnTanh
	fnSigmoid
	fnErf
)

// LengthError is the panic value of mapTo for slices of different lengths.
type LengthError struct{ Dst, Src int }

// Error says how long the slices are.
func (e LengthError) Error() string {
	return fmt.Sprintf("kernel: a destination of %d values for %d values", e.Dst, e.Src)
}

// mapTo sets dst[i] = fn(src[i]), rounded once: the bits of the function of one value, faster, above all for float32. dst may be
// src.
func mapTo[T Float](fn function, dst, src []T) {
	if len(dst) != len(src) {
		panic(LengthError{Dst: len(dst), Src: len(src)})
	}
	if fastMap(fn, dst, src) {
		return
	}
	if s, ok := any(src).([]float64); ok {
		mapPortable(fn, any(dst).([]float64), s)
		return
	}
	// float32 values go through a buffer: converted next to the function, each conversion would wait for the function's last
	// result, since CVTSS2SD keeps half of its target register.
	var buf [64]float64
	for len(src) > 0 {
		b := buf[:min(len(buf), len(src))]
		for i, x := range src[:len(b)] {
			b[i] = float64(x)
		}
		mapPortable(fn, b, b)
		for i, x := range b {
			dst[i] = T(x)
		}
		dst, src = dst[len(b):], src[len(b):]
	}
}

// mapPortable is mapTo in Go.
func mapPortable(fn function, dst, src []float64) {
	dst = dst[:len(src)]
	switch fn {
	case fnExp:
		exp64s(dst, src)
	case fnExpm1:
		for i, x := range src {
			dst[i] = Expm164(x)
		}
	case fnLog:
		for i, x := range src {
			dst[i] = Log64(x)
		}
	case fnLog1p:
		for i, x := range src {
			dst[i] = Log1p64(x)
		}
	case fnTanh:
		for i, x := range src {
			dst[i] = Tanh64(x)
		}
	case fnSigmoid:
		for i, x := range src {
			dst[i] = Sigmoid64(x)
		}
	case fnErf:
		for i, x := range src {
			dst[i] = Erf64(x)
		}
	}
}

// exp64s is Exp64 over a slice, written out.
func exp64s(dst, src []float64) {
	dst = dst[:len(src)]
	for i, x := range src {
		if !(x > -708 && x < 709) {
			dst[i] = expEdge(x)
			continue
		}
		hi, c, kb := expReduce(x)
		lo := expTail(hi, c)
		s, e := fastTwoSum(1, hi)
		dst[i] = (s + (e + lo)) * math.Float64frombits(kb<<52+oneBits)
	}
}
