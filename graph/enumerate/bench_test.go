package enumerate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"symbridge/internal/small"
)

func BenchmarkRows(b *testing.B) {
	for _, n := range []int{7, 8, 9} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				count(n, false)
			}
		})
	}
}

// BenchmarkCanonise is the canonical form of a graph, all of them in random order and with random labels.
func BenchmarkCanonise(b *testing.B) {
	for _, n := range []int{7, 8, 9} {
		rng := rand.New(rand.NewPCG(1, uint64(n)))
		var list [][]uint64
		for rows := range Rows(n, false) {
			p := rng.Perm(n)
			r := make([]uint64, n)
			for v, row := range rows {
				for u := range n {
					r[p[v]] |= row >> u & 1 << p[u]
				}
			}
			list = append(list, r)
		}
		rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		flat := slices.Concat(list...)
		for _, what := range []string{"form", "group"} {
			b.Run(fmt.Sprintf("%s/%d", what, n), func(b *testing.B) {
				b.ReportAllocs()
				e := small.Engine{WithoutGenerators: what == "form"}
				i := 0
				for b.Loop() {
					e.Canonise(n, flat[i:i+n], nil)
					e.Form()
					if i += n; i == len(flat) {
						i = 0
					}
				}
			})
		}
	}
}
