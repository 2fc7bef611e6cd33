package symmetry

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/tensor"
)

func rng() *rand.Rand { return rand.New(rand.NewPCG(1, 1)) }

// model is a toy: node v has feature x[v], and edge k feature y[k]; relabelled rows of the kind asked for come back.
func model(x []float32, kind Rows) func(p, q Perm) (Output[float32], error) {
	return func(p, q Perm) (Output[float32], error) {
		m := tensor.Dense[float32]{Rows: len(x), Cols: 1, Data: x}
		switch kind {
		case Nodes:
			m = m.PermuteRows(p)
		case Edges:
			m = m.PermuteRows(q)
		}
		return Output[float32]{Values: m, Rows: kind}, nil
	}
}

func TestCertifyExact(t *testing.T) {
	for _, kind := range []Rows{Nodes, Edges, Graphs} {
		var calls int
		c, err := Certify(t.Context(), model([]float32{1, 2, 3, 4, 5, 6, 7}, kind), 7, 7, 10, rng(), nil, 5,
			func(done, total int) { calls++; require.Equal(t, [2]int{calls, 10}, [2]int{done, total}) })
		require.NoError(t, err)
		require.True(t, c.Exact())
		require.False(t, c.Exhaustive)
		require.Equal(t, 10, calls)
		require.Equal(t, 70, c.Entries)
		require.Zero(t, c.Ratio)
	}
}

// A sum in storage order is caught, and so is an output that depends on the index.
func TestCertifyCatches(t *testing.T) {
	x := []float32{1, 1e8, -1e8, 3, 5, 1e-3}
	naive := func(p, q Perm) (Output[float32], error) {
		var sum float32
		for _, v := range Apply(p, x) {
			sum += v
		}
		return Output[float32]{Values: tensor.FromRows([][]float32{{sum}}), Rows: Graphs}, nil
	}
	c, err := Certify(t.Context(), naive, 6, 0, 50, rng(), nil, 0)
	require.NoError(t, err)
	require.False(t, c.Exact())
	require.NotZero(t, c.DifferingBits)
	require.NotZero(t, c.MaxULP)
	require.NotZero(t, c.MaxAbs)
	require.Contains(t, c.FirstDifference, "row 0, column 0")
	require.Contains(t, c.String(), "NOT EXACT")
	require.Contains(t, c.String(), c.FirstDifference)

	order := func(p, q Perm) (Output[float32], error) { // only the edge order shows
		return Output[float32]{Values: tensor.FromRows([][]float32{{float32(q[0])}}), Rows: Graphs}, nil
	}
	c, err = Certify(t.Context(), order, 2, 9, 20, rng(), nil, 0)
	require.NoError(t, err)
	require.False(t, c.Exact())

	nan := func(p, q Perm) (Output[float32], error) {
		v := float32(1)
		if !p.IsIdentity() {
			v = float32(math.NaN())
		}
		return Output[float32]{Values: tensor.FromRows([][]float32{{v}}), Rows: Graphs}, nil
	}
	c, err = Certify(t.Context(), nan, 3, 0, 100, rng(), nil, 0)
	require.NoError(t, err)
	require.EqualValues(t, uint64(math.MaxUint64), c.MaxULP)
	require.Equal(t, math.MaxFloat64, c.MaxAbs)
	_, err = json.Marshal(c)
	require.NoError(t, err)
}

// A model that overwrites its arguments cannot talk the comparison round.
func TestCertifyKeepsItsPermutations(t *testing.T) {
	f := func(p, q Perm) (Output[float64], error) {
		values := tensor.FromRows([][]float64{{0}, {1}, {2}, {3}, {4}, {5}}) // not permuted: wrong
		copy(p, Identity(6))
		return Output[float64]{Values: values}, nil
	}
	c, err := Certify(t.Context(), f, 6, 0, 20, rng(), nil, 0)
	require.NoError(t, err)
	require.False(t, c.Exact())
}

