package picture

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"symbridge/graph"
)

// cycle returns the cycle with n nodes.
func cycle(n int) *graph.Graph {
	var edges [][2]int32
	for v := range n {
		edges = append(edges, [2]int32{int32(v), int32((v + 1) % n)})
	}
	return graph.Must(graph.NewUndirected(n, edges))
}

func TestLayoutOfCycle(t *testing.T) {
	s := sketchOf(cycle(6))
	at := s.layout(1, 1)
	for v, p := range at {
		require.InDelta(t, 1, p.minus(at[(v+1)%6]).length(), 0.2, "sides")
		require.InDelta(t, at[0].minus(at[3]).length(), p.minus(at[(v+3)%6]).length(), 0.2, "diameters")
	}
}

func TestLayoutOfPath(t *testing.T) {
	at := sketchOf(path(9)).layout(3, 1)
	require.InDelta(t, 8, math.Abs(at[0].x-at[8].x), 0.2, "a path lies flat")
}

func TestLayoutIsFiniteAndApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := sketchOf(anyGraph(t, 40))
		at := s.layout(rapid.Uint64().Draw(t, "seed"), rapid.Float64Range(0.3, 3).Draw(t, "aspect"))
		for i, p := range at {
			require.True(t, finite(p.x) && finite(p.y))
			for _, q := range at[:i] {
				require.Greater(t, p.minus(q).length(), 1e-3, "two nodes in one place")
			}
		}
	})
}

// Components do not overlap.
func TestPack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 30).Draw(t, "boxes")
		boxes := make([]box, n)
		for i := range boxes {
			boxes[i].width = rapid.Float64Range(0.1, 20).Draw(t, "width")
			boxes[i].height = rapid.Float64Range(0.1, 20).Draw(t, "height")
		}
		pack(boxes, rapid.Float64Range(0.3, 3).Draw(t, "aspect"))
		for i, a := range boxes {
			require.True(t, a.corner.x >= 0 && a.corner.y >= 0)
			for _, b := range boxes[:i] {
				apart := a.corner.x+a.width <= b.corner.x+1e-6 || b.corner.x+b.width <= a.corner.x+1e-6 ||
					a.corner.y+a.height <= b.corner.y+1e-6 || b.corner.y+b.height <= a.corner.y+1e-6
				require.True(t, apart, "%v and %v overlap", a, b)
			}
		}
	})
}

// The tree's push is the sum over all other points, but for what it takes as one.
func TestTreePush(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 3))
	at := make([]point, 500)
	for i := range at {
		at[i] = point{rng.Float64(), rng.Float64()}.times(20)
	}
	at[7] = at[8] // points that coincide
	var tr tree
	tr.build(at)
	var total, off float64
	for i, p := range at {
		var want point
		for j, q := range at {
			gap := p.minus(q)
			if d := gap.length(); j != i {
				want = want.plus(gap.times(1 / (d*d*d + 1e-3)))
			}
		}
		total += want.length()
		off += want.minus(tr.push(p, int32(i))).length()
	}
	require.Less(t, off/total, 0.1)
}

// A large graph of two clusters falls into two clumps.
func TestForces(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	const half = 200
	edges := [][2]int32{{0, half}}
	for side := range int32(2) {
		for v := range int32(half) {
			for range 3 {
				edges = append(edges, [2]int32{side*half + v, side*half + rng.Int32N(half)})
			}
		}
	}
	s := sketchOf(graph.Must(graph.NewUndirected(2*half, edges)))
	require.Len(t, s.components(), 1)
	at := s.layout(1, 1)
	var centre [2]point
	for v, p := range at {
		centre[v/half] = centre[v/half].plus(p.times(1.0 / half))
	}
	misplaced := 0
	for v, p := range at {
		if p.minus(centre[v/half]).length() > p.minus(centre[1-v/half]).length() {
			misplaced++
		}
	}
	require.Less(t, misplaced, 20)
}

func TestFrame(t *testing.T) {
	at := []point{{0, 0}, {4, 1}, {2, 2}}
	require.InDelta(t, 20, frame(at, point{10, 20}, point{100, 100}, 10), 1e-9)
	require.InDelta(t, 20, at[0].x, 1e-9)
	require.InDelta(t, 100, at[1].x, 1e-9)
	require.InDelta(t, 70, (at[0].y+at[2].y)/2, 1e-9)
	one := []point{{3, 3}}
	require.Zero(t, frame(one, point{0, 0}, point{10, 10}, 1))
	require.Equal(t, point{5, 5}, one[0])
	require.Zero(t, frame(nil, point{}, point{}, 0))
}

func BenchmarkLayout(b *testing.B) {
	rng := rand.New(rand.NewPCG(5, 6))
	var edges [][2]int32
	for v := range int32(3000) {
		edges = append(edges, [2]int32{v, rng.Int32N(v + 1)}, [2]int32{v, rng.Int32N(v + 1)})
	}
	s := sketchOf(graph.Must(graph.NewUndirected(3000, edges)))
	for b.Loop() {
		s.layout(1, 1.3)
	}
}
