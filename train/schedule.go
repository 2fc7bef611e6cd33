package train

import (
	"fmt"
	"math"
)

// ScheduleKind names how the learning rate changes over the epochs.
type ScheduleKind string

// The schedules.
const (
	Constant    ScheduleKind = "constant"    // the zero value, too
	StepDecay   ScheduleKind = "step"        // times Factor after every Every epochs
	Exponential ScheduleKind = "exponential" // times Factor after every epoch
	Cosine      ScheduleKind = "cosine"      // half a cosine from the rate down to Floor times the rate (Loshchilov, Hutter 2017)
)

// Schedule is the learning rate over the epochs. Its zero value is a constant rate.
type Schedule struct {
	Kind   ScheduleKind `json:"kind,omitempty"`
	Every  int          `json:"every,omitempty"`  // epochs of a step, at least 1
	Factor float64      `json:"factor,omitempty"` // of step and exponential, in (0,1]
	Warmup int          `json:"warmup,omitempty"` // epochs over which the rate first grows linearly; the schedule starts after them
	Floor  float64      `json:"floor,omitempty"`  // where the cosine ends, as a share of the rate
}

// Validate returns an error that names the first field that cannot be, and wraps ErrConfig.
func (s Schedule) Validate() error {
	bad := func(field string, got any, want string) error {
		return fmt.Errorf("train: schedule.%s is %v, want %s: %w", field, got, want, ErrConfig)
	}
	factor := s.Factor > 0 && s.Factor <= 1
	switch s.Kind {
	case "", Constant, Cosine:
	case StepDecay:
		if s.Every < 1 {
			return bad("every", s.Every, "at least 1")
		}
		if !factor {
			return bad("factor", s.Factor, "in (0,1]")
		}
	case Exponential:
		if !factor {
			return bad("factor", s.Factor, "in (0,1]")
		}
	default:
		return bad("kind", fmt.Sprintf("%q", s.Kind), "constant, step, exponential or cosine")
	}
	if s.Warmup < 0 {
		return bad("warmup", s.Warmup, "at least 0")
	}
	if !(s.Floor >= 0 && s.Floor <= 1) {
		return bad("floor", s.Floor, "in 0..1")
	}
	return nil
}

// At returns the learning rate of an epoch, counted from 0, of a run of that many epochs whose full rate is lr.
func (s Schedule) At(lr float64, epoch, epochs int) float64 {
	if epoch < s.Warmup {
		return float64(lr*float64(epoch+1)) / float64(s.Warmup)
	}
	epoch, epochs = epoch-s.Warmup, epochs-s.Warmup
	switch s.Kind {
	case StepDecay:
		return float64(lr * power(s.Factor, epoch/s.Every))
	case Exponential:
		return float64(lr * power(s.Factor, epoch))
	case Cosine:
		share := float64(0.5 * (1 + cosPi(min(1, float64(epoch)/float64(max(1, epochs))))))
		return float64(lr * (s.Floor + float64((1-s.Floor)*share)))
	}
	return lr
}

// power returns x^n as a running product.
func power(x float64, n int) float64 {
	p := 1.0
	for range n {
		p = float64(p * x)
		if p == 0 {
			break
		}
	}
	return p
}

// cosPi returns cos(pi x) for 0 <= x <= 1 with an error below 5e-16, with the same bits on every processor.
func cosPi(x float64) float64 {
	if x > 0.5 {
		return -cosPi(1 - x)
	}
	sine := x > 0.25
	if sine {
		x = 0.5 - x
	}
	// Taylor's series, |pi x| <= pi/4: the ninth term is below 1e-16.
	a := float64(math.Pi * x)
	z := float64(a * a)
	first, from := 1.0, 0
	if sine {
		first, from = a, 1
	}
	sum := 0.0
	for k := 9; k >= 1; k-- { // Horner's scheme: 1 - z/(m(m-1)) * (1 - ...)
		m := float64(2*k + from)
		sum = float64(float64(-z*(1+sum)) / float64(m*(m-1)))
	}
	return float64(first * (1 + sum))
}