func TestCertifyAllRelabelings(t *testing.T) {
	for n, want := range []int{1, 1, 2, 6, 24, 120} {
		seen := map[string]int{}
		f := func(p, q Perm) (Output[float32], error) {
			b, _ := json.Marshal(p)
			seen[string(b)]++
			return Output[float32]{Values: tensor.NewDense[float32](n, 2)}, nil
		}
		c, err := Certify(t.Context(), f, n, 3, 500, rng(), nil, 0)
		require.NoError(t, err)
		require.True(t, c.Exhaustive)
		require.Equal(t, want, c.Relabelings)
		require.Equal(t, want*n*2, c.Entries)
		require.Len(t, seen, want) // the identity twice: the reference, and with the edges shuffled
		b, _ := json.Marshal(Identity(n))
		require.Equal(t, 2, seen[string(b)])
		require.True(t, c.Exact())
		require.Contains(t, c.String(), "all ")
	}
	c, err := Certify(t.Context(), model([]float32{1, 2, 3, 4, 5}, Nodes), 5, 5, 119, rng(), nil, 0)
	require.NoError(t, err)
	require.False(t, c.Exhaustive)
	require.Equal(t, 119, c.Relabelings)
}

func TestCertifyErrors(t *testing.T) {
	shape := func(rows int, kind Rows) func(p, q Perm) (Output[float32], error) {
		return func(p, q Perm) (Output[float32], error) {
			return Output[float32]{Values: tensor.NewDense[float32](rows, 2), Rows: kind}, nil
		}
	}
	for _, f := range []func(p, q Perm) (Output[float32], error){shape(3, Nodes), shape(3, Edges), shape(3, 9)} {
		_, err := Certify(t.Context(), f, 4, 5, 3, rng(), nil, 0)
		require.ErrorIs(t, err, ErrOutput)
	}
	grows := func(p, q Perm) (Output[float32], error) {
		return Output[float32]{Values: tensor.NewDense[float32](1, 1+int(p[0])), Rows: Graphs}, nil
	}
	_, err := Certify(t.Context(), grows, 8, 0, 30, rng(), nil, 0)
	require.ErrorIs(t, err, ErrOutput)

	_, err = Certify(t.Context(), shape(4, Nodes), 4, 0, 0, rng(), nil, 0)
	require.ErrorContains(t, err, "want at least 1")

	broken := errors.New("broken")
	var calls int
	fails := func(p, q Perm) (Output[float32], error) {
		calls++
		if calls%3 == 0 {
			return Output[float32]{}, broken
		}
		return shape(4, Nodes)(p, q)
	}
	_, err = Certify(t.Context(), fails, 4, 0, 9, rng(), nil, 0)
	require.ErrorIs(t, err, broken)
	require.ErrorContains(t, err, "relabeling 1")
	calls = 2
	_, err = Certify(t.Context(), fails, 4, 0, 9, rng(), nil, 0)
	require.ErrorIs(t, err, broken)

	ctx, cancel := context.WithCancel(t.Context())
	_, err = Certify(ctx, shape(4, Nodes), 4, 0, 9, rng(), nil, 0, func(done, total int) {
		if done == 2 {
			cancel()
		}
	})
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "after 2 of 9")
}

func TestCertificateJSON(t *testing.T) {
	layers := []LayerShape{{34, 34, 16}, {34, 16, 4}}
	c, err := Certify(t.Context(), model(make([]float32, 34), Nodes), 34, 0, 2, rng(), layers, 628)
	require.NoError(t, err)
	b, err := json.Marshal(c)
	require.NoError(t, err)
	require.JSONEq(t, `{"group":"S_34","group_order":"295232799039604140847618609643520000000","group_order_log10":38.470164604,
		"relabelings":2,"exhaustive":false,"entries":68,"differing_entries":0,"differing_bits":0,"max_ulp":0,"max_abs":0,
		"theta":702848,"theta_equivariant":1216,"parameters":628,"ratio":578,"slogan_holds":false}`, string(b))
	var back Certificate
	require.NoError(t, json.Unmarshal(b, &back))
	require.Equal(t, c.String(), back.String())
	again, err := json.Marshal(back)
	require.NoError(t, err)
	require.Equal(t, string(b), string(again))
	require.Equal(t, `certificate  S_34, |G| = 2.952e+38: EXACT
outputs      0 of 68 entries differ over 2 random relabelings and edge orders
             0 differing bits, max 0 ulp, max abs 0
weights      702848 in dense maps, 1216 equivariant ones among them: a factor 578, not |G|
parameters   628 of the model`, c.String())
}

