package canon

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"symbridge/internal/cells"
)

var mostTmp = 40

type mat [][]int32 // 0 none, else label+1; must be consistent

func circ(n int, steps ...int) mat {
	m := zero(n)
	for v := range n {
		for _, s := range steps {
			m[v][(v+s)%n], m[(v+s)%n][v] = 1, 1
		}
		m[v][v] = 0
	}
	return m
}
func zero(n int) mat {
	m := make(mat, n)
	for i := range m {
		m[i] = make([]int32, n)
	}
	return m
}
func unite(a, b mat, between int32) mat {
	m := zero(len(a) + len(b))
	for i := range m {
		for j := range m {
			switch {
			case i < len(a) && j < len(a):
				m[i][j] = a[i][j]
			case i >= len(a) && j >= len(a):
				m[i][j] = b[i-len(a)][j-len(a)]
			default:
				m[i][j] = between
			}
		}
	}
	return m
}
func complement(a mat) mat {
	m := zero(len(a))
	for i := range m {
		for j := range m {
			if i != j && a[i][j] == 0 {
				m[i][j] = 1
			}
		}
	}
	return m
}
func prod(a, b mat, lex bool) mat {
	k := len(b)
	m := zero(len(a) * k)
	for i := range m {
		for j := range m {
			x, y, u, v := i/k, i%k, j/k, j%k
			if x == u {
				m[i][j] = b[y][v]
			} else if lex || y == v {
				m[i][j] = a[x][u]
			}
		}
	}
	return m
}
func regular(rng *rand.Rand, n, d int) mat {
	for {
		m := zero(n)
		var ends []int
		for v := range n {
			for range d {
				ends = append(ends, v)
			}
		}
		rng.Shuffle(len(ends), func(i, j int) { ends[i], ends[j] = ends[j], ends[i] })
		ok := true
		for k := 0; k+1 < len(ends) && ok; k += 2 {
			a, b := ends[k], ends[k+1]
			ok = a != b && m[a][b] == 0
			m[a][b], m[b][a] = 1, 1
		}
		if ok {
			return m
		}
	}
}
func hang(rng *rand.Rand, a mat, deep bool) mat {
	for range 1 + rng.IntN(8) {
		v := rng.IntN(len(a))
		b := unite(a, zero(1), 0)
		b[v][len(a)], b[len(a)][v] = 1, 1
		a = b
		if len(a) > 44 {
			break
		}
	}
	return a
}
func gen(rng *rand.Rand, most int) mat {
	if most < 4 {
		return zero(1 + rng.IntN(3))
	}
	switch rng.IntN(9) {
	case 0:
		n := 3 + rng.IntN(min(most, 14)-2)
		return circ(n, 1+rng.IntN(n-1), 1+rng.IntN(n-1))
	case 1:
		n := 4 + 2*rng.IntN(max(1, (min(most, 16)-4)/2))
		return regular(rng, n, 3)
	case 2, 3:
		a := gen(rng, most/2)
		return unite(a, a, rng.Int32N(2))
	case 4:
		return unite(gen(rng, most/2), gen(rng, most/2), rng.Int32N(2))
	case 5:
		return complement(gen(rng, most))
	case 6:
		a := gen(rng, most/4)
		b := gen(rng, max(1, most/len(a)))
		return prod(a, b, rng.IntN(2) == 0)
	case 7:
		return hang(rng, gen(rng, most/2), true)
	}
	n := 1 + rng.IntN(min(most, 8))
	m := zero(n)
	for i := range n {
		for j := range i {
			m[i][j] = rng.Int32N(2)
			m[j][i] = m[i][j]
		}
	}
	return m
}

func (m mat) graph(labelled bool) *cells.Graph {
	g := &cells.Graph{N: len(m), Ptr: []int32{0}}
	if labelled {
		g.Label = []int32{}
	}
	for i := range m {
		var top int32
		for _, x := range m[i] {
			top = max(top, x)
		}
		for l := int32(1); l <= top; l++ {
			for j, x := range m[i] {
				if x == l {
					g.Adj = append(g.Adj, int32(j))
					if labelled {
						g.Label = append(g.Label, l-1)
					}
				}
			}
		}
		g.Ptr = append(g.Ptr, int32(len(g.Adj)))
	}
	return g
}

