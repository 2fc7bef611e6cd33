package wl

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"symbridge/graph"
	"symbridge/graph/enumerate"
	"symbridge/graph/graphio"
	"symbridge/internal/testdata"
)

func fileOfGraph6(t testing.TB, name string) []*graph.Graph {
	b, err := os.ReadFile(testdata.Shared(t, name))
	require.NoError(t, err)
	return graphsOf(t, b)
}

func graphsOf(t testing.TB, lines []byte) []*graph.Graph {
	var gs []*graph.Graph
	for g, err := range graphio.Graph6(bytes.NewReader(lines), graphio.Limits{}) {
		require.NoError(t, err)
		gs = append(gs, g)
	}
	return gs
}

// npyStrings reads a NumPy array of strings, of bytes or of UCS-4.
func npyStrings(t testing.TB, name string) []string {
	b, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, "\x93NUMPY\x01\x00", string(b[:8]))
	header := int(binary.LittleEndian.Uint16(b[8:]))
	kind := regexp.MustCompile(`'([<|])([US])(\d+)'`).FindStringSubmatch(string(b[10 : 10+header]))
	require.NotNil(t, kind)
	width, err := strconv.Atoi(kind[3])
	require.NoError(t, err)
	unit := 1
	if kind[2] == "U" {
		unit = 4
	}
	var out []string
	for b = b[10+header:]; len(b) > 0; b = b[width*unit:] {
		var s strings.Builder
		for i := range width {
			if c := b[i*unit]; c != 0 {
				s.WriteByte(c)
			}
		}
		out = append(out, strings.TrimRightFunc(s.String(), unicode.IsSpace))
	}
	return out
}

// brec returns the pairs of a part of BREC: graphs 2i and 2i+1.
func brec(t testing.TB, part string) []*graph.Graph {
	lines := strings.Join(npyStrings(t, filepath.Join(testdata.Shared(t, "data/brec"), part+".npy")), "\n")
	return graphsOf(t, []byte(lines+"\n"))
}

// parted counts the pairs, of graphs 2i and 2i+1, that a method tells apart.
func parted(t testing.TB, gs []*graph.Graph, m Method) (count int) {
	class, _, err := Classes(t.Context(), gs, m)
	require.NoError(t, err)
	for i := 0; i < len(gs); i += 2 {
		if class[i] != class[i+1] {
			count++
		}
	}
	return count
}

func countOf(t testing.TB, gs []*graph.Graph, m Method) int {
	_, count, err := Classes(t.Context(), gs, m)
	require.NoError(t, err)
	return count
}

// The pairs of BREC told apart, basic, regular and extension. Wang and Zhang 2023 have the numbers of spd, m1 and 2fwl (their 3-WL).
func TestBREC(t *testing.T) {
	parts := []string{"basic", "regular", "extension"}
	pairs := map[string][]*graph.Graph{}
	for i, part := range parts {
		pairs[part] = brec(t, part)
		require.Len(t, pairs[part], []int{120, 100, 200}[i])
	}
	all := [3]int{60, 50, 100}
	for _, c := range []struct {
		m    Method
		want [3]int
	}{
		{OneWL, [3]int{0, 0, 0}}, {ShortestPath, [3]int{16, 14, 41}}, {RandomWalk(16), all}, {OneMark, all},
		{DeltaTwoLWL, all}, {TwoFWL, all}, {TwoMarks, all}, {ThreeFWL, all},
	} {
		var got [3]int
		for i, part := range parts {
			got[i] = parted(t, pairs[part], c.m)
		}
		require.Equal(t, c.want, got, "%v", c.m)
	}
}

// The pairs of EXP (Abboud et al. 2021), with the tags of their nodes.
func TestEXP(t *testing.T) {
	step := 1
	if testing.Short() {
		step = 10
	}
	f, err := os.Open(filepath.Join(testdata.Shared(t, "data/exp"), "GRAPHSAT.txt"))
	require.NoError(t, err)
	defer f.Close()
	words := bufio.NewScanner(f)
	words.Split(bufio.ScanWords)
	next := func() int32 {
		require.True(t, words.Scan())
		k, err := strconv.ParseInt(words.Text(), 10, 32)
		require.NoError(t, err)
		return int32(k)
	}
	const pairs = 600
	require.EqualValues(t, 2*pairs, next())
	var gs []*graph.Graph
	var tags [][]uint64
	for i := range 2 * pairs {
		n := next()
		next() // whether the formula can be satisfied
		var edges [][2]int32
		var tag []uint64
		for v := range n {
			tag = append(tag, uint64(next()))
			for range next() {
				edges = append(edges, [2]int32{next(), v})
			}
		}
		if i/2%step == 0 {
			gs, tags = append(gs, directed(int(n), edges...)), append(tags, tag)
		}
	}
	all := len(gs) / 2
	require.Equal(t, pairs/step, all)
	for _, c := range []struct {
		m    Method
		want int
	}{{OneWL, 0}, {ShortestPath, all}, {OneMark, all}, {RandomWalk(16), all}, {DeltaTwoLWL, all}, {TwoFWL, all}} {
		require.Equal(t, c.want, parted(t, gs, c.m), "%v", c.m)
		if c.m != OneWL && c.m != ShortestPath {
			continue
		}
		classes, err := NewClassifier(c.m)
		require.NoError(t, err)
		apart := 0
		var first int32
		for i, g := range gs {
			class, err := classes.Add(t.Context(), g, Options{NodeLabels: tags[i]})
			require.NoError(t, err)
			if i%2 == 1 && class != first {
				apart++
			}
			first = class
		}
		require.Equal(t, c.want, apart, "%v with tags", c.m)
	}
}

