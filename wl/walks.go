package wl

import (
	"cmp"
	"context"
	"encoding/binary"
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
// Nothing is rounded and no modulus taken, so equal colours are equal fractions.
func walkLabels(ctx context.Context, g *graph.Graph, opts Options, steps int) (rank []int32, content []string, err error) {
	n := g.NumNodes()
	w := newWalker(g, steps)
	node, labels := nodeRanks(n, opts.NodeLabels)

	class, texts := make([]int32, n), []string{}
	seen := make(map[string]int32)
	var key []byte
	for v := range int32(n) {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		key = binary.LittleEndian.AppendUint32(key[:0], uint32(node[v]))
		key = w.returns(key, v)
		c, ok := seen[string(key)]
		if !ok {
			c = int32(len(texts))
			seen[string(key)] = c
			texts = append(texts, w.text(labels[node[v]], key[4:]))
		}
		class[v] = c
	}
	order := make([]int32, len(texts))
	for c := range order {
		order[c] = int32(c)
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Compare(texts[a], texts[b]) })
	place := make([]int32, len(texts))
	for r, c := range order {
		place[c] = int32(r)
		content = append(content, texts[c])
	}
	for v, c := range class {
		class[v] = place[c]
	}
	return class, content, nil
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

func newWalker(g *graph.Graph, steps int) *walker {
	n := g.NumNodes()
	w := &walker{in: g.In(), steps: steps, scale: big.NewInt(1), weight: make([][]uint64, n)}
	out := g.OutDegrees()
	for _, d := range slices.Compact(slices.Sorted(slices.Values(out))) {
		if d > 0 {
			d := big.NewInt(int64(d))
			w.scale.Mul(w.scale, new(big.Int).Div(d, new(big.Int).GCD(nil, nil, d, w.scale)))
		}
	}
	for k := range steps + 1 {
		w.words = append(w.words, k*w.scale.BitLen()/64+1)
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
	return w
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
func (w *walker) returns(dst []byte, s int32) []byte {
	clear(w.at)
	w.at[int(s)*w.size] = 1
	for k := 1; k <= w.steps; k++ {
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
	return dst
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

// text writes a label and the fractions in lowest terms.
func (w *walker) text(label uint64, numbers []byte) string {
	out := binary.BigEndian.AppendUint64(nil, label)
	power := big.NewInt(1)
	for k := 1; k <= w.steps; k++ {
		power.Mul(power, w.scale)
		b := slices.Clone(numbers[:8*w.words[k]])
		numbers = numbers[len(b):]
		slices.Reverse(b)
		out = append(out, new(big.Rat).SetFrac(new(big.Int).SetBytes(b), power).String()...)
		out = append(out, ' ')
	}
	return string(out)
}