// colourByLabels: changes labels randomly but symmetric under nothing; directed pairs 1/2
func decorate(rng *rand.Rand, m mat) mat {
	d := zero(len(m))
	flip := rng.IntN(3)
	for i := range m {
		for j := range i {
			if m[i][j] == 0 {
				continue
			}
			d[i][j], d[j][i] = 1, 1
			switch {
			case flip == 0 && rng.IntN(10) == 0:
				d[i][j], d[j][i] = 2, 3
			case flip == 1 && (i+j)%2 == 0:
				d[i][j], d[j][i] = 2, 2
			case flip == 2 && (i-j)%3 == 0:
				d[i][j], d[j][i] = 3, 2
			}
		}
	}
	return d
}

func TestHostileTmp(t *testing.T) {
	var seed uint64
	fmt.Sscan(os.Getenv("SEED"), &seed)
	fmt.Sscan(os.Getenv("MOST"), &mostTmp)
	rng := rand.New(rand.NewPCG(seed, 99))
	start := time.Now()
	count := 0
	for ; time.Since(start) < 20*time.Second; count++ {
		m := gen(rng, mostTmp)
		if rng.IntN(3) == 0 {
			m = hang(rng, m, true)
		}
		labelled := rng.IntN(3) == 0
		dm := m
		if labelled {
			dm = decorate(rng, m)
		}
		g := dm.graph(labelled)
		var colour []int32
		if rng.IntN(4) == 0 {
			colour = make([]int32, g.N)
			for v := range colour {
				if rng.IntN(6) == 0 {
					colour[v] = 1
				}
			}
		}
		r := Canonise(g, colour, Options{})
		want := form(g, colour, r)
		requireAutomorphisms(t, g, colour, r.Generators)
		pl := Canonise(g, colour, Options{Plain: true})
		require.Equal(t, pl.Size.String(), r.Size.String())
		for range 6 {
			h, c := relabel(g, colour, perm(rng, g.N))
			q := Canonise(h, c, Options{})
			require.Equal(t, r.Size.String(), q.Size.String())
			if !slices.Equal(want, form(h, c, q)) {
				t.Fatal("forms differ", g, colour)
			}
		}
		if !labelled { // another way: all with label 0
			l := m.graph(true)
			q := Canonise(l, colour, Options{})
			require.Equal(t, r.Size.String(), q.Size.String())
			requireAutomorphisms(t, l, colour, q.Generators)
			h, c := relabel(l, colour, perm(rng, g.N))
			require.Equal(t, form(l, colour, q), form(h, c, Canonise(h, c, Options{})))
			// a switched pair of edges: the same class or not, two ways
			w := make(mat, len(m))
			for i := range m {
				w[i] = slices.Clone(m[i])
			}
			for range 30 {
				a, b, x, y := rng.IntN(g.N), rng.IntN(g.N), rng.IntN(g.N), rng.IntN(g.N)
				if a != b && a != x && a != y && b != x && b != y && x != y && w[a][b] == 1 && w[x][y] == 1 && w[a][x] == 0 && w[b][y] == 0 {
					w[a][b], w[b][a], w[x][y], w[y][x] = 0, 0, 0, 0
					w[a][x], w[x][a], w[b][y], w[y][b] = 1, 1, 1, 1
					break
				}
			}
			k := w.graph(false)
			kr, kp := Canonise(k, colour, Options{}), Canonise(k, colour, Options{Plain: true})
			same := slices.Equal(form(k, colour, kr), want)
			require.Equal(t, slices.Equal(form(k, colour, kp), form(g, colour, pl)), same)
			kl := w.graph(true)
			require.Equal(t, slices.Equal(form(kl, colour, Canonise(kl, colour, Options{})), form(l, colour, q)), same)
		}
	}
	fmt.Println("checked", count)
}
