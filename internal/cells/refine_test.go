package cells

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// random returns a symmetric graph with about m edges and labels 0..labels-1, both ends seeing one label.
func random(rng *rand.Rand, n, m, labels int) *Graph {
	type end struct{ label, to int32 }
	ends := make([][]end, n)
	seen := map[[2]int32]bool{}
	for range m {
		u, v := rng.Int32N(int32(n)), rng.Int32N(int32(n))
		if u == v || seen[[2]int32{min(u, v), max(u, v)}] {
			continue
		}
		seen[[2]int32{min(u, v), max(u, v)}] = true
		l := rng.Int32N(int32(labels))
		ends[u], ends[v] = append(ends[u], end{l, v}), append(ends[v], end{l, u})
	}
	g := &Graph{N: n, Ptr: []int32{0}}
	for _, e := range ends {
		slices.SortFunc(e, func(a, b end) int { return int(a.label) - int(b.label) })
		for _, x := range e {
			g.Adj, g.Label = append(g.Adj, x.to), append(g.Label, x.label)
		}
		g.Ptr = append(g.Ptr, int32(len(g.Adj)))
	}
	if labels == 1 {
		g.Label = nil
	}
	return g
}

func relabel(g *Graph, p []int32) *Graph {
	h := &Graph{N: g.N, Ptr: []int32{0}}
	old := make([]int32, g.N)
	for v, w := range p {
		old[w] = int32(v)
	}
	for _, v := range old {
		for k := g.Ptr[v]; k < g.Ptr[v+1]; k++ {
			h.Adj = append(h.Adj, p[g.Adj[k]])
			if g.Label != nil {
				h.Label = append(h.Label, g.Label[k])
			}
		}
		h.Ptr = append(h.Ptr, int32(len(h.Adj)))
	}
	return h
}

// naive refines by whole tuples, round after round.
func naive(g *Graph, colour []int32) []int32 {
	all := partitions(g, colour)
	return all[len(all)-1]
}

func naiveRound(g *Graph, c []int32) []int32 {
	keys := make([]string, g.N)
	for v := range g.N {
		var t []string
		for k := g.Ptr[v]; k < g.Ptr[v+1]; k++ {
			var l int32
			if g.Label != nil {
				l = g.Label[k]
			}
			t = append(t, fmt.Sprint(l, c[g.Adj[k]]))
		}
		slices.Sort(t)
		keys[v] = fmt.Sprint(c[v], t)
	}
	names := slices.Compact(slices.Sorted(slices.Values(keys)))
	out := make([]int32, g.N)
	for v := range out {
		k, _ := slices.BinarySearch(names, keys[v])
		out[v] = int32(k)
	}
	return out
}

func samePartition(t *testing.T, want []int32, p *Partition) {
	t.Helper()
	to := map[int32]int32{}
	for v, c := range want {
		d, ok := to[c]
		if !ok {
			to[c] = p.Cell(int32(v))
		} else {
			require.Equal(t, d, p.Cell(int32(v)))
		}
	}
	require.Equal(t, len(to), p.Cells())
}

func consistent(t *testing.T, p *Partition) {
	t.Helper()
	cells, live := 0, int64(0)
	for s := int32(0); int(s) < p.Len(); s += p.Size(s) {
		cells++
		require.Equal(t, p.Size(s) == 1, p.of[p.lab[s]] < 0)
		for k, v := range p.Members(s) {
			require.Equal(t, s, p.Cell(v))
			require.Equal(t, s+int32(k), p.Place(v))
			require.Zero(t, p.at[v].hits)
		}
		require.Zero(t, p.cell[s].hit)
		require.False(t, p.cell[s].queued())
		require.Equal(t, p.g.Degree(p.lab[s]), p.cell[s].deg)
		if p.Size(s) > 1 {
			live += int64(p.Size(s)) * int64(p.cell[s].deg)
		}
	}
	require.Equal(t, cells, p.Cells())
	require.Equal(t, live, p.live)
	require.Zero(t, p.pending)
}

