//go:build race

package autodiff_test

// raceEnabled says that the race detector is on: it is slow, and under it sync.Pool forgets at random.
const raceEnabled = true
