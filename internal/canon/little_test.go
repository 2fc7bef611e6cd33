package canon

import (
	"math/bits"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/graph/enumerate"
	"symbridge/internal/cells"
)

func smallGraphs(n int) (list []*cells.Graph) {
	for rows := range enumerate.Rows(n, false) {
		g := &cells.Graph{N: n, Ptr: []int32{0}}
		for _, row := range rows {
			for ; row != 0; row &= row - 1 {
				g.Adj = append(g.Adj, int32(bits.TrailingZeros64(row)))
			}
			g.Ptr = append(g.Ptr, int32(len(g.Adj)))
		}
		list = append(list, g)
	}
	return list
}

// Two ways to the groups of all graphs with six vertices.
func TestLittleIsPlain(t *testing.T) {
	for _, g := range smallGraphs(6) {
		r, plain := Canonise(g, nil, Options{}), Canonise(g, nil, Options{Plain: true})
		require.Equal(t, plain.Size.String(), r.Size.String())
		require.True(t, r.Proved)
		require.Equal(t, -1, Check(g, nil, r.Generators, nil))
	}
}

func BenchmarkEightVertices(b *testing.B) {
	list := smallGraphs(8)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		Canonise(list[i], nil, Options{})
		if i++; i == len(list) {
			i = 0
		}
	}
}
