package schreier

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func large() []known {
	sparse := [][]int32{}
	for i := range 200 {
		sparse = append(sparse, cycles(2000, []int32{int32(10 * i), int32(10*i + 1)}))
	}
	return []known{
		{"S100", symmetric(100), nil}, {"S1000", symmetric(1000), nil}, {"S2wrS200", wreath(2, 200), nil},
		{"S10wrS100", wreath(10, 100), nil}, {"torus1600", torus(40), nil}, {"C100000", [][]int32{rotation(100000)}, nil},
		{"swaps200of2000", sparse, nil}, {"M24", m24(), nil},
	}
}

// torus returns the translations, a quarter turn and a reflection of a grid of m by m points that wraps around.
func torus(m int) [][]int32 {
	n := m * m
	right, down, turn, flip := make([]int32, n), make([]int32, n), make([]int32, n), make([]int32, n)
	for y := range m {
		for x := range m {
			v := y*m + x
			right[v], down[v] = int32(y*m+(x+1)%m), int32((y+1)%m*m+x)
			turn[v], flip[v] = int32(x*m+(m-y)%m), int32(y*m+(m-x)%m)
		}
	}
	return [][]int32{right, down, turn, flip}
}

func BenchmarkOrder(b *testing.B) {
	for _, g := range large() {
		b.Run(g.name, func(b *testing.B) {
			for b.Loop() {
				chain(g.gens).Order()
			}
		})
	}
}

// BenchmarkRebaseOrbits is what a search does: another path, the orbits below it.
func BenchmarkRebaseOrbits(b *testing.B) {
	for _, g := range large() {
		for _, depth := range []int{1, 3} {
			b.Run(fmt.Sprintf("%s/%d", g.name, depth), func(b *testing.B) {
				c := chain(g.gens)
				c.Complete(10)
				rng := rand.New(rand.NewPCG(1, 1))
				base := make([]int32, depth)
				for b.Loop() {
					for i := range base {
						base[i] = int32(rng.IntN(c.Degree()))
					}
					c.Rebase(base)
					c.Orbits(depth)
				}
			})
		}
	}
}

// BenchmarkToAndFro goes down two paths at a time and adds generators on the way, as a search with two nodes a level does.
func BenchmarkToAndFro(b *testing.B) {
	for _, g := range []known{{"S2wrS200", wreath(2, 200), nil}, {"S5wrS40", wreath(5, 40), nil}, {"S100", symmetric(100), nil}} {
		b.Run(g.name, func(b *testing.B) {
			full := chain(g.gens)
			full.Verify()
			n := full.Degree()
			var add [][]int32
			for range 10 {
				p := cycles(n)
				full.Draw(full.rng, p)
				add = append(add, p)
			}
			rng := rand.New(rand.NewPCG(2, 2))
			paths := [][]int32{shuffled(rng, n), shuffled(rng, n)}
			for b.Loop() {
				c := New(n)
				for depth := 1; depth <= 40; depth++ {
					for _, p := range paths {
						c.Rebase(p[:depth])
						if depth <= 10 {
							c.Add(add[depth-1])
						}
						c.Orbits(depth)
					}
				}
			}
		})
	}
}

// BenchmarkAdd adds random elements of the group to a chain that has not seen all generators yet.
func BenchmarkAdd(b *testing.B) {
	for _, g := range large() {
		b.Run(g.name, func(b *testing.B) {
			full := chain(g.gens)
			var some [][]int32
			for range 20 {
				some = append(some, append([]int32(nil), full.random()...))
			}
			for b.Loop() {
				chain(some)
			}
		})
	}
}
