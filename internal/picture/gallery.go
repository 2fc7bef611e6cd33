package picture

import (
	"fmt"
	"io"
	"math"

	"symbridge/graph"
)

// Item is one classified graph of a gallery.
type Item struct {
	Name              string
	Graph             *graph.Graph
	Predicted, Actual int32 // classes; Actual is -1 where unknown
}

// Gallery is a grid of graphs that have been classified, each in the colour of the prediction; those that are wrong have a
// frame in the colour of the true class.
type Gallery struct {
	Title, Caption string
	Items          []Item
	Classes        []string // names
	Seed           uint64   // of the layouts
}

// WriteSVG writes the picture. It returns an error for a class without a name, and that of the writer.
func (g Gallery) WriteSVG(w io.Writer) error {
	counts := make([]int, len(g.Classes))
	mistakes := 0
	for _, item := range g.Items {
		if err := check("predicted", item.Predicted, g.Classes); err != nil {
			return err
		}
		if err := check("true", item.Actual, g.Classes); err != nil {
			return err
		}
		if item.Predicted >= 0 {
			counts[item.Predicted]++
		}
		if item.wrong() {
			mistakes++
		}
	}
	c := newCanvas(g.Title, g.Caption, fmt.Sprintf("%d graphs, each in the colour of its predicted class; %d are wrong and "+
		"have a frame in the colour of their true class.", len(g.Items), mistakes))
	const wide, high = width - legendWidth - 2*border, height - head - border
	columns := max(1, int(math.Ceil(math.Sqrt(float64(len(g.Items))*wide/high))))
	rows := max(1, (len(g.Items)+columns-1)/columns)
	cell := point{float64(wide) / float64(columns), float64(high) / float64(rows)}
	for i, item := range g.Items {
		corner := point{border + cell.x*float64(i%columns), head + cell.y*float64(i/columns)}
		c.item(item, g, corner.plus(point{4, 4}), cell.minus(point{8, 8}))
	}
	shapes := map[nodeShape]string{}
	if mistakes > 0 {
		shapes[wrong] = fmt.Sprintf("wrong (%d)", mistakes)
	}
	c.legend("predicted class", g.Classes, counts, shapes, "frame")
	return c.writeTo(w)
}

func (i Item) wrong() bool { return i.Actual >= 0 && i.Actual != i.Predicted }

// item draws one graph with its name in a rectangle.
func (c *canvas) item(item Item, g Gallery, corner, size point) {
	const label = 22
	c.Group()
	c.Title(item.Name + ": " + verdict(item.Predicted, item.Actual, g.Classes))
	edge := stroke(grid, 1)
	if item.wrong() {
		edge = stroke(colour(item.Actual), 4)
	}
	c.Roundrect(corner.x, corner.y, size.x, size.y, 5, 5, fill("#ffffff"), edge)
	s := sketchOf(item.Graph)
	at := s.layout(g.Seed, size.x/size.y)
	if frame(at, corner, size.minus(point{0, label}), 14) > 30 { // few nodes: not larger than life
		frame(at, corner.plus(size.times(0.25)), size.times(0.5).minus(point{0, label / 2}), 0)
	}
	r := s.radius(at, 1.2, 7)
	c.edges(s, at, math.Max(0.5, r/4), 0.8)
	for _, p := range at {
		c.mark(p, r, right, item.Predicted, item.Actual)
	}
	c.Text(corner.x+size.x/2, corner.y+size.y-8, short(item.Name, int(size.x/7)), `font-size="12"`, `text-anchor="middle"`, fill(pale))
	c.Gend()
}