func TestRefine(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 400 {
		n := 1 + rng.IntN(30)
		g := random(rng, n, rng.IntN(3*n), 1+rng.IntN(3))
		require.NoError(t, g.Check())
		colour := make([]int32, n)
		for v := range colour {
			colour[v] = rng.Int32N(2)
		}
		p := New(g, colour)
		p.eager = i%2 == 1
		var tr Trace
		tr.Record()
		require.Equal(t, Stable, p.Refine(&tr))
		consistent(t, p)
		samePartition(t, naive(g, colour), p)

		// The same on a relabelled graph: cells move along, and the trace is equal.
		perm := make([]int32, n)
		for i, v := range rng.Perm(n) {
			perm[i] = int32(v)
		}
		h := relabel(g, perm)
		moved := make([]int32, n)
		for v, c := range colour {
			moved[perm[v]] = c
		}
		q := New(h, moved)
		q.eager = p.eager
		tr.Compare()
		require.Equal(t, Stable, q.Refine(&tr))
		require.Zero(t, tr.End())
		for v := range n {
			require.Equal(t, p.Cell(int32(v)), q.Cell(perm[v]))
		}

		// Individualise a vertex and its image, compare, take back.
		before := p.Starts(nil)
		for v := range int32(n) {
			if p.Size(p.Cell(v)) == 1 {
				continue
			}
			p.Mark()
			p.Individualise(v)
			tr.Record()
			require.Equal(t, Stable, p.Refine(&tr))
			consistent(t, p)
			single := slices.Clone(colour)
			for w := range single {
				single[w] = 2 * p.Cell(int32(w))
			}
			samePartition(t, naive(g, single), p)
			q.Mark()
			q.Individualise(perm[v])
			tr.Compare()
			require.Equal(t, Stable, q.Refine(&tr))
			require.Zero(t, tr.End())
			for w := range n {
				require.Equal(t, p.Cell(int32(w)), q.Cell(perm[w]))
			}
			lab, starts := slices.Clone(p.Lab()), p.Starts(nil)
			p.Undo()
			q.Undo()
			consistent(t, p)
			require.Equal(t, before, p.Starts(nil))
			p2 := New(g, colour)
			p2.Load(lab, starts)
			consistent(t, p2)
		}
	}
}

// Where little is left, comparing takes over by itself.
func TestPull(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for labels := 1; labels < 3; labels++ {
		g := random(rng, 3000, 15000, labels)
		var tr Trace
		tr.Record()
		p := New(g, nil)
		p.Refine(&tr)
		require.NotEmpty(t, p.seen.of)
		consistent(t, p)
		samePartition(t, naive(g, make([]int32, g.N)), p)
		perm := make([]int32, g.N)
		for i, v := range rng.Perm(g.N) {
			perm[i] = int32(v)
		}
		q := New(relabel(g, perm), nil)
		tr.Compare()
		q.Refine(&tr)
		require.Zero(t, tr.End())
		for v := range g.N {
			require.Equal(t, p.Cell(int32(v)), q.Cell(perm[v]))
		}
	}
}

func TestTraceFallsBehind(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	smaller, larger := 0, 0
	for range 200 {
		g := random(rng, 40, 60, 1)
		p := New(g, nil)
		var tr Trace
		tr.Record()
		p.Refine(&tr)
		first := true
		for v := range int32(g.N) {
			if p.Size(p.Cell(v)) == 1 {
				continue
			}
			before := p.Starts(nil)
			p.Mark()
			p.Individualise(v)
			if first {
				tr.Record()
				first = false
			} else {
				tr.Compare()
			}
			best := slices.Clone(tr.Words)
			out := p.Refine(&tr)
			end := tr.End()
			switch {
			case end > 0:
				larger++
				require.Positive(t, slices.Compare(tr.Words, best))
			case end < 0:
				smaller++
				require.Equal(t, best, tr.Words)
			}
			require.Equal(t, end < 0 && out == Smaller || out == Stable, true)
			p.Undo()
			consistent(t, p)
			require.Equal(t, before, p.Starts(nil))
		}
	}
	require.Positive(t, smaller)
	require.Positive(t, larger)
}

func TestSplitBy(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 100 {
		g := random(rng, 20, 40, 1)
		key := make([]uint64, 20)
		for v := range key {
			key[v] = rng.Uint64N(4)
		}
		p := New(g, nil)
		var tr Trace
		tr.Record()
		p.Refine(&tr)
		want := make([]int32, 20)
		for v := range want {
			want[v] = p.Cell(int32(v))*4 + int32(key[v])
		}
		p.SplitBy(key)
		p.Refine(&tr)
		consistent(t, p)
		samePartition(t, naive(g, want), p)
	}
}

func BenchmarkRefine(b *testing.B) {
	for _, m := range []int{100_000, 1_000_000, 10_000_000} {
		b.Run(fmt.Sprint("gnm/", m), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(7, 8))
			n := m / 5
			from, to := make([]int32, 0, 2*m), make([]int32, 0, 2*m)
			for range m {
				u, v := rng.Int32N(int32(n)), rng.Int32N(int32(n))
				if u != v {
					from, to = append(from, u, v), append(to, v, u)
				}
			}
			g := &Graph{N: n, Ptr: make([]int32, n+1), Adj: make([]int32, len(to))}
			for _, u := range from {
				g.Ptr[u+1]++
			}
			for v := range n {
				g.Ptr[v+1] += g.Ptr[v]
			}
			next := slices.Clone(g.Ptr)
			for k, u := range from {
				g.Adj[next[u]] = to[k]
				next[u]++
			}
			p := New(g, nil)
			var tr Trace
			b.ResetTimer()
			for range b.N {
				p.Reset(nil)
				tr.Ignore()
				p.Refine(&tr)
			}
			b.ReportMetric(float64(p.Cells())/float64(n), "cells/vertex")
		})
	}
}
