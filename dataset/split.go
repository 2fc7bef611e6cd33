package dataset

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// ErrSplit is returned for a split that the rows do not allow.
var ErrSplit = errors.New("split is not possible")

// stratum holds the rows of one class, shuffled.
type stratum struct {
	class int32
	rows  []int32
}

// strata groups the rows by class, classes ascending, each shuffled. The result is a function of the pairs of identity
// and class and of rng alone: rows are put in the order of their identities first.
func strata(ids []uint64, classes []int32, rng *rand.Rand) ([]stratum, error) {
	if len(ids) != len(classes) {
		return nil, fmt.Errorf("dataset: %d identities and %d classes: %w", len(ids), len(classes), ErrSplit)
	}
	order := make([]int32, len(ids))
	for i := range order {
		order[i] = int32(i)
	}
	byID(order, ids)
	for i := 1; i < len(order); i++ {
		if a, b := order[i-1], order[i]; ids[a] == ids[b] {
			return nil, fmt.Errorf("dataset: rows %d and %d both have identity %d: %w", a, b, ids[a], ErrSplit)
		}
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(classes[a], classes[b]) })
	var out []stratum
	for i, r := range order {
		if i == 0 || classes[r] != classes[order[i-1]] {
			out = append(out, stratum{class: classes[r]})
		}
		s := &out[len(out)-1]
		s.rows = append(s.rows, r)
	}
	for _, s := range out {
		rng.Shuffle(len(s.rows), func(i, j int) { s.rows[i], s.rows[j] = s.rows[j], s.rows[i] })
	}
	return out, nil
}

// byID puts rows in the order of their identities.
func byID(rows []int32, ids []uint64) []int32 {
	slices.SortFunc(rows, func(a, b int32) int { return cmp.Compare(ids[a], ids[b]) })
	return rows
}

// StratifiedFolds deals the rows into k folds at random, each class evenly: the folds of a class differ in size by at most
// one, and so do the folds as a whole. Rows of class -1 are dealt like those of a class. Which identities are in a fold
// depends on the pairs of identity and class and on rng, not on the order of the rows; the rows of a fold are listed in
// the order of their identities. It returns ErrSplit where k is below 2 or above the number of rows, and where two rows
// have the same identity.
func StratifiedFolds(ids []uint64, classes []int32, k int, rng *rand.Rand) ([][]int32, error) {
	if k < 2 || k > len(ids) {
		return nil, fmt.Errorf("dataset: %d folds of %d rows, want 2..%d folds: %w", k, len(ids), len(ids), ErrSplit)
	}
	groups, err := strata(ids, classes, rng)
	if err != nil {
		return nil, err
	}
	folds := make([][]int32, k)
	next := 0
	for _, s := range groups {
		for _, r := range s.rows {
			folds[next] = append(folds[next], r)
			next = (next + 1) % k
		}
	}
	for _, f := range folds {
		byID(f, ids)
	}
	return folds, nil
}

// StratifiedSplit draws the given fraction of the rows, 0 < fraction < 1, and of each class within one row, for a
// validation set; rest holds the others. Rows are drawn and listed by identity as in [StratifiedFolds]. It returns
// ErrSplit where one side would be empty.
func StratifiedSplit(ids []uint64, classes []int32, fraction float64, rng *rand.Rand) (rest, part []int32, err error) {
	if !(fraction > 0 && fraction < 1) {
		return nil, nil, fmt.Errorf("dataset: fraction %v, want more than 0 and less than 1: %w", fraction, ErrSplit)
	}
	groups, err := strata(ids, classes, rng)
	if err != nil {
		return nil, nil, err
	}
	seen := 0
	for _, s := range groups {
		seen += len(s.rows)
		take := min(max(int(math.Round(fraction*float64(seen)))-len(part), 0), len(s.rows))
		part, rest = append(part, s.rows[:take]...), append(rest, s.rows[take:]...)
	}
	if len(part) == 0 || len(rest) == 0 {
		return nil, nil, fmt.Errorf("dataset: a fraction of %v of %d rows leaves one side empty: %w", fraction, len(ids), ErrSplit)
	}
	return byID(rest, ids), byID(part, ids), nil
}

// PlanetoidSplit draws a split like the public ones of the citation networks: perClass training rows of each class, and
// from the other rows val for validation and test for the test, 0 or less for all that remain. Rows of class -1 are left
// out. Rows are drawn and listed by identity as in [StratifiedFolds]. It returns ErrSplit where there are too few.
func PlanetoidSplit(ids []uint64, classes []int32, perClass, val, test int, rng *rand.Rand) (
	trainRows, valRows, testRows []int32, err error) {
	groups, err := strata(ids, classes, rng)
	if err != nil {
		return nil, nil, nil, err
	}
	if perClass < 1 || val < 0 {
		return nil, nil, nil, fmt.Errorf("dataset: %d training rows a class and %d for validation, want at least 1 and 0: %w",
			perClass, val, ErrSplit)
	}
	var others []int32
	for _, s := range groups {
		if s.class < 0 {
			continue
		}
		if len(s.rows) < perClass {
			return nil, nil, nil, fmt.Errorf("dataset: class %d has %d rows, want %d for training: %w",
				s.class, len(s.rows), perClass, ErrSplit)
		}
		trainRows, others = append(trainRows, s.rows[:perClass]...), append(others, s.rows[perClass:]...)
	}
	byID(others, ids)
	rng.Shuffle(len(others), func(i, j int) { others[i], others[j] = others[j], others[i] })
	if test <= 0 {
		test = max(len(others)-val, 0)
	}
	if val > len(others) || test > len(others)-val {
		return nil, nil, nil, fmt.Errorf("dataset: %d rows for validation and %d for the test, %d are not for training: %w",
			val, test, len(others), ErrSplit)
	}
	valRows, testRows = slices.Clone(others[:val]), slices.Clone(others[val:val+test])
	return byID(trainRows, ids), byID(valRows, ids), byID(testRows, ids), nil
}