// All graphs with up to 7 nodes, and with 8 as the unions of connected ones: how many 1-WL tells apart, and that 2-FWL names each.
func TestSmallGraphsByMethod(t *testing.T) {
	connected := make([][]*graph.Graph, 9)
	connected[1] = []*graph.Graph{directed(1)}
	for n := 2; n <= 8; n++ {
		connected[n] = fileOfGraph6(t, fmt.Sprintf("data/smallgraphs/graph%dc.g6", n))
	}
	graphs := []int{1, 1, 2, 4, 11, 34, 156, 1044, 12346}
	oneWL := []int{1, 1, 2, 4, 11, 34, 152, 1022, 12095}
	for n := 1; n <= 8; n++ {
		gs := unions(connected, n, n, len(connected[n]))
		require.Len(t, gs, graphs[n])
		require.Equal(t, oneWL[n], countOf(t, gs, OneWL), "%d nodes", n)
		require.Equal(t, graphs[n], countOf(t, gs, TwoFWL), "%d nodes", n)
	}
}

// unions returns the graphs with n nodes whose components are, in order, at most the graph number limit-1 of size: all multisets.
func unions(connected [][]*graph.Graph, n, size, limit int) (gs []*graph.Graph) {
	if n == 0 {
		return []*graph.Graph{directed(0)}
	}
	for s := min(n, size); s >= 1; s-- {
		if s < size {
			limit = len(connected[s])
		}
		for i, c := range connected[s][:limit] {
			for _, rest := range unions(connected, n-s, s, i+1) {
				gs = append(gs, graph.Must(graph.New(n, graph.Union(c, rest).EdgeList())))
			}
		}
	}
	return gs
}

// The connected graphs with eight nodes, of which 1-WL leaves 312 pairs together.
func TestConnectedGraphsWithEightNodesByMethod(t *testing.T) {
	gs := fileOfGraph6(t, "data/smallgraphs/graph8c.g6")
	for _, c := range []struct {
		m                 Method
		classes, together int
	}{{OneWL, 10897, 312}, {ShortestPath, 10966, -1}, {OneMark, 11117, 0}, {RandomWalk(8), 11117, 0}, {DeltaTwoLWL, 11117, 0}, {TwoFWL, 11117, 0}} {
		class, count, err := Classes(t.Context(), gs, c.m)
		require.NoError(t, err)
		require.Equal(t, c.classes, count, "%v", c.m)
		sizes := make([]int, count)
		together := 0
		for _, k := range class {
			together += sizes[k]
			sizes[k]++
		}
		if c.together >= 0 {
			require.Equal(t, c.together, together, "%v", c.m)
		}
	}
}

// Two strongly regular graphs with parameters (16,6,2,2), fifteen with (25,12,5,6): three places or two marks are needed.
func TestStronglyRegularGraphs(t *testing.T) {
	for name, count := range map[string]int{"sr16622": 2, "sr251256": 15} {
		gs := fileOfGraph6(t, "data/sr25/"+name+".g6")
		require.Len(t, gs, count)
		for _, m := range []Method{OneWL, ShortestPath, OneMark, DeltaTwoLWL, TwoFWL, RandomWalk(16)} {
			require.Equal(t, 1, countOf(t, gs, m), "%s by %v", name, m)
		}
		for _, m := range []Method{TwoMarks, ThreeFWL, DeltaThreeLWL} {
			require.Equal(t, count, countOf(t, gs, m), "%s by %v", name, m)
		}
	}
}

// Ten circulant skip link graphs, pairwise not isomorphic.
func TestCSLByMethod(t *testing.T) {
	var gs []*graph.Graph
	for _, skip := range []int{2, 3, 4, 5, 6, 9, 11, 12, 13, 16} {
		gs = append(gs, circulant(41, 1, skip))
	}
	for m, want := range map[Method]int{OneWL: 1, ShortestPath: 9, RandomWalk(20): 10, OneMark: 10, DeltaTwoLWL: 10, TwoFWL: 10, TwoMarks: 10} {
		require.Equal(t, want, countOf(t, gs, m), "%v", m)
	}
}

