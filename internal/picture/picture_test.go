package picture

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"symbridge/graph"
)

// drawing is what all pictures can do.
type drawing interface{ WriteSVG(io.Writer) error }

func svgOf(t require.TestingT, d drawing) []byte {
	var b bytes.Buffer
	require.NoError(t, d.WriteSVG(&b))
	return b.Bytes()
}

// document is what the tests look at in a picture.
type document struct {
	elements map[string]int
	text     map[string]string // by element, joined
	fills    map[string]int    // of discs
	strokes  map[string]int
}

// read parses a picture, and fails where it is not well-formed or leaves the paper.
func read(t require.TestingT, b []byte) document {
	d := document{map[string]int{}, map[string]string{}, map[string]int{}, map[string]int{}}
	dec := xml.NewDecoder(bytes.NewReader(b))
	var open []string
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			require.Empty(t, open)
			return d
		}
		require.NoError(t, err)
		switch x := token.(type) {
		case xml.StartElement:
			open = append(open, x.Name.Local)
			d.elements[x.Name.Local]++
			seen := map[string]bool{}
			for _, a := range x.Attr {
				require.False(t, seen[a.Name.Local], "%s has %s twice", x.Name.Local, a.Name.Local)
				seen[a.Name.Local] = true
				switch name := a.Name.Local; name {
				case "cx", "cy", "x", "y", "x1", "x2", "y1", "y2":
					v, err := strconv.ParseFloat(a.Value, 64)
					require.NoError(t, err)
					limit := float64(width)
					if strings.Contains(name, "y") {
						limit = height
					}
					require.True(t, v >= 0 && v <= limit, "%s of %s is %v", name, x.Name.Local, v)
				case "fill":
					if x.Name.Local == "circle" {
						d.fills[a.Value]++
					}
				case "stroke":
					d.strokes[a.Value]++
				}
			}
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			d.text[open0(open)] += string(x)
		}
	}
}

func open0(open []string) string {
	if len(open) == 0 {
		return ""
	}
	return open[len(open)-1]
}

// path returns the path with n nodes.
func path(n int) *graph.Graph {
	var edges [][2]int32
	for v := 1; v < n; v++ {
		edges = append(edges, [2]int32{int32(v - 1), int32(v)})
	}
	return graph.Must(graph.NewUndirected(n, edges))
}

func TestNetwork(t *testing.T) {
	n := Network{
		Title: `a <b> & "c"`, Caption: "four & five", Graph: path(6), Predicted: []int32{0, 0, 1, 1, 1, -1},
		Actual: []int32{0, 1, 1, 1, -1, -1}, Train: []int32{0}, Classes: []string{"x<y", "z"},
	}
	b := svgOf(t, n)
	d := read(t, b)
	require.Equal(t, 1+6, d.elements["title"])
	require.Equal(t, 1, d.elements["desc"])
	require.Contains(t, d.text["desc"], "2 x<y; 3 z; 1 nodes are wrong")
	require.Contains(t, d.text["title"], "node 1: x<y, in truth z")
	require.Contains(t, d.text["text"], "wrong (1)")
	require.Contains(t, d.text["text"], "training node (1)")
	require.Equal(t, 3+1, d.fills[colour(1)], "three predictions and the legend; the ring has no fill")
	require.Equal(t, 1+2, d.fills[colour(0)], "one wrong, two in the legend; the training node is a square")
	require.Equal(t, 1, d.fills[colour(-1)])
	require.Equal(t, 2, d.strokes[colour(1)], "a ring and its place in the legend")
	require.Contains(t, string(b), `role="img"`)

	n.Actual, n.Train = nil, nil
	d = read(t, svgOf(t, n))
	require.NotContains(t, d.text["text"], "wrong")
	require.NotContains(t, d.text["text"], "training")
}

