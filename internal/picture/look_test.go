package picture

import (
	"math/rand/v2"
	"os"
	"testing"
	"fmt"
	"math"
	"symbridge/dataset"
	"symbridge/internal/testdata"
)

func TestLook(t *testing.T) {
	for _, name := range []string{"karate", "cora", "citeseer","mutag","proteins"} {
		d := name
		if name != "karate" {
			d = testdata.Shared(t, "data/"+name)
		}
		s, err := dataset.Load[float32](d, "", dataset.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		f, _ := os.Create("/tmp/look/" + name + ".svg")
		rng := rand.New(rand.NewPCG(1, 1))
		if s.Task == dataset.GraphClassification {
			g := Gallery{Title: name, Caption: "Graph isomorphism network, seed 1: 12 of the 19 test graphs", Classes: s.ClassNames}
			for i := range 12 {
				y := s.Data[i].GraphClass[0]
				p := y
				if rng.IntN(5) == 0 {
					p = (p + 1) % int32(s.Classes)
				}
				g.Items = append(g.Items, Item{fmt.Sprintf("graph %d", i), s.Data[i].Graph, p, y})
			}
			g.WriteSVG(f)
			continue
		}
		p := append([]int32(nil), s.Data[0].NodeClass...)
		for i := range p {
			if rng.IntN(6) == 0 {
				p[i] = rng.Int32N(int32(s.Classes))
			}
		}
		if err := (Network{Title: name, Caption: "GCN, seed 1: 81.5 % of 1000 test nodes right", Graph: s.Data[0].Graph, Predicted: p, Actual: s.Data[0].NodeClass, Train: s.Data[0].Train, Classes: s.ClassNames}).WriteSVG(f); err != nil {
			t.Fatal(err)
		}
	}
	f, _ := os.Create("/tmp/look/curve.svg")
	var a, b, c []float64
	for i := range 200 {
		x := float64(i) / 200
		a = append(a, 1.95*math.Exp(-4*x)+0.1)
		b = append(b, 1.95*math.Exp(-2*x)+0.3+0.02*rand.Float64())
		c = append(c, 0.8-0.6*math.Exp(-10*x))
	}
	Curve{Title: "Learning curve of GCN on Cora", Caption: "seed 1", Loss: []Series{{"training loss", a}, {"validation loss", b}}, Accuracy: []Series{{"validation accuracy", c}}, Mark: 120, MarkName: "best validation epoch 120"}.WriteSVG(f)
}