// The counts against the ranks of the fixed space of S_n on pairs, by Burnside: the mean of fix(p)^2.
func TestThetaEquivariantIsBurnsidesCount(t *testing.T) {
	for n := range 7 {
		var fixed, order int
		for p := range All(n) {
			var f int
			for i, v := range p {
				if int(v) == i {
					f++
				}
			}
			fixed, order = fixed+f*f, order+1
		}
		require.Zero(t, fixed%order)
		l := LayerShape{n, 3, 5}
		require.Equal(t, NewCount(fixed/order*15).String(), l.ThetaEquivariant().String(), "n=%d", n)
		require.Equal(t, NewCount(n*n*15).String(), l.Theta().String())

		c := newCertificate(n, []LayerShape{l}, 0)
		require.Equal(t, n == 1 || n == 2, c.SloganHolds, "n=%d", n) // free on pairs only there
		if n > 0 {
			require.LessOrEqual(t, c.Ratio, float64(order))
		}
	}
	require.Equal(t, "16", LayerShape{4, 1, 1}.Theta().String())
	require.Equal(t, "2", LayerShape{4, 1, 1}.ThetaEquivariant().String())
}

func TestLargeCountsAreStrings(t *testing.T) {
	c := newCertificate(20000, []LayerShape{{20000, 5000, 5000}}, 1<<53+1)
	b, err := json.Marshal(c)
	require.NoError(t, err)
	var m map[string]any
	require.NoError(t, json.Unmarshal(b, &m))
	require.Equal(t, "10000000000000000", m["theta"])
	require.Equal(t, 5e7, m["theta_equivariant"])
	require.Equal(t, "9007199254740993", m["parameters"])
	require.Equal(t, 77337.259881956, m["group_order_log10"])
	require.Equal(t, 2e8, m["ratio"])
	require.Contains(t, c.String(), "|G| = 1.819e+77337")
}

func TestCount(t *testing.T) {
	var c Count
	b, err := json.Marshal(c)
	require.NoError(t, err)
	require.Equal(t, "0", string(b))
	for in, want := range map[string]string{"0": "0", "9007199254740992": "9007199254740992",
		`"9007199254740993"`: `"9007199254740993"`, `"12"`: "12"} {
		require.NoError(t, json.Unmarshal([]byte(in), &c))
		b, err := json.Marshal(c)
		require.NoError(t, err)
		require.Equal(t, want, string(b))
	}
	for _, in := range []string{`-1`, `1.5`, `1e3`, `""`, `"0x10"`, `"-3"`, `null`, `true`, `"`} {
		require.ErrorIs(t, c.UnmarshalJSON([]byte(in)), ErrCount, in)
	}
	long := make([]byte, MaxCountDigits+1)
	for i := range long {
		long[i] = '1'
	}
	require.ErrorIs(t, c.UnmarshalJSON(long), ErrCount)
	require.Panics(t, func() { NewCount(-1) })
	i := NewCount(5)
	i.Int().SetInt64(7) // a copy
	require.Equal(t, "5", i.String())
}

func FuzzCount(f *testing.F) {
	for _, s := range []string{"0", "12", `"9007199254740993"`, `"`, `"-1"`, "1e9", ""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var c, d Count
		if c.UnmarshalJSON(b) != nil {
			return
		}
		out, err := c.MarshalJSON()
		require.NoError(t, err)
		require.NoError(t, d.UnmarshalJSON(out))
		require.Zero(t, c.Cmp(d))
	})
}