func TestNetworkManyClasses(t *testing.T) {
	var classes []string
	predicted := make([]int32, 40)
	colours := map[string]bool{}
	for k := range 40 {
		classes = append(classes, fmt.Sprintf("a class with a rather long name %d", k))
		predicted[k] = int32(k)
		colours[colour(int32(k))] = true
		require.Contains(t, []string{"#000000", "#ffffff"}, onTop(int32(k)))
	}
	require.Len(t, colours, 24)
	d := read(t, svgOf(t, Network{Title: "many", Graph: path(40), Predicted: predicted, Classes: classes}))
	require.Contains(t, d.text["text"], "and 22 more")
	require.Contains(t, d.text["text"], "a class with a rath…")
}

func TestNetworkErrors(t *testing.T) {
	ok := Network{Graph: path(3), Predicted: []int32{0, 0, 0}, Actual: []int32{0, 0, 0}, Classes: []string{"a"}}
	require.NoError(t, ok.WriteSVG(io.Discard))
	for name, spoil := range map[string]func(*Network){
		"too few predictions": func(n *Network) { n.Predicted = n.Predicted[:2] },
		"too few classes":     func(n *Network) { n.Actual = n.Actual[:2] },
		"predicted beyond":    func(n *Network) { n.Predicted = []int32{0, 0, 1} },
		"true beyond":         func(n *Network) { n.Actual = []int32{0, 0, -2} },
		"training node":       func(n *Network) { n.Train = []int32{3} },
	} {
		n := ok
		spoil(&n)
		require.Error(t, n.WriteSVG(io.Discard), name)
	}
	require.ErrorIs(t, ok.WriteSVG(failing{}), errFull)
}

var errFull = errors.New("full")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errFull }

// A relabelling, with its identities, changes no byte of the picture.
func TestPictureDoesNotDependOnLabels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := anyGraph(t, 30)
		n := g.NumNodes()
		predicted := rapid.SliceOfN(rapid.Int32Range(-1, 2), n, n).Draw(t, "predicted")
		actual := rapid.SliceOfN(rapid.Int32Range(-1, 2), n, n).Draw(t, "actual")
		seed := rapid.Uint64().Draw(t, "seed")
		classes := []string{"a", "b", "c"}
		want := svgOf(t, Network{Graph: g, Predicted: predicted, Actual: actual, Classes: classes, Seed: seed})
		read(t, want)

		rng := rand.New(rand.NewPCG(seed, 1))
		p, q := permutation(rng, n), permutation(rng, g.NumEdges())
		h, _ := g.Relabel(p)
		moved := Network{Graph: h.ShuffleEdges(q), Predicted: make([]int32, n), Actual: make([]int32, n), Classes: classes, Seed: seed}
		for v := range p {
			moved.Predicted[p[v]], moved.Actual[p[v]] = predicted[v], actual[v]
		}
		if !bytes.Equal(want, svgOf(t, moved)) {
			t.Fatalf("the picture of the relabelled graph is another one")
		}
	})
}

func permutation(rng *rand.Rand, n int) []int32 {
	p := make([]int32, n)
	for i, v := range rng.Perm(n) {
		p[i] = int32(v)
	}
	return p
}

// anyGraph draws a graph with loops, parallel edges and isolated nodes.
func anyGraph(t *rapid.T, most int) *graph.Graph {
	n := rapid.IntRange(0, most).Draw(t, "nodes")
	var edges [][2]int32
	if n > 0 {
		node := rapid.Int32Range(0, int32(n-1))
		edges = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) [2]int32 {
			return [2]int32{node.Draw(t, "from"), node.Draw(t, "to")}
		}), 0, 2*n).Draw(t, "edges")
	}
	return graph.Must(graph.New(n, edges))
}

