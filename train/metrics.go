package train

import (
	"math"
	"slices"

	"symbridge/tensor"
)

// Argmax returns the column of the largest entry of each row: (R,C) -> (R), in out where it has room. Of equal entries the
// lowest column wins; columns are classes, which no relabelling permutes. NaN loses to every number.
func Argmax[T tensor.Float](x tensor.Dense[T], out []int32) []int32 {
	out = slices.Grow(out[:0], x.Rows)[:x.Rows]
	for i := range out {
		row, best := x.Row(i), 0
		for j, v := range row {
			if v > row[best] || row[best] != row[best] && v == v {
				best = j
			}
		}
		out[i] = int32(best)
	}
	return out
}

// Accuracy counts the listed rows (nil: all) whose predicted class is their label, and those that have a label: labels
// below 0 are unknown.
func Accuracy(predicted, labels, rows []int32) (correct, counted int) {
	for i := range each(rows, len(labels)) {
		if labels[i] < 0 {
			continue
		}
		counted++
		if predicted[i] == labels[i] {
			correct++
		}
	}
	return correct, counted
}

// each yields the listed rows, or 0..n-1 where there is no list.
func each(rows []int32, n int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		if rows == nil {
			for i := range n {
				if !yield(i) {
					return
				}
			}
			return
		}
		for _, r := range rows {
			if !yield(int(r)) {
				return
			}
		}
	}
}

// ConfusionMatrix counts, in row i and column j, the listed rows (nil: all) of class i that were predicted to be j.
// Labels below 0 are unknown and do not count. It panics with a tensor.ValueError for a class that is not below classes.
func ConfusionMatrix(predicted, labels, rows []int32, classes int) [][]int {
	m := make([][]int, classes)
	for i := range m {
		m[i] = make([]int, classes)
	}
	for i := range each(rows, len(labels)) {
		if labels[i] < 0 {
			continue
		}
		for _, y := range []int32{predicted[i], labels[i]} {
			if y < 0 || int(y) >= classes {
				panic(tensor.ValueError{Op: "train.ConfusionMatrix", What: "class, want one below the number of classes", Got: float64(y)})
			}
		}
		m[labels[i]][predicted[i]]++
	}
	return m
}

// F1 are the harmonic means of precision and recall.
type F1 struct {
	Macro  float64 // mean over the classes that are a label or were predicted at least once
	Micro  float64 // over all rows together, which is the accuracy where each row has one class
	Binary float64 // of class 1; 0 where there is no class 1
}

// F1Scores returns the F1 scores of a confusion matrix. A class that was never hit has 0.
func F1Scores(confusion [][]int) F1 {
	var out F1
	var hits, total, present int
	var sum float64
	for k := range confusion {
		hit, label, guess := confusion[k][k], 0, 0
		for j := range confusion {
			label += confusion[k][j]
			guess += confusion[j][k]
		}
		hits, total = hits+hit, total+label
		if label+guess == 0 {
			continue
		}
		f := float64(2*hit) / float64(label+guess)
		sum += f
		present++
		if k == 1 {
			out.Binary = f
		}
	}
	if present > 0 {
		out.Macro, out.Micro = sum/float64(present), float64(hits)/float64(max(1, total))
	}
	return out
}

// ROCAUC returns the area under the receiver operating characteristic: the share of pairs of a positive and a negative row
// in which the positive one scores higher, ties counting one half. Pairs are counted in integers, so the order of rows
// cannot show. It reports false, and returns NaN, where one of the classes is absent or a score is NaN.
func ROCAUC[T tensor.Float](scores []T, positive []bool) (float64, bool) {
	if len(scores) != len(positive) {
		panic(tensor.ShapeError{Op: "train.ROCAUC", What: "positive", Want: [2]int{len(scores), 1}, Got: [2]int{len(positive), 1}})
	}
	var pos, neg []T
	for i, s := range scores {
		switch {
		case s != s:
			return math.NaN(), false
		case positive[i]:
			pos = append(pos, s)
		default:
			neg = append(neg, s)
		}
	}
	if len(pos) == 0 || len(neg) == 0 {
		return math.NaN(), false
	}
	slices.Sort(pos)
	slices.Sort(neg)
	var twice uint64 // pairs won count 2, ties 1
	below, upTo := 0, 0
	for _, s := range pos {
		for below < len(neg) && neg[below] < s {
			below++
		}
		for upTo < len(neg) && neg[upTo] <= s {
			upTo++
		}
		twice += uint64(below + upTo)
	}
	return float64(twice) / float64(2*uint64(len(pos))*uint64(len(neg))), true
}

// RMSE returns the root of the mean squared error over the listed rows (nil: all): (R,t), (R,t). Entries whose target is
// NaN are missing. It is 0 where nothing is left. Errors are added in sorted order: the order of rows cannot show.
func RMSE[T tensor.Float](predicted, target tensor.Dense[T], rows []int32) float64 {
	return math.Sqrt(meanError(predicted, target, rows, func(e float64) float64 { return float64(e * e) }))
}

// MAE returns the mean absolute error, with the conventions of RMSE.
func MAE[T tensor.Float](predicted, target tensor.Dense[T], rows []int32) float64 {
	return meanError(predicted, target, rows, math.Abs)
}

func meanError[T tensor.Float](predicted, target tensor.Dense[T], rows []int32, f func(float64) float64) float64 {
	target.Check("train.RMSE/MAE", "target", predicted.Rows, predicted.Cols)
	var errs []float64
	for i := range each(rows, target.Rows) {
		for j, y := range target.Row(i) {
			if y == y {
				errs = append(errs, f(float64(predicted.At(i, j))-float64(y)))
			}
		}
	}
	return sortedMean(errs)
}

// sortedMean returns the mean of the terms, added from the smallest to the largest, 0 for none. It sorts them.
func sortedMean(terms []float64) float64 {
	if len(terms) == 0 {
		return 0
	}
	slices.Sort(terms)
	sum := 0.0
	for _, v := range terms {
		sum += v
	}
	return sum / float64(len(terms))
}
