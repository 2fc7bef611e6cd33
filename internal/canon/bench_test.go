package canon

import "testing"

func BenchmarkCrown(b *testing.B) {
	const m = 300
	var edges [][2]int32
	for i := range int32(m) {
		for j := range int32(m) {
			if i != j {
				edges = append(edges, [2]int32{i, m + j})
			}
		}
	}
	g := fromEdges(2*m, edges)
	for b.Loop() {
		Canonise(g, nil, Options{})
	}
}
