package picture

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"slices"
	"unicode/utf8"

	svg "github.com/ajstarks/svgo/float"
)

// The look of all pictures: sizes in pixels, and colours for white paper.
const (
	width, height = 1100, 760
	border        = 28
	head          = 84  // room for title and caption
	legendWidth   = 236 // room for the legend, at the right
	font          = `font-family="Helvetica, Arial, sans-serif"`
	ink           = "#222222"
	pale          = "#666666"
	line          = "#8a8a8a"
	grid          = "#e4e4e4"
)

// canvas is an SVG document in the making.
type canvas struct {
	*svg.SVG
	buf bytes.Buffer
}

// newCanvas starts a document with a title and a caption below it, and a description for those who cannot see it.
func newCanvas(title, caption, description string) *canvas {
	c := &canvas{}
	c.SVG = svg.New(&c.buf)
	c.Decimals = 1
	c.Start(width, height, fmt.Sprintf(`viewBox="0 0 %d %d"`, width, height), `role="img"`, font)
	c.Title(title)
	c.Desc(description)
	c.Rect(0, 0, width, height, `fill="#ffffff"`)
	c.Text(border, 42, short(title, 80), `font-size="22"`, `font-weight="bold"`, fill(ink))
	c.Text(border, 66, short(caption, 150), `font-size="14"`, fill(pale))
	return c
}

// writeTo ends the document and writes it.
func (c *canvas) writeTo(w io.Writer) error {
	c.End()
	if _, err := w.Write(c.buf.Bytes()); err != nil {
		return fmt.Errorf("picture: %w", err)
	}
	return nil
}

func fill(colour string) string { return `fill="` + colour + `"` }

func stroke(colour string, width float64) string {
	return fmt.Sprintf(`stroke="%s" stroke-width="%.4g"`, colour, width)
}

// short cuts a text to the given number of letters.
func short(s string, letters int) string {
	if utf8.RuneCountInString(s) <= letters {
		return s
	}
	return string([]rune(s)[:letters-1]) + "…"
}

// okabe are the eight colours of Okabe and Ito 2008, which stay apart for colour-blind eyes, those that are strong on white
// first.
var okabe = [8][3]int{{0, 114, 178}, {230, 159, 0}, {0, 158, 115}, {204, 121, 167}, {213, 94, 0}, {86, 180, 233},
	{240, 228, 66}, {60, 60, 60}}

// shade returns the colour of a class: the eight of Okabe and Ito, then darker and then lighter ones of each, and again.
func shade(class int32) [3]int {
	if class < 0 {
		return [3]int{190, 190, 190}
	}
	c := okabe[class%8]
	for i := range c {
		switch class / 8 % 3 {
		case 1:
			c[i] = c[i] * 55 / 100
		case 2:
			c[i] = 255 - (255-c[i])*45/100
		}
	}
	return c
}

func colour(class int32) string {
	c := shade(class)
	return fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2])
}

// onTop returns black or white, whichever can be read on the colour of a class.
func onTop(class int32) string {
	if c := shade(class); 299*c[0]+587*c[1]+114*c[2] > 140_000 {
		return "#000000"
	}
	return "#ffffff"
}

// nodeShape says how a node is drawn.
type nodeShape int

const (
	right nodeShape = iota // a disc in the colour of the prediction
	given                  // a square: a training node
	wrong                  // a disc with a ring in the colour of the true class
)

// mark draws a node.
func (c *canvas) mark(p point, r float64, shape nodeShape, predicted, actual int32) {
	rim := stroke("#ffffff", math.Min(1.2, 0.25*r))
	switch shape {
	case right:
		c.Circle(p.x, p.y, r, fill(colour(predicted)), rim)
	case given:
		s := 0.95 * r
		c.Rect(p.x-s, p.y-s, 2*s, 2*s, fill(colour(predicted)), stroke(ink, math.Max(1, 0.16*r)))
	case wrong:
		r *= 1.15
		c.Circle(p.x, p.y, r, fill("#ffffff"), stroke(colour(actual), 0.3*r))
		c.Circle(p.x, p.y, 0.66*r, fill(colour(predicted)))
	}
}

