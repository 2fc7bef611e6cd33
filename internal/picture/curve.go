package picture

import (
	"fmt"
	"io"
	"math"
)

// Series is one line of a curve: a value for each epoch. Values that are NaN or infinite are left out.
type Series struct {
	Name   string
	Values []float64
}

// Curve is the course of a training: losses on the left axis, accuracies, between 0 and 1, on the right one.
type Curve struct {
	Title, Caption string
	Loss, Accuracy []Series
	Mark           int    // the epoch with a vertical line, counted from 1; 0 for none
	MarkName       string // what the line says
}

// dashes tell lines apart without colours.
var dashes = []string{"", "8 4", "2 4", "10 4 2 4"}

// WriteSVG writes the picture. It returns the error of the writer.
func (c Curve) WriteSVG(w io.Writer) error {
	epochs, most := 0, 0.0
	for _, s := range append(append([]Series(nil), c.Loss...), c.Accuracy...) {
		epochs = max(epochs, len(s.Values))
	}
	for _, s := range c.Loss {
		for _, v := range s.Values {
			if finite(v) {
				most = max(most, v)
			}
		}
	}
	d := newCanvas(c.Title, c.Caption, c.description(epochs))
	const left, right, top, bottom = border + 64, width - border - 64, head + 44, height - border - 52
	xs := ticks(0, math.Max(1, float64(epochs)), max(1, min(10, epochs))) // whole numbers
	across := func(epoch float64) float64 { return left + (right-left)*epoch/math.Max(1, float64(epochs)) }
	lossTicks := ticks(0, max(most, 1e-9), 6)
	highest := lossTicks[len(lossTicks)-1]
	loss := func(v float64) float64 { return bottom - (bottom-top)*v/highest }
	accuracy := func(v float64) float64 { return bottom - (bottom-top)*v }

	small := []string{`font-size="13"`, fill(pale)}
	text := func(x, y float64, t, anchor string, more ...string) {
		d.Text(x, y, t, append([]string{`text-anchor="` + anchor + `"`}, append(more, small...)...)...)
	}
	upward := func(x float64, t string, angle int) {
		y := float64(top+bottom) / 2
		text(x, y, t, "middle", fmt.Sprintf(`transform="rotate(%d %.1f %.1f)"`, angle, x, y))
	}
	for _, v := range lossTicks {
		d.Line(left, loss(v), right, loss(v), stroke(grid, 1))
		if len(c.Loss) > 0 {
			text(left-10, loss(v)+4.5, number(v), "end")
		}
	}
	for _, v := range xs {
		if v <= float64(epochs) {
			d.Line(across(v), bottom, across(v), bottom+6, stroke(line, 1))
			text(across(v), bottom+24, number(v), "middle")
		}
	}
	d.Line(left, bottom, right, bottom, stroke(line, 1))
	text(float64(left+right)/2, bottom+48, "epoch", "middle")
	d.Line(left, top, left, bottom, stroke(line, 1))
	if len(c.Loss) > 0 {
		upward(border+8, "loss", -90)
	}
	if len(c.Accuracy) > 0 {
		d.Line(right, top, right, bottom, stroke(line, 1))
		for _, v := range ticks(0, 1, 5) {
			d.Line(right, accuracy(v), right+6, accuracy(v), stroke(line, 1))
			text(right+12, accuracy(v)+4.5, number(100*v)+" %", "start")
		}
		upward(width-border+2, "accuracy", 90)
	}
	if c.Mark > 0 && c.Mark <= epochs {
		x := across(float64(c.Mark))
		d.Line(x, top, x, bottom, stroke(pale, 1.2), `stroke-dasharray="3 4"`)
		if anchor := "start"; x > (left+right)/2 {
			anchor = "end"
			text(x-6, bottom-10, c.MarkName, anchor)
		} else {
			text(x+6, bottom-10, c.MarkName, anchor)
		}
	}
	x := float64(left)
	k := int32(0)
	draw := func(series []Series, height func(float64) float64, axis string) {
		for _, s := range series {
			dash := fmt.Sprintf(`stroke-dasharray="%s"`, dashes[k%int32(len(dashes))])
			if k == 0 {
				dash = `stroke-dasharray="none"`
			}
			d.Path(trace(s.Values, across, height), `fill="none"`, stroke(colour(order[k%3]), 2.2), dash, `stroke-linejoin="round"`)
			d.Line(x, head+18, x+34, head+18, stroke(colour(order[k%3]), 2.6), dash)
			label := s.Name + axis
			d.Text(x+42, head+23, label, `font-size="14"`, fill(ink))
			x += 42 + 8*float64(len(label)) + 26
			k++
		}
	}
	axis := ""
	if len(c.Accuracy) > 0 {
		axis = " (right axis)"
	}
	draw(c.Loss, loss, "")
	draw(c.Accuracy, accuracy, axis)
	return d.writeTo(w)
}

// order are the colours of lines: blue, vermilion, green.
var order = [3]int32{0, 4, 2}

// trace returns the path of a line, with gaps where values are not finite; a value on its own is a short stroke.
func trace(values []float64, across, height func(float64) float64) string {
	var path []byte
	command := byte('M')
	for i, v := range values {
		if !finite(v) {
			command = 'M'
			continue
		}
		x, y := across(float64(i+1)), height(v)
		path = fmt.Appendf(path, "%c%.1f %.1f", command, x, y)
		if command == 'M' {
			path = fmt.Appendf(path, "L%.1f %.1f", x+0.5, y)
		}
		command = 'L'
	}
	if len(path) == 0 {
		return "M0 0"
	}
	return string(path)
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// ticks returns about count multiples of 1, 2 or 5 times a power of ten that cover low to high.
func ticks(low, high float64, count int) []float64 {
	raw := (high - low) / float64(count)
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	step := 10 * power
	for _, m := range []float64{1, 2, 5} {
		if m*power >= raw*(1-1e-9) {
			step = m * power
			break
		}
	}
	var out []float64
	for k := math.Floor(low/step + 1e-9); ; k++ {
		out = append(out, k*step)
		if k*step >= high-1e-9*step || len(out) > 100 {
			return out
		}
	}
}

// number writes a tick without the noise of its last bits.
func number(v float64) string { return fmt.Sprintf("%.6g", v) }

func (c Curve) description(epochs int) string {
	text := fmt.Sprintf("A learning curve over %d epochs.", epochs)
	for _, s := range append(append([]Series(nil), c.Loss...), c.Accuracy...) {
		if n := len(s.Values); n > 0 && finite(s.Values[0]) && finite(s.Values[n-1]) {
			text += fmt.Sprintf(" %s goes from %.4g to %.4g.", s.Name, s.Values[0], s.Values[n-1])
		}
	}
	return text
}
