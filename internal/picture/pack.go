package picture

import (
	"cmp"
	"math"
	"slices"
)

// box is a component with its room in the picture.
type box struct {
	nodes         []int32
	places        []point // from (0,0) to (width, height), less the margin
	width, height float64
	corner        point
}

// margin is the room around a component, in units of an edge.
const margin = 0.6

// newBox returns a box around places, scaled so that components of all sizes are about equally dense.
func newBox(nodes []int32, places []point) box {
	low, high := places[0], places[0]
	for _, p := range places {
		low, high = point{min(low.x, p.x), min(low.y, p.y)}, point{max(high.x, p.x), max(high.y, p.y)}
	}
	size := high.minus(low)
	scale := 1.0
	if len(places) > stressNodes && size.x > 0 && size.y > 0 { // forces have no unit of their own
		scale = math.Sqrt(float64(len(places)) * roomy / (size.x * size.y))
	}
	for i, p := range places {
		places[i] = p.minus(low).times(scale).plus(point{margin, margin})
	}
	size = size.times(scale)
	return box{nodes, places, size.x + 2*margin, size.y + 2*margin, point{}}
}

// roomy is the room of a node of a large component, in units of an edge squared.
const roomy = 1.2

// pack gives the boxes, the largest component first, their corners: on shelves, of the widths tried the one whose picture
// shows everything at the largest scale in a frame of the given aspect.
func pack(boxes []box, aspect float64) {
	if len(boxes) == 0 {
		return
	}
	area, widest := 0.0, 0.0
	for _, b := range boxes {
		area += b.width * b.height
		widest = max(widest, b.width)
	}
	order := make([]int, len(boxes)) // by height, so that shelves are full
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order[1:], func(a, b int) int { return cmp.Compare(boxes[b].height, boxes[a].height) })
	best, bestSize := widest, math.Inf(1)
	for k := range 24 {
		width := max(widest, math.Sqrt(area*aspect)*(0.8+0.05*float64(k)))
		height := shelve(boxes, order, width)
		if size := max(width/aspect, height); size < bestSize {
			best, bestSize = width, size
		}
	}
	shelve(boxes, order, best)
}

// shelve sets the corners on shelves of the given width, and returns the height that they take. What is beside a tall box
// on its shelf is stacked there.
func shelve(boxes []box, order []int, width float64) float64 {
	const slack = 1e-9
	var x, y, shelf float64       // the shelf and its next free place
	var column, columnTop float64 // a stack on the shelf: its width and how high it is
	for _, i := range order {
		b := &boxes[i]
		if column > 0 && b.width <= column+slack && columnTop+b.height <= shelf+slack {
			b.corner = point{x - column, y + columnTop}
			columnTop += b.height
			continue
		}
		if x > 0 && x+b.width > width+slack {
			x, y, shelf = 0, y+shelf, 0
		}
		b.corner = point{x, y}
		x, shelf = x+b.width, max(shelf, b.height)
		column, columnTop = b.width, b.height
	}
	return y + shelf
}
