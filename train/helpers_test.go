package train_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/dataset"
	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/tensor"
	"symbridge/train"
)

func stateSHA256(t testing.TB, s *train.State[float32]) string {
	var buf bytes.Buffer
	require.NoError(t, s.Write(&buf))
	sum := sha256.Sum256(buf.Bytes())
	return hex.EncodeToString(sum[:])
}

// randomNodes returns a random multigraph with normal features and two classes.
func randomNodes(t testing.TB, n, e, features int) *dataset.Set[float32] {
	rng := rand.New(rand.NewPCG(11, 12))
	edges := make([][2]int32, e)
	for k := range edges {
		edges[k] = [2]int32{rng.Int32N(int32(n)), rng.Int32N(int32(n))}
	}
	g, err := graph.New(n, edges)
	require.NoError(t, err)
	d := &gnn.Data[float32]{Graph: g, X: tensor.NewDense[float32](n, features), NodeClass: make([]int32, n)}
	for i := range d.X.Data {
		d.X.Data[i] = float32(rng.NormFloat64())
	}
	for v := range n {
		if d.X.At(v, 0) > 0 {
			d.NodeClass[v] = 1
		}
		switch v % 4 {
		case 0:
			d.Val = append(d.Val, int32(v))
		case 1:
			d.Test = append(d.Test, int32(v))
		default:
			d.Train = append(d.Train, int32(v))
		}
	}
	return &dataset.Set[float32]{Task: dataset.NodeClassification, Data: []*gnn.Data[float32]{d}, Classes: 2}
}

// ringSet returns rings with and without a chord, classed by it, with identities.
func ringSet(t testing.TB, count int) *dataset.Set[float32] {
	rng := rand.New(rand.NewPCG(21, 22))
	s := &dataset.Set[float32]{Task: dataset.GraphClassification, Classes: 2}
	var node, edge uint64
	ids := func(next *uint64, n int) []uint64 {
		out := make([]uint64, n)
		for i := range out {
			out[i] = *next
			*next++
		}
		return out
	}
	for i := range count {
		n := int32(4 + rng.IntN(6))
		var edges [][2]int32
		for v := range n {
			edges = append(edges, [2]int32{v, (v + 1) % n})
		}
		if i%2 == 1 {
			edges = append(edges, [2]int32{0, 2})
		}
		g, err := graph.NewUndirected(int(n), edges)
		require.NoError(t, err)
		g, err = g.WithIDs(ids(&node, g.NumNodes()), ids(&edge, g.NumEdges()), []uint64{uint64(1000 + i)})
		require.NoError(t, err)
		x := tensor.NewDense[float32](int(n), 3)
		for v := range int(n) {
			x.Set(v, 0, 1)
			x.Set(v, 1, float32(g.InDegree(int32(v))))
			x.Set(v, 2, float32(rng.NormFloat64()))
		}
		s.Data = append(s.Data, &gnn.Data[float32]{Graph: g, X: x, GraphClass: []int32{int32(i % 2)}})
	}
	return s
}

func ringSplit(count int) train.Split {
	var s train.Split
	for i := range int32(count) {
		switch i % 5 {
		case 3:
			s.Val = append(s.Val, i)
		case 4:
			s.Test = append(s.Test, i)
		default:
			s.Train = append(s.Train, i)
		}
	}
	return s
}

// permuteGraphs moves the graphs of a set, and the lists of its split.
func permuteGraphs(s *dataset.Set[float32], split train.Split) (*dataset.Set[float32], train.Split) {
	p := rand.New(rand.NewPCG(31, 32)).Perm(len(s.Data))
	out := *s
	out.Data = make([]*gnn.Data[float32], len(p))
	for i, q := range p {
		out.Data[q] = s.Data[i]
	}
	move := func(l []int32) []int32 {
		var m []int32
		for _, i := range l {
			m = append(m, int32(p[i]))
		}
		return m
	}
	return &out, train.Split{Train: move(split.Train), Val: move(split.Val), Test: move(split.Test)}
}
