package canon

import "testing"

// Graphs that come apart below the first level.
func BenchmarkBelow(b *testing.B) {
	for _, c := range []struct {
		name  string
		n     int
		edges [][2]int32
	}{{"petersens", 10_000, petersens(1000)}, {"crown", 600, crown(300)}} {
		g := fromEdges(c.n, c.edges)
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				Canonise(g, nil, Options{})
			}
		})
	}
}