// cfi returns the graph of Cai, Fürer and Immerman over a base graph, with a twist in its first edge or without, and the node of the
// base for each node. The two are parted by k-FWL for k at least the treewidth of the base, and by no lower one.
func cfi(n int, base [][2]int32, twisted bool) (*graph.Graph, []uint64) {
	beside := make([]int, n) // sets of neighbours
	for _, e := range base {
		beside[e[0]] |= 1 << e[1]
		beside[e[1]] |= 1 << e[0]
	}
	var of []uint64
	var set []int
	for v := range n {
		for s := range 1 << n {
			if s&^beside[v] == 0 && bits.OnesCount(uint(s))%2 == 0 {
				of, set = append(of, uint64(v)), append(set, s)
			}
		}
	}
	var edges [][2]int32
	for k, e := range base {
		for i, u := range of {
			for j, v := range of {
				agree := set[i]>>v&1 == set[j]>>u&1
				if u == uint64(e[0]) && v == uint64(e[1]) && agree != (twisted && k == 0) {
					edges = append(edges, [2]int32{int32(i), int32(j)})
				}
			}
		}
	}
	return undirected(len(of), edges...), of
}

func TestCaiFurerImmerman(t *testing.T) {
	complete := func(n int32) (edges [][2]int32) {
		for v := range n {
			for u := range v {
				edges = append(edges, [2]int32{u, v})
			}
		}
		return edges
	}
	triangles := func(n int32) (edges [][2]int32) { // in a chain
		for v := int32(0); v < 3*n; v += 3 {
			edges = append(edges, [2]int32{v, v + 1}, [2]int32{v + 1, v + 2}, [2]int32{v, v + 2})
			if v > 0 {
				edges = append(edges, [2]int32{v - 1, v})
			}
		}
		return edges
	}
	for _, c := range []struct {
		name  string
		nodes int
		base  [][2]int32
		parts []Method
		ties  []Method
	}{
		{"K3", 3, complete(3), []Method{TwoFWL, DeltaTwoLWL, OneMark, ThreeFWL}, []Method{OneWL}},
		{"K4", 4, complete(4), []Method{ThreeFWL, DeltaThreeLWL, TwoMarks},
			[]Method{OneWL, OneMark, ShortestPath, RandomWalk(20), DeltaTwoLWL, TwoFWL}},
		{"K5", 5, complete(5), nil, []Method{TwoFWL, TwoMarks, ThreeFWL}},
		{"two triangles", 6, triangles(2), []Method{TwoFWL, TwoMarks}, []Method{OneWL, OneMark}},
		{"three triangles", 9, triangles(3), []Method{TwoFWL, ThreeFWL}, []Method{OneMark, TwoMarks}},
	} {
		a, labels := cfi(c.nodes, c.base, false)
		b, _ := cfi(c.nodes, c.base, true)
		for _, o := range []Options{{}, {NodeLabels: labels}} {
			alike := func(m Method) bool {
				return colouringOf(t, a, m, o).Fingerprint() == colouringOf(t, b, m, o).Fingerprint()
			}
			for _, m := range c.parts {
				require.False(t, alike(m), "%s by %v", c.name, m)
			}
			for _, m := range c.ties {
				require.True(t, alike(m), "%s by %v", c.name, m)
			}
		}
	}
}

// The pair over a connected graph is parted by folklore 2-WL where its treewidth is at most 2, and only there (Neuen 2023, "Homomorphism-
// distinguishing closedness for graphs of bounded tree-width"): all 142 connected graphs with two to six nodes.
func TestCaiFurerImmermanByTreewidth(t *testing.T) {
	parted, tied := 0, 0
	for n := 2; n <= 6; n++ {
		for base := range enumerate.Connected(n) {
			var edges [][2]int32
			for k, u := range base.From() {
				if v := base.To()[k]; u < v {
					edges = append(edges, [2]int32{u, v})
				}
			}
			a, _ := cfi(n, edges, false)
			b, _ := cfi(n, edges, true)
			alike := colouringOf(t, a, TwoFWL, Options{}).Fingerprint() == colouringOf(t, b, TwoFWL, Options{}).Fingerprint()
			require.Equal(t, !seriesParallel(n, edges), alike, "%v", edges)
			if alike {
				tied++
			} else {
				parted++
			}
		}
	}
	require.Equal(t, []int{79, 63}, []int{parted, tied})
}

// seriesParallel reports whether the treewidth is at most 2: nodes with up to two neighbours go, and the two are joined.
func seriesParallel(n int, edges [][2]int32) bool {
	beside := make([]uint, n)
	for _, e := range edges {
		beside[e[0]] |= 1 << e[1]
		beside[e[1]] |= 1 << e[0]
	}
	for left := n; left > 0; left-- {
		v := slices.IndexFunc(beside, func(b uint) bool { return b != gone && bits.OnesCount(b) <= 2 })
		if v < 0 {
			return false
		}
		near := beside[v]
		beside[v] = gone
		for u := range n {
			if near>>u&1 != 0 {
				beside[u] = (beside[u] | near) &^ (1<<u | 1<<v)
			}
		}
	}
	return true
}

const gone = ^uint(0)
