package svm

import (
	"context"
	"math"
	"slices"
)

// machine is a classifier of two classes while it is trained, on rows 0..n-1.
type machine struct {
	k    []float64 // (n,n) the Gram matrix
	y    []float64 // (n) 1 or -1
	beta []float64 // (n) the signed dual coefficients
	grad []float64 // (n) y - k beta
	bias float64

	lo, hi []float64 // (n) the bounds of beta
}

func newMachine(k, y []float64) *machine {
	n := len(y)
	return &machine{k: k, y: y, beta: make([]float64, n), grad: slices.Clone(y), lo: make([]float64, n), hi: make([]float64, n)}
}

// limit sets the bounds of the coefficients.
func (m *machine) limit(c float64) {
	for i, y := range m.y {
		m.lo[i], m.hi[i] = 0, c
		if y < 0 {
			m.lo[i], m.hi[i] = -c, 0
		}
	}
}

// flat stands for the curvature of a direction in which the objective is linear.
const flat = 1e-12

// solve improves the coefficients until they are optimal up to the tolerance, and reports whether the steps sufficed. The
// coefficients may be those of a smaller c.
func (m *machine) solve(ctx context.Context, c, tolerance float64, steps int) (bool, error) {
	n := len(m.y)
	m.limit(c)
	for step := range steps {
		if step%1024 == 0 {
			if err := ctx.Err(); err != nil {
				return false, err
			}
		}
		i, largest := -1, math.Inf(-1)
		for t, g := range m.grad {
			if g > largest && m.beta[t] < m.hi[t] {
				i, largest = t, g
			}
		}
		j, smallest, gain := -1, math.Inf(1), 0.0
		if i >= 0 {
			row, kii := m.k[i*n:(i+1)*n], m.k[i*n+i]
			for t, g := range m.grad {
				if m.beta[t] <= m.lo[t] {
					continue
				}
				smallest = min(smallest, g)
				if d := largest - g; d > 0 {
					curve := kii + m.k[t*n+t] - float64(2*row[t])
					if curve <= 0 {
						curve = flat
					}
					if s := float64(d*d) / curve; s > gain {
						j, gain = t, s
					}
				}
			}
		}
		if j < 0 || largest-smallest < tolerance {
			m.setBias(largest, smallest)
			return true, nil
		}
		m.move(i, j)
	}
	return false, nil
}

// move takes the best step that raises one coefficient and lowers another by as much.
func (m *machine) move(i, j int) {
	n := len(m.y)
	ki, kj := m.k[i*n:(i+1)*n], m.k[j*n:(j+1)*n]
	curve := ki[i] + kj[j] - float64(2*ki[j])
	if curve <= 0 {
		curve = flat
	}
	up, down := m.hi[i]-m.beta[i], m.beta[j]-m.lo[j]
	step := min((m.grad[i]-m.grad[j])/curve, up, down)
	m.beta[i], m.beta[j] = m.beta[i]+step, m.beta[j]-step
	if step == up { // exactly, whatever the sum was rounded to
		m.beta[i] = m.hi[i]
	}
	if step == down {
		m.beta[j] = m.lo[j]
	}
	for t, k := range ki {
		m.grad[t] -= float64(step * (k - kj[t]))
	}
}

// setBias takes the mean of what rows between their bounds demand, or the middle of what the others allow.
func (m *machine) setBias(largest, smallest float64) {
	sum, free := 0.0, 0
	for t, g := range m.grad {
		if m.lo[t] < m.beta[t] && m.beta[t] < m.hi[t] {
			sum, free = sum+g, free+1
		}
	}
	switch {
	case free > 0:
		m.bias = sum / float64(free)
	case math.IsInf(largest, 0):
		m.bias = smallest
	case math.IsInf(smallest, 0):
		m.bias = largest
	default:
		m.bias = (largest + smallest) / 2
	}
}
