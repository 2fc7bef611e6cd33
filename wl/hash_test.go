package wl

import (
	"crypto/sha256"
	"encoding/binary"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"symbridge/graph"
)

// definition digests what the documentation of Hash says, slowly.
type definition struct {
	g *graph.Graph
	o Options
	b []byte
}

func (d *definition) numbers(xs ...uint64) {
	for _, x := range xs {
		d.b = binary.LittleEndian.AppendUint64(d.b, x)
	}
}

func (d *definition) begin(kind byte) {
	d.b = nil
	d.numbers(uint64(len(HashVersion)))
	d.b = append(append(d.b, HashVersion...), kind)
}

func label(l []uint64, k int) uint64 {
	if l == nil {
		return 0
	}
	return l[k]
}

func scramble(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func feistel(a, b uint64) [2]uint64 {
	for k := range uint64(2) {
		a ^= scramble(b + 2*k + 1)
		b ^= scramble(a + 2*k + 2)
	}
	return [2]uint64{a, b}
}

// residues sums pairs modulo 2^64-1.
func residues(xs [][2]uint64) (s [2]uint64) {
	m := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 64), big.NewInt(1))
	for i := range s {
		sum := new(big.Int)
		for _, x := range xs {
			sum.Add(sum, new(big.Int).SetUint64(x[i]))
		}
		s[i] = sum.Mod(sum, m).Uint64()
	}
	return s
}

func (d *definition) rounds() [32]byte {
	n := d.g.NumNodes()
	arcs := [2][][]int32{make([][]int32, n), make([][]int32, n)} // that enter, that leave
	for k, e := range d.g.Edges() {
		arcs[0][e[1]] = append(arcs[0][e[1]], k)
		arcs[1][e[0]] = append(arcs[1][e[0]], k)
	}
	c := make([][2]uint64, n)
	for v := range c {
		c[v] = feistel(label(d.o.NodeLabels, v), 0)
	}
	for range d.o.Rounds {
		next := make([][2]uint64, n)
		for v := range next {
			next[v] = c[v]
			for side := range 2 {
				var seen [][2]uint64
				for _, k := range arcs[side][v] {
					u := d.g.From()[k]
					if side == 1 {
						u = d.g.To()[k]
					}
					l := feistel(label(d.o.EdgeLabels, int(k)), 1)
					seen = append(seen, feistel(c[u][0]+l[0], c[u][1]+l[1]))
				}
				s := residues(seen)
				next[v] = feistel(next[v][0]+s[0], next[v][1]+s[1])
			}
		}
		c = next
	}
	for v, x := range c {
		c[v] = feistel(x[0], x[1])
	}
	s := residues(c)
	d.begin('R')
	d.numbers(uint64(d.o.Rounds), uint64(n), s[0], s[1])
	return sha256.Sum256(d.b)
}

func (d *definition) stable() [32]byte {
	r := Refine(d.g, Options{NodeLabels: d.o.NodeLabels, EdgeLabels: d.o.EdgeLabels})
	d.begin('S')
	d.numbers(uint64(d.g.NumNodes()), uint64(r.NumColours()))
	for c, size := range r.Histogram() {
		v := slices.Index(r.Colours(), int32(c))
		seen := map[uint64]map[int32]uint32{}
		for k, e := range d.g.Edges() {
			if l := label(d.o.EdgeLabels, int(k)); int(e[1]) == v {
				if seen[l] == nil {
					seen[l] = map[int32]uint32{}
				}
				seen[l][r.Colours()[e[0]]]++
			}
		}
		d.numbers(uint64(size), label(d.o.NodeLabels, v), uint64(len(seen)))
		for _, l := range sortedKeys(seen) {
			d.numbers(l, uint64(len(seen[l])))
			for _, k := range sortedKeys(seen[l]) {
				d.b = binary.LittleEndian.AppendUint32(d.b, uint32(k))
				d.b = binary.LittleEndian.AppendUint32(d.b, seen[l][k])
			}
		}
	}
	return sha256.Sum256(d.b)
}

func sortedKeys[K interface{ ~int32 | ~uint64 }, V any](m map[K]V) []K {
	var out []K
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func TestHashIsTheDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, o := draw(t)
		d := definition{g: g, o: o}
		if o.Rounds > 0 {
			require.Equal(t, d.rounds(), Hash(g, o))
		} else {
			require.Equal(t, d.stable(), Hash(g, o))
		}
	})
}

// Graphs with enough arcs for several workers, and however they are declared.
func TestHashInParts(t *testing.T) {
	g := gnm(2000, 12000)
	d := definition{g: g, o: Options{Rounds: 3}}
	require.Equal(t, d.rounds(), Hash(g, d.o))
	require.Equal(t, d.rounds(), Hash(directed(2000, g.EdgeList()...), d.o))
}