func TestGallery(t *testing.T) {
	g := Gallery{Title: "molecules", Classes: []string{"no", "yes"}}
	for i := range 7 {
		g.Items = append(g.Items, Item{Name: fmt.Sprintf("graph %d", i), Graph: path(i), Predicted: int32(i % 2), Actual: 1})
	}
	d := read(t, svgOf(t, g))
	require.Equal(t, 1+7, d.elements["title"])
	require.Contains(t, d.text["title"], "graph 4: no, in truth yes")
	require.Contains(t, d.text["desc"], "7 graphs")
	require.Contains(t, d.text["text"], "wrong (4)")
	require.Equal(t, 4+1, d.strokes[colour(1)], "frames of wrong graphs, and the legend")

	require.Error(t, Gallery{Items: []Item{{Graph: path(1), Predicted: 2}}, Classes: []string{"a"}}.WriteSVG(io.Discard))
	require.Error(t, Gallery{Items: []Item{{Graph: path(1), Actual: 2}}, Classes: []string{"a"}}.WriteSVG(io.Discard))
	read(t, svgOf(t, Gallery{Title: "nothing"}))
}

func TestCurve(t *testing.T) {
	c := Curve{
		Title: "curve", Loss: []Series{{"training loss", []float64{2, 1.5, 1, 0.7}}, {"validation loss", []float64{2.1, math.NaN(), 1.4, 1.5}}},
		Accuracy: []Series{{"validation accuracy", []float64{0.1, 0.4, 0.7, 0.72}}}, Mark: 3, MarkName: "best",
	}
	b := svgOf(t, c)
	d := read(t, b)
	require.Equal(t, 3, d.elements["path"])
	require.Contains(t, d.text["desc"], "training loss goes from 2 to 0.7.")
	for _, label := range []string{"epoch", "loss", "accuracy", "best", "2.5", "100 %", "(right axis)"} {
		require.Contains(t, d.text["text"], label)
	}
	require.NotContains(t, string(b), "NaN")

	d = read(t, svgOf(t, Curve{Title: "loss alone", Loss: c.Loss[:1]}))
	require.NotContains(t, d.text["text"], "accuracy")
	for _, odd := range []Curve{
		{},
		{Loss: []Series{{"none", nil}, {"nowhere", []float64{math.Inf(1), math.NaN()}}}},
		{Loss: []Series{{"zero", []float64{0}}}, Mark: 1},
		{Loss: []Series{{"huge", []float64{1e300, 1}}}},
		{Accuracy: []Series{{"a", []float64{1}}, {"b", []float64{0, 0}}}, Mark: 7},
	} {
		b := svgOf(t, odd)
		read(t, b)
		require.NotContains(t, string(b), "NaN")
		require.NotContains(t, string(b), "Inf")
	}
}

func TestTicks(t *testing.T) {
	require.Equal(t, []float64{0, 50, 100, 150, 200}, ticks(0, 200, 5))
	require.Equal(t, []float64{0, 0.5, 1, 1.5, 2}, ticks(0, 1.95, 6))
	rapid.Check(t, func(t *rapid.T) {
		high := rapid.Float64Range(1e-6, 1e9).Draw(t, "high")
		got := ticks(0, high, 6)
		require.Zero(t, got[0])
		require.GreaterOrEqual(t, got[len(got)-1], high*(1-1e-6))
		require.Less(t, len(got), 10)
		require.Less(t, got[len(got)-2], high)
	})
}

func TestShort(t *testing.T) {
	require.Equal(t, "añb", short("añb", 3))
	require.Equal(t, "añ…", short("añbc", 3))
}

func ExampleNetwork() {
	g := graph.Must(graph.NewUndirected(3, [][2]int32{{0, 1}, {1, 2}}))
	var b strings.Builder
	n := Network{Title: "three nodes", Graph: g, Predicted: []int32{0, 0, 1}, Actual: []int32{0, 1, 1}, Classes: []string{"cats", "dogs"}}
	if err := n.WriteSVG(&b); err != nil {
		fmt.Println(err)
	}
	fmt.Println(strings.Contains(b.String(), "<title>node 1: cats, in truth dogs</title>"))
	// Output: true
}
