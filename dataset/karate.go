package dataset

import (
	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/tensor"
)

// karateTies lists, for each of the 34 members, the members with a higher number that he met outside the club.
var karateTies = [34][]int32{
	0:  {1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 17, 19, 21, 31},
	1:  {2, 3, 7, 13, 17, 19, 21, 30},
	2:  {3, 7, 8, 9, 13, 27, 28, 32},
	3:  {7, 12, 13},
	4:  {6, 10},
	5:  {6, 10, 16},
	6:  {16},
	8:  {30, 32, 33},
	9:  {33},
	13: {33},
	14: {32, 33},
	15: {32, 33},
	18: {32, 33},
	19: {33},
	20: {32, 33},
	22: {32, 33},
	23: {25, 27, 29, 32, 33},
	24: {25, 27, 31},
	25: {31},
	26: {29, 33},
	27: {33},
	28: {31, 33},
	29: {32, 33},
	30: {32, 33},
	31: {32, 33},
	32: {33},
}

// karateHi lists the members who stayed with Mr. Hi when the club split.
var karateHi = [...]int32{0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 16, 17, 19, 21}

// Karate returns Zachary's karate club: 34 members, 78 ties, and who went with whom when the club split. Features are the
// identity matrix. The two leaders, members 0 (Mr. Hi) and 33 (the officer), are the training nodes, all others the test
// nodes. (Zachary 1977, An information flow model for conflict and fission in small groups; task as in Kipf and Welling
// 2017.)
func Karate[T tensor.Float]() *Set[T] {
	const n = int32(len(karateTies))
	var ties [][2]int32
	for u, vs := range karateTies {
		for _, v := range vs {
			ties = append(ties, [2]int32{int32(u), v})
		}
	}
	x := tensor.NewDense[T](int(n), int(n))
	d := &gnn.Data[T]{NodeClass: make([]int32, n), Train: []int32{0, n - 1}}
	for v := range n {
		x.Set(int(v), int(v), 1)
		d.NodeClass[v] = 1
		if v != 0 && v != n-1 {
			d.Test = append(d.Test, v)
		}
	}
	for _, v := range karateHi {
		d.NodeClass[v] = 0
	}
	d.Sparse = tensor.CSRFromDense(x)
	d.Graph = new(numbering).assign(graph.Must(graph.NewUndirected(int(n), ties)))
	return &Set[T]{Name: "karate", Task: NodeClassification, Data: []*gnn.Data[T]{d}, Classes: 2,
		ClassNames: []string{"Mr. Hi", "Officer"}}
}
