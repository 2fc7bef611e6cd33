//go:build !race

package gnn_test

const raceEnabled = false
