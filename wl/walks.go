package wl

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/big"
	"math/bits"
	"slices"

	"symbridge/graph"
)

// walkLabels returns the rank of the label and the exact probabilities of return of each node, and the content of each rank.
//
// All probabilities of k steps are fractions over L^k, where L is the least common multiple of the out-degrees. The walks from
// one node are followed in integers of as many words as L^k needs: with the number a(u) of walks at u, weighted,
//
//	a'(v) = sum over edges (u,v) of a(u) L/deg(u),    p(k,v) = a(v)/L^k of the walks from v.
//
// Nothing is rounded and no modulus taken. The content holds L and the numerators: where L is the same, equal numerators are equal
// fractions, and where it is not, 1-WL sees that the degrees are not.
func walkLabels(ctx context.Context, g *graph.Graph, opts Options, steps int) (rank []int32, content []string, err error) {
	w, err := newWalker(g, steps)
	if err != nil {
		return nil, nil, err
	}
	keys := make([]string, g.NumNodes())
	var key []byte
	for v := range keys {
		var label uint64
		if opts.NodeLabels != nil {
			label = opts.NodeLabels[v]
		}
		if key, err = w.returns(ctx, binary.BigEndian.AppendUint64(key[:0], label), int32(v)); err != nil {
			return nil, nil, err
		}
		keys[v] = string(key)
	}
	content = slices.Compact(slices.Sorted(slices.Values(keys)))
	rank = make([]int32, len(keys))
	for v, key := range keys {
		r, _ := slices.BinarySearch(content, key)
		rank[v] = int32(r)
	}
	return rank, append(content, string(w.scale.Bytes())), nil
}

// walker follows the walks from one node after the other.
type walker struct {
	in          *graph.Segments
	steps, size int
	scale       *big.Int // L
	words       []int    // after k steps
	weight      [][]uint64
	at, scaled  []uint64 // (n,size) little-endian words
}

func newWalker(g *graph.Graph, steps int) (*walker, error) {
	n := g.NumNodes()
	w := &walker{in: g.In(), steps: steps, scale: big.NewInt(1), weight: make([][]uint64, n)}
	out := g.OutDegrees()
	for _, d := range slices.Compact(slices.Sorted(slices.Values(out))) {
		if d > 0 {
			d := big.NewInt(int64(d))
			w.scale.Mul(w.scale, new(big.Int).Div(d, new(big.Int).GCD(nil, nil, d, w.scale)))
		}
	}
	total := 0
	for k := range steps + 1 {
		w.words = append(w.words, k*w.scale.BitLen()/64+1)
		if total += w.words[k]; total > maxElements/max(1, n) {
			return nil, fmt.Errorf("wl: %v on %d nodes: exact fractions over powers of a number of %d bits take more than %d words; "+
				"take fewer steps: %w", RandomWalk(steps), n, w.scale.BitLen(), maxElements, ErrTooLarge)
		}
	}
	w.size = w.words[steps]
	perDegree := make(map[int32][]uint64)
	for v, d := range out {
		if _, ok := perDegree[d]; !ok && d > 0 {
			perDegree[d] = words(new(big.Int).Div(w.scale, big.NewInt(int64(d))))
		}
		w.weight[v] = perDegree[d]
	}
	w.at, w.scaled = make([]uint64, n*w.size), make([]uint64, n*w.size)
	return w, nil
}

// words returns the words of a number, the lowest first.
func words(x *big.Int) []uint64 {
	b := x.FillBytes(make([]byte, (x.BitLen()+63)/64*8))
	out := make([]uint64, len(b)/8)
	for i := range out {
		out[i] = binary.BigEndian.Uint64(b[len(b)-8*i-8:])
	}
	return out
}

// returns appends the weighted numbers of walks from s that are back after 1, 2, ... steps.
func (w *walker) returns(ctx context.Context, dst []byte, s int32) ([]byte, error) {
	clear(w.at)
	w.at[int(s)*w.size] = 1
	for k := 1; k <= w.steps; k++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		have, need := w.words[k-1], w.words[k]
		for u, weight := range w.weight {
			multiply(w.scaled[u*w.size:][:need], w.at[u*w.size:][:have], weight)
		}
		for v := range w.weight {
			sum := w.at[v*w.size:][:need]
			clear(sum)
			for _, u := range w.in.Row[w.in.Ptr[v]:w.in.Ptr[v+1]] {
				var carry uint64
				for i, x := range w.scaled[int(u)*w.size:][:need] {
					sum[i], carry = bits.Add64(sum[i], x, carry)
				}
			}
		}
		for _, x := range w.at[int(s)*w.size:][:need] {
			dst = binary.LittleEndian.AppendUint64(dst, x)
		}
	}
	return dst, nil
}

// multiply sets z to x times y, which fits.
func multiply(z, x, y []uint64) {
	clear(z)
	for i, a := range x {
		if a == 0 {
			continue
		}
		var carry uint64
		for j := i; j < len(z); j++ {
			var b uint64
			if j-i < len(y) {
				b = y[j-i]
			} else if carry == 0 {
				break
			}
			hi, lo := bits.Mul64(a, b)
			var c uint64
			lo, c = bits.Add64(lo, carry, 0)
			hi += c
			z[j], c = bits.Add64(z[j], lo, 0)
			carry = hi + c
		}
	}
}
