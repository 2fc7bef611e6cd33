package small

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// fromBits returns the rows of the labelled graph whose pairs are numbered column by column.
func fromBits(n int, pairs uint64) []uint64 {
	rows := make([]uint64, n)
	for v := range n {
		for u := range v {
			if pairs&1 != 0 {
				rows[u] |= 1 << v
				rows[v] |= 1 << u
			}
			pairs >>= 1
		}
	}
	return rows
}

// relabel gives vertex v the name perm[v].
func relabel(rows []uint64, colour []int32, perm []int) (r []uint64, c []int32) {
	r = make([]uint64, len(rows))
	for v, row := range rows {
		for u := range rows {
			if row>>u&1 != 0 {
				r[perm[v]] |= 1 << perm[u]
			}
		}
	}
	if colour != nil {
		c = make([]int32, len(rows))
		for v, x := range colour {
			c[perm[v]] = x
		}
	}
	return r, c
}

func relabelled(rows []uint64, order []uint8) []uint64 {
	place := make([]int, len(rows))
	for k, v := range order {
		place[v] = k
	}
	r, _ := relabel(rows, nil, place)
	return r
}

// checkGroup checks generators, orbits and order against each other, the order where the group is small.
func checkGroup(t testing.TB, e *Engine, rows []uint64, colour []int32) {
	n := len(rows)
	require.Equal(t, relabelled(rows, e.Order()), e.Form())
	var o orbits
	o.reset(n)
	for i := range e.Generators() {
		image := e.Generator(i)
		perm := make([]int, n)
		for v, w := range image {
			perm[v] = int(w)
			o.join(1<<v | 1<<w)
		}
		if r, c := relabel(rows, colour, perm); !slices.Equal(rows, r) || !slices.Equal(colour, c) {
			t.Fatalf("%v is no automorphism of %x", image, rows)
		}
	}
	for v := range n {
		require.Equal(t, o.of(v), e.Orbit(v))
	}
	size, ok := e.Size()
	if ok {
		require.Equal(t, new(big.Int).SetUint64(size), e.BigSize())
	}
	if !ok || size > 200 {
		return
	}
	identity := make([]uint8, n)
	for v := range identity {
		identity[v] = uint8(v)
	}
	seen := map[string]bool{string(identity): true}
	for queue := [][]uint8{identity}; len(queue) > 0; queue = queue[1:] {
		for i := range e.Generators() {
			p := make([]uint8, n)
			for v, w := range queue[0] {
				p[v] = e.Generator(i)[w]
			}
			if !seen[string(p)] {
				seen[string(p)] = true
				queue = append(queue, p)
			}
		}
	}
	require.Len(t, seen, int(size))
}

func key(form []uint64, bits int) (k uint64) {
	for _, r := range form {
		k = k<<bits | r
	}
	return k
}

// Every graph on up to 6 vertices as all its labelled copies: as many forms as there are classes, and each form as often as
// the order of its group says.
func TestAllLabelledGraphs(t *testing.T) {
	classes := []int{1, 1, 2, 4, 11, 34, 156}
	factorial := 1
	for n := range 7 {
		if n > 0 {
			factorial *= n
		}
		var e, lean Engine
		lean.WithoutGenerators = true
		count, order := map[uint64]int{}, map[uint64]uint64{}
		for pairs := range uint64(1) << (n * (n - 1) / 2) {
			rows := fromBits(n, pairs)
			e.Canonise(n, rows, nil)
			lean.Canonise(n, rows, nil)
			k := key(e.Form(), n)
			size, _ := e.Size()
			leanSize, _ := lean.Size()
			if key(lean.Form(), n) != k || leanSize != size || !slices.Equal(e.Orbits(), lean.Orbits()) {
				t.Fatalf("%d vertices, graph %x: with and without generators differ", n, pairs)
			}
			if count[k] == 0 {
				checkGroup(t, &e, rows, nil)
				order[k] = size
			} else if order[k] != size {
				t.Fatalf("%d vertices, graph %x: two orders", n, pairs)
			}
			count[k]++
		}
		require.Len(t, count, classes[n])
		for k, c := range count {
			require.Equal(t, factorial, c*int(order[k]))
		}
	}
}

// Coloured graphs on 5 vertices, each as all its copies.
func TestAllColouredGraphs(t *testing.T) {
	const n = 5
	var e Engine
	count, order := map[[2]uint64]int{}, map[[2]uint64]uint64{}
	for colours := range 3 * 3 * 3 * 3 * 3 {
		colour := make([]int32, n)
		var number [3]int
		for v, x := 0, colours; v < n; v, x = v+1, x/3 {
			colour[v] = int32(x % 3)
			number[colour[v]]++
		}
		for pairs := range uint64(1) << 10 {
			rows := fromBits(n, pairs)
			e.Canonise(n, rows, colour)
			if !slices.IsSortedFunc(e.Order(), func(u, v uint8) int { return int(colour[u] - colour[v]) }) {
				t.Fatalf("graph %x: the order does not ascend by colour", pairs)
			}
			k := [2]uint64{key(e.Form(), n), uint64(number[0]*10 + number[1])}
			size, _ := e.Size()
			if count[k] == 0 {
				checkGroup(t, &e, rows, colour)
				order[k] = size
			}
			count[k]++
		}
	}
	for k, c := range count {
		require.Equal(t, 120, c*int(order[k]))
	}
}

func checkForm(t testing.TB, e *Engine, rows []uint64, colour []int32, rng *rand.Rand, times int) {
	n := len(rows)
	e.WithoutGenerators = false
	e.Canonise(n, rows, colour)
	checkGroup(t, e, rows, colour)
	form, size := slices.Clone(e.Form()), e.BigSize()
	for try := range times {
		e.WithoutGenerators = try%2 == 0
		r, c := relabel(rows, colour, rng.Perm(n))
		e.Canonise(n, r, c)
		require.Equal(t, form, e.Form())
		require.Equal(t, size, e.BigSize())
	}
	e.WithoutGenerators = false
}

func randomGraph(n int, p float64, rng *rand.Rand) []uint64 {
	rows := make([]uint64, n)
	for v := range n {
		for u := range v {
			if rng.Float64() < p {
				rows[u] |= 1 << v
				rows[v] |= 1 << u
			}
		}
	}
	return rows
}

func TestRandomGraphs(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var e Engine
	for n := 1; n <= 64; n++ {
		for _, p := range []float64{0, 0.02, 0.1, 0.3, 0.5, 0.8, 0.97, 1} {
			rows := randomGraph(n, p, rng)
			checkForm(t, &e, rows, nil, rng, 4)
			colour := make([]int32, n)
			for v := range colour {
				colour[v] = int32(rng.IntN(min(3, n)))
			}
			checkForm(t, &e, rows, colour, rng, 4)
		}
	}
	e.Canonise(64, randomGraph(64, 1, rng), nil)
	_, ok := e.Size()
	require.False(t, ok)
	require.Equal(t, new(big.Int).MulRange(1, 64), e.BigSize())
	require.Panics(t, func() { e.Canonise(65, make([]uint64, 65), nil) })
}
