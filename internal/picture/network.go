package picture

import (
	"fmt"
	"io"
	"math"

	"symbridge/graph"
)

// Network is a graph whose nodes have been classified. Nodes are coloured by the prediction, those that are wrong have a
// ring in the colour of the true class, and training nodes are squares.
type Network struct {
	Title, Caption string
	Graph          *graph.Graph
	Predicted      []int32  // (N) class of a node, -1 for none
	Actual         []int32  // (N) the true class, -1 where unknown; nil where all are
	Train          []int32  // training nodes
	Classes        []string // names
	Seed           uint64   // of the layout
}

// numbered is the size up to which nodes carry their number and titled that up to which they say more to a pointer.
const (
	numbered = 60
	titled   = 400
)

// WriteSVG writes the picture. It returns an error where a list does not fit the graph, and that of the writer.
func (n Network) WriteSVG(w io.Writer) error {
	nodes := n.Graph.NumNodes()
	if len(n.Predicted) != nodes || n.Actual != nil && len(n.Actual) != nodes {
		return fmt.Errorf("picture: %d predicted and %d true classes for %d nodes", len(n.Predicted), len(n.Actual), nodes)
	}
	shape := make([]nodeShape, nodes)
	counts := make([]int, len(n.Classes))
	mistakes := 0
	for v, y := range n.Predicted {
		if err := check("predicted", y, n.Classes); err != nil {
			return err
		}
		if y >= 0 {
			counts[y]++
		}
		if n.Actual == nil {
			continue
		}
		if err := check("true", n.Actual[v], n.Classes); err != nil {
			return err
		}
		if n.Actual[v] >= 0 && n.Actual[v] != y {
			shape[v] = wrong
			mistakes++
		}
	}
	shapes := map[nodeShape]string{}
	for _, v := range n.Train {
		if v < 0 || int(v) >= nodes {
			return fmt.Errorf("picture: training node %d, nodes are 0..%d", v, nodes-1)
		}
		shapes[given] = fmt.Sprintf("training node (%d)", len(n.Train))
		if shape[v] == right {
			shape[v] = given
		}
	}
	if mistakes > 0 {
		shapes[wrong] = fmt.Sprintf("wrong (%d)", mistakes)
	}

	s := sketchOf(n.Graph)
	const wide, high = width - legendWidth - 2*border, height - head - border
	at := s.layout(n.Seed, float64(wide)/high)
	frame(at, point{border, head}, point{wide, high}, 14)
	r := s.radius(at, 1.6, math.Min(14, 0.22*math.Sqrt(wide*high/float64(max(1, nodes)))))

	c := newCanvas(n.Title, n.Caption, n.description(counts, mistakes))
	c.edges(s, at, math.Min(1.6, math.Max(0.6, r/6)), opacity(nodes))
	for _, layer := range []nodeShape{right, given, wrong} {
		for i, v := range s.node {
			if shape[v] != layer {
				continue
			}
			if nodes <= titled {
				c.Group()
				c.Title(n.says(v))
			}
			size := r
			if layer == given {
				size = math.Max(r, 3.2)
			}
			c.mark(at[i], size, layer, n.Predicted[v], n.actual(v))
			if nodes <= numbered && r > 8 {
				c.Text(at[i].x, at[i].y+0.32*r, fmt.Sprint(n.name(v)), fmt.Sprintf(`font-size="%.1f"`, 0.9*r),
					`text-anchor="middle"`, fill(onTop(n.Predicted[v])))
			}
			if nodes <= titled {
				c.Gend()
			}
		}
	}
	c.legend("predicted class", n.Classes, counts, shapes, "ring")
	return c.writeTo(w)
}

// opacity of edges: the more there are, the fainter.
func opacity(nodes int) float64 {
	return math.Max(0.45, math.Min(0.75, 12/math.Sqrt(float64(nodes)+1)))
}

func check(which string, y int32, classes []string) error {
	if y < -1 || int(y) >= len(classes) {
		return fmt.Errorf("picture: %s class %d, want -1..%d", which, y, len(classes)-1)
	}
	return nil
}

// name returns the identity of a node, by which people know it.
func (n Network) name(v int32) uint64 {
	if ids := n.Graph.NodeIDs(); ids != nil {
		return ids[v]
	}
	return uint64(v)
}

func (n Network) actual(v int32) int32 {
	if n.Actual == nil {
		return -1
	}
	return n.Actual[v]
}

// says describes a node in words.
func (n Network) says(v int32) string {
	return fmt.Sprintf("node %d: %s", n.name(v), verdict(n.Predicted[v], n.actual(v), n.Classes))
}

// verdict says what was predicted and what is true.
func verdict(predicted, actual int32, classes []string) string {
	name := func(y int32) string {
		if y < 0 {
			return "unknown"
		}
		return classes[y]
	}
	if actual < 0 || actual == predicted {
		return name(predicted)
	}
	return name(predicted) + ", in truth " + name(actual)
}

func (n Network) description(counts []int, mistakes int) string {
	text := fmt.Sprintf("A graph with %d nodes, coloured by predicted class:", n.Graph.NumNodes())
	for k, name := range n.Classes {
		text += fmt.Sprintf(" %d %s;", counts[k], name)
	}
	return fmt.Sprintf("%s %d nodes are wrong and have a ring in the colour of their true class.", text, mistakes)
}
