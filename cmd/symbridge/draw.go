package main

import (
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"

	"symbridge/dataset"
	"symbridge/internal/picture"
	"symbridge/train"
)

// shown is the largest number of graphs in a gallery.
const shown = 12

// drawing is what all pictures can do.
type drawing interface{ WriteSVG(io.Writer) error }

// draw writes the pictures of the first seed to a folder and returns their paths.
func (e *experiment) draw(outcomes []*outcome, folder string) ([]string, error) {
	var files []string
	for _, p := range []struct {
		name    string
		drawing drawing
	}{{predictionFile, e.prediction(outcomes)}, {curveFile, e.curve(outcomes[0])}} {
		path := filepath.Join(folder, p.name)
		if err := writeFile(path, p.drawing.WriteSVG); err != nil {
			return nil, err
		}
		files = append(files, path)
	}
	return files, nil
}

// prediction returns the picture of what the first seed predicts.
func (e *experiment) prediction(outcomes []*outcome) drawing {
	o := outcomes[0]
	title := fmt.Sprintf("%s by %s", e.set.Name, o.model.Config.Model)
	if e.set.Task == dataset.NodeClassification {
		d, t := e.set.Data[0], o.result.Test
		return picture.Network{
			Title:   title,
			Caption: fmt.Sprintf("seed %d: %d of %d test nodes are right, %.1f %%", o.seed, t.Correct, t.Counted, 100*t.Accuracy),
			Graph:   d.Graph, Predicted: o.nodes, Actual: d.NodeClass, Train: d.Train, Classes: e.set.ClassNames, Seed: o.seed,
		}
	}
	class := map[int32]int32{} // only looked up
	var tested []int32
	correct, counted := 0, 0
	for _, o := range outcomes {
		if o.seed != outcomes[0].seed {
			break
		}
		for i, row := range o.tested {
			class[row] = o.class[i]
		}
		tested = append(tested, o.tested...)
		correct, counted = correct+o.result.Test.Correct, counted+o.result.Test.Counted
	}
	slices.Sort(tested)
	g := picture.Gallery{Title: title, Classes: e.set.ClassNames, Seed: o.seed}
	n := min(shown, len(tested))
	for k := range n { // spread over the set
		row := tested[k*len(tested)/n]
		d := e.set.Data[row]
		g.Items = append(g.Items, picture.Item{
			Name: fmt.Sprintf("graph %d", row), Graph: d.Graph, Predicted: class[row], Actual: d.GraphClass[0],
		})
	}
	g.Caption = fmt.Sprintf("seed %d: %d of %d test graphs are right, %.1f %%; here are %d of them, each predicted when it was not trained on",
		o.seed, correct, counted, 100*float64(correct)/math.Max(1, float64(counted)), n)
	return g
}

// curve returns the picture of the course of a run.
func (e *experiment) curve(o *outcome) picture.Curve {
	h := historyOf(o.result.History)
	name := fmt.Sprintf("seed %d", o.seed)
	if o.fold >= 0 {
		name += fmt.Sprintf(", fold %d", o.fold+1)
	}
	caption := fmt.Sprintf("%s: %d epochs", name, o.result.Epochs)
	if m := o.model.Config; m.Dropout > 0 || m.Attention > 0 {
		caption += "; the training loss is with dropout, before each step"
	}
	c := picture.Curve{
		Title: fmt.Sprintf("Learning curve of %s on %s", o.model.Config.Model, e.set.Name), Caption: caption,
		Loss: []picture.Series{{Name: "training loss", Values: h.TrainLoss}},
	}
	if len(h.ValLoss) == 0 {
		return c
	}
	loss, accuracy := byEpoch(o.result.History)
	c.Loss = append(c.Loss, picture.Series{Name: "validation loss", Values: loss})
	c.Accuracy = []picture.Series{{Name: "validation accuracy", Values: accuracy}}
	c.Mark, c.MarkName = o.result.BestEpoch, fmt.Sprintf("weights of epoch %d", o.result.BestEpoch)
	return c
}

// byEpoch returns the validation values of each epoch, NaN where there are none.
func byEpoch(history []train.Epoch) (loss, accuracy []float64) {
	for _, x := range history {
		l, a := math.NaN(), math.NaN()
		if x.Evaluated {
			l, a = x.ValLoss, x.ValAccuracy
		}
		loss, accuracy = append(loss, l), append(accuracy, a)
	}
	return loss, accuracy
}
