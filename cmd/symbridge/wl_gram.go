package main

import (
	"math"
	"slices"
)

// gram is the matrix of the products of histograms, a row at a time.
type gram struct {
	own      [][]count // of each graph, its colours
	having   [][]count // of each colour, the graphs that have it
	diagonal []float64
}

// count is how often a colour is in a graph; of names the one that is not at hand.
type count struct{ of, times int32 }

func newGram(colours [][]int32) *gram {
	k := &gram{own: make([][]count, len(colours)), diagonal: make([]float64, len(colours))}
	for i, list := range colours {
		slices.Sort(list)
		for len(list) > 0 {
			c, n := list[0], 0
			for n < len(list) && list[n] == c {
				n++
			}
			list = list[n:]
			k.own[i] = append(k.own[i], count{c, int32(n)})
			k.diagonal[i] += float64(n) * float64(n)
			for int(c) >= len(k.having) {
				k.having = append(k.having, nil)
			}
			k.having[c] = append(k.having[c], count{int32(i), int32(n)})
		}
	}
	return k
}

// row writes row i to a slice.
func (k *gram) row(i int, normalize bool, row []float64) {
	clear(row)
	for _, c := range k.own[i] {
		for _, g := range k.having[c.of] {
			row[g.of] += float64(c.times) * float64(g.times)
		}
	}
	for j := range row {
		if d := k.diagonal[i] * k.diagonal[j]; normalize && d > 0 {
			row[j] /= math.Sqrt(d)
		}
	}
}
