package svm

import (
	"cmp"
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

// crowd is how many rows at each bound a round of solve takes up, those that violate their conditions most.
const crowd = 64

// solve improves the coefficients until they are optimal up to the tolerance, and reports whether the steps sufficed. The
// coefficients may be those of a smaller c. It works on a part of the rows at a time, those between their bounds and some
// others: steps there are cheap, and where C is large and the features are few, they are many.
func (m *machine) solve(ctx context.Context, c, tolerance float64, steps int) (bool, error) {
	m.limit(c)
	for steps > 0 {
		if largest, smallest := m.extremes(); largest-smallest < tolerance {
			m.setBias(largest, smallest)
			return true, nil
		}
		part := m.part()
		sub := m.restrict(part)
		used, err := sub.descend(ctx, tolerance/2, min(steps, 2*len(part)))
		if err != nil {
			return false, err
		}
		steps -= max(used, 1)
		for moves := len(part); moves > 0 && sub.glide(tolerance/2); moves-- {
			if err := ctx.Err(); err != nil {
				return false, err
			}
		}
		if !m.takeOver(sub, part) {
			break // what is left is rounding
		}
	}
	m.setBias(m.extremes())
	return false, nil
}

// extremes returns the largest gradient of the coefficients that may grow, and the smallest of those that may shrink.
func (m *machine) extremes() (largest, smallest float64) {
	largest, smallest = math.Inf(-1), math.Inf(1)
	for t, g := range m.grad {
		if m.beta[t] < m.hi[t] {
			largest = max(largest, g)
		}
		if m.beta[t] > m.lo[t] {
			smallest = min(smallest, g)
		}
	}
	return largest, smallest
}

// part returns the rows between their bounds and those at a bound that most want to leave it, ascending.
func (m *machine) part() []int {
	var free, grow, shrink []int
	for t, b := range m.beta {
		switch {
		case b <= m.lo[t]:
			grow = append(grow, t)
		case b >= m.hi[t]:
			shrink = append(shrink, t)
		default:
			free = append(free, t)
		}
	}
	slices.SortStableFunc(grow, func(a, b int) int { return cmp.Compare(m.grad[b], m.grad[a]) })
	slices.SortStableFunc(shrink, func(a, b int) int { return cmp.Compare(m.grad[a], m.grad[b]) })
	part := slices.Concat(free, grow[:min(crowd, len(grow))], shrink[:min(crowd, len(shrink))])
	slices.Sort(part)
	return part
}

// restrict returns the machine of some rows, where the others keep their coefficients.
func (m *machine) restrict(part []int) *machine {
	n, size := len(m.y), len(part)
	sub := newMachine(make([]float64, 0, size*size), make([]float64, size))
	for a, i := range part {
		for _, j := range part {
			sub.k = append(sub.k, m.k[i*n+j])
		}
		sub.beta[a], sub.grad[a], sub.lo[a], sub.hi[a] = m.beta[i], m.grad[i], m.lo[i], m.hi[i]
	}
	return sub
}

// takeOver copies the coefficients of a part back, and reports whether any changed.
func (m *machine) takeOver(sub *machine, part []int) (changed bool) {
	n := len(m.y)
	for a, i := range part {
		if d := sub.beta[a] - m.beta[i]; d != 0 {
			m.beta[i], changed = sub.beta[a], true
			for t, k := range m.k[i*n : (i+1)*n] {
				m.grad[t] -= float64(d * k)
			}
		}
	}
	return changed
}

// descend takes steps until no pair violates its condition by the tolerance, and returns their number.
func (m *machine) descend(ctx context.Context, tolerance float64, steps int) (int, error) {
	n := len(m.grad)
	for step := range steps {
		if step%4096 == 0 {
			if err := ctx.Err(); err != nil {
				return step, err
			}
		}
		i, largest := -1, math.Inf(-1)
		for t, g := range m.grad {
			if g > largest && m.beta[t] < m.hi[t] {
				i, largest = t, g
			}
		}
		if i < 0 {
			return step, nil
		}
		j, smallest, gain := -1, math.Inf(1), 0.0
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
		if j < 0 || largest-smallest < tolerance {
			return step, nil
		}
		m.move(i, j)
	}
	return steps, nil
}

// glide moves all coefficients between their bounds at once, by conjugate gradients on the objective with their sum held,
// until their conditions are met to the tolerance, or one arrives at a bound: then it reports true.
func (m *machine) glide(tolerance float64) bool {
	n := len(m.grad)
	var free []int
	for t, b := range m.beta {
		if m.lo[t] < b && b < m.hi[t] {
			free = append(free, t)
		}
	}
	if len(free) < 2 {
		return false
	}
	way, bend, residual := make([]float64, n), make([]float64, n), make([]float64, len(free))
	size := m.residual(free, residual)
	for range min(len(free), 50) {
		if slices.Max(residual)-slices.Min(residual) < tolerance {
			return false
		}
		for a, t := range free {
			way[t] += residual[a]
		}
		clear(bend)
		curve, length, first := 0.0, math.Inf(1), -1
		for _, t := range free {
			p := way[t]
			for s, k := range m.k[t*n : (t+1)*n] {
				bend[s] += float64(p * k)
			}
			room := math.Inf(1)
			if p > 0 {
				room = (m.hi[t] - m.beta[t]) / p
			} else if p < 0 {
				room = (m.lo[t] - m.beta[t]) / p
			}
			if room < length {
				length, first = room, t
			}
		}
		for _, t := range free {
			curve += float64(way[t] * bend[t])
		}
		arrived := true
		if curve > 0 && size/curve < length {
			length, arrived = size/curve, false
		}
		if math.IsInf(length, 1) {
			return false
		}
		for _, t := range free {
			m.beta[t] = min(max(m.beta[t]+float64(length*way[t]), m.lo[t]), m.hi[t])
		}
		for t := range m.grad {
			m.grad[t] -= float64(length * bend[t])
		}
		if arrived {
			if way[first] > 0 {
				m.beta[first] = m.hi[first]
			} else {
				m.beta[first] = m.lo[first]
			}
			return true
		}
		before := size
		size = m.residual(free, residual)
		for _, t := range free {
			way[t] *= size / before
		}
	}
	return false
}

// residual puts the gradients of some rows less their mean into out, and returns the sum of squares.
func (m *machine) residual(rows []int, out []float64) (square float64) {
	mean := 0.0
	for _, t := range rows {
		mean += m.grad[t]
	}
	mean /= float64(len(rows))
	for a, t := range rows {
		out[a] = m.grad[t] - mean
		square += float64(out[a] * out[a])
	}
	return square
}

// move takes the best step that raises one coefficient and lowers another by as much.
func (m *machine) move(i, j int) {
	n := len(m.grad)
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