// legend draws what colours and marks mean in the column at the right. counts has the number of predictions of a class;
// shapes says which marks there are, and truth where the true class of a wrong prediction shows.
func (c *canvas) legend(heading string, classes []string, counts []int, shapes map[nodeShape]string, truth string) {
	const x, rowHeight = width - legendWidth, 25
	y := float64(head + 12)
	c.Text(x, y, heading, `font-size="14"`, `font-weight="bold"`, fill(ink))
	const rows = 18
	for k, name := range classes {
		y += rowHeight
		if k == rows && len(classes) > rows+1 {
			c.Text(x+24, y, fmt.Sprintf("and %d more", len(classes)-rows), `font-size="14"`, fill(pale))
			break
		}
		c.mark(point{x + 8, y - 5}, 8, right, int32(k), int32(k))
		c.Text(x+24, y, fmt.Sprintf("%s (%d)", short(name, 20), counts[k]), `font-size="14"`, fill(ink))
	}
	y += 12
	for _, s := range []nodeShape{given, wrong} {
		text, ok := shapes[s]
		if !ok {
			continue
		}
		y += rowHeight
		other := int32(min(1, len(classes)-1))
		c.mark(point{x + 8, y - 5}, 8, s, 0, other)
		c.Text(x+24, y, text, `font-size="14"`, fill(ink))
		if s == wrong {
			y += 18
			c.Text(x+24, y, truth+": the true class", `font-size="14"`, fill(ink))
		}
	}
}

// frame maps places into a rectangle of the picture, at one scale for both directions and centred.
func frame(at []point, corner, size point, inset float64) (scale float64) {
	if len(at) == 0 {
		return 0
	}
	low, high := at[0], at[0]
	for _, p := range at {
		low, high = point{min(low.x, p.x), min(low.y, p.y)}, point{max(high.x, p.x), max(high.y, p.y)}
	}
	room := size.minus(point{2 * inset, 2 * inset})
	scale = math.Inf(1)
	if w := high.x - low.x; w > 0 {
		scale = room.x / w
	}
	if h := high.y - low.y; h > 0 {
		scale = min(scale, room.y/h)
	}
	if math.IsInf(scale, 1) { // all in one place
		scale = 0
	}
	middle := low.plus(high).times(0.5)
	centre := corner.plus(size.times(0.5))
	for i, p := range at {
		at[i] = centre.plus(p.minus(middle).times(scale))
	}
	return scale
}

// radius returns the size of nodes that suits the edges of a sketch, within bounds.
func (s *sketch) radius(at []point, least, most float64) float64 {
	var lengths []float64
	for u, nbr := range s.nbr {
		for _, v := range nbr {
			if int(v) > u {
				lengths = append(lengths, at[u].minus(at[v]).length())
			}
		}
	}
	if len(lengths) == 0 {
		return math.Min(most, math.Max(least, 200/math.Sqrt(float64(len(at))+1)))
	}
	slices.Sort(lengths)
	return math.Min(most, math.Max(least, 0.26*lengths[len(lengths)/2]))
}

// edges draws all edges as one path.
func (c *canvas) edges(s *sketch, at []point, width, opacity float64) {
	var path []byte
	for u, nbr := range s.nbr {
		for _, v := range nbr {
			if int(v) > u {
				path = fmt.Appendf(path, "M%.1f %.1fL%.1f %.1f", at[u].x, at[u].y, at[v].x, at[v].y)
			}
		}
	}
	if len(path) > 0 {
		c.Path(string(path), `fill="none"`, stroke(line, width), fmt.Sprintf(`stroke-opacity="%.2f"`, opacity))
	}
}
