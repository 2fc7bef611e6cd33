package wl

import (
	"fmt"
	"slices"

	"symbridge/graph"
	"symbridge/tensor"
)

// Features returns the colours of the nodes of each graph of a data set, numbered 0..count-1 over the data set: nodes of any two
// graphs have one number exactly if Options.Rounds rounds cannot tell them apart (or no number of rounds, for 0). A histogram of them is
// the feature vector of the Weisfeiler-Lehman subtree kernel (Shervashidze et al. 2011) at this depth. The numbers depend on the
// graphs, not on their order or how they are labelled. The lists of labels are those of the graphs one after the other.
func Features(gs []*graph.Graph, opts Options) (colours [][]int32, count int) {
	r := Refine(graph.Union(gs...), opts)
	all := r.Colours()
	for _, g := range gs {
		n := g.NumNodes()
		colours = append(colours, all[:n:n])
		all = all[n:]
	}
	return colours, r.NumColours()
}

// OneHot returns the (N,count) matrix with a one in the column of each node's colour, for colours below count as [Features] has them.
// It panics with a ValueError for others.
func OneHot[T tensor.Float](colours []int32, count int) *tensor.CSR[T] {
	ptr, ones := make([]int32, len(colours)+1), make([]T, len(colours))
	for i, c := range colours {
		if c < 0 || int(c) >= count {
			panic(tensor.ValueError{Op: "wl.OneHot", What: fmt.Sprintf("colour of row %d, want 0..%d", i, count-1), Got: float64(c)})
		}
		ptr[i+1], ones[i] = int32(i+1), 1
	}
	m, err := tensor.NewCSR(len(colours), count, ptr, slices.Clone(colours), ones)
	if err != nil {
		panic(err)
	}
	return m
}
